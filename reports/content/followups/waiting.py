"""Cases that wait for a decision in a release: those of each municipality at the end of a year."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.content.values import records, whole

_LAST_MONTH = 12


@dataclass(frozen=True)
class Waiting:
    """Cases begun by the end of a year and not decided, as shown, where they are shown."""

    outcome: str
    code: str
    year: int
    n_pending: int


def waiting_from(backlog: pd.DataFrame) -> tuple[Waiting, ...]:
    """Return the year-ends of ``backlog`` whose cases are shown; an earlier release has none."""
    if backlog.empty:
        return ()
    is_shown = ~backlog["is_suppressed"].astype(bool) & backlog["n_pending"].notna()
    rows = records(backlog[is_shown & (backlog["month"] == _LAST_MONTH)])
    return tuple(
        Waiting(
            str(row["outcome"]),
            str(row["municipality_code"]),
            int(row["year"]),
            whole(row["n_pending"]) or 0,
        )
        for row in rows
    )
