"""What charts written as SVG are made of: colours, texts, lines, ticks and the element itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from html import escape

from markupsafe import Markup

INK, SOFT, RULE, ACCENT = "#1c2733", "#54606d", "#c9d1d9", "#0b4a5e"
#: Of a chart that has the column of a page to itself, in units of the SVG.
WIDTH = 560


def ticks_up_to(highest: float) -> list[float]:
    """Return three to six round values from 0, the last at or above ``highest``."""
    if highest <= 0:
        return [0.0, 1.0]
    size = 10.0 ** math.floor(math.log10(highest))
    step = next(size * part for part in (0.2, 0.25, 0.5, 1.0, 2.0) if highest <= 5 * size * part)
    return [step * place for place in range(math.ceil(highest / step - 1e-9) + 1)]


def path_through(
    x: Callable[[int], float], y: Callable[[float], float], values: Sequence[float | None]
) -> str:
    """Return the data of a path through ``values`` by place; it is broken where one is None."""
    parts, is_open = [], False
    for place, value in enumerate(values):
        if value is None:
            is_open = False
            continue
        parts.append(f"{'L' if is_open else 'M'}{x(place):.1f} {y(value):.1f}")
        is_open = True
    return "".join(parts)


def text_at(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: float = 12.5,
    fill: str = INK,
    weight: str = "normal",
) -> str:
    """Return ``text`` at a point: ``anchor`` is start, middle or end."""
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    bold = "" if weight == "normal" else f' font-weight="{weight}"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{fill}"{at}{bold}>'
        f"{escape(text)}</text>"
    )


def mark_of(mark: str, y: float = 12, width: float = WIDTH) -> str:
    """Return the ``mark`` of a release at the right of a chart; nothing for one without."""
    return text_at(width, y, mark, anchor="end", size=10.5, weight="bold") if mark else ""


def rule(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    """Return a straight line."""
    return (
        f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}"'
        f' stroke-width="{width:g}" fill="none"/>'
    )


def svg(height: float, label: str, parts: Iterable[str], width: float = WIDTH) -> Markup:
    """Return a chart of ``parts`` with ``label`` as its accessible name."""
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="small-chart"'
        f' viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
