"""Which column of a file is which declared column."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from pipeline.registers import Column, Register
from pipeline.warehouse.delivery.calendar import iso_week, weeks_in_iso_year

_SHOWN = 12


def wanted_names(register: Register) -> set[str]:
    """Return the upper-case names a file of ``register`` may use for its declared columns."""
    return {name.upper() for column in register.columns for name in names_of(column)}


def names_of(column: Column) -> tuple[str, ...]:
    """Return the names ``column`` may have in a file, the declared one first."""
    return (column.name, *column.other_names)


def match_columns(register: Register, names: Sequence[str], faults: list[str]) -> dict[str, str]:
    """Return the name in the file of each declared column, and of each week column in time order.

    Upper and lower case are the same. What is missing, there twice or no week goes to ``faults``;
    an optional column that is missing has no entry.
    """
    by_upper: dict[str, list[str]] = {}
    for name in names:
        by_upper.setdefault(name.upper(), []).append(name)
    columns: dict[str, str] = {}
    missing = []
    for column in register.columns:
        matches = [name for known in names_of(column) for name in by_upper.get(known.upper(), [])]
        if len(matches) > 1 and len({name.upper() for name in matches}) == 1:
            faults.append(f"has the column {column.name} twice (upper and lower case are the same)")
        elif len(matches) > 1:
            faults.append(f"has {' and '.join(matches)}, which both mean {column.name}")
        if matches:
            columns[column.name] = matches[0]
        elif not column.is_optional:
            missing.append(column.name)
    missing += [" or ".join(group) for group in register.one_of if not set(group) & set(columns)]
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        faults.append(f"lacks the {noun} {', '.join(missing)}; it has {_shown(names, columns)}")
    if register.weeks is not None:
        columns |= _match_weeks(register.weeks.pattern, by_upper, faults)
    return columns


def _shown(names: Sequence[str], columns: Mapping[str, str]) -> str:
    """Return the names in a header for a message; none when it may be a row about a person."""
    if not columns:
        return f"none of them among its {len(names)} (is the header missing?)"
    return ", ".join(list(names)[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def _match_weeks(
    pattern: str, by_upper: Mapping[str, Sequence[str]], faults: list[str]
) -> dict[str, str]:
    weeks: dict[tuple[int, int], str] = {}
    for upper, names in by_upper.items():
        if re.fullmatch(pattern, upper.lower()) is None:
            continue
        week = iso_week(upper[-4:])
        if week is None:
            faults.append(f"has the column {names[0]}, which is not a week of the ISO calendar")
        elif len(names) > 1:
            faults.append(f"has the column {names[0]} twice (upper and lower case are the same)")
        else:
            weeks[week] = names[0]
    if not weeks:
        faults.append("has no week columns y_YYWW")
    return {weeks[week].lower(): weeks[week] for week in sorted(weeks)}


def type_faults(types: Mapping[str, str], used: Collection[str]) -> list[str]:
    """Return the ``used`` columns whose type holds no single value (lists, structures, bytes)."""
    return [
        f"column {name} has type {physical}; expected text, number or date"
        for name, physical in types.items()
        if name in used and re.search(r"[\[(]|BLOB|MAP|STRUCT", _plain(physical))
    ]


def _plain(physical: str) -> str:
    """Return the type without the parts that do not matter to how it is read."""
    return re.sub(r"^(DECIMAL|ENUM)\(.*\)$", r"\1", physical)


def missing_weeks(there: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the (ISO year, week) between the first and last of ``there`` that are not in it."""
    first, last = min(there), max(there)
    return [
        (year, week)
        for year in range(first[0], last[0] + 1)
        for week in range(1, weeks_in_iso_year(year) + 1)
        if first <= (year, week) <= last and (year, week) not in there
    ]
