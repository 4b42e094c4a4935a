"""Maximum likelihood of the first-stage logit: the factor logit on the cells of a design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.model.logit.factor_logit import fit_factor_logit
from pipeline.model.national.design import MUNICIPALITY, Design, errors_of


@dataclass(frozen=True)
class FitResult:
    """A fitted first stage; K columns as in ``Design.columns``.

    Attributes
    ----------
    columns
        (term, level) per coefficient.
    coefficients, covariance
        (K,) log odds and (K, K) inverse information at the maximum.
    converged
        True; a fit that does not converge raises instead.
    n_steps
        Newton steps taken.
    log_likelihood
        At the maximum, binomial coefficients included.
    largest_score
        Largest absolute score (observed minus fitted grants of a column) before the last step,
        grants.
    """

    columns: tuple[tuple[str, str], ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    converged: bool
    n_steps: int
    log_likelihood: float
    largest_score: float

    @property
    def se(self) -> np.ndarray:
        """(K,) standard errors of the coefficients, log odds."""
        return np.sqrt(np.diag(self.covariance))


def fit_logit(design: Design, start: np.ndarray | None = None) -> FitResult:
    """Return the maximum-likelihood fit of ``design``.

    ``start`` are (K,) starting coefficients, which change the number of steps and the result only
    within the tolerance. Raises :class:`ModelError` for columns that depend on each other, when
    Newton's method stalls and, naming the level, when a coefficient or standard error shows
    separation.
    """
    start_values = None
    if start is not None:
        start_values = dict(
            zip(design.columns, np.asarray(start, dtype=float).tolist(), strict=True)
        )
    with errors_of(design.model):
        # Its columns stand: rows made of sums with noise would tell of other levels with grants.
        fit = fit_factor_logit(
            design.rows, design.factors, start=start_values, design=design.factor_design
        )
    return FitResult(
        columns=design.columns,
        coefficients=fit.coefficients,
        covariance=fit.covariance,
        converged=True,
        n_steps=fit.n_steps,
        log_likelihood=fit.log_likelihood,
        largest_score=fit.largest_score,
    )


def start_within(
    design: Design, pooled: Design, fit: FitResult, observed: np.ndarray, expected: np.ndarray
) -> np.ndarray:
    """Return (K,) starting coefficients for ``within`` from a pooled fit.

    Slopes are the pooled ones (0 where pooled had none); a municipality starts at the pooled
    intercept plus the log of its (M,) observed over expected.
    """
    known = dict(zip(pooled.columns, fit.coefficients, strict=True))
    start = np.array([known.get(column, 0.0) for column in design.columns])
    has_base = design.base_columns < len(design.columns)
    ratio = observed[has_base] / expected[has_base]
    start[design.base_columns[has_base]] = fit.coefficients[0] + np.log(ratio)
    return start


def start_near(fit: FitResult, design: Design) -> np.ndarray:
    """Return (K,) starting coefficients from the ``within`` fit of other cells.

    A municipality that was not in it starts at the mean of the others, a level at its reference.
    """
    known = dict(zip(fit.columns, fit.coefficients, strict=True))
    middle = np.mean([known[column] for column in fit.columns if column[0] == MUNICIPALITY])
    return np.array(
        [
            known.get(column, middle if column[0] == MUNICIPALITY else 0.0)
            for column in design.columns
        ]
    )
