"""From a delivered file of any format to a Parquet file that the load reads.

Parquet is read where it lies. CSV and SAS files are first copied, rows in order, to a private
folder; that copy is also what finds out whether the file is whole.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipeline.warehouse.database.connection import quote_identifier
from pipeline.warehouse.delivery.csvfiles import CsvLayout, csv_to_parquet, read_layout
from pipeline.warehouse.delivery.encodings import find_encoding, header_encoding, transcode
from pipeline.warehouse.delivery.filenames import FORMATS
from pipeline.warehouse.delivery.sasfiles import sas_header, sas_to_parquet


@dataclass(frozen=True)
class Header:
    """What the top of a file says: column names in order, and its form in words.

    ``layout`` is set for CSV. ``form`` is for example ``CSV, semicolon, UTF-8``.
    """

    names: tuple[str, ...]
    form: str
    layout: CsvLayout | None = None


@dataclass(frozen=True)
class Staged:
    """A whole file: the Parquet file to read, DuckDB type per column, rows, and form in words."""

    parquet: Path
    types: dict[str, str]
    n_rows: int
    form: str


def read_header(
    connection: duckdb.DuckDBPyConnection, path: Path, wanted: Collection[str]
) -> Header:
    """Return the header of ``path``, reading little more; ``wanted`` are upper-case column names.

    Raises ``ValueError`` with the fault in words when the file has none.
    """
    if path.stat().st_size == 0:
        raise ValueError("is empty (0 bytes)")
    kind = FORMATS[path.suffix.lower()]
    if kind == "parquet":
        return Header(_parquet_names(connection, path), "Parquet")
    if kind == "sas":
        return Header(tuple(sas_header(path)), "SAS")
    layout = read_layout(path, wanted, header_encoding(path))
    if not layout.header:
        raise ValueError("has no header")
    return Header(layout.header, layout.form, layout)


def stage(
    connection: duckdb.DuckDBPyConnection, path: Path, header: Header, folder: Path
) -> Staged:
    """Return ``path`` ready to be read; copies of CSV and SAS files lie in ``folder``.

    Raises ``ValueError`` with the fault in words when the file is not whole.
    """
    kind = FORMATS[path.suffix.lower()]
    if kind == "parquet":
        return Staged(path, _types(connection, path), _parquet_rows(connection, path), header.form)
    target = folder / f"{path.name}.parquet"
    if kind == "sas":
        n_rows = sas_to_parquet(path, target)
        types = _types(connection, target) if n_rows else dict.fromkeys(header.names, "VARCHAR")
        return Staged(target, types, n_rows, header.form)
    assert header.layout is not None
    return _stage_csv(connection, path, header.layout, folder, target)


def _stage_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    layout: CsvLayout,
    folder: Path,
    target: Path,
) -> Staged:
    found = find_encoding(path)
    if found.fault:
        raise ValueError(found.fault)
    # The names are the same in the encoding of the whole file as in that of the first line.
    layout = replace(layout, encoding=found.encoding)
    types = dict.fromkeys(layout.columns, "VARCHAR")
    if found.is_utf8:
        return Staged(target, types, csv_to_parquet(connection, path, layout, target), layout.form)
    transcoded = folder / f"{path.name}.utf8"
    try:
        transcode(path, found.encoding, transcoded)
        n_rows = csv_to_parquet(connection, transcoded, layout, target)
    finally:
        transcoded.unlink(missing_ok=True)
    return Staged(target, types, n_rows, layout.form)


def decimal_mark_faults(
    connection: duckdb.DuckDBPyConnection, staged: Staged, numbers: Collection[str]
) -> list[str]:
    """Return the text columns of ``numbers`` (names in the file) that use both decimal marks.

    Where 1.234 and 12,5 stand in one column, nobody can know whether 1.234 is a thousand.
    """
    text = [name for name in numbers if staged.types[name] == "VARCHAR"]
    if not text:
        return []
    counts = ", ".join(
        f"bool_or(contains({c}, ',')) AND bool_or(contains({c}, '.'))"
        for c in map(quote_identifier, text)
    )
    row = connection.execute(
        f"SELECT {counts} FROM read_parquet(?, hive_partitioning = false)", [str(staged.parquet)]
    ).fetchone()
    assert row is not None
    return [
        f"column {name} has numbers with decimal comma and numbers with decimal point"
        for name, is_mixed in zip(text, row, strict=True)
        if is_mixed
    ]


_NOT_PARQUET = "is not a whole Parquet file (truncated or damaged)"


def _parquet_names(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, ...]:
    """Return the names of the top-level columns as the file has them."""
    try:
        # DESCRIBE would rename the second of two equal names; the schema has nested ones too.
        rows = connection.execute(
            "SELECT name, coalesce(num_children, 0) FROM parquet_schema(?)", [str(path)]
        ).fetchall()
    except duckdb.Error:
        raise ValueError(_NOT_PARQUET) from None
    names: list[str] = []
    n_inner = 0
    for name, n_children in rows[1:]:
        if n_inner == 0:
            names.append(str(name))
        else:
            n_inner -= 1
        n_inner += int(n_children)
    return tuple(names)


def _types(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    try:
        described = connection.execute(
            "DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning = false)", [str(path)]
        ).fetchall()
    except duckdb.Error:
        raise ValueError(_NOT_PARQUET) from None
    return {str(row[0]): str(row[1]) for row in described}


def _parquet_rows(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    counted = connection.execute(
        "SELECT sum(num_rows) FROM parquet_file_metadata(?)", [str(path)]
    ).fetchone()
    assert counted is not None
    return int(counted[0])
