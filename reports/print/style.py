"""The printed report's look: fonts, colours, paragraph and table styles.

DejaVu (free licence, in matplotlib's package) has every letter and sign the report uses; the PDF
embeds the letters it needs.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, Table

INK, SOFT, RULE, FAINT = (HexColor(code) for code in ("#1c2733", "#54606d", "#c9d1d9", "#f1f4f6"))
ACCENT, MARK_INK, MARK = (HexColor(code) for code in ("#0b4a5e", "#5c3b00", "#fdf2d0"))
FEWER, MORE = HexColor("#542788"), HexColor("#b35806")
FEWER_PALE, MORE_PALE = HexColor("#ebe6f2"), HexColor("#fbeadb")
ALARM = HexColor("#8a1c1c")

PAGE_WIDTH, PAGE_HEIGHT = A4
LEFT = RIGHT = 18 * mm
TOP, BOTTOM = 22 * mm, 19 * mm
WIDTH = PAGE_WIDTH - LEFT - RIGHT

SANS, BOLD, SERIF = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif"


@cache
def register_fonts() -> None:
    """Make the fonts known to reportlab, once; streams are written as bytes, not as letters."""
    rl_config.useA85 = 0
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name in (SANS, BOLD, SERIF):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily(SANS, normal=SANS, bold=BOLD, italic=SANS, boldItalic=BOLD)
    pdfmetrics.registerFontFamily(SERIF, normal=SERIF, bold=SERIF, italic=SERIF, boldItalic=SERIF)


def _style(name: str, **traits: Any) -> ParagraphStyle:
    base: dict[str, Any] = {
        **{"fontName": SANS, "fontSize": 8.6, "leading": 13, "textColor": INK, "spaceAfter": 5},
        **{"allowWidows": 0, "allowOrphans": 0, "splitLongWords": 1},
    }
    return ParagraphStyle(name, **{**base, **traits})


BODY = _style("body")
LEAD = _style("lead", fontName=SERIF, fontSize=11.5, leading=17, spaceAfter=10)
TITLE = _style("title", fontName=SERIF, fontSize=29, leading=34, spaceAfter=4)
SUBTITLE = _style("subtitle", fontSize=12.5, leading=17, textColor=SOFT, spaceAfter=14)
HEADING = _style(
    "heading", fontName=SERIF, fontSize=17, leading=21, spaceBefore=14, spaceAfter=8, keepWithNext=1
)
SUBHEADING = _style(
    "subheading", fontName=BOLD, fontSize=9.6, leading=13, spaceBefore=9, spaceAfter=3,
    keepWithNext=1,
)  # fmt: skip
CAPTION = _style("caption", fontSize=8, leading=11.5, spaceBefore=6, spaceAfter=3, keepWithNext=1)
#: Over a table longer than a page, which may begin anywhere on one.
CAPTION_LONG = _style("caption long", fontSize=8, leading=11.5, spaceBefore=6, spaceAfter=3)
NOTE = _style("note", fontSize=7.2, leading=10.5, textColor=SOFT, spaceBefore=3, spaceAfter=4)
NOTICE = _style(
    "notice", fontSize=8.6, leading=13, borderPadding=(6, 8, 6, 8), backColor=FAINT,
    spaceBefore=10, spaceAfter=12, leftIndent=8, rightIndent=8,
)  # fmt: skip
BAND = _style(
    "band", fontSize=9, leading=13, textColor=MARK_INK, backColor=MARK,
    borderPadding=(7, 9, 7, 9), leftIndent=9, rightIndent=9, spaceBefore=6, spaceAfter=16,
)  # fmt: skip
ALARM_BAND = _style(
    "alarm", parent=BAND, fontSize=9, leading=13, textColor=ALARM, borderColor=ALARM,
    borderWidth=1.2, borderPadding=(7, 9, 7, 9), leftIndent=9, rightIndent=9,
    spaceBefore=6, spaceAfter=16,
)  # fmt: skip
HEADLINE = _style("headline", fontName=SERIF, fontSize=21, leading=25, textColor=ACCENT)
CELL = _style("cell", fontSize=7.2, leading=9.6, spaceAfter=0)
CELL_BOLD = _style("cell bold", fontName=BOLD, fontSize=7.2, leading=9.6, spaceAfter=0)
CELL_HEAD = _style(
    "cell head", fontName=BOLD, fontSize=6.5, leading=8.4, spaceAfter=0, splitLongWords=0
)
CELL_HEAD_RIGHT = _style(
    "cell head right", fontName=BOLD, fontSize=6.5, leading=8.4, spaceAfter=0, splitLongWords=0,
    alignment=TA_RIGHT,
)  # fmt: skip
CELL_DENSE = _style("cell dense", fontSize=7, leading=7.9, spaceAfter=0, alignment=TA_RIGHT)
CELL_RIGHT = _style("cell right", fontSize=7.2, leading=9.6, spaceAfter=0, alignment=TA_RIGHT)
BULLET = _style("bullet", leftIndent=11, bulletIndent=1, spaceAfter=3)
TOC = _style("toc", fontSize=9, leading=16, spaceAfter=0)


def text(value: str, style: ParagraphStyle = BODY, **traits: Any) -> Paragraph:
    """Return a paragraph of plain text: nothing in ``value`` is markup."""
    return Paragraph(escape(value), style, **traits)


def marked(value: str, mark: str, style: ParagraphStyle = CAPTION) -> Paragraph:
    """Return ``value`` in bold behind ``mark``, where there is one."""
    sign = ""
    if mark:
        sign = f'<font name="{BOLD}" color="#5c3b00" backColor="#fdf2d0"> {escape(mark)} </font> '
    return Paragraph(f"{sign}<b>{escape(value)}</b>", style)


#: Lines under the heading and between rows; numbers to the right.
TABLE_STYLE: list[tuple[Any, ...]] = [
    ("FONT", (0, 0), (-1, -1), SANS, 7.2, 9.2),
    ("TEXTCOLOR", (0, 0), (-1, -1), INK),
    ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
    ("LINEBELOW", (0, 1), (-1, -1), 0.25, RULE),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 1.4),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.6),
]


def table(
    heading: list[str],
    rows: list[list[Any]],
    widths: list[float],
    *extra: tuple[Any, ...],
    left: tuple[int, ...] = (0,),
) -> Table:
    """Return a table over the text's width whose heading, if any, is repeated on every page.

    ``widths`` are shares of the width; columns in ``left`` are flush left.
    """
    head = [
        text(name, CELL_HEAD if at in left else CELL_HEAD_RIGHT) for at, name in enumerate(heading)
    ]
    total = sum(widths)
    drawn = Table(
        [head, *rows] if head else rows,
        colWidths=[WIDTH * width / total for width in widths],
        repeatRows=1 if head else 0,
    )
    flush = [("ALIGN", (at, 0), (at, -1), "LEFT") for at in left]
    drawn.setStyle([*TABLE_STYLE, *flush, *extra])
    return drawn
