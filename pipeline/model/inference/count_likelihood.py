"""What a unit's count says of its effect under a normal prior, small and empty units included.

A normal error around the log of a count is wrong where counts are small: units that are high by
chance look more certain than units that are low, and a unit without events has no estimate at all.
Here the likelihood of an effect d is that of a Poisson count,

    k (d - y) - k exp(d - y)    (y the estimate, k = 1 / its variance, the grants it is worth)
    - E exp(d)                  (no event: E expected ones)

A prior N(m, tau2) times it has a mean and a variance; the *normal equivalent* is the estimate and
variance that would give the same two. With it everything that is known for normal effects can be
used, joint covariance included; where the prior is refitted until nothing moves, the result is that
of the exact likelihood.

The device is expectation propagation with one factor per unit: Minka, T. P. (2001). Expectation
propagation for approximate Bayesian inference. Proc. 17th Conf. Uncertainty in Artificial
Intelligence, 362-369.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Nodes of Gauss-Hermite quadrature around the mode: the densities are log-concave and smooth.
_NODES = 40
#: Below this prior standard deviation (log odds) the likelihood's own expansion is used.
_LEAST_SPREAD = 1e-4


@dataclass(frozen=True)
class CountLikelihood:
    """The likelihood of n effects: (n,) ``weight`` exp(d - ``place``) against ``weight * seen`` d.

    ``seen`` is 1 where there are events, 0 where there are none.
    """

    weight: Floats
    place: Floats
    seen: Floats

    @classmethod
    def of(cls, effect: ArrayLike, variance: ArrayLike, expected: ArrayLike) -> CountLikelihood:
        """Return the likelihood of effects (n,) with variances; not finite ones had no event.

        Raises :class:`ValueError` for a unit that expects nothing or a variance not above 0.
        """
        y, v = np.asarray(effect, dtype=np.float64), np.asarray(variance, dtype=np.float64)
        e = np.asarray(expected, dtype=np.float64)
        if not (y.shape == v.shape == e.shape and y.ndim == 1):
            raise ValueError("effects, variances and expected counts must be equal vectors")
        seen = np.isfinite(y)
        if not np.all(e > 0) or not np.all(v[seen] > 0):
            raise ValueError("expected counts and variances must be above 0")
        return cls(
            weight=np.where(seen, 1 / np.where(seen, v, 1.0), e),
            place=np.where(seen, y, 0.0),
            seen=seen.astype(np.float64),
        )

    @classmethod
    def of_counts(cls, observed: ArrayLike, expected: ArrayLike) -> CountLikelihood:
        """Return the likelihood of log ratios (n,) of Poisson counts; ``expected`` above 0."""
        o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
        seen = o > 0
        return cls(
            weight=np.where(seen, o, e),
            place=np.where(seen, np.log(np.where(seen, o, 1.0) / e), 0.0),
            seen=seen.astype(np.float64),
        )

    def moments(self, mean: ArrayLike, tau2: ArrayLike) -> tuple[Floats, Floats]:
        """Return means and variances (n,) of effects under the prior N(mean, tau2).

        ``mean`` and ``tau2``, above 0, are numbers or (n,).
        """
        return self.evidence(mean, tau2)[1:]

    def evidence(self, mean: ArrayLike, tau2: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return the logarithm of the likelihood's mean under the prior, and :meth:`moments`.

        Up to a constant of the counts, which the prior does not change.
        """
        m = np.broadcast_to(np.asarray(mean, dtype=np.float64), self.place.shape)
        t = np.broadcast_to(np.asarray(tau2, dtype=np.float64), self.place.shape)
        mode = self._mode(m, t)
        scale = 1 / np.sqrt(1 / t + self._pull(mode))
        node, share = _quadrature()
        effect = mode[:, None] + scale[:, None] * node
        log_density = self._log(effect.T).T - (effect - m[:, None]) ** 2 / (2 * t[:, None])
        log_density += node**2 / 2  # the weights carry the normal density
        top = log_density.max(axis=1, keepdims=True)
        density = share * np.exp(log_density - top)
        total = density.sum(axis=1, keepdims=True)
        density /= total
        evidence = np.sum(density * effect, axis=1)
        log_mean = np.log(total[:, 0] * scale / np.sqrt(2 * np.pi * t)) + top[:, 0]
        return log_mean, evidence, np.sum(density * (effect - evidence[:, None]) ** 2, axis=1)

    def log(self, effect: Floats) -> Floats:
        """Return the log likelihoods (n, g) at effects (g,), up to a constant of each unit."""
        return self._log(np.asarray(effect, dtype=np.float64)[:, None]).T

    def normal_equivalent(self, mean: ArrayLike, tau2: float) -> tuple[Floats, Floats]:
        """Return estimates and variances (n,) that say the same under the prior N(mean, tau2).

        For a prior without spread they are the expansion of the likelihood at its mean.
        """
        m = np.broadcast_to(np.asarray(mean, dtype=np.float64), self.place.shape)
        if tau2 < _LEAST_SPREAD**2:
            pull = self._pull(m)
            return m + (self.weight * self.seen - pull) / pull, 1 / pull
        posterior, variance = self.moments(m, tau2)
        precision = 1 / variance - 1 / tau2
        return (posterior / variance - m / tau2) / precision, 1 / precision

    def _log(self, effect: Floats) -> Floats:
        away = effect - self.place
        return self.weight * (self.seen * away - np.exp(away))

    def _pull(self, effect: Floats) -> Floats:
        """Return the negative second derivative, which is also the expected count there."""
        return self.weight * np.exp(effect - self.place)

    def _mode(self, mean: Floats, tau2: Floats) -> Floats:
        """Return where likelihood times prior is largest: Newton's method on a concave function."""
        # From the larger of prior mean and estimate the steps go down and never overshoot.
        mode = np.where(self.seen > 0, np.maximum(self.place, mean), mean)
        for _ in range(200):
            pull = self._pull(mode)
            step = (self.weight * self.seen - pull - (mode - mean) / tau2) / (pull + 1 / tau2)
            mode = mode + step
            if np.abs(step).max(initial=0.0) < 1e-12:
                break
        return mode


@cache
def _quadrature() -> tuple[Floats, Floats]:
    """Return the nodes and weights of Gauss-Hermite quadrature for the standard normal density."""
    node, share = np.polynomial.hermite_e.hermegauss(_NODES)
    return node, share
