"""Whether ``registers.duckdb`` holds what this version makes, with the settings of now."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.errors import StorageError
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.database.sqlfiles import read_folder
from pipeline.warehouse.marts.build import variables_of
from pipeline.warehouse.marts.fingerprints import file_rules, fingerprint
from pipeline.warehouse.marts.questions import MART, asked_marts, files_of

_N_NAMED = 3


def refuse_outdated(registers: Path, settings: Settings) -> None:
    """Raise :class:`StorageError` where core or mart of ``registers`` is not what is made now.

    A database of an older version lacks tables and columns, or has others under their names; one
    of other settings counts other ages or look-backs. ``meta.built`` knows what each was made by.
    """
    asked = asked_marts(settings)
    try:
        with connect(registers, read_only=True) as connection:
            built = dict(connection.execute("SELECT object, rules FROM meta.built").fetchall())
            schemas = [mart_of(connection, one) for one, _ in asked]
    except duckdb.CatalogException:
        built, schemas = {}, [MART for _ in asked]
    # Core is the same of every benchmark asked for, and named once.
    different = list(
        dict.fromkeys(
            name
            for (one, wanted), schema in zip(asked, schemas, strict=True)
            for name, rules in _expected(one, schema, wanted).items()
            if built.get(name) != rules
        )
    )
    if different:
        more = len(different) - _N_NAMED
        raise StorageError(
            f"{registers} was loaded by another version of Tildeling or with other settings",
            expected="core and mart as this version makes them, with the settings of now",
            found="missing, or made in another way: "
            + ", ".join(different[:_N_NAMED])
            + (f" and {more} more" if more > 0 else ""),
            next_step="run `tildeling load --extracts DIR` again; it makes anew only what differs.",
        )


def _expected(settings: Settings, schema: str, wanted: tuple[str, ...]) -> dict[str, str]:
    """Return the fingerprint of what makes each object of core, and of the mart in ``schema``."""
    variables = variables_of(settings)
    return {
        **{file.object: file_rules(file, variables) for file in read_folder("core")},
        **{
            f"{schema}.{file.path.stem}": file_rules(file, variables)
            for file in files_of(settings, wanted)
        },
    }


def mart_of(connection: duckdb.DuckDBPyConnection, settings: Settings | None) -> str:
    """Return the schema with the mart of the benchmark of ``settings``.

    ``mart``, that of the first, without settings, for a benchmark that the registers were not
    loaded for, and in a database that does not tell.
    """
    if settings is None:
        return MART
    try:
        row = connection.execute(
            "SELECT schema_name FROM meta.benchmark WHERE benchmark = ?", [settings.question.name]
        ).fetchone()
    except duckdb.CatalogException:
        row = None
    return str(row[0]) if row else MART


def content_read(registers: Path, settings: Settings) -> str:
    """Return the fingerprint of what a fit under ``settings`` reads of core and mart.

    Marts of benchmarks that ``settings`` do not ask for are left out.
    """
    with connect(registers, read_only=True) as connection:
        marts = [mart_of(connection, one) for one, _ in asked_marts(settings)]
        built = connection.execute(
            "SELECT object, content FROM meta.built"
            " WHERE split_part(object, '.', 1) IN (SELECT unnest(?)) ORDER BY object",
            [["raw", "codes", "core", *marts]],
        ).fetchall()
    return fingerprint(*marts, *(part for row in built for part in row))


def baseline_years_of(connection: duckdb.DuckDBPyConnection, settings: Settings) -> tuple[int, ...]:
    """Return the years of the mart of ``settings`` where it is of a window to measure from."""
    if mart_of(connection, settings) == MART:
        return ()
    row = connection.execute(
        "SELECT years_at_risk FROM meta.benchmark WHERE benchmark = ?", [settings.question.name]
    ).fetchone()
    return tuple(row[0]) if row else ()
