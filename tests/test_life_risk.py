"""Life tables: equal to hand and to statsmodels, limits that hold, nothing small shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fabricated_lives import AGES, expected_of, life_cells, yearly_risk
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from pipeline.codes import region_codes
from pipeline.disclosure import CellKey
from pipeline.model.lives.life_risk import band_edges, life_risk_frame
from pipeline.model.lives.life_table import life_table
from pipeline.model.national.protection import Protection, Unprotected

REGIONS = region_codes()
ONE = np.ones(3, dtype=int)
NOISE = CellKey()


def frame_of(cells: pd.DataFrame, protection: Protection) -> pd.DataFrame:
    return life_risk_frame(cells, expected_of(cells), REGIONS, (18, 64), protection, 0.95)


def at_end(frame: pd.DataFrame, outcome: str, area: str = "000") -> pd.Series:
    rows = frame[(frame["outcome"] == outcome) & (frame["clock"] == "age")]
    return rows[rows["area_code"] == area].sort_values("year_to").iloc[-1]


def test_a_life_table_is_what_a_hand_makes_it() -> None:
    """Of 100, 80 and 50 persons 10, 8 and 5 come to it: a tenth a year, .9 x .9 x .9 do not."""
    made = life_table(
        np.array([100.0, 80.0, 50.0]), np.array([10.0, 8.0, 5.0]), np.zeros(3), ONE, 0.95
    )
    np.testing.assert_allclose(made.risk, [0.1, 0.19, 0.271])
    # Greenwood: S squared times the sum of d / (n (n - d)).
    greenwood = np.cumsum([10 / (100 * 90), 8 / (80 * 72), 5 / (50 * 45)])
    np.testing.assert_allclose(made.se, np.array([0.9, 0.81, 0.729]) * np.sqrt(greenwood))
    # log(-log .9) is -2.250; its error .03 / (.9 x .10536) = .31637, times 1.96 is .62008.
    assert made.low[0] == pytest.approx(1 - 0.9 ** np.exp(-0.62008), abs=1e-5)
    assert made.high[0] == pytest.approx(1 - 0.9 ** np.exp(0.62008), abs=1e-5)


def test_what_else_ends_the_risk_competes_with_it() -> None:
    """A tenth come to it each year and as many leave: .1, then .1 of .8, then .1 of .64."""
    made = life_table(np.full(3, 100.0), np.full(3, 10.0), np.full(3, 10.0), ONE, 0.95)
    np.testing.assert_allclose(made.risk, [0.1, 0.18, 0.244])


@pytest.mark.parametrize("seed", range(5))
def test_numbers_are_those_of_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    persons = rng.integers(40, 90, 12)
    events = rng.integers(1, 9, 12)
    made = life_table(
        persons.astype(float), events.astype(float), np.zeros(12), np.ones(12, int), 0.95
    )
    ends = np.repeat(np.arange(1, 13), persons)
    came = np.concatenate([np.arange(n) < d for n, d in zip(persons, events, strict=True)])
    known = SurvfuncRight(ends, came.astype(int), entry=ends - 1)
    np.testing.assert_allclose(made.risk, 1 - known.surv_prob, rtol=1e-10)
    np.testing.assert_allclose(made.se, known.surv_prob_se, rtol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_with_competing_ends_they_are_those_of_statsmodels_too(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ends, why = rng.integers(1, 9, 500), rng.integers(0, 3, 500)
    years = range(1, 9)
    persons, events, ended = (
        np.array([float(np.sum(of(year))) for year in years])
        for of in (
            lambda year: ends >= year,
            lambda year: (ends == year) & (why == 1),
            lambda year: (ends == year) & (why == 2),
        )
    )
    made = life_table(persons, events, ended, np.ones(8, int), 0.95)
    known = CumIncidenceRight(ends, why)
    np.testing.assert_allclose(made.risk, known.cinc[0], rtol=1e-10)
    np.testing.assert_allclose(made.se, known.cinc_se[0], rtol=1e-10)


def test_a_band_of_years_has_one_yearly_risk() -> None:
    """Its error is that of the one risk, taken as often as it has years: by differences."""
    persons, events, ended = np.array([900.0, 800.0]), np.array([9.0, 16.0]), np.array([4.0, 0.0])
    years = np.array([5, 3])
    made = life_table(persons, events, ended, years, 0.95)
    assert made.risk[0] == pytest.approx(9 / 13 * (1 - (1 - 13 / 900) ** 5))

    def last(own: np.ndarray, other: np.ndarray) -> float:
        return float(life_table(persons, own, other, years, 0.95).risk[-1])

    step, variance = 1e-4, 0.0
    for at in (0, 1):
        move = np.eye(2)[at] * step
        by = [
            (last(events + move, ended) - last(events - move, ended)) / (2 * step),
            (last(events, ended + move) - last(events, ended - move)) / (2 * step),
        ]
        counts = np.array([events[at], ended[at]])
        spread = np.diag(counts) - np.outer(counts, counts) / persons[at]
        variance += np.array(by) @ spread @ np.array(by)
    assert made.se[-1] == pytest.approx(np.sqrt(variance), rel=1e-6)


def test_noise_widens_and_no_event_has_an_upper_limit() -> None:
    persons, none = np.array([500.0, 400.0]), np.zeros(2)
    made = life_table(persons, none, none, np.array([5, 5]), 0.95)
    assert (made.risk == 0).all()
    assert (made.low == 0).all()
    # Poisson: with none of 500 the mean is below 2.996 (mid-p), over five years.
    assert made.high[0] == pytest.approx(1 - (1 - 2.9957 / 500) ** 5, rel=1e-4)
    events = np.array([20.0, 30.0])
    exact, noisy = (
        life_table(persons, events, none, ONE[:2], 0.95, (np.full(2, v), none)) for v in (0.0, 9.0)
    )
    np.testing.assert_array_equal(exact.risk, noisy.risk)
    # The first band's variance is that of chance and of the noise over the persons.
    assert noisy.se[0] ** 2 == pytest.approx(exact.se[0] ** 2 + 9 / 500**2)
    assert (noisy.low < exact.low).all()
    assert (noisy.high > exact.high).all()


def test_an_age_without_persons_leaves_later_ones_missing() -> None:
    persons, events = np.array([100.0, 0.0, 90.0]), np.array([5.0, 0.0, 4.0])
    made = life_table(persons, events, np.zeros(3), ONE, 0.95)
    assert made.risk[0] == 0.05
    assert np.isnan(made.risk[1:]).all()
    assert np.isnan(made.high[1:]).all()


@pytest.mark.parametrize("protection", [Unprotected(), NOISE])
@pytest.mark.parametrize("outcome", ["FP", "FJ"])
def test_limits_hold_the_truth(protection: Protection, outcome: str) -> None:
    """Of 1,000 drawn countries of 23,500 persons, in bands of five years, noise included."""
    rng = np.random.default_rng(1)
    fp, fj = yearly_risk("FP"), yearly_risk("FJ")
    own, other = (fp, np.zeros(len(fp))) if outcome == "FP" else (fj, fp)
    truth = float(np.concatenate([[1.0], np.cumprod(1 - own - other)])[:-1] @ own)
    edges = band_edges(18, 64, 5) - 18
    held = 0
    for _ in range(1000):
        events = rng.binomial(500, own)
        ended = rng.binomial(500 - events, other / (1 - own))
        shown = [
            protection.shown(counts, rng.integers(0, 62**4, len(counts))).astype(float)
            for counts in (np.add.reduceat(of, edges[:-1]) for of in (events, ended))
        ]
        noise = tuple(protection.noise_variance(counts) for counts in shown)
        years = np.diff(edges)
        made = life_table(500.0 * years, *shown, years, 0.95, noise)
        held += made.low[-1] <= truth <= made.high[-1]
    assert 0.93 <= held / 1000 <= 0.97


def test_areas_add_up_to_the_country_before_noise() -> None:
    frame = frame_of(life_cells(np.random.default_rng(1)), Unprotected())
    frame = frame[frame["clock"] == "age"]
    kinds = frame["area_code"].map(
        lambda area: {"0": "region", "f": "fifth"}[area[0]] if area != "000" else area
    )
    counts = ["n_persons", "n_events", "n_ended"]
    sums = frame.astype(dict.fromkeys(counts, int)).groupby([kinds, frame["outcome"]])[counts].sum()
    assert (sums.loc["fifth"] == sums.loc["000"]).all(axis=None)
    assert (sums.loc["region"] == sums.loc["000"]).all(axis=None)


def test_no_small_count_is_shown_and_bands_are_as_wide_as_that_asks() -> None:
    cells = life_cells(np.random.default_rng(2), 3.0)
    frame = frame_of(cells, NOISE)
    for name in ("n_persons", "n_events", "n_ended"):
        assert not frame[name].dropna().between(1, 4).any()
    n_bands = frame[~frame["is_suppressed"]].groupby(["clock", "outcome", "area_code"]).size()
    assert n_bands["age", "FP", "000"] > n_bands["age", "FJ", "fifth_1"]
    few = cells.assign(n_events=0, events_key=0, n_ended=0, ended_key=0)
    few.loc[few.index[:3], ["n_events", "events_key"]] = [[1, 5]] * 3
    hidden = frame_of(few, NOISE)
    of_fifths = hidden[hidden["area_code"].str.startswith("fifth")]
    assert len(of_fifths)
    of_fifths = of_fifths[of_fifths["outcome"] == "FP"]
    assert of_fifths["is_suppressed"].all() or not of_fifths["n_events"].any()
    shown = of_fifths.columns.intersection(["n_persons", "n_events", "risk", "risk_high"])
    assert of_fifths.loc[of_fifths["is_suppressed"], shown].isna().all(axis=None)


def test_risks_are_of_counts_as_they_are_shown() -> None:
    frame = frame_of(life_cells(np.random.default_rng(3)), NOISE)
    rows = frame[(frame["outcome"] == "FJ") & (frame["area_code"] == "000")]
    rows = rows[rows["clock"] == "age"]
    years = (rows["year_to"] - rows["year_from"] + 1).to_numpy()
    again = life_table(
        *(rows[name].to_numpy(dtype=float) for name in ("n_persons", "n_events", "n_ended")),
        years,
        0.95,
    )
    np.testing.assert_allclose(again.risk, rows["risk"].to_numpy(float))
    assert years.sum() == len(AGES)


def test_chance_makes_no_difference_between_fifths_and_practice_does() -> None:
    """Formed and measured on other halves: 20 countries without differences, and 20 with."""
    gaps = {}
    for spread in (0.0, 0.5):
        listed = []
        for seed in range(20):
            cells = life_cells(np.random.default_rng([seed, 9]), 20.0, spread, ("FP",))
            frame = frame_of(cells, Unprotected())
            first, last = (at_end(frame, "FP", f"fifth_{n}")["risk"] for n in (1, 5))
            listed.append(last - first)
        gaps[spread] = np.array(listed)
    error = gaps[0.0].std() / np.sqrt(20)
    assert abs(gaps[0.0].mean()) < 3 * error
    assert (gaps[0.5] > 0).mean() >= 0.9


@given(st.integers(15, 40), st.integers(5, 60), st.sampled_from([1, 2, 5, 10]))
def test_bands_are_whole_and_none_is_thin(first: int, n_years: int, width: int) -> None:
    edges = band_edges(first, first + n_years, width)
    assert edges[0] == first
    assert edges[-1] == first + n_years + 1
    years = np.diff(edges)
    assert (years >= min(width / 2, n_years + 1)).all()
    assert (years < 2 * width + 1).all()
    assert (edges[1:-1] % width == 0).all()


def test_cells_in_another_order_and_further_outcomes_say_the_same() -> None:
    cells = life_cells(np.random.default_rng(4))
    frame = frame_of(cells, NOISE)
    turned = life_risk_frame(
        cells.sample(frac=1, random_state=1), expected_of(cells), REGIONS, (18, 64), NOISE, 0.95
    )
    pd.testing.assert_frame_equal(frame, turned)
    one = life_risk_frame(
        cells, expected_of(cells).query("outcome == 'FP'"), REGIONS, (18, 64), NOISE, 0.95
    )
    own = frame[frame["outcome"] == "FP"].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, own)
    assert life_risk_frame(cells.iloc[:0], expected_of(cells), REGIONS, (18, 64), NOISE, 0.95).empty
