"""Methods of other tools, as published, that the project itself does not use."""

from __future__ import annotations

import numpy as np

from pipeline.model.numerics.intervals import counts, normal_quantile


def poisson_byar_limits(observed: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return Byar's approximate limits of a Poisson mean; good from about 10 events. 0 has low 0.

    Breslow, N. E. & Day, N. E. (1987). Statistical Methods in Cancer Research II, p. 69.
    """
    o = counts(observed)
    z = normal_quantile(level)
    safe = np.where(o > 0, o, 1.0)
    low = o * np.maximum(1 - 1 / (9 * safe) - z / (3 * np.sqrt(safe)), 0.0) ** 3
    high = (o + 1) * (1 - 1 / (9 * (o + 1)) + z / (3 * np.sqrt(o + 1))) ** 3
    return np.where(o > 0, low, np.where(np.isnan(o), np.nan, 0.0)), high


def z_scores(
    observed: np.ndarray, expected: np.ndarray, transform: str = "sqrt"
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(z, se)``: z (n,) of O against E and the standard error on the transformed scale.

    The scale is sqrt(O/E), se 1 / (2 sqrt E), or log(O/E), se 1 / sqrt E. Where E is 0, or O is 0
    on the log scale, both are nan. Raises :class:`ValueError` for another transform.
    """
    o, e = np.broadcast_arrays(counts(observed), counts(expected))
    e = np.where(e > 0, e, np.nan)
    if transform == "sqrt":
        return 2 * (np.sqrt(o) - np.sqrt(e)), 1 / (2 * np.sqrt(e))
    if transform != "log":
        raise ValueError(f"transform {transform!r} is not sqrt or log")
    e = np.where(o > 0, e, np.nan)
    return np.log(np.where(o > 0, o, 1.0) / e) * np.sqrt(e), 1 / np.sqrt(e)


def flag_intervals(low, high, target=1.0):
    """Return ``high`` where the whole interval is above ``target``, ``low`` below."""
    return np.where(low > target, "high", np.where(high < target, "low", "within"))
