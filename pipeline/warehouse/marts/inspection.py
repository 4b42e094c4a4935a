"""What would load from a folder, without loading it: for `tildeling check`.

The same scan, declarations and row checks as the load, on files as they lie. Checks of core and
mart need a load and are not made.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from pipeline.registers import ANKESTYRELSEN, REGISTERS, Register
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect, quote_identifier
from pipeline.warehouse.delivery.extractfiles import ExtractFile, Extracts
from pipeline.warehouse.delivery.extracts import scan_extracts
from pipeline.warehouse.marts.build import build_codes, needs_of
from pipeline.warehouse.marts.inspectionpage import Failing, Inspection
from pipeline.warehouse.raw.loadnotes import LoadNote, notes_of
from pipeline.warehouse.raw.pseudonymkey import given_key
from pipeline.warehouse.raw.quarantine import KEY_CHECK, N_COMMONEST
from pipeline.warehouse.raw.registerload import DAMAGED, is_damage
from pipeline.warehouse.raw.rowchecks import checks_of, parsed_rows, source_of
from pipeline.warehouse.raw.weekruns import UnknownWeeks, iso_year, unknown_weeks

_N_SAMPLES = 3


def inspect_extracts(
    folder: Path, settings: Settings, progress: Callable[[str], None] = lambda _: None
) -> Inspection:
    """Return what a load of ``folder`` for the benchmark of ``settings`` would find.

    Writes only to a private temporary folder that is gone on return. Raises
    :class:`ExtractError` when ``folder`` is none, :class:`SettingsError` when the key given for
    the pseudonyms cannot be used; no pseudonyms are made.
    """
    given_key(settings)
    with tempfile.TemporaryDirectory(prefix="tildeling-check-") as name:
        workspace = Path(name)
        delivery = scan_extracts(
            folder,
            years_at_risk=settings.years,
            is_contract_required=settings.delivery_contract == "required",
            workspace=workspace,
            refuse=False,
            progress=progress,
            memory_limit=settings.memory_limit,
            threads=settings.threads,
        )
        failing: list[Failing] = []
        notes: list[LoadNote] = []
        unknown: dict[str, UnknownWeeks] = {}
        faults = list(delivery.faults)
        kinds: dict[tuple[str, str], int] = {}
        with connect(
            workspace / "inspection.duckdb",
            read_only=False,
            memory_limit=settings.memory_limit,
            threads=settings.threads,
        ) as connection:
            build_codes(connection, folder=settings.codes_folder)
            for register in REGISTERS:
                progress(f"checking {register.name}")
                files = delivery.files.get(register.name, ())
                n_faults = len(faults)
                if register.name == ANKESTYRELSEN.name:
                    kinds = _decisions(connection, files)
                failing += _failing_of(connection, register, files, faults, notes)
                if register.weeks is not None and files and len(faults) == n_faults:
                    unknown[register.name] = unknown_weeks(
                        connection, files[0], source_of(files[0])
                    )
        delivery = replace(delivery, faults=tuple(faults))
    too_many = [
        name
        for name, files in delivery.files.items()
        if sum(f.n_rows for f in failing if f.register == name)
        > settings.max_quarantine_share * sum(file.n_rows for file in files)
    ]
    return Inspection(
        delivery,
        settings.question.name,
        tuple(failing),
        tuple(too_many),
        unknown,
        settings.max_unknown_week_share,
        missing_years(delivery, settings),
        kinds,
        tuple(notes),
    )


def missing_years(delivery: Extracts, settings: Settings) -> dict[str, tuple[int, ...]]:
    """Return the years of each register that the window needs and no file is named for.

    Of DREAM those without a week. Files without a year in their names may hold any year.
    """
    missing = {}
    for register in REGISTERS:
        files = delivery.files.get(register.name, ())
        if register.weeks is not None:
            there = {iso_year(week) for file in files for week in file.week_columns}
        else:
            names = [re.search(r"(\d{4})\d{0,2}\D*$", file.path.stem) for file in files]
            if not all(names):
                continue
            there = {int(name[1]) for name in names if name}
        needed = needs_of(register, settings)
        absent = tuple(year for year in needed if year not in there)
        if absent and (files or not register.is_optional):
            missing[register.name] = absent
    return missing


def _decisions(
    connection: duckdb.DuckDBPyConnection, files: Sequence[ExtractFile]
) -> dict[tuple[str, str], int]:
    """Return how many sound rows there are of each case type and decision, in order of both."""
    counts: Counter[tuple[str, str]] = Counter()
    for file in files:
        rows, parameters = parsed_rows(file, source_of(file))
        try:
            tally = connection.execute(
                f'SELECT "value SAGSART", "value AFGOERELSE", count(*) FROM ({rows})'
                " WHERE fault IS NULL GROUP BY ALL",
                parameters,
            ).fetchall()
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            # Named as a fault by the checks of its rows.
            return {}
        for case, decision, n in tally:
            counts[case, decision] += int(n)
    return dict(sorted(counts.items()))


#: The values that fail a check, by the same three, with their rows.
Values = dict[tuple[str, str, str], Counter[str | None]]
#: Per check: its column and what was expected, and (file, rows, first rows) that fail it.
Found = dict[tuple[str, str, str], list[tuple[str, int, list[int]]]]


def _failing_of(
    connection: duckdb.DuckDBPyConnection,
    register: Register,
    files: Sequence[ExtractFile],
    faults: list[str],
    notes: list[LoadNote],
) -> list[Failing]:
    """Return what fails in ``files``, each row under the first check it fails.

    A file that cannot be read to its end is added to ``faults``, what is read otherwise than it
    stands to ``notes``.
    """
    by_check: Found = {}
    values: Values = {}
    n_faults = len(faults)
    for file in files:
        try:
            _failing_values(connection, file, by_check, values)
            notes += notes_of(connection, file)
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            faults.append(f"{file.path.name}: {DAMAGED}")
    if register.key and files and len(faults) == n_faults:
        repeated = _repeats(connection, register, files)
        if repeated:
            by_check[KEY_CHECK, ", ".join(register.key), "one row per key"] = repeated
    return [
        Failing(
            *(register.name, check, column, expected, sum(n for _, n, _ in groups)),
            samples=tuple(f"{file}:{row}" for file, _, rows in groups for row in rows)[:_N_SAMPLES],
            values=tuple(values.get((check, column, expected), Counter()).most_common(N_COMMONEST)),
        )
        for (check, column, expected), groups in by_check.items()
    ]


def _failing_values(
    connection: duckdb.DuckDBPyConnection, file: ExtractFile, by_check: Found, values: Values
) -> None:
    checks = checks_of(file)
    rows, parameters = parsed_rows(file, source_of(file), with_values=True)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE fault_row AS"
        f" SELECT row_number, fault, fault_value FROM ({rows}) WHERE fault IS NOT NULL",
        parameters,
    )
    for position, n, samples in connection.execute(
        f"SELECT fault, count(*), min(row_number, {_N_SAMPLES}) FROM fault_row"
        " GROUP BY fault ORDER BY fault"
    ).fetchall():
        check = checks[position - 1]
        group = by_check.setdefault((check.name, check.column, check.expected), [])
        group.append((file.path.name, int(n), list(samples)))
    for position, value, n in connection.execute(
        "SELECT fault, fault_value, count(*) AS n FROM fault_row GROUP BY fault, fault_value"
        " QUALIFY row_number() OVER (PARTITION BY fault ORDER BY n DESC, fault_value) <= ?",
        [10 * N_COMMONEST],
    ).fetchall():
        check = checks[position - 1]
        values.setdefault((check.name, check.column, check.expected), Counter())[value] += n


def _repeats(
    connection: duckdb.DuckDBPyConnection, register: Register, files: Sequence[ExtractFile]
) -> list[tuple[str, int, list[int]]]:
    """Return file, number and first numbers of rows whose key came earlier."""
    parts, parameters = [], []
    for number, file in enumerate(files):
        rows, of_file = parsed_rows(file, source_of(file))
        key = ", ".join(
            f"{file.file_year} AS key_{i}"
            if name == "FILE_YEAR"
            else f"{quote_identifier(f'value {name}')} AS key_{i}"
            for i, name in enumerate(register.key)
        )
        parts.append(
            f"SELECT {key}, {number} AS file_number, row_number FROM ({rows}) WHERE fault IS NULL"
        )
        parameters += of_file
    keys = ", ".join(f"key_{i}" for i in range(len(register.key)))
    together = " UNION ALL ".join(parts)
    if connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM ({together}) GROUP BY {keys} HAVING count(*) > 1)",
        parameters,
    ).fetchone() == (False,):
        return []
    repeats = connection.execute(
        f"SELECT file_number, count(*), min(row_number, {_N_SAMPLES}) FROM (SELECT *,"
        f" row_number() OVER (PARTITION BY {keys} ORDER BY file_number, row_number) AS n"
        f" FROM ({together})) WHERE n > 1 GROUP BY file_number ORDER BY file_number",
        parameters,
    ).fetchall()
    return [(files[number].path.name, int(n), list(samples)) for number, n, samples in repeats]
