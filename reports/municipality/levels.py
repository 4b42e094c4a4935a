"""Practice by diagnosis, tenure and age: a dot with its interval per level."""

from __future__ import annotations

from reports.charts import small
from reports.municipality.view import Own
from reports.municipality.why import DIMENSIONS, level_name
from reports.told.blocks import Beside, Figure, Section, Text


def levels(p: Own) -> tuple[Section, ...]:
    """Return the section with a chart per dimension; none where the release has no levels."""
    charts = charts_of(p)
    if not charts:
        return ()
    listed = p.lookup.levels
    is_shrunken = any(
        one.is_shrunken for name in DIMENSIONS for one in listed.get((p.place.code, name), [])
    )
    key = "place_levels.lead_shrunken" if is_shrunken else "place_levels.lead"
    blocks = (Text(p.t(key)), Beside(charts), *p.noise_note())
    return (Section("levels", p.t("place_levels.title"), blocks),)


def charts_of(p: Own) -> tuple[Figure, ...]:
    """Return the chart of every dimension that has levels with a number."""
    return tuple(chart for name in DIMENSIONS if (chart := _chart(p, name)))


def _chart(p: Own, dimension: str) -> Figure | None:
    """Return actual over expected by level with intervals, None where the release has no levels."""
    found = p.lookup.levels.get((p.place.code, dimension), [])
    rows = [
        small.Interval(level_name(p, one), one.ratio, one.ratio_low, one.ratio_high)
        for one in found
        if one.expected > 0
    ]
    if not any(row.value for row in rows):
        return None
    title = p.t(f"sheet.{dimension}")
    key = "sheet.levels_shrunken" if found[0].is_shrunken else "sheet.levels"
    label = p.labelled(p.t(key, name=p.place.name, title=title))
    drawing = small.interval_chart(
        rows, label, title, lambda value: p.n.number(value, 2 if value < 0.5 else 1), p.mark
    )
    return Figure(drawing, label, f"{p.place.code}-{dimension}")
