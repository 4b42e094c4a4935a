"""The load: a folder of register files into ``registers.duckdb``, which is replaced whole.

What an earlier load left is kept where it would come out the same: the new file begins as a copy
of the old one, in which only stale tables are made anew (:mod:`.increment`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import duckdb

from pipeline.errors import CheckError
from pipeline.registers import REGISTERS
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect, transaction
from pipeline.warehouse.database.replacement import folder_beside, replacing
from pipeline.warehouse.database.session import set_values
from pipeline.warehouse.database.sqlfiles import read_folder, run_sql_files
from pipeline.warehouse.delivery.extractfiles import Extracts
from pipeline.warehouse.marts.build import (
    build_codes,
    build_core_and_mart,
    is_built,
)
from pipeline.warehouse.marts.checks import run_checks
from pipeline.warehouse.marts.drift import keep, take_over
from pipeline.warehouse.marts.increment import (
    Earlier,
    Plan,
    read_earlier,
    record_built,
)
from pipeline.warehouse.marts.planning import planned
from pipeline.warehouse.marts.quality import (
    forget,
    record_folder,
    record_register,
    refuse_heavy_quarantine,
)
from pipeline.warehouse.marts.questions import Mart, record_benchmarks
from pipeline.warehouse.raw.pseudonymkey import find_key
from pipeline.warehouse.raw.pseudonyms import pseudonymising
from pipeline.warehouse.raw.quarantine import write_quarantine
from pipeline.warehouse.raw.registerload import LoadedFile, count_file, load_register


@dataclass(frozen=True)
class LoadSummary:
    """What was loaded: rows read = loaded + quarantined; persons at risk and first grants.

    ``n_files_kept`` of the files were loaded by an earlier run and stand as they were; ``rebuilt``
    are the tables and views of core and mart made anew, ``n_kept`` counts the others.
    """

    registers_path: Path
    input_hash: str
    is_synthetic: bool
    n_files: int
    n_files_kept: int
    registers_loaded: tuple[str, ...]
    rebuilt: tuple[str, ...]
    n_kept: int
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
            *self.skipped(),
            f"{self.n_person_years:,} person-years at risk; first grants: {events}",
            f"{self.registers_path} in {self.seconds:.0f} s",
        ]
        return "\n".join(["SYNTETISKE DATA", *lines] if self.is_synthetic else lines)

    def skipped(self) -> list[str]:
        """Return what an earlier load had done already, as lines; none after a load of it all."""
        if self.n_files_kept == 0 and self.n_kept == 0:
            return []
        if self.n_files_kept == self.n_files and not self.rebuilt:
            return [f"nothing changed: all files and {self.n_kept} tables and views kept"]
        loaded = ", ".join(self.registers_loaded) or "no register"
        return [
            f"loaded anew: {loaded}; {self.n_files_kept} unchanged files skipped",
            f"built anew: {len(self.rebuilt)} tables and views; {self.n_kept} kept",
        ]


def load_extracts(
    extracts: Path,
    registers_path: Path,
    *,
    settings: Settings,
    full: bool = False,
    quarantine: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> LoadSummary:
    """Return the summary of loading the folder ``extracts`` into the database ``registers_path``.

    The database gets raw, core, a mart for each benchmark of ``settings`` and the ``meta`` tables;
    an existing one is replaced at the very end, and untouched by any failure. What it holds
    already is not loaded or built again, unless ``full``; the content is the same either way.
    A load that a check stops leaves the rows it kept out in the CSV file ``quarantine``, if one is
    named. Persons and families are named by pseudonyms; a changed key loads everything into a new
    file.
    Raises :class:`ExtractError` (all structural faults of the files), :class:`CheckError` (too
    many rows in quarantine, or a check of severity stop), :class:`SettingsError` (a key that cannot
    be used) or :class:`StorageError`.
    """
    began = perf_counter()
    with folder_beside(registers_path) as workspace:
        key = find_key(settings, registers_path.parent, workspace)
        progress(f"pseudonyms with the key of {key.source} (fingerprint {key.fingerprint})")
        earlier = Earlier() if full else read_earlier(registers_path).of_key(key.fingerprint)
        delivery, marts, plan = planned(extracts, settings, key, earlier, workspace, progress)
        if not plan.stale and not plan.gone:
            progress("nothing changed since the last load")
            with connect(registers_path, read_only=True, threads=settings.threads) as connection:
                loaded = [count_file(connection, f) for fs in delivery.files.values() for f in fs]
                refuse_heavy_quarantine(connection, loaded, settings.max_quarantine_share)
                return _summarise(connection, delivery, loaded, plan, registers_path, began)
        with replacing(registers_path) as unfinished:
            if earlier.contents:
                progress("copying the database of the last load")
                shutil.copyfile(registers_path, unfinished)
            with connect(
                unfinished,
                read_only=False,
                memory_limit=settings.memory_limit,
                threads=settings.threads,
            ) as connection:
                set_values(connection, marts[0].variables)
                if not earlier.contents:
                    # Nothing was deleted, and merging row groups costs a tenth of the load.
                    connection.execute("SET max_vacuum_tasks = 0")
                with _left_behind(connection, quarantine):
                    with pseudonymising(connection, key):
                        loaded = _load_raw(
                            connection, delivery, plan, settings, marts, registers_path, progress
                        )
                    build_core_and_mart(connection, plan, marts, progress)
                    with transaction(connection):
                        run_checks(connection, plan, marts, progress)
                with transaction(connection):
                    keep(connection, marts)
                    record_built(connection, plan)
                summary = _summarise(connection, delivery, loaded, plan, registers_path, began)
                progress("writing everything to disk")
                connection.execute("CHECKPOINT")
            progress("putting the new database in place")
    return summary


@contextmanager
def _left_behind(connection: duckdb.DuckDBPyConnection, path: Path | None) -> Iterator[None]:
    """Write the rows kept out to ``path`` when a check stops the block, and say so in its error."""
    try:
        yield
    except CheckError as error:
        if path is None or not write_quarantine(connection, path):
            raise
        raise CheckError(
            error.problem,
            expected=error.expected,
            found=error.found,
            next_step=f"{error.next_step or ''} The rows kept out are in {path}.".strip(),
        ) from None


def _load_raw(
    connection: duckdb.DuckDBPyConnection,
    extracts: Extracts,
    plan: Plan,
    settings: Settings,
    marts: list[Mart],
    registers_path: Path,
    progress: Callable[[str], None],
) -> list[LoadedFile]:
    """Return what became of each file, after filling raw, codes and meta where they are stale."""
    with transaction(connection):
        connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
        if plan.has_stale_codes:
            build_codes(connection, folder=settings.codes_folder)
        if connection.execute(
            "SELECT count(*) FROM duckdb_schemas() WHERE schema_name = 'meta'"
        ).fetchone() == (0,):
            run_sql_files(connection, read_folder("meta"))
        _record_source(connection, extracts, settings)
        take_over(connection, registers_path, marts, progress)
        record_benchmarks(connection, marts)
        record_folder(connection, extracts)
    loaded: list[LoadedFile] = []
    for register in REGISTERS:
        files = extracts.files[register.name]
        if not plan.is_stale(register):
            loaded += [count_file(connection, file) for file in files]
            continue
        n_rows = sum(file.n_rows for file in files if file.parquet is not None)
        progress(f"loading {register.name} ({n_rows:,} rows)")
        with transaction(connection):
            of_register = load_register(connection, register, files)
            forget(connection, register.name)
        with transaction(connection):
            record_register(connection, register, of_register)
        loaded += of_register
    refuse_heavy_quarantine(connection, loaded, settings.max_quarantine_share)
    return loaded


def _record_source(
    connection: duckdb.DuckDBPyConnection, extracts: Extracts, settings: Settings
) -> None:
    mark = extracts.mark
    connection.execute("TRUNCATE meta.source")
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
    plan: Plan,
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
    tables = [name for name in plan.contents if is_built(name)]
    rebuilt = sorted(name for name in tables if name in plan.stale)
    return LoadSummary(
        registers_path=registers_path,
        input_hash=extracts.input_hash,
        is_synthetic=bool(extracts.mark.get("is_synthetic", False)),
        n_files=len(loaded),
        n_files_kept=sum(file.is_kept for file in loaded),
        registers_loaded=tuple(r.name for r in REGISTERS if plan.is_stale(r)),
        rebuilt=tuple(rebuilt),
        n_kept=len(tables) - len(rebuilt),
        n_read=sum(file.n_read for file in loaded),
        n_loaded=sum(file.n_loaded for file in loaded),
        n_quarantined=sum(file.n_quarantined for file in loaded),
        n_warnings=int(warnings[0]),
        n_person_years=int(person_years[0]),
        n_events={str(outcome): int(n) for outcome, n in events},
        seconds=perf_counter() - began,
    )
