"""A multinomial logit on categorical factors, fitted to sums by level and outcome.

The likelihood depends on who is counted through the persons of each pattern of factors, and on
what became of them through the sums by outcome, and by level of each factor and outcome, alone. So
it can be fitted to sums as they are shown, with noise. Every level and every outcome has a slope
of its own (no reference), with a ridge: half of it times the sum of squared slopes, which keeps
levels finite where nobody has an outcome, and makes the maximum unique. Intercepts are free, so
that the fitted number of each outcome is the one given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, cg
from scipy.special import logsumexp, softmax

from pipeline.errors import ModelError
from pipeline.model.logit.factor_packing import Factor, pack_factors

MAX_STEPS, MAX_HALVINGS, MAX_GRADIENTS = 50, 20, 500
#: The step that gains no more log likelihood is the last one: what it leaves is rounding.
LEAST_GAIN = 1e-9
#: Part of the gradient that a step may leave.
_STEP_TOLERANCE = 1e-3
_ROUNDING = 1e-12


@dataclass(frozen=True)
class FactorIndicators:
    """The (P, 1 + L) indicators of a constant and of all levels, as a product of two sparse ones.

    ``joint`` (P, J) has the joint level of each super-factor, ``levels`` (J, 1 + L) what is in it.
    """

    joint: sparse.csr_array
    levels: sparse.csr_array

    @classmethod
    def of(cls, codes: np.ndarray, sizes: Sequence[int]) -> FactorIndicators:
        """Return those of (P, F) level numbers of factors of ``sizes`` levels."""
        factors = [
            Factor(str(place), tuple(map(str, range(size))), "0")
            for place, size in enumerate(sizes)
        ]
        packing = pack_factors(factors)
        first = np.concatenate([[0], np.cumsum(packing.sizes)])
        columns = np.column_stack(
            [code + start for code, start in zip(packing.pack(list(codes.T)), first, strict=False)]
        )
        starts = 1 + np.concatenate([[0], np.cumsum(sizes)])
        rows, inside = [np.arange(packing.sizes[0])], [np.zeros(packing.sizes[0], dtype=np.int64)]
        for number, group in enumerate(packing.groups):
            for position, level in zip(group, packing.levels_of(number), strict=True):
                rows.append(first[number] + np.arange(packing.sizes[number]))
                inside.append(starts[position] + level)
        at = np.concatenate(rows), np.concatenate(inside)
        shape = int(first[-1]), int(starts[-1])
        n, width = columns.shape
        return cls(
            sparse.csr_array(
                (np.ones(columns.size), columns.ravel(), np.arange(n + 1) * width),
                shape=(n, shape[0]),
            ),
            sparse.csr_array((np.ones(len(at[0])), at), shape=shape),
        )

    def at(self, slopes: np.ndarray) -> np.ndarray:
        """Return (P, D) sums of the (1 + L, D) ``slopes``."""
        return np.asarray(self.joint @ (self.levels @ slopes))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return the (1 + L, D) sums of (P, D) ``values`` by level, the whole first."""
        return np.asarray(self.levels.T @ (self.joint.T @ values))

    def squares(self, weights: np.ndarray) -> np.ndarray:
        """Return the (1 + L, 1 + L) sums of (P,) ``weights`` by pairs of levels."""
        weighted = self.joint.multiply(weights[:, None]).tocsr()
        return np.asarray((self.levels.T @ (self.joint.T @ weighted) @ self.levels).toarray())


def multinomial_shares(
    codes: np.ndarray,
    persons: np.ndarray,
    totals: np.ndarray,
    sums: Sequence[np.ndarray],
    ridge: float,
) -> np.ndarray:
    """Return (P, D) probabilities of the outcomes at each pattern, each row adding to 1.

    ``codes`` (P, F) level numbers of patterns and ``persons`` (P,) those in them; ``totals`` (D,)
    by outcome and ``sums`` per factor (L, D) by level and outcome, which add up to the persons.
    ``ridge`` is positive. An outcome whose total is 0 has probability 0. Raises
    :class:`ModelError` if the maximum is not reached.
    """
    there = totals > 0
    made = np.zeros((len(codes), len(totals)))
    x = FactorIndicators.of(codes, [len(of) for of in sums])
    target = np.vstack([totals, *sums])[:, there].astype(float)
    made[:, there] = softmax(_fitted(x, persons.astype(float), target, ridge), axis=1)
    return made


def _fitted(x: FactorIndicators, n: np.ndarray, target: np.ndarray, ridge: float) -> np.ndarray:
    """Return (P, D) linear predictors at the maximum: Newton's method, each step by gradients.

    The matrix of second derivatives is never formed: conjugate gradients, preconditioned by what
    it would be if everybody had the same probabilities.
    """
    shape = target.shape
    penalty = np.full((shape[0], 1), ridge)
    penalty[0] = 0.0
    share = target[0] / target[0].sum()
    (own, of_levels), (among, of_outcomes) = (
        np.linalg.eigh(square) for square in (x.squares(n), np.diag(share) - np.outer(share, share))
    )
    scale = np.outer(own.clip(0.0), among.clip(0.0)) + ridge

    def value_of(slopes: np.ndarray, eta: np.ndarray) -> float:
        return float(
            n @ logsumexp(eta, axis=1) - (target * slopes).sum() + (penalty * slopes**2).sum() / 2
        )

    def conditioned(flat: np.ndarray) -> np.ndarray:
        turned = of_levels.T @ flat.reshape(shape) @ of_outcomes
        return np.asarray(of_levels @ (turned / scale) @ of_outcomes.T).ravel()

    slopes = np.zeros(shape)
    slopes[0] = np.log(share)
    eta = x.at(slopes)
    value = value_of(slopes, eta)
    size = (target.size, target.size)
    for _ in range(MAX_STEPS):
        p = softmax(eta, axis=1)
        gradient = x.sums(n[:, None] * p) - target + penalty * slopes
        # Intercepts that all move alike change nothing.
        gradient[0] -= gradient[0].mean()

        def curved(flat: np.ndarray, p: np.ndarray = p) -> np.ndarray:
            direction = flat.reshape(shape)
            moved = p * x.at(direction)
            moved -= p * moved.sum(axis=1, keepdims=True)
            return np.asarray(x.sums(n[:, None] * moved) + penalty * direction).ravel()

        found, _ = cg(
            LinearOperator(size, matvec=curved, dtype=np.float64),
            -gradient.ravel(),
            rtol=_STEP_TOLERANCE,
            maxiter=MAX_GRADIENTS,
            M=LinearOperator(size, matvec=conditioned, dtype=np.float64),
        )
        step = found.reshape(shape)
        gain = -float((gradient * step).sum()) / 2
        for _ in range(MAX_HALVINGS):
            moved = x.at(slopes + step)
            reached = value_of(slopes + step, moved)
            if reached <= value + _ROUNDING * abs(value):
                break
            step = step / 2
        slopes, eta, value = slopes + step, moved, reached
        if gain <= LEAST_GAIN:
            return eta
    raise ModelError("the multinomial logit did not converge", found=f"{MAX_STEPS} steps")
