"""Which municipalities reported their grants, as a night judges it from the registers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.descriptives.completeness import judge_completeness
from pipeline.settings import Settings
from pipeline.warehouse.frames import read


def read_reporting(registers: Path, settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the counts by municipality and month, and what is judged of each municipality-year.

    The two are ``mart.completeness`` and
    :func:`~pipeline.descriptives.completeness.judge_completeness` of it.
    """
    counts = read.read_completeness(registers)
    return counts, judge_completeness(
        counts,
        read.read_quarantined_decisions(registers),
        level=settings.completeness_level,
        smallest_coverage=settings.smallest_coverage,
    )
