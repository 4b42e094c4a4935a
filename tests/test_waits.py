"""Days until half are decided: equal to another engine's, and recovered where cases still wait."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from pipeline.disclosure import CellKey
from pipeline.model.followups.rank_groups import CROSS_FITTED, N_FIFTHS, Measure, memberships
from pipeline.model.lives.waits import MEASURE, WEEKS, median_days, survival, wait_frames
from pipeline.model.national.protection import Unprotected

YEARS = (2006, 2007)
CODES = [str(code) for code in range(101, 199)]


def _weeks(counts: dict[int, int]) -> np.ndarray:
    weeks = np.zeros(WEEKS)
    for week, count in counts.items():
        weeks[week] = count
    return weeks


def test_survival_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(1)
    wait = np.minimum(rng.weibull(1.4, 4_000) * 30, WEEKS - 1).astype(int)
    censored = rng.integers(0, 60, 4_000)
    is_decided = wait <= censored
    seen = np.minimum(wait, censored)
    decided = np.bincount(seen[is_decided], minlength=WEEKS)
    undecided = np.bincount(seen[~is_decided], minlength=WEEKS)
    other = SurvfuncRight(seen, is_decided.astype(int))
    ours = survival(decided, undecided)
    np.testing.assert_allclose(ours[other.surv_times.astype(int)], other.surv_prob, rtol=1e-12)
    # The median lies in the week in which theirs steps below a half.
    assert int(median_days(decided, undecided) // 7) == int(other.quantile(0.5))


def test_median_by_hand() -> None:
    """Of ten, four are decided in week 2 and two in week 4: half is a third through week 4."""
    days = median_days(_weeks({2: 4, 4: 3, 9: 3}), _weeks({}))
    assert days == pytest.approx(7 * (4 + 1 / 3))
    # Two that left after a week count as ten do not: 3 of 8 then 2 of 5.
    days = median_days(_weeks({2: 3, 4: 2, 9: 3}), _weeks({1: 2}))
    assert days == pytest.approx(7 * (4 + (0.625 - 0.5) / 0.25))
    assert np.isnan(median_days(_weeks({2: 1}), _weeks({3: 2})))


def _country(
    seed: int, scale: float, spread: float = 0.44, slope: float = -0.25
) -> tuple[list[tuple[str, pd.DataFrame, list[Measure]]], pd.DataFrame]:
    """Return what is measured and the waits of a country, cases that wait in the end among them."""
    rng = np.random.default_rng(seed)
    expected = 25_000 * scale * (share := rng.dirichlet(np.full(98, 4.0)))
    practice = rng.normal(0, spread, 98)
    granted = rng.poisson(np.repeat((expected * np.exp(practice))[:, None] / 2, 2, axis=1))
    half = np.repeat(expected[:, None] / 2, 2, axis=1)
    total = granted.sum(axis=1)
    rows = pd.DataFrame(
        {
            "municipality_code": CODES,
            "expected": expected,
            "practice_effect": np.log((total + 0.5) / expected),
            "ratio": total / expected,
        }
    )
    n_cases = rng.poisson(30_000 * scale * share)
    place = np.repeat(np.arange(98), n_cases)
    # Long waits are usual, and applications come until the register ends.
    days = 150 * np.exp(slope * practice[place] + 0.1 * rng.standard_normal(98)[place])
    days = days * np.exp(0.5 * rng.standard_normal(place.size))
    begun = rng.uniform(0, 730, place.size)
    is_decided = begun + days < 730
    frame = pd.DataFrame(
        {
            "case_type": "FP",
            "municipality_code": np.array(CODES)[place],
            "year": np.where(begun < 365, 2006, 2007),
            "half": rng.integers(0, 2, place.size),
            "wait_weeks": np.minimum(np.minimum(days, 730 - begun) // 7, WEEKS - 1).astype(int),
            "n_decided": is_decided.astype(int),
            "n_undecided": (~is_decided).astype(int),
            "decided_key": np.where(is_decided, rng.integers(0, 62**4, place.size), 0),
            "undecided_key": np.where(is_decided, 0, rng.integers(0, 62**4, place.size)),
        }
    )
    keys = ["case_type", "municipality_code", "year", "half", "wait_weeks"]
    practice_measure = Measure(
        "practice", granted.astype(float), half, rng.integers(0, 62**4, (98, 2))
    )
    return [("FP", rows, [practice_measure])], frame.groupby(keys).sum().reset_index()


@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_planted_days_and_their_trend_are_recovered(scale: float) -> None:
    """Those that still wait are a fifth: the mean of who is decided would be far too low."""
    held, slopes, middle = [], [], []
    for seed in range(40):
        measured, waits = _country(seed, scale)
        figures, trends = wait_frames(measured, waits, YEARS, CellKey(), 0.95)
        own = trends[trends["group_basis"] == CROSS_FITTED].iloc[0]
        assert own["measure"] == MEASURE
        held.append(own["slope_low"] <= -0.25 <= own["slope_high"])
        slopes.append(own["slope"])
        crossed = figures[figures["group_basis"] == CROSS_FITTED]
        assert len(crossed) == N_FIFTHS
        middle.append(crossed["value"].iloc[2])
    assert np.mean(held) >= 0.85
    assert np.median(slopes) == pytest.approx(-0.25, abs=0.05)
    assert np.median(middle) == pytest.approx(150, rel=0.06)


def test_no_trend_where_days_do_not_go_with_practice() -> None:
    p_values = []
    for seed in range(60):
        measured, waits = _country(seed, 0.1, slope=0.0)
        _, trends = wait_frames(measured, waits, YEARS, CellKey(), 0.95)
        p_values.append(trends.set_index("group_basis").loc[CROSS_FITTED, "p_value"])
    assert np.mean(np.array(p_values) < 0.05) <= 0.12


def test_without_undecided_cases_nothing_is_said() -> None:
    measured, waits = _country(1, 0.05)
    none = waits.assign(n_undecided=0)
    figures, trends = wait_frames(measured, none, YEARS, Unprotected(), 0.95)
    assert figures.empty
    assert trends.empty


def test_every_case_of_the_window_is_counted_once() -> None:
    ((outcome, rows, (practice,)),), waits = _country(2, 0.05)
    figures, _ = wait_frames([(outcome, rows, [practice])], waits, YEARS, Unprotected(), 0.95)
    member = memberships(
        rows["practice_effect"].to_numpy(), practice.top, rows["expected"].to_numpy()
    )[CROSS_FITTED]
    fifth = member[
        pd.Index(CODES).get_indexer(waits["municipality_code"]), waits["half"].to_numpy()
    ]
    for number in range(N_FIFTHS):
        own = waits[fifth == number].groupby("wait_weeks")[["n_decided", "n_undecided"]].sum()
        counts = own.reindex(range(WEEKS), fill_value=0).to_numpy().T
        shown = figures[figures["group_basis"] == CROSS_FITTED]["value"].iloc[number]
        assert shown == pytest.approx(float(median_days(*counts)), abs=1e-5)
