"""Building a release: its tables, the views and macros over them, and Parquet copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import duckdb
import pandas as pd

from pipeline.disclosure.door import ProtectedFrames
from pipeline.errors import PublishError
from pipeline.manifest import UNPROTECTED, Run
from pipeline.warehouse.database.connection import (
    create,
    quote_identifier,
    quote_text,
    read_only,
    transaction,
)
from pipeline.warehouse.database.replacement import refuse_log
from pipeline.warehouse.database.sqlfiles import (
    SqlFile,
    analysis_files,
    read_folder,
    run_sql_files,
)
from pipeline.warehouse.marts.build import build_codes
from pipeline.warehouse.publication.package import copy_release

_RESULT = read_folder("result")
#: What each published table declares to protect the persons in it.
DISCLOSURE = {file.object.removeprefix("result."): file.disclosure for file in _RESULT}
#: The published tables, one per file of ``sql/result``.
RESULT_TABLES = tuple(file.object.removeprefix("result.") for file in _RESULT)
#: The code lists that go with them: what codes mean, and the order of bands.
CODE_LISTS = (
    *("diagnosis_group", "diagnosis_range", "diagnosis_subgroup"),
    *("factor", "framework_condition", "main_level"),
    *("municipality", "municipality_history", "municipality_tile", "outcome", "pathway"),
    "state_group",
)


def build_release(path: Path, runs: Sequence[tuple[ProtectedFrames, Run]]) -> None:
    """Write the database ``path``.

    ``runs`` have one frame per table of ``RESULT_TABLES`` but ``run``, without ``run_id``, as
    disclosure control returned them, and what they are the results of; others are refused. Raises
    :class:`PublishError` when a frame does not fit its table, :class:`StorageError` when not all of
    it could be written.
    """
    if not all(isinstance(frames, ProtectedFrames) for frames, _ in runs):
        raise PublishError("frames that did not go through disclosure control cannot be published")
    missing = sorted({t for frames, _ in runs for t in RESULT_TABLES if t not in ("run", *frames)})
    if missing:
        raise PublishError(
            f"there is no frame for {', '.join(f'result.{name}' for name in missing)}.",
            expected="a frame for every table of the catalogue",
            next_step="make it in model/tables or descriptives and call for it in night/results.py",
        )
    of_run = pd.DataFrame([asdict(run) for _, run in runs])
    for moment in ("started_at", "finished_at"):
        of_run[moment] = pd.to_datetime(of_run[moment], utc=True).dt.tz_localize(None)
    with create(path) as connection:
        with transaction(connection):
            run_sql_files(connection, _RESULT)
            for file in _RESULT:
                table = file.object.removeprefix("result.")
                if table == "run":
                    _insert(connection, file, of_run)
                    continue
                for frames, run in runs:
                    _insert(connection, file, frames[table].assign(run_id=run.run_id))
            build_codes(connection, CODE_LISTS)
            if any(UNPROTECTED in run.marks for _, run in runs):
                _mark_unprotected(connection)
            _build_now(connection)
            run_sql_files(connection, analysis_files("benchmark"))
        # Closing would do it too, but says nothing when the disk is full.
        connection.execute("CHECKPOINT")
    refuse_log(path)


def write_copies(path: Path, run: Run, folder: Path) -> None:
    """Write the copies (:mod:`.package`) of the release ``path`` into the new ``folder``.

    ``run`` is its first.
    """
    folder.mkdir()
    with read_only(path) as connection:
        copy_release(connection, _RESULT, CODE_LISTS, run, folder)


def _mark_unprotected(connection: duckdb.DuckDBPyConnection) -> None:
    """Say in the comment of every result table that small counts are shown."""
    described = connection.execute(
        "SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'result'"
    ).fetchall()
    connection.execute(
        ";\n".join(
            f"COMMENT ON TABLE result.{quote_identifier(table)}"
            f" IS {quote_text(f'{UNPROTECTED}. {comment}')}"
            for table, comment in described
        )
    )


def _build_now(connection: duckdb.DuckDBPyConnection) -> None:
    """Make schema ``now``: the tables of schema result with the rows of the first run alone."""
    described = connection.execute(
        "SELECT table_name, NULL, comment FROM duckdb_tables() WHERE schema_name = 'result'"
        " UNION ALL SELECT table_name, column_name, comment FROM duckdb_columns()"
        " WHERE schema_name = 'result'"
    ).fetchall()
    first = "WHERE run_id = (SELECT run_id FROM result.run WHERE run_order = 1)"
    made = ["CREATE SCHEMA now"]
    made += [f'CREATE VIEW now."{t}" AS SELECT * FROM result."{t}" {first}' for t in RESULT_TABLES]
    for table, column, comment in described:
        view = f"now.{quote_identifier(table)}"
        what = f"VIEW {view}" if column is None else f"COLUMN {view}.{quote_identifier(column)}"
        said = f"First run: {comment}" if column is None else str(comment)
        made.append(f"COMMENT ON {what} IS {quote_text(said)}")
    connection.execute(";\n".join(made))


def _insert(connection: duckdb.DuckDBPyConnection, file: SqlFile, frame: pd.DataFrame) -> None:
    declared = connection.table(file.object).columns
    unknown, missing = set(frame.columns) - set(declared), set(declared) - set(frame.columns)
    if unknown or missing:
        raise PublishError(
            f"{file.object} does not fit its frame.",
            expected=", ".join(declared),
            found=f"unknown {sorted(unknown)}, missing {sorted(missing)}",
        )
    if frame.empty:
        return
    ordered = frame.sort_values(list(file.key), kind="stable")[declared]
    connection.register("published_frame", ordered)
    connection.execute(f"INSERT INTO {file.object} BY NAME SELECT * FROM published_frame")
    connection.unregister("published_frame")
