"""The mart of each benchmark of a load: the same files, under its variables, in its own schema.

The first benchmark has schema ``mart``, others ``mart_<name>``; the cells of the window that change
is measured from are in ``mart_<name>_baseline``, those with half the look-backs, for the
sensitivity grid, in ``mart_<name>_short_look_back``. A table that would come out the same as an
earlier benchmark's is a view of that: two questions about the same persons share all but what they
ask.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from pipeline.settings import Settings
from pipeline.warehouse.database.sqlfiles import SqlFile, in_build_order, read_folder
from pipeline.warehouse.marts.build import variables_of
from pipeline.warehouse.marts.drift import drift_variables
from pipeline.warehouse.marts.fingerprints import OF_BENCHMARK, contents_of, file_rules

MART = "mart"
#: What is made of the window that change is measured from.
OF_BASELINE = (f"{MART}.model_cell", f"{MART}.grant_cell", f"{MART}.factor_level")
#: And of the look-backs of half the length.
OF_SHORT_LOOK_BACK = (f"{MART}.model_cell", f"{MART}.factor_level")


@dataclass(frozen=True)
class Mart:
    """The mart of one benchmark: its schema, what its SQL reads, its files in build order.

    ``checks`` are those to be made of it: all of the first benchmark, of others those that could
    come out otherwise. ``rules`` has the fingerprint of each object's file as it stands in
    ``sql``, under the benchmark's variables.
    """

    settings: Settings
    schema: str
    variables: Mapping[str, Any]
    files: tuple[SqlFile, ...]
    checks: tuple[SqlFile, ...]
    rules: Mapping[str, str]


def marts_of(settings: Settings) -> list[Mart]:
    """Return the mart of each benchmark of ``settings``, in their order."""
    checks = read_folder("checks")
    marts: list[Mart] = []
    contents: dict[str, dict[str, str]] = {}
    for one, wanted in asked_marts(settings):
        files = files_of(one, wanted)
        variables = variables_of(one)
        variables |= drift_variables(one, variables, files)
        below = {name: "" for file in (*files, *checks) for name in file.reads}
        schema = MART if not marts else f"{MART}_{one.question.name}"
        made_of = contents_of([*files, *checks], variables, below)
        of_mart, of_checks = [], []
        for file in files:
            owner = next(
                (s for s, of in contents.items() if of.get(file.object) == made_of[file.object]),
                None,
            )
            of_mart.append(
                _in_schema(file, schema) if owner is None else _view(file, schema, owner)
            )
        for check in () if wanted else checks:
            if not marts:
                of_checks.append(check)
            elif contents[MART][check.object] != made_of[check.object]:
                of_checks.append(_in_schema(check, schema))
        rules = {
            placed.object: file_rules(file, variables)
            for file, placed in zip(files, of_mart, strict=True)
        }
        contents[schema] = made_of
        marts.append(Mart(one, schema, variables, tuple(of_mart), tuple(of_checks), rules))
    return marts


def files_of(settings: Settings, wanted: Collection[str] = ()) -> list[SqlFile]:
    """Return the SQL files of one mart in build order; those behind ``wanted``, if it is some."""
    files = in_build_order(read_folder(MART, settings.question.factors.names))
    return _behind(files, wanted) if wanted else files


def asked_marts(settings: Settings) -> list[tuple[Settings, tuple[str, ...]]]:
    """Return what a mart is made for, in order, and the objects wanted of it, none for all."""
    asked: list[tuple[Settings, tuple[str, ...]]] = []
    for one in settings.each():
        asked.append((one, ()))
        for beside, wanted in (
            (one.baseline(), OF_BASELINE),
            (one.short_look_back(), OF_SHORT_LOOK_BACK),
        ):
            if beside is not None:
                asked.append((beside, wanted))
    return asked


def _behind(files: Sequence[SqlFile], wanted: Collection[str]) -> list[SqlFile]:
    """Return those of ``files``, in build order, that the objects ``wanted`` are made of."""
    needed = set(wanted)
    for file in reversed(files):
        if file.object in needed:
            needed |= set(file.reads)
    return [file for file in files if file.object in needed]


def _in_schema(file: SqlFile, schema: str) -> SqlFile:
    """Return ``file`` with everything of mart in ``schema``."""
    if schema == MART:
        return file
    is_check = file.object.startswith("checks.")
    name = (
        f"{file.object}{OF_BENCHMARK}{_name(schema)}" if is_check else _moved(file.object, schema)
    )
    return replace(
        file,
        object=name,
        text=_moved(file.text, schema),
        reads=tuple(_moved(read, schema) for read in file.reads),
    )


def _view(file: SqlFile, schema: str, owner: str) -> SqlFile:
    """Return what makes the object of ``file`` in ``schema`` a view of that in ``owner``.

    Its comments are those of the object.
    """
    name, source = _moved(file.object, schema), _moved(file.object, owner)
    _, comment, rest = _moved(file.text, schema).partition("COMMENT ON ")
    comments = f"{comment}{rest}".replace("COMMENT ON TABLE ", "COMMENT ON VIEW ")
    return replace(
        file,
        object=name,
        text=f"CREATE VIEW {name} AS SELECT * FROM {source};\n{comments}",
        reads=(source,),
        key=(),
    )


def _moved(text: str, schema: str) -> str:
    return re.sub(rf"\b{MART}\.(?=\w)", f"{schema}.", text)


def _name(schema: str) -> str:
    return schema.removeprefix(f"{MART}_")


def record_benchmarks(connection: duckdb.DuckDBPyConnection, marts: list[Mart]) -> None:
    """Write to ``meta.benchmark`` which benchmarks are loaded, and where."""
    connection.execute("TRUNCATE meta.benchmark")
    connection.executemany(
        "INSERT INTO meta.benchmark VALUES (?, ?, ?, ?)",
        [
            [number, mart.settings.question.name, mart.schema, list(mart.settings.question.years)]
            for number, mart in enumerate(marts, 1)
        ],
    )
