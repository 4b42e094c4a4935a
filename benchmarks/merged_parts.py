"""Loading a part of a delivery, as far as it goes, and merging the parts of one.

What is about persons one by one (:data:`PERSONAL`) is the same in a part as in the whole, and most
of the work. What looks further is built of the merged tables by the load's own SQL: two factors of
``mart.person_year`` (a parent's pension, who lives in the family), who is found in the population,
first years and weeks of the data, and all that is summed.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from pipeline.registers import REGISTERS
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect, transaction
from pipeline.warehouse.database.replacement import folder_beside, replacing
from pipeline.warehouse.database.session import set_values
from pipeline.warehouse.database.sqlfiles import read_folder, run_sql_files
from pipeline.warehouse.delivery.extractfiles import Extracts
from pipeline.warehouse.marts.build import build_codes, build_core_and_mart, is_built
from pipeline.warehouse.marts.checks import run_checks
from pipeline.warehouse.marts.drift import keep
from pipeline.warehouse.marts.fingerprints import fingerprint
from pipeline.warehouse.marts.increment import Earlier, record_built
from pipeline.warehouse.marts.planning import planned
from pipeline.warehouse.marts.quality import (
    record_folder,
    record_register,
    refuse_heavy_quarantine,
)
from pipeline.warehouse.marts.questions import Mart, record_benchmarks
from pipeline.warehouse.raw.pseudonymkey import find_key
from pipeline.warehouse.raw.pseudonyms import pseudonymising
from pipeline.warehouse.raw.rawtables import raw_tables
from pipeline.warehouse.raw.registerload import count_file, load_register

#: Tables of core and mart whose rows follow from the rows of their person alone.
PERSONAL = (
    "core.benefit_spell",
    "core.decision",
    "core.first_grant",
    "core.hospital_diagnosis",
    "core.split_residence",
    "mart.benefit_history",
    "mart.care_before",
    "mart.health_history",
    "mart.resident_year",
    "mart.route_history",
)


def load_part(extracts: Path, database: Path, settings: Settings) -> None:
    """Load the part of a delivery in ``extracts`` into ``database``: raw, codes and PERSONAL."""
    with folder_beside(database) as workspace:
        key = find_key(settings, database.parent, workspace)
        delivery, marts, plan = planned(extracts, settings, key, Earlier(), workspace)
        with (
            replacing(database) as unfinished,
            connect(
                unfinished,
                read_only=False,
                memory_limit=settings.memory_limit,
                threads=settings.threads,
            ) as connection,
        ):
            set_values(connection, marts[0].variables)
            connection.execute("SET max_vacuum_tasks = 0")
            connection.execute("CREATE SCHEMA raw")
            build_codes(connection, folder=settings.codes_folder)
            run_sql_files(connection, read_folder("meta"))
            with pseudonymising(connection, key):
                for register in REGISTERS:
                    with transaction(connection):
                        load_register(connection, register, delivery.files[register.name])
            files = [*read_folder("core"), *marts[0].files]
            needed = set(PERSONAL)
            for file in reversed(files):
                needed |= set(file.reads) if file.object in needed else set()
            run_sql_files(connection, [file for file in files if file.object in needed])
            record_built(connection, plan)


def merge(databases: list[Path], parts: list[Path], registers: Path, settings: Settings) -> None:
    """Put the loaded ``parts`` of one delivery together into the database ``registers``.

    Refused where two parts hold a contact of the same number, which in one load is a repeat.
    """
    with folder_beside(registers) as workspace:
        key = find_key(settings, databases[0].parent, workspace)
        delivery, marts, plan = planned(parts[0], settings, key, Earlier(), workspace)
        merged = {table for register in REGISTERS for table in raw_tables(register)}
        merged |= set(PERSONAL)
        with replacing(registers) as unfinished:
            shutil.copyfile(databases[0], unfinished)
            with connect(
                unfinished,
                read_only=False,
                memory_limit=settings.memory_limit,
                threads=settings.threads,
            ) as connection:
                set_values(connection, marts[0].variables)
                for other in databases[1:]:
                    _add(connection, other, sorted(merged))
                _refuse_shared_contacts(connection)
                _describe(connection, delivery, marts, settings)
                # What stands is as a load of it all would make it.
                rest = {one for one in plan.stale if not (one in merged or _is_set(one))}
                rest_of_plan = replace(plan, stale=frozenset(rest))
                build_core_and_mart(connection, rest_of_plan, marts)
                with transaction(connection):
                    run_checks(connection, plan, marts)
                with transaction(connection):
                    keep(connection, marts)
                    record_built(connection, plan)
                connection.execute("CHECKPOINT")


def _is_set(name: str) -> bool:
    """Return whether the object ``name`` is made before core and mart."""
    return not is_built(name) and not name.startswith("checks.")


def _add(connection: duckdb.DuckDBPyConnection, other: Path, tables: list[str]) -> None:
    """Add the rows of the database ``other``, and what its load counted."""
    connection.execute(f"ATTACH '{other}' AS other (READ_ONLY)")
    weeks = "other.raw.dream_week ANTI JOIN raw.dream_week USING (week_position, week_column)"
    if connection.execute(f"SELECT count(*) FROM {weeks}").fetchone() != (0,):
        raise SystemExit("the parts have DREAM of other weeks")
    for table in tables:
        if not table.endswith("_week"):
            connection.execute(f"INSERT INTO {table} BY NAME FROM other.{table}")
    connection.execute("INSERT INTO meta.quarantine FROM other.meta.quarantine")
    for table, same, summed in (
        ("load_file", "register, file", ("n_read", "n_loaded", "n_quarantined")),
        ("load_note", 'register, file, "check", column_name', ("n_values",)),
    ):
        rest = "any_value(form) AS form, string_agg(sha256, '') AS sha256, " * (table[5] == "f")
        sums = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in summed)
        connection.execute(
            f"CREATE TEMP TABLE counted AS SELECT {same}, {rest}{sums} FROM"
            f" (FROM meta.{table} UNION ALL FROM other.meta.{table}) GROUP BY {same}"
        )
        connection.execute(f"TRUNCATE meta.{table}")
        connection.execute(f"INSERT INTO meta.{table} BY NAME FROM counted")
        connection.execute("DROP TABLE counted")
    connection.execute("DETACH other")


def _refuse_shared_contacts(connection: duckdb.DuckDBPyConnection) -> None:
    for register in REGISTERS:
        names = connection.execute(
            "SELECT file FROM meta.load_file WHERE register = ?", [register.name]
        ).fetchall()
        if register.key and names and _has_repeats(connection, register.table, register.key):
            raise SystemExit(f"{register.table}: parts have rows of the same key {register.key}")


def _has_repeats(connection: duckdb.DuckDBPyConnection, table: str, key: tuple[str, ...]) -> bool:
    repeated = f"SELECT 1 FROM {table} GROUP BY {', '.join(key)} HAVING count(*) > 1 LIMIT 1"
    return connection.execute(repeated).fetchone() is not None


def _describe(
    connection: duckdb.DuckDBPyConnection,
    delivery: Extracts,
    marts: list[Mart],
    settings: Settings,
) -> None:
    """Fill ``meta`` as the load of the whole would, from what the parts' loads counted."""
    mark = delivery.mark
    hashes = connection.execute("SELECT sha256 FROM meta.load_file ORDER BY register, file")
    named = ("seed", "scale", "first_year", "last_year", "scenario", "generator_version")
    connection.execute(
        "INSERT INTO meta.source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            bool(mark.get("is_synthetic", False)),
            fingerprint(*(str(row[0]) for row in hashes.fetchall())),
            list(settings.years),
            *(mark.get(name) for name in named),
        ],
    )
    record_benchmarks(connection, marts)
    record_folder(connection, delivery)
    everything = []
    for register in REGISTERS:
        loaded = [count_file(connection, file) for file in delivery.files[register.name]]
        record_register(connection, register, loaded)
        everything += loaded
    refuse_heavy_quarantine(connection, everything, settings.max_quarantine_share)
