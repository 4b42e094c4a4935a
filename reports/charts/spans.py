"""Spans of ranks, one upright line per municipality, written as SVG like the small charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts.parts import INK, RULE, SOFT, WIDTH, mark_of, rule, svg, text_at

_HEIGHT = 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 26, 34
_SPAN = "#7fa3b0"


@dataclass(frozen=True)
class Span:
    """The rank of a municipality, and the lowest and the highest it has under any choice."""

    rank: int
    low: int
    high: int


def span_chart(
    spans: Sequence[Span],
    ticks: Sequence[tuple[float, str]],
    rules: Sequence[float],
    label: str,
    axes: tuple[str, str],
    mark: str,
) -> Markup:
    """Return ``spans`` over the rank that is their dot, the first rank at the bottom left.

    ``ticks`` are ranks and their texts on both axes; ``rules`` are where fifths end. ``axes`` are
    the texts of the upright and the level axis.
    """
    last = max((value for value, _ in ticks), default=1.0)
    wide, tall = WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x(rank: float) -> float:
        return _LEFT + wide * (rank - 0.5) / last

    def y(rank: float) -> float:
        return _HEIGHT - _BOTTOM - tall * (rank - 0.5) / last

    parts = [text_at(0, 12, axes[0], size=11, fill=SOFT), mark_of(mark)]
    parts.append(text_at(WIDTH, _HEIGHT - 2, axes[1], anchor="end", size=11, fill=SOFT))
    for edge in rules:
        parts.append(rule(_LEFT, y(edge), WIDTH - _RIGHT, y(edge), RULE, 1))
        parts.append(rule(x(edge), _TOP, x(edge), _HEIGHT - _BOTTOM, RULE, 1))
    for value, said in ticks:
        parts.append(text_at(_LEFT - 6, y(value) + 4, said, anchor="end", size=11))
        parts.append(text_at(x(value), _HEIGHT - _BOTTOM + 14, said, anchor="middle", size=11))
    for span in spans:
        parts.append(rule(x(span.rank), y(span.low), x(span.rank), y(span.high), _SPAN, 3))
    parts += [
        f'<circle cx="{x(span.rank):.1f}" cy="{y(span.rank):.1f}" r="2.4" fill="{INK}"/>'
        for span in spans
    ]
    return svg(_HEIGHT, label, parts)
