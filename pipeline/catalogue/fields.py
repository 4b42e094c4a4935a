"""Fields: what a column is, wherever it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
#: How a value is written for a reader; shares (0-1) as percent with that many decimals.
FORMATS = (
    *("text", "yes_no", "flag", "year", "count"),
    *("decimal1", "decimal2", "decimal3", "share1", "share2"),
)
TYPES = ("VARCHAR", "BIGINT", "INTEGER", "DOUBLE", "BOOLEAN", "TIMESTAMP", "DATE")
_KEYS = frozenset({"type", "unit", "format", "heading", "meaning"})
LANGUAGES = ("da", "en")


@dataclass(frozen=True)
class Text:
    """One text in both languages."""

    da: str
    en: str

    def __getitem__(self, language: str) -> str:
        """Return the text in ``language``, ``da`` or ``en``; else ``KeyError``."""
        if language not in LANGUAGES:
            raise KeyError(language)
        return self.da if language == "da" else self.en


@dataclass(frozen=True)
class Field:
    """A column: ``type`` in SQL, ``unit`` (empty where it has none) and how readers see it.

    ``meaning`` in English is the comment in the database. ``is_nullable`` says that a value may be
    missing in the table at hand.
    """

    name: str
    type: str
    unit: str
    format: str
    heading: Text
    meaning: Text
    is_nullable: bool = False


def text_from(where: str, value: Any) -> Text:
    """Return ``value``, a mapping of both languages, as :class:`Text`; else ``ValueError``."""
    if not isinstance(value, Mapping) or set(value) != set(LANGUAGES):
        raise ValueError(f"{where}: expected texts da and en, found {value!r}")
    if empty := [language for language in LANGUAGES if not str(value[language]).strip()]:
        raise ValueError(f"{where}: no text in {', '.join(empty)}")
    return Text(**value)


def field_from(name: str, declaration: Mapping[str, Any], where: str) -> Field:
    """Return the field ``name`` of a complete ``declaration``; ``ValueError`` names each fault."""
    unknown, missing = set(declaration) - _KEYS, _KEYS - set(declaration)
    if unknown or missing:
        raise ValueError(f"{where}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    for key, known in (("type", TYPES), ("format", FORMATS)):
        if declaration[key] not in known:
            raise ValueError(f"{where}: {key} is {declaration[key]!r}, expected one of {known}")
    return Field(
        name=name,
        type=declaration["type"],
        unit=declaration["unit"],
        format=declaration["format"],
        heading=text_from(f"{where}: heading", declaration["heading"]),
        meaning=text_from(f"{where}: meaning", declaration["meaning"]),
    )


@cache
def field_declarations() -> dict[str, dict[str, Any]]:
    """Return what ``fields.toml`` declares, by field name. Raises ``ValueError`` for a fault."""
    declarations = tomllib.loads((FOLDER / "fields.toml").read_text(encoding="utf-8"))
    for name, declaration in declarations.items():
        field_from(name, declaration, f"fields.toml: {name}")
    return declarations
