"""What the events of a unit say of its effect, and what is left of it under a normal prior.

The log likelihood of an effect d is ``events * d - total(d)``: for a Poisson count total is
E exp(d), for a binomial one the sum over the unit's people of log(1 + exp(x + d)), x their log odds
at an effect of 0. Both are concave, so prior times likelihood has one hump, and adaptive
Gauss-Hermite quadrature around it is exact to many digits.

Pinheiro, J. C. & Bates, D. M. (1995). Approximations to the log-likelihood function in the
nonlinear mixed-effects model. J. Computational and Graphical Statistics 4, 12-35.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit, wrightomega

Floats = NDArray[np.float64]

#: Nodes of Gauss-Hermite quadrature around the mode: the densities are log-concave and smooth.
NODES = 25
_MOST_STEPS = 200
_FARTHEST = 100.0


@dataclass(frozen=True)
class PriorMoments:
    """What prior N(mean, tau2) times likelihood comes to, (n,) each.

    Attributes
    ----------
    log_marginal: log of the likelihood's mean over the prior, up to what no parameter changes.
    mean, variance: of the effect given the events.
    mode: where prior times likelihood is largest.
    """

    log_marginal: Floats
    mean: Floats
    variance: Floats
    mode: Floats


class UnitLikelihood(ABC):
    """Events of n units and how many a common effect would give; see the module."""

    events: Floats

    @abstractmethod
    def total(self, effect: Floats) -> Floats:
        """Return what is subtracted from ``events * effect``, for (..., n) effects."""

    @abstractmethod
    def slopes(self, effect: Floats) -> tuple[Floats, Floats]:
        """Return the events expected at (n,) effects and their variance: total's derivatives."""

    def mode(self, mean: Floats, tau2: float, start: Floats | None = None) -> tuple[Floats, Floats]:
        """Return where prior times likelihood is largest, (n,), and the curvature there.

        Newton's method on a concave function, each unit kept between bounds that close in, from
        ``start`` (n,), by default the prior mean.
        """
        expected, pull = self.slopes(mean)
        gain = self.events - expected
        # The force is largest at the prior mean; and no ratio of counts is exp(_FARTHEST).
        reach = np.minimum(np.abs(gain) * tau2, _FARTHEST) + 1e-12
        low, high = np.where(gain < 0, mean - reach, mean), np.where(gain > 0, mean + reach, mean)
        if start is not None:
            effect = np.clip(start, low, high)
            expected, pull = self.slopes(effect)
            gain = self.events - expected
        else:
            effect = mean.copy()
        for _ in range(_MOST_STEPS):
            force = gain - (effect - mean) / tau2
            low, high = np.where(force > 0, effect, low), np.where(force < 0, effect, high)
            new = effect + force / (pull + 1 / tau2)
            new = np.where((new > low) & (new < high), new, (low + high) / 2)
            step, effect = np.abs(new - effect), new
            expected, pull = self.slopes(effect)
            gain = self.events - expected
            if (step <= 1e-10 * (1 + np.abs(effect))).all():
                break
        return effect, pull + 1 / tau2

    def under_prior(
        self, mean: ArrayLike, tau2: float, nodes: int = NODES, start: Floats | None = None
    ) -> PriorMoments:
        """Return marginals and moments under the prior N(``mean``, ``tau2``), tau2 not below 0.

        ``start`` (n,) is where the modes are looked for first.
        """
        centre = np.broadcast_to(np.asarray(mean, dtype=np.float64), self.events.shape).copy()
        if tau2 == 0:
            marginal = self.events * centre - self.total(centre)
            return PriorMoments(marginal, centre, np.zeros(len(centre)), centre)
        mode, curvature = self.mode(centre, tau2, start)
        scale = 1 / np.sqrt(curvature)
        node, share = _hermite(nodes)
        effect = mode + scale * node[:, None]
        log_density = self.events * effect - self.total(effect)
        log_density += (node**2 / 2)[:, None] - (effect - centre) ** 2 / (2 * tau2)
        highest = log_density.max(axis=0)
        density = share[:, None] * np.exp(log_density - highest)
        mass = density.sum(axis=0)
        density /= mass
        expected = (density * effect).sum(axis=0)
        return PriorMoments(
            highest + np.log(mass * scale) - np.log(2 * np.pi * tau2) / 2,
            expected,
            (density * (effect - expected) ** 2).sum(axis=0),
            mode,
        )


@dataclass(frozen=True)
class PoissonUnits(UnitLikelihood):
    """Counts (n,) ``events`` of which an effect d expects (n,) ``expected`` times exp(d)."""

    events: Floats
    expected: Floats

    def total(self, effect: Floats) -> Floats:
        """See :class:`UnitLikelihood`."""
        return self.expected * np.exp(effect)

    def slopes(self, effect: Floats) -> tuple[Floats, Floats]:
        """See :class:`UnitLikelihood`."""
        expected = self.total(effect)
        return expected, expected

    def mode(self, mean: Floats, tau2: float, start: Floats | None = None) -> tuple[Floats, Floats]:
        """See :class:`UnitLikelihood`; in closed form, so that no start is needed.

        With w = tau2 E exp(d) the mode d solves w + log w = log(tau2 E) + mean + tau2 events:
        Wright's omega function.
        """
        farthest = mean + tau2 * self.events
        with np.errstate(divide="ignore"):
            log_scale = np.log(tau2 * self.expected)
        omega = wrightomega(log_scale + farthest)
        # The two forms are one equation; each is used where it loses no digits.
        is_large = omega > 1
        effect = np.where(is_large, np.log(np.where(is_large, omega, 1.0)), 0.0)
        effect = np.where(is_large, effect - log_scale, farthest - omega)
        return effect, self.total(effect) + 1 / tau2


@dataclass(frozen=True)
class BinomialUnits(UnitLikelihood):
    """Counts (n,) ``events`` among people whose log odds at an effect of 0 are known.

    Attributes
    ----------
    log_odds, people
        (K, n) log odds and how many people have them; kinds that a unit lacks have 0 people.
    """

    events: Floats
    log_odds: Floats
    people: Floats

    def total(self, effect: Floats) -> Floats:
        """See :class:`UnitLikelihood`."""
        total = np.zeros(effect.shape)
        for log_odds, people in zip(self.log_odds, self.people, strict=True):
            total -= people * log_expit(-(log_odds + effect))
        return total

    def slopes(self, effect: Floats) -> tuple[Floats, Floats]:
        """See :class:`UnitLikelihood`."""
        p = expit(self.log_odds + effect)
        return (self.people * p).sum(axis=0), (self.people * p * (1 - p)).sum(axis=0)


@cache
def _hermite(nodes: int) -> tuple[Floats, Floats]:
    """Return nodes and weights for the density exp(-x^2 / 2)."""
    node, share = np.polynomial.hermite_e.hermegauss(nodes)
    return np.asarray(node), np.asarray(share)
