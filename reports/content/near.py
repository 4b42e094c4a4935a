"""Where a municipality lies on the schematic map, and the municipalities near it.

The map is a drawing of our own, a code list. Who lies near a municipality and who works under
similar conditions is said by ``result.municipality``; a release of before that table has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pipeline.codes import code_rows
from reports.content.municipality import Near


@cache
def layout() -> dict[str, tuple[int, int, str]]:
    """Return column and row (0-based) and short name of each municipality's tile by code."""
    return {
        line["municipality_code"]: (
            int(line["tile_column"]),
            int(line["tile_row"]),
            line["short_name"],
        )
        for line in code_rows("municipality_tile")
    }


def near_from(codes: str | None, names: Mapping[str, str]) -> tuple[Near, ...]:
    """Return the municipalities of ``codes``, with commas between, that ``names`` knows."""
    listed = (codes or "").split(", ")
    return tuple(Near(code, names[code]) for code in listed if code in names)
