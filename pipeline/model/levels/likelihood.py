"""Score and information of the variances by level, the levels' means taken out (REML)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.model.levels.prior import (
    Parameters,
    along_units,
    around_mean_transposed,
    centred,
    covariance,
    log_prior_slope,
)
from pipeline.model.levels.sites import Sites, posterior, weights

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Likelihood:
    """The restricted likelihood of parameters given the counts' stand-ins; M units, L levels.

    Attributes
    ----------
    prior, weight
        (M, L, L) the units' covariances, and W, the inverse of the estimates' covariances.
    mean, mean_covariance
        (L,) the levels' means over units, by generalised least squares, and their covariance.
    pull
        (M, L) W (estimate - mean).
    score, information
        (P,) slope of the penalised log likelihood, (P, P) expected information, prior included.
    """

    parameters: Parameters
    shares: Floats
    prior: Floats
    weight: Floats
    mean: Floats
    mean_covariance: Floats
    pull: Floats
    score: Floats
    information: Floats

    @classmethod
    def of(cls, parameters: Parameters, shares: Floats, sites: Sites) -> Likelihood:
        """Return the likelihood at ``parameters``; ``shares`` (M, L) of expected counts."""
        prior = covariance(parameters, shares)
        weight = weights(prior, sites)
        mean_covariance = np.linalg.inv(weight.sum(axis=0))
        mean = mean_covariance @ np.einsum("mlk,mk->l", weight, sites.estimate)
        pull = np.einsum("mlk,mk->ml", weight, sites.estimate - mean)
        score, information = _slopes(parameters, shares, weight, mean_covariance, pull)
        by_prior, precision = log_prior_slope(parameters)
        return cls(
            parameters,
            shares,
            prior,
            weight,
            mean,
            mean_covariance,
            pull,
            score + by_prior,
            information + precision,
        )

    def posterior(self, sites: Sites) -> tuple[Floats, Floats]:
        """Return posterior means and covariances of all units, the levels' means as known."""
        return posterior(self.mean, self.prior, sites, self.weight)

    def effect_slopes(self) -> Floats:
        """Return (P, M, L) derivatives of the posterior means by the parameters' vector.

        (I - prior W) dprior pull, the levels' means as they are.
        """
        parameters, shares = self.parameters, self.shares
        along = along_units(parameters, shares)
        apart = around_mean_transposed(self.pull, shares)
        on_unit = np.sum(along * self.pull, axis=1)
        n = parameters.n_levels
        slopes = np.empty((1 + 2 * n, *shares.shape))
        slopes[0] = parameters.tau2 * along * on_unit[:, None]
        for level in range(n):
            column = -np.broadcast_to(shares[:, level, None], shares.shape).copy()
            column[:, level] += 1
            slopes[1 + level] = parameters.level_tau2[level] * column * apart[:, level, None]
            slopes[1 + n + level] = parameters.tau2 * (
                column * on_unit[:, None] + along * apart[:, level, None]
            )
        kept = np.eye(n) - self.prior @ self.weight
        return np.asarray(np.einsum("mlk,pmk->pml", kept, slopes))


def _slopes(
    parameters: Parameters, shares: Floats, weight: Floats, mean_covariance: Floats, pull: Floats
) -> tuple[Floats, Floats]:
    """Return score and information without the prior, by the parameters' vector.

    The covariance's derivatives are g g' for tau2, c_l c_l' for a level's variance and
    tau2 (c_l g' + g c_l') for its loading, c_l the columns of C and g = 1 + C loading.
    """
    tau2, own = parameters.tau2, parameters.level_tau2
    along = along_units(parameters, shares)
    by_pair, by_level, by_unit = _forms(weight, along, shares)
    taken = weight - weight @ mean_covariance @ weight
    of_pair, of_level, of_unit = _forms(taken, along, shares)
    apart = around_mean_transposed(pull, shares)
    on_unit = np.sum(along * pull, axis=1)
    score = np.concatenate(
        [
            [tau2 * np.sum(on_unit**2 - of_unit) / 2],
            own * np.sum(apart**2 - np.diagonal(of_pair, axis1=1, axis2=2), axis=0) / 2,
            tau2 * np.sum(apart * on_unit[:, None] - of_level, axis=0),
        ]
    )
    n = parameters.n_levels
    information = np.empty((1 + 2 * n, 1 + 2 * n))
    levels, loadings = slice(1, 1 + n), slice(1 + n, None)
    information[0, 0] = tau2**2 * np.sum(by_unit**2) / 2
    information[0, levels] = tau2 * own * np.sum(by_level**2, axis=0) / 2
    information[0, loadings] = tau2**2 * np.sum(by_level * by_unit[:, None], axis=0)
    information[levels, levels] = own[:, None] * own * np.sum(by_pair**2, axis=0) / 2
    information[levels, loadings] = (
        own[:, None] * tau2 * np.sum(by_pair * by_level[:, :, None], axis=0)
    )
    information[loadings, loadings] = tau2**2 * (
        by_level.T @ by_level + np.sum(by_pair * by_unit[:, None, None], axis=0)
    )
    information = np.triu(information)
    return score, information + np.triu(information, 1).T


def _forms(matrices: Floats, along: Floats, shares: Floats) -> tuple[Floats, Floats, Floats]:
    """Return (M, L, L) C'AC, (M, L) C'A g and (M,) g'A g of (M, L, L) matrices A."""
    drawn = np.einsum("mlk,mk->ml", matrices, along)
    return (
        centred(matrices, shares),
        around_mean_transposed(drawn, shares),
        np.sum(along * drawn, axis=1),
    )
