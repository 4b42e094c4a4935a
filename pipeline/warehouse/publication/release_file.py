"""Building a release: its tables, the views and macros over them, and Parquet copies."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import duckdb
import pandas as pd

from pipeline.disclosure.door import ProtectedFrames
from pipeline.errors import PublishError
from pipeline.manifest import Run
from pipeline.warehouse.database.connection import create, transaction
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
    *("diagnosis_group", "diagnosis_range", "factor", "framework_condition", "main_level"),
    *("municipality", "municipality_history", "municipality_tile", "outcome", "pathway"),
    "state_group",
)


def build_release(path: Path, frames: ProtectedFrames, run: Run, parquet: Path) -> None:
    """Write the database ``path`` and its copies (:mod:`.package`) into the new folder ``parquet``.

    ``frames`` has one frame per table of ``RESULT_TABLES`` but ``run``, without ``run_id``, as
    disclosure control returned them; others are refused. Raises :class:`PublishError` when a frame
    does not fit its table, :class:`StorageError` when not all of it could be written.
    """
    if not isinstance(frames, ProtectedFrames):
        raise PublishError("frames that did not go through disclosure control cannot be published")
    of_run = pd.DataFrame([asdict(run)])
    for moment in ("started_at", "finished_at"):
        of_run[moment] = pd.to_datetime(of_run[moment], utc=True).dt.tz_localize(None)
    parquet.mkdir()
    with create(path) as connection:
        with transaction(connection):
            run_sql_files(connection, _RESULT)
            for file in _RESULT:
                table = file.object.removeprefix("result.")
                frame = of_run if table == "run" else frames[table].assign(run_id=run.run_id)
                _insert(connection, file, frame)
            build_codes(connection, CODE_LISTS)
            run_sql_files(connection, analysis_files("benchmark"))
        copy_release(connection, _RESULT, CODE_LISTS, run, parquet)
        # Closing would do it too, but says nothing when the disk is full.
        connection.execute("CHECKPOINT")
    refuse_log(path)


def _insert(connection: duckdb.DuckDBPyConnection, file: SqlFile, frame: pd.DataFrame) -> None:
    declared = [
        name
        for (name,) in connection.execute(
            "SELECT column_name FROM duckdb_columns()"
            " WHERE schema_name || '.' || table_name = ? ORDER BY column_index",
            [file.object],
        ).fetchall()
    ]
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
