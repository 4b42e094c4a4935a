"""Whether ``registers.duckdb`` holds what this version makes, with the settings of now."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.errors import StorageError
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.database.sqlfiles import read_folder
from pipeline.warehouse.marts.build import variables_of
from pipeline.warehouse.marts.fingerprints import file_rules

_N_NAMED = 3


def refuse_outdated(registers: Path, settings: Settings) -> None:
    """Raise :class:`StorageError` where core or mart of ``registers`` is not what is made now.

    A database of an older version lacks tables and columns, or has others under their names; one
    of other settings counts other ages or look-backs. ``meta.built`` knows what each was made by.
    """
    try:
        with connect(registers, read_only=True) as connection:
            built = dict(connection.execute("SELECT object, rules FROM meta.built").fetchall())
    except duckdb.CatalogException:
        built = {}
    variables = variables_of(settings)
    different = [
        file.object
        for file in (*read_folder("core"), *read_folder("mart"))
        if built.get(file.object) != file_rules(file, variables)
    ]
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
