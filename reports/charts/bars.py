"""Intervals drawn inside a table: bars without text, stretched to their cell."""

from __future__ import annotations

import math

from markupsafe import Markup

from reports.charts.parts import ACCENT, INK, RULE

_WIDTH, _HEIGHT = 200.0, 10.0


def interval_bar(
    at: float | None,
    low: float | None,
    high: float | None,
    ends: tuple[float, float],
    *,
    thin: tuple[float | None, float | None] = (None, None),
    line: float | None = None,
) -> Markup:
    """Return a mark at ``at`` on an interval, on a scale between ``ends``; empty without a mark.

    ``thin`` is a wider interval behind it, ``line`` a value marked on the scale. A missing limit
    leaves its interval out.
    """
    if at is None:
        return Markup("")
    span = (ends[1] - ends[0]) or 1.0

    def x(value: float) -> float:
        return _WIDTH * min(max((value - ends[0]) / span, 0.0), 1.0)

    parts = []
    if line is not None:
        parts.append(_box(0, 4.7, _WIDTH, 0.6, RULE) + _box(x(line) - 0.5, 1.5, 1, 7, RULE))
    for start, end, height, colour in (
        (*thin, 1.2, "#8796a3"),
        (low, high, 5.0, ACCENT),
    ):
        if start is not None and end is not None:
            left, right = x(start), x(end)
            opacity = ' opacity=".55"' if colour == ACCENT else ""
            parts.append(_box(left, 5 - height / 2, max(right - left, 1), height, colour, opacity))
    parts.append(_box(x(at) - 1, 0, 2, _HEIGHT, INK))
    return _drawing(parts)


def _drawing(parts: list[str]) -> Markup:
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bar" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}"'
        f' preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )


def rank_bar(
    rank: int | None,
    low: int | None,
    high: int | None,
    n: int,
    low_simultaneous: int | None = None,
    high_simultaneous: int | None = None,
) -> Markup:
    """Return a rank with its interval among ``n``; a rank is drawn only with its interval."""
    if rank is None or low is None or high is None:
        return Markup("")
    thin: tuple[float | None, float | None] = (None, None)
    if low_simultaneous is not None and high_simultaneous is not None:
        thin = (low_simultaneous - 0.4, high_simultaneous + 0.4)
    return interval_bar(rank, low - 0.4, high + 0.4, (0.0, n + 1.0), thin=thin)


def count_bar(
    count: int | None, expected: float, low: float | None, high: float | None, top: float
) -> Markup:
    """Return a bar of ``count`` with its interval, and a stroke at ``expected``, from 0 to ``top``.

    A hidden count leaves the stroke alone. What lies beyond ``top`` is cut there.
    """

    def x(value: float) -> float:
        return (_WIDTH - 4) * min(max(value / (top or 1.0), 0.0), 1.0)

    parts = [_box(0, 1, 0.6, 8, RULE)]
    if count:
        parts.append(_box(0, 1.8, max(x(count), 0.8), 6.4, ACCENT, ' opacity=".5"'))
    if count is not None and low is not None and high is not None:
        parts.append(_box(x(low), 4.5, max(x(high) - x(low), 0.8), 1, INK))
    parts.append(_box(x(expected), 0, 2.4, _HEIGHT, INK))
    return _drawing(parts)


def practice_bar(odds: float, low: float, high: float) -> Markup:
    """Return a factor on the expected number with its interval, from a third to three times."""
    at, start, end = (math.log(max(value, 1e-6)) for value in (odds, low, high))
    reach = math.log(3)
    return interval_bar(at, start, end, (-reach, reach), line=0.0)


def _box(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    return (
        f'<path d="M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z" fill="{fill}"{more}/>'
    )
