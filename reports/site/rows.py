"""Rows of a table as HTML: a page has hundreds, too many for calls of a macro each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup, escape

from reports.told.blocks import Cell, Column, Row

#: What has to be written otherwise in HTML; few texts of cells have any of it.
_SPECIAL = re.compile("[&<>\"']")


def rows_html(rows: Iterable[Row], columns: Sequence[Column], places: Mapping[str, str]) -> Markup:
    """Return ``rows`` under ``columns``, one a line; ``places``: the page of each municipality."""
    kinds = [
        (
            "" if one.kind == "number" else one.kind,
            "wide-only" if one.is_wide_only else "",
        )
        for one in columns
    ]
    return Markup("".join(_row(row, kinds, places) for row in rows))


def _row(row: Row, kinds: Sequence[tuple[str, str]], places: Mapping[str, str]) -> str:
    key = f' id="{_escaped(row.key)}"' if row.key else ""
    look = f' class="{_escaped(row.look)}"' if row.look else ""
    head = f'<th scope="row"{_sort(row.head)}>{_content(row.head, places)}</th>'
    cells = "".join(
        f"<td{_looks(kind, cell.look, width)}{_sort(cell)}>{_content(cell, places)}</td>"
        for cell, (kind, width) in zip(row.cells, kinds[1:], strict=False)
    )
    return f"<tr{key}{look}>{head}{cells}</tr>\n"


def _looks(*looks: str) -> str:
    listed = " ".join(look for look in looks if look)
    return f' class="{_escaped(listed)}"' if listed else ""


def _sort(cell: Cell) -> str:
    return "" if cell.sort is None else f' data-v="{cell.sort}"'


def _content(cell: Cell, places: Mapping[str, str]) -> str:
    """Return what stands in a cell: the text as link, bold or plain, then what belongs to it."""
    text = _escaped(cell.text)
    if cell.code:
        text = f'<a href="{_escaped(places[cell.code])}">{text}</a>'
    elif cell.sign or cell.lines:
        sign = f'<i aria-hidden="true">{_escaped(cell.sign)}</i>' if cell.sign else ""
        text = f"<b>{text}{sign}</b>"
    if cell.said:
        text += f'<span class="unseen"> {_escaped(cell.said)}</span>'
    if cell.soft:
        text += f' <span class="soft">{_escaped(cell.soft)}</span>'
    for line in cell.lines:
        text += f"<small>{_escaped(line)}</small>"
    return f"{text}{escape(cell.drawing)}" if cell.drawing else text


def _escaped(text: str) -> str:
    return str(escape(text)) if _SPECIAL.search(text) else text
