"""The take-away of a municipality: one A4 page of words, position, levels and similar ones."""

from __future__ import annotations

from typing import Any

from reports.charts import small
from reports.charts.tiles import tile_value
from reports.municipality.short import caveats_of, sentences
from reports.municipality.tables import near_table
from reports.municipality.view import Own
from reports.municipality.why import DIMENSIONS, level_name, parts
from reports.told.blocks import Beside, Bullets, Figure, Heading, Section, Text


def sheet(p: Own) -> Section:
    """Return the page of ``p`` as a section named after the municipality."""
    said = sentences(p)
    blocks: list[Any] = [Text(text, "" if at else "first") for at, text in enumerate(said)]
    blocks.append(position(p))
    if found := parts(p):
        blocks.append(Bullets(tuple(found)))
    drawn = [chart for name in DIMENSIONS if (chart := levels(p, name))]
    if drawn:
        blocks.append(Beside(tuple(drawn)))
    similar = [one.code for one in p.place.similar]
    if similar:
        blocks.append(near_table(p, [("own", [p.place.code]), ("similar", similar)]))
    blocks += [Heading(p.t("place_caveats.title")), Bullets(tuple(caveats_of(p)))]
    blocks += p.noise_note()
    blocks.append(Text(p.t("place_short.neutral"), "notice"))
    title = p.place.name if not p.place.region else f"{p.place.name} · {p.place.region}"
    return Section(f"sheet-{p.place.code}", title, tuple(blocks))


def position(p: Own) -> Figure:
    """Return where the municipality lies among all: grants where the country would give 100."""
    marks = [
        (100 * tile_value(row), row.code == p.place.code)
        for row in p.content.main.rows
        if tile_value(row) > 0
    ]
    label = p.labelled(p.t("sheet.position", name=p.place.name))
    ticks = [(value, p.n.count(value)) for value in (25, 50, 67, 80, 100, 125, 150, 200, 400)]
    drawing = small.position_strip(marks, ticks, label, p.t("sheet.position_axis"), p.mark)
    return Figure(drawing, label, f"{p.place.code}-position")


def levels(p: Own, dimension: str) -> Figure | None:
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
    label = p.labelled(p.t("sheet.levels", name=p.place.name, title=title))
    drawing = small.interval_chart(
        rows, label, title, lambda value: p.n.number(value, 2 if value < 0.5 else 1), p.mark
    )
    return Figure(drawing, label, f"{p.place.code}-{dimension}")
