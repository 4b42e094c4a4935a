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

A count that is shown with noise has the likelihood of what may stand behind it: the sum over true
counts of their Poisson probabilities times the chance of being shown so
(:class:`ShownCountLikelihood`).

The device is expectation propagation with one factor per unit: Minka, T. P. (2001). Expectation
propagation for approximate Bayesian inference. Proc. 17th Conf. Uncertainty in Artificial
Intelligence, 362-369.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from pipeline.model.numerics.shown_counts import ShownCounts, Transitions

Floats = NDArray[np.float64]

#: Nodes of Gauss-Hermite quadrature around the mode: the densities have one hump and are smooth.
_NODES = 40
#: Below this prior standard deviation (log odds) the likelihood's own expansion is used.
_LEAST_SPREAD = 1e-4
#: A mode is left at shorter steps, log odds. It only says where quadrature has its nodes.
_MODE_TOLERANCE = 1e-6
#: Least precision of a normal equivalent: as good as no information.
_LEAST_PRECISION = 1e-10
#: Where the likelihood bends inwards, the least share of the mean that its second derivative counts
#: as, and the least share of that which a normal equivalent has as its precision.
_LEAST_PULL, _LEAST_SHARE = 0.25, 0.01
#: Furthest from what is shown that the log of a mean is told apart, and the longest step to a mode.
_FARTHEST, _LONGEST_STEP = 30.0, 3.0


class EffectLikelihood(ABC):
    """The likelihood of n effects, and what it comes to under normal priors."""

    def moments(self, mean: ArrayLike, tau2: ArrayLike) -> tuple[Floats, Floats]:
        """Return means and variances (n,) of effects under N(mean, tau2), numbers or (n,)."""
        return self.evidence(mean, tau2)[1:]

    def evidence(
        self, mean: ArrayLike, tau2: ArrayLike, near: Floats | None = None
    ) -> tuple[Floats, Floats, Floats]:
        """Return the log of the likelihood's mean under the prior, and :meth:`moments`.

        Up to a constant of the counts. ``near`` (n,), about the posterior, only saves time.
        """
        shape = self._most_likely.shape
        m, t = (np.broadcast_to(np.asarray(x, dtype=np.float64), shape) for x in (mean, tau2))
        mode = self._mode(m, t, near)
        scale = 1 / np.sqrt(1 / t + self._slopes(mode)[1])
        node, share = _quadrature()
        effect = mode + scale * node[:, None]
        log_density = self._log(effect) - (effect - m) ** 2 / (2 * t)
        log_density += node[:, None] ** 2 / 2  # the weights carry the normal density
        top = log_density.max(axis=0)
        density = share[:, None] * np.exp(log_density - top)
        total = density.sum(axis=0)
        density /= total
        centre = np.sum(density * effect, axis=0)
        log_mean = np.log(total * scale / np.sqrt(2 * np.pi * t)) + top
        return log_mean, centre, np.sum(density * (effect - centre) ** 2, axis=0)

    def normal_equivalent(self, mean: ArrayLike, tau2: float) -> tuple[Floats, Floats]:
        """Return estimates and variances (n,) that say the same under the prior N(mean, tau2)."""
        m = np.broadcast_to(np.asarray(mean, dtype=np.float64), self._most_likely.shape)
        if tau2 < _LEAST_SPREAD**2:
            slope, pull = self._slopes(m)
            return m + slope / pull, 1 / pull
        posterior, variance = self.moments(m, tau2)
        least = _LEAST_SHARE * self._slopes(posterior)[1]
        precision = np.maximum(1 / variance - 1 / tau2, least)
        return posterior + (posterior - m) / (tau2 * precision), 1 / precision

    def log(self, effect: Floats) -> Floats:
        """Return the log likelihoods (n, g) at effects (g,), up to a constant of each unit."""
        return self._log(np.asarray(effect)[:, None]).T

    @property
    @abstractmethod
    def _most_likely(self) -> Floats:
        """(n,) about where the likelihood is largest; minus infinity where it only falls."""

    @abstractmethod
    def _log(self, effect: Floats) -> Floats:
        """Return the log likelihood of ``effect`` (..., n), same shape, up to a constant."""

    @abstractmethod
    def _slopes(self, effect: Floats) -> tuple[Floats, Floats]:
        """Return the derivative of the log likelihood, and the negative second one, above 0."""

    def _mode(self, mean: Floats, tau2: Floats, near: Floats | None) -> Floats:
        """Return where likelihood times prior is largest: Newton's method."""
        # From the larger of prior mean and estimate the steps go down and hardly ever overshoot.
        mode = np.maximum(self._most_likely, mean) if near is None else near
        for _ in range(200):
            slope, pull = self._slopes(mode)
            step = (slope - (mode - mean) / tau2) / (pull + 1 / tau2)
            mode = mode + np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
            if np.abs(step).max(initial=0.0) < _MODE_TOLERANCE:
                break
        return mode


@dataclass(frozen=True)
class CountLikelihood(EffectLikelihood):
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

    @property
    def _most_likely(self) -> Floats:
        return np.where(self.seen > 0, self.place, -np.inf)

    def _log(self, effect: Floats) -> Floats:
        away = effect - self.place
        return np.asarray(self.weight * (self.seen * away - np.exp(away)))

    def _slopes(self, effect: Floats) -> tuple[Floats, Floats]:
        # The pull back is also the expected count there.
        pull = self.weight * np.exp(effect - self.place)
        return self.weight * self.seen - pull, pull


@dataclass(frozen=True)
class ShownCountLikelihood(EffectLikelihood):
    """The likelihood of n effects from counts that are shown with noise.

    With the mean mu = ``reference`` exp(d - ``place``) it is, to the power ``worth``, the sum over
    j of ``chance_j`` (mu / reference)^(first + j) times exp(-mu).

    Attributes
    ----------
    place, reference, first, worth
        (n,): the effect at which the mean is the reference, the reference, the smallest true count
        that may stand behind what is shown, and how much of a Poisson count the unit's count is
        worth: less than 1 where the estimate has other errors too.
    chance
        (n, W) chances of the true counts from ``first`` on, with their Poisson probabilities at the
        reference; the largest is 1.
    """

    place: Floats
    reference: Floats
    first: Floats
    worth: Floats
    chance: Floats

    @classmethod
    def of(
        cls,
        shown: ArrayLike,
        expected: ArrayLike,
        transitions: Transitions,
        worth: ArrayLike = 1.0,
    ) -> ShownCountLikelihood:
        """Return the likelihood of log ratios (n,) of counts ``shown`` to ``expected``, above 0.

        Raises :class:`ValueError` for a count that ``transitions`` never show.
        """
        s, e = np.asarray(shown, dtype=np.float64), np.asarray(expected, dtype=np.float64)
        true, chance = transitions.behind(s)
        is_possible = chance > 0
        if not np.all(e > 0) or not is_possible.any(axis=1).all():
            raise ValueError("expected counts must be above 0, and counts such as may be shown")
        reference = np.maximum(s, 1.0)
        with np.errstate(divide="ignore"):
            log_chance = np.log(chance) + true * np.log(reference)[:, None]
        log_chance -= gammaln(np.maximum(true, 0) + 1.0)
        start, last = is_possible.argmax(axis=1), true.shape[1] - 1
        at = start[:, None] + np.arange(last + 1)
        moved = np.take_along_axis(log_chance, np.minimum(at, last), axis=1)
        moved[at > last] = -np.inf
        return cls(
            place=np.log(reference / e),
            reference=reference,
            first=true[np.arange(len(s)), start].astype(np.float64),
            worth=np.broadcast_to(np.asarray(worth, dtype=np.float64), s.shape),
            chance=np.exp(moved - moved.max(axis=1, keepdims=True)),
        )

    @classmethod
    def of_effects(
        cls, effect: ArrayLike, variance: ArrayLike, expected: ArrayLike, counts: ShownCounts
    ) -> ShownCountLikelihood:
        """Return the likelihood of effects (n,) that were estimated from ``counts``.

        ``variance`` (n,) is that of the effects' errors, what noise adds included; an effect that
        is not finite had nothing shown of its ``expected`` (n,) events. Raises as :meth:`of`.
        """
        y, v = np.asarray(effect, dtype=np.float64), np.asarray(variance, dtype=np.float64)
        e, s = np.asarray(expected, dtype=np.float64), counts.observed
        seen = np.isfinite(y)
        own = np.maximum(v - counts.log_variance(e), _LEAST_PRECISION)
        worth = np.minimum(1.0, 1 / (np.where(seen, own, 1.0) * np.maximum(s, 1.0)))
        return cls.of(
            np.where(seen, s, 0.0),
            np.where(seen, np.maximum(s, 1.0) * np.exp(-np.where(seen, y, 0.0)), e),
            counts.transitions,
            np.where(seen, worth, 1.0),
        )

    @property
    def _most_likely(self) -> Floats:
        return np.where(self.first > 0, self.place, -np.inf)

    def _log(self, effect: Floats) -> Floats:
        away = np.clip(effect - self.place, -_FARTHEST, _FARTHEST)
        ratio = np.exp(away)
        total = np.broadcast_to(self.chance[:, -1], ratio.shape).copy()
        for chance in self.chance.T[-2::-1]:
            total *= ratio
            total += chance
        log = self.first * away + np.log(total) - self.reference * ratio
        return np.asarray(self.worth * log)

    def _slopes(self, effect: Floats) -> tuple[Floats, Floats]:
        away = np.clip(effect - self.place, -_FARTHEST, _FARTHEST)
        ratio = np.exp(away)
        further = np.arange(self.chance.shape[1])
        weight = self.chance * np.exp(np.multiply.outer(away, further))
        weight /= weight.sum(axis=1, keepdims=True)
        beyond = weight @ further
        # The mean of the true counts, given what is shown, less the mean that is asked.
        mean = self.reference * ratio
        slope = self.first + beyond - mean
        # Where it bends inwards steps would go astray; the mean in its place is never too steep.
        pull = np.maximum(mean - (weight @ further**2 - beyond**2), _LEAST_PULL * mean)
        return self.worth * slope, self.worth * pull


def effect_likelihood(
    effect: ArrayLike, variance: ArrayLike, expected: ArrayLike, counts: ShownCounts | None
) -> EffectLikelihood:
    """Return the likelihood of effects (n,), from ``counts`` with noise if there are any."""
    if counts is None or not counts.transitions.reach:
        return CountLikelihood.of(effect, variance, expected)
    return ShownCountLikelihood.of_effects(effect, variance, expected, counts)


@cache
def _quadrature() -> tuple[Floats, Floats]:
    """Return the nodes and weights of Gauss-Hermite quadrature for the standard normal density."""
    node, share = np.polynomial.hermite_e.hermegauss(_NODES)
    return node, share
