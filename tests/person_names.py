"""Which person a pseudonym stands for: what only the holder of a home's key can say."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.warehouse.raw.pseudonymkey import KEY_FILE, PseudonymKey

REGISTERS = "registers.duckdb"


def key_of(home: Path) -> PseudonymKey:
    """Return the key made beside the registers of ``home``."""
    folder = (home / REGISTERS).resolve().parent
    return PseudonymKey((folder / KEY_FILE).read_bytes().strip())


def pseudonyms(home: Path, persons: Iterable[str]) -> dict[str, str]:
    """Return the pseudonym in ``home`` of each of ``persons``."""
    listed = sorted(set(persons))
    return dict(zip(listed, key_of(home).pseudonyms(pa.array(listed)).to_pylist(), strict=True))


def names(home: Path, persons: Iterable[str]) -> dict[str, str]:
    """Return which of ``persons`` each pseudonym in ``home`` stands for."""
    return {pseudonym: person for person, pseudonym in pseudonyms(home, persons).items()}


def add_names(
    connection: duckdb.DuckDBPyConnection, home: Path, persons: Iterable[str] | pa.Array
) -> None:
    """Make the temporary table ``person_name``: person_id (the pseudonym) and name."""
    listed = persons if isinstance(persons, pa.Array) else pa.array(sorted(set(persons)))
    known = pa.table({"person_id": key_of(home).pseudonyms(listed), "name": listed})
    connection.execute("CREATE TEMP TABLE person_name AS SELECT * FROM known")
    del known
