"""A small generated country, made once in a run of the tests, and how to read its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from shared import once

from synthetic_data import generate

FIRST_YEAR, LAST_YEAR = 1998, 2007
RISK_YEARS = range(FIRST_YEAR + 1, LAST_YEAR + 1)
ARGUMENTS: dict[str, Any] = {
    "scale": 0.004,
    "seed": 7,
    "first_year": FIRST_YEAR,
    "last_year": LAST_YEAR,
    "workers": 1,
}


def country() -> Path:
    """Return the folder of a country of some 17,500 persons, 1998-2007, with every register."""
    return once("country", lambda folder: generate(folder, **ARGUMENTS, further=("ind", "akm")))


def read(folder: Path, register: str, year: int | None = None) -> pd.DataFrame:
    """Return one file of a register as text (CSV) or as stored (Parquet)."""
    stem = register if year is None else f"{register}_{year}"
    if (folder / f"{stem}.csv").exists():
        return pd.read_csv(folder / f"{stem}.csv", sep=";", dtype="string")
    return pq.read_table(folder / f"{stem}.parquet").to_pandas()


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return the paths whose content is not the same in both; missing values are equal."""
    return [
        name
        for name in sorted(one.keys() | other.keys())
        if name not in one
        or name not in other
        or not (
            one[name].equals(other[name])
            if isinstance(one[name], pd.DataFrame)
            else one[name] == other[name]
        )
    ]


def tables(folder: Path) -> dict[str, Any]:
    """Return the content of every file by its path: frames, or bytes of a text file."""
    content: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.*")):
        name = str(path.relative_to(folder))
        if path.suffix == ".parquet":
            content[name] = pq.read_table(path).to_pandas()
        else:
            content[name] = path.read_bytes()
    return content
