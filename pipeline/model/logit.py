"""Maximum likelihood of the first-stage logit, with statsmodels' GLM on grouped counts.

statsmodels gives log likelihood, residual and weight of every row's binomial count; all columns
being indicators, score and information are one- and two-way tables of those, added block by block
of rows, and no matrix of the columns is ever made. The Newton steps around it are halved when
they overshoot, which a logit of a rare event does from an intercept-only start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from statsmodels.genmod.generalized_linear_model import GLM

from pipeline.errors import ModelError
from pipeline.model.design import Design, cross_table

BLOCK_ROWS = 262_144
MAX_STEPS = 50
MAX_HALVINGS = 30
#: No coefficient moves further in one step, log odds: far out the likelihood is flat and misleads.
LARGEST_STEP = 4.0
#: Stop when no coefficient moves by more; the step is still taken, so the error is its square.
STEP_TOLERANCE = 1e-7
#: Beyond these a coefficient or standard error, in log odds, means separation.
LARGEST_COEFFICIENT = 20.0
LARGEST_SE = 25.0


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
        Largest absolute score (observed minus fitted grants of a column), grants.
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


class _Rows(GLM):
    """A GLM at given log odds (its offset): its rows' scores and weights are what is wanted."""

    def initialize(self) -> None:
        """Set the degrees of freedom without the default's decomposition of the empty matrix."""
        self.df_model, self.wnobs = 0, len(self.endog)
        self.df_resid = self.wnobs


def fit_logit(design: Design, start: np.ndarray | None = None) -> FitResult:
    """Return the maximum-likelihood fit of ``design``.

    ``start`` are (K,) starting coefficients; by default zero slopes and one common intercept at
    the observed share. Raises :class:`ModelError` when Newton's method stalls, and, naming the
    level, when a coefficient or standard error shows separation.
    """
    beta = _common_intercept(design) if start is None else np.array(start, dtype=float)
    value, score, information = _evaluate(design, beta)
    n_steps = 0
    while n_steps < MAX_STEPS:
        n_steps += 1
        step = cho_solve(_factor(design, information, beta), score)
        step *= min(1.0, LARGEST_STEP / max(np.abs(step).max(), LARGEST_STEP))
        beta, value, score, information = _damped(design, beta, step, value)
        if np.abs(step).max() < STEP_TOLERANCE:
            break
        _refuse_runaway(design, beta)
    else:
        _refuse_runaway(design, beta, limit=0.75 * LARGEST_COEFFICIENT)
        worst = design.names[int(np.abs(step).argmax())]
        raise ModelError(
            f"{design.model}: no convergence in {MAX_STEPS} steps; {worst} moves most",
            next_step="look for a level with very few persons or grants.",
        )
    covariance = cho_solve(_factor(design, information, beta), np.eye(len(beta)))
    fit = FitResult(
        columns=design.columns,
        coefficients=beta,
        covariance=(covariance + covariance.T) / 2,
        converged=True,
        n_steps=n_steps,
        log_likelihood=value,
        largest_score=float(np.abs(score).max()),
    )
    _check_sane(design, fit)
    return fit


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


def _common_intercept(design: Design) -> np.ndarray:
    share = design.n_events.sum() / design.n_persons.sum()
    beta = np.zeros(len(design.columns))
    beta[: design.n_base] = np.log(share / (1 - share))
    return beta


def _evaluate(design: Design, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return log likelihood, (K,) score and (K, K) information at ``beta``.

    statsmodels gives each row's part; the sums are tables, so that neither the number of threads
    nor a busy machine matters and no dense matrix is made.
    """
    size = len(beta)
    value, score, information = 0.0, np.zeros(size + 1), np.zeros((size, size))
    extended, at_offset = np.append(beta, 0.0), np.zeros(1)
    for first in range(0, len(design.rows), BLOCK_ROWS):
        rows = slice(first, first + BLOCK_ROWS)
        columns, events = design.rows[rows], design.n_events[rows]
        block = _Rows(
            np.column_stack([events, design.n_persons[rows] - events]),
            np.zeros((len(columns), 1)),
            family=sm.families.Binomial(),
            offset=extended[columns].sum(axis=1),
            hasconst=False,
        )
        value += float(block.loglike(at_offset, scale=1.0))
        residual = block.score_factor(at_offset, scale=1.0)
        for position in range(columns.shape[1]):
            score += np.bincount(columns[:, position], residual, size + 1)
        weights = block.hessian_factor(at_offset, scale=1.0, observed=False)
        information += cross_table(columns, weights, size)
    return value, score[:size], information


def _damped(
    design: Design, beta: np.ndarray, step: np.ndarray, value: float
) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """Return point, value, score and information after ``step``, halved until nothing is lost.

    A loss within rounding of the log likelihood counts as no loss.
    """
    allowance = 1e-11 * max(1.0, abs(value))
    for halving in range(MAX_HALVINGS):
        candidate = beta + step / 2**halving
        reached, score, information = _evaluate(design, candidate)
        if np.isfinite(reached) and reached >= value - allowance:
            return candidate, reached, score, information
    raise ModelError(f"{design.model}: no step from the current point raises the likelihood")


def _factor(design: Design, information: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, bool]:
    try:
        return cho_factor(information)
    except LinAlgError:
        _refuse_runaway(design, beta, limit=0.5 * LARGEST_COEFFICIENT)
        weakest = design.names[int(np.diag(information).argmin())]
        raise ModelError(
            f"{design.model}: the information matrix is singular; least is known of {weakest}"
        ) from None


def _refuse_runaway(design: Design, beta: np.ndarray, limit: float = LARGEST_COEFFICIENT) -> None:
    """Raise :class:`ModelError` if a coefficient is beyond ``limit``, naming all on their way."""
    if np.abs(beta).max() > limit:
        far = np.flatnonzero(np.abs(beta) > 0.6 * limit)
        _raise_separation(design, far, "no finite coefficient (separation)")


def _check_sane(design: Design, fit: FitResult) -> None:
    large = (np.abs(fit.coefficients) > LARGEST_COEFFICIENT) | (fit.se > LARGEST_SE)
    if large.any() or not np.isfinite(fit.covariance).all():
        _raise_separation(
            design, np.flatnonzero(large), "a coefficient or standard error is absurd"
        )


def _raise_separation(design: Design, columns: np.ndarray, what: str) -> None:
    names = ", ".join(design.names[column] for column in columns[:10])
    raise ModelError(
        f"{design.model}: {what} for {names}",
        next_step="the level predicts the outcome perfectly within others; merge or drop it.",
    )
