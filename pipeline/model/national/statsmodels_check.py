"""The first stage looked at with statsmodels' GLM: is the fit the maximum of *its* likelihood?

A logit's log likelihood is strictly concave, so a point where its derivative is 0 is the maximum,
whoever found it. statsmodels gives derivative and weight of every row at our log odds, and one
Newton step from there is what a refit by statsmodels would change. That takes one pass over the
cells of the real design, where the refit itself would need its dense matrix.

That our covariance V is the inverse of statsmodels' information I is probed: V I must give a fixed
vector back. An error anywhere in V moves it, unless it is at right angles to the probe (Freivalds,
R. 1977. Probabilistic machines can use less running time. IFIP Congress, 839-842).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM

from pipeline.model.national.cells import CellTable
from pipeline.model.national.column_sums import sum_columns
from pipeline.model.national.design import Design
from pipeline.model.national.effects import slope_log_odds
from pipeline.model.national.first_stage import FitResult

BLOCK_ROWS = 65_536
PROBE_SEED = 1


@dataclass(frozen=True)
class Agreement:
    """What statsmodels finds at our estimate.

    Attributes
    ----------
    largest_step
        Largest change of a coefficient in statsmodels' next Newton step, log odds.
    covariance_gap
        Largest difference between a probe of one standard error per coefficient, signs drawn
        once and for all, and what our covariance times statsmodels' information makes of it;
        standard errors.
    n_rows
        Cells, or patterns for ``pooled``, of the likelihood.
    """

    largest_step: float
    covariance_gap: float
    n_rows: int


class _Rows(GLM):
    """A GLM at given log odds (its offset): its rows' scores and weights are what is wanted."""

    def initialize(self) -> None:
        """Set the degrees of freedom without the default's decomposition of the empty matrix."""
        self.df_model, self.wnobs = 0, len(self.endog)
        self.df_resid = self.wnobs


def agreement_with_statsmodels(table: CellTable, design: Design, fit: FitResult) -> Agreement:
    """Return how far statsmodels' GLM, at our estimate and on our cells, would move from it."""
    base, pattern, n_persons, n_events = _rows(table, design)
    slopes, intercept = slope_log_odds(design, fit), np.append(fit.coefficients, 0.0)
    probe = fit.se * np.random.default_rng(PROBE_SEED).choice([-1.0, 1.0], len(fit.se))
    at_base = np.append(probe, 0.0)
    at_pattern = design.sum_over_factors(at_base)
    residuals, weighted = np.empty(len(base)), np.empty(len(base))
    at_offset = np.zeros(1)
    for first in range(0, len(base), BLOCK_ROWS):
        rows = slice(first, first + BLOCK_ROWS)
        own, of_pattern = base[rows], pattern[rows]
        block = _Rows(
            np.column_stack([n_events[rows], n_persons[rows] - n_events[rows]]),
            np.zeros((len(own), 1)),
            family=families.Binomial(),
            offset=intercept[own] + slopes[of_pattern],
            hasconst=False,
        )
        residuals[rows] = block.score_factor(at_offset, scale=1.0)
        weights = block.hessian_factor(at_offset, scale=1.0, observed=False)
        weighted[rows] = weights * (at_base[own] + at_pattern[of_pattern])
    score = _by_column(design, base, pattern, residuals) + _shown_sums(table, design)
    step = fit.covariance @ score
    returned = fit.covariance @ _by_column(design, base, pattern, weighted)
    return Agreement(
        largest_step=float(np.abs(step).max()),
        covariance_gap=float(np.abs((returned - probe) / fit.se).max()),
        n_rows=len(base),
    )


def _by_column(
    design: Design, base: np.ndarray, pattern: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Return (K,) sums of the rows' values at each column."""
    size = len(design.columns)
    by_pattern = np.bincount(pattern, values, len(design.rows.table.pattern_codes))
    return np.bincount(base, values, size + 1)[:size] + sum_columns(design, by_pattern)


def _shown_sums(table: CellTable, design: Design) -> np.ndarray:
    """Return (K,) sums of grants at each column that come beside the rows, else 0."""
    size = len(design.columns)
    if table.sums is None:
        return np.zeros(size)
    total = np.bincount(design.base_columns, table.observed, size + 1)
    for position, of_level in enumerate(design.level_columns):
        total += np.bincount(of_level, table.events_by_level(position), size + 1)
    return total[:size]


def _rows(table: CellTable, design: Design) -> tuple[np.ndarray, ...]:
    """Return base column, pattern, persons and grants of each row: cells, pooled over patterns.

    Where counts are protected the rows have no grants.
    """
    n_events = table.n_events if table.sums is None else np.zeros(len(table.n_events))
    if design.model == "pooled":
        patterns = np.arange(len(table.pattern_codes))
        counts = table.by_pattern(table.n_persons), table.by_pattern(n_events)
        return np.zeros_like(patterns), patterns, *counts
    base = design.base_columns[table.municipality]
    kept = base < len(design.columns)
    return base[kept], table.pattern[kept], table.n_persons[kept], n_events[kept]
