"""The first stage looked at with statsmodels' GLM: is the fit the maximum of *its* likelihood?

A logit's log likelihood is strictly concave, so a point where its derivative is 0 is the maximum,
whoever found it. statsmodels gives derivative and information of every row at our log odds, and
one Newton step from there is what a refit by statsmodels would change. That takes one pass over
the cells of the real design, where the refit itself would need its dense matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from statsmodels.genmod.generalized_linear_model import GLM

from pipeline.model.cells import CellTable
from pipeline.model.design import Design, cross_table
from pipeline.model.effects import slope_log_odds
from pipeline.model.logit import FitResult

BLOCK_ROWS = 262_144


@dataclass(frozen=True)
class Agreement:
    """What statsmodels finds at our estimate.

    Attributes
    ----------
    largest_step
        Largest change of a coefficient in statsmodels' next Newton step, log odds.
    covariance_gap
        Largest |V I - 1|, with V our covariance and I statsmodels' information, in units of the
        coefficients' standard errors.
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
    size = len(design.columns)
    score, information = np.zeros(size + 1), np.zeros((size, size))
    slopes, intercept = slope_log_odds(design, fit), np.append(fit.coefficients, np.nan)
    base, pattern, n_persons, n_events = _rows(table, design)
    at_offset = np.zeros(1)
    for first in range(0, len(base), BLOCK_ROWS):
        rows = slice(first, first + BLOCK_ROWS)
        own, of_pattern = base[rows], pattern[rows]
        block = _Rows(
            np.column_stack([n_events[rows], n_persons[rows] - n_events[rows]]),
            np.zeros((len(own), 1)),
            family=sm.families.Binomial(),
            offset=intercept[own] + slopes[of_pattern],
            hasconst=False,
        )
        columns = np.column_stack([own, design.factor_columns[of_pattern]])
        residuals = block.score_factor(at_offset, scale=1.0)
        for position in range(columns.shape[1]):
            score += np.bincount(columns[:, position], residuals, size + 1)
        weights = block.hessian_factor(at_offset, scale=1.0, observed=False)
        information += cross_table(columns, weights, size)
    product = fit.covariance @ information - np.eye(size)
    return Agreement(
        largest_step=float(np.abs(fit.covariance @ score[:size]).max()),
        covariance_gap=float(np.abs(product * fit.se[None, :] / fit.se[:, None]).max()),
        n_rows=len(base),
    )


def _rows(table: CellTable, design: Design) -> tuple[np.ndarray, ...]:
    """Return base column, pattern, persons and grants of each row: cells, pooled over patterns."""
    if design.model == "pooled":
        patterns = np.arange(len(table.pattern_codes))
        counts = table.by_pattern(table.n_persons), table.by_pattern(table.n_events)
        return np.zeros_like(patterns), patterns, *counts
    base = design.base_columns[table.municipality]
    kept = base < len(design.columns)
    return base[kept], table.pattern[kept], table.n_persons[kept], table.n_events[kept]
