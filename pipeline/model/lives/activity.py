"""Measures before the grant: how many, how much of the time and when, by area.

The five years before each grant of the window, of those whom DREAM covers so long
(:mod:`pipeline.model.lives.activity_traits`), in the country, in fifths of municipalities by
practice, formed on one half of the citizens and measured on the other, and in every municipality.
All is computed from counts as shown. Limits hold chance, that a person's moments are alike, and the
noise of the counts; that municipalities of a fifth differ is no part of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from pipeline.catalogue import columns, empty_frame
from pipeline.model.courses.areas import COUNTRY
from pipeline.model.courses.tenure import noisy_share
from pipeline.model.followups.rank_groups import FIFTH_AREAS
from pipeline.model.lives.activity_traits import (
    ALL,
    PARTS,
    YEARS,
    Traits,
    clustering,
    within,
)
from pipeline.model.national.protection import Protection

#: What is measured: shares of persons, measures per person, and the share of weeks in one.
ANY, REHABILITATION, PLACEMENT = "any_measure", "rehabilitation", "work_placement"
MEASURES, WEEKS = "measures_per_person", "weeks_active"
#: Whether the last part of the years is surely more active than the first one, or less.
LATE, EARLY, UNTOLD = "late", "early", "untold"


@dataclass(frozen=True)
class Areas:
    """Areas of n grants: ``names`` (A,), and ``of`` (G, n) those that each is in, -1 none."""

    names: tuple[str, ...]
    of: np.ndarray


@dataclass(frozen=True)
class _Estimate:
    """Value and limits of every area, (A,) each; ``n_with`` persons as shown, nan where none."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n_with: np.ndarray


def areas_of(
    municipality: np.ndarray, half: np.ndarray, codes: list[str], member: np.ndarray
) -> Areas:
    """Return country, fifths and municipalities as areas.

    ``municipality`` (n,) places in ``codes``, ``half`` (n,) 0 or 1, ``member`` (M, 2) the fifth, 0
    to 4 or -1, that each half of a municipality is measured in.
    """
    fifth = member[municipality, half]
    first = 1 + len(FIFTH_AREAS)
    return Areas(
        (COUNTRY, *FIFTH_AREAS, *codes),
        np.stack(
            [np.zeros(len(fifth), int), np.where(fifth < 0, -1, 1 + fifth), first + municipality]
        ),
    )


def activity_frame(
    outcome: str,
    traits: Traits,
    keys: np.ndarray,
    areas: Areas,
    expected: np.ndarray,
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return ``activity`` of ``outcome``: by area, figure and part of the years a row.

    ``keys`` (n,) are record keys; ``expected`` (A,) the grants to be expected in each area. An area
    is missing, ``is_suppressed``, where fewer with a measure are expected than may be shown, which
    are the country's share of the grants expected.
    """
    if not len(keys):
        return empty_frame("activity")
    counted = _Counted(traits, keys, areas, protection, level)
    share = float(np.nan_to_num(counted.share(traits.had[:, 0]).value[0]))
    hidden = protection.is_hidden(expected * share)
    rows = []
    for figure, part, of in counted.figures():
        is_told = ~hidden & np.isfinite(of.value)
        rows.append(
            pd.DataFrame(
                {
                    "outcome": outcome,
                    "area_code": areas.names,
                    "figure": figure,
                    "part": part,
                    "n_persons": _whole(counted.persons, is_told),
                    "n_with": _whole(of.n_with, is_told),
                    "value": np.where(is_told, of.value, np.nan),
                    "low": np.where(is_told, of.low, np.nan),
                    "high": np.where(is_told, of.high, np.nan),
                    "timing": counted.timing() if (figure, part) == (WEEKS, ALL) else None,
                    "is_suppressed": ~is_told,
                }
            )
        )
    made = pd.concat(rows, ignore_index=True).astype({"timing": object})
    made.loc[made["is_suppressed"], "timing"] = None
    return made[list(columns("activity"))]


class _Counted:
    """Counts of grants by area as shown, and what is estimated of them."""

    def __init__(
        self,
        traits: Traits,
        keys: np.ndarray,
        areas: Areas,
        protection: Protection,
        level: float,
    ) -> None:
        self._traits, self._keys, self._areas = traits, keys.astype(np.int64), areas
        self._protection, self._level = protection, level
        persons = self._shown(np.ones((len(keys), 1), dtype=bool))
        self.persons, self._noise = persons[:, 0], self._noise_of(persons)

    def figures(self) -> Iterator[tuple[str, str, _Estimate]]:
        """Yield figure, part and estimate of every row."""
        traits = self._traits
        for at, (part, span) in enumerate(PARTS.items()):
            yield ANY, part, self.share(traits.had[:, at])
            yield WEEKS, part, self.weeks(span)
            yield MEASURES, part, self.mean(traits.at_least[:, at])
        for year, span in YEARS.items():
            yield WEEKS, year, self.weeks(span)
        yield REHABILITATION, ALL, self.share(traits.rehabilitation)
        yield PLACEMENT, ALL, self.share(traits.placement)

    def share(self, has: np.ndarray) -> _Estimate:
        """Return the share of persons who have a trait (n,)."""
        top, whole = self._shown(has[:, None]), self.persons
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(whole > 0, np.minimum(top[:, 0] / whole, 1.0), np.nan)
        sd = np.sqrt(self._noise_of(top) + np.nan_to_num(share) ** 2 * self._noise)
        value, low, high = noisy_share(np.minimum(top[:, 0], whole), whole, sd, self._level)
        return _Estimate(value, low, high, np.where(whole > 0, top[:, 0], np.nan))

    def weeks(self, span: tuple[int, int]) -> _Estimate:
        """Return the share of moments on benefit in ``span`` that are in a measure."""
        inside = within(span)
        top = self._shown(self._traits.active[:, inside])
        bottom = self._shown(self._traits.on_benefit[:, inside])
        whole = bottom.sum(axis=1)
        part = np.minimum(top.sum(axis=1), whole)
        share = np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
        sd = np.sqrt(self._noise_of(top) + share**2 * self._noise_of(bottom))
        alike = clustering(self._traits, self._areas.of[-1], span)
        value, low, high = noisy_share(part / alike, whole / alike, sd / alike, self._level)
        return _Estimate(value, low, high, np.full(len(whole), np.nan))

    def mean(self, at_least: np.ndarray) -> _Estimate:
        """Return the mean over persons of a number, ``at_least`` (n, K) 1, 2, ... K."""
        counts = self._shown(at_least)
        # Counts fall with k: of those after one that is shown as 0 next to nothing is unknown.
        falls = counts[:, : 1 + int((counts > 0).any(axis=0).sum())]
        noise = self._noise_of(np.where(np.cumsum(falls == 0, axis=1) > 1, np.nan, falls))
        n = np.where(self.persons > 0, self.persons, np.nan)
        each = counts / n[:, None]
        mean = each.sum(axis=1)
        # The mean square is the sum over k of (2 k - 1) times the share with at least k.
        square = each @ (2 * np.arange(1, each.shape[1] + 1) - 1)
        spread = np.maximum(square - mean**2, mean)
        variance = spread / n + (noise + mean**2 * self._noise) / n**2
        reach = float(ndtri((1 + self._level) / 2)) * np.sqrt(variance)
        return _Estimate(mean, np.maximum(mean - reach, 0.0), mean + reach, np.full(len(n), np.nan))

    def timing(self) -> np.ndarray:
        """Return (A,) whether measures come late or early, at the level of the limits."""
        first, last = (self.weeks(PARTS[part]) for part in ("first", "last"))
        with np.errstate(invalid="ignore"):
            # By the limits that face each other, as errors of a difference (Newcombe 1998).
            rise = last.value - first.value
            up = np.sqrt((last.value - last.low) ** 2 + (first.high - first.value) ** 2)
            down = np.sqrt((last.high - last.value) ** 2 + (first.value - first.low) ** 2)
            return np.select([rise > up, -rise > down], [LATE, EARLY], UNTOLD).astype(object)

    def _shown(self, has: np.ndarray) -> np.ndarray:
        """Return counts (A, C) as shown of who has each of the traits (n, C)."""
        shape = (len(self._areas.names), has.shape[1])
        counts, keys = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for area in self._areas.of:
            known = area >= 0
            np.add.at(counts, area[known], has[known])
            np.add.at(keys, area[known], has[known] * self._keys[known, None])
        return np.asarray(self._protection.shown(counts, keys), dtype=float)

    def _noise_of(self, shown: np.ndarray) -> np.ndarray:
        """Return (A,) the noise variance of the sums over columns of counts as ``shown`` (A, C).

        The same persons counted twice have the same noise twice: counts of a row that are alike may
        be of the same, and are taken to be. Missing ones add none.
        """
        alike = (shown[:, :, None] == shown[:, None, :]) & (shown > 0)[:, :, None]
        times = np.maximum(alike.sum(axis=2), 1)
        return np.asarray(np.nansum(self._protection.noise_variance(shown) * times, axis=1))


def _whole(values: np.ndarray, is_told: np.ndarray) -> pd.Series:
    return pd.Series(np.where(is_told, values, np.nan), dtype="Float64").astype("Int64")
