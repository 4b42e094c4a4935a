"""All wording of the report, one file per language, and the labels of codes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.codes import code_list

FOLDER = Path(__file__).parent / "text"


def _flatten(values: dict[str, Any], prefix: str = "") -> dict[str, str | tuple[str, ...]]:
    flat: dict[str, str | tuple[str, ...]] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{name}."))
        elif isinstance(value, list):
            flat[name] = tuple(str(part) for part in value)
        else:
            flat[name] = str(value)
    return flat


@cache
def texts(language: str) -> dict[str, str | tuple[str, ...]]:
    """Return every text of ``language`` by dotted key; a list of paragraphs is a tuple."""
    return _flatten(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Words:
    """Looks up text of one language; an unknown key is a defect and raises ``KeyError``."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of ``key`` with ``{name}`` replaced by ``values``."""
        text = texts(self.language)[key]
        if not isinstance(text, str):
            raise TypeError(f"text {key!r} is a list")
        return text.format(**values) if values else text

    def all(self, key: str) -> tuple[str, ...]:
        """Return the list of texts under ``key``."""
        found = texts(self.language)[key]
        return (found,) if isinstance(found, str) else found

    def label(self, family: str, code: str) -> str:
        """Return the text of ``family.code``, or the code itself when it has none."""
        found = texts(self.language).get(f"{family}.{code}", code)
        return found if isinstance(found, str) else code

    def diagnosis(self, group: str) -> str:
        """Return the name of a main diagnosis group; an unknown group names itself."""
        return _labels("diagnosis_group", "diagnosis_group", self.language).get((group,), group)

    def level(self, factor: str, level: str) -> str:
        """Return the name of a factor's level; an unknown level names itself."""
        return _labels("factor", "factor,level", self.language).get((factor, level), level)


@cache
def _labels(name: str, keys: str, language: str) -> dict[tuple[str, ...], str]:
    frame = code_list(name)
    columns = [frame[key] for key in keys.split(",")]
    names = frame[f"description_{language}"]
    return {
        tuple(str(part) for part in parts[:-1]): str(parts[-1])
        for parts in zip(*columns, names, strict=True)
    }
