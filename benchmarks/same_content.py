"""Whether two databases, releases or folders hold the same, whatever the order of their rows."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

import duckdb

#: Of a release: the name of the run, and when and from where it was made.
OF_RUN = frozenset({"run_id", "started_at", "finished_at"})


def contents(
    database: Path, schemas: str, columns_left_out: Collection[str] = ()
) -> dict[str, tuple[int, int]]:
    """Return rows and an order-free hash of each table and view of ``schemas`` (a pattern).

    The hash is the sum of 64-bit hashes of rows, so that repeats count.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("SET disabled_optimizers = 'common_subplan'")
        listed = connection.execute(
            "SELECT concat(table_schema, '.', table_name), list(column_name ORDER BY column_name)"
            " FROM information_schema.columns WHERE regexp_full_match(table_schema, ?)"
            " GROUP BY ALL ORDER BY ALL",
            [schemas],
        ).fetchall()
        return {table: _hash(connection, table, columns_left_out, own) for table, own in listed}


def parquet_contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Return rows and an order-free hash of each Parquet file of ``folder``, but for the run."""
    with duckdb.connect() as connection:
        found = {}
        for path in sorted(folder.glob("*.parquet")):
            relation = connection.read_parquet(str(path))
            found[path.stem] = _hash(connection, f"'{path}'", OF_RUN, relation.columns)
        return found


def _hash(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    left_out: Collection[str],
    columns: Collection[str],
) -> tuple[int, int]:
    kept = ", ".join(f'"{name}"' for name in columns if name not in left_out)
    row = connection.execute(
        f"SELECT count(*), coalesce(sum(CAST(hash({kept}) AS HUGEINT)), 0) FROM {table}"
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def bytes_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in ``folder`` by its path there."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def differing(one: dict[str, object], other: dict[str, object]) -> list[str]:
    """Return the names of which the two say something else, or one nothing."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
