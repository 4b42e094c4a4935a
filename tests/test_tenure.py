"""Tenure on cash benefit: stock and flow add up, bands are whole, limits hold their share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.codes import benefit_states, state_groups
from pipeline.disclosure import CellKey
from pipeline.model.courses.areas import is_rare
from pipeline.model.courses.tenure import (
    TENURE_BANDS,
    noisy_share,
    tenure_exit,
    tenure_flow,
    tenure_stock,
)
from pipeline.model.national.protection import Unprotected

RESIDENTS = {"101": 600.0, "147": 400.0}


def stock_of(rng: np.random.Generator, n: int = 400) -> pd.DataFrame:
    """Return cells of ``mart.tenure_stock`` with random persons."""
    frame = pd.DataFrame(
        {
            "year": 2006,
            "quarter": rng.integers(1, 5, n),
            "municipality_code": rng.choice(["101", "147"], n),
            "benefit_state": rng.choice(["cash_benefit", "education_benefit"], n),
            "age_group": rng.choice(["under_30", "30_and_over"], n),
            "tenure_year": rng.integers(0, 11, n),
            "n_persons": rng.integers(1, 30, n),
        }
    )
    return frame.assign(persons_key=frame["n_persons"] * 17)


def test_every_benefit_state_is_in_one_group() -> None:
    grouped = [state for states in state_groups().values() for state in states]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == {*benefit_states(), "none", "unknown"}


def test_every_year_of_tenure_is_in_one_band() -> None:
    assert sorted(year for years in TENURE_BANDS.values() for year in years) == list(range(11))


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_levels_add_up_and_municipalities_to_the_country(seed: int) -> None:
    made = tenure_stock(stock_of(np.random.default_rng(seed)), RESIDENTS, Unprotected())
    key = ["area_code", "year", "quarter"]
    sums = made.groupby(["dimension", *key])["n_persons"].sum().unstack("dimension")
    assert (sums.sub(sums["all"], axis=0) == 0).all(axis=None)
    is_country = made["area_code"] == "000"
    of = ["year", "quarter", "dimension", "level"]
    country = made[is_country].set_index(of)["n_persons"].sort_index()
    assert country.equals(made[~is_country].groupby(of)["n_persons"].sum().sort_index())


def test_moves_are_no_flow_of_the_country() -> None:
    flow = pd.DataFrame(
        [
            (2006, 1, "101", "out", "moved", 20, 5),
            (2006, 1, "147", "in", "moved", 20, 5),
            (2006, 1, "147", "in", "unemployment", 30, 7),
        ],
        columns=[
            *("year", "quarter", "municipality_code", "direction", "state_group"),
            *("n_persons", "persons_key"),
        ],
    )
    made = tenure_flow(flow, RESIDENTS, Unprotected())
    made = made.set_index(["area_code", "direction", "state_group"])
    assert made["n_persons"][made["n_persons"] > 0].to_dict() == {
        ("000", "in", "all"): 30,
        ("000", "in", "unemployment"): 30,
        ("101", "out", "all"): 20,
        ("101", "out", "moved"): 20,
        ("147", "in", "all"): 50,
        ("147", "in", "moved"): 20,
        ("147", "in", "unemployment"): 30,
    }


def test_no_small_count_is_shown() -> None:
    rng = np.random.default_rng(3)
    stock = stock_of(rng).assign(n_persons=1, persons_key=rng.integers(0, 62**4, 400))
    made = tenure_stock(stock, RESIDENTS, CellKey())
    assert not made["n_persons"].between(1, 4).any()


def test_every_area_has_every_state_in_every_quarter_whoever_comes() -> None:
    flow = pd.DataFrame(
        [(2006, quarter, "101", "in", "education", 1, 5) for quarter in (1, 2)],
        columns=[
            *("year", "quarter", "municipality_code", "direction", "state_group"),
            *("n_persons", "persons_key"),
        ],
    )
    made = tenure_flow(flow, RESIDENTS, CellKey())
    n_states = len(state_groups()) - 1
    per_quarter = made.groupby(["year", "quarter", "direction"])["area_code"].value_counts()
    assert set(per_quarter.loc[:, :, :, "000"]) == {1 + n_states}
    assert set(per_quarter.drop("000", level="area_code")) == {2 + n_states}
    assert len(per_quarter) == 2 * 2 * 3


def series(shown: list[int], country: list[int], residents: float = 0.5) -> list[bool]:
    """Return which quarters of a municipality with a share of all residents are hidden."""
    n = len(shown)
    counts = pd.DataFrame(
        {
            "area_code": ["000"] * n + ["101"] * n,
            "year": 2006,
            "quarter": [*range(n), *range(n)],
            "level": "all",
            "n_persons": [*country, *shown],
        }
    )
    share = {"101": residents, "147": 1 - residents}
    hidden = is_rare(counts, counts["n_persons"], share, ["level"], ["year", "quarter"], CellKey())
    return hidden[n:].tolist()


def test_a_series_is_shown_where_its_usual_quarter_shows_somebody() -> None:
    assert series([5, 0, 6, 7, 5], [20] * 5) == [False] * 5
    # One quarter on its own, or a burst, would be known to be of one.
    assert series([5, 0, 0, 0, 0], [20] * 5) == [True] * 5
    assert series([80, 5, 0, 0, 0], [90] * 5) == [True] * 5


def test_a_quarter_is_shown_where_enough_are_expected_at_the_country_s_rate() -> None:
    assert series([9, 8, 9, 8], [40, 40, 40, 40], residents=0.04) == [True] * 4
    # A benefit that is new: quarters before it say nothing of what is usual.
    assert series([0, 0, 30, 40], [0, 0, 60, 70]) == [True, True, False, False]


def test_of_the_country_a_count_is_hidden_only_if_it_is_small() -> None:
    flow = pd.DataFrame(
        [
            (2006, quarter, "101", "in", "education", n, 5)
            for quarter, n in ((1, 9), (2, 0), (3, 1), (4, 0))
        ],
        columns=[
            *("year", "quarter", "municipality_code", "direction", "state_group"),
            *("n_persons", "persons_key"),
        ],
    )
    made = tenure_flow(flow, RESIDENTS, CellKey())
    rows = made[(made["area_code"] == "000") & (made["state_group"] == "education")]
    rows = rows[rows["direction"] == "in"].set_index("quarter")
    assert rows["is_suppressed"].to_dict() == {1: False, 2: True, 3: True, 4: True}


@pytest.mark.parametrize("noise_sd", [0.0, 2.0])
def test_limits_of_a_share_hold_it_with_their_level(noise_sd: float) -> None:
    rng = np.random.default_rng(11)
    n, share, draws = 120, 0.3, 4_000
    left = rng.binomial(n, share, draws) + np.rint(noise_sd * rng.normal(size=draws))
    shown = np.clip(left, 0, n)
    _, low, high = noisy_share(shown, np.full(draws, float(n)), np.full(draws, noise_sd), 0.95)
    assert np.mean((low <= share) & (share <= high)) == pytest.approx(0.95, abs=0.015)


def test_exits_have_limits_or_nothing() -> None:
    exits = pd.DataFrame(
        {
            "year": [2006, 2006],
            "municipality_code": ["101", "147"],
            "tenure_year": [0, 0],
            "n_persons": [40, 0],
            "persons_key": [3, 0],
            "n_exits": [10, 0],
            "exits_key": [2, 0],
        }
    )
    made = tenure_exit(exits, RESIDENTS, Unprotected(), 0.95)
    made = made[made["tenure_year"] == 0].set_index("area_code")
    assert made.loc["101", "exit_share"] == 0.25
    assert made.loc["101", "exit_share_low"] < 0.25 < made.loc["101", "exit_share_high"]
    assert pd.isna(made.loc["147", "exit_share"])
