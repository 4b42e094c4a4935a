"""Expected counts at national practice, and what follows from them per municipality.

National practice is one common intercept for which expected equals observed in the whole country.
Practice effects against it are log odds, 0 = national; see :mod:`pipeline.model.national.effects`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from pipeline.model.national.cells import CellTable
from pipeline.model.national.design import Design
from pipeline.model.national.effects import Effects, pooled_effects, slope_log_odds, within_effects
from pipeline.model.national.first_stage import FitResult
from pipeline.model.numerics.intervals import poisson_binomial_midp
from pipeline.model.numerics.shift import solve_shift
from pipeline.model.numerics.shown_counts import HALF_A_COUNT, ShownCounts

#: What a municipality without grants is ranked as: half a grant.
HALF_A_GRANT = HALF_A_COUNT
#: Patterns worked on at a time: a few arrays that stay in the processor's cache.
BLOCK_PATTERNS = 16_384


@dataclass(frozen=True)
class Expected:
    """Expected counts and effects of one fit; M municipalities, n cells, P patterns.

    Attributes
    ----------
    table
        The cells, with what was observed.
    expected_cells
        (n,) expected grants per cell at national practice.
    expected
        (M,) expected grants; they sum to the observed.
    ratio_log_variance
        (M,) what E adds to the variance of log(O/E) beyond the chance in O: the variance of log E
        less twice its covariance with log O. Mostly negative, since E is fitted to the same
        grants and moves with O.
    variance
        (M,) Poisson-binomial variance of the grants at national practice, W.
    practice_effect, effect_covariance
        (M,) log odds against national practice and (M, M) covariance; nan where no grant.
    rank_effect, rank_covariance
        The same without gaps: a municipality without grants counts as if it had half a grant,
        with the variance that goes with it and no covariance with others.
    log_odds
        (P,) log odds of each pattern at national practice.
    intercept, intercept_se
        Common intercept, log odds at the reference levels.
    effects
        The effects and their derivatives as the first stage gives them.
    superpopulation_se
        (M,) standard errors of effects where the fit that was taken out of them is one draw of
        many; nan where no grant, None where nothing was taken out.
    """

    table: CellTable
    expected_cells: np.ndarray
    expected: np.ndarray
    ratio_log_variance: np.ndarray
    variance: np.ndarray
    practice_effect: np.ndarray
    effect_covariance: np.ndarray
    rank_effect: np.ndarray
    rank_covariance: np.ndarray
    log_odds: np.ndarray
    intercept: float
    intercept_se: float
    effects: Effects
    superpopulation_se: np.ndarray | None = None

    @cached_property
    def p_value(self) -> np.ndarray:
        """(M,) two-sided mid-p values of O against national practice (Poisson-binomial, noise)."""
        persons, p = self.table.n_persons, self.expected_cells / self.table.n_persons
        return np.array(
            [
                poisson_binomial_midp(int(o), p[cells], persons[cells], float(noise))
                for o, noise, cells in zip(
                    self.table.observed,
                    self.table.noise_variance,
                    _cells_of(self.table),
                    strict=True,
                )
            ]
        )

    @cached_property
    def direct_rate(self) -> np.ndarray:
        """(M,) share granted if everyone at risk in the country met this municipality's practice.

        The g-formula; nan without an effect.
        """
        return direct_rates(
            self.log_odds, self.table.by_pattern(self.table.n_persons), self.practice_effect
        )

    @property
    def shown_counts(self) -> ShownCounts | None:
        """The observed counts as they are shown with noise; None where counts are exact."""
        return _shown_counts(self.table)

    @property
    def ratio_log_se(self) -> np.ndarray:
        """(M,) standard error that E adds to log(O/E); 0 where it takes away, which is cautious."""
        return np.sqrt(np.maximum(self.ratio_log_variance, 0.0))


def expect(table: CellTable, design: Design, fit: FitResult) -> Expected:
    """Return expected counts, effects and their joint covariance from a fitted first stage."""
    slopes = slope_log_odds(design, fit)
    observed = table.observed
    by_pattern = table.by_pattern(table.n_persons)
    if design.model == "pooled":
        intercept = float(fit.coefficients[0])
    else:
        intercept = float(solve_shift(slopes, by_pattern, observed.sum())[0])
    log_odds = intercept + slopes
    p = expit(log_odds)
    expected_cells = table.n_persons * p[table.pattern]
    weights = expected_cells * (1 - p[table.pattern])
    expected, variance = table.by_municipality(expected_cells), table.by_municipality(weights)

    make = pooled_effects if design.model == "pooled" else within_effects
    effects = make(table, design, fit, log_odds, weights, expected)
    rank_effect, rank_covariance = _without_gaps(table, log_odds, effects)
    shown = _shown_counts(table)
    noise = np.diag(np.zeros(len(observed)) if shown is None else shown.log_variance(expected))
    return Expected(
        table=table,
        expected_cells=expected_cells,
        expected=expected,
        ratio_log_variance=effects.log_variance,
        variance=variance,
        practice_effect=effects.effect,
        effect_covariance=effects.covariance + noise,
        rank_effect=rank_effect,
        rank_covariance=rank_covariance + noise,
        log_odds=log_odds,
        intercept=intercept,
        intercept_se=effects.intercept_se,
        effects=effects,
    )


def _shown_counts(table: CellTable) -> ShownCounts | None:
    if table.sums is None:
        return None
    return ShownCounts(table.observed, table.noise_variance, table.sums.transitions)


def direct_rates(log_odds: np.ndarray, n_persons: np.ndarray, effect: np.ndarray) -> np.ndarray:
    """Return (M,) rates if all (P,) patterns met each effect: the g-formula; nan stays nan."""
    # expit(x + d) = e^x e^d / (1 + e^x e^d): one exponential per pattern, not per pair.
    odds, factor = np.exp(log_odds), np.exp(effect)
    total = np.zeros(len(effect))
    for first in range(0, len(odds), BLOCK_PATTERNS):
        part = slice(first, first + BLOCK_PATTERNS)
        for unit, times in enumerate(factor):
            shifted = odds[part] * times
            total[unit] += (n_persons[part] * (shifted / (1 + shifted))).sum()
    return total / n_persons.sum()


def _without_gaps(
    table: CellTable, log_odds: np.ndarray, effects: Effects
) -> tuple[np.ndarray, np.ndarray]:
    """Return effects and covariance with municipalities without grants put at half a grant."""
    missing = np.isnan(effects.effect)
    effect, covariance = effects.effect.copy(), effects.covariance.copy()
    if missing.any():
        cells = log_odds[table.pattern]
        target = np.where(missing, np.minimum(HALF_A_GRANT, table.n_at_risk / 2), np.nan)
        half = solve_shift(cells, table.n_persons, target, table.municipality)
        p = expit(cells + np.nan_to_num(half)[table.municipality])
        information = table.by_municipality(table.n_persons * p * (1 - p))
        effect[missing] = half[missing]
        covariance[missing] = 0.0
        covariance[:, missing] = 0.0
        covariance[missing, missing] = 1 / information[missing]
    return effect, covariance


def _cells_of(table: CellTable) -> list[slice]:
    """Return the slice of cells of each municipality; cells are sorted by municipality."""
    ends = np.searchsorted(table.municipality, np.arange(len(table.municipality_codes) + 1))
    return [slice(ends[m], ends[m + 1]) for m in range(len(table.municipality_codes))]
