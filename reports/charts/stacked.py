"""Stacked columns and columns in and out over time, written as SVG like the small charts.

Fills go from dark to light in the order of the key, every three with a pattern of their own, and
white lines part them, so that grey print tells them apart; the numbers stand in a table beside each
chart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts.parts import INK, RULE, SOFT, WIDTH, mark_of, rule, svg, text_at
from reports.charts.patterns import pattern_defs, pattern_id

_HEIGHT = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 22, 26
#: Dark to light and back through other hues, told apart in grey by lightness beside neighbours.
FILLS = (
    *("#0b3c49", "#35798a", "#8fbfc9", "#e3d26f", "#c98b2b", "#7d4f16"),
    *("#54278f", "#9e9ac8", "#dadaeb", "#737373", "#bdbdbd", "#efefef"),
)
#: Pattern and its ink over each three of the fills.
_OVER = (("", ""), ("hatch", "#1c2733"), ("dots", "#1c2733"), ("lines", "#1c2733"))
_OPACITY = 0.45
_CHARACTER, _KEY_ROW = 6.1, 18


@dataclass(frozen=True)
class Layer:
    """One part of every column, by its name in the key; ``values`` has one number a column."""

    label: str
    values: tuple[float, ...]
    fill: str = ""


def stacked_chart(
    columns: Sequence[str],
    layers: Sequence[Layer],
    ticks: Sequence[tuple[float, str]],
    label: str,
    axis: str,
    mark: str,
) -> Markup:
    """Return ``layers`` on top of each other, one column a text of ``columns``.

    ``ticks`` are values and texts of the vertical axis, the last its upper end; an empty text of
    ``columns`` is not written.
    """
    over = [_over(label, at) for at in range(len(layers))]
    key, key_height = _key(
        [(one.label, one.fill or FILLS[at], over[at]) for at, one in enumerate(layers)]
    )
    bottom = key_height + _BOTTOM
    height = _HEIGHT + key_height
    used = [_OVER[at // 3] for at in range(len(layers)) if over[at]]
    parts = [pattern_defs(label, used, _OPACITY), text_at(0, 12, axis, size=11, fill=SOFT)]
    parts.append(mark_of(mark))

    def y(value: float) -> float:
        return height - bottom - (height - bottom - _TOP) * value / (ticks[-1][0] or 1.0)

    parts += _ruled(ticks, y)
    wide = (WIDTH - _LEFT - _RIGHT) / len(columns)
    for place in range(len(columns)):
        below = 0.0
        for at, layer in enumerate(layers):
            value = layer.values[place]
            above = below + value
            if value > 0:
                box = (
                    f'<rect x="{_LEFT + wide * place + 0.06 * wide:.1f}" y="{y(above):.1f}"'
                    f' width="{0.88 * wide:.1f}" height="{y(below) - y(above):.1f}"'
                )
                fill = layer.fill or FILLS[at]
                parts.append(f'{box} fill="{fill}" stroke="#fff" stroke-width="0.6"/>')
                if over[at]:
                    parts.append(f'{box} fill="{over[at]}"/>')
            below = above
    parts += _named(columns, wide, height - key_height - 8)
    parts += [_shifted(part, height - key_height) for part in key]
    return svg(height, label, parts)


def flow_chart(
    columns: Sequence[str],
    inflow: tuple[str, Sequence[float]],
    outflow: tuple[str, Sequence[float]],
    ticks: Sequence[tuple[float, str]],
    label: str,
    axis: str,
    mark: str,
) -> Markup:
    """Return ``inflow`` upwards and ``outflow`` downwards from one line, each with its name."""
    height = 230
    middle = (height - _BOTTOM + _TOP) / 2 + 8
    reach = middle - _TOP - 22
    highest = ticks[-1][0] or 1.0
    parts = [text_at(0, 12, axis, size=11, fill=SOFT), mark_of(mark)]
    wide = (WIDTH - _LEFT - _RIGHT) / len(columns)
    for value, shown in ticks:
        for side in (-1, 1) if value else (1,):
            at = middle + side * reach * value / highest
            parts.append(rule(_LEFT, at, WIDTH - _RIGHT, at, RULE if value else INK, 0.7))
            parts.append(text_at(_LEFT - 6, at + 4, shown, anchor="end", size=11))
    for (name, values), side, fill in ((inflow, -1, FILLS[1]), (outflow, 1, FILLS[4])):
        for place, value in enumerate(values):
            tall = reach * value / highest
            parts.append(
                f'<rect x="{_LEFT + wide * place + 0.2 * wide:.1f}"'
                f' y="{middle - tall if side < 0 else middle:.1f}" width="{0.6 * wide:.1f}"'
                f' height="{tall:.1f}" fill="{fill}"/>'
            )
        at = middle + side * (reach + 12) + (4 if side > 0 else 0)
        parts.append(text_at(_LEFT + 4, at, name, size=11, weight="bold"))
    parts += _named(columns, wide, height - 4)
    return svg(height, label, parts)


def _ruled(ticks: Sequence[tuple[float, str]], y: object) -> list[str]:
    parts = []
    for value, shown in ticks:
        at = y(value)  # type: ignore[operator]
        parts.append(rule(_LEFT, at, WIDTH - _RIGHT, at, RULE, 0.7))
        parts.append(text_at(_LEFT - 6, at + 4, shown, anchor="end", size=11))
    return parts


def _named(columns: Sequence[str], wide: float, y: float) -> list[str]:
    written = [place for place, text in enumerate(columns) if text]
    longest = max((len(columns[place]) for place in written), default=1)
    every = max(1, math.ceil(longest * _CHARACTER * 1.15 * len(written) / (wide * len(columns))))
    return [
        text_at(_LEFT + wide * (place + 0.5), y, columns[place], anchor="middle", size=11)
        for at, place in enumerate(written)
        if (len(written) - 1 - at) % every == 0
    ]


def _over(label: str, at: int) -> str:
    """Return the address of the pattern over layer ``at`` in the figure ``label``, or nothing."""
    kind, ink = _OVER[at // 3]
    return f"url(#{pattern_id(label, kind, ink)})" if kind else ""


def _key(entries: Sequence[tuple[str, str, str]]) -> tuple[list[str], int]:
    """Return squares with their names in rows below 0, and the height of the rows."""
    parts, x, row = [], 0.0, 0
    for label, fill, over in entries:
        wide = 18 + _CHARACTER * len(label) + 16
        if x and x + wide > WIDTH:
            x, row = 0.0, row + 1
        y = 6 + _KEY_ROW * row
        box = f'<rect x="{x:.1f}" y="{y:.1f}" width="12" height="12"'
        parts.append(f'{box} fill="{fill}" stroke="{SOFT}" stroke-width="0.6"/>')
        if over:
            parts.append(f'{box} fill="{over}"/>')
        parts.append(text_at(x + 17, y + 10, label, size=11))
        x += wide
    return parts, _KEY_ROW * (row + 1) + 8


def _shifted(part: str, down: float) -> str:
    return f'<g transform="translate(0 {down:.1f})">{part}</g>'
