"""From which year municipalities grant at another level, as typed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reports.content.values import real, records, whole


@dataclass(frozen=True)
class Step:
    """The likeliest step of a municipality in one outcome; ``None`` where too little is shown.

    ``year`` is the first year of the new level with its ``low`` and ``high``; ``before`` and
    ``after`` are actual over expected, ``factor`` how many times the one is the other.
    """

    outcome: str
    municipality_code: str
    year_from: int
    year_to: int
    year: int | None
    low: int | None
    high: int | None
    before: float | None
    after: float | None
    factor: float | None
    factor_low: float | None
    factor_high: float | None
    q_value: float | None
    is_step: bool
    yearly_variation: float


def steps_from(frame: pd.DataFrame) -> tuple[Step, ...]:
    """Return the rows of ``practice_step``."""
    return tuple(_step(row) for row in records(frame))


def _step(row: Mapping[str, Any]) -> Step:
    return Step(
        outcome=str(row["outcome"]),
        municipality_code=str(row["municipality_code"]),
        year_from=int(row["year_from"]),
        year_to=int(row["year_to"]),
        year=whole(row["step_year"]),
        low=whole(row["step_year_low"]),
        high=whole(row["step_year_high"]),
        before=real(row["ratio_before"]),
        after=real(row["ratio_after"]),
        factor=real(row["step_factor"]),
        factor_low=real(row["step_factor_low"]),
        factor_high=real(row["step_factor_high"]),
        q_value=real(row["q_value"]),
        is_step=bool(row["is_step"]),
        yearly_variation=float(row["yearly_variation"]),
    )
