"""All wording of the report, per language, and the labels of codes.

``text/<language>.toml`` is the site's; ``text/<part>.<language>.toml`` that of the other parts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.codes import code_list
from pipeline.codes.factors import factors
from reports.language.formatting import NO_BREAK_SPACE
from reports.language.transitions import of_transitions

FOLDER = Path(__file__).parent / "text"


def _unbroken(text: str) -> str:
    """Return ``text`` with no line break between a number and its percent sign."""
    return re.sub(r"(?<=[\d}]) %", f"{NO_BREAK_SPACE}%", text)


def _flatten(values: dict[str, Any], prefix: str = "") -> dict[str, str | tuple[str, ...]]:
    flat: dict[str, str | tuple[str, ...]] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{name}."))
        elif isinstance(value, list):
            flat[name] = tuple(_unbroken(str(part)) for part in value)
        else:
            flat[name] = _unbroken(str(value))
    return flat


@cache
def texts(language: str) -> dict[str, str | tuple[str, ...]]:
    """Return every text of ``language`` by dotted key; a list of paragraphs is a tuple.

    Raises ``ValueError`` for a key that two files give.
    """
    by_key: dict[str, str | tuple[str, ...]] = {}
    for path in [FOLDER / f"{language}.toml", *sorted(FOLDER.glob(f"*.{language}.toml"))]:
        read = _flatten(tomllib.loads(path.read_text(encoding="utf-8")))
        if twice := sorted(set(read).intersection(by_key)):
            raise ValueError(f"{path.name} gives texts another file gives: {', '.join(twice)}")
        by_key.update(read)
    return by_key


@dataclass(frozen=True)
class Words:
    """Looks up text of one language; an unknown key is a defect and raises ``KeyError``."""

    language: str
    #: Blanks that are the same all over the page.
    common: Mapping[str, str] = field(default_factory=dict)
    #: Whether what is counted are grants, of which the texts speak; else transitions.
    are_grants: bool = True

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of ``key`` with ``{name}`` replaced by ``values`` or ``common``."""
        text = self._text(key)
        if not isinstance(text, str):
            raise TypeError(f"text {key!r} is a list")
        return self._filled(text, values)

    def all(self, key: str) -> tuple[str, ...]:
        """Return the list of texts under ``key``."""
        entry = self._text(key)
        listed = (entry,) if isinstance(entry, str) else entry
        return tuple(self._filled(text, {}) for text in listed)

    def _text(self, key: str) -> str | tuple[str, ...]:
        known = texts(self.language)
        text = known[key]
        if self.are_grants or key.startswith("glossary."):
            return text
        if (own := known.get(f"transitions.{key}")) is not None:
            return own
        if isinstance(text, str):
            return of_transitions(text, self.language)
        return tuple(of_transitions(one, self.language) for one in text)

    def label(self, family: str, code: str) -> str:
        """Return the text of ``family.code``, or the code itself when it has none."""
        key = f"{family}.{code}"
        text = self._text(key) if key in texts(self.language) else None
        if text is None and family in ("outcome", "factor"):
            text = _names(family, self.language).get(code)
        return text if isinstance(text, str) else code

    def check(self, name: str) -> str | None:
        """Return what the check ``name`` looks at, None for one without a text.

        A check of one column or table is named after it: ``kom_code_list``, ``week_key_unique``.
        """
        known = texts(self.language)
        if (label := known.get(f"check.{name}")) is not None:
            return str(label)
        for key, text in known.items():
            family, _, kind = key.partition(".")
            if family == "check_of" and name.endswith(f"_{kind}"):
                of = name.removesuffix(f"_{kind}")
                return str(text).format(of=of if kind == "key_unique" else of.upper())
        return None

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        blanks = {**self.common, **values}
        return text.format(**blanks) if blanks else text

    def diagnosis(self, group: str) -> str:
        """Return the name of a main diagnosis group; an unknown group names itself."""
        return _labels("diagnosis_group", "diagnosis_group", self.language).get((group,), group)

    def level(self, factor: str, level: str) -> str:
        """Return the name of a level of a factor or dimension; an unknown level names itself."""
        if factor == "diagnosis_group":
            return self.diagnosis(level)
        known = _labels("factor", "factor,level", self.language)
        mains = _labels("main_level", "dimension,main_level", self.language)
        own = self.label("level_of", f"{factor}.{level}").removeprefix(f"{factor}.")
        return known.get((factor, level)) or mains.get((factor, level), own)


@cache
def _labels(name: str, keys: str, language: str) -> dict[tuple[str, ...], str]:
    frame = code_list(name)
    columns = [frame[key] for key in keys.split(",")]
    names = frame[f"description_{language}"]
    return {
        tuple(str(part) for part in parts[:-1]): str(parts[-1])
        for parts in zip(*columns, names, strict=True)
    }


@cache
def _names(family: str, language: str) -> dict[str, str]:
    """Return the names of outcomes (their code list) or factors (their files), by code."""
    if family == "factor":
        return {f.name: f.title_da if language == "da" else f.title_en for f in factors().values()}
    listed = code_list("outcome")
    return dict(zip(listed["outcome"], listed[f"name_{language}"], strict=True))
