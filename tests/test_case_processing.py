"""Days, grants per refusal and mental diagnoses, against limits computed another way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from pipeline.descriptives.case_processing import case_processing, median_limits, odds_limits


def _decisions(decision: list[str], days: list[float | None], mental: int = 0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "case_type": "FP",
            "municipality_code": "101",
            "decision": decision,
            "processing_days": days,
            "diagnosis_group": ["mental"] * mental + ["other"] * (len(decision) - mental),
        }
    )


def test_figures_of_one_municipality() -> None:
    decision = ["grant"] * 6 + ["refusal"] * 2 + ["other"] * 2
    days = [10, 20, 30, 40, 50, 60, 70, 80, None, 100]
    (row,) = case_processing(_decisions(decision, days, mental=3)).to_dict("records")
    assert (row["n_decisions"], row["n_grants"], row["n_refusals"]) == (10, 6, 2)
    assert row["median_days"] == 50
    assert (row["median_low"], row["median_high"]) == (20, 80)
    assert row["grants_per_refusal"] == 3
    assert row["mental_share"] == 0.5
    assert row["mental_share_low"] < 0.5 < row["mental_share_high"]


@given(st.integers(1, 400))
def test_median_limits_cover_at_least_the_level_and_no_more_than_needed(n: int) -> None:
    low, high = median_limits(np.arange(1.0, n + 1), 0.95)
    if np.isnan(low):
        assert 1 - 2 * binom.pmf(0, n, 0.5) < 0.95
        return
    below = int(low)
    assert high == n + 1 - below
    assert 1 - 2 * binom.cdf(below - 1, n, 0.5) >= 0.95
    assert 1 - 2 * binom.cdf(below, n, 0.5) < 0.95


@given(st.integers(0, 300), st.integers(0, 300))
def test_odds_limits_are_those_of_the_share(n_grants: int, n_refusals: int) -> None:
    low, high = odds_limits(n_grants, n_refusals, 0.95)
    if n_grants + n_refusals == 0:
        assert np.isnan([low, high]).all()
        return
    interval = binomtest(n_grants, n_grants + n_refusals).proportion_ci(0.95, method="exact")
    assert low == pytest.approx(interval.low / (1 - interval.low), rel=1e-6)
    if n_refusals:
        assert high == pytest.approx(interval.high / (1 - interval.high), rel=1e-6)
    else:
        assert np.isnan(high)


def test_nothing_is_made_up_without_data() -> None:
    (row,) = case_processing(_decisions(["refusal"], [None])).to_dict("records")
    missing = ["median_days", "median_low", "mental_share", "mental_share_low"]
    assert all(np.isnan(row[name]) for name in missing)
    assert row["grants_per_refusal"] == 0
