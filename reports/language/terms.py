"""The terms of the glossary, as places of the pages refer to them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from reports.language.words import Words


@dataclass(frozen=True)
class Term:
    """A term of the glossary: its id on the page, how it may be written, what it means."""

    key: str
    forms: tuple[str, ...]
    meaning: str


def terms(words: Words) -> Iterator[Term]:
    """Yield the terms of the glossary in the language of ``words``, in its order."""
    for line in words.all("glossary.terms"):
        danish, english, meaning = line.split(" | ")
        own = danish if words.language == "da" else english
        yield Term(term_key(danish), tuple(own.split(" / ")), meaning)


def term_key(danish: str) -> str:
    """Return the id of a term, the same in every language."""
    plain = danish.lower()
    for letter, two in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        plain = plain.replace(letter, two)
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return "ord-" + re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
