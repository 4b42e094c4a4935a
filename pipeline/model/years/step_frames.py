"""The table of steps: from which year a municipality grants at another level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.catalogue import columns, empty_frame
from pipeline.model.inference.funnel import benjamini_hochberg
from pipeline.model.numerics.shown_counts import Transitions
from pipeline.model.years.adjusted import AdjustedYears, adjusted_years
from pipeline.model.years.steps import FEWEST_YEARS, steps_of, yearly_variation
from pipeline.model.years.unreported import mask_unreported

#: Years that are looked at, the window's last one the last: in longer spans composition drifts.
SPAN_YEARS = 8
#: Share of those called a step that may be so by chance.
FALSE_SHARE = 0.05


def step_frame(
    history: pd.DataFrame,
    benchmark: pd.DataFrame,
    unreported: pd.DataFrame,
    window: Sequence[int],
    transitions: Transitions,
    level: float,
    seed: int,
) -> pd.DataFrame:
    """Return ``practice_step``: one row per outcome and municipality, none without enough years.

    ``history`` are rows of ``grant_history`` as shown, ``benchmark`` those of one model;
    ``unreported`` (municipality_code, year) are years that did not reach the register, which take
    no part; ``transitions`` say how counts of ``history`` are shown. Everything of a municipality
    is missing where it has too few years or no grants; what moves from year to year without a step
    (``yearly_variation``) is told of all together.
    """
    spans = adjusted_spans(history, benchmark, unreported, window)
    parts = [
        _frame(outcome, codes, adjusted).assign(**_found(adjusted, transitions, level, seed + at))
        for at, (outcome, codes, adjusted) in enumerate(spans)
    ]
    if not parts:
        return empty_frame("practice_step")
    return pd.concat(parts, ignore_index=True)[list(columns("practice_step"))]


def adjusted_spans(
    history: pd.DataFrame,
    benchmark: pd.DataFrame,
    unreported: pd.DataFrame,
    window: Sequence[int],
) -> Iterator[tuple[str, list[str], AdjustedYears]]:
    """Yield outcome, municipalities and their years up to the window's last one.

    Up to :data:`SPAN_YEARS` of them; an outcome with too few for two levels is left out. The frames
    are those of :func:`step_frame`.
    """
    kept = mask_unreported(history, unreported, ["observed"])
    for outcome, rows in benchmark.groupby("outcome", sort=False):
        own = kept[kept["outcome"] == outcome]
        covered = sorted(set(own["year"]))
        span = [year for year in covered if max(window) - SPAN_YEARS < year <= max(window)]
        within = [year for year in window if year in span]
        if len(span) >= 2 * FEWEST_YEARS and within:
            adjusted = adjusted_years(own, rows, span, within)
            yield str(outcome), list(rows["municipality_code"]), adjusted


def _frame(outcome: str, codes: list[str], adjusted: AdjustedYears) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "outcome": outcome,
            "municipality_code": codes,
            "year_from": adjusted.years[0],
            "year_to": adjusted.years[-1],
        }
    )


def _found(
    adjusted: AdjustedYears, transitions: Transitions, level: float, seed: int
) -> dict[str, Any]:
    variation = yearly_variation(adjusted)
    steps = steps_of(adjusted, variation, transitions, level, seed)
    q_value = benjamini_hochberg(steps.p_value)
    return {
        "step_year": _whole(steps.year),
        "step_year_low": _whole(steps.low),
        "step_year_high": _whole(steps.high),
        "ratio_before": steps.before,
        "ratio_after": steps.after,
        "step_factor": steps.factor,
        "step_factor_low": steps.factor_low,
        "step_factor_high": steps.factor_high,
        "p_value": steps.p_value,
        "q_value": q_value,
        "is_step": np.nan_to_num(q_value, nan=1.0) < FALSE_SHARE,
        "yearly_variation": variation,
    }


def _whole(years: np.ndarray) -> pd.Series:
    return pd.Series(pd.array(years, dtype="Float64")).astype("Int64")
