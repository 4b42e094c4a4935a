"""How far units differ by level, with limits, and whether more at one level than at the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from pipeline.model.levels.level_model import LevelFit
from pipeline.model.levels.prior import along_units, covariance
from pipeline.model.numerics.intervals import normal_quantile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """(L,) standard deviations between units, log odds, at the country's shares of levels.

    Attributes
    ----------
    sd, sd_low, sd_high
        Of the units' effects at the level.
    deviation_sd, deviation_sd_low, deviation_sd_high
        Of the level's effects less the units' means over levels.
    sd_others
        Root of the mean variance of effects over the other levels.
    p_more
        One-sided p-value of "units differ no more at this level than at the others"; missing for
        two levels, whose own variances cannot be told apart.
    """

    sd: Floats
    sd_low: Floats
    sd_high: Floats
    deviation_sd: Floats
    deviation_sd_low: Floats
    deviation_sd_high: Floats
    sd_others: Floats
    p_more: Floats


def spread_by_level(fit: LevelFit, level: float = 0.95) -> Spread:
    """Return how far units differ at each level of ``fit``.

    Limits are normal for the logarithm of the variance, by the delta method from the information
    of all variances and loadings.
    """
    parameters, shares = fit.parameters, fit.shares[None, :]
    n = parameters.n_levels
    centre = np.eye(n) - shares
    along = along_units(parameters, shares)[0]
    whole = covariance(parameters, shares)[0]
    variance = np.diag(whole)
    slopes = _slopes(parameters.tau2, parameters.level_tau2, along, centre)
    apart = centre @ whole @ centre.T
    lean = along - 1
    deviation = np.diag(apart)
    deviation_slopes = _slopes(parameters.tau2, parameters.level_tau2, lean, centre)
    others = (variance.sum() - variance) / (n - 1)
    by_others = (slopes.sum(axis=0) - slopes) / (n - 1) / others[:, None]
    contrast = slopes / variance[:, None] - by_others
    z = np.log(variance / others) / _errors(contrast, fit.parameter_covariance)
    reach = normal_quantile(level) / 2
    whole_se = _errors(slopes / variance[:, None], fit.parameter_covariance)
    apart_se = _errors(deviation_slopes / deviation[:, None], fit.parameter_covariance)
    return Spread(
        sd=np.sqrt(variance),
        sd_low=np.sqrt(variance) * np.exp(-reach * whole_se),
        sd_high=np.sqrt(variance) * np.exp(reach * whole_se),
        deviation_sd=np.sqrt(deviation),
        deviation_sd_low=np.sqrt(deviation) * np.exp(-reach * apart_se),
        deviation_sd_high=np.sqrt(deviation) * np.exp(reach * apart_se),
        sd_others=np.sqrt(others),
        p_more=special.ndtr(-z) if n > 2 else np.full(n, np.nan),
    )


def _slopes(tau2: float, own: Floats, along: Floats, centre: Floats) -> Floats:
    """Return (L, 1 + 2 L) derivatives of the levels' variances by the parameters' vector."""
    return np.column_stack([tau2 * along**2, centre**2 * own, 2 * tau2 * along[:, None] * centre])


def _errors(slopes: Floats, covariance_of: Floats) -> Floats:
    return np.sqrt(np.einsum("lp,pq,lq->l", slopes, covariance_of, slopes))
