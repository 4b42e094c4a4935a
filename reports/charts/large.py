"""Caterpillar and funnel charts as inline SVG.

Direction is told by colour *and* shape: purple triangle down for fewer than expected, orange
triangle up for more, so that grey print and colour-blind readers lose nothing. No colour says
good or bad.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from operator import attrgetter
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from reports.charts.svg import inline
from reports.content.content import Content, MunicipalityResult, View
from reports.language.formatting import Numbers
from reports.language.words import Words

FEWER, MORE, NEUTRAL = "#542788", "#b35806", "#5b6673"
INK, RULE, FAINT = "#1c2733", "#c9d1d9", "#eef1f4"
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tildeling",
    "font.family": ["DejaVu Sans"],
    "font.size": 7.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": RULE,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.6,
}
_ODDS_TICKS = (0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0)
_COUNT_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_MARKS = {"low": ("v", FEWER), "high": ("^", MORE), "within": ("o", NEUTRAL)}


def direction(low: float | None, high: float | None) -> str:
    """Return ``low``, ``high`` or ``within`` by where an interval lies against 1."""
    if high is not None and high < 1:
        return "low"
    return "high" if low is not None and low > 1 else "within"


def caterpillar(view: View, content: Content, words: Words, numbers: Numbers) -> Markup | None:
    """Return the practice effects of one view in rank order with 95 % intervals, or None.

    One row per municipality with an estimate; the tick beside the dot is the shrunken estimate.
    """
    rows = [row for row in view.rows if row.odds is not None]
    if not rows:
        return None
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(7.0, 1.0 + 0.094 * len(rows))
        figure.subplots_adjust(left=0.2, right=0.985, top=1 - 0.42 / figure.get_figheight())
        figure.subplots_adjust(bottom=0.5 / figure.get_figheight())
        _intervals(axes, rows)
        axes.axvline(1, color=INK, linewidth=0.8, zorder=1)
        axes.set_ylim(len(rows) - 0.3, -0.7)
        stripe = 72 * axes.get_position().height * figure.get_figheight() / (len(rows) + 0.4)
        across = axes.get_yaxis_transform()
        axes.hlines(
            range(0, len(rows), 2), 0, 1, FAINT, linewidth=stripe, transform=across, zorder=0
        )
        axes.set_yticks([])
        ends = [value for row in rows for value in (row.odds_low, row.odds_high) if value]
        values = [row.odds for row in rows if row.odds is not None]
        low, high = _trimmed(ends or values, values)
        _odds_axis(axes, low, high, numbers)
        for edge in axes.spines.values():
            edge.set_visible(False)
        axes.set_xlabel(words("chart.caterpillar_axis"), fontsize=7)
        _heading(figure, view, content, words)
        said = label(view, content, words, "caterpillar")
        return inline(figure, f"cat-{view.key}", said, _names(figure, axes, rows))


def funnel(view: View, content: Content, words: Words, numbers: Numbers) -> Markup | None:
    """Return O/E against the expected count with 95 and 99.8 % limits, or None without rows."""
    rows = [row for row in view.rows if row.expected > 0]
    if not rows:
        return None
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(7.0, 4.3)
        figure.subplots_adjust(left=0.085, right=0.9, top=0.9, bottom=0.125)
        expected = np.array([row.expected for row in rows])
        first, last = expected.min() * 0.85, expected.max() * 1.2
        top = max(2.0, 1.08 * max(row.ratio for row in rows))
        for share, limits in groupby(content.funnel, key=attrgetter("chance_share")):
            is_inner = share == 0.95
            curve = [(limit.expected, limit.ratio_low, limit.ratio_high) for limit in limits]
            grid, *ends = np.array(curve).T
            for end in ends:
                dashes = (4, 2) if is_inner else (1, 1.4)
                axes.plot(grid, end, color=INK, linewidth=0.8, dashes=dashes, zorder=2)
            axes.annotate(
                numbers.percent(share, 0 if is_inner else 1),
                (last, float(np.interp(last, grid, ends[1]))),
                xytext=(4, -2 if is_inner else 1),
                textcoords="offset points",
                fontsize=6.5,
            )
        axes.axhline(1, color=INK, linewidth=0.8)
        for flag, (mark, colour) in _MARKS.items():
            points = [row for row in rows if (row.flag_95 or "within") == flag]
            axes.scatter(
                [row.expected for row in points],
                [row.ratio for row in points],
                s=15,
                marker=mark,
                color=colour,
                edgecolor="white",
                linewidth=0.3,
                zorder=3,
            )
        _name_outliers(axes, rows, top)
        axes.set_xscale("log")
        axes.set_xlim(first, last)
        axes.set_ylim(0, top)
        ticks = [tick for tick in _COUNT_TICKS if first <= tick <= last]
        axes.set_xticks(ticks, [numbers.count(tick) for tick in ticks])
        axes.set_xticks([], minor=True)
        steps = list(np.arange(0, top, 0.5 if top < 4 else 1))
        axes.set_yticks(steps, [numbers.number(float(step), 1) for step in steps])
        axes.grid(axis="y", color=FAINT, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel(words("chart.funnel_axis_x"), fontsize=7)
        axes.set_ylabel(words("chart.funnel_axis_y"), fontsize=7)
        _heading(figure, view, content, words)
        return inline(figure, f"fun-{view.key}", label(view, content, words, "funnel"))


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height))
    FigureCanvasSVG(figure)
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    return figure, axes


def _names(figure: Figure, axes: Axes, rows: list[MunicipalityResult]) -> str:
    # Written straight into the SVG: matplotlib would take half the page's time to measure them.
    left = axes.get_xlim()[0]
    placed = axes.transData.transform([(left, place) for place in range(len(rows))])
    scale, height = 72 / figure.dpi, 72 * figure.get_figheight()
    return "".join(
        f'<text x="{x * scale - 4:.1f}" y="{height - y * scale + 2:.1f}"'
        f' style="font-size: 6px; text-anchor: end; fill: {INK}">{escape(row.name)}</text>'
        for (x, y), row in zip(placed, rows, strict=True)
    )


def _intervals(axes: Axes, rows: list[MunicipalityResult]) -> None:
    placed = list(enumerate(rows))
    ticks = [(place, row.odds_shrunk) for place, row in placed if row.odds_shrunk is not None]
    axes.vlines(
        [odds for _, odds in ticks],
        [place - 0.38 for place, _ in ticks],
        [place + 0.38 for place, _ in ticks],
        INK,
        linewidth=0.9,
        zorder=3,
    )
    for flag, (mark, colour) in _MARKS.items():
        points = [(i, row) for i, row in placed if direction(row.odds_low, row.odds_high) == flag]
        known = [(i, row.odds_low, row.odds_high) for i, row in points if row.odds_low is not None]
        if known:
            at, low, high = zip(*known, strict=True)
            axes.hlines(at, low, high, colour, linewidth=1, zorder=2)
        axes.plot(
            [row.odds or 1.0 for _, row in points],
            [i for i, _ in points],
            mark,
            color=colour,
            markersize=3.8,
            markeredgecolor="white",
            markeredgewidth=0.25,
            zorder=4,
        )


def _trimmed(ends: list[float], values: list[float]) -> tuple[float, float]:
    # A tiny island's interval would squeeze the other 97: it may run out of the frame.
    low = min(float(np.quantile(ends, 0.02)), min(values) * 0.97)
    high = max(float(np.quantile(ends, 0.98)), max(values) * 1.03)
    return max(low, 0.1) * 0.97, min(high, 10.0) * 1.03


def _odds_axis(axes: Axes, low: float, high: float, numbers: Numbers) -> None:
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [tick for tick in _ODDS_TICKS if low <= tick <= high]
    axes.set_xticks(ticks, [numbers.number(tick, 2).rstrip("0").rstrip(",.") for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.tick_params(axis="x", top=True, labeltop=True, length=2)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)


def _name_outliers(axes: Axes, rows: list[MunicipalityResult], top: float) -> None:
    flagged = [row for row in rows if row.flag_998 in ("low", "high")]
    placed: list[tuple[float, float]] = []
    for row in sorted(flagged, key=lambda r: abs(r.ratio - 1), reverse=True)[:14]:
        spot = (np.log10(row.expected), row.ratio / top)
        if any(abs(spot[0] - x) < 0.22 and abs(spot[1] - y) < 0.035 for x, y in placed):
            continue
        placed.append(spot)
        axes.annotate(
            row.name, (row.expected, row.ratio), xytext=(4, -2), textcoords="offset points",
            fontsize=6, zorder=5,
        )  # fmt: skip


def _heading(figure: Figure, view: View, content: Content, words: Words) -> None:
    outcome, model = words.label("outcome", view.outcome), words.label("model", view.model)
    top = 1 - 0.1 / figure.get_figheight()
    figure.text(0.01, top, f"{outcome} · {model}", fontsize=7.5, weight="bold", va="top")
    if content.run.is_synthetic:
        figure.text(
            0.985, top, words("mark.short"), fontsize=7.5, weight="bold", va="top", ha="right"
        )


def label(view: View, content: Content, words: Words, kind: str) -> str:
    """Return what a chart of ``kind`` shows, behind the mark, for who does not see it."""
    mark = f"{words('mark.short')}. " if content.run.is_synthetic else ""
    names = {
        "outcome": words.label("outcome", view.outcome),
        "model": words.label("model", view.model),
    }
    return mark + words(f"chart.{kind}_label", **names)
