"""The likelihood of the variances by level given normal stand-ins of the counts, and its slopes.

The levels' means over units are integrated out (REML, with a prior so wide that it only keeps a
level without grants from running away).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.model.levels.prior import (
    MEAN_SPREAD,
    Parameters,
    along_units,
    around_mean_transposed,
    centred,
    covariance,
)
from pipeline.model.levels.sites import Sites

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Likelihood:
    """The likelihood at ``parameters``, given stand-ins of the counts of M units at L levels.

    Attributes
    ----------
    shares
        (M, L) each unit's shares of its expected counts.
    prior, weight
        (M, L, L) the units' covariances, and W, the inverse of the estimates' covariances.
    mean, mean_covariance
        (L,) posterior of the levels' means over units, and its covariance.
    pull
        (M, L) W (estimate - mean).
    log_value
        Logarithm of the stand-ins' integral over effects and means, up to a constant.
    """

    parameters: Parameters
    shares: Floats
    prior: Floats
    weight: Floats
    mean: Floats
    mean_covariance: Floats
    pull: Floats
    log_value: float

    @classmethod
    def of(
        cls, parameters: Parameters, shares: Floats, sites: Sites, prior: Floats | None = None
    ) -> Likelihood:
        """Return the likelihood at ``parameters``; ``prior`` saves its computation."""
        prior = covariance(parameters, shares) if prior is None else prior
        root = np.sqrt(sites.precision)
        inner = np.eye(root.shape[1]) + root[:, :, None] * prior * root[:, None, :]
        weight = root[:, :, None] * np.linalg.inv(inner) * root[:, None, :]
        total = weight.sum(axis=0) + np.eye(root.shape[1]) / MEAN_SPREAD**2
        mean_covariance = np.linalg.inv(total)
        estimate = sites.estimate
        mean = mean_covariance @ np.einsum("mlk,mk->l", weight, estimate)
        pull = np.einsum("mlk,mk->ml", weight, estimate - mean)
        log_value = (
            np.sum(sites.shift * estimate)
            - np.linalg.slogdet(inner)[1].sum()
            - np.linalg.slogdet(total)[1]
            - np.sum(pull * (estimate - mean))
            - np.sum(mean**2) / MEAN_SPREAD**2
        ) / 2
        return cls(parameters, shares, prior, weight, mean, mean_covariance, pull, float(log_value))

    def centre(self) -> Floats:
        """Return (M, L) posterior means of the units' log ratios."""
        return self.mean + np.einsum("mlk,mk->ml", self.prior, self.pull)

    def variance(self) -> Floats:
        """Return (M, L) posterior variances of the log ratios, those of the means included."""
        drawn = self.prior @ self.weight
        by_mean = np.eye(len(self.mean)) - drawn
        within = np.diagonal(self.prior, axis1=1, axis2=2) - np.sum(drawn * self.prior, axis=2)
        return np.asarray(
            np.maximum(within, 0.0) + np.sum((by_mean @ self.mean_covariance) * by_mean, axis=2)
        )

    def posterior_covariance(self) -> Floats:
        """Return (M, L, L) posterior covariances, whose diagonals are :meth:`variance`."""
        drawn = self.prior @ self.weight
        by_mean = np.eye(len(self.mean)) - drawn
        within = self.prior - drawn @ self.prior
        whole = within + by_mean @ self.mean_covariance @ by_mean.transpose(0, 2, 1)
        return np.asarray((whole + whole.transpose(0, 2, 1)) / 2)

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

    def score(self) -> Floats:
        """Return the (P,) slope of ``log_value`` by the parameters' vector.

        The covariance's derivatives are g g' for tau2, c_l c_l' for a level's variance and
        tau2 (c_l g' + g c_l') for its loading, c_l the columns of C and g = 1 + C loading.
        """
        tau2, own = self.parameters.tau2, self.parameters.level_tau2
        along = along_units(self.parameters, self.shares)
        kept = self.weight - self.weight @ self.mean_covariance @ self.weight
        of_pair, of_level, of_unit = _forms(kept, along, self.shares)
        apart = around_mean_transposed(self.pull, self.shares)
        on_unit = np.sum(along * self.pull, axis=1)
        return np.concatenate(
            [
                [tau2 * np.sum(on_unit**2 - of_unit) / 2],
                own * np.sum(apart**2 - np.diagonal(of_pair, axis1=1, axis2=2), axis=0) / 2,
                tau2 * np.sum(apart * on_unit[:, None] - of_level, axis=0),
            ]
        )

    def information(self) -> Floats:
        """Return the (P, P) expected information of the parameters' vector, means as known."""
        tau2, own = self.parameters.tau2, self.parameters.level_tau2
        along = along_units(self.parameters, self.shares)
        by_pair, by_level, by_unit = _forms(self.weight, along, self.shares)
        n = len(own)
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
        return information + np.triu(information, 1).T


def _forms(matrices: Floats, along: Floats, shares: Floats) -> tuple[Floats, Floats, Floats]:
    """Return (M, L, L) C'AC, (M, L) C'A g and (M,) g'A g of (M, L, L) matrices A."""
    drawn = np.einsum("mlk,mk->ml", matrices, along)
    return (
        centred(matrices, shares),
        around_mean_transposed(drawn, shares),
        np.sum(along * drawn, axis=1),
    )
