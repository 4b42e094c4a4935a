"""The frame of a printed document: A4, running head with mark and run, page x of y, bookmarks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph
from reportlab.platypus.tableofcontents import TableOfContents

from reports.content.content import Content
from reports.language.formatting import Numbers
from reports.language.words import Words
from reports.print.style import (
    ALARM,
    BOLD,
    BOTTOM,
    HEADING,
    LEFT,
    MARK_INK,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RIGHT,
    RULE,
    SANS,
    SOFT,
    TOC,
    TOP,
    WIDTH,
    register_fonts,
    text,
)
from reports.told.settings import words_for

_LANGUAGES = {"da": "da-DK", "en": "en-GB"}


@dataclass(frozen=True)
class Imprint:
    """What stands on every page and in the file's properties."""

    title: str
    subject: str
    run: str
    mark: str
    alarm: str
    language: str
    words: Words


def imprint(content: Content, language: str, title: str) -> Imprint:
    """Return the imprint of ``content`` under ``title``."""
    words, numbers = words_for(content.choices, language), Numbers(language)
    years = numbers.years(content.run.years) if content.run.years else content.run.window
    return Imprint(
        title=title,
        subject=words("pdf.subject", years=years),
        run=words("pdf.run", run=content.run.run_id),
        mark=words("mark.short") if content.run.is_synthetic else "",
        alarm="" if content.choices.disclosure_control else words("disclosure.off_short"),
        language=language,
        words=words,
    )


class Section(Paragraph):
    """A heading that goes into the bookmarks, and one of level 0 into the contents."""

    def __init__(self, title: str, level: int, key: str, style: Any = HEADING) -> None:
        drawn = text(title, style)
        super().__init__(drawn.text, style)
        self.title, self.level, self.key = title, level, key


class _Document(BaseDocTemplate):
    """Draws the running head, bookmarks each section, and notes it for the contents.

    ``total`` is the number of pages of the pass before, or what the caller knows it to be.
    """

    def __init__(self, path: Path, of: Imprint, total: int) -> None:
        super().__init__(
            str(path),
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            title=" · ".join(part for part in (of.mark, of.alarm, of.title) if part),
            author="Tildeling",
            subject=f"{of.subject} · {of.run}",
            keywords=of.mark,
            creator="Tildeling",
            lang=_LANGUAGES[of.language],
            invariant=1,
            displayDocTitle=True,
        )
        self._of, self._total = of, total
        frame = Frame(
            LEFT, BOTTOM, WIDTH, PAGE_HEIGHT - TOP - BOTTOM, id="text",
            leftPadding=0, rightPadding=0, topPadding=4, bottomPadding=0,
        )  # fmt: skip
        self.addPageTemplates([PageTemplate(id="page", frames=[frame], onPageEnd=self._head)])

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab's name
        if isinstance(flowable, Section):
            self.canv.bookmarkPage(flowable.key)
            self.canv.addOutlineEntry(flowable.title, flowable.key, flowable.level, closed=False)
            if flowable.level == 0:
                self.notify("TOCEntry", (0, flowable.title, self.page, flowable.key))

    def _endBuild(self) -> None:  # noqa: N802 - reportlab's name
        self._total = self.page
        super()._endBuild()

    def _head(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        of, top, foot = self._of, PAGE_HEIGHT - TOP + 17, BOTTOM - 18
        x = LEFT
        for words, colour in ((of.mark, MARK_INK), (of.alarm, ALARM)):
            if words:
                canvas.setFont(BOLD, 7.5)
                canvas.setFillColor(colour)
                canvas.drawString(x, top, words)
                x += canvas.stringWidth(words, BOLD, 7.5) + 10
        canvas.setFont(SANS, 6.8)
        canvas.setFillColor(SOFT)
        canvas.drawRightString(PAGE_WIDTH - RIGHT, top, of.run)
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(LEFT, top - 5, PAGE_WIDTH - RIGHT, top - 5)
        canvas.drawString(LEFT, foot, of.title)
        page = of.words("pdf.page", page=self.page, pages=self._total)
        canvas.drawRightString(PAGE_WIDTH - RIGHT, foot, page)


def contents() -> TableOfContents:
    """Return the table of contents, filled while the document is built."""
    listed = TableOfContents(dotsMinLevel=0, rightColumnWidth=24)
    listed.levelStyles = [TOC]
    return listed


def build(path: Path, of: Imprint, story: list[Flowable], *, n_pages: int | None = None) -> None:
    """Write ``story`` as a PDF to ``path``; the same story gives the same bytes.

    Without ``n_pages`` the story is set until contents and page numbers agree.
    """
    register_fonts()
    document = _Document(path, of, n_pages or 0)
    if n_pages is None:
        document.multiBuild(story)
    else:
        document.build(story)
