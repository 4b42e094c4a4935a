"""The workbook: a cover and one sheet per table, typed, filtered, and the same bytes every time.

Text is always written as text: a name that begins with ``=`` is a name. Nothing is hidden in the
file: no hidden sheet, column, comment or defined name, and a withheld figure is an empty cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.content.content import Content
from reports.content.read import ResultTables
from reports.language.formatting import Numbers
from reports.language.words import Words
from reports.told.settings import words_for
from reports.workbook.overview import draw, overview
from reports.workbook.sheets import Column, Sheet, sheets_from
from reports.workbook.writing import ColumnSheet

_NUMBER_FORMATS = {
    "text": "@",
    "count": "#,##0",
    "year": "0",
    "decimal1": "#,##0.0",
    "decimal2": "#,##0.00",
    "decimal3": "0.000",
    "share1": "0.0%",
    "share2": "0.00%",
}
#: Excel's limit of characters in a cell; longer text is cut and says so.
_LONGEST = 32_767
#: What a spreadsheet may take for a formula when a cell is edited.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_HEADING_ROW = 3
_FONT = "Calibri"
_ACCENT, _MARK_INK, _MARK = "#0b4a5e", "#5c3b00", "#fdf2d0"


def write_workbook(path: Path, tables: ResultTables, content: Content, language: str) -> None:
    """Write the workbook of ``tables`` in ``language`` to ``path``."""
    words, numbers = words_for(content.choices, language), Numbers(language)
    sheets = sheets_from(tables, content, language)
    with xlsxwriter.Workbook(
        str(path), {"strings_to_urls": False, "strings_to_formulas": False}
    ) as book:
        book.set_properties(_properties(content, words, numbers))
        pen = _Pen(book, content, words)
        cover = book.add_worksheet(words("workbook.cover"))
        first = overview(content, language)
        pen.table(book.add_worksheet(first.name, ColumnSheet), first)
        drawn = book.add_worksheet(words("workbook.charts"))
        pen.page(drawn)
        pen.text(drawn, 0, 0, words("workbook.charts"), "title")
        if pen.mark:
            pen.text(drawn, 1, 0, pen.mark, "mark")
        draw(book, drawn, first, content, words, _HEADING_ROW + 1)
        for sheet in sheets:
            pen.table(book.add_worksheet(sheet.name, ColumnSheet), sheet)
        sheets = [first, *sheets]
        dictionary = _dictionary(sheets, words)
        pen.table(book.add_worksheet(dictionary.name, ColumnSheet), dictionary)
        _cover(cover, pen, [*sheets, dictionary], content, words, numbers)
        cover.activate()


def _properties(content: Content, words: Words, numbers: Numbers) -> dict[str, Any]:
    run, mark = content.run, _mark(content, words)
    made = run.finished_at or run.started_at or datetime(1980, 1, 1)
    return {
        "title": f"{mark} · {words('workbook.title')}" if mark else words("workbook.title"),
        "subject": words("workbook.subject", years=numbers.years(run.years) or run.window),
        "author": "Tildeling",
        "keywords": mark,
        "category": run.run_id,
        "comments": f"{mark} {words('mark.band')}".strip() if mark else "",
        # The time of the run, not of writing: the same release gives the same file.
        "created": made.replace(tzinfo=None),
    }


def _mark(content: Content, words: Words) -> str:
    marks = [words("mark.short")] if content.run.is_synthetic else []
    if not content.choices.disclosure_control:
        marks.append(words("disclosure.off_short"))
    return " · ".join(marks)


class _Pen:
    """Writes cells and tables with the workbook's formats."""

    def __init__(self, book: Workbook, content: Content, words: Words) -> None:
        self._book, self._words = book, words
        self.mark = _mark(content, words)
        self._run_id = content.run.run_id
        self._formats: dict[tuple[str, ...], Format] = {}

    def format(self, *traits: str) -> Format:
        """Return the format with ``traits``: a kind of number, or a look."""
        if traits not in self._formats:
            looks: dict[str, dict[str, Any]] = {
                "heading": {
                    **{"bold": True, "font_color": "white", "bg_color": _ACCENT},
                    **{"text_wrap": True, "valign": "top", "border": 1, "border_color": "white"},
                },
                "title": {"bold": True, "font_size": 14},
                "bold": {"bold": True},
                "mark": {"bold": True, "font_color": _MARK_INK, "bg_color": _MARK},
                "note": {"italic": True, "font_color": "#54606d"},
                "wrap": {"text_wrap": True, "valign": "top"},
                "quoted": {"quote_prefix": True},
                "link": {"font_color": _ACCENT, "underline": 1},
            }
            properties: dict[str, Any] = {"font_name": _FONT}
            for trait in traits:
                properties.update(looks.get(trait) or {"num_format": _NUMBER_FORMATS[trait]})
            self._formats[traits] = self._book.add_format(properties)
        return self._formats[traits]

    def text(self, sheet: Worksheet, row: int, column: int, text: str, *traits: str) -> None:
        """Write ``text`` as text, whatever it begins with."""
        sheet.write_string(row, column, *self.told(text, *traits))

    def told(self, text: str | bool, *traits: str) -> tuple[str, Format]:
        """Return text, or yes and no, as Excel can hold it, and its format."""
        if isinstance(text, bool):
            text = self._words("workbook.yes" if text else "workbook.no")
        if len(text) > _LONGEST:
            cut = self._words("workbook.shortened")
            text = text[: _LONGEST - len(cut)] + cut
        if text.startswith(_FORMULA_SIGNS):
            traits = (*traits, "quoted")
        return text, self.format(*traits)

    def table(self, sheet: ColumnSheet, table: Sheet) -> None:
        """Write ``table`` with its title, frozen heading, filter, widths and print settings."""
        self.page(sheet)
        self.text(sheet, 0, 0, table.title, "title")
        if self.mark:
            self.text(sheet, 1, 0, self.mark, "mark")
        if table.note:
            self.text(sheet, 2, 0, table.note, "note")
        sheet.set_row(_HEADING_ROW, 48)
        for at, (column, values) in enumerate(zip(table.columns, table.cells, strict=True)):
            sheet.set_column(at, at, _width(column, values))
            self.text(sheet, _HEADING_ROW, at, column.heading, "heading")
        looks = [self.format(column.kind) for column in table.columns]
        sheet.fill(_HEADING_ROW + 1, table.cells, looks, cache(self.told))
        last = _HEADING_ROW + len(table.cells[0])
        sheet.autofilter(_HEADING_ROW, 0, last, len(table.columns) - 1)
        sheet.freeze_panes(_HEADING_ROW + 1, _n_frozen(table.columns))
        sheet.repeat_rows(_HEADING_ROW)

    def page(self, sheet: Worksheet) -> None:
        """Set ``sheet`` up for print on A4 with the mark and the run in its header."""
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        mark, run = (text.replace("&", "&&") for text in (self.mark, self._run_id))
        sheet.set_header(f'&L&"{_FONT},Bold"{mark}&R{self._words("workbook.run")} {run}'[:255])
        sheet.set_footer(f"&C{self._words('workbook.page')}")


def _n_frozen(columns: tuple[Column, ...]) -> int:
    """Return how many columns stay in sight: up to the municipality's name, else one."""
    names = [column.name for column in columns]
    return names.index("municipality_name") + 1 if "municipality_name" in names else 1


def _width(column: Column, values: Sequence[Any]) -> float:
    longest_word = max(len(word) for word in column.heading.split())
    if column.kind != "text":
        return max(10.0, longest_word + 3.0)
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return min(max(longest + 2.0, longest_word + 3.0, 10.0), 60.0)


def _dictionary(sheets: list[Sheet], words: Words) -> Sheet:
    headings = ("sheet", "column", "meaning", "database")
    columns = tuple(
        Column(name, words(f"workbook.dictionary_{name}"), "", "text") for name in headings
    )
    rows: list[tuple[Any, ...]] = []
    for sheet in sheets:
        of = "benchmark, result.ranking" if sheet.key in ("ranking", "overview") else sheet.key
        rows += [
            (sheet.name, c.heading, c.meaning, f"{c.name} (result.{of})") for c in sheet.columns
        ]
    return Sheet(
        key="dictionary",
        name=words("workbook.dictionary"),
        title=words("workbook.dictionary_title"),
        note="",
        columns=columns,
        cells=list(zip(*rows, strict=True)),
    )


def _cover(
    cover: Worksheet,
    pen: _Pen,
    sheets: list[Sheet],
    content: Content,
    words: Words,
    numbers: Numbers,
) -> None:
    run = content.run
    pen.page(cover)
    cover.hide_gridlines(2)
    cover.set_column(0, 0, 28)
    cover.set_column(1, 1, 88)
    cover.set_column(2, 2, 10)
    pen.text(cover, 0, 0, words("workbook.title"), "title")
    line = 1
    if content.run.is_synthetic:
        pen.text(cover, line, 0, words("mark.short"), "mark")
        pen.text(cover, line, 1, words("mark.band"), "mark", "wrap")
        line += 1
    if not content.choices.disclosure_control:
        pen.text(cover, line, 0, words("disclosure.off_short"), "mark")
        pen.text(cover, line, 1, words("disclosure.off"), "mark", "wrap")
        line += 1
    if content.choices.has_noise:
        pen.text(cover, line, 1, words("disclosure.noise_note"), "wrap")
        line += 1
    pen.text(cover, line, 0, words("workbook.lead"))
    scale = words("page.scale_real")
    if run.is_synthetic:
        scale = words("page.scale_synthetic", share=numbers.percent(run.scale))
    facts = (
        (words("workbook.run"), run.run_id),
        (words("workbook.made"), numbers.moment(run.finished_at or run.started_at)),
        (words("workbook.window"), numbers.years(run.years) if run.years else run.window),
        (words("workbook.scale"), scale),
        (words("workbook.version"), run.code_version),
    )
    line += 2
    for name, value in facts:
        pen.text(cover, line, 0, name, "bold")
        pen.text(cover, line, 1, value)
        line += 1
    line += 1
    pen.text(cover, line, 0, words("workbook.reading"), "bold")
    model = words.label("model", content.main.model)
    telling = replace(words, common={**words.common, "model": model})
    for text in telling.all("workbook.reading_lines"):
        pen.text(cover, line, 1, text, "wrap")
        line += 1
    line += 1
    pen.text(cover, line, 0, words("workbook.sheets"), "bold")
    pen.text(cover, line, 2, words("workbook.sheet_rows"), "bold")
    for sheet in sheets:
        line += 1
        cover.write_url(line, 0, f"internal:'{sheet.name}'!A1", pen.format("link"), sheet.name)
        pen.text(cover, line, 1, sheet.title, "wrap")
        cover.write_number(line, 2, len(sheet.cells[0]), pen.format("count"))
