"""Spans of ranks, one upright line per municipality, written as SVG like the small charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts.small import INK, RULE, SOFT, _mark, _rule, _svg, _text

_WIDTH, _HEIGHT = 560, 330
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
    wide, tall = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x(rank: float) -> float:
        return _LEFT + wide * (rank - 0.5) / last

    def y(rank: float) -> float:
        return _HEIGHT - _BOTTOM - tall * (rank - 0.5) / last

    parts = [_text(0, 12, axes[0], size=11, fill=SOFT), _mark(mark)]
    parts.append(_text(_WIDTH, _HEIGHT - 2, axes[1], anchor="end", size=11, fill=SOFT))
    for rule in rules:
        parts.append(_rule(_LEFT, y(rule), _WIDTH - _RIGHT, y(rule), RULE, 1))
        parts.append(_rule(x(rule), _TOP, x(rule), _HEIGHT - _BOTTOM, RULE, 1))
    for value, said in ticks:
        parts.append(_text(_LEFT - 6, y(value) + 4, said, anchor="end", size=11))
        parts.append(_text(x(value), _HEIGHT - _BOTTOM + 14, said, anchor="middle", size=11))
    for span in spans:
        parts.append(_rule(x(span.rank), y(span.low), x(span.rank), y(span.high), _SPAN, 3))
    parts += [
        f'<circle cx="{x(span.rank):.1f}" cy="{y(span.rank):.1f}" r="2.4" fill="{INK}"/>'
        for span in spans
    ]
    return _svg(_HEIGHT, label, parts)
