"""What instead of a grant in a release: states of those at high risk some years later."""

from __future__ import annotations

from dataclasses import dataclass

STATE, KIND = "state", "state_kind"
#: Kinds of states in reporting order.
KINDS = ("granted", "waiting", "self_supporting", "elsewhere")


@dataclass(frozen=True)
class LaterState:
    """Persons of the cohort in a state, or a kind of states, some years later; None is not shown.

    ``instead`` says, on the row of those granted in a municipality, what stands in place of grants.
    """

    horizon_years: int
    area_code: str
    dimension: str
    level: str
    n_cohort: int
    n_persons: int | None
    share: float | None
    share_low: float | None
    share_high: float | None
    share_expected: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    instead: str | None
