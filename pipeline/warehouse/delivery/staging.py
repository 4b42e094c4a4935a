"""From a delivered file of any format to a Parquet file that the load reads.

Parquet is read where it lies. CSV and SAS files, and folders of Parquet parts, are first copied,
rows in order, to a private folder; that copy is also what finds out whether the file is whole.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipeline.warehouse.database.connection import file_pattern
from pipeline.warehouse.delivery.csvfiles import CsvLayout, csv_to_parquet, read_layout
from pipeline.warehouse.delivery.encodings import find_encoding, header_encoding, transcode
from pipeline.warehouse.delivery.filenames import FORMATS
from pipeline.warehouse.delivery.partfolders import join_parts, parts_of
from pipeline.warehouse.delivery.sasfiles import SasHeader, sas_header, sas_to_parquet


@dataclass(frozen=True)
class Header:
    """What the top of a file says: column names in order, and its form in words.

    ``layout`` is set for CSV, ``sas`` for SAS, ``parts`` for a folder of Parquet parts. ``form`` is
    for example ``CSV, semicolon, UTF-8``.
    """

    names: tuple[str, ...]
    form: str
    layout: CsvLayout | None = None
    sas: SasHeader | None = None
    parts: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Staged:
    """A whole file: the Parquet file to read, type per column, rows, and form in words.

    Types are DuckDB's, or ``SAS_DAYS``. ``n_deleted`` rows were left out: SAS has marked them.
    """

    parquet: Path
    types: dict[str, str]
    n_rows: int
    form: str
    n_deleted: int = 0


def read_header(
    connection: duckdb.DuckDBPyConnection, path: Path, wanted: Collection[str]
) -> Header:
    """Return the header of ``path``, reading little more; ``wanted`` are upper-case column names.

    Raises ``ValueError`` with the fault in words when the file has none.
    """
    if path.is_dir():
        parts = tuple(parts_of(path))
        noun = "part" if len(parts) == 1 else "parts"
        return Header(
            _parquet_names(connection, parts[0]), f"Parquet, {len(parts)} {noun}", parts=parts
        )
    if path.stat().st_size == 0:
        raise ValueError("is empty (0 bytes)")
    kind = FORMATS[path.suffix.lower()]
    if kind == "parquet":
        return Header(_parquet_names(connection, path), "Parquet")
    if kind == "sas":
        sas = sas_header(path)
        return Header(sas.names, "SAS", sas=sas)
    layout = read_layout(path, wanted, header_encoding(path))
    if not layout.header:
        raise ValueError("has no header")
    return Header(layout.header, layout.form, layout)


def stage(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    header: Header,
    folder: Path,
    used: Collection[str],
    dates: Collection[str],
) -> Staged:
    """Return ``path`` ready to be read; copies of what is not one Parquet file lie in ``folder``.

    ``used`` are the columns that are declared, by their names in the file, ``dates`` those declared
    as dates; a copy of a SAS file has no others. Raises ``ValueError`` with the fault in words when
    the file is not whole.
    """
    target = folder / f"{path.name}.parquet"
    if header.parts:
        types = [_types(connection, part) for part in header.parts]
        n_rows = join_parts(connection, path, header.parts, types, target)
        return Staged(target, _types(connection, target), n_rows, header.form)
    if header.sas is not None:
        of_sas = sas_to_parquet(path, header.sas, used, dates, target)
        return Staged(target, of_sas, header.sas.n_rows, header.form, header.sas.n_deleted)
    if header.layout is not None:
        return _stage_csv(connection, path, header.layout, folder, target)
    return Staged(path, _types(connection, path), _parquet_rows(connection, path), header.form)


def _stage_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    layout: CsvLayout,
    folder: Path,
    target: Path,
) -> Staged:
    scan = find_encoding(path)
    if scan.fault:
        raise ValueError(scan.fault)
    # The names are the same in the encoding of the whole file as in that of the first line.
    layout = replace(layout, encoding=scan.encoding)
    types = dict.fromkeys(layout.columns, "VARCHAR")
    if scan.is_utf8:
        return Staged(target, types, csv_to_parquet(connection, path, layout, target), layout.form)
    transcoded = folder / f"{path.name}.utf8"
    try:
        transcode(path, scan.encoding, transcoded)
        n_rows = csv_to_parquet(connection, transcoded, layout, target)
    finally:
        transcoded.unlink(missing_ok=True)
    return Staged(target, types, n_rows, layout.form)


_NOT_PARQUET = "is not a whole Parquet file (truncated or damaged)"


def _parquet_names(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, ...]:
    """Return the names of the top-level columns as the file has them."""
    try:
        # DESCRIBE would rename the second of two equal names; the schema has nested ones too.
        rows = connection.execute(
            "SELECT name, coalesce(num_children, 0) FROM parquet_schema(?)", [file_pattern(path)]
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
            "DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning = false)",
            [file_pattern(path)],
        ).fetchall()
    except duckdb.Error:
        raise ValueError(_NOT_PARQUET) from None
    return {str(row[0]): str(row[1]) for row in described}


def _parquet_rows(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    counted = connection.execute(
        "SELECT sum(num_rows) FROM parquet_file_metadata(?)", [file_pattern(path)]
    ).fetchone()
    assert counted is not None
    return int(counted[0])
