"""Where each municipality lies on the schematic map: our own drawing (``tile_map.csv``)."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path


@cache
def layout() -> dict[str, tuple[int, int, str]]:
    """Return column and row (0-based) and short name of each municipality's tile by code."""
    with (Path(__file__).parent / "tile_map.csv").open(encoding="utf-8", newline="") as lines:
        return {
            line["municipality_code"]: (int(line["col"]), int(line["row"]), line["short_name"])
            for line in csv.DictReader(lines)
        }
