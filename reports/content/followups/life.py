"""Risk over a life in a release: rows of its life tables."""

from __future__ import annotations

from dataclasses import dataclass

AGE, BENEFIT = "age", "benefit"


@dataclass(frozen=True)
class LifeRisk:
    """Risk until the end of a band of ages (or years on benefit) in an area; None is not shown."""

    outcome: str
    clock: str
    area_code: str
    year_from: int
    year_to: int
    n_persons: int | None
    n_events: int | None
    risk: float | None
    risk_low: float | None
    risk_high: float | None
