"""Counts of units by level under a joint normal prior: expectation propagation, all units at once.

Unit m's log ratios a_m (L,) have a normal prior; the count at level l is Poisson with mean
expected * exp(a). Each count is replaced by the normal *site* that gives its log ratio the same
posterior mean and variance; all units and levels move together until nothing changes.

Minka, T. P. (2001). Expectation propagation for approximate Bayesian inference. Proc. 17th Conf.
Uncertainty in Artificial Intelligence, 362-369.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.model.inference.count_likelihood import (
    CountLikelihood,
    EffectLikelihood,
    ShownCountLikelihood,
)
from pipeline.model.numerics.shown_counts import EXACT, Transitions

Floats = NDArray[np.float64]

#: Least precision of a site: as good as no information.
_LEAST_PRECISION = 1e-10
#: Least share of a posterior's precision that is left without the site: less is lost in rounding.
_LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class Counts:
    """(M, L) counts and expected counts of M units at L levels.

    Attributes
    ----------
    observed
        At least 0, and above 0 only where ``expected`` is; what stands where ``known`` is false has
        no meaning.
    expected
        Above 0 where ``known``.
    known
        Whether the count is known; where not, it says nothing.
    transitions
        What noise made of the counts before they were shown.
    """

    observed: Floats
    expected: Floats
    known: NDArray[np.bool_]
    transitions: Transitions = EXACT

    @cached_property
    def likelihood(self) -> EffectLikelihood:
        """That of the known counts' log ratios, noise included."""
        observed, expected = self.observed[self.known], self.expected[self.known]
        if not self.transitions.reach:
            return CountLikelihood.of_counts(observed, expected)
        return ShownCountLikelihood.of(observed, expected, self.transitions)


@dataclass(frozen=True)
class Sites:
    """(M, L) normal stand-ins of the counts: estimate * precision, and precision (0: none)."""

    shift: Floats
    precision: Floats

    @property
    def estimate(self) -> Floats:
        """(M, L) the log ratio that each count stands for, 0 where it says nothing."""
        some = self.precision > 0
        return np.where(some, self.shift / np.where(some, self.precision, 1.0), 0.0)


def first_sites(counts: Counts) -> Sites:
    """Return sites to start from: the log of the count and a half over the expected."""
    some = counts.known
    expected = np.where(some, counts.expected, 1.0)
    level = np.where(some, np.log((counts.observed + 0.5) / (expected + 0.5)), 0.0)
    precision = np.where(some, expected * np.exp(level), 0.0)
    return Sites(precision * level, precision)


def refine(
    counts: Counts, sites: Sites, centre: Floats, variance: Floats
) -> tuple[Sites, float, float]:
    """Return the sites after one round, how far they moved, and the log evidence of the counts.

    ``centre`` and ``variance`` (M, L) are the posterior's. The move is in posterior standard
    deviations. The evidence is that of the counts over that of the ``sites`` in their place, each
    under what all the others say.
    """
    some = counts.known
    v, r, s = variance[some], sites.precision[some], sites.shift[some]
    left = np.maximum(1 / v - r, _LEAST_SHARE / v)
    cavity = (centre[some] / v - s) / left
    log_mean, mean, spread = counts.likelihood.evidence(cavity, 1 / left, centre[some])
    both = left + r
    of_site = ((s + left * cavity) ** 2 / both - left * cavity**2 - np.log(both / left)) / 2
    precision = np.maximum(1 / spread - left, _LEAST_PRECISION)
    shift = (precision + left) * mean - cavity * left
    moved = max(
        float(np.abs((precision - r) * v).max(initial=0.0)),
        float(np.abs((shift - s - (precision - r) * centre[some]) * np.sqrt(v)).max(initial=0.0)),
    )
    new_precision, new_shift = sites.precision.copy(), sites.shift.copy()
    new_precision[some], new_shift[some] = precision, shift
    return Sites(new_shift, new_precision), moved, float(np.sum(log_mean - of_site))
