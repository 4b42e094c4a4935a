"""A measured figure: its value at the scale generated, and the standard error of the value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthetic_data.measures.generated import Generated

Measured = tuple[float, float]
Measure = Callable[[Generated], Measured]


def count(n: float) -> Measured:
    """Return a count with the error of a Poisson count."""
    return float(n), float(np.sqrt(n))


def share(part: float, whole: float) -> Measured:
    """Return ``part / whole`` with its binomial error; 0 of 0 is 0."""
    value = part / max(whole, 1)
    return value, float(np.sqrt(max(value * (1 - value), 0.0) / max(whole, 1)))
