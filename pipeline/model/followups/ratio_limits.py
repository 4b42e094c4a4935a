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


def log_level(top: np.ndarray, bottom: np.ndarray, *, is_share: bool) -> np.ndarray:
    """Return the log of ``top`` over ``bottom``, or a share's log odds; nan where one is 0."""
    below = bottom - top if is_share else bottom
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log(top / below)
    return np.where((top > 0) & (below > 0), level, np.nan)


def level_noise(
    top: np.ndarray,
    bottom: np.ndarray,
    top_noise: np.ndarray,
    bottom_noise: np.ndarray,
    *,
    is_share: bool,
) -> np.ndarray:
    """Return (5,) the variance that noise adds to the level."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if not is_share:
            return np.asarray(top_noise / top**2 + bottom_noise / bottom**2)
        rest = bottom - top
        return np.asarray(top_noise * (1 / top + 1 / rest) ** 2 + bottom_noise / rest**2)


def share_of(log_odds: np.ndarray) -> np.ndarray:
    """Return the shares of log odds."""
    return np.asarray(1 / (1 + np.exp(-log_odds)))
