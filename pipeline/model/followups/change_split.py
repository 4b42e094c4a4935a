"""What a change between two windows is made of: who is at risk, and how they are treated.

The share granted of those at risk in a window follows from its persons, the country's practice
(level and what citizens' characteristics weigh) and the unit's own practice beside the country's.
Changing the three from the baseline's to the window's one after another gives parts that depend on
the order; averaged over the six orders (:mod:`pipeline.model.numerics.decomposition`) they add up
to the change exactly. The two kinds of practice are how people are treated, composition is who
they are: Oaxaca's, Blinder's and Kitagawa's split, in probabilities.

Years of a window differ in level. Where one window's practice meets the other's persons, its years
count by their shares of its person-years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from pipeline.model.national.cells import CellTable
from pipeline.model.national.fitted import FittedModel
from pipeline.model.numerics.decomposition import order_averaged_parts
from pipeline.model.numerics.delta import quadratic

COMPONENTS = ("composition", "national_practice", "own_practice")
TOTAL = "total"
_YEAR = 0


@dataclass(frozen=True)
class Window:
    """The cells of a window and its first stage with municipalities' own intercepts."""

    table: CellTable
    fitted: FittedModel

    def logit(self, of: Window) -> np.ndarray:
        """Return (P,) log odds of the patterns of ``of`` under the practice of this window."""
        values = np.append(self.fitted.fit.coefficients, 0.0)
        total = np.full(len(of.table.pattern_codes), self.fitted.expected.intercept)
        for number, columns in enumerate(self.fitted.design.level_columns):
            if number == _YEAR and of is not self:
                total += self._year_shares() @ values[columns]
            else:
                total += values[columns][of.table.pattern_codes[:, number]]
        return total

    def gradient(self, of: Window, unit: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
        """Return (size, K) sums of (n,) ``weights`` of the cells of ``of``, by this' coefficients.

        ``unit`` (n,) numbers what is summed by; the common intercept moves with them.
        """
        n_columns = len(self.fitted.fit.coefficients)
        total = np.zeros((size, n_columns + 1))
        sums = np.bincount(unit, weights, size)
        for number, columns in enumerate(self.fitted.design.level_columns):
            if number == _YEAR and of is not self:
                by_level = sums[:, None] * self._year_shares()
            else:
                codes = of.table.pattern_codes[of.table.pattern, number].astype(np.int64)
                place = unit * len(columns) + codes
                by_level = np.bincount(place, weights, size * len(columns)).reshape(size, -1)
            for level, column in enumerate(columns):
                total[:, column] += by_level[:, level]
        return total[:, :-1] + sums[:, None] * self.fitted.expected.effects.intercept_gradient

    def _year_shares(self) -> np.ndarray:
        codes = self.table.codes(self.table.factors[_YEAR]).astype(np.int64)
        persons = np.bincount(
            codes, self.table.n_persons, len(self.table.levels[self.table.factors[_YEAR]])
        )
        return np.asarray(persons / persons.sum())


@dataclass(frozen=True)
class Split:
    """(U, 4) parts in the order of :data:`COMPONENTS`, then the total, as shares 0-1, and limits.

    Of the country ``own_practice`` is 0: it has none beside its own. No limits where a window shows
    no grants.
    """

    part: np.ndarray
    low: np.ndarray
    high: np.ndarray


def change_split(
    now: Window, before: Window, codes: tuple[str, ...], level: float, *, country: bool = False
) -> Split:
    """Return the split of the change in the share granted, of municipalities ``codes``.

    All of them are in both windows; with ``country`` one row for the whole country instead.
    Limits are normal at ``level`` by the delta method: windows are independent, because nobody is
    granted twice, and the noise of shown counts is in the municipalities' own practice.
    """
    windows = {False: before, True: now}
    units = {key: _Units(window, codes, country) for key, window in windows.items()}
    sizes = [len(window.fitted.fit.coefficients) for window in windows.values()]
    offsets = {False: 0, True: sizes[0]}
    n_units = 1 if country else len(codes)
    cache: dict[tuple[bool, bool, bool], tuple[np.ndarray, np.ndarray]] = {}

    def figure(values: dict[str, bool]) -> tuple[np.ndarray, np.ndarray]:
        persons, national, own = (values[name] for name in COMPONENTS)
        key = (persons, national, own)
        if key in cache:
            return cache[key]
        at, practice, unit = windows[persons], windows[national], units[persons]
        effect = units[own].effect
        log_odds = practice.logit(at)[at.table.pattern[unit.kept]] + effect[unit.number]
        p = expit(log_odds)
        n = at.table.n_persons[unit.kept]
        share = np.bincount(unit.number, n * p, n_units) / unit.n_at_risk
        # Without grants the own practice is minus infinity, and the share under it 0.
        share = np.where(units[own].is_gap, 0.0, share)
        weights = n * p * (1 - p)
        by_effect = np.bincount(unit.number, weights, n_units) / unit.n_at_risk
        gradient = np.zeros((n_units, sum(sizes) + 2))
        first = offsets[national]
        gradient[:, first : first + sizes[national]] += (
            _gradient(practice, at, unit, weights, n_units) / unit.n_at_risk[:, None]
        )
        first = offsets[own]
        gradient[:, first : first + sizes[own]] += by_effect[:, None] * units[own].gradient
        # The country's noise is in its level, a municipality's in its own practice.
        gradient[:, sum(sizes) + (national if country else own)] += by_effect
        cache[key] = share, gradient
        return cache[key]

    def averaged(place: int) -> list[np.ndarray]:
        parts = order_averaged_parts(
            lambda values: figure(values)[place],
            dict.fromkeys(COMPONENTS, False),
            dict.fromkeys(COMPONENTS, True),
        )
        each = [parts[name] for name in COMPONENTS]
        return [*each, np.sum(each, axis=0)]

    part = np.column_stack(averaged(0))
    variance = np.column_stack(
        [
            quadratic(of[:, : sizes[0]], before.fitted.fit.covariance)
            + quadratic(of[:, sizes[0] : sum(sizes)], now.fitted.fit.covariance)
            + of[:, -2] ** 2 * units[False].noise
            + of[:, -1] ** 2 * units[True].noise
            for of in averaged(1)
        ]
    )
    reach = norm.ppf((1 + level) / 2) * np.sqrt(variance)
    reach[units[False].is_gap | units[True].is_gap] = np.nan
    return Split(part, part - reach, part + reach)


class _Units:
    """The units of one window in the order of ``codes``, or the whole country as one unit."""

    def __init__(self, window: Window, codes: tuple[str, ...], country: bool) -> None:
        table, expected = window.table, window.fitted.expected
        known = {code: number for number, code in enumerate(codes)}
        if country:
            self.kept = np.arange(len(table.n_persons))
            self.number = np.zeros(len(self.kept), dtype=np.int64)
            self.effect, self.is_gap = np.zeros(1), np.zeros(1, dtype=bool)
            self.gradient = np.zeros((1, len(window.fitted.fit.coefficients)))
            self.noise = np.array([table.noise_variance.sum() / expected.variance.sum() ** 2])
        else:
            place = np.array([known.get(code, -1) for code in table.municipality_codes])
            number = place[table.municipality]
            self.kept = np.flatnonzero(number >= 0)
            self.number = number[self.kept]
            own = [table.municipality_codes.index(code) for code in codes]
            self.effect = expected.rank_effect[own]
            self.is_gap = np.isnan(expected.practice_effect[own])
            self.gradient = expected.effects.gradient[own]
            noise = np.diag(expected.effect_covariance) - np.diag(expected.effects.covariance)
            self.noise = np.nan_to_num(noise[own])
        self.n_at_risk = np.bincount(
            self.number, table.n_persons[self.kept], 1 if country else len(codes)
        )


def _gradient(
    practice: Window, at: Window, unit: _Units, weights: np.ndarray, n_units: int
) -> np.ndarray:
    """Return (n_units, K) derivatives of grants by the coefficients of ``practice``."""
    everywhere = np.zeros(len(at.table.n_persons))
    everywhere[unit.kept] = weights
    number = np.zeros(len(everywhere), dtype=np.int64)
    number[unit.kept] = unit.number
    return practice.gradient(at, number, everywhere, n_units)
