"""Ratios: limits where the one below may be near 0, and what their logarithm is in log odds."""

from __future__ import annotations

import numpy as np


def fieller_limits(
    top: float,
    bottom: float,
    top_variance: float,
    bottom_variance: float,
    covariance: float,
    reach: float,
) -> tuple[float, float]:
    """Return the limits of top/bottom: the ratios r at which ``top - r bottom`` is within chance.

    ``reach`` is the quantile of the two-sided level, of a normal or t distribution. (nan, nan)
    where ``bottom`` is itself within chance of 0: every ratio, or all but an interval, is then
    possible. Fieller, E. C. (1954). Some problems in interval estimation. JRSS B 16, 175-185.
    """
    square = bottom**2 - reach**2 * bottom_variance
    if not np.isfinite(square) or square <= 0:
        return float("nan"), float("nan")
    middle = (top * bottom - reach**2 * covariance) / square
    rest = (top**2 - reach**2 * top_variance) / square
    width = float(np.sqrt(max(middle**2 - rest, 0.0)))
    return middle - width, middle + width


def log_odds_per_log_ratio(effect: np.ndarray, ratio: np.ndarray) -> float:
    """Return the log odds of practice per log of observed over expected, by least squares.

    Somewhat above 1: among those likely to be granted, odds move more than probabilities do.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(ratio)
    known = np.isfinite(effect) & np.isfinite(log_ratio)
    square = float(log_ratio[known] @ log_ratio[known])
    return float(effect[known] @ log_ratio[known]) / square if square else 1.0
