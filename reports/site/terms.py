"""Links from the words of a page to the glossary: each term where it first stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from markupsafe import Markup, escape

from reports.language.terms import Term, terms
from reports.language.words import Words

#: Letters a term may end on beyond its own: -en, -et, -er, -ne, -s.
_ENDING = r"\w{0,4}(?!\w)"


@cache
def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds a term in any of its forms and endings."""
    listed = "|".join(map(re.escape, forms))
    return re.compile(rf"(?<!\w)(?:{listed}){_ENDING}", re.IGNORECASE)


@dataclass
class Linker:
    """Links the terms of one page, each once; ``page`` is the address of the glossary's page."""

    words: Words
    page: str
    _left: list[Term] = field(init=False)

    def __post_init__(self) -> None:
        self._left = list(terms(self.words))

    def __call__(self, text: str) -> Markup:
        """Return ``text`` escaped, with a link at each term that no text before it had."""
        spots: list[tuple[int, int, Term]] = []
        for term in list(self._left):
            match = _pattern(term.forms).search(text)
            if match is None:
                continue
            if any(match.start() < end and start < match.end() for start, end, _ in spots):
                continue
            spots.append((*match.span(), term))
            self._left.remove(term)
        parts, at = [], 0
        for start, end, term in sorted(spots, key=lambda spot: spot[0]):
            parts.append(escape(text[at:start]))
            parts.append(
                Markup('<a class="term" href="{}#{}" title="{}">{}</a>').format(
                    self.page, term.key, term.meaning, text[start:end]
                )
            )
            at = end
        return Markup("").join([*parts, escape(text[at:])])
