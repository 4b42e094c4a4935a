"""What goes with practice: figures of the fifths of municipalities that grant fewest to most.

A municipality that by chance granted many in the window would be put among those that grant many,
*and* show many grants per refusal: chance alone makes a gradient. So everybody is in one of two
halves of the persons, by a keyed digit. Fifths are formed by the grants of one half and measured
on the other, and the reverse (``cross_fitted``); every case is counted once. Fifths formed and
measured on all (``same_window``) stand beside them.

The trend is the slope of a figure (its logarithm, or the log odds of a share) on practice, both
taken over the cross-fitted fifths with the scores -2 to 2: an instrumental variable, since the
grants that form the fifths are not among those measured. Errors are those of leaving out one
municipality at a time, the fifths as they are.

Wald, A. (1940). The fitting of straight lines if both variables are subject to error. Annals of
Mathematical Statistics 11, 284-300. Angrist, J. D. & Krueger, A. B. (1995). Split-sample
instrumental variables estimates of the return to schooling. JBES 13, 225-235.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from pipeline.model.followups.ratio_limits import (
    fieller_limits,
    level_noise,
    log_level,
    share_of,
)
from pipeline.model.national.protection import Protection

N_FIFTHS = 5
#: What the fifths are called where they stand among areas.
FIFTH_AREAS = tuple(f"fifth_{number}" for number in range(1, N_FIFTHS + 1))
#: Weights of the fifths in a trend.
SCORES = np.arange(N_FIFTHS) - (N_FIFTHS - 1) / 2
CROSS_FITTED, SAME_WINDOW = "cross_fitted", "same_window"


@dataclass(frozen=True)
class Measure:
    """A figure of a group, ``top`` over ``bottom``, both (M, 2): municipality x half.

    Attributes
    ----------
    name
        Its name in the published table.
    top, bottom
        Sums that are added over a group before they are divided.
    top_key, bottom_key
        Sums of the record keys of those counted; None for what counts nobody (days, expected).
    is_share
        ``top`` is a part of ``bottom``; limits and trend are then on log odds.
    expected_top, expected_bottom
        (M, 2) the same at national practice, which the trend of a share is net of; None for none.
    """

    name: str
    top: np.ndarray
    bottom: np.ndarray
    top_key: np.ndarray | None = None
    bottom_key: np.ndarray | None = None
    is_share: bool = False
    expected_top: np.ndarray | None = None
    expected_bottom: np.ndarray | None = None


@dataclass(frozen=True)
class GroupFigures:
    """A measure by group: (G,) value with limits, and (G,) counts as shown, nan where none.

    ``net`` is its logarithm, or log odds less those expected, with its ``variance``; ``n_members``
    the municipalities.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n_top: np.ndarray
    n_bottom: np.ndarray
    net: np.ndarray
    variance: np.ndarray
    n_members: np.ndarray


@dataclass(frozen=True)
class Trend:
    """The slope of a measure on practice with limits, and the p value of no trend."""

    slope: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class Grouped:
    """The figure of each fifth on the scale of its trend, (5,), and (M, 5) without each one.

    ``noise`` (5,) is the variance that protection adds, ``n_top`` and ``n_bottom`` counts as shown,
    ``is_member`` (M, 5) who is in which.
    """

    level: np.ndarray
    without: np.ndarray
    noise: np.ndarray
    n_top: np.ndarray
    n_bottom: np.ndarray
    is_member: np.ndarray


def fifths(values: np.ndarray) -> np.ndarray:
    """Return (M,) the fifth (0 to 4) of each value, 0 the lowest; ties in the order they stand.

    nan is in no fifth: -1.
    """
    known = np.isfinite(values)
    place = np.full(len(values), -1)
    order = np.argsort(values[known], kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    place[known] = rank * N_FIFTHS // max(len(order), 1)
    return place


def fifths_of_halves(granted: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return (M, 2) the fifth that each half of the persons is measured in, by the other's grants.

    ``granted`` (M, 2) grants by half, ``expected`` (M,) those of both. The grants of the half that
    is measured have no part in its fifth, be there ever so few. -1 where nothing is expected.
    """
    half = expected[:, None] / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        practice = np.where(half > 0, np.log((granted + 0.5) / (half + 0.5)), np.nan)
    return np.stack([fifths(practice[:, 1]), fifths(practice[:, 0])], axis=1)


def memberships(
    practice: np.ndarray, granted: np.ndarray, expected: np.ndarray
) -> dict[str, np.ndarray]:
    """Return by way of grouping (M, 2) the fifth that each half of a municipality is measured in.

    ``practice`` (M,) is the practice of all, ``granted`` and ``expected`` as
    :func:`fifths_of_halves`.
    """
    return {
        CROSS_FITTED: fifths_of_halves(granted, expected),
        SAME_WINDOW: np.repeat(fifths(practice)[:, None], 2, axis=1),
    }


def group_figures(
    measure: Measure,
    member: np.ndarray,
    protection: Protection,
    level: float,
    n_groups: int = N_FIFTHS,
) -> GroupFigures:
    """Return the figures of ``measure`` by group, with limits at ``level``.

    ``member`` (M, 2) numbers the groups from 0, -1 for none. Limits carry the differences between
    municipalities of a group, chance and the noise of counts: t limits on the logarithm or the log
    odds. A group without the count below is missing.
    """
    back = share_of if measure.is_share else np.exp
    grouped = grouped_of(measure, member, protection, n_groups)
    return figures_of(grouped, _raw_level(measure, grouped), level, back)


def figures_of(
    grouped: Grouped, raw: np.ndarray, level: float, back: Callable[[np.ndarray], np.ndarray]
) -> GroupFigures:
    """Return figures and limits of what is ``grouped``; ``raw`` (G,) goes ``back`` to its scale."""
    n_members = grouped.is_member.sum(axis=0)
    change = np.where(grouped.is_member, grouped.without - grouped.level, 0.0)
    mean = change.sum(axis=0) / np.maximum(n_members, 1)
    spread = np.where(grouped.is_member, change - mean, 0.0)
    variance = (1 - 1 / np.maximum(n_members, 2)) * (spread**2).sum(axis=0) + grouped.noise
    reach = stats.t.ppf((1 + level) / 2, np.maximum(n_members - 1, 1)) * np.sqrt(variance)
    return GroupFigures(
        back(raw),
        back(raw - reach),
        back(raw + reach),
        grouped.n_top,
        grouped.n_bottom,
        grouped.level,
        variance,
        n_members,
    )


def trend(
    measure: Measure,
    practice: Measure,
    member: np.ndarray,
    protection: Protection,
    level: float,
    per_log_ratio: float = 1.0,
) -> Trend:
    """Return the slope of ``measure`` on ``practice`` over the fifths of ``member``.

    ``practice`` is observed over expected, ``per_log_ratio`` the log odds of practice per log of
    it. Limits are Fieller's, (nan, nan) where practice does not differ beyond chance; the p value
    tests that the fifths have no trend and needs no difference in practice.
    """
    top, bottom = (grouped_of(of, member, protection) for of in (measure, practice))
    return trend_of(top, bottom, member, level, per_log_ratio)


def trend_of(
    top: Grouped, bottom: Grouped, member: np.ndarray, level: float, per_log_ratio: float
) -> Trend:
    """Return the slope of what is grouped in ``top`` on practice, ``bottom``, as :func:`trend`."""
    numerator, of_top = _contrast(top)
    denominator, of_bottom = _contrast(bottom)
    denominator, of_bottom = denominator * per_log_ratio, of_bottom * per_log_ratio
    n = int((member >= 0).any(axis=1).sum())
    if not np.isfinite([numerator, denominator]).all() or n < N_FIFTHS:
        return Trend(*[float("nan")] * 4)
    scale = (n - 1) / n
    variances = scale * np.array(
        [[of_top @ of_top, of_top @ of_bottom], [of_top @ of_bottom, of_bottom @ of_bottom]]
    )
    variances[0, 0] += SCORES**2 @ top.noise
    variances[1, 1] += SCORES**2 @ bottom.noise * per_log_ratio**2
    reach = float(stats.t.ppf((1 + level) / 2, n - 2))
    low, high = fieller_limits(
        numerator, denominator, variances[0, 0], variances[1, 1], variances[0, 1], reach
    )
    size = abs(numerator) / np.sqrt(variances[0, 0]) if variances[0, 0] > 0 else np.nan
    return Trend(numerator / denominator, low, high, float(2 * stats.t.sf(size, n - 2)))


def _contrast(grouped: Grouped) -> tuple[float, np.ndarray]:
    """Return the scored sum over fifths and (M,) its centred changes without each municipality."""
    change = np.where(grouped.is_member, grouped.without - grouped.level, 0.0) @ SCORES
    counted = grouped.is_member.any(axis=1)
    centred = np.where(counted, change - change[counted].mean() if counted.any() else 0.0, 0.0)
    return float(SCORES @ grouped.level), centred


def grouped_of(
    measure: Measure, member: np.ndarray, protection: Protection, n_groups: int = N_FIFTHS
) -> Grouped:
    """Return ``measure`` by group of ``member`` on the scale of its trend."""
    inside = member[:, :, None] == np.arange(n_groups)

    def by_group(values: np.ndarray) -> np.ndarray:
        """(M, G) what each municipality adds to each group."""
        return np.einsum("mh,mhg->mg", values, inside)

    tops, bottoms = by_group(measure.top), by_group(measure.bottom)
    n_top, top_noise = _shown(tops.sum(axis=0), measure.top_key, inside, protection)
    n_bottom, bottom_noise = _shown(bottoms.sum(axis=0), measure.bottom_key, inside, protection)
    if measure.is_share:
        n_top = np.minimum(n_top, n_bottom)
    offset = np.zeros(n_groups)
    offset_without = np.zeros_like(tops)
    if measure.expected_top is not None and measure.expected_bottom is not None:
        above, below = by_group(measure.expected_top), by_group(measure.expected_bottom)
        offset = log_level(above.sum(axis=0), below.sum(axis=0), is_share=True)
        offset_without = log_level(
            above.sum(axis=0) - above, below.sum(axis=0) - below, is_share=True
        )
    level = log_level(n_top, n_bottom, is_share=measure.is_share) - offset
    # What a municipality changes is taken off what is shown, so that noise cancels.
    without = (
        log_level(n_top - tops, n_bottom - bottoms, is_share=measure.is_share) - offset_without
    )
    return Grouped(
        level,
        np.where(np.isfinite(without), without, level),
        level_noise(n_top, n_bottom, top_noise, bottom_noise, is_share=measure.is_share),
        n_top,
        n_bottom,
        inside.any(axis=1),
    )


def _shown(
    sums: np.ndarray, keys: np.ndarray | None, inside: np.ndarray, protection: Protection
) -> tuple[np.ndarray, np.ndarray]:
    """Return (5,) sums as shown and the variance of their noise; as they are without keys."""
    if keys is None:
        return sums, np.zeros(len(sums))
    of_groups = np.einsum("mh,mhg->g", keys.astype(np.int64), inside.astype(np.int64))
    shown = protection.shown(np.rint(sums).astype(np.int64), of_groups).astype(float)
    return shown, protection.noise_variance(shown)


def _raw_level(measure: Measure, grouped: Grouped) -> np.ndarray:
    """Return (5,) the level of the figure itself, whatever the trend is net of."""
    return log_level(grouped.n_top, grouped.n_bottom, is_share=measure.is_share)
