"""Opening DuckDB: limits, no downloads, and errors a user can act on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import duckdb

from pipeline.errors import StorageError
from pipeline.registers import ZONE
from pipeline.warehouse.database.memory import duckdb_bytes
from pipeline.warehouse.database.scratch import held

MEMORY = ":memory:"
#: Written into every database file, so that DuckDB 1.5 clients can open it too.
STORAGE_VERSION = "v1.5.0"
#: Off: it makes one plan of two that differ, and loses rows (docs/duckdb_versions.md).
_DISABLED_OPTIMIZERS = "common_subplan"


@contextmanager
def connect(
    path: Path | str,
    *,
    read_only: bool,
    memory_limit: str = "4GB",
    threads: int = 1,
    storage_version: str | None = STORAGE_VERSION,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to the database file ``path`` (or ``":memory:"``) and close it after.

    ``memory_limit`` (``"4GB"``) is that of the whole process, of which DuckDB gets what is left
    (:mod:`.memory`); ``threads`` is a count: one unless told, since a statement about few rows
    takes twice as long where a second thread waits to share it. Data that does not fit in memory
    spills to a private folder beside the file, removed on closing. A new file is written in
    ``storage_version``. No extension is ever downloaded.

    Raises :class:`StorageError` when the file is missing (read-only), held by another process,
    not a database, or when memory or disk runs out inside the block; ``KeyboardInterrupt`` when a
    signal ends a query.
    """
    in_memory = str(path) == MEMORY
    file = Path(path)
    if read_only and not in_memory and not file.exists():
        raise StorageError(
            f"there is no database {file}", next_step="run `tildeling load` (or `nightly`) first."
        )
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if storage_version and not read_only:
        config["storage_compatibility_version"] = storage_version
    with ExitStack() as scratch:
        spill = None if in_memory else _spill_folder(file, scratch)
        if spill is not None:
            config["temp_directory"] = str(spill)
        try:
            connection = duckdb.connect(str(path), read_only=read_only, config=config)
        except duckdb.Error as error:
            raise _opening_error(file, error) from None
        try:
            # Not in the configuration: a second connection to the file must have the same one.
            connection.execute(f"SET memory_limit = '{duckdb_bytes(memory_limit) // 2**20}MiB'")
            connection.execute(f"SET disabled_optimizers = '{_DISABLED_OPTIMIZERS}'")
            # Else what day a moment belongs to depends on the machine.
            connection.execute(f"SET TimeZone = '{ZONE}'")
            yield connection
        except duckdb.Error as error:
            if not _is_of_storage(error):
                raise
            raise _running_error(file, memory_limit, error) from error
        except RuntimeError as error:
            # So says DuckDB where a signal came while it worked, whatever the handler raised.
            if str(error) != "Query interrupted":
                raise
            raise KeyboardInterrupt from None
        finally:
            connection.close()


@contextmanager
def read_only(path: Path | str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a read-only connection to an existing database; errors as :func:`connect`."""
    with connect(path, read_only=True) as connection:
        yield connection


@contextmanager
def create(path: Path | str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to a new or existing database for writing; errors as :func:`connect`."""
    with connect(path, read_only=False) as connection:
        yield connection


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did, all together; many small statements are far faster so."""
    connection.begin()
    try:
        yield
    except BaseException:
        # After a full disk the connection can do nothing more; the first error says what was wrong.
        with suppress(duckdb.Error):
            connection.rollback()
        raise
    connection.commit()


@contextmanager
def any_order(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let inserts in the block store rows in any order, which spares a rewrite at checkpoint.

    Only for tables that nobody reads in stored order; queries in the block may come unsorted.
    """
    connection.execute("SET preserve_insertion_order = false")
    yield
    # Not in a finally: after an error in a transaction no statement would run.
    connection.execute("SET preserve_insertion_order = true")


def _spill_folder(file: Path, scratch: ExitStack) -> Path | None:
    """Return a new folder only this user can read, or None where none can be made.

    It lies beside the file itself, not beside a link to it: what spills from microdata stays in
    the folder that is closed to others.
    """
    real = file.resolve()
    spill = real.with_name(f"{real.name}.tmp-{os.getpid()}")
    try:
        spill.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return scratch.enter_context(held(spill))


def _opening_error(file: Path, error: duckdb.Error) -> StorageError:
    text = str(error)
    if "lock" in text.lower():
        holder = re.search(r"held in (.+?) \(PID (\d+)\)", text)
        reason = (
            f"process {holder.group(2)} ({holder.group(1)}) holds it"
            if holder
            else "another process holds it"
        )
        return StorageError(
            f"the database {file} is in use",
            expected="no other process that writes to it",
            found=reason,
            next_step="close that program or wait until it ends, then run the command again.",
        )
    return StorageError(
        f"the database {file} cannot be opened",
        found=text.splitlines()[0],
        next_step="check the path and the file's permissions, or build it again with "
        "`tildeling load`.",
    )


#: What DuckDB says of a disk when the error itself is of a transaction that could not be committed.
_DISK = re.compile(
    "No space left|quota|File too large|Input/output error|Read-only file system"
    "|Could not (write|read|truncate|sync|fsync)",
    re.IGNORECASE,
)


def _is_of_storage(error: duckdb.Error) -> bool:
    """Return whether ``error`` comes from memory or disk, not from what was asked."""
    if isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException):
        return True
    return _DISK.search(str(error)) is not None


def _running_error(file: Path, memory_limit: str, error: duckdb.Error) -> StorageError:
    if isinstance(error, duckdb.OutOfMemoryException):
        return StorageError(
            f"DuckDB ran out of memory while working on {file.name}",
            expected=f"the work to fit in memory_limit = {memory_limit}",
            next_step="raise memory_limit (TILDELING_MEMORY_LIMIT) or free disk space to spill to.",
        )
    return StorageError(
        f"reading or writing failed while working on {file.name}",
        found=str(error).splitlines()[0],
        next_step="check free disk space and that the files are still in place.",
    )


def quote_identifier(name: str) -> str:
    """Return ``name`` quoted as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


#: The column of a register's yearly files, whole numbers.
_FILE_YEAR = "FILE_YEAR"


def count_keys(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    key: Sequence[str],
    parameters: Sequence[object] = (),
) -> tuple[int, int]:
    """Return the rows of ``relation``, SQL with ``parameters``, and its different keys.

    Keys can only be too few: where two that differ share a hash of 64 bits, or all but the year
    and that by a multiple of 64. Of someone's yearly files the years are marked as bits, which for
    ten years takes half as long as a hash of every row.
    """
    if len(key) == 2 and _FILE_YEAR in key:
        (other,) = (quote_identifier(name) for name in key if name != _FILE_YEAR)
        marked = f"bit_or(CAST(1 AS UBIGINT) << ({_FILE_YEAR} % 64))"
        counted = (
            "SELECT coalesce(sum(n_rows), 0), coalesce(sum(n_years), 0) FROM"
            f" (SELECT count(*) AS n_rows, bit_count({marked}) AS n_years FROM {relation}"
            f" GROUP BY {other})"
        )
    else:
        names = ", ".join(map(quote_identifier, key))
        counted = f"SELECT count(*), count(DISTINCT hash({names})) FROM {relation}"
    row = connection.execute(counted, parameters).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def file_pattern(path: Path | str) -> str:
    """Return the pattern that stands for ``path`` alone, for DuckDB functions that take patterns.

    As it is, a folder called ``a*b`` would also stand for its neighbours.
    """
    return re.sub(r"([*?[])", r"[\1]", str(path))


def quote_text(text: str) -> str:
    """Return ``text`` quoted as an SQL string, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"
