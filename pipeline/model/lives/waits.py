"""How long applicants wait, those who still do among them, where few and where many are granted.

The mean days of decided cases leave out whoever still waits: of the applications of a window those
of its end with the longest waits. Where applications that are not decided are delivered, the median
is that of the product-limit estimate, by whole weeks, cases of a week taken as spread over it:
Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of
the American Statistical Association 53, 457-481. Groups, limits and trend are those of
:mod:`pipeline.model.followups.rank_groups`: the logarithm of the median of each fifth, and the same
without each municipality.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from pipeline.model.followups.rank_frames import (
    CASE_TYPES,
    figure_rows,
    groups_of,
    halves_of_weeks,
    trend_row,
)
from pipeline.model.followups.rank_groups import (
    N_FIFTHS,
    Grouped,
    Measure,
    figures_of,
    grouped_of,
    trend_of,
)
from pipeline.model.national.protection import Protection

MEASURE = "waiting_days"
#: Weeks that are told apart; the last is of three years and more.
WEEKS = 157
_DAYS = 7
#: Weeks on either side of a median that tell how dense waits are there.
_NEAR = 4


def wait_frames(
    measured: Iterable[tuple[str, pd.DataFrame, list[Measure]]],
    case_waits: pd.DataFrame,
    years: tuple[int, ...],
    protection: Protection,
    level: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows of ``rank_group`` and ``rank_group_trend`` of the median days.

    ``measured`` is what :func:`~pipeline.model.followups.rank_frames.measures_by_outcome` yields,
    ``case_waits`` rows of ``mart.case_wait``. Both are empty where nobody is undecided.
    """
    figures, trends = [], []
    for outcome, rows, (practice, *_) in measured:
        waits = waits_of(case_waits, outcome, list(rows["municipality_code"]), years)
        if waits is None:
            continue
        groups, scale = groups_of(rows, practice)
        for group_basis, member in groups.items():
            names = {"outcome": outcome, "group_basis": group_basis, "measure": MEASURE}
            grouped = grouped_waits(waits, member, protection)
            figures.append(figure_rows(names, figures_of(grouped, grouped.level, level, np.exp)))
            bottom = grouped_of(practice, member, protection)
            line = trend_of(grouped, bottom, member, level, scale)
            trends.append(trend_row(names, len(rows), line))
    if not figures:
        return pd.DataFrame(), pd.DataFrame()
    return pd.concat(figures, ignore_index=True), pd.DataFrame(trends)


def waits_of(
    case_waits: pd.DataFrame, outcome: str, places: list[str], years: tuple[int, ...]
) -> np.ndarray | None:
    """Return (4, M, 2, weeks): decided, undecided and the keys of both; None where none is.

    ``case_waits`` are rows of ``mart.case_wait``; of the applications of ``years``.
    """
    own = case_waits[
        case_waits["case_type"].isin(CASE_TYPES.get(outcome, ())) & case_waits["year"].isin(years)
    ]
    if not (own["n_undecided"] > 0).any():
        return None
    names = ["n_decided", "n_undecided", "decided_key", "undecided_key"]
    return halves_of_weeks(own, places, names, WEEKS)


def grouped_waits(waits: np.ndarray, member: np.ndarray, protection: Protection) -> Grouped:
    """Return the logarithm of the median days by fifth, and without each municipality.

    ``waits`` as :func:`waits_of`, ``member`` (M, 2) the fifth of each half. Counts of a fifth by
    week are as ``protection`` shows them; what a municipality changes is taken off those.
    """
    inside = (member[:, :, None] == np.arange(N_FIFTHS)).astype(np.int64)
    own = np.einsum("kmhw,mhg->kmgw", waits[:2], inside)
    keys = np.einsum("kmhw,mhg->kgw", waits[2:], inside)
    shown = protection.shown(own.sum(axis=1), keys).astype(float)
    noise = np.nan_to_num(protection.noise_variance(shown)).sum(axis=(0, 2))
    level = np.log(median_days(*shown))
    n_cases = shown.sum(axis=(0, 2))
    without = np.log(median_days(*np.maximum(shown[:, None] - own, 0.0)))
    return Grouped(
        level,
        np.where(np.isfinite(without), without, level),
        _noise(shown, noise, level),
        n_cases,
        n_cases,
        inside.any(axis=1).astype(bool),
    )


def median_days(decided: np.ndarray, undecided: np.ndarray) -> np.ndarray:
    """Return the median days of (..., weeks) cases, nan where fewer than half are decided.

    Who is undecided is at risk through the last week that was waited.
    """
    left = survival(decided, undecided)
    is_below = left <= 0.5
    week = is_below.argmax(axis=-1)
    before = np.concatenate([np.ones((*left.shape[:-1], 1)), left[..., :-1]], axis=-1)
    high, low = (np.take_along_axis(of, week[..., None], -1)[..., 0] for of in (before, left))
    with np.errstate(divide="ignore", invalid="ignore"):
        days = _DAYS * (week + (high - 0.5) / (high - low))
    return np.where(is_below.any(axis=-1), np.maximum(days, 1.0), np.nan)


def survival(decided: np.ndarray, undecided: np.ndarray) -> np.ndarray:
    """Return the share of (..., weeks) cases that wait longer than each week, 0 to 1."""
    both = decided + undecided
    at_risk = np.cumsum(both[..., ::-1], axis=-1)[..., ::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = np.where(at_risk > 0, decided / at_risk, 0.0)
    return np.asarray(np.cumprod(1.0 - chance, axis=-1))


def _noise(shown: np.ndarray, noise: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return (G,) the variance that noise adds: of the share that waits longer, by its slope.

    ``noise`` (G,) is the sum of the variances of all counts of a group.
    """
    left, total = survival(*shown), shown.sum(axis=(0, 2))
    week = np.nan_to_num(np.exp(level) / _DAYS).astype(np.int64)
    low, high = np.maximum(week - _NEAR, 0), np.minimum(week + _NEAR, WEEKS - 1)
    groups = np.arange(len(level))
    with np.errstate(divide="ignore", invalid="ignore"):
        density = (left[groups, low] - left[groups, high]) / (_DAYS * (high - low))
        of_share = 0.25 * noise / total**2
        return np.asarray(of_share / (density * np.exp(level)) ** 2)
