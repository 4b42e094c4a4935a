"""Measures before the grant in a release: who had one, how many, how much of the time and when."""

from __future__ import annotations

from dataclasses import dataclass

ANY, MEASURES, WEEKS = "any_measure", "measures_per_person", "weeks_active"
REHABILITATION, PLACEMENT = "rehabilitation", "work_placement"
ALL = "all"
#: Thirds of the five years before a grant, and its years, the farthest first.
THIRDS = ("first", "middle", "last")
YEARS = tuple(f"year_{before}" for before in (5, 4, 3, 2, 1))


@dataclass(frozen=True)
class Activity:
    """A figure of the grants of an area in a part of the five years; None is not shown.

    ``timing`` says on the row of the weeks of all five years whether measures come late or early.
    """

    outcome: str
    area_code: str
    figure: str
    part: str
    n_persons: int | None
    value: float | None
    low: float | None
    high: float | None
    timing: str | None
