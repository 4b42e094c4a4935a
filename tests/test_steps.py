"""Steps in practice: found where planted, dated with an interval, and not where there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fabricated_years import PLANTED, VARIATION, drawn_history

from pipeline.disclosure import CellKey
from pipeline.model.inference.funnel import benjamini_hochberg
from pipeline.model.numerics.shown_counts import EXACT
from pipeline.model.years.adjusted import AdjustedYears, adjusted_years
from pipeline.model.years.step_frames import FALSE_SHARE, SPAN_YEARS, step_frame
from pipeline.model.years.step_recovery import score_steps
from pipeline.model.years.steps import (
    Steps,
    cuts_of,
    drawn_counts,
    largest_ratio,
    p_values_of,
    steps_of,
    yearly_variation,
)
from pipeline.night.planted import with_planted_scored
from pipeline.settings import Settings

KEY = CellKey()
N_UNITS, FIRST = 98, 2000
YEARS = tuple(range(FIRST, FIRST + SPAN_YEARS))


def country(
    seed: int, size: np.ndarray, variation: float = VARIATION, factor: float = 1.0, n: int = 10
) -> tuple[AdjustedYears, np.ndarray]:
    """Return the years of a drawn country, ``n`` with a step, and the (M,) years they step in."""
    rng = np.random.default_rng(seed)
    expected = np.repeat(size[:, None], SPAN_YEARS, axis=1)
    mean = expected * np.exp(0.4 * rng.normal(size=(N_UNITS, 1)))
    year = np.zeros(N_UNITS)
    if factor != 1:
        moved = rng.choice(N_UNITS, n, replace=False)
        year[moved] = rng.integers(FIRST + 2, FIRST + SPAN_YEARS - 1, n)
        for place in moved:
            mean[place, int(year[place]) - FIRST :] *= factor
    counts = drawn_counts(mean, variation, rng)
    shown = KEY.transitions.shown(counts, rng.random(counts.shape)).astype(float)
    expected = expected * (shown.sum(axis=0) / expected.sum(axis=0))
    hidden = KEY.is_hidden(expected)
    noise = np.where(hidden, 0.0, KEY.noise_variance(shown))
    observed = np.where(hidden, np.nan, shown)
    return AdjustedYears(YEARS, observed, np.where(hidden, 0.0, expected), noise), year


def sizes(seed: int, middle: float) -> np.ndarray:
    """Return expected grants a year of municipalities as unlike as they are."""
    return middle * np.exp(0.8 * np.random.default_rng(seed).normal(size=N_UNITS))


def looked_at(history: AdjustedYears, seed: int) -> tuple[Steps, np.ndarray]:
    """Return the steps and whether each is called one."""
    steps = steps_of(history, yearly_variation(history), KEY.transitions, 0.95, seed)
    return steps, np.nan_to_num(benjamini_hochberg(steps.p_value), nan=1.0) < FALSE_SHARE


@pytest.mark.slow
def test_nobody_is_called_where_nobody_steps() -> None:
    """Over 120 countries of every size: noise, small counts and yearly movement are no steps."""
    called, small = [], []
    for seed in range(120):
        history, _ = country(seed, sizes(seed, (8, 30, 120, 400)[seed % 4]))
        rng = np.random.default_rng(seed)
        p_value = p_values_of(history, yearly_variation(history), KEY.transitions, rng)
        q_value = benjamini_hochberg(p_value)
        called.append(np.nanmin(q_value) < FALSE_SHARE)
        small += list(p_value[~np.isnan(p_value)] < 0.05)
    # Of 120 at a rate of one in twenty at most 12 but for one time in 100.
    assert sum(called) <= 12
    assert 0.03 <= np.mean(small) <= 0.055


#: Grants a year, times, and the least share of ten municipalities that is found.
POWER = [(50, 2.0, 0.9), (50, 0.5, 0.75), (100, 1.5, 0.65), (400, 1.25, 0.55), (400, 1.5, 0.95)]


@pytest.mark.parametrize(("size", "factor", "least"), POWER)
def test_planted_steps_are_found_and_dated(size: int, factor: float, least: float) -> None:
    found, false, dated, covered = [], 0, [], []
    for seed in range(10):
        history, year = country(seed, np.full(N_UNITS, float(size)), factor=factor)
        steps, is_called = looked_at(history, seed)
        moved = year > 0
        found += list(is_called[moved])
        false += int((is_called & ~moved).sum())
        inside = (steps.low <= year) & (year <= steps.high)
        dated += list(inside[is_called & moved])
        covered += list(((steps.factor_low <= factor) & (factor <= steps.factor_high))[moved])
    assert np.mean(found) >= least
    assert false <= 0.1 * (false + np.sum(found))
    assert np.mean(dated) >= 0.93
    assert np.mean(covered) >= 0.87


def test_small_change_in_a_small_municipality_is_hardly_found() -> None:
    """What the report says cannot be seen."""
    found: list[bool] = []
    for seed in range(10):
        history, year = country(seed, np.full(N_UNITS, 50.0), factor=1.25)
        found += list(looked_at(history, seed)[1][year > 0])
    assert np.mean(found) <= 0.25


@pytest.mark.parametrize("planted", [0.0, 0.05, 0.12])
def test_movement_from_year_to_year_is_told_from_chance_and_noise(planted: float) -> None:
    told = [yearly_variation(country(seed, sizes(seed, 150.0), planted)[0]) for seed in range(40)]
    # Its square is without bias; at nothing half of the estimates are cut off at 0.
    assert np.sqrt(np.mean(np.square(told))) == pytest.approx(planted, abs=0.02)


def test_statistic_is_the_likelihood_ratio_of_two_levels() -> None:
    observed, expected = np.array([[10.0, 12.0, 25.0, 30.0]]), np.array([11.0, 11.0, 12.0, 12.0])
    cuts = cuts_of(expected[None])
    assert cuts.tolist() == [[False, True, False]]

    def value(level: np.ndarray) -> float:
        return float(np.sum(observed[0] * np.log(level * expected) - level * expected))

    two = np.repeat([22 / 22, 55 / 24], 2)
    one = np.full(4, 77 / 46)
    assert largest_ratio(observed, expected[None], cuts)[0] == pytest.approx(
        value(two) - value(one)
    )


def test_step_without_noise_in_two_levels_is_dated_in_its_year() -> None:
    observed = np.array([[100.0] * 4 + [200.0] * 4, [100.0] * 8])
    history = AdjustedYears(YEARS, observed, np.full((2, 8), 100.0), np.zeros((2, 8)))
    steps = steps_of(history, 0.0, EXACT, 0.95, 1)
    assert steps.year[0] == steps.low[0] == steps.high[0] == FIRST + 4
    assert (steps.before[0], steps.after[0]) == (1.0, 2.0)
    assert steps.factor[0] == pytest.approx(2.0, abs=0.03)
    assert steps.p_value[0] < 0.001
    assert steps.p_value[1] > 0.5


def test_who_has_too_few_years_or_no_grants_is_not_looked_at() -> None:
    observed = np.array([[np.nan] * 5 + [9.0] * 3, [0.0] * 8, [20.0] * 8])
    expected = np.where(np.isnan(observed), 0.0, 20.0)
    steps = steps_of(AdjustedYears(YEARS, observed, expected, expected * 0), 0.0, EXACT, 0.95, 1)
    assert np.isnan(steps.p_value).tolist() == [True, True, False]
    assert np.isnan(steps.year).tolist() == [True, True, False]


def benchmark_rows() -> pd.DataFrame:
    """Return 98 municipalities in two outcomes."""
    codes = [str(code) for code in range(101, 101 + N_UNITS)]
    frame = pd.DataFrame({"municipality_code": codes, "expected": np.linspace(40, 300, N_UNITS)})
    frame["n_at_risk"] = 50 * frame["expected"].round().astype(int)
    return pd.concat([frame.assign(outcome="FP"), frame.assign(outcome="FJ")], ignore_index=True)


def frame_of(history: pd.DataFrame, unreported: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return ``practice_step`` of a drawn history."""
    if unreported is None:
        unreported = pd.DataFrame({"municipality_code": [], "year": []})
    window = (2006, 2007)
    return step_frame(history, benchmark_rows(), unreported, window, KEY.transitions, 0.95, 1)


def test_table_names_the_planted_and_their_years() -> None:
    frame = frame_of(drawn_history(benchmark_rows(), np.random.default_rng(1)))
    assert len(frame) == 2 * N_UNITS
    assert set(frame["year_from"]) == {2007 - SPAN_YEARS + 1}
    named = frame[frame["is_step"]].set_index(["outcome", "municipality_code"])
    for place, (year, factor) in PLANTED.items():
        row = named.loc[("FP", str(101 + place))]
        assert row["step_year_low"] <= year <= row["step_year_high"]
        assert row["step_factor_low"] <= factor <= row["step_factor_high"]
    assert len(named) <= len(PLANTED) + 1
    assert frame["yearly_variation"].between(0.0, 0.12).all()


def test_year_that_did_not_reach_the_register_is_no_step() -> None:
    """Two silent years at the end would be a fall to nothing."""
    history = drawn_history(benchmark_rows(), np.random.default_rng(2))
    is_silent = (history["municipality_code"] == "150") & (history["year"] >= 2006)
    history.loc[is_silent, "observed"] = 0
    unreported = pd.DataFrame({"municipality_code": ["150", "150"], "year": [2006, 2007]})
    for outcome in ("FP", "FJ"):
        place = {"outcome": outcome, "municipality_code": "150"}
        fooled, told = (
            frame.set_index(list(place)).loc[tuple(place.values())]
            for frame in (frame_of(history), frame_of(history, unreported))
        )
        assert fooled["is_step"]
        assert fooled["step_year"] == 2006
        assert not told["is_step"]


def test_years_are_held_against_the_country_s_level_of_the_year() -> None:
    """What all do together is no step, and a year not shown has nothing expected."""
    rows = benchmark_rows().query("outcome == 'FP'")
    history = pd.DataFrame(
        {
            "municipality_code": np.repeat(rows["municipality_code"], 4),
            "year": np.tile([2004, 2005, 2006, 2007], len(rows)),
            "residents": 1000,
            "observed": np.repeat(rows["expected"], 4) * np.tile([1.0, 2.0, 3.0, 4.0], len(rows)),
            "noise_sd": 0.0,
        }
    )
    history.loc[history.index[0:1], "observed"] = None
    history.iloc[0, history.columns.get_loc("observed")] = None
    adjusted = adjusted_years(history, rows, (2004, 2005, 2006, 2007), (2006, 2007))
    assert adjusted.expected[0, 0] == 0
    known = adjusted.expected > 0
    assert (adjusted.observed / np.where(known, adjusted.expected, 1))[known] == pytest.approx(1.0)


def test_history_too_short_for_two_levels_has_no_rows() -> None:
    history = drawn_history(benchmark_rows(), np.random.default_rng(3))
    assert frame_of(history[history["year"] >= 2005]).empty


def test_changes_of_consultant_are_scored_as_found_and_as_dated() -> None:
    """Two are planted, one called in its year; of two where nothing changes one is called."""
    codes = ["101", "147", "151", "153", "155"]
    steps = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": codes,
            "year_from": 2004,
            "year_to": 2007,
            "step_year": [2006, 2005, 2006, 2005, pd.NA],
            "step_year_low": [2005, 2005, 2006, 2005, pd.NA],
            "step_year_high": [2006, 2006, 2007, 2005, pd.NA],
            "is_step": [True, False, True, False, False],
        }
    )
    # The last is not looked at, and a change before the span is none.
    levels = {"101": [0.5, 0, 0, 0.2, 0.2], "147": [0, 0, -0.3, -0.3, -0.3], "155": [0, 0, 0, 1, 1]}
    planted = pd.DataFrame(
        [
            ("FP", code, year, levels.get(code, [0.1] * 5)[at])
            for code in codes
            for at, year in enumerate(range(2003, 2008))
        ],
        columns=["outcome", "municipality_code", "year", "consultant_effect"],
    )
    scored = score_steps(steps, planted, "within").set_index("measure")["value"]
    assert scored.to_dict() == {"step_found": 0.5, "step_false": 0.5, "step_year_held": 1.0}
    nobody = score_steps(steps.iloc[4:], planted, "within")
    assert nobody.empty
    made = {
        "recovery": pd.DataFrame({"outcome": ["FP"], "value": [0.5]}),
        "practice_step": steps.iloc[4:],
        "planted_consultant": planted,
        "benchmark": benchmark_rows().assign(model="within").iloc[:0],
        "grant_history": drawn_history(benchmark_rows(), np.random.default_rng(4)).iloc[:0],
        "completeness": pd.DataFrame({"municipality_code": [], "year": [], "is_reported": []}),
    }
    held = with_planted_scored(made, Settings.model_construct(level=0.95))
    assert set(held) == set(made) - {"planted_consultant"}
    assert held["recovery"]["value"].dtype == float
