"""The schematic map: one tile per municipality, coloured on a diverging scale around 1.

Purple is fewer, orange more than expected; each
tile prints its number, so colour is never the only bearer.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.content.content import MunicipalityResult, View
from reports.content.tile_map import layout

#: Upper edges of the classes, symmetric on the log scale; above the last edge is the last class.
EDGES = (0.80, 0.90, 0.97, 1 / 0.97, 1 / 0.90, 1 / 0.80)
_FLAG_SIGNS = {"low": "▾", "high": "▴"}


@dataclass(frozen=True)
class Tile:
    """A tile: place in the grid (1-based), class 0-6 from fewest to most, and what it prints."""

    code: str
    name: str
    short_name: str
    column: int
    row: int
    step: int
    value: float
    sign: str


def tiles(view: View) -> tuple[Tile, ...]:
    """Return the tiles of ``view`` in alphabetical order; codes without a place are left out."""
    places = layout()
    drawn = []
    for row in sorted(view.rows, key=lambda r: r.alphabetical):
        if row.code not in places:
            continue
        column, line, short_name = places[row.code]
        value = tile_value(row)
        drawn.append(
            Tile(
                code=row.code,
                name=row.name,
                short_name=short_name,
                column=column + 1,
                row=line + 1,
                step=sum(value > edge for edge in EDGES),
                value=value,
                sign=_FLAG_SIGNS.get(row.flag_95 or "", ""),
            )
        )
    return tuple(drawn)


def tile_value(row: MunicipalityResult) -> float:
    """Return the shrunken odds ratio, where it is missing O/E."""
    return row.ratio if row.odds_shrunk is None else row.odds_shrunk


def is_shrunken(view: View) -> bool:
    """Return whether the map shows shrunken effects (else O/E)."""
    return any(row.odds_shrunk is not None for row in view.rows)
