"""How far practice moves where who decides changed, as typed numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NewDecisionMaker:
    """How far decision-makers of a kind differ in one outcome, log O/E; ``None`` cannot be told.

    ``spread_at_date`` and ``spread_elsewhere`` are standard deviations of a level's move at a
    change and without one, beyond chance; ``decision_maker_spread`` is between those who follow
    each other.
    """

    outcome: str
    kind: str
    year_from: int
    year_to: int
    n_dates: int
    n_elsewhere: int
    spread_at_date: float | None
    spread_elsewhere: float | None
    decision_maker_spread: float | None
    decision_maker_spread_low: float | None
    decision_maker_spread_high: float | None
    p_value: float | None
