"""What stops a factor fit: dependent columns, separation, no convergence. Levels are named."""

from __future__ import annotations

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.numerics.exact_sums import invert_information

#: Beyond these a coefficient or standard error, in log odds, means separation.
LARGEST_COEFFICIENT = 20.0
LARGEST_SE = 25.0
#: A column is dependent if earlier columns explain all but this share of it.
RANK_TOLERANCE = 1e-9
#: The same for the information matrix of a later step, where weights differ by many powers of ten.
SINGULAR_TOLERANCE = 1e-13

_MOST_NAMES = 12


class NoMaximumError(ModelError):
    """A likelihood without a finite maximum; ``columns`` are the names of those on their way."""

    columns: tuple[str, ...] = ()


def check_rank(names: tuple[str, ...], information: np.ndarray) -> np.ndarray:
    """Return the inverse of the first information matrix.

    Its weights are all positive, so it is singular exactly if the columns are dependent: then
    raises :class:`ModelError` that names the columns of each dependence.
    """
    inverse, dependences = invert_information(information, RANK_TOLERANCE)
    if dependences:
        listed = [
            _listed(names, np.flatnonzero(np.abs(combination) > 1e-4))
            for combination in dependences[:3]
        ]
        raise ModelError(
            f"{len(dependences)} linear dependence(s) among the columns: " + "; ".join(listed),
            next_step="drop a factor or merge levels that always go together.",
        )
    return inverse


def invert(names: tuple[str, ...], information: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return the inverse of a later information matrix; refuse one that has become singular."""
    inverse, dependences = invert_information(information, SINGULAR_TOLERANCE)
    if dependences:
        refuse_runaway(names, beta, limit=0.5 * LARGEST_COEFFICIENT)
        weakest = names[int(np.diag(information).argmin())]
        raise _without_maximum(
            f"the information matrix is singular; least is known of {weakest}", (weakest,)
        )
    return inverse


def refuse_runaway(
    names: tuple[str, ...], beta: np.ndarray, limit: float = LARGEST_COEFFICIENT
) -> None:
    """Raise :class:`ModelError` if a coefficient is beyond ``limit``, naming all on their way."""
    if np.abs(beta).max() > limit:
        far = np.flatnonzero(np.abs(beta) > 0.6 * limit)
        _raise_separation(names, far, "no finite coefficient (separation)")


def check_sane(names: tuple[str, ...], beta: np.ndarray, covariance: np.ndarray) -> None:
    """Raise :class:`ModelError` naming levels whose coefficient or standard error is absurd."""
    se = np.sqrt(np.diag(covariance))
    absurd = ~((np.abs(beta) <= LARGEST_COEFFICIENT) & (se <= LARGEST_SE))
    if absurd.any():
        _raise_separation(
            names, np.flatnonzero(absurd), "a coefficient or standard error is absurd"
        )


def refuse_no_convergence(
    names: tuple[str, ...], beta: np.ndarray, step: np.ndarray, n_steps: int
) -> None:
    """Raise :class:`ModelError` that names a level on its way to infinity or the worst mover."""
    refuse_runaway(names, beta, limit=0.75 * LARGEST_COEFFICIENT)
    farthest = names[int(np.abs(step).argmax())]
    raise _without_maximum(
        f"no convergence in {n_steps} steps; {farthest} moves most",
        (farthest,),
        next_step="look for a level with very few persons or events.",
    )


def _raise_separation(names: tuple[str, ...], columns: np.ndarray, what: str) -> None:
    raise _without_maximum(
        f"{what} for {_listed(names, columns)}",
        tuple(names[column] for column in columns),
        next_step="the level predicts the outcome perfectly within others; merge or drop it.",
    )


def _without_maximum(
    problem: str, columns: tuple[str, ...], next_step: str | None = None
) -> NoMaximumError:
    error = NoMaximumError(problem, next_step=next_step)
    error.columns = columns
    return error


def _listed(names: tuple[str, ...], columns: np.ndarray) -> str:
    shown = ", ".join(names[column] for column in columns[:_MOST_NAMES])
    more = len(columns) - _MOST_NAMES
    return shown + (f" and {more} more" if more > 0 else "")
