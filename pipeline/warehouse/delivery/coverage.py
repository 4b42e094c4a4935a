"""Which files a folder must have together: one per period, and every year at risk covered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

from pipeline.registers import Register
from pipeline.warehouse.delivery.calendar import iso_week, weeks_in_iso_year
from pipeline.warehouse.delivery.filenames import digits_of, expected_name


def missing_files(register: Register, delivered: Collection[str]) -> list[str]:
    """Return the fault that ``register`` has no file, unless the ``delivered`` registers may do.

    A register may be optional, or another may stand in for it.
    """
    if register.is_optional or register.name in delivered:
        return []
    if any(name in delivered for name in register.stand_ins):
        return []
    instead = f" (or files of {' or '.join(register.stand_ins)})" if register.stand_ins else ""
    return [f"{register.name}: no file; expected {expected_name(register)}{instead}"]


def repeated_files(register: Register, paths: Sequence[Path]) -> list[str]:
    """Return faults of files that cannot both be right."""
    if register.weeks is not None:
        return [f"{register.name}: {_names(paths)}; expected one file"] if len(paths) > 1 else []
    by_period: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        digits = digits_of(path)
        by_period[digits[:4] if register.has_file_year else digits].append(path)
    return [
        f"{register.name}: {_names(same)}; expected one file for {period or 'all years'}"
        for period, same in by_period.items()
        if len(same) > 1
    ]


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def uncovered_years(
    register: Register,
    paths: Sequence[Path],
    week_columns: Collection[str],
    years_at_risk: Sequence[int],
) -> list[str]:
    """Return which snapshots or weeks the years at risk cannot do without.

    ``week_columns`` are those of the sound files; without any, their absence is told elsewhere.
    """
    if register.is_optional:
        return []
    needed = sorted({year - 1 for year in years_at_risk})
    if register.has_file_year and paths:
        there = {digits_of(path)[:4] for path in paths}
        return [
            f"{register.name}: no file for {year}, which the year at risk {year + 1} needs"
            for year in needed
            if str(year) not in there
        ]
    if register.weeks is not None and week_columns:
        weeks = {iso_week(name[-4:]) for name in week_columns}
        return [
            f"{register.name}: no column for week {weeks_in_iso_year(year)} of {year}, which the "
            f"year at risk {year + 1} needs"
            for year in needed
            if (year, weeks_in_iso_year(year)) not in weeks
        ]
    return []
