"""Counts of units by level under a joint normal prior: expectation propagation, all units at once.

Unit m's log ratios a_m (L,) have the prior N(mean, prior_m); the count at level l is Poisson with
mean expected * exp(a). Each count is replaced by the normal *site* that gives its log ratio the
same posterior mean and variance; all units and levels move together until nothing changes.

Minka, T. P. (2001). Expectation propagation for approximate Bayesian inference. Proc. 17th Conf.
Uncertainty in Artificial Intelligence, 362-369.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.model.inference.count_likelihood import CountLikelihood

Floats = NDArray[np.float64]

#: Largest precision of a cavity that is still taken for one without any information.
_LEAST_PRECISION = 1e-10


@dataclass(frozen=True)
class Counts:
    """(M, L) counts and expected counts of M units at L levels.

    Attributes
    ----------
    observed
        At least 0; what stands where ``known`` is false has no meaning.
    expected
        Above 0 where ``known``.
    known
        Whether the count is known; where not, it says nothing.
    noise_variance
        Variance of what was added to the count before it was shown, 0 where it is exact.
    """

    observed: Floats
    expected: Floats
    known: NDArray[np.bool_]
    noise_variance: Floats


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
    precision = precision / (1 + np.where(some, counts.noise_variance, 0.0) / (precision + 0.5))
    return Sites(precision * level, precision)


def weights(prior: Floats, sites: Sites) -> Floats:
    """Return (M, L, L) W = (prior + 1 / precision)^-1, with 0 for what has no site."""
    root = np.sqrt(sites.precision)
    inner = np.eye(root.shape[1]) + root[:, :, None] * prior * root[:, None, :]
    inverse = np.linalg.inv(inner)
    return np.asarray(root[:, :, None] * inverse * root[:, None, :])


def posterior(mean: Floats, prior: Floats, sites: Sites, weight: Floats) -> tuple[Floats, Floats]:
    """Return posterior means (M, L) and covariances (M, L, L) given the prior's ``mean`` (L,)."""
    drawn = weight @ prior
    covariance = prior - prior @ drawn
    covariance = (covariance + covariance.transpose(0, 2, 1)) / 2
    away = np.einsum("mkl,mk->ml", drawn, sites.estimate - mean)
    return mean + away, covariance


def refine(counts: Counts, sites: Sites, centre: Floats, covariance: Floats) -> Sites:
    """Return the sites after one round, from the posterior ``centre`` and ``covariance``.

    A count with noise counts as a Poisson one of a share of its size: the share of its variance
    that is not noise.
    """
    variance = np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0.0)
    some = counts.known & (variance > 1e-12)
    v, r, s = variance[some], sites.precision[some], sites.shift[some]
    left = np.maximum(1 / v - r, _LEAST_PRECISION)
    cavity = (centre[some] / v - s) / left
    expected = counts.expected[some]
    likely = expected * np.exp(np.clip(centre[some], -20.0, 20.0))
    share = likely / (likely + counts.noise_variance[some])
    likelihood = CountLikelihood.of_counts(share * counts.observed[some], share * expected)
    mean, spread = likelihood.moments(cavity, 1 / left)
    precision = np.maximum(1 / spread - left, _LEAST_PRECISION)
    new_precision, new_shift = sites.precision.copy(), sites.shift.copy()
    new_precision[some] = precision
    new_shift[some] = mean / spread - cavity * left
    return Sites(new_shift, new_precision)
