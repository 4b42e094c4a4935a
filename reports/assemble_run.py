"""The run behind a release as a typed object."""

from __future__ import annotations

import pandas as pd

from pipeline.settings import WINDOWS
from reports.content import Run
from reports.values import real


def run_from(frame: pd.DataFrame) -> Run:
    """Return the latest run of ``result.run``; an unknown window has no years."""
    row = frame.sort_values("started_at").iloc[-1].to_dict()
    window = str(row["window"])
    moments = {
        name: None if pd.isna(row[name]) else pd.Timestamp(row[name]).to_pydatetime()
        for name in ("started_at", "finished_at")
    }
    return Run(
        run_id=str(row["run_id"]),
        window=window,
        years=WINDOWS.get(window, ()),
        scale=real(row["scale"]),
        seed=int(row["seed"]),
        is_synthetic=bool(row["is_synthetic"]),
        input_hash=str(row["input_hash"]),
        settings_hash=str(row["settings_hash"]),
        code_version=str(row["code_version"]),
        status=str(row["status"]),
        **moments,
    )
