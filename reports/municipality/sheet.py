"""The take-away of a municipality: one A4 page of words, position, levels and similar ones."""

from __future__ import annotations

from typing import Any

from reports.charts import small
from reports.charts.tiles import tile_value
from reports.municipality.drawn import charts_of
from reports.municipality.short import caveats_of, sentences
from reports.municipality.tables import near_table, rank_note
from reports.municipality.view import Own
from reports.municipality.why import parts
from reports.told.blocks import Beside, Bullets, Figure, Heading, Section, Text


def sheet(p: Own) -> Section:
    """Return the page of ``p`` as a section named after the municipality."""
    said = sentences(p)
    blocks: list[Any] = [Text(text, "" if at else "first") for at, text in enumerate(said)]
    blocks.append(position(p))
    if split := parts(p):
        blocks.append(Bullets(tuple(split)))
    if charts := charts_of(p):
        blocks.append(Beside(charts))
    similar = [one.code for one in p.place.similar]
    if similar:
        blocks.append(near_table(p, [("own", [p.place.code]), ("similar", similar)]))
        blocks.append(Text(rank_note(p), "note"))
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
