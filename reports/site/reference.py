"""What the page with the dictionary holds.

Registers, tables behind the results and code lists are described in English, as in the database.
In another language the page holds what is described in it: result tables, codes and settings.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.catalogue import catalogue
from pipeline.handbook.dictionary import CodeListEntry, TableEntry, dictionary
from reports.told.telling import Telling

#: Language of the descriptions of registers and of the tables behind the results.
_FULL = "en"


def dictionary_of(p: Telling) -> dict[str, Any]:
    """Return what the template sets: parts as (id, title, tables), code lists and settings."""
    t, entries = p.t, dictionary()
    is_full = p.language == _FULL
    parts = [("registers", t("dictionary.registers"), entries.registers)] if is_full else []
    for schema, tables in entries.schemas:
        if schema == "result":
            told = tuple(_told(table, p.language) for table in tables)
            parts.append((schema, t("dictionary.schema_result"), told))
        elif is_full:
            title = t("dictionary.schema", schema=schema)
            parts.append((schema if schema != "codes" else "schema-codes", title, tables))
    contents = [(name, title) for name, title, _ in parts]
    contents += [("codes", t("dictionary.codes")), ("settings", t("dictionary.settings"))]
    facts = ("grain", "key", "units", "source", "caveat") if is_full else ("key",)
    return {
        "parts": parts,
        "contents": contents,
        "facts": facts,
        "code_lists": [_codes(codes, p.language) for codes in entries.code_lists],
        "settings": [
            (one.name, one.default, t.label("setting", one.name)) for one in entries.settings
        ],
    }


def _told(table: TableEntry, language: str) -> TableEntry:
    """Return a result table with title and meanings in ``language``, from the catalogue."""
    of = catalogue()[table.name.partition(".")[2]]
    meanings = {field.name: field.meaning[language] for field in of.fields}
    columns = tuple(
        replace(column, description=meanings.get(column.name, column.description))
        for column in table.columns
    )
    title = table.title if language == _FULL else of.title[language]
    return replace(table, title=title, columns=columns)


def _codes(codes: CodeListEntry, language: str) -> CodeListEntry:
    """Return a code list without what it says in other languages than ``language``."""
    others = {"da": ("_en", "description", "source"), "en": ("_da",)}[language]
    kept = [at for at, name in enumerate(codes.columns) if not name.endswith(others)]

    def some(row: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(row[at] for at in kept)

    return replace(codes, columns=some(codes.columns), rows=tuple(map(some, codes.rows)))
