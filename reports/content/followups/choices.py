"""How far each choice of method moves the country's ranks, as typed numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """Ranks under a specification against those of the main model; ``None`` cannot be told.

    ``n_municipalities`` have a rank shown under both; ``places_moved`` is that of the middle one of
    them, ``share_same_quintile`` the share of them in the same fifth.
    """

    outcome: str
    specification: str
    n_municipalities: int
    correlation: float | None
    places_moved: float
    share_same_quintile: float
