"""Small charts of the municipality pages, written as SVG.

Matplotlib draws the large charts of the front page, where its scales and label placement earn
their time (about 0.2 s a chart). A municipality page has a line, four bars and a strip of dots, in
two languages for 98 municipalities: some 600 charts, which would take two minutes, and whose
every mark is one line of arithmetic. They are therefore written here directly, with text as text
and coordinates in SVG units; the numbers of each stand in a table beside it. Shape and position
carry the meaning, so that grey print and colour-blind readers lose nothing.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts.parts import (
    ACCENT,
    INK,
    RULE,
    SOFT,
    WIDTH,
    mark_of,
    path_through,
    rule,
    svg,
    text_at,
)

#: Of a chart that stands beside others.
_NARROW = 350


@dataclass(frozen=True)
class Line:
    """A line over years; ``None`` breaks it. ``label`` stands in the key.

    ``limits`` are those of each value, where it has any: drawn as a thin upright line.
    """

    label: str
    values: tuple[float | None, ...]
    is_main: bool
    limits: tuple[tuple[float, float] | None, ...] = ()


def ends(low: float | None, high: float | None) -> tuple[float, float] | None:
    """Return the limits of a value for a line; None where one is not known."""
    return None if low is None or high is None else (low, high)


@dataclass(frozen=True)
class Bar:
    """A bar from zero to ``value`` with an interval and its number as text."""

    label: str
    value: float
    low: float | None
    high: float | None
    text: str
    is_total: bool = False


@dataclass(frozen=True)
class Interval:
    """A ratio to 1 with its limits, each None where the release withholds it."""

    label: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Dot:
    """A mark on a strip; a row without a value has none."""

    label: str
    value: float | None
    text: str
    is_main: bool = False


def line_chart(
    years: Sequence[int],
    lines: Sequence[Line],
    ticks: Sequence[tuple[float, str]],
    label: str,
    axis: str,
    mark: str,
) -> Markup:
    """Return ``lines`` over ``years``; ``ticks`` are values and texts of the vertical axis."""
    height, left, right, top, bottom = 250, 40, 14, 44, 26
    highest = ticks[-1][0] or 1.0

    def x(place: int) -> float:
        return left + (WIDTH - left - right) * (place + 0.5) / len(years)

    def y(value: float) -> float:
        return height - bottom - (height - top - bottom) * value / highest

    parts = [text_at(0, 12, axis, size=11, fill=SOFT), mark_of(mark)]
    for value, shown in ticks:
        parts.append(rule(left, y(value), WIDTH - right, y(value), RULE, 0.7))
        parts.append(text_at(left - 6, y(value) + 4, shown, anchor="end", size=11))
    every = max(1, math.ceil(len(years) / 12))
    for place, year in enumerate(years):
        if (len(years) - 1 - place) % every == 0:
            parts.append(text_at(x(place), height - 8, str(year), anchor="middle", size=11))
    at = left
    for line in sorted(lines, key=lambda one: one.is_main):
        colour, width = (ACCENT, 2.2) if line.is_main else (SOFT, 1.4)
        dash = "" if line.is_main else ' stroke-dasharray="5 3"'
        path = path_through(x, y, line.values)
        # Beside each other where two lines have limits; what leaves the drawing ends at its edge.
        aside = 0 if line.is_main else 3
        parts += [
            rule(
                x(place) + aside,
                y(min(limits[0], highest)),
                x(place) + aside,
                y(min(limits[1], highest)),
                colour,
                1.1,
            )
            for place, limits in enumerate(line.limits)
            if limits is not None
        ]
        parts.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>'
        )
        if line.is_main:
            parts += [
                f'<circle cx="{x(place):.1f}" cy="{y(value):.1f}" r="3.4" fill="{colour}"/>'
                for place, value in enumerate(line.values)
                if value is not None
            ]
    for line in sorted(lines, key=lambda one: not one.is_main):
        colour, dash = (ACCENT, "") if line.is_main else (SOFT, ' stroke-dasharray="5 3"')
        parts.append(
            f'<path d="M{at} 28h22" stroke="{colour}" stroke-width="2" fill="none"{dash}/>'
        )
        parts.append(text_at(at + 28, 32, line.label, size=11))
        at += 28 + round(6.2 * len(line.label)) + 26
    return svg(height, label, parts)


def bar_chart(bars: Sequence[Bar], label: str, axis: str, mark: str) -> Markup:
    """Return horizontal ``bars`` around zero with their intervals."""
    row, left, right, top = 34, 190, 78, 38
    height = top + row * len(bars) + 6
    ends = [0.0]
    for bar in bars:
        ends += [bar.value, *(end for end in (bar.low, bar.high) if end is not None)]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0

    def x(value: float) -> float:
        return left + (WIDTH - left - right) * (value - low) / span

    parts = [text_at(0, 12, axis, size=11, fill=SOFT), mark_of(mark, 27)]
    for place, bar in enumerate(bars):
        middle = top + row * place + row / 2
        start, end = sorted((x(0), x(bar.value)))
        weight = "bold" if bar.is_total else "normal"
        colour = "#8c98a5" if bar.is_total else "#c3ccd4"
        if bar.is_total:
            parts.append(rule(0, middle - row / 2, WIDTH, middle - row / 2, RULE, 1))
        parts.append(text_at(0, middle + 4, bar.label, weight=weight))
        parts.append(
            f'<rect x="{start:.1f}" y="{middle - 7:.1f}" width="{max(end - start, 0.8):.1f}"'
            f' height="14" fill="{colour}"/>'
        )
        if bar.low is not None and bar.high is not None:
            parts.append(rule(x(bar.low), middle, x(bar.high), middle, INK, 1.6))
            for edge in (bar.low, bar.high):
                parts.append(rule(x(edge), middle - 5, x(edge), middle + 5, INK, 1.6))
        parts.append(text_at(WIDTH, middle + 4, bar.text, anchor="end", weight=weight))
    parts.append(rule(x(0), top, x(0), height - 4, INK, 1))
    return svg(height, label, parts)


def strip_chart(
    dots: Sequence[Dot],
    first: int,
    last: int,
    band: tuple[int, int],
    label: str,
    axis: str,
    mark: str,
) -> Markup:
    """Return a row per dot on a scale from ``first`` to ``last``, ``band`` shaded behind all."""
    row, left, right, top = 22, 210, 44, 38
    height = top + row * len(dots) + 24

    def x(value: float) -> float:
        return left + (WIDTH - left - right) * (value - first) / max(last - first, 1)

    parts = [text_at(0, 12, axis, size=11, fill=SOFT), mark_of(mark, 27)]
    end = top + row * len(dots)
    parts.append(
        f'<rect x="{x(band[0]) - 4:.1f}" y="{top}" width="{x(band[1]) - x(band[0]) + 8:.1f}"'
        f' height="{end - top}" fill="#e8edf1"/>'
    )
    for place, dot in enumerate(dots):
        middle = top + row * place + row / 2
        weight = "bold" if dot.is_main else "normal"
        parts.append(text_at(0, middle + 4, dot.label, weight=weight))
        parts.append(rule(left, middle, WIDTH - right, middle, RULE, 0.7))
        if dot.value is not None:
            size, colour = (5, INK) if dot.is_main else (4, ACCENT)
            parts.append(
                f'<circle cx="{x(dot.value):.1f}" cy="{middle:.1f}" r="{size}" fill="{colour}"/>'
            )
        parts.append(text_at(WIDTH, middle + 4, dot.text, anchor="end", weight=weight))
    for value, anchor in ((first, "middle"), (last, "middle")):
        parts.append(text_at(x(value), end + 16, str(value), anchor=anchor, size=11))
    return svg(height, label, parts)


def position_strip(
    marks: Sequence[tuple[float, bool]],
    ticks: Sequence[tuple[float, str]],
    label: str,
    axis: str,
    mark: str,
) -> Markup:
    """Return positive values as strokes on one logarithmic scale, the own one a large dot."""
    height, left, right, line = 74, 14, 14, 42
    values = [math.log(value) for value, _ in marks] or [0.0]
    low, high = min(values) - 0.05, max(values) + 0.05

    def x(value: float) -> float:
        return left + (WIDTH - left - right) * (math.log(value) - low) / (high - low)

    parts = [text_at(0, 12, axis, size=11, fill=SOFT), mark_of(mark, 27)]
    parts.append(rule(left, line, WIDTH - right, line, RULE, 1))
    for value, said in ticks:
        if low <= math.log(value) <= high:
            parts.append(rule(x(value), line + 9, x(value), line + 13, SOFT, 1))
            parts.append(text_at(x(value), line + 26, said, anchor="middle", size=11))
    parts += [rule(x(v), line - 8, x(v), line + 8, "#8796a3", 1.2) for v, own in marks if not own]
    parts += [
        f'<circle cx="{x(v):.1f}" cy="{line}" r="7" fill="{INK}"/>' for v, own in marks if own
    ]
    return svg(height, label, parts)


def interval_chart(
    rows: Sequence[Interval],
    label: str,
    axis: str,
    number: Callable[[float], str],
    mark: str,
) -> Markup:
    """Return a dot with its interval per row on a logarithmic scale around 1.

    Narrow, since three stand side by side on a printed page; a long label has two lines. Limits
    beyond a fifth and five times are cut there; a row without a value has no dot.
    """
    row, left, right, top = 22, 168, 12, 36
    height = top + row * len(rows) + 24
    reach = math.log(5)

    def x(value: float) -> float:
        held = min(max(math.log(max(value, 1e-6)), -reach), reach)
        return left + (_NARROW - left - right) * (held + reach) / (2 * reach)

    end = top + row * len(rows)
    parts = [text_at(0, 14, axis, size=14, weight="bold"), mark_of(mark, 30, _NARROW)]
    for value in (0.25, 0.5, 1.0, 2.0, 4.0):
        width, colour = (1.2, INK) if value == 1 else (0.7, RULE)
        parts.append(rule(x(value), top, x(value), end, colour, width))
        parts.append(text_at(x(value), end + 16, number(value), anchor="middle", size=12))
    for place, one in enumerate(rows):
        middle = top + row * place + row / 2
        parts += _two_lines(one.label, middle + 4)
        if one.value is None:
            continue
        if one.low is not None and one.high is not None:
            parts.append(rule(x(one.low), middle, x(one.high), middle, ACCENT, 2.4))
        parts.append(f'<circle cx="{x(one.value):.1f}" cy="{middle:.1f}" r="4" fill="{INK}"/>')
    return svg(height, label, parts, _NARROW)


def _two_lines(label: str, y: float) -> list[str]:
    """Return a label of a narrow chart: one line at ``y``, or two around it."""
    lines = textwrap.wrap(label, 25)
    if len(lines) == 1:
        return [text_at(0, y, label, size=12.5)]
    return [text_at(0, y - 5 + 10 * at, line, size=10) for at, line in enumerate(lines)]
