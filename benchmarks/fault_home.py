"""What lies in a home: its content, whether it is whole, what was left behind; and its readers."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

Content = dict[str, tuple[int, str]]

#: Columns that say when a run was made, not what it found.
_ABOUT_THE_RUN = {"run_id", "started_at", "finished_at", "code_version"}
_HOME = {
    *(".lock", "archive", "benchmark.duckdb", "parquet", "registers.duckdb", "releases", "report"),
    *("restricted", "quarantine", "logs", "journal", "prefect", "extracts", "fits"),
}
#: Expected grants are published with two decimals; how far 98 of them may be off their sum.
_ROUNDED_GAP = 98 * 0.01 / 2
_LEFTOVER = (
    *("*.next", "*.next-*", "*.next.*", "*.tmp", "*.tmp-*", "*.wal", "*.wal.*"),
    *("unpublished*", ".report*", "report-*", "*.utf8"),
)


def content_of(path: Path, schema: str | None = None) -> Content:
    """Return rows and a hash of the rows, in any order, of every table of the database ``path``."""
    with duckdb.connect(str(path), read_only=True) as connection:
        columns: dict[str, list[str]] = {}
        for name, table, column in connection.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns()"
            " WHERE NOT internal AND table_name IN (SELECT table_name FROM duckdb_tables())"
            " ORDER BY ALL"
        ).fetchall():
            if schema in (None, name) and column not in _ABOUT_THE_RUN:
                columns.setdefault(f'"{name}"."{table}"', []).append(f'"{column}"')
        return {
            table: connection.execute(
                "SELECT count(*), CAST(sum(CAST(hash(chosen) AS HUGEINT)) AS VARCHAR)"
                f" FROM (SELECT {', '.join(names)} FROM {table}) AS chosen"
            ).fetchone()
            or (0, "")
            for table, names in columns.items()
        }


def rows_of(path: Path) -> tuple[int, int, int, int]:
    """Return rows read, loaded and quarantined by the files' records, and rows in quarantine."""
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute(
            "SELECT sum(n_read), sum(n_loaded), sum(n_quarantined),"
            " (SELECT count(*) FROM meta.quarantine) FROM meta.load_file"
        ).fetchone()
        assert row is not None
        return tuple(int(number) for number in row)  # type: ignore[return-value]


@dataclass(frozen=True)
class Published:
    """The release in place: its file, content, and every way in which it is not one whole."""

    file: str
    content: Content
    faults: tuple[str, ...]


def published(home: Path) -> Published:
    """Return the release in place in ``home`` as an analyst sees it."""
    faults = []
    file = (home / "benchmark.duckdb").resolve()
    manifest = json.loads(file.with_suffix(".json").read_text())
    with file.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != manifest["sha256"]:
            faults.append("file is not what the manifest says")
    if file.with_name(file.name + ".wal").exists():
        faults.append("a log lies beside the file")
    faults += whole(home)
    if (home / "parquet").resolve() != file.with_suffix(".parquet"):
        faults.append("parquet is of another release")
    faults += parquet_faults(home / "parquet", manifest["run_id"], manifest["rows"])
    return Published(file.name, content_of(home / "benchmark.duckdb", "result"), tuple(faults))


def parquet_faults(link: Path, run_id: str, rows: dict[str, int]) -> list[str]:
    """Return what is wrong with the Parquet copies behind ``link``."""
    folder, faults = link.resolve(), []
    for table, n in rows.items():
        row = duckdb.execute(
            "SELECT count(*), count(*) FILTER (WHERE run_id <> ?) FROM read_parquet(?)",
            [run_id, str(folder / f"{table}.parquet")],
        ).fetchone()
        if row != (n, 0):
            faults.append(f"parquet/{table}: rows and rows of another run {row}")
    return faults


def whole(home: Path) -> list[str]:
    """Return what is inconsistent in ``benchmark.duckdb``, opened anew as an analyst would."""
    with duckdb.connect(str(home / "benchmark.duckdb"), read_only=True) as connection:
        return inconsistencies(connection)


def inconsistencies(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return what does not hold of a release: municipalities, sums, one run in all tables."""
    faults = []
    for outcome, model, n, gap in connection.execute(
        "SELECT outcome, model, count(*), abs(sum(expected) - sum(observed))"
        " FROM result.benchmark GROUP BY ALL"
    ).fetchall():
        if n != 98 or gap > _ROUNDED_GAP:
            faults.append(f"{outcome} {model}: {n} municipalities, gap {gap}")
    ranks = connection.execute(
        "SELECT count(*) FROM result.benchmark FULL JOIN result.ranking"
        " USING (run_id, outcome, model, municipality_code)"
    ).fetchone()
    cells = connection.execute(
        "SELECT count(DISTINCT (outcome, model)) FROM result.benchmark"
    ).fetchone()
    if ranks is None or cells is None or cells[0] == 0 or ranks[0] != 98 * cells[0]:
        faults.append(f"ranking and benchmark differ: {ranks}, {cells}")
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'result'"
        ).fetchall()
    ]
    runs = connection.execute(
        "SELECT count(DISTINCT run_id) FROM ("
        + " UNION ALL ".join(f'SELECT run_id FROM result."{name}"' for name in tables)
        + ")"
    ).fetchone()
    if runs != (1,):
        faults.append(f"{runs} runs in one release")
    return faults


def tree_hash(folder: Path) -> str:
    """Return a hash over names and contents of all files in ``folder``."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def leftovers(home: Path) -> list[str]:
    """Return the files and folders in ``home`` that no finished command leaves there."""
    result = {
        path for pattern in _LEFTOVER for path in home.rglob(pattern) if "report/" not in str(path)
    }
    result |= {path for path in home.iterdir() if path.name not in _HOME}
    for path in (home / "releases").iterdir():
        if path.name != "current" and not path.with_suffix(".json").exists():
            result.add(path)
    return sorted(str(path.relative_to(home)) for path in result)


@dataclass
class Polls:
    """What a reader met: polls, errors in words, inconsistent states, releases seen."""

    n: int = 0
    n_full: int = 0
    errors: list[str] = field(default_factory=list)
    mixtures: list[str] = field(default_factory=list)
    releases: int = 0
    slowest: float = 0.0


def poll(home: Path, stop: Path, out: Path, every: float = 0.05) -> None:
    """Open the release anew every ``every`` seconds until ``stop`` exists; report to ``out``.

    Each time the benchmark is summed; each 20th time everything of :func:`inconsistencies` and
    the Parquet copies are looked at.
    """
    result, seen, started_by = Polls(), set(), os.getppid()
    while not stop.exists() and os.getppid() == started_by:
        began = time.monotonic()
        try:
            with duckdb.connect(str(home / "benchmark.duckdb"), read_only=True) as connection:
                row = connection.execute(
                    "SELECT min(run_id), count(*), count(DISTINCT (outcome, model, run_id)),"
                    " sum(observed), sum(expected) FROM result.benchmark"
                ).fetchone()
                assert row is not None
                seen.add(row)
                _, n, n_groups, observed, expected = row
                if n != 98 * n_groups or abs(expected - observed) > _ROUNDED_GAP * n_groups:
                    result.mixtures.append(str(row))
                if result.n % 20 == 0:
                    result.n_full += 1
                    result.mixtures += inconsistencies(connection)
            if result.n % 20 == 0:
                result.mixtures += _parquet_of_one_run(home)
        except Exception as error:
            result.errors.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
        result.n += 1
        spent = time.monotonic() - began
        result.slowest = max(result.slowest, spent)
        time.sleep(max(0.0, every - spent))
    result.releases = len(seen)
    _report(out, result)


def keep_open(home: Path, stop: Path, out: Path, every: float = 0.25) -> None:
    """Open the release once and go on reading it, whatever is published, until ``stop`` exists."""
    result, first = Polls(), None
    with duckdb.connect(str(home / "benchmark.duckdb"), read_only=True) as connection:
        started_by = os.getppid()
        while not stop.exists() and os.getppid() == started_by:
            try:
                row = connection.execute(
                    "SELECT min(run_id), count(*), sum(observed), CAST(sum(CAST(hash(b) AS"
                    " HUGEINT)) AS VARCHAR) FROM result.benchmark AS b"
                ).fetchone()
                first = first or row
                if row != first:
                    result.mixtures.append(f"{first} became {row}")
            except Exception as error:
                result.errors.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
            result.n += 1
            time.sleep(every)
    result.releases = 1
    _report(out, result)


def _parquet_of_one_run(home: Path) -> list[str]:
    """Return a fault when the copies behind the link are not of one run; one look at the link."""
    folder = (home / "parquet").resolve()
    row: Any = duckdb.execute(
        "SELECT count(DISTINCT run_id), count(DISTINCT filename)"
        " FROM read_parquet(?, union_by_name = true, filename = true)",
        [[str(folder / f"{name}.parquet") for name in ("run", "benchmark", "ranking")]],
    ).fetchone()
    return [] if row == (1, 3) else [f"parquet: runs and files {row}"]


def _report(out: Path, polls: Polls) -> None:
    beside = out.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(polls.__dict__))
    beside.replace(out)
