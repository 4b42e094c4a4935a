"""Frames out of a published benchmark, read-only."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from pipeline.frozen import thawed
from pipeline.settings import Settings
from pipeline.warehouse.database.runs import in_run_order
from pipeline.warehouse.frames.query import frame_of


def read_run(published: Path) -> pd.Series:
    """Return the row of ``result.run`` with the first run."""
    return in_run_order(frame_of(published, "SELECT * FROM result.run")).iloc[0]


def read_settings(published: Path, settings: Settings) -> Settings:
    """Return the settings of the first run's fit, where they lie being those of ``settings``.

    A release of an earlier version does not tell them: ``settings`` hold then.
    """
    told = read_run(published).get("settings")
    return settings if told is None else thawed(json.loads(str(told)), settings)


def read_result(published: Path, table: str) -> pd.DataFrame:
    """Return ``result.<table>`` of the first run of a published database, by its columns."""
    return frame_of(
        published,
        f'SELECT * FROM result."{table}" WHERE run_id = ? ORDER BY ALL',
        [str(read_run(published)["run_id"])],
    )


def has_result(published: Path, table: str) -> bool:
    """Return whether the release has ``result.<table>``: one made before the table has not."""
    tables = frame_of(
        published,
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = 'result' AND table_name = ?",
        [table],
    )
    return not tables.empty


def read_published_quality(published: Path) -> pd.DataFrame:
    """Return ``result.data_quality`` of the first run, without its run id."""
    return frame_of(
        published,
        "SELECT * EXCLUDE (run_id) FROM result.data_quality WHERE run_id = ?"
        ' ORDER BY register, "check"',
        [str(read_run(published)["run_id"])],
    )


def read_headline(published: Path, *, model: str = "within") -> pd.DataFrame:
    """Return per outcome of ``model`` in the first run what a night found.

    Columns: outcome, n_at_risk, observed (grants), ratio_lowest, ratio_highest, n_outside_95
    (municipalities flagged at 95 %), rank_correlation (null on real extracts).
    """
    return frame_of(
        published,
        "SELECT benchmark.outcome, CAST(sum(benchmark.n_at_risk) AS BIGINT) AS n_at_risk,"
        " CAST(sum(benchmark.observed) AS BIGINT) AS observed,"
        " round(min(benchmark.ratio), 3) AS ratio_lowest,"
        " round(max(benchmark.ratio), 3) AS ratio_highest,"
        " count(*) FILTER (WHERE benchmark.flag_95 IN ('low', 'high')) AS n_outside_95,"
        " max(recovery.value) AS rank_correlation"
        " FROM result.benchmark LEFT JOIN result.recovery"
        " ON benchmark.run_id = recovery.run_id"
        " AND benchmark.outcome = recovery.outcome AND benchmark.model = recovery.model"
        " AND recovery.measure = 'rank_correlation'"
        " WHERE benchmark.run_id = ? AND benchmark.model = ?"
        " GROUP BY benchmark.outcome ORDER BY benchmark.outcome",
        [str(read_run(published)["run_id"]), model],
    )
