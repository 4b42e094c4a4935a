"""Tables as CSV that a spreadsheet opens in the reader's language, offered as a download."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from reports.language.formatting import MINUS, SUPPRESSED, Numbers

#: Signs that make a spreadsheet read a cell as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_MARK_OF_ORDER = "\ufeff"


def csv_text(
    header: Sequence[str], rows: Iterable[Sequence[str | float | None]], numbers: Numbers
) -> str:
    """Return ``rows`` under ``header`` as text with ``;`` between cells, for UTF-8.

    Numbers have the language's decimal sign and no grouping, at most four decimals; None is
    ``..``. Text that a spreadsheet would take for a formula is led by an apostrophe.
    """
    lines = [";".join(_quoted(name) for name in header)]
    lines += [";".join(_cell(value, numbers) for value in row) for row in rows]
    return _MARK_OF_ORDER + "\r\n".join(lines) + "\r\n"


def data_link(text: str) -> str:
    """Return ``text`` as an address that needs no file."""
    return f"data:text/csv;charset=utf-8,{quote(text)}"


def _cell(value: str | float | None, numbers: Numbers) -> str:
    if value is None:
        return SUPPRESSED
    if isinstance(value, str):
        return _quoted(value)
    text = f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return text.replace(".", numbers.decimal_sign).replace(MINUS, "-")


def _quoted(text: str) -> str:
    safe = f"'{text}" if text.startswith(_FORMULA) else text
    return '"' + safe.replace('"', '""') + '"'
