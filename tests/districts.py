"""An invented country of 24 districts as a pack of units; four merged, one was divided."""

from __future__ import annotations

import csv
from pathlib import Path

CODES = tuple(f"D{number:02d}" for number in range(1, 25))
NAMES = (
    *("Almby", "Birkstrup", "Cederlund", "Dybsund", "Egedal Øst", "Fyrrehøj", "Granlev", "Hedeby"),
    *("Isfjord", "Jomfruø", "Klinteskov", "Lyngå", "Mosevang", "Nordlev", "Overmark", "Præstholm"),
    *("Revsund", "Sandvig", "Tornby", "Ulvskov", "Vestlund", "Yderø", "Ærtholm", "Åmark"),
)
REGIONS = (("R1", "Nordlandet"), ("R2", "Midtlandet"), ("R3", "Sydlandet"))
_BEFORE, _SINCE = ("1970-04-01", "2006-12-31"), "2007-01-01"


def write_districts(folder: Path) -> Path:
    """Return ``folder`` with the lists of the pack."""
    folder.mkdir(parents=True, exist_ok=True)
    units, history, tiles = [], [], []
    for place, (code, name) in enumerate(zip(CODES, NAMES, strict=True)):
        region = REGIONS[place // 8]
        units.append((code, name, *region, 40_000 + 9_000 * place, _SINCE, ""))
        tiles.append((code, place % 6 + 5, place // 6, name[:8]))
        if place < 4:  # two old districts each
            history += [(f"F{2 * place + n:02d}", f"{name} {n}", *_BEFORE, code, 1.0, "invented")
                        for n in (1, 2)]  # fmt: skip
        else:
            history.append((code, name, *_BEFORE, code, 1.0, "invented"))
    history += [("F99", "Delt", *_BEFORE, code, 0.5, "invented") for code in CODES[-2:]]
    for list_name, header, rows in (
        ("municipality", "municipality_code,municipality_name,region_code,region_name,"
         "population_2007,valid_from,valid_to", units),
        ("municipality_history", "municipality_code,municipality_name,valid_from,valid_to,"
         "successor_code,successor_share,source", history),
        ("municipality_tile", "municipality_code,tile_column,tile_row,short_name", tiles),
    ):  # fmt: skip
        with (folder / f"{list_name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header.split(","))
            writer.writerows(rows)
    return folder
