"""The schematic map with its key, and who stands out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from reports.charts import tiles
from reports.content.content import MunicipalityResult
from reports.told.blocks import Figure, Section, Text
from reports.told.telling import Telling


def map_section(p: Telling, pages: Mapping[str, str]) -> Section:
    """Return the map of the main view; tiles lead to ``pages``."""
    return Section("map", p.t("map.title"), tuple(map_blocks(p, pages)))


def map_blocks(p: Telling, pages: Mapping[str, str]) -> list[Any]:
    """Return the map with its key, lead and signs."""
    t, view = p.t, p.content.main
    caption = t(
        "map.caption", outcome=p.outcome(view.outcome), model=p.model(view.model), years=p.years
    )
    label = p.labelled(f"{t('map.region')}. {caption}")
    drawing = tiles.tile_map(view, p.n, label, key(p), pages)
    lead = t("map.lead" if tiles.is_shrunken(view) else "map.lead_plain")
    return [
        Figure(drawing, label, f"map-{view.key}", "", caption, "tiles"),
        Text(lead, "note"),
        Text(t("map.symbols"), "note"),
    ]


def key(p: Telling) -> tiles.MapKey:
    """Return the classes of the map, from fewest to most."""
    edges = [p.n.number(edge, 2) for edge in tiles.EDGES]
    between = [p.t("map.between", low=low, high=high) for low, high in pairwise(edges)]
    texts = (p.t("map.below", high=edges[0]), *between, p.t("map.above", low=edges[-1]))
    return tiles.MapKey(p.t("map.fewer"), p.t("map.more"), texts)


def standing_out(p: Telling) -> dict[str, list[MunicipalityResult]]:
    """Return who lies outside the widened limits, by direction.

    Fewest first among those with fewer, most first among those with more.
    """
    rows = p.content.main.rows
    return {
        "low": [row for row in rows if row.stands_out == "low"],
        "high": [row for row in reversed(rows) if row.stands_out == "high"],
    }
