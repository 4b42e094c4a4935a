"""A folder of Parquet parts under one name, as Spark, Dask and Arrow write: read as one file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.registers import REGISTERS
from pipeline.warehouse.database.connection import file_pattern, quote_text
from pipeline.warehouse.delivery.filenames import register_of
from pipeline.warehouse.delivery.values import has_zone, is_number, is_text


def parts_of(folder: Path) -> list[Path]:
    """Return the parts in ``folder`` and its sub-folders, in the order of their paths.

    Names that begin with ``_`` or ``.`` are notes of the program that wrote it. Raises
    ``ValueError`` when there is something else than parts, or no part.
    """
    parts: list[Path] = []
    for parent, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if not name.startswith(("_", ".")))
        for name in sorted(names):
            path = Path(parent) / name
            if name.startswith(("_", ".")):
                continue
            if path.suffix.lower() != ".parquet" or not path.is_file():
                raise ValueError(f"is a folder that holds {name}; expected Parquet parts alone")
            if not folder.suffix and register_of(path, REGISTERS) is not None:
                raise ValueError(
                    f"is a folder that holds {name}, a register's file; move it one folder up"
                )
            parts.append(path)
    if not parts:
        raise ValueError("is a folder without Parquet parts")
    return sorted(parts)


def join_parts(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    parts: Sequence[Path],
    types: Sequence[dict[str, str]],
    target: Path,
) -> int:
    """Return the number of rows after writing all ``parts``, one after the other, to ``target``.

    ``types`` are those of each part's columns. Raises ``ValueError`` when the parts do not have
    the same columns, or one is of another kind in another part; null columns are of any kind.
    """
    seen: dict[str, tuple[str, Path]] = {}
    for part, of_part in zip(parts, types, strict=True):
        if set(of_part) != set(types[0]):
            name = sorted(set(of_part) ^ set(types[0]))[0]
            without = part if name in types[0] else parts[0]
            raise ValueError(f"lacks the column {name} in its part {without.name}")
        for name, physical in of_part.items():
            kind = _kind(physical)
            other, first = seen.setdefault(name, (kind, part))
            if "NULL" in (kind, other):
                seen[name] = (kind, part) if other == "NULL" else (other, first)
            elif kind != other:
                raise ValueError(
                    f"column {name} is {other} in its part {first.name} and {kind} in {part.name}"
                )
    listed = ", ".join(quote_text(file_pattern(part)) for part in parts)
    row = connection.execute(
        f"COPY (FROM read_parquet([{listed}], hive_partitioning = false, union_by_name = true))"
        f" TO {quote_text(str(target))} (FORMAT parquet, COMPRESSION lz4_raw)"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _kind(physical: str) -> str:
    """Return the kind of a type: types of one kind become one without loss."""
    if physical.strip('"') == "NULL":
        return "NULL"
    if is_text(physical):
        return "text"
    if is_number(physical):
        return "number"
    if physical == "DATE" or (physical.startswith("TIMESTAMP") and not has_zone(physical)):
        return "date or moment"
    return physical
