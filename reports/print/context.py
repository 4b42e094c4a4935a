"""What every part of a printed document needs: the content, the words, and how numbers look."""

from __future__ import annotations

from xml.sax.saxutils import escape

from reports.content.content import Content
from reports.language.formatting import Numbers
from reports.print.document import Section, imprint
from reports.print.style import SUBHEADING
from reports.told.settings import words_for


class Printed:
    """A content object in one language, on its way to paper."""

    def __init__(self, content: Content, language: str, title: str) -> None:
        self.content = content
        self.words, self.numbers = words_for(content.choices, language), Numbers(language)
        run = content.run
        self.years = self.numbers.years(run.years) if run.years else run.window
        self.mark = self.words("mark.short") if run.is_synthetic else ""
        self.model = self.words.label("model", content.main.model)
        self.imprint = imprint(content, language, self.words(title))

    def t(self, key: str, **values: object) -> str:
        """Return the text of ``key``."""
        return self.words(key, **values)

    def section(self, key: str, title: str) -> Section:
        """Return a heading of the contents."""
        return Section(title, 0, key)

    def part(self, key: str, title: str) -> Section:
        """Return a smaller heading, in the bookmarks only."""
        return Section(title, 1, key, SUBHEADING)


def plain(value: str) -> str:
    """Return ``value`` with nothing in it that a paragraph takes for markup."""
    return escape(value)
