"""Copies of a release for other tools: Parquet of tables, code lists and views, CSV in Danish form.

``datapackage.json`` beside them describes every Parquet file as a Frictionless Data Package
(https://specs.frictionlessdata.io): fields with type and meaning, keys and hash.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.catalogue import catalogue
from pipeline.manifest import UNPROTECTED, Run
from pipeline.warehouse.database.connection import quote_identifier, quote_text
from pipeline.warehouse.database.sqlfiles import SqlFile
from pipeline.warehouse.publication.releases import sha256_of, sync

PACKAGE = "datapackage.json"
#: Views with Danish headings, which are written as CSV as well, by the name of their file.
DANISH = {"ranking_danish": "rangliste", "practice_danish": "praksis"}
_TYPES = {
    **dict.fromkeys(("BIGINT", "INTEGER", "HUGEINT", "UBIGINT", "SMALLINT"), "integer"),
    **dict.fromkeys(("DOUBLE", "FLOAT"), "number"),
    **{"BOOLEAN": "boolean", "VARCHAR": "string", "DATE": "date", "TIMESTAMP": "datetime"},
}


@dataclass(frozen=True)
class _Copied:
    """A relation and the path of its Parquet file in the folder; ``key`` may be empty."""

    relation: str
    path: str
    key: tuple[str, ...]
    title: str


def copy_release(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[SqlFile],
    code_lists: tuple[str, ...],
    run: Run,
    folder: Path,
) -> None:
    """Write the copies of the release open in ``connection`` into ``folder``, and sync them.

    ``<table>.parquet`` of schema result, ``codes/<list>.parquet``, ``views/<view>.parquet`` of
    schema analysis, ``csv/*.csv`` and ``datapackage.json``.
    """
    for name in ("codes", "views", "csv"):
        (folder / name).mkdir()
    listed = []
    for file in tables:
        name = file.object.removeprefix("result.")
        listed.append(_Copied(file.object, f"{name}.parquet", file.key, catalogue()[name].comment))
        _copy(connection, listed[-1], run, folder, {"units": file.units, "caveat": file.caveat})
    for name in code_lists:
        listed.append(_Copied(f"codes.{name}", f"codes/{name}.parquet", (), f"Code list {name}."))
        _copy(connection, listed[-1], run, folder, {})
    views = connection.execute(
        "SELECT view_name, comment FROM duckdb_views() WHERE schema_name = 'analysis' ORDER BY ALL"
    ).fetchall()
    for name, comment in views:
        listed.append(_Copied(f"analysis.{name}", f"views/{name}.parquet", (), comment))
        _copy(connection, listed[-1], run, folder, {})
    for name, file_name in DANISH.items():
        mark = "".join(f"-{said.replace(' ', '-').replace('Å', 'AA')}" for said in run.marks)
        # As a Danish spreadsheet opens it: semicolons, decimal comma, UTF-8 that says so.
        connection.execute(f"SELECT * FROM analysis.{name}").df().to_csv(
            folder / "csv" / f"{file_name}{mark}.csv",
            sep=";",
            decimal=",",
            index=False,
            encoding="utf-8-sig",
            lineterminator="\r\n",
        )
    columns = _columns(connection)
    is_open = UNPROTECTED in run.marks
    protection = "is off: small counts are shown" if is_open else "has passed over counts"
    package = {
        "profile": "data-package",
        "name": f"tildeling-{run.run_id}".lower().replace("_", "-"),
        "id": run.run_id,
        "title": f"Tildeling {run.years}" + "".join(f" ({said})" for said in run.marks),
        "description": "Granted disability pensions and flexjobs against expectation, by "
        f"municipality; disclosure control {protection}.",
        "created": run.started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "keywords": list(run.marks),
        "resources": [_resource(one, columns[one.relation], folder) for one in listed],
    }
    text = json.dumps(package, ensure_ascii=False, indent=1)
    (folder / PACKAGE).write_text(text + "\n", encoding="utf-8")
    for copied in (*folder.rglob("*"), folder):
        sync(copied)


def _copy(
    connection: duckdb.DuckDBPyConnection,
    one: _Copied,
    run: Run,
    folder: Path,
    about: dict[str, str],
) -> None:
    said = {"run_id": run.run_id, **about}
    if run.marks:
        said["mark"] = " · ".join(run.marks)
    metadata = ", ".join(f"{name}: {quote_text(text)}" for name, text in said.items())
    key = ", ".join(map(quote_identifier, one.key)) or "ALL"
    connection.execute(
        f"COPY (SELECT * FROM {one.relation} ORDER BY {key})"
        f" TO {quote_text(str(folder / one.path))}"
        f" (FORMAT parquet, KV_METADATA {{{metadata}}})"
    )


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str, str | None]]]:
    """Return (name, type, comment) of the columns of every table and view, by its name, in order.

    Asked once: the answer opens every view.
    """
    rows = connection.execute(
        "SELECT concat(schema_name, '.', table_name), column_name, data_type, comment"
        " FROM duckdb_columns() WHERE database_name = current_database()"
        " ORDER BY schema_name, table_name, column_index"
    ).fetchall()
    columns: dict[str, list[tuple[str, str, str | None]]] = {}
    for relation, *column in rows:
        columns.setdefault(relation, []).append(tuple(column))
    return columns


def _resource(
    one: _Copied, columns: Sequence[tuple[str, str, str | None]], folder: Path
) -> dict[str, Any]:
    fields = [
        {
            "name": column,
            "type": _TYPES.get(kind, "any"),
            **({"description": comment} if comment else {}),
        }
        for column, kind, comment in columns
    ]
    # Null, and how readers that go by pandas tell it.
    declared: dict[str, Any] = {"fields": fields, "missingValues": ["", "nan"]}
    if one.key:
        declared["primaryKey"] = list(one.key)
    path = folder / one.path
    return {
        "name": one.path.removesuffix(".parquet").replace("/", "-").replace("_", "-"),
        "path": one.path,
        "title": one.title,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        # Not as "bytes" and "hash": frictionless counts neither of Parquet and calls it a fault.
        "sha256": sha256_of(path),
        "schema": declared,
    }
