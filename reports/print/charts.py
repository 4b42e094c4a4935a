"""Charts of the printed report, drawn on the page from the numbers: bars, caterpillar, funnel.

Direction is told by colour and by shape, as on the site: purple and pointing down is fewer than
expected, orange and pointing up is more.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from reportlab.lib.colors import Color
from reportlab.platypus import Flowable

from reports.charts.large import direction, funnel_limits
from reports.content.content import MunicipalityResult, View
from reports.language.formatting import Numbers
from reports.print.style import BOLD, FAINT, FEWER, INK, MORE, RULE, SANS, SOFT, WIDTH

_ODDS_TICKS = (0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0)
_COUNT_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_COLOURS = {"low": FEWER, "high": MORE, "within": SOFT}


def mark_point(canvas: Any, x: float, y: float, way: str, size: float = 2.1) -> None:
    """Draw a triangle down (``low``) or up (``high``), or a dot."""
    canvas.setFillColor(_COLOURS[way])
    if way == "within":
        canvas.circle(x, y, 0.75 * size, stroke=0, fill=1)
        return
    tip = -size if way == "low" else size
    path = canvas.beginPath()
    path.moveTo(x - size, y - tip * 0.75)
    path.lineTo(x + size, y - tip * 0.75)
    path.lineTo(x, y + tip)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


class RankBar(Flowable):
    """A rank in its interval on a scale from 1 to ``n``; drawn in a cell of a table."""

    def __init__(self, row: MunicipalityResult, n: int, width: float, height: float = 7) -> None:
        super().__init__()
        self._row, self._n = row, n
        self.width, self.height = width, height

    def wrap(self, *_: float) -> tuple[float, float]:
        """Return width and height."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the simultaneous interval thin, the own interval thick, and the rank."""
        row, canvas, middle = self._row, self.canv, self.height / 2
        if row.rank is None or row.rank_low is None or row.rank_high is None:
            return

        def at(rank: float) -> float:
            return self.width * (rank - 0.5) / self._n

        canvas.setStrokeColor(SOFT)
        if row.rank_low_simultaneous is not None and row.rank_high_simultaneous is not None:
            canvas.setLineWidth(0.5)
            canvas.line(
                at(row.rank_low_simultaneous - 0.4), middle,
                at(row.rank_high_simultaneous + 0.4), middle,
            )  # fmt: skip
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(2.2)
        canvas.line(at(row.rank_low - 0.4), middle, at(row.rank_high + 0.4), middle)
        canvas.setLineWidth(1.1)
        canvas.line(at(row.rank), 0.6, at(row.rank), self.height - 0.6)


class ShareBar(Flowable):
    """A figure with its interval on a scale shared by the rows of a table."""

    def __init__(
        self,
        value: float,
        low: float | None,
        high: float | None,
        scale: tuple[float, float],
        width: float,
    ) -> None:
        super().__init__()
        self._value, self._low, self._high = value, low, high
        self._first, self._last = scale
        self.width, self.height = width, 8.0

    def wrap(self, *_: float) -> tuple[float, float]:
        """Return width and height."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw zero, the interval and the figure."""
        canvas, middle = self.canv, self.height / 2

        def at(value: float) -> float:
            return self.width * (value - self._first) / ((self._last - self._first) or 1)

        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.6)
        canvas.line(0, middle, self.width, middle)
        canvas.setStrokeColor(SOFT)
        canvas.line(at(0), 0, at(0), self.height)
        canvas.setStrokeColor(INK)
        if self._low is not None and self._high is not None:
            canvas.setLineWidth(2.2)
            canvas.line(at(self._low), middle, at(self._high), middle)
        canvas.setLineWidth(1.1)
        canvas.line(at(self._value), 0.8, at(self._value), self.height - 0.8)


class Chart(Flowable):
    """A chart over the text's width with room for axes; the mark is drawn in its upper corner."""

    def __init__(self, height: float, mark: str) -> None:
        super().__init__()
        self.width, self.height, self._mark = WIDTH, height, mark

    def wrap(self, *_: float) -> tuple[float, float]:
        """Return width and height."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the chart and the mark."""
        self.paint(self.canv)
        if self._mark:
            self.canv.setFillColor(INK)
            self.canv.setFont(BOLD, 6.5)
            self.canv.drawRightString(self.width, self.height - 6, self._mark)

    def paint(self, canvas: Any) -> None:
        """Draw the chart's content."""
        raise NotImplementedError

    def line(
        self, points: list[tuple[float, float]], colour: Color, width: float, *dash: float
    ) -> None:
        """Draw a line through ``points``."""
        canvas = self.canv
        canvas.setStrokeColor(colour)
        canvas.setLineWidth(width)
        canvas.setDash(list(dash))
        path = canvas.beginPath()
        path.moveTo(*points[0])
        for point in points[1:]:
            path.lineTo(*point)
        canvas.drawPath(path, stroke=1, fill=0)
        canvas.setDash([])

    def label(self, x: float, y: float, words: str, size: float = 6.2, align: str = "left") -> None:
        """Write ``words`` at a point; ``align`` is left, centre or right."""
        canvas = self.canv
        canvas.setFillColor(INK)
        canvas.setFont(SANS, size)
        draw = {"left": "drawString", "centre": "drawCentredString", "right": "drawRightString"}
        getattr(canvas, draw[align])(x, y, words)


class Caterpillar(Chart):
    """Practice effects in rank order with their intervals, one line per municipality."""

    def __init__(self, view: View, numbers: Numbers, axis: str, mark: str, height: float) -> None:
        super().__init__(height, mark)
        self._rows = [row for row in view.rows if row.odds is not None]
        self._numbers, self._axis = numbers, axis

    def paint(self, canvas: Any) -> None:
        """Draw stripes, scale, names, intervals, estimates and the shrunken estimates."""
        rows, left, bottom, top = self._rows, 92.0, 24.0, 22.0
        ends = [end for row in rows for end in (row.odds_low, row.odds_high) if end]
        odds = [row.odds for row in rows if row.odds is not None]
        # A tiny island's interval would squeeze the others: it may run out of the frame.
        low = max(min(float(np.quantile(ends or odds, 0.02)), min(odds) * 0.97), 0.1) * 0.97
        high = min(max(float(np.quantile(ends or odds, 0.98)), max(odds) * 1.03), 10.0) * 1.03
        step = (self.height - bottom - top) / len(rows)

        def across(value: float) -> float:
            value = min(max(value, low), high)
            return left + (self.width - left) * math.log(value / low) / math.log(high / low)

        canvas.setFillColor(FAINT)
        for at in range(0, len(rows), 2):
            y = self.height - top - (at + 1) * step
            canvas.rect(0, y, self.width, step, stroke=0, fill=1)
        for tick in _ODDS_TICKS:
            if low <= tick <= high:
                x = across(tick)
                colour, width = (INK, 0.8) if tick == 1 else (RULE, 0.4)
                self.line([(x, bottom), (x, self.height - top)], colour, width)
                words = self._numbers.number(tick, 2).rstrip("0").rstrip(",.")
                self.label(x, bottom - 8, words, align="centre")
                self.label(x, self.height - top + 3, words, align="centre")
        self.label(left + (self.width - left) / 2, 4, self._axis, align="centre")
        size = min(6.0, step * 0.86)
        for at, row in enumerate(rows):
            y = self.height - top - (at + 0.5) * step
            way = direction(row.odds_low, row.odds_high)
            self.label(left - 5, y - size * 0.35, row.name[:26], size, "right")
            if row.odds_low is not None and row.odds_high is not None:
                ends_at = (across(row.odds_low), y), (across(row.odds_high), y)
                self.line(list(ends_at), _COLOURS[way], 0.8)
            mark_point(canvas, across(row.odds or 1.0), y, way, min(2.1, step * 0.36))
            if row.odds_shrunk is not None:
                x = across(row.odds_shrunk)
                self.line([(x, y - step * 0.36), (x, y + step * 0.36)], INK, 0.7)


class Funnel(Chart):
    """O/E against the expected number with 95 and 99.8 % limits of chance."""

    def __init__(
        self, view: View, numbers: Numbers, axes: tuple[str, str], mark: str, height: float = 235
    ) -> None:
        super().__init__(height, mark)
        self._rows = [row for row in view.rows if row.expected > 0]
        self._numbers, self._axes = numbers, axes

    def paint(self, canvas: Any) -> None:
        """Draw scales, limits, and a point per municipality; those outside 99.8 % are named."""
        rows, left, bottom = self._rows, 30.0, 30.0
        right, top = self.width - 34, self.height - 14
        expected = np.array([row.expected for row in rows])
        grid = np.geomspace(expected.min() * 0.85, expected.max() * 1.2, 90)
        highest = max(2.0, 1.08 * max(row.ratio for row in rows))

        def x_of(value: float) -> float:
            return left + (right - left) * math.log(value / grid[0]) / math.log(grid[-1] / grid[0])

        def y_of(ratio: float) -> float:
            return bottom + (top - bottom) * min(ratio, highest) / highest

        for ratio in np.arange(0, highest, 0.5 if highest < 4 else 1):
            y = y_of(float(ratio))
            self.line([(left, y), (right, y)], INK if ratio == 1 else RULE, 0.4)
            self.label(left - 4, y - 2, self._numbers.number(float(ratio), 1), align="right")
        for tick in _COUNT_TICKS:
            if grid[0] <= tick <= grid[-1]:
                self.label(x_of(tick), bottom - 9, self._numbers.count(tick), align="centre")
        self.label((left + right) / 2, 6, self._axes[0], align="centre")
        self.label(0, self.height - 6, self._axes[1])
        for level, dash in ((0.95, (4, 2)), (0.998, (1, 1.4))):
            for end in funnel_limits(grid, level):
                inside = [
                    (x_of(g), y_of(e)) for g, e in zip(grid, end, strict=True) if e <= highest
                ]
                self.line(inside, INK, 0.7, *dash)
            words = self._numbers.percent(level, 0 if level == 0.95 else 1)
            self.label(right + 3, y_of(float(end[-1])) + (1 if level == 0.998 else -4), words)
        placed: list[tuple[float, float]] = []
        for row in sorted(rows, key=lambda r: abs(r.ratio - 1)):
            mark_point(canvas, x_of(row.expected), y_of(row.ratio), row.flag_95 or "within")
        outside = [row for row in rows if row.flag_998 in ("low", "high")]
        for row in sorted(outside, key=lambda r: -abs(r.ratio - 1))[:14]:
            spot = (x_of(row.expected), y_of(row.ratio))
            if any(abs(spot[0] - x) < 60 and abs(spot[1] - y) < 8 for x, y in placed):
                continue
            placed.append(spot)
            self.label(spot[0] + 4, spot[1] - 2, row.name, 5.8)
