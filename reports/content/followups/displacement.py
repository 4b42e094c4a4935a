"""Practice in two outcomes together, as the release says it; None is not shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Opposite:
    """A municipality's practice in two outcomes, log odds, and how likely the two are opposite."""

    outcome: str
    model: str
    other_outcome: str
    municipality_code: str
    practice_effect_shrunk: float | None
    practice_effect_shrunk_low: float | None
    practice_effect_shrunk_high: float | None
    other_effect_shrunk: float | None
    other_effect_shrunk_low: float | None
    other_effect_shrunk_high: float | None
    p_low_high: float | None
    p_high_low: float | None


@dataclass(frozen=True)
class Displacement:
    """How practice in two outcomes goes together over the municipalities."""

    outcome: str
    model: str
    other_outcome: str
    correlation: float | None
    correlation_low: float | None
    correlation_high: float | None
    p_value: float | None
    n_low_high: int
    n_high_low: int
