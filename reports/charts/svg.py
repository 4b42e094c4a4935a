"""Matplotlib's SVG made fit for a page: small, unique ids, the page's own font, a text for all."""

from __future__ import annotations

import io
import re
from html import escape

from markupsafe import Markup
from matplotlib.figure import Figure

_REFERENCE = re.compile(r'(?:xlink:href="#|url\(#)([^")]+)')
_ID = re.compile(r' id="([^"]*)"')
_LONG_NUMBER = re.compile(r"(-?\d+\.\d)\d+")
_FONT = re.compile(r"font-family: [^;\"]+; ?")
_NO_TURN = re.compile(r' transform="rotate\(-?0 [^"]*\)"')


def inline(figure: Figure, name: str, label: str, over: str = "") -> Markup:
    """Return ``figure`` as an SVG element for HTML, with ``label`` as its accessible name.

    ``over`` is SVG drawn on top, in points from the upper left corner.
    Text stays text and takes the page's font; coordinates keep one decimal (1/10 point); ids get
    the prefix ``name`` so that several charts share a page.
    """
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    text = target.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    used = set(_REFERENCE.findall(text))
    text = _ID.sub(lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", text)
    text = re.sub(r'xlink:href="#', f'href="#{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    text = _NO_TURN.sub("", _FONT.sub("", text))
    text = _LONG_NUMBER.sub(r"\1", text)
    text = re.sub(r">\s+<", "><", text)
    head, rest = text.split(">", 1)
    box = re.search(r'viewBox="([^"]+)"', head)
    view_box = box[1] if box else "0 0 100 100"
    attributes = (
        f'xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}" class="chart" role="img"'
        f' aria-label="{escape(label)}"'
    )
    return Markup(f"<svg {attributes}>{rest.strip().removesuffix('</svg>')}{over}</svg>")
