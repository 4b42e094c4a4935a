"""The data dictionary: every register, table, code list and setting, from their declarations.

Nothing is written twice: registers come from :mod:`pipeline.registers`, tables from the headers
and comments of ``sql/``, code lists from :mod:`pipeline.codes`, settings from
:mod:`pipeline.settings`. ``tildeling dictionary`` writes it as ``dictionary.md``; the report has
it as a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.codes import NAMES, code_list
from pipeline.handbook.factors import factor_lines
from pipeline.registers import REGISTERS, Column, Register
from pipeline.settings import Settings
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER, SqlFile, read_folder

FILE = "dictionary.md"
#: Schemas in the order of the flow; other folders of ``sql/`` with tables or views come after.
SCHEMAS = ("result", "analysis", "mart", "core", "meta", "codes")
_WITHOUT_OBJECTS = frozenset(
    {"factor", "checks", "examples", "initiative", "raw", "release", "session"}
)
#: Code lists up to this many rows are printed, longer ones are only named.
_PRINTED_ROWS = 60
_TEXT = r"IS\s+'((?:[^']|'')*)'"
#: All columns of a table in a view, written `name.*` on a line of its own, and the table.
_ALL_OF = re.compile(r"(?<=    )\w+\.\*.*?FROM (\w+)\.(\w+)\n", re.S)
_OBJECT = re.compile(rf"COMMENT ON (?:TABLE|VIEW|MACRO(?: TABLE)?)\s+[\w.\"]+\s+{_TEXT}")
_COLUMN = re.compile(rf"COMMENT ON COLUMN\s+[\w.]+\.\"?(\w+)\"?\s+{_TEXT}")
_TYPED = re.compile(r"^    \"?(\w+)\"? ([A-Z]+(?:\[\])?)\b.*$", re.MULTILINE)


@dataclass(frozen=True)
class ColumnEntry:
    """A column: what it holds and, where declared, its type and the rule its values keep."""

    name: str
    type: str
    description: str
    rule: str


@dataclass(frozen=True)
class TableEntry:
    """A register, table, view or macro; ``name`` is ``schema.table``, fields may be empty."""

    name: str
    title: str
    grain: str
    key: tuple[str, ...]
    units: str
    source: str
    caveat: str
    columns: tuple[ColumnEntry, ...]
    databases: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodeListEntry:
    """A code list: its file, headings and, for a short one, its rows."""

    name: str
    columns: tuple[str, ...]
    n_rows: int
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class SettingEntry:
    """A setting, its default and meaning; in the environment it is ``TILDELING_<NAME>``."""

    name: str
    default: str
    description: str


@dataclass(frozen=True)
class Dictionary:
    """Everything described; ``schemas`` pairs a schema with its tables."""

    registers: tuple[TableEntry, ...]
    schemas: tuple[tuple[str, tuple[TableEntry, ...]], ...]
    code_lists: tuple[CodeListEntry, ...]
    settings: tuple[SettingEntry, ...]


def dictionary() -> Dictionary:
    """Return the dictionary of this version of Tildeling."""
    folders = {path.name for path in SQL_FOLDER.iterdir() if path.is_dir()}
    others = sorted(folders.difference(SCHEMAS, _WITHOUT_OBJECTS))
    listed = [(schema, tuple(map(_table, _files(schema)))) for schema in (*SCHEMAS, *others)]
    return Dictionary(
        registers=tuple(map(_register, REGISTERS)),
        schemas=tuple((schema, tables) for schema, tables in listed if tables),
        code_lists=tuple(map(_code_list, NAMES)),
        settings=tuple(map(_setting, Settings.model_fields)),
    )


def _files(schema: str) -> list[SqlFile]:
    return read_folder(schema) if (SQL_FOLDER / schema).is_dir() else []


def _register(register: Register) -> TableEntry:
    columns = [
        ColumnEntry(column.name, column.type, column.description, rule(column))
        for column in register.columns
    ]
    if register.weeks is not None:
        weeks = register.weeks
        columns.append(
            ColumnEntry(
                weeks.pattern, "VARCHAR", weeks.description, f"in code list {weeks.code_list}"
            )
        )
    if register.has_file_year:
        columns.append(
            ColumnEntry("FILE_YEAR", "INTEGER", "Year in the file name.", "from the file name")
        )
    units = sorted({column.unit for column in register.columns if column.unit})
    return TableEntry(
        name=register.name,
        title=f"{register.title}: {register.description}",
        grain=register.grain,
        key=register.key,
        units=", ".join(units) or "none",
        source=register.source,
        caveat="may be absent" if register.is_optional else "none",
        columns=tuple(columns),
    )


def rule(column: Column) -> str:
    """Return in words what a value of ``column`` must be, for its row not to be quarantined."""
    parts = []
    if column.values is not None:
        parts.append("one of " + ", ".join(column.values))
    if column.minimum is not None and column.maximum is not None:
        parts.append(f"{column.minimum} to {column.maximum}")
    elif column.minimum is not None:
        parts.append(f"at least {column.minimum}")
    elif column.maximum is not None:
        parts.append(f"at most {column.maximum}")
    if column.pattern is not None:
        parts.append(f"form {column.pattern}")
    if column.code_list is not None:
        parts.append(f"in code list {column.code_list}")
    if column.unit is not None:
        parts.append(f"unit {column.unit}")
    parts.append("may be blank" if column.nullable else "never blank")
    return "; ".join(parts)


def _table(file: SqlFile) -> TableEntry:
    match = _OBJECT.search(file.text)
    types = dict(_TYPED.findall(file.text))
    columns = [
        ColumnEntry(name, types.get(name, ""), _unquoted(text), "")
        for name, text in _COLUMN.findall(file.text)
    ]
    # A view with all columns of a table has them first, described as they are there.
    for schema, table in _ALL_OF.findall(file.text):
        whole = _table(
            next(one for one in read_folder(schema) if one.object == f"{schema}.{table}")
        )
        columns = [*whole.columns, *columns]
    return TableEntry(
        name=file.object,
        title=_unquoted(match[1]) if match else "",
        grain=file.grain,
        key=file.key,
        units=file.units,
        source=file.source,
        caveat=file.caveat,
        columns=tuple(columns),
        databases=file.databases,
    )


def _unquoted(text: str) -> str:
    return " ".join(text.replace("''", "'").split())


def _code_list(name: str) -> CodeListEntry:
    frame = code_list(name)
    rows = frame.to_numpy().tolist() if len(frame) <= _PRINTED_ROWS else []
    return CodeListEntry(
        name=name,
        columns=tuple(frame.columns),
        n_rows=len(frame),
        rows=tuple(tuple(str(value) for value in row) for row in rows),
    )


def _setting(name: str) -> SettingEntry:
    field = Settings.model_fields[name]
    return SettingEntry(name, _default(field.get_default()), str(field.description))


def _default(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def markdown(entries: Dictionary) -> str:
    """Return ``entries`` as Markdown, ending in a newline."""
    lines = [
        "# Data dictionary",
        "",
        "Made by `tildeling dictionary` from the declarations; do not edit by hand. Registers come",
        "first, as a data team delivers them. Then come the tables of `benchmark.duckdb` (schema",
        "`result`), the views and macros for analysts (schema `analysis`, in the databases named)",
        "and the tables of `registers.duckdb` (the others; four lists of `codes` are in both), and",
        "last code lists and settings.",
        "",
        "## Registers",
    ]
    for register in entries.registers:
        lines += _table_lines(register)
    for schema, tables in entries.schemas:
        lines += ["", f"## Schema {schema}"]
        for table in tables:
            lines += _table_lines(table)
    lines += ["", *factor_lines(), "", "## Code lists", ""]
    lines.append("Files of `pipeline/codes/`, which a user can correct.")
    for codes in entries.code_lists:
        lines += ["", f"### {codes.name}", "", f"{codes.n_rows} rows.", ""]
        lines += _grid(codes.columns, codes.rows)
    lines += ["", "## Settings", ""]
    lines.append("Command line, `TILDELING_<NAME>` in the environment, or `tildeling.toml`.")
    lines += ["", *_grid(("setting", "default", "meaning"), _setting_rows(entries))]
    return "\n".join(lines) + "\n"


def _setting_rows(entries: Dictionary) -> tuple[tuple[str, ...], ...]:
    return tuple((f"`{s.name}`", s.default, s.description) for s in entries.settings)


def _table_lines(table: TableEntry) -> list[str]:
    facts = [f"*{table.grain}*"]
    if table.key:
        facts.append(f"key {', '.join(table.key)}")
    for name, value in (("units", table.units), ("source", table.source)):
        if value != "none":
            facts.append(f"{name}: {value}")
    lines = ["", f"### {table.name}", "", table.title, "", "; ".join(facts) + "."]
    if table.caveat != "none":
        lines += ["", f"Caveat: {table.caveat}."]
    if table.databases:
        lines += ["", f"In {', '.join(f'`{name}.duckdb`' for name in table.databases)}."]
    headings = ["column", "type", "meaning", "rule"]
    rows = [(f"`{c.name}`", c.type, c.description, c.rule) for c in table.columns]
    kept = [at for at in range(4) if any(row[at] for row in rows)]
    if rows:
        shown = tuple(tuple(row[at] for at in kept) for row in rows)
        lines += ["", *_grid(tuple(headings[at] for at in kept), shown)]
    return lines


def _grid(headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[str]:
    if not rows:
        return [f"Columns: {', '.join(headings)}."]
    return [
        f"| {' | '.join(headings)} |",
        f"|{'---|' * len(headings)}",
        *(f"| {' | '.join(value.replace('|', chr(92) + '|') for value in row)} |" for row in rows),
    ]


def write_dictionary(folder: Path) -> Path:
    """Return ``dictionary.md`` in ``folder`` after writing it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.write_text(markdown(dictionary()), encoding="utf-8", newline="\n")
    return path
