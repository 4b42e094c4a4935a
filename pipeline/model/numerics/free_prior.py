"""The distribution of effects of many units without a shape: nonparametric maximum likelihood.

Among all distributions the most likely one puts its mass on few points (Kiefer, J. & Wolfowitz, J.
1956, Annals of Mathematical Statistics 27, 887-906). Over a fine grid it is a concave problem in
the grid's weights: Koenker, R. & Mizera, I. (2014). Convex optimization, shape constraints, and
compound decisions: the case of empirical Bayes rules. J. American Statistical Association 109,
674-685. Solved by the constrained Newton method of Wang, Y. (2007). J. Royal Statistical Society B
69, 185-198: points where the likelihood rises join the support, their weights are those of a
non-negative least-squares problem, and a bound says how far the likelihood still is from its top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]

#: The log likelihood of all units is within this of its maximum over the grid.
_GAP = 1e-6
_MOST_ROUNDS, _HALVINGS = 500, 40
#: How hard the least-squares problem holds the weights' sum to 1.
_FIRMNESS = 1e4


@dataclass(frozen=True)
class FreePrior:
    """The most likely distribution on a grid and what it says of each of n units.

    Attributes
    ----------
    point, weight: (g,) the grid and its shares, most of them 0.
    log_likelihood: of all units, log of their mean likelihoods.
    gap: how far at most that is below the maximum over the grid.
    share: (n, g) each unit's distribution over the grid given what was seen of it.
    """

    point: Floats
    weight: Floats
    log_likelihood: float
    gap: float
    share: Floats

    @property
    def mean(self) -> Floats:
        """(n,) posterior means."""
        return self.share @ self.point

    @property
    def sd(self) -> float:
        """Standard deviation of the distribution."""
        centre = self.weight @ self.point
        return float(np.sqrt(self.weight @ (self.point - centre) ** 2))


def free_prior(point: Floats, log_likelihood: Floats) -> FreePrior:
    """Return the most likely distribution on ``point`` (g,) of units with (n, g) likelihoods.

    Each unit's may lack a constant. Raises :class:`ValueError` where a unit has no finite one.
    """
    top = log_likelihood.max(axis=1, keepdims=True)
    if not np.isfinite(top).all():
        raise ValueError("every unit needs a point of the grid at which it is possible")
    likelihood = np.exp(log_likelihood - top)
    n = len(likelihood)
    weight = np.full(len(point), 1 / len(point))
    mixed = likelihood @ weight
    gap = np.inf
    for _ in range(_MOST_ROUNDS):
        slope = likelihood.T @ (1 / mixed) / n - 1
        # Lindsay's bound: n log(1 + largest slope) is the most that is left to gain.
        gap = float(n * np.log1p(max(0.0, slope.max())))
        if gap < _GAP:
            break
        support = np.flatnonzero((weight > 0) | _is_hump(slope))
        part = likelihood[:, support] / mixed[:, None]
        new = np.zeros(len(point))
        new[support] = _least_squares(part)
        step, before = 1.0, np.log(mixed).sum()
        for _ in range(_HALVINGS):
            moved = likelihood @ (weight + step * (new - weight))
            if (moved > 0).all() and np.log(moved).sum() > before:
                break
            step /= 2
        else:
            break
        weight = weight + step * (new - weight)
        weight[weight < 1e-12] = 0.0
        weight /= weight.sum()
        mixed = likelihood @ weight
    share = likelihood * weight / mixed[:, None]
    return FreePrior(point, weight, float((np.log(mixed) + top[:, 0]).sum()), gap, share)


def _is_hump(slope: Floats) -> NDArray[np.bool_]:
    """Return (g,) where the slope is above 0 and no neighbour's is larger."""
    beside = np.concatenate([[-np.inf], slope, [-np.inf]])
    return (slope > 0) & (slope >= beside[:-2]) & (slope >= beside[2:])


def _least_squares(part: Floats) -> Floats:
    """Return the shares (k,) that maximise the second-order expansion of the likelihood."""
    n, k = part.shape
    rows = np.vstack([part, np.full((1, k), _FIRMNESS)])
    shares = nnls(rows, np.append(np.full(n, 2.0), _FIRMNESS))[0]
    return np.asarray(shares / shares.sum(), dtype=np.float64)
