"""Maximum likelihood of the first-stage logit, with statsmodels' GLM on grouped counts.

statsmodels gives log likelihood, score and information of binomial counts, block by block of
rows, so that memory does not grow with the table; the Newton steps around it are halved when they
overshoot, which a logit of a rare event does from an intercept-only start.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from statsmodels.genmod.generalized_linear_model import GLM

from pipeline.errors import ModelError
from pipeline.model.design import Design, dense_rows

BLOCK_ROWS = 32_768
MAX_STEPS = 50
MAX_HALVINGS = 30
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


class _Block(GLM):
    """A GLM on some rows of a larger table; the whole table's rank is checked elsewhere."""

    def initialize(self) -> None:
        """Set the degrees of freedom from the shape; the default decomposes every block."""
        self.df_model = self.exog.shape[1] - 1
        self.wnobs = self.exog.shape[0]
        self.df_resid = self.wnobs - self.exog.shape[1]


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


def _blocks(design: Design) -> Iterator[tuple[np.ndarray, GLM]]:
    """Yield a statsmodels model, two-column counts, per block of rows that share a base.

    The first item is the numbers, in the whole design, of the block's columns: its base and the
    slopes. Other bases are zero in the block, so they need no column there.
    """
    family = sm.families.Binomial()
    n_slopes = len(design.columns) - design.n_base
    starts = np.searchsorted(design.rows[:, 0], np.arange(design.n_base + 1))
    for base in range(design.n_base):
        local = np.concatenate([[base], np.arange(design.n_base, len(design.columns))])
        for first in range(starts[base], starts[base + 1], BLOCK_ROWS):
            rows = slice(first, min(first + BLOCK_ROWS, starts[base + 1]))
            columns = design.rows[rows] - design.n_base + 1
            columns[:, 0] = 0
            events = design.n_events[rows]
            counts = np.column_stack([events, design.n_persons[rows] - events])
            exog = dense_rows(columns, n_slopes + 1)
            yield local, _Block(counts, exog, family=family, hasconst=True)


def _evaluate(design: Design, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return log likelihood, (K,) score and (K, K) information at ``beta``."""
    size = len(beta)
    value, score, information = 0.0, np.zeros(size), np.zeros((size, size))
    for local, block in _blocks(design):
        value += float(block.loglike(beta[local], scale=1.0))
        score[local] += block.score(beta[local], scale=1.0)
        information[np.ix_(local, local)] -= block.hessian(beta[local], scale=1.0, observed=False)
    return value, score, information


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
    """Raise :class:`ModelError` naming the coefficients that have run away."""
    far = np.flatnonzero(np.abs(beta) > limit)
    if len(far):
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
