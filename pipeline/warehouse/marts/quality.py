"""What the load found, as rows of ``meta.data_quality``, and when that is too much.

No row here names a person: it is published with the results.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipeline.errors import CheckError
from pipeline.registers import Register
from pipeline.warehouse.delivery.calendar import iso_week
from pipeline.warehouse.delivery.columnmatch import missing_weeks
from pipeline.warehouse.delivery.extractfiles import Extracts
from pipeline.warehouse.raw.loadnotes import note_text, notes_of_register
from pipeline.warehouse.raw.quarantine import KEY_CHECK, commonest_values, values_at_fault
from pipeline.warehouse.raw.registerload import LoadedFile
from pipeline.warehouse.raw.rowchecks import RowCheck, row_checks

_N_SAMPLES = 5


#: One row of ``meta.data_quality``, in the order of its columns.
Finding = tuple[str, str, str, int, int, int, str, str | None, str | None]


def finding(
    register: str,
    check: str,
    *,
    n_rows: int,
    severity: str = "warn",
    n_failing: int = 0,
    n_quarantined: int = 0,
    status: str = "ok",
    detail: str | None = None,
    sample_keys: str | None = None,
) -> Finding:
    """Return one row of ``meta.data_quality``."""
    counts = (n_rows, n_failing, n_quarantined)
    return (register, check, severity, *counts, status, detail, sample_keys)


def record(connection: duckdb.DuckDBPyConnection, findings: Sequence[Finding]) -> None:
    """Add ``findings`` to ``meta.data_quality``; an earlier one of the same name gives way."""
    if findings:
        # One statement: many small ones are what a load of few rows would spend its time on.
        marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(findings))
        connection.execute(
            f"INSERT OR REPLACE INTO meta.data_quality VALUES {marks}",
            [value for row in findings for value in row],
        )


def forget(connection: duckdb.DuckDBPyConnection, register: str) -> None:
    """Remove what was recorded of ``register``."""
    connection.execute("DELETE FROM meta.data_quality WHERE register = ?", [register])


def record_register(
    connection: duckdb.DuckDBPyConnection, register: Register, loaded: Sequence[LoadedFile]
) -> None:
    """Record the rows of ``register`` accounted for, each of its checks, and extra columns.

    Of a register without a file only that it was not delivered; a warning where that costs.
    """
    if not loaded:
        absent = finding(
            register.name,
            "delivered",
            n_rows=0,
            status="warn" if register.absence_costs else "ok",
            detail=_absence(register),
        )
        record(connection, [absent])
        return
    n_read = sum(file.n_read for file in loaded)
    n_quarantined = sum(file.n_quarantined for file in loaded)
    accounted = finding(
        register.name,
        "rows_accounted_for",
        severity="stop",
        n_rows=n_read,
        n_quarantined=n_quarantined,
        status="warn" if n_quarantined else "ok",
        detail=f"{len(loaded)} files: {n_read:,} rows read = {n_read - n_quarantined:,} loaded"
        f" + {n_quarantined:,} quarantined",
    )
    failed = {
        str(check): (int(n), ", ".join(str(row) for row in samples))
        for check, n, samples in connection.execute(
            "SELECT \"check\", count(*), arg_min(concat(file, ':', row_number),"
            " {'file': file, 'row_number': row_number}, ?) FROM meta.quarantine WHERE register = ?"
            ' GROUP BY "check"',
            [_N_SAMPLES, register.name],
        ).fetchall()
    }
    checks = [(c.name, f"{c.column}: expected {c.expected}") for c in _value_checks(register)]
    if register.key:
        checks.append((KEY_CHECK, f"expected one row per {', '.join(register.key)}"))
    findings = [accounted]
    for name, detail in checks:
        n_failed, samples = failed.get(name, (0, None))
        findings.append(
            finding(
                register.name,
                name,
                severity="quarantine",
                n_rows=n_read,
                n_failing=n_failed,
                n_quarantined=n_failed,
                status="warn" if n_failed else "ok",
                detail=detail,
                sample_keys=samples,
            )
        )
    extra = sorted({name for file in loaded for name in file.file.extra_columns})
    if extra:
        shown = ", ".join(extra[:20]) + (f" and {len(extra) - 20} more" if len(extra) > 20 else "")
        detail = f"not declared and not loaded: {shown}"
        findings.append(
            finding(
                register.name, "extra_columns", n_rows=n_read, n_failing=len(extra), detail=detail
            )
        )
    for check, status, notes in notes_of_register(connection, register):
        detail = "; ".join(note_text(note) for note in notes)
        n_values = sum(note.n_values for note in notes)
        findings.append(
            finding(
                *(register.name, check),
                n_rows=n_read,
                n_failing=n_values,
                status=status,
                detail=detail,
            )
        )
    if register.weeks is not None:
        findings.append(_missing_weeks(register, loaded))
    record(connection, findings)


def _absence(register: Register) -> str:
    if register.absence_costs:
        return f"no file; {register.table} is empty; not made without it: {register.absence_costs}"
    if register.stand_ins:
        return f"no file; {' or '.join(register.stand_ins)} stands in"
    return f"no file; {register.table} is empty, and nothing published needs it"


def _value_checks(register: Register) -> list[RowCheck]:
    return [check for column in register.columns for check in row_checks(column)]


def _missing_weeks(register: Register, loaded: Sequence[LoadedFile]) -> Finding:
    there = {iso_week(week[-4:]) for file in loaded for week in file.file.week_columns}
    weeks = {week for week in there if week is not None}
    missing = [f"{year}-W{week:02d}" for year, week in missing_weeks(weeks)]
    first, last = min(weeks), max(weeks)
    return finding(
        register.name,
        "weeks_without_gap",
        n_rows=len(weeks) + len(missing),
        n_failing=len(missing),
        status="warn" if missing else "ok",
        detail=f"weeks without a column: {', '.join(missing[:10])}"
        if missing
        else f"{first[0]}-W{first[1]:02d} to {last[0]}-W{last[1]:02d}",
    )


def record_folder(connection: duckdb.DuckDBPyConnection, extracts: Extracts) -> None:
    """Record the files of the folder that belong to no register."""
    n_files = sum(len(files) for files in extracts.files.values())
    unknown = ", ".join(extracts.unknown[:20])
    of_folder = finding(
        "extracts",
        "unknown_files",
        n_rows=n_files + len(extracts.unknown),
        n_failing=len(extracts.unknown),
        status="warn" if extracts.unknown else "ok",
        detail=f"not read, belongs to no register: {unknown}" if unknown else None,
    )
    record(connection, [of_folder])


def refuse_heavy_quarantine(
    connection: duckdb.DuckDBPyConnection,
    loaded: Sequence[LoadedFile],
    max_quarantine_share: float,
) -> None:
    """Raise :class:`CheckError` when too large a share (0-1) of a register's rows failed.

    All such registers are named together, each with its worst columns and sample positions.
    """
    totals: dict[str, list[int]] = {}
    for file in loaded:
        total = totals.setdefault(file.file.register.name, [0, 0])
        total[0] += file.n_read
        total[1] += file.n_quarantined
    problems = [
        _describe(connection, register, n_read, n_bad)
        for register, (n_read, n_bad) in totals.items()
        if n_bad > max_quarantine_share * n_read
    ]
    if problems:
        raise CheckError(
            "too many rows failed their checks; nothing was replaced:\n"
            + "\n".join(f"  - {problem}" for problem in problems),
            expected=f"at most {max_quarantine_share:.0%} of a register's rows in quarantine",
            next_step="mend the files or the declaration in pipeline/registers, "
            "or raise max_quarantine_share.",
        )


def _describe(connection: duckdb.DuckDBPyConnection, register: str, n_read: int, n_bad: int) -> str:
    by_column = connection.execute(
        'SELECT column_name, "check", count(*) AS n FROM meta.quarantine WHERE register = ?'
        ' GROUP BY ALL ORDER BY n DESC, column_name, "check" LIMIT 3',
        [register],
    ).fetchall()
    samples = connection.execute(
        "SELECT file, row_number FROM meta.quarantine"
        " WHERE register = ? ORDER BY file, row_number LIMIT ?",
        [register, _N_SAMPLES],
    ).fetchall()
    columns = "".join(
        f"{column} ({check}): {n:,}, {_values(connection, register, check)}"
        for column, check, n in by_column
    )
    rows = ", ".join(f"{file}:{row}" for file, row in samples)
    return f"{register}: {n_bad:,} of {n_read:,} rows; {columns}e.g. file:row {rows}"


def _values(connection: duckdb.DuckDBPyConnection, register: str, check: str) -> str:
    return commonest_values(values_at_fault(connection, register, check)) or "repeated; "
