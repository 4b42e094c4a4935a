"""What a reader sees of each kind of output, as text: the golden files' content.

From the fabricated release, so that a change of words or layout is read as a diff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
from pypdf import PdfReader

from reports.content.assemble import content_from
from reports.content.read import read_tables
from reports.print.documents import write_municipalities, write_report
from reports.site.render import render_site
from reports.workbook.workbook import write_workbook

FOLDER = Path(__file__).parent / "golden"
UPDATE = "make golden"
#: Albertslund, the first municipality: few grants, and so withheld cells.
PLACE = "165"
#: Pages of the site that are kept, by language.
PAGES = {"da": ("index.html", "guide.html", f"kommune/{PLACE}.html"), "en": ("guide.en.html",)}
_ROWS_OF_A_SHEET = 7
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "caption", "dd", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "header"),
        *("legend", "li", "main", "nav", "ol", "option", "p", "section", "summary", "table"),
        *("tbody", "thead", "tr", "ul"),
    }
)
_SILENT = frozenset({"script", "style", "svg", "template"})


class _Text(HTMLParser):
    """Collects what is read: a line per block, cells of a row between bars."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in ("h1", "h2", "h3"):
            self.parts.append("\n\n" + "#" * int(tag[1]) + " ")
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def html_text(page: str) -> str:
    """Return the words of ``page``, a block on a line."""
    parser = _Text()
    parser.feed(page)
    lines = (re.sub(r" +", " ", line).strip(" |") for line in "".join(parser.parts).splitlines())
    text = "\n".join(f"\n{line}" if line.startswith("#") else line for line in lines if line)
    return text.strip() + "\n"


def workbook_text(path: Path) -> str:
    """Return the sheets of a workbook: headings, formats and the first rows of each."""
    book, lines = openpyxl.load_workbook(path), []
    for sheet in book.worksheets:
        lines.append(f"## {sheet.title} ({sheet.dimensions}, frozen {sheet.freeze_panes})")
        last = sheet.max_row if sheet is book.worksheets[0] else 4 + _ROWS_OF_A_SHEET
        for row in sheet.iter_rows(max_row=last):
            cells = [_shown(cell) for cell in row]
            lines.append(" | ".join(cells).rstrip(" |"))
        if sheet.max_row > last:
            formats = [cell.number_format for cell in sheet[5]]
            lines.append(f"formats: {' | '.join(formats)}")
        lines.append("")
    return "\n".join(lines)


def _shown(cell: openpyxl.cell.Cell) -> str:
    value = cell.value
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def pdf_text(path: Path, pages: slice = slice(None)) -> str:
    """Return the text of a PDF as it lies on the paper, page by page; wide gaps become bars."""
    lines = []
    for number, page in list(enumerate(PdfReader(path).pages, start=1))[pages]:
        lines.append(f"## {number}")
        laid_out = page.extract_text(extraction_mode="layout").replace("\xa0", " ")
        for line in laid_out.splitlines():
            # The dots that lead to a page's number lie otherwise whenever a word changes.
            told = re.sub(r"(?:\s*\.){4,}\s*", " ... ", line.strip())
            lines.append(re.sub(r" {2,}", " | ", told))
    return "\n".join(line for line in lines if line) + "\n"


def golden_texts(release: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of every golden file, made from ``release`` by way of ``folder``."""
    tables = read_tables(release)
    content = content_from(tables)
    for language, kept in PAGES.items():
        missing = set(kept)
        # Pages are made one by one: none is made after the last that is kept.
        for name, page in render_site(content, language, ("da", "en")):
            if name in missing:
                missing.remove(name)
                yield f"{Path(name).name}.txt", html_text(page)
            if not missing:
                break
    write_workbook(folder / "book.xlsx", tables, content, "da")
    yield "workbook.da.txt", workbook_text(folder / "book.xlsx")
    write_report(folder / "report.pdf", content, "da")
    yield "report.da.pdf.txt", pdf_text(folder / "report.pdf")
    write_municipalities(folder / "places.pdf", content, "en")
    at = [place.code for place in content.places].index(PLACE) - len(content.places)
    yield "place.en.pdf.txt", pdf_text(folder / "places.pdf", slice(at, at + 1 or None))
