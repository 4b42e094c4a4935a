"""The files of an extracts folder: which register each belongs to, and whether it is whole.

Everything here happens before a row is loaded. Faults are collected over all files and raised
together, so that one delivery gets one list.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import ExtractError
from pipeline.registers import REGISTERS, Register
from pipeline.warehouse.calendar import iso_week, weeks_in_iso_year
from pipeline.warehouse.connection import MEMORY, connect
from pipeline.warehouse.csvfiles import CsvLayout, count_rows, read_layout, text_fault

MARK_FILE = "synthetic.json"
_SUFFIXES = (".csv", ".parquet")
_BLOCK = 1 << 22


@dataclass(frozen=True)
class ExtractFile:
    """One sound file of a register.

    ``columns`` maps each declared column (and week column ``y_YYWW``, in order of time) to its
    name in the file; ``types`` maps each name in the file to its DuckDB type (VARCHAR in CSV).
    ``n_rows`` counts data rows, ``layout`` is set for CSV.
    """

    register: Register
    path: Path
    sha256: str
    n_rows: int
    columns: Mapping[str, str]
    types: Mapping[str, str]
    file_year: int | None = None
    layout: CsvLayout | None = None

    @property
    def week_columns(self) -> tuple[str, ...]:
        """The register's week columns ``y_YYWW`` in order of time; empty when it has none."""
        declared = {column.name for column in self.register.columns}
        return tuple(name for name in self.columns if name not in declared)

    @property
    def extra_columns(self) -> tuple[str, ...]:
        """Names in the file that the declaration does not know."""
        known = set(self.columns.values())
        return tuple(name for name in self.types if name not in known)


@dataclass(frozen=True)
class Extracts:
    """The sound files of a folder by register, what else lies there, and the synthetic mark."""

    folder: Path
    files: Mapping[str, tuple[ExtractFile, ...]]
    unknown: tuple[str, ...] = ()
    mark: Mapping[str, Any] = field(default_factory=dict)

    @property
    def input_hash(self) -> str:
        """SHA-256 over the sorted names and SHA-256 of the register files."""
        listed = sorted((f.path.name, f.sha256) for files in self.files.values() for f in files)
        return hashlib.sha256("".join(f"{n}\0{h}\n" for n, h in listed).encode()).hexdigest()


def scan_extracts(
    folder: Path,
    *,
    years_at_risk: Sequence[int] = (),
    registers: Sequence[Register] = REGISTERS,
    progress: Callable[[str], None] = lambda _: None,
) -> Extracts:
    """Return the files of ``folder`` (not its sub-folders) matched to ``registers``.

    With ``years_at_risk`` the yearly snapshots and the benefit weeks of each year's eve must be
    there. Raises :class:`ExtractError` listing every structural fault of every file.
    """
    if not folder.is_dir():
        raise ExtractError(
            f"{folder} is not a folder", next_step="name the folder that holds the register files."
        )
    by_name = {register.name: register for register in registers}
    matched: dict[str, list[Path]] = defaultdict(list)
    unknown: list[str] = []
    for path in sorted(p for p in folder.iterdir() if p.is_file() and not _is_hidden(p)):
        name = _register_name(path)
        if name in by_name:
            matched[name].append(path)
        elif path.name != MARK_FILE:
            unknown.append(path.name)
    faults: list[str] = []
    files: dict[str, tuple[ExtractFile, ...]] = {}
    with connect(MEMORY, read_only=False) as connection:
        for register in registers:
            paths = matched[register.name]
            if not paths and register.is_optional:
                files[register.name] = ()
                continue
            if not paths:
                faults.append(f"{register.name}: no file; expected {_expected_name(register)}")
                continue
            progress(f"scanning {register.name} ({len(paths)} files)")
            read = [_scan_file(connection, register, path, faults) for path in paths]
            faults += _faults_between(register, paths)
            files[register.name] = tuple(file for file in read if file is not None)
            faults += _faults_of_coverage(register, paths, files[register.name], years_at_risk)
    mark = _read_mark(folder / MARK_FILE, faults)
    if faults:
        raise ExtractError.from_faults(str(folder), faults)
    return Extracts(folder, files, tuple(unknown), mark)


def _is_hidden(path: Path) -> bool:
    return path.name.startswith((".", "~"))


def _register_name(path: Path) -> str | None:
    if path.suffix.lower() not in _SUFFIXES:
        return None
    return re.sub(r"[0-9_]+$", "", path.stem.lower())


def _digits(path: Path) -> str:
    found = re.search(r"[0-9_]*$", path.stem)
    return found.group().replace("_", "") if found else ""


def _expected_name(register: Register) -> str:
    year = "_<year>" if register.has_file_year else "[_<year>]"
    return f"{register.name}{year}.parquet or .csv"


def _scan_file(
    connection: duckdb.DuckDBPyConnection, register: Register, path: Path, faults: list[str]
) -> ExtractFile | None:
    """Return the file, or None after adding what is wrong with it to ``faults``."""
    found: list[str] = []
    year = _file_year(register, path, found)
    layout: CsvLayout | None = None
    types: dict[str, str] = {}
    n_rows = 0
    if path.stat().st_size == 0:
        found.append("is empty (0 bytes)")
    elif path.suffix.lower() == ".parquet":
        try:
            types, n_rows = _parquet_content(connection, path)
            found += _repeated_columns(connection, register, path)
        except duckdb.Error:
            found.append("is not a whole Parquet file (truncated or damaged)")
    elif fault := text_fault(path):
        found.append(fault)
    else:
        layout = read_layout(path, _wanted(register))
        types = dict.fromkeys(layout.header, "VARCHAR")
    if not types and not found:
        found.append("has no header")
    columns = _match_columns(register, layout.header if layout else list(types), found)
    if layout and not found:
        try:
            n_rows = count_rows(connection, path, layout)
        except ValueError as error:
            found.append(str(error))
    if types and not found and n_rows == 0:
        found.append("holds no rows")
    for name, physical in types.items():
        if name in columns.values() and re.search(r"[\[(]|BLOB|MAP|STRUCT", _plain(physical)):
            found.append(f"column {name} has type {physical}; expected text, number or date")
    faults += [f"{path.name}: {fault}" for fault in found]
    if found:
        return None
    return ExtractFile(register, path, file_sha256(path), n_rows, columns, types, year, layout)


def _plain(physical: str) -> str:
    """Return the type without the parts that do not matter to how it is read."""
    return re.sub(r"^(DECIMAL|ENUM)\(.*\)$", r"\1", physical)


def _file_year(register: Register, path: Path, found: list[str]) -> int | None:
    digits = _digits(path)
    if len(digits) in (4, 6) and 1900 <= int(digits[:4]) <= 2100:
        return int(digits[:4])
    if register.has_file_year:
        found.append(f"has no year in its name; expected {_expected_name(register)}")
    return None


def _wanted(register: Register) -> set[str]:
    return {column.name.upper() for column in register.columns}


def _parquet_content(
    connection: duckdb.DuckDBPyConnection, path: Path
) -> tuple[dict[str, str], int]:
    described = connection.execute(
        "DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning = false)", [str(path)]
    ).fetchall()
    counted = connection.execute(
        "SELECT sum(num_rows) FROM parquet_file_metadata(?)", [str(path)]
    ).fetchone()
    assert counted is not None
    return {str(row[0]): str(row[1]) for row in described}, int(counted[0])


def _repeated_columns(
    connection: duckdb.DuckDBPyConnection, register: Register, path: Path
) -> list[str]:
    """Return declared columns that the file has twice; DuckDB would rename the second."""
    names = connection.execute("SELECT upper(name) FROM parquet_schema(?)", [str(path)]).fetchall()
    return [
        f"has the column {column.name} twice (upper and lower case are the same)"
        for column in register.columns
        if names.count((column.name.upper(),)) > 1
    ]


def _match_columns(register: Register, names: Sequence[str], found: list[str]) -> dict[str, str]:
    """Return declared (and week) column to name in the file; faults go to ``found``."""
    if not names:
        return {}
    by_upper: dict[str, str] = {}
    for name in names:
        if name.upper() in by_upper:
            found.append(f"has the column {name} twice (upper and lower case are the same)")
        by_upper[name.upper()] = name
    missing = [c.name for c in register.columns if c.name.upper() not in by_upper]
    if missing:
        shown = ", ".join(list(by_upper.values())[:12])
        more = ", ..." if len(by_upper) > 12 else ""
        noun = "column" if len(missing) == 1 else "columns"
        found.append(f"lacks the {noun} {', '.join(missing)}; it has {shown}{more}")
    columns = {c.name: by_upper[c.name.upper()] for c in register.columns if c.name not in missing}
    if register.weeks is not None:
        columns |= _match_weeks(register.weeks.pattern, by_upper, found)
    return columns


def _match_weeks(pattern: str, by_upper: Mapping[str, str], found: list[str]) -> dict[str, str]:
    weeks: dict[tuple[int, int], str] = {}
    for upper, name in by_upper.items():
        if re.fullmatch(pattern, upper.lower()) is None:
            continue
        week = iso_week(upper[-4:])
        if week is None:
            found.append(f"has the column {name}, which is not a week of the ISO calendar")
        else:
            weeks[week] = name
    if not weeks:
        found.append("has no week columns y_YYWW")
    return {weeks[week].lower(): weeks[week] for week in sorted(weeks)}


def _faults_between(register: Register, paths: Sequence[Path]) -> list[str]:
    """Return faults of files that cannot both be right."""
    if register.weeks is not None:
        return [f"{register.name}: {_names(paths)}; expected one file"] if len(paths) > 1 else []
    by_period: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        by_period[_digits(path)[:4] if register.has_file_year else _digits(path)].append(path)
    return [
        f"{register.name}: {_names(same)}; expected one file for {period or 'all years'}"
        for period, same in by_period.items()
        if len(same) > 1
    ]


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _faults_of_coverage(
    register: Register,
    paths: Sequence[Path],
    files: Sequence[ExtractFile],
    years_at_risk: Sequence[int],
) -> list[str]:
    """Return which snapshots or weeks the years at risk cannot do without."""
    needed = sorted({year - 1 for year in years_at_risk})
    if register.has_file_year:
        there = {_digits(path)[:4] for path in paths}
        return [
            f"{register.name}: no file for {year}, which the year at risk {year + 1} needs"
            for year in needed
            if str(year) not in there
        ]
    if register.weeks is not None and files:
        there_weeks = {iso_week(name[-4:]) for file in files for name in file.week_columns}
        return [
            f"{register.name}: no column for week {weeks_in_iso_year(year)} of {year}, which the "
            f"year at risk {year + 1} needs"
            for year in needed
            if (year, weeks_in_iso_year(year)) not in there_weeks
        ]
    return []


def _read_mark(path: Path, faults: list[str]) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        mark = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        mark = None
    if not isinstance(mark, dict):
        faults.append(f"{path.name}: is not a JSON object; expected the generator's mark")
        return {}
    return mark


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of the content of ``path``, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
