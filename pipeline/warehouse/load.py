"""The load: a folder of register files into ``registers.duckdb``, which is replaced whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import duckdb

from pipeline.registers import REGISTERS
from pipeline.settings import Settings
from pipeline.warehouse.build import build_codes, build_core_and_mart
from pipeline.warehouse.checks import run_checks
from pipeline.warehouse.connection import connect, transaction
from pipeline.warehouse.extracts import Extracts, scan_extracts
from pipeline.warehouse.quality import record_folder, record_register, refuse_heavy_quarantine
from pipeline.warehouse.registerload import LoadedFile, load_register
from pipeline.warehouse.replacement import folder_beside, replacing
from pipeline.warehouse.sqlfiles import read_folder, run_sql_files


@dataclass(frozen=True)
class LoadSummary:
    """What was loaded: rows read = loaded + quarantined; persons at risk and first grants."""

    registers_path: Path
    input_hash: str
    is_synthetic: bool
    n_files: int
    n_read: int
    n_loaded: int
    n_quarantined: int
    n_warnings: int
    n_person_years: int
    n_events: dict[str, int]
    seconds: float

    def __str__(self) -> str:
        events = ", ".join(f"{n:,} {outcome}" for outcome, n in self.n_events.items())
        lines = [
            f"{self.n_files} files: {self.n_read:,} rows read = {self.n_loaded:,} loaded"
            f" + {self.n_quarantined:,} quarantined; {self.n_warnings} warnings",
            f"{self.n_person_years:,} person-years at risk; first grants: {events}",
            f"{self.registers_path} in {self.seconds:.0f} s",
        ]
        return "\n".join(["SYNTETISKE DATA", *lines] if self.is_synthetic else lines)


def load_extracts(
    extracts: Path,
    registers_path: Path,
    *,
    settings: Settings,
    progress: Callable[[str], None] = lambda _: None,
) -> LoadSummary:
    """Return the summary of loading the folder ``extracts`` into the database ``registers_path``.

    The database gets raw, core and mart for the window of ``settings`` and the ``meta`` tables;
    an existing one is replaced at the very end, and untouched by any failure. Raises
    :class:`ExtractError` (all structural faults of the files), :class:`CheckError` (too many rows
    in quarantine, or a check of severity stop) or :class:`StorageError`.
    """
    began = perf_counter()
    with folder_beside(registers_path) as workspace:
        found = scan_extracts(
            extracts,
            years_at_risk=settings.years,
            workspace=workspace,
            memory_limit=settings.memory_limit,
            threads=settings.threads,
            progress=progress,
        )
        with replacing(registers_path) as unfinished:
            with connect(
                unfinished,
                read_only=False,
                memory_limit=settings.memory_limit,
                threads=settings.threads,
            ) as connection:
                loaded = _load_raw(connection, found, settings, progress)
                with transaction(connection):
                    built = build_core_and_mart(connection, settings, progress)
                with transaction(connection):
                    run_checks(connection, built, progress)
                summary = _summarise(connection, found, loaded, registers_path, began)
                progress("writing everything to disk")
                connection.execute("CHECKPOINT")
            progress("putting the new database in place")
    return summary


def _load_raw(
    connection: duckdb.DuckDBPyConnection,
    extracts: Extracts,
    settings: Settings,
    progress: Callable[[str], None],
) -> list[LoadedFile]:
    """Return what became of each file, after filling raw, codes and meta."""
    with transaction(connection):
        connection.execute("CREATE SCHEMA raw")
        build_codes(connection)
        run_sql_files(connection, read_folder("meta"))
        _record_source(connection, extracts, settings)
        record_folder(connection, extracts)
    loaded: list[LoadedFile] = []
    for register in REGISTERS:
        files = extracts.files[register.name]
        progress(f"loading {register.name} ({sum(file.n_rows for file in files):,} rows)")
        with transaction(connection):
            of_register = load_register(connection, register, files)
            record_register(connection, register, of_register)
        loaded += of_register
    refuse_heavy_quarantine(connection, loaded, settings.max_quarantine_share)
    return loaded


def _record_source(
    connection: duckdb.DuckDBPyConnection, extracts: Extracts, settings: Settings
) -> None:
    mark = extracts.mark
    connection.execute(
        "INSERT INTO meta.source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            bool(mark.get("is_synthetic", False)),
            extracts.input_hash,
            list(settings.years),
            *(
                mark.get(name)
                for name in (
                    *("seed", "scale", "first_year", "last_year"),
                    *("scenario", "generator_version"),
                )
            ),
        ],
    )


def _summarise(
    connection: duckdb.DuckDBPyConnection,
    extracts: Extracts,
    loaded: list[LoadedFile],
    registers_path: Path,
    began: float,
) -> LoadSummary:
    person_years = connection.execute("SELECT count(*) FROM mart.person_year").fetchone()
    warnings = connection.execute(
        "SELECT count(*) FROM meta.data_quality WHERE status = 'warn'"
    ).fetchone()
    events = connection.execute(
        "SELECT outcome, CAST(sum(n_events) AS BIGINT) FROM mart.model_cell"
        " GROUP BY outcome ORDER BY outcome"
    ).fetchall()
    assert person_years is not None
    assert warnings is not None
    return LoadSummary(
        registers_path=registers_path,
        input_hash=extracts.input_hash,
        is_synthetic=bool(extracts.mark.get("is_synthetic", False)),
        n_files=len(loaded),
        n_read=sum(file.n_read for file in loaded),
        n_loaded=sum(file.n_loaded for file in loaded),
        n_quarantined=sum(file.n_quarantined for file in loaded),
        n_warnings=int(warnings[0]),
        n_person_years=int(person_years[0]),
        n_events={str(outcome): int(n) for outcome, n in events},
        seconds=perf_counter() - began,
    )
