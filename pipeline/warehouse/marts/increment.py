"""What an earlier load left that can be kept: files whose rows stand, tables that need no rebuild.

An object is kept when its fingerprint is the same as before (:mod:`.fingerprints`). Whatever
cannot be read from the earlier database means that all of it is made anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipeline.errors import StorageError
from pipeline.registers import Register
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.database.sqlfiles import (
    SqlFile,
    analysis_files,
    in_build_order,
    read_folder,
)
from pipeline.warehouse.delivery.extractfiles import Extracts, KnownFile
from pipeline.warehouse.marts.fingerprints import (
    OF_BENCHMARK,
    codes_fingerprint,
    contents_of,
    factors_fingerprint,
    file_rules,
    fingerprint,
    register_content,
    register_rules,
)
from pipeline.warehouse.raw.rawtables import raw_tables

if TYPE_CHECKING:
    from pipeline.warehouse.marts.questions import Mart

#: The object under which the tables of schema meta are fingerprinted.
META = "meta"
#: The object under which the views and macros for analysts are fingerprinted.
ANALYSIS = "analysis"
#: The object whose fingerprint is that of the key of the pseudonyms.
KEY = "pseudonyms"
#: What earlier loads counted (:mod:`.drift`): it follows from them, not from this one's files.
REFERENCE = "meta.share_reference"


@dataclass(frozen=True)
class Earlier:
    """What the existing database was made from; empty when there is none to build on."""

    files: Mapping[str, Mapping[str, KnownFile]] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    contents: Mapping[str, str] = field(default_factory=dict)
    input_hash: str | None = None

    def of_key(self, fingerprint: str) -> Earlier:
        """Return this, or nothing when persons were named with another key.

        Its file is not built on then: what is deleted from a database stays in it for a while.
        """
        return self if self.rules.get(KEY) == fingerprint else Earlier()

    def known(
        self, registers: Sequence[Register], rules: Mapping[str, str]
    ) -> dict[str, Mapping[str, KnownFile]]:
        """Return the loaded files of each register that is read by the same ``rules`` now."""
        return {
            register.name: self.files.get(register.name, {})
            for register in registers
            if self.rules.get(register.table) == rules[register.table]
        }


@dataclass(frozen=True)
class Plan:
    """What a load makes anew: ``rules`` and ``contents`` of every object, and the stale ones.

    ``gone`` are objects of the earlier database that nobody declares any more.
    """

    rules: Mapping[str, str]
    contents: Mapping[str, str]
    stale: frozenset[str]
    gone: frozenset[str]

    def is_stale(self, register: Register) -> bool:
        """Whether files of ``register`` changed, or how they are read."""
        return register.table in self.stale

    @property
    def has_stale_codes(self) -> bool:
        """Whether a code list changed; they are then all made anew."""
        return any(name.startswith("codes.") for name in self.stale | self.gone)


def read_earlier(path: Path) -> Earlier:
    """Return what the database ``path`` was made from; empty when it cannot be built on."""
    if not path.exists():
        return Earlier()
    try:
        with connect(path, read_only=True) as connection:
            return _read(connection)
    except (duckdb.Error, StorageError):
        return Earlier()


def _read(connection: duckdb.DuckDBPyConnection) -> Earlier:
    built = connection.execute("SELECT object, rules, content FROM meta.built").fetchall()
    files: dict[str, dict[str, KnownFile]] = {}
    for register, name, sha256, n_rows, form in connection.execute(
        "SELECT register, file, sha256, n_read, form FROM meta.load_file"
    ).fetchall():
        files.setdefault(register, {})[name] = KnownFile(sha256, int(n_rows), form)
    source = connection.execute("SELECT input_hash FROM meta.source").fetchone()
    rules = {str(name): str(value) for name, value, _ in built}
    if rules.get(META) != _meta_rules() or source is None:
        return Earlier()
    return Earlier(
        files=files,
        rules=rules,
        contents={str(name): str(value) for name, _, value in built},
        input_hash=str(source[0]),
    )


def reading_rules(
    registers: Sequence[Register], key: str = "", codes_folder: Path | None = None
) -> dict[str, str]:
    """Return the fingerprint of how each register is read, by its table (see fingerprints)."""
    return {register.table: register_rules(register, key, codes_folder) for register in registers}


def make_plan(
    extracts: Extracts,
    registers: Sequence[Register],
    rules: Mapping[str, str],
    marts: Sequence[Mart],
    earlier: Earlier,
    key: str = "",
    codes_folder: Path | None = None,
) -> Plan:
    """Return what is to be made anew from ``extracts``, given what the ``earlier`` load left.

    ``rules`` are those of :func:`reading_rules`, ``marts`` those of the benchmarks, ``key`` is the
    fingerprint of the key of the pseudonyms, ``codes_folder`` that of a user's code lists.
    """
    contents = {
        META: fingerprint(
            extracts_fingerprint(extracts),
            *(f"{mart.schema} {dict(mart.variables)!r}" for mart in marts),
        ),
        KEY: key,
        REFERENCE: "",
    }
    lists = codes_fingerprint(codes_folder)
    for file in read_folder("codes"):
        contents[file.object] = fingerprint(lists, factors_fingerprint(file.path.stem))
    contents[ANALYSIS] = fingerprint(*(file.text for file in analysis_files("registers")))
    for register in registers:
        files = [(file.path.name, file.sha256) for file in extracts.files[register.name]]
        for table in raw_tables(register):
            contents[table] = register_content(rules[register.table], files)
    core = read_folder("core")
    contents = contents_of(core, marts[0].variables, contents)
    built = list(core)
    of_sql = {file.object: file_rules(file, marts[0].variables) for file in core}
    for mart in marts:
        contents = contents_of([*mart.files, *mart.checks], mart.variables, contents)
        built += mart.files
        of_sql |= mart.rules
        of_sql |= {file.object: file_rules(file, mart.variables) for file in mart.checks}
    for file in built:
        if file.has_own_key:
            contents[key_check(file)] = fingerprint(contents[file.object], *file.key)
    all_rules = {
        **dict.fromkeys(contents, ""),
        **{table: rules[r.table] for r in registers for table in raw_tables(r)},
        **of_sql,
        META: _meta_rules(),
        KEY: key,
    }
    return Plan(
        rules=all_rules,
        contents=contents,
        stale=frozenset(
            name for name, value in contents.items() if earlier.contents.get(name) != value
        ),
        gone=frozenset(set(earlier.contents) - set(contents)),
    )


def key_check(file: SqlFile) -> str:
    """Return the object under which the check of the file's declared key is known."""
    _, _, benchmark = file.object.partition(".")[0].partition("_")
    return f"checks.{file.path.stem}_key_unique" + (
        f"{OF_BENCHMARK}{benchmark}" if benchmark else ""
    )


def extracts_fingerprint(extracts: Extracts) -> str:
    """Return the fingerprint of what ``meta`` says of the folder as a whole."""
    mark = sorted((name, repr(value)) for name, value in extracts.mark.items())
    return fingerprint(extracts.input_hash, *extracts.unknown, *(part for m in mark for part in m))


def drop_objects(connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
    """Drop the tables and views ``names`` (schema.name) that exist; others are no matter."""
    there = connection.execute(
        "SELECT concat(schema_name, '.', view_name), 'VIEW' FROM duckdb_views() WHERE NOT internal"
        " UNION ALL SELECT concat(schema_name, '.', table_name), 'TABLE' FROM duckdb_tables()"
    ).fetchall()
    for name, kind in there:
        if name in names:
            connection.execute(f"DROP {kind} {name}")


def in_order(files: Sequence[SqlFile], plan: Plan) -> list[SqlFile]:
    """Return the ``files`` that are stale, in build order."""
    return [file for file in in_build_order(list(files)) if file.object in plan.stale]


def record_built(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Write what everything was made from to ``meta.built``, in place of what stood there."""
    connection.execute("CREATE TEMP TABLE now_built AS SELECT * FROM meta.built LIMIT 0")
    connection.executemany(
        "INSERT INTO now_built VALUES (?, ?, ?)",
        [[name, plan.rules[name], plan.contents[name]] for name in sorted(plan.contents)],
    )
    connection.execute("TRUNCATE meta.built")
    connection.execute("INSERT INTO meta.built SELECT * FROM now_built")
    connection.execute("DROP TABLE now_built")


def _meta_rules() -> str:
    return fingerprint(*(file.text for file in read_folder("meta")))
