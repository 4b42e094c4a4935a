"""A synthetic control: the mixture of other units that moved as the one did before.

Weights are none below 0 and add up to 1; the mixture may lie at another level (Doudchenko & Imbens
2016, NBER working paper 22791; Ferman & Pinto 2021, Quantitative Economics 12, 1197-1221), and a
penalty spreads the weights, because a small unit's series is mostly noise (Arkhangelsky, D., Athey,
S., Hirshberg, D., Imbens, G. & Wager, S. (2021). Synthetic difference-in-differences. American
Economic Review 111, 4088-4118, from which its size is).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

_SUM_WEIGHT = 1e3


def synthetic_effects(
    values: np.ndarray, start: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return (N, T) the effect on each unit, had it been the one that began in period ``start``.

    ``values`` (N, T); the difference to the unit's mixture of all others (``weights`` (N, N), else
    :func:`mixtures_before`), less its mean over the periods before.
    """
    weights = mixtures_before(values, start) if weights is None else weights
    gap = values - weights @ values
    return np.asarray(gap - gap[:, :start].mean(axis=1, keepdims=True))


def mixtures_before(values: np.ndarray, start: int) -> np.ndarray:
    """Return (N, N) the mixtures for each unit by the periods before ``start``, two or more."""
    before = values[:, :start]
    return mixtures(before, penalty(before, values.shape[1] - start))


def penalty(before: np.ndarray, n_after: int) -> float:
    """Return the penalty on squared weights: a variance of changes times sqrt of ``n_after``.

    ``before`` (N, T); the variance is that of changes from one period to the next.
    """
    return float(np.sqrt(n_after) * np.diff(before, axis=1).var(ddof=1))


def mixtures(before: np.ndarray, ridge: float) -> np.ndarray:
    """Return (N, N) weights of the others for each unit, rows of sum 1, none of itself.

    As :func:`mixture` of each row of ``before`` (N, T) and the other rows.
    """
    weights = np.zeros((len(before), len(before)))
    for unit in range(len(before)):
        others = np.arange(len(before)) != unit
        weights[unit, others] = mixture(before[unit], before[others], ridge)
    return weights


def mixture(
    target: np.ndarray, others: np.ndarray, ridge: float, *, has_level: bool = True
) -> np.ndarray:
    """Return (J,) weights of ``others`` (J, T) for the series ``target`` (T,), of sum 1.

    They are to meet it in squares, each from its own mean unless ``has_level`` is false; ``ridge``
    times T weighs the sum of squared weights. By non-negative least squares (Lawson & Hanson 1974),
    with the sum as a row that outweighs all others.
    """
    if has_level:
        target, others = target - target.mean(), others - others.mean(axis=1, keepdims=True)
    n_others, n_periods = others.shape
    size = float(np.sqrt(np.square(others).sum() / n_others + ridge * n_periods))
    sum_row = _SUM_WEIGHT * (size or 1.0)
    rows = np.vstack(
        [
            others.T,
            np.sqrt(ridge * n_periods) * np.eye(n_others),
            np.full((1, n_others), sum_row),
        ]
    )
    weights, _ = nnls(rows, np.concatenate([target, np.zeros(n_others), [sum_row]]))
    return np.asarray(weights / weights.sum())
