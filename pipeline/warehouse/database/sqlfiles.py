"""SQL files: one object each, with a header that is read, checked and relied on.

A header is the run of comment lines at the top of the file, ``-- name: value``; a comment line
indented by two or more blanks continues the value above it::

    -- object: core.decision
    -- grain: one row per decision
    -- key: person_id, case_type, decision_date
    -- units: days
    -- source: Ankestyrelsen
    -- reads: raw.ankestyrelsen, core.icd10_category
    -- caveat: none

``key`` and ``reads`` are lists, ``none`` is the empty one. The order of a build follows from
``reads``. Where the key follows from those of other tables, which are checked where they are made,
``follows`` names those; where rows are grouped by it last of all, ``follows`` is ``grouping``. Such
a key is not looked for once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import duckdb

from pipeline.codes.factors import FOLDER as FACTORS
from pipeline.codes.factors import read_factor
from pipeline.codes.headers import listed, parse_header
from pipeline.warehouse.database.factor_sql import factor_reads, has_factors, with_factors

#: The folder with one sub-folder per schema.
SQL_FOLDER = Path(__file__).resolve().parents[3] / "sql"
HEADER_KEYS = ("object", "grain", "key", "units", "source", "reads", "caveat")
#: Keys a header may have besides: checks state how severe a failing row is, views and macros for
#: analysts the databases they are in, published tables what protects them, and what has a key
#: by its making what that follows from.
OPTIONAL_KEYS = ("severity", "database", "disclosure", "follows")


@dataclass(frozen=True)
class SqlFile:
    """One SQL file: its parsed header and its whole text."""

    path: Path
    object: str
    grain: str
    key: tuple[str, ...]
    units: str
    source: str
    reads: tuple[str, ...]
    caveat: str
    text: str = field(repr=False)
    severity: str | None = None
    disclosure: str | None = None
    databases: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    @property
    def has_own_key(self) -> bool:
        """Whether rows have a key that is to be checked here."""
        return bool(self.key) and not self.follows


def read_sql_file(path: Path) -> SqlFile:
    """Return the file ``path`` with its header.

    Raises ``ValueError`` listing every fault of the header: a missing, unknown, repeated or empty
    key, or an object that is not ``<folder>.<file name>``.
    """
    if path.parent == FACTORS:
        return _factor_file(path)
    text = path.read_text(encoding="utf-8")
    values, faults = parse_header(text, HEADER_KEYS, OPTIONAL_KEYS)
    expected = f"{path.parent.name}.{path.stem}"
    if values.get("object") != expected:
        faults.append(f"object is {values.get('object')!r}, expected {expected!r}")
    if faults:
        raise ValueError(f"{path}: header: " + "; ".join(faults))
    return SqlFile(
        path=path,
        object=values["object"],
        grain=values["grain"],
        key=listed(values["key"]),
        units=values["units"],
        source=values["source"],
        reads=listed(values["reads"]),
        caveat=values["caveat"],
        text=text,
        severity=values.get("severity"),
        disclosure=values.get("disclosure"),
        databases=listed(values.get("database", "none")),
        follows=listed(values.get("follows", "none")),
    )


def _factor_file(path: Path) -> SqlFile:
    """Return the file of a factor as one that makes a view of it."""
    factor = read_factor(path)
    name = f"factor.{factor.name}"
    comment = factor.title_en.replace("'", "''")
    return SqlFile(
        path=path,
        object=name,
        grain="one row per person and year at risk",
        key=("person_id", "year"),
        units="none",
        source=factor.source,
        reads=factor.reads,
        caveat=factor.caveat,
        text=f"CREATE VIEW {name} AS\n{factor.query};\nCOMMENT ON VIEW {name} IS '{comment}';\n",
    )


def read_folder(schema: str, factors: Sequence[str] | None = None) -> list[SqlFile]:
    """Return the SQL files of one schema folder, by file name. Raises ``ValueError`` as above.

    A file that asks for factors has those named, else all there are (:mod:`.factor_sql`).
    """
    files = [read_sql_file(path) for path in sorted((SQL_FOLDER / schema).glob("*.sql"))]
    return [
        replace(
            file,
            text=with_factors(file.text, file.object, factors),
            reads=factor_reads(file.reads, factors),
        )
        if has_factors(file.text)
        else file
        for file in files
    ]


def analysis_files(database: str) -> list[SqlFile]:
    """Return the views and macros of ``benchmark`` or ``registers``; errors as above."""
    return [file for file in read_folder("analysis") if database in file.databases]


def in_build_order(files: Sequence[SqlFile]) -> list[SqlFile]:
    """Return ``files`` so that each comes after those it reads; ties by object name.

    Objects read but not among ``files`` are taken to exist. Raises ``ValueError`` on a cycle.
    """
    by_object = {file.object: file for file in files}
    sorter = TopologicalSorter(
        {file.object: [name for name in file.reads if name in by_object] for file in files}
    )
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError(f"SQL files read each other in a circle: {error.args[1]}") from None
    ordered: list[SqlFile] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += [by_object[name] for name in ready]
        sorter.done(*ready)
    return ordered


def run_sql_files(
    connection: duckdb.DuckDBPyConnection,
    files: Iterable[SqlFile],
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Make the schemas of ``files`` where missing and run the files in build order."""
    ordered = in_build_order(list(files))
    for schema in dict.fromkeys(file.object.split(".")[0] for file in ordered):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for file in ordered:
        progress(f"building {file.object}")
        connection.execute(file.text)
