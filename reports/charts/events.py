"""What came before and after something began: a dot with its interval per period, around zero.

Written as the charts of :mod:`reports.charts.small` are, with their parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts.parts import ACCENT, INK, RULE, SOFT, WIDTH, mark_of, rule, svg, text_at

_HEIGHT = 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 44, 42


@dataclass(frozen=True)
class Happening:
    """A value ``since`` periods after the beginning, below 0 before it, with its limits."""

    since: int
    value: float | None
    low: float | None
    high: float | None


def event_chart(
    happenings: Sequence[Happening],
    label: str,
    axis: str,
    below: str,
    number: Callable[[float], str],
    mark: str,
) -> Markup:
    """Return the values over periods; what came after the beginning has filled dots.

    ``axis`` names the vertical axis, ``below`` the horizontal one.
    """
    ends = [end for one in happenings for end in (one.low, one.high, one.value) if end is not None]
    ticks = ticks_around(min([0.0, *ends]), max([0.0, *ends]))
    first, last = happenings[0].since, happenings[-1].since

    def x(since: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (since - first + 0.5) / (last - first + 1)

    def y(value: float) -> float:
        share = (value - ticks[0]) / (ticks[-1] - ticks[0])
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share

    parts = [text_at(0, 12, axis, size=11, fill=SOFT), mark_of(mark)]
    for tick in ticks:
        is_zero = abs(tick) < 1e-12
        colour, width = (INK, 1.2) if is_zero else (RULE, 0.7)
        parts.append(rule(_LEFT, y(tick), WIDTH - _RIGHT, y(tick), colour, width))
        parts.append(text_at(_LEFT - 6, y(tick) + 4, number(tick), anchor="end", size=11))
    parts.append(rule(x(-0.5), _TOP - 8, x(-0.5), _HEIGHT - _BOTTOM, SOFT, 1.2))
    every = max(1, math.ceil((last - first + 1) / 14))
    for one in happenings:
        if one.since % every == 0:
            said = number(float(one.since)) if one.since else "0"
            at = _HEIGHT - _BOTTOM + 16
            parts.append(text_at(x(one.since), at, said, anchor="middle", size=11))
        if one.low is not None and one.high is not None:
            parts.append(rule(x(one.since), y(one.low), x(one.since), y(one.high), ACCENT, 2))
        if one.value is not None:
            fill = INK if one.since >= 0 else "#fff"
            parts.append(
                f'<circle cx="{x(one.since):.1f}" cy="{y(one.value):.1f}" r="3.4"'
                f' fill="{fill}" stroke="{INK}" stroke-width="1.2"/>'
            )
    parts.append(text_at(WIDTH - _RIGHT, _HEIGHT - 6, below, anchor="end", size=11, fill=SOFT))
    return svg(_HEIGHT, label, parts)


def ticks_around(low: float, high: float) -> list[float]:
    """Return three to nine round values with 0 among them, from below ``low`` to above ``high``."""
    reach = max(high - low, 1e-9)
    size = 10.0 ** math.floor(math.log10(reach))
    step = next(size * part for part in (0.2, 0.5, 1.0, 2.0) if reach <= 5 * size * part)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * place for place in range(first, max(last, first + 1) + 1)]
