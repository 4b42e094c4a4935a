"""When who decides or advises changed, as an office knows it: ``new_decision_maker.csv``.

A new medical consultant, head of the job centre, mayor or council: one row per municipality, year
and kind, in the home. The year is the first one that was decided mostly under the new one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.codes import code_rows
from pipeline.codes.csv_file import ListFile

FILE = "new_decision_maker.csv"
COLUMNS = ("municipality_code", "year", "kind")
#: Changes that a kind must have: fewer say nothing of how far decision-makers differ.
FEWEST = 10


@dataclass(frozen=True)
class NewDecisionMakers:
    """When decision-makers of one kind were new: (municipality code, first year), all different."""

    kind: str
    dates: frozenset[tuple[str, int]]


def read_decision_makers(home: Path) -> tuple[NewDecisionMakers, ...]:
    """Return the kinds in the home's file, by name; none without a file.

    Raises :class:`~pipeline.errors.SettingsError` that lists every fault with its row.
    """
    path = home / FILE
    if not path.exists():
        return ()
    file = ListFile(
        path,
        COLUMNS,
        "one row per municipality, year and kind",
        "docs/home_files.md has an example.",
    )
    rows = file.rows()
    known = {row["municipality_code"] for row in code_rows("municipality")}
    kinds: dict[str, set[tuple[str, int]]] = {}
    faults = [
        f"row {number}: {fault}"
        for number, row in enumerate(rows, 2)
        if (fault := _listed(row, kinds, known))
    ]
    faults += [
        f"{kind} has {len(dates)} rows, expected {FEWEST} or more"
        for kind, dates in sorted(kinds.items())
        if len(dates) < FEWEST and not faults
    ]
    file.refuse(faults if rows else ["it has no rows"])
    return tuple(NewDecisionMakers(kind, frozenset(kinds[kind])) for kind in sorted(kinds))


def _listed(
    row: dict[str, str], kinds: dict[str, set[tuple[str, int]]], known: set[str]
) -> str | None:
    """Put a row among ``kinds``; return what is wrong with it, if anything is."""
    code, year, kind = ((row[column] or "").strip() for column in COLUMNS)
    if code not in known:
        return f"no municipality {code!r}"
    if not re.fullmatch(r"(19|20)[0-9]{2}", year):
        return f"year {year!r}, expected one like 2006"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", kind):
        return f"kind {kind!r}, expected a name like consultant"
    dates = kinds.setdefault(kind, set())
    if (code, int(year)) in dates:
        return f"{kind} of {code} in {year} stands twice"
    dates.add((code, int(year)))
    return None
