"""What copies of a release hold that the release does not: numbers, digits, cells, rows.

A copy is a Parquet file, a workbook, the data that a page carries, or an artifact. All readers here
take the files as anybody could who has them.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

_DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
_CELL = re.compile(r'<c r="[A-Z]+\d+"([^>]*)>(?:<f>[^<]*</f>)?<v>([^<]+)</v>')


def tables(release: Path) -> dict[str, pd.DataFrame]:
    """Return every table of schema result of ``release``."""
    with duckdb.connect(str(release), read_only=True) as connection:
        names = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'result' ORDER BY ALL"
        ).fetchall()
        return {
            name: connection.execute(f'SELECT * FROM result."{name}"').df() for (name,) in names
        }


def numbers(frames: Iterable[pd.DataFrame]) -> np.ndarray:
    """Return every number of ``frames``, and its odds where it may be log odds; in order."""
    values = np.concatenate(
        [
            frame[name].dropna().unique().astype(float)
            for frame in frames
            for name in frame.select_dtypes("number")
        ]
    )
    odds = np.exp(values[np.abs(values) < 30])
    return np.unique(np.concatenate([values, -values, odds]))


def unknown(copy: Iterable[float], known: np.ndarray) -> list[float]:
    """Return the numbers of ``copy`` that are none of ``known`` (in order), to eight digits."""
    asked = np.unique(np.fromiter(copy, dtype=float))
    right = np.searchsorted(known, asked).clip(1, len(known) - 1)
    nearest = np.minimum(np.abs(known[right] - asked), np.abs(known[right - 1] - asked))
    return [float(value) for value in asked[nearest > 1e-8 * np.maximum(np.abs(asked), 1e-4)]]


def parquet_differences(release: Path, folder: Path) -> list[str]:
    """Return the tables whose Parquet copy in ``folder`` has other rows than ``release``."""
    with duckdb.connect(str(release), read_only=True) as connection:
        names = [path.stem for path in sorted(folder.glob("*.parquet"))]
        of = "SELECT count(*), sum(CAST(hash(row) AS HUGEINT)) FROM {} AS row"
        return [
            name
            for name in names
            if connection.execute(of.format(f"read_parquet('{folder / name}.parquet')")).fetchall()
            != connection.execute(of.format(f'result."{name}"')).fetchall()
        ]


def sheet_numbers(workbook: Path) -> Iterator[float]:
    """Yield every number in a cell of ``workbook`` but those of the cover, which counts rows."""
    with zipfile.ZipFile(workbook) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet") and name != "xl/worksheets/sheet1.xml":
                for kind, value in _CELL.findall(archive.read(name).decode("utf-8")):
                    if 't="' not in kind:
                        yield float(value)


def page_numbers(page: str) -> Iterator[float]:
    """Yield every number in the data that ``page`` carries for its scripts."""

    def walk(value: Any) -> Iterator[float]:
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                yield from walk(item)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield float(value)

    for data in _DATA.findall(page):
        yield from walk(json.loads(data))
