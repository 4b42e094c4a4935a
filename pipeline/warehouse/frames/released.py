"""The runs of a published release as they were given to it, so that another can carry them on."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from pipeline.catalogue import catalogue
from pipeline.manifest import Run
from pipeline.warehouse.database.connection import read_only

#: Whole numbers and yes or no that may be empty stay what they are.
_TYPES = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype()}
Frames = dict[str, pd.DataFrame]


def released_runs(published: Path) -> list[Run]:
    """Return the runs of the release file ``published``, in their order; times are UTC.

    None where the release is of a version that told other things of a run.
    """
    names = [field.name for field in fields(Run)]
    with read_only(published) as connection:
        rows = connection.execute("SELECT * FROM result.run").df()
    if set(rows) != set(names):
        return []
    runs = []
    for row in rows.sort_values("run_order").to_dict("records"):
        values: dict[str, Any] = {
            str(name): None if pd.isna(value) else value for name, value in row.items()
        }
        for moment in ("started_at", "finished_at"):
            values[moment] = values[moment].to_pydatetime().replace(tzinfo=UTC)
        runs.append(Run(**values))
    return runs


def released_frames(published: Path, run_id: str) -> Frames | None:
    """Return the frames of the run ``run_id`` by table, without ``run`` and column ``run_id``.

    Rows are ordered by the key of their table. None where the release is of a version with other
    tables or columns than this one.
    """
    frames: Frames = {}
    with read_only(published) as connection:
        columns = connection.execute(
            "SELECT table_name, list(column_name) FROM duckdb_columns()"
            " WHERE schema_name = 'result' GROUP BY table_name"
        ).fetchall()
        there = {name: set(of) for name, of in columns}
        if there != {name: {field.name for field in of.fields} for name, of in catalogue().items()}:
            return None
        for name, of in catalogue().items():
            if name == "run":
                continue
            order = ", ".join(f'"{key}"' for key in of.key_within_run) or "ALL"
            rows = connection.execute(
                f'SELECT * EXCLUDE (run_id) FROM result."{name}" WHERE run_id = ? ORDER BY {order}',
                [run_id],
            ).to_arrow_table()
            frames[name] = rows.to_pandas(types_mapper=_TYPES.get)
    return frames
