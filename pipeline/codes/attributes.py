"""What an office knows of its municipalities beside the registers: ``municipal_attribute.csv``.

Who decides, how many cases a caseworker has, how often they leave, which consultant advises: one
row per municipality and attribute, in the home. An attribute of numbers alone is a number, any
other a group. How far a municipality was merged in 2007 is known without the file.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pipeline.codes import code_rows
from pipeline.codes.csv_file import ListFile

FILE = "municipal_attribute.csv"
#: The attribute that nobody has to supply.
MERGING = "merged_2007"
COLUMNS = ("municipality_code", "attribute", "value")
#: Municipalities that an attribute must be known of.
FEWEST = 10
#: Groups that an attribute may have: more than that are names, not groups.
MOST_GROUPS = 12


@dataclass(frozen=True)
class Attribute:
    """What is known of municipalities under one name: code -> number, or code -> group."""

    name: str
    by_code: dict[str, float] | dict[str, str]
    is_number: bool


def read_attributes(home: Path) -> tuple[Attribute, ...]:
    """Return the attributes in the home's file, by name; none without a file.

    A municipality without a row, or with an empty value, is not known. Raises
    :class:`~pipeline.errors.SettingsError` that lists every fault with its row.
    """
    path = home / FILE
    if not path.exists():
        return ()
    file = ListFile(
        path,
        COLUMNS,
        "one row per municipality and attribute",
        "docs/home_files.md has an example.",
    )
    faults, listed = _listed(file.rows())
    attributes = [_attribute(name, values) for name, values in sorted(listed.items())]
    file.refuse(faults + [fault for one in attributes if (fault := _fault(one))])
    return tuple(attributes)


def _listed(rows: list[dict[str, str]]) -> tuple[list[str], dict[str, dict[str, str]]]:
    """Return what is wrong with ``rows``, and the values by attribute and municipality."""
    known = {row["municipality_code"] for row in code_rows("municipality")}
    faults: list[str] = []
    listed: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows, 2):
        code, name, value = ((row[column] or "").strip() for column in COLUMNS)
        of = listed.setdefault(name, {})
        if code not in known:
            faults.append(f"row {number}: no municipality {code!r}")
        elif not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            faults.append(f"row {number}: attribute {name!r}, expected a name like case_load")
        elif name == MERGING:
            faults.append(f"row {number}: {name} is known already; give it another name")
        elif code in of:
            faults.append(f"row {number}: {name} of {code} stands twice")
        elif value:
            of[code] = value
    return faults, listed


def _attribute(name: str, values: dict[str, str]) -> Attribute:
    try:
        numbers = {code: float(value) for code, value in values.items()}
    except ValueError:
        return Attribute(name, values, is_number=False)
    return Attribute(name, numbers, is_number=True)


def _fault(one: Attribute) -> str | None:
    """Return why an attribute can tell nothing, None where it can."""
    different = len(set(one.by_code.values()))
    if len(one.by_code) < FEWEST:
        return (
            f"{one.name} is known of {len(one.by_code)} municipalities, expected {FEWEST} or more"
        )
    if one.is_number and not all(math.isfinite(float(v)) for v in one.by_code.values()):
        return f"{one.name} has a number that is not finite"
    if different < 2:
        return f"{one.name} is the same everywhere"
    if not one.is_number and different > MOST_GROUPS:
        return f"{one.name} has {different} groups, expected {MOST_GROUPS} or fewer"
    return None


def merging() -> Attribute:
    """Return how far each municipality of today was merged in the reform of 2007, as groups.

    Of how many municipalities of the eve of the reform it was made: one, two or three, more.
    """
    rows = code_rows("municipality_history")
    eve = max(row["valid_to"] for row in rows)
    n_parts = Counter(row["successor_code"] for row in rows if row["valid_to"] == eve)
    groups = {1: "not_merged", 2: "merged_2_3", 3: "merged_2_3"}
    by_code = {code: groups.get(n, "merged_4_more") for code, n in n_parts.items()}
    return Attribute(MERGING, by_code, is_number=False)
