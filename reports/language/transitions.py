"""What a question is about, in words: outcomes by name, and whether they are grants.

Texts speak of grants. Where an outcome is not a decision (weeks on a resource programme, five years
of cash benefit passed) they speak of transitions instead: by a text of its own under
``transitions.<key>``, else word by word (``transitions.toml``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

from pipeline.codes import code_rows

_BLANK = re.compile(r"(\{[^}]*\})")


def are_grants(outcomes: Sequence[str]) -> bool:
    """Return whether every one of ``outcomes`` is a decision, or the first of several."""
    rules = {row["outcome"]: (row["rule"], row["parts"].split()) for row in code_rows("outcome")}
    parts = {part for one in outcomes for part in rules.get(one, ("", []))[1] or [one]}
    return all(rules.get(part, ("", []))[0] == "decision" for part in parts)


def subjects(outcomes: Sequence[str], language: str) -> list[str]:
    """Return the names of ``outcomes`` inside a sentence, in the order of their code list.

    One that is the first of others stands for them.
    """
    rows = {row["outcome"]: row for row in code_rows("outcome")}
    parts = {
        part for one in outcomes if one in rows for part in rows[one]["parts"].split() or [one]
    }
    return [inside(row[f"name_{language}"]) for one, row in rows.items() if one in parts] or [
        *outcomes
    ]


def meaning(outcome: str, language: str) -> str:
    """Return what ``outcome`` counts, inside a sentence."""
    rows = {row["outcome"]: row[f"description_{language}"] for row in code_rows("outcome")}
    return inside(rows.get(outcome, outcome))


def inside(name: str) -> str:
    """Return ``name`` as it is written inside a sentence."""
    return name[:1].lower() + name[1:]


@cache
def of_transitions(text: str, language: str) -> str:
    """Return ``text`` with transitions where it speaks of grants; blanks stay as they are."""
    return "".join(
        part if part.startswith("{") else _replaced(part, language) for part in _BLANK.split(text)
    )


def _replaced(text: str, language: str) -> str:
    for pattern, other in _patterns()[language]:
        text = re.sub(pattern, partial(_like, to=other), text, flags=re.IGNORECASE)
    return text


def _like(match: re.Match[str], *, to: str) -> str:
    """Return what stands in place of ``match``, with a capital where that has one."""
    said = match.expand(to)
    return said[:1].upper() + said[1:] if match.group()[0].isupper() else said


@cache
def _patterns() -> dict[str, list[list[str]]]:
    path = Path(__file__).with_suffix(".toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
