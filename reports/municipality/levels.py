"""Practice by diagnosis, tenure and age: a dot with its interval per level."""

from __future__ import annotations

from reports.charts import small
from reports.content.slices import DIMENSIONS
from reports.municipality.view import Own
from reports.municipality.why import level_name
from reports.told.blocks import Figure


def charts_of(p: Own) -> tuple[Figure, ...]:
    """Return the chart of every dimension that has levels with a number."""
    return tuple(chart for name in DIMENSIONS if (chart := _chart(p, name)))


def _chart(p: Own, dimension: str) -> Figure | None:
    """Return practice by level with intervals, None where the release has no levels.

    Actual over expected in a release that has no practice by level.
    """
    levels_here = [one for one, _ in p.judged(dimension) if one.expected > 0]
    is_shrunken = any(one.odds is not None for one in levels_here)
    rows = [
        small.Interval(level_name(p, one), one.odds, one.odds_low, one.odds_high)
        if is_shrunken
        else small.Interval(level_name(p, one), one.ratio, one.ratio_low, one.ratio_high)
        for one in levels_here
    ]
    if not any(row.value for row in rows):
        return None
    title = p.t(f"sheet.{dimension}")
    key = "sheet.levels_shrunken" if is_shrunken else "sheet.levels"
    label = p.labelled(p.t(key, name=p.place.name, title=title))
    drawing = small.interval_chart(
        rows, label, title, lambda value: p.n.number(value, 2 if value < 0.5 else 1), p.mark
    )
    return Figure(drawing, label, f"{p.place.code}-{dimension}")
