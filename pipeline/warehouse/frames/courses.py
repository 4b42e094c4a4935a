"""Frames about people's courses out of ``registers.duckdb``, read-only; counts go no further."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.warehouse.frames.query import frame_of


def read_tenure_stock(registers: Path) -> pd.DataFrame:
    """Return ``mart.tenure_stock``, ordered by its key."""
    return frame_of(registers, "SELECT * FROM mart.tenure_stock ORDER BY ALL")


def read_tenure_flow(registers: Path) -> pd.DataFrame:
    """Return ``mart.tenure_flow`` with year and quarter, ordered by its key."""
    return frame_of(
        registers,
        "SELECT tenure_flow.*, quarter_number // 4 AS year, 1 + quarter_number % 4 AS quarter"
        " FROM mart.tenure_flow ORDER BY ALL",
    ).astype({"year": "int64", "quarter": "int64"})


def read_tenure_exit(registers: Path) -> pd.DataFrame:
    """Return ``mart.tenure_exit``, ordered by its key."""
    return frame_of(registers, "SELECT * FROM mart.tenure_exit ORDER BY ALL")
