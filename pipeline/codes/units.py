"""The units compared, as a pack: a folder of lists that stands in place of those of Denmark.

``TILDELING_UNITS_FOLDER`` names it: codes, names, regions and when they are valid
(``municipality.csv``), what came before and what became of it (``municipality_history.csv``), and
places on the map (``municipality_tile.csv``), with the columns of the lists that ship. It is the
country that everything is about, in every process of a command, so that it comes from the
environment and from nowhere else.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from pathlib import Path

from pipeline.codes.csv_file import read_csv_file
from pipeline.errors import SettingsError

LISTS = ("municipality", "municipality_history", "municipality_tile")
VARIABLE = "TILDELING_UNITS_FOLDER"
_SHIPPED = Path(__file__).parent


def list_path(name: str) -> Path:
    """Return the file of the code list ``name``: that of the pack, or the one that ships."""
    pack = units_folder()
    return (pack if pack is not None and name in LISTS else _SHIPPED) / f"{name}.csv"


def units_folder() -> Path | None:
    """Return the folder of the pack, or None for Denmark."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def refuse_faulty_units() -> None:
    """Raise :class:`SettingsError` that lists what is wrong with the pack, if one is named."""
    folder = units_folder()
    if folder is None:
        return
    faults: list[str] = []
    rows = {name: _rows(folder, name, faults) for name in LISTS}
    if not faults:
        faults = _faults(rows)
    if faults:
        raise SettingsError(
            f"the units in {folder} cannot be used:\n" + "\n".join(f"  - {f}" for f in faults),
            next_step=f"compare with the lists that ship, in {_SHIPPED} (docs/units.md).",
        )


def _rows(folder: Path, name: str, faults: list[str]) -> list[dict[str, str]]:
    path = folder / f"{name}.csv"
    with (_SHIPPED / path.name).open(encoding="utf-8", newline="") as file:
        expected = next(csv.reader(file))
    try:
        named, rows = read_csv_file(path, "utf-8")
    except ValueError as error:
        faults.append(f"{path.name}: {error}")
        return []
    if named != expected:
        faults.append(
            f"{path.name}: its columns are {', '.join(named)}; expected {', '.join(expected)}"
        )
    elif not rows:
        faults.append(f"{path.name}: it has no rows")
    return rows


def _faults(rows: dict[str, list[dict[str, str]]]) -> list[str]:
    """Return what is wrong between the lists, a line each."""
    units = [row["municipality_code"] for row in rows["municipality"]]
    faults = [f"municipality.csv: {code} occurs twice" for code in _repeated(units)]
    faults += [
        f"municipality.csv: {code!r} is no code of letters and digits"
        for code in units
        if not code.isalnum()
    ]
    faults += [
        f"municipality.csv: {row['municipality_code']} has no inhabitants (population_2007)"
        for row in rows["municipality"]
        if not row["population_2007"].isdigit() or int(row["population_2007"]) == 0
    ]
    shares: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows["municipality_history"]:
        code, successor = row["municipality_code"], row["successor_code"]
        if successor not in units:
            faults.append(f"municipality_history.csv: successor {successor} of {code} is no unit")
        try:
            shares[code, row["valid_from"]] += float(row["successor_share"])
        except ValueError:
            faults.append(f"municipality_history.csv: the share of {code} is no number")
    faults += [
        f"municipality_history.csv: the shares of {code} are {share:g} in all; expected 1"
        for (code, _), share in shares.items()
        if abs(share - 1) > 0.005
    ]
    reached = {row["successor_code"] for row in rows["municipality_history"]}
    faults += [
        f"municipality_history.csv: nothing became {code}; expected a row, of itself where it was"
        for code in units
        if code not in reached
    ]
    tiles = rows["municipality_tile"]
    placed = [row["municipality_code"] for row in tiles]
    faults += [f"municipality_tile.csv: {code} is no unit" for code in set(placed) - set(units)]
    faults += [f"municipality_tile.csv: {code} has no place" for code in set(units) - set(placed)]
    at = [f"{row['tile_column']},{row['tile_row']}" for row in tiles]
    faults += [f"municipality_tile.csv: two units are at {place}" for place in _repeated(at)]
    return sorted(faults)


def _repeated(values: list[str]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})
