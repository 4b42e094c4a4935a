"""Funnel plots: limits of chance around expectation, overdispersion, flags, false discoveries.

A flag is ``high``, ``low`` or ``within``. Exact flags compare the count with its predictive
distribution (mid-p, so that counts just outside the limits are exactly those flagged); flags
allowing for overdispersion widen a normal funnel by the between-unit variance tau2. Print both:
widening defines part of the real variation away.

Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in
Medicine 24, 1185-1202. Spiegelhalter, D. et al. (2012). Statistical methods for healthcare
regulation: rating, screening and surveillance. JRSS A 175, 1-47.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from pipeline.model.numerics.intervals import normal_quantile
from pipeline.model.numerics.predictive_limits import poisson_predictive_limits

__all__ = [
    "Overdispersion",
    "benjamini_hochberg",
    "empirical_null",
    "flag_discoveries",
    "flag_units",
    "overdispersion",
    "poisson_predictive_limits",
    "widened",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.str_]

#: R's nine conventions of a sample quantile, by number; R's own default and numpy's is 7.
QUANTILE_TYPES = (
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
)
#: The outer share of the z-scores at each end that phi and tau2 of the widened funnel pull in.
WINSORISED = 0.1
#: Below this a Poisson-binomial p-value is not known to its digits.
SMALLEST_P = 1e-10


@dataclass(frozen=True)
class Overdispersion:
    """Variation beyond chance among n units.

    Attributes
    ----------
    phi: mean squared z; 1 is chance alone.
    phi_low, phi_high: 95 % limits of phi as a scaled chi-square, exact without winsorising.
    tau2: between-unit variance on the scale of the standard errors, nan without them.
    n_units: units that count (after truncation, those left).
    """

    phi: float
    phi_low: float
    phi_high: float
    tau2: float
    n_units: int


def flag_units(p_value: ArrayLike, observed: ArrayLike, expected: ArrayLike, level: float) -> Flags:
    """Return (n,) flags: outside expectation where ``p_value`` is below 1 - level.

    The side is that of ``observed`` against ``expected``. A missing p-value flags nothing.
    """
    normal_quantile(level)
    p = np.asarray(p_value, dtype=np.float64)
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    outside = p < 1 - level
    return np.where(outside & (o > e), "high", np.where(outside & (o < e), "low", "within"))


def overdispersion(
    z: ArrayLike,
    winsorise: float = 0.1,
    se: ArrayLike | None = None,
    *,
    truncate: bool = False,
    quantile_type: int = 7,
) -> Overdispersion:
    """Return phi and tau2 of z-scores (n,); missing ones are left out.

    The outer share ``winsorise`` of the scores at each end is pulled in to the quantile there, or
    with ``truncate`` left out (units whose tenth, for 0.1, of the ranks is the first or the last,
    as SHMI does). ``quantile_type``, 1-9, is R's number of the quantile that winsorises: Hyndman,
    R. J. & Fan, Y. (1996), American Statistician 50, 361-365. ``tau2`` is the moment estimate of
    DerSimonian and Laird (1986) on the scale of
    ``se`` (n,). Raises :class:`ValueError` for no score, a share not in 0-0.5 or an unknown type.
    """
    if quantile_type not in range(1, 10):
        raise ValueError(f"quantile_type must be one of 1 to 9, found {quantile_type}")
    if not 0 <= winsorise < 0.5:
        raise ValueError(f"winsorise must be at least 0 and below 0.5, found {winsorise}")
    values = np.asarray(z, dtype=np.float64)
    known = np.isfinite(values)
    errors = np.full(values.shape, np.nan) if se is None else np.asarray(se, dtype=np.float64)
    values, errors = values[known], errors[known]
    if truncate and winsorise > 0:
        rank = stats.rankdata(values)
        groups = round(1 / winsorise)
        group = np.floor(rank * groups / (len(values) + 1))
        kept = (group > 0) & (group < groups - 1)
        values, errors = values[kept], errors[kept]
    elif winsorise > 0 and len(values):
        method: Any = QUANTILE_TYPES[quantile_type - 1]
        low, high = np.quantile(values, [winsorise, 1 - winsorise], method=method)
        values = np.clip(values, low, high)
    n = len(values)
    if n == 0:
        raise ValueError("no z-score is left")
    total = float(values @ values)
    weight = 1 / errors**2
    # n - 1 for the target estimated from the same units, as in the funnel literature.
    scale = float(weight.sum() - (weight @ weight) / weight.sum())
    tau2 = max(0.0, (total - (n - 1)) / scale) if n > 1 else 0.0
    return Overdispersion(
        phi=total / n,
        phi_low=total / float(stats.chi2.ppf(0.975, n)),
        phi_high=total / float(stats.chi2.ppf(0.025, n)),
        tau2=tau2 if np.isfinite(scale) else np.nan,
        n_units=n,
    )


@dataclass(frozen=True)
class WidenedFunnel:
    """Exact tests of n units read in a funnel widened by the variance between them.

    Attributes
    ----------
    score: (n,) normal scores of the exact p-values, not below 0.
    width: (n,) standard deviation of a score beyond chance: sqrt(1 + tau2 / its sampling variance).
    is_high: (n,) the count is above expectation.
    spread: phi, and the tau2 that widens the funnel.
    """

    score: Floats
    width: Floats
    is_high: NDArray[np.bool_]
    spread: Overdispersion

    def flags(self, level: float) -> Flags:
        """Return (n,) flags outside the widened funnel."""
        outside = self.score > normal_quantile(level) * self.width
        return np.where(outside, np.where(self.is_high, "high", "low"), "within")


def widened(
    p_value: ArrayLike, observed: ArrayLike, expected: ArrayLike, z: ArrayLike, variance: ArrayLike
) -> WidenedFunnel:
    """Return the funnel of n units widened for overdispersion; what ``flag_overdispersed`` means.

    ``z`` (n,) are effects (log odds or log ratios) over their error at expectation, 1 /
    sqrt(``variance``), the variance of the counts there; phi and tau2 are those of z with its outer
    tenths pulled in (Spiegelhalter 2005): left out, as the English hospital mortality indicator
    has it, the tails that make the spread are not seen and the funnel hardly widens. What is
    compared with the funnel is the normal score of the exact ``p_value``: on the log scale itself
    small counts below expectation would be flagged far too often; at 5 expected, 2 or fewer (an
    eighth of all chances) would be. A missing z leaves the unit out of the spread; a p-value too
    small to be known to its digits leaves the score to ``z``.
    """
    p, scores = np.asarray(p_value, dtype=np.float64), np.asarray(z, dtype=np.float64)
    v = np.asarray(variance, dtype=np.float64)
    spread = overdispersion(scores, WINSORISED, 1 / np.sqrt(v))
    exact = -special.ndtri(np.maximum(p, SMALLEST_P) / 2)
    return WidenedFunnel(
        score=np.where(p > SMALLEST_P, exact, np.maximum(np.abs(scores), exact)),
        width=np.sqrt(1 + spread.tau2 * v),
        is_high=np.asarray(observed) > np.asarray(expected),
        spread=spread,
    )


def benjamini_hochberg(p_value: ArrayLike) -> Floats:
    """Return p-values (n,) adjusted to control the false discovery rate; nan stays nan.

    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate: a practical and
    powerful approach to multiple testing. JRSS B 57, 289-300.
    """
    adjusted = np.array(p_value, dtype=np.float64)
    known = ~np.isnan(adjusted)
    if known.any():
        adjusted[known] = stats.false_discovery_control(adjusted[known])
    return adjusted


def flag_discoveries(
    p_value: ArrayLike, observed: ArrayLike, expected: ArrayLike, rate: float = 0.05
) -> Flags:
    """Return (n,) flags ``high``, ``low``, ``within``: on average ``rate`` of those made are false.

    The side is that of observed against expected; a missing p-value flags nothing. Raises
    :class:`ValueError` for a rate not within 0-1.
    """
    return flag_units(benjamini_hochberg(p_value), observed, expected, 1 - rate)


def empirical_null(z: ArrayLike) -> tuple[float, float]:
    """Return the centre and spread of the middle of the z-scores: median and IQR / 1.349.

    Efron, B. (2004). Large-scale simultaneous hypothesis testing: the choice of a null
    hypothesis. JASA 99, 96-104. Missing scores are left out.
    """
    low, middle, high = np.nanquantile(np.asarray(z, dtype=np.float64), [0.25, 0.5, 0.75])
    return float(middle), float((high - low) / (stats.norm.ppf(0.75) - stats.norm.ppf(0.25)))
