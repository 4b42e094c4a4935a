"""Municipalities on the schematic map: where they lie, which lie near one, which are similar.

A tile each on our own drawing (``tile_map.csv``).

*Neighbours* are the municipalities whose tiles touch on the schematic map (at least three, then the
nearest tiles): a list to look around with, not a list of borders. *Similar conditions* are the five
with the smallest distance over all framework conditions, each in standard deviations; the distance
is the root mean square.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from reports.content.municipality import ConditionValue, Near

N_SIMILAR = 5
_AT_LEAST_NEIGHBOURS = 3
_TOUCHING = 1.5


@cache
def layout() -> dict[str, tuple[int, int, str]]:
    """Return column and row (0-based) and short name of each municipality's tile by code."""
    with (Path(__file__).parent / "tile_map.csv").open(encoding="utf-8", newline="") as lines:
        return {
            line["municipality_code"]: (int(line["col"]), int(line["row"]), line["short_name"])
            for line in csv.DictReader(lines)
        }


def neighbours(code: str, names: Mapping[str, str]) -> tuple[Near, ...]:
    """Return the municipalities whose tiles touch that of ``code``, nearest first.

    Where fewer than three touch, the nearest tiles make up three. A code without a tile has none.
    """
    tiles = layout()
    if code not in tiles:
        return ()
    column, row, _ = tiles[code]
    found = [
        Near(other, names[other], math.hypot(column - x, row - y))
        for other, (x, y, _) in tiles.items()
        if other != code and other in names
    ]
    found.sort(key=lambda near: (near.distance, near.name))
    touching = [near for near in found if near.distance < _TOUCHING]
    return tuple(found[: max(len(touching), _AT_LEAST_NEIGHBOURS)])


def similar(
    code: str, conditions: Mapping[str, list[ConditionValue]], names: Mapping[str, str]
) -> tuple[Near, ...]:
    """Return the five municipalities nearest in framework conditions, nearest first."""
    own = {row.condition: row.standardised for row in conditions.get(code, ())}
    if not own:
        return ()
    found = []
    for other, listed in conditions.items():
        theirs = {row.condition: row.standardised for row in listed}
        if other == code or other not in names or set(theirs) != set(own):
            continue
        square = math.fsum((theirs[name] - value) ** 2 for name, value in own.items())
        found.append(Near(other, names[other], math.sqrt(square / len(own))))
    return tuple(sorted(found, key=lambda near: (near.distance, near.name))[:N_SIMILAR])
