"""Tables: lists of fields, with key, grain, protection and the sheet readers see."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.catalogue.fields import FOLDER, Field, Text, field_declarations, field_from, text_from

#: What protects a table. public: no person is counted in it; counts: it holds counts of persons or
#: something computed from them, and goes through disclosure control.
PROTECTIONS = ("public", "counts")
_REQUIRED = frozenset(
    {
        *("title", "comment", "grain", "key", "units", "source", "caveat"),
        *("protection", "is_optional", "fields"),
    }
)
_OPTIONAL = frozenset({"sheet", "field"})


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook: its place among the sheets and its name, at most 31 characters."""

    order: int
    name: Text
    is_main_model_only: bool = False


@dataclass(frozen=True)
class Table:
    """A published table, ``result.<name>``.

    ``comment``, ``grain``, ``units``, ``source`` and ``caveat`` are those of its SQL file.
    ``is_optional``: a release made before the table existed is still a release.
    """

    name: str
    title: Text
    comment: str
    grain: str
    key: tuple[str, ...]
    units: str
    source: str
    caveat: str
    protection: str
    is_optional: bool
    fields: tuple[Field, ...]
    sheet: Sheet | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns in order, ``run_id`` included."""
        return tuple(field.name for field in self.fields)

    @property
    def key_within_run(self) -> tuple[str, ...]:
        """The key of a row among those of its run; ``run_id`` alone for the table of runs."""
        return tuple(name for name in self.key if name != "run_id") or self.key


@cache
def catalogue() -> dict[str, Table]:
    """Return every published table by name, in alphabetical order.

    Raises ``ValueError`` naming file, key and what is allowed for the first fault.
    """
    return {path.stem: read_table(path) for path in sorted((FOLDER / "tables").glob("*.toml"))}


def table(name: str) -> Table:
    """Return the published table ``name``; ``KeyError`` for one that is not in the catalogue."""
    return catalogue()[name]


def columns(name: str) -> tuple[str, ...]:
    """Return the columns of the published table ``name`` in order, without ``run_id``."""
    return tuple(column for column in table(name).columns if column != "run_id")


def empty_frame(name: str) -> pd.DataFrame:
    """Return the published table ``name`` without rows and ``run_id``, each column of its type."""
    kinds = {"BIGINT": "int64", "INTEGER": "int64", "DOUBLE": "float64", "BOOLEAN": "bool"}
    return pd.DataFrame(
        {
            field.name: pd.Series(dtype=kinds.get(field.type, "str"))
            for field in table(name).fields
            if field.name != "run_id"
        }
    )


def sheets() -> tuple[Table, ...]:
    """Return the tables that have a sheet, in the order of the sheets."""
    listed = [(entry.sheet.order, entry) for entry in catalogue().values() if entry.sheet]
    return tuple(entry for _, entry in sorted(listed, key=lambda pair: pair[0]))


def read_table(path: Path) -> Table:
    """Return the table declared in ``path``; ``ValueError`` as :func:`catalogue`."""
    where = f"tables/{path.name}"
    declared = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = set(declared) - _REQUIRED - _OPTIONAL
    missing = _REQUIRED - set(declared)
    if unknown or missing:
        raise ValueError(f"{where}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    fields = _fields(where, declared["fields"], declared.get("field", {}))
    names = [field.name for field in fields]
    key = tuple(declared["key"])
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{where}: fields lists {repeated} twice")
    if unkeyed := sorted(set(key) - {field.name for field in fields if not field.is_nullable}):
        raise ValueError(f"{where}: key has {unkeyed}, which are no fields without missing values")
    if declared["protection"] not in PROTECTIONS:
        raise ValueError(
            f"{where}: protection is {declared['protection']!r}, expected one of {PROTECTIONS}"
        )
    return Table(
        name=path.stem,
        title=text_from(f"{where}: title", declared["title"]),
        comment=declared["comment"],
        grain=declared["grain"],
        key=key,
        units=declared["units"],
        source=declared["source"],
        caveat=declared["caveat"],
        protection=declared["protection"],
        is_optional=declared["is_optional"],
        fields=fields,
        sheet=_sheet(where, declared["sheet"]) if "sheet" in declared else None,
    )


def _fields(
    where: str, names: list[str], overrides: Mapping[str, Mapping[str, Any]]
) -> tuple[Field, ...]:
    declarations = field_declarations()
    fields = []
    for listed in names:
        name = listed.removesuffix("?")
        if name not in declarations and name not in overrides:
            raise ValueError(f"{where}: field {name!r} is neither in fields.toml nor declared here")
        declaration = _merged(declarations.get(name, {}), overrides.get(name, {}))
        field = field_from(name, declaration, f"{where}: field.{name}")
        fields.append(replace(field, is_nullable=listed.endswith("?")))
    if strays := sorted(set(overrides) - {field.name for field in fields}):
        raise ValueError(f"{where}: field.{strays[0]} is described but not listed in fields")
    return tuple(fields)


def _merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``common`` with ``own`` over it, texts language by language."""
    merged = dict(common)
    for key, value in own.items():
        both = isinstance(value, Mapping) and isinstance(common.get(key), Mapping)
        merged[key] = {**common[key], **value} if both else value
    return merged


def _sheet(where: str, declared: Mapping[str, Any]) -> Sheet:
    if unknown := set(declared) - {"order", "name", "is_main_model_only"}:
        raise ValueError(f"{where}: sheet: unknown {sorted(unknown)}")
    name = text_from(f"{where}: sheet.name", declared.get("name"))
    if too_long := [text for text in (name.da, name.en) if len(text) > 31]:
        raise ValueError(f"{where}: sheet.name {too_long[0]!r} is longer than 31 characters")
    return Sheet(declared["order"], name, declared.get("is_main_model_only", False))
