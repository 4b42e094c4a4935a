"""How units differ by level: the covariance of their log ratios, its parameters and their prior.

Unit m's log ratios are

    a_m = mean + theta_m + C_m d_m,   theta_m ~ N(0, tau2),   d_ml ~ N(loading_l theta_m, tau2_l)

with C_m = I - 1 w_m' taking out the unit's mean over levels (w_m its shares of expected grants),
so that theta_m is the unit's effect as a whole. tau2_l is how far units differ at level l beyond
that; loading_l says that units which grant more in all do so at level l above all.

Few counts leave these open, and a variance of exactly 0 would leave no doubt. So the logarithms of
the levels' variances have a weak normal prior around one another and around a common value
(boundary-avoiding: Chung, Y., Rabe-Hesketh, S., Dorie, V., Gelman, A. & Liu, J. (2013). A
nondegenerate penalized likelihood estimator for variance parameters in multilevel models.
Psychometrika 78, 685-709), and the loadings one around 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Standard deviations before anything is seen, log odds: of units' effects, of levels beyond them.
UNIT_SPREAD, LEVEL_SPREAD = 0.3, 0.15
#: How far the logarithm of a variance may be from there: of all levels together, of one from the
#: others. 2 lets the common standard deviation be 7 times as small or large.
COMMON_DOUBT, OWN_DOUBT = 2.0, 1.0
#: Standard deviation of loadings: a level may well take up half more of the units' effects.
LOADING_SPREAD = 0.5
#: Standard deviation of the levels' means over units: the country's counts decide, but for a level
#: that hardly anything is granted at.
MEAN_SPREAD = 2.0
#: Least and largest variance that is looked for, and the largest loading: far beyond all practice.
LEAST_TAU2, LARGEST_TAU2, LARGEST_LOADING = 1e-7, 9.0, 5.0


@dataclass(frozen=True)
class Parameters:
    """tau2 of the units' effects, and (L,) own variances and loadings of the levels.

    ``vector`` is (1 + 2 L,): the logarithms of tau2 and of the levels' variances, the loadings.
    """

    vector: Floats

    @classmethod
    def first(cls, n_levels: int, tau2: float | None) -> Parameters:
        """Return the middle of the prior, with ``tau2`` where it is known."""
        unit = np.log(UNIT_SPREAD**2 if tau2 is None else max(tau2, 1e-12))
        level = np.full(n_levels, np.log(LEVEL_SPREAD**2))
        return cls(np.concatenate([[unit], level, np.zeros(n_levels)]))

    def bounds(self) -> tuple[Floats, Floats]:
        """Return the smallest and largest (1 + 2 L,) vector that is looked for."""
        n = self.n_levels
        smallest = np.repeat([np.log(LEAST_TAU2), -LARGEST_LOADING], [1 + n, n])
        largest = np.repeat([np.log(LARGEST_TAU2), LARGEST_LOADING], [1 + n, n])
        return smallest, largest

    @property
    def n_levels(self) -> int:
        """L, the number of levels."""
        return (len(self.vector) - 1) // 2

    @property
    def tau2(self) -> float:
        """The variance of the units' effects."""
        return float(np.exp(self.vector[0]))

    @property
    def level_tau2(self) -> Floats:
        """(L,) variances of the levels beyond the units' effects."""
        return np.asarray(np.exp(self.vector[1 : 1 + self.n_levels]))

    @property
    def loading(self) -> Floats:
        """(L,) how much more of the units' effects the levels take up."""
        return self.vector[1 + self.n_levels :]


def log_prior(parameters: Parameters) -> tuple[float, Floats, Floats]:
    """Return the parameters' log prior up to a constant, its (P,) slope and (P, P) precision."""
    n = parameters.n_levels
    away = Parameters.first(n, None).vector - parameters.vector
    precision = np.zeros((1 + 2 * n, 1 + 2 * n))
    precision[0, 0] = 1 / COMMON_DOUBT**2
    together = OWN_DOUBT**2 * np.eye(n) + COMMON_DOUBT**2
    precision[1 : 1 + n, 1 : 1 + n] = np.linalg.inv(together)
    precision[1 + n :, 1 + n :] = np.eye(n) / LOADING_SPREAD**2
    slope = precision @ away
    return float(-away @ slope / 2), slope, precision


def centred(matrices: Floats, shares: Floats) -> Floats:
    """Return (M, L, L) C' A C of (M, L, L) symmetric A, with C = I - 1 w' of the (M, L) shares."""
    row = matrices.sum(axis=2)
    total = row.sum(axis=1)[:, None, None]
    cross = row[:, :, None] * shares[:, None, :]
    both = shares[:, :, None] * shares[:, None, :]
    return np.asarray(matrices - cross - cross.transpose(0, 2, 1) + total * both)


def around_mean(vectors: Floats, shares: Floats) -> Floats:
    """Return (M, L) C a: values less the unit's mean, weighted by its shares."""
    return np.asarray(vectors - np.sum(shares * vectors, axis=1, keepdims=True))


def around_mean_transposed(vectors: Floats, shares: Floats) -> Floats:
    """Return (M, L) C' a, the transpose of :func:`around_mean`."""
    return np.asarray(vectors - shares * vectors.sum(axis=1, keepdims=True))


def along_units(parameters: Parameters, shares: Floats) -> Floats:
    """Return (M, L) how much of its unit's effect each level takes up; 1 on average."""
    return 1 + around_mean(np.broadcast_to(parameters.loading, shares.shape), shares)


def covariance(parameters: Parameters, shares: Floats) -> Floats:
    """Return (M, L, L) covariances of the units' log ratios, levels' means apart."""
    along = along_units(parameters, shares)
    own = parameters.level_tau2
    # C D C' with C = I - 1 w': D - v 1' - 1 v' + (w'Dw) 1 1', v = D w.
    pulled = shares * own
    inner = np.sum(shares * pulled, axis=1)[:, None, None]
    apart = np.diag(own) - pulled[:, :, None] - pulled[:, None, :] + inner
    return np.asarray(parameters.tau2 * along[:, :, None] * along[:, None, :] + apart)
