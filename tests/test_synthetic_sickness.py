"""Sickness benefit beyond the limit of 52 weeks: the files show what is planted by municipality."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic_country import country, read

from synthetic_data.ground.regimes import runs_on_shift
from synthetic_data.ground.scenario import read_scenario
from synthetic_data.ground.weeks import weeks_in_iso_year
from synthetic_data.measures.dream_weeks import week_names
from synthetic_data.places.country import build_country

LIMIT = 52
FIRST_YEAR, LAST_YEAR = 1999, 2007


def limits_met(folder: Path) -> pd.DataFrame:
    """Return the cases outside flexjobs that met the limit before the last week.

    ``ran_on`` says whether the next week is of sickness too, ``after`` what the week after the case
    is of, ``chance`` what the truth says of where the person lived when the year began.
    """
    dream = read(folder, "dream")
    weeks = week_names(1998, LAST_YEAR)
    codes = dream[weeks].fillna("").to_numpy(dtype=str).astype("U3")
    is_sick = np.char.startswith(codes, "89")
    lasted = np.zeros(len(dream), dtype=int)
    from_flexjob = np.zeros(len(dream), dtype=bool)
    met = []
    for week in range(len(weeks) - 1):
        begins = is_sick[:, week] & (lasted == 0)
        if week:
            flexjob = np.isin(codes[:, week - 1].astype("U2"), ["77", "74"])
            from_flexjob = np.where(begins, flexjob, from_flexjob)
        lasted = np.where(is_sick[:, week], lasted + 1, 0)
        rows = np.flatnonzero((lasted == LIMIT) & ~from_flexjob)
        met.append(pd.DataFrame({"row": rows, "week": week + 1}))
    cases = pd.concat(met, ignore_index=True)
    cases["ran_on"] = is_sick[cases["row"], cases["week"]]
    cases["after"] = [
        next(iter(codes[row, week:][~is_sick[row, week:]]), "?")
        for row, week in zip(cases["row"], cases["week"], strict=True)
    ]
    year, part = zip(
        *(
            (year, place * 12 // weeks_in_iso_year(year) + 1)
            for year in range(1998, LAST_YEAR + 1)
            for place in range(weeks_in_iso_year(year))
        ),
        strict=True,
    )
    cases["year"] = np.array(year)[cases["week"]]
    cases["month"] = np.array(part)[cases["week"]]
    cases["person_id"] = dream["PNR"].to_numpy()[cases["row"]]
    lived = pd.concat(
        read(folder / "truth", "person_year", year)[["person_id", "year", "municipality_code"]]
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
    )
    truth = read(folder / "truth", "sickness_limit")
    cases = cases.merge(lived, on=["person_id", "year"])
    return cases.merge(truth, on=["municipality_code", "year", "month"])


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    return limits_met(country())


def test_cases_run_on_as_often_as_planted(cases: pd.DataFrame) -> None:
    assert len(cases) > 100
    halves = cases["runs_on_chance"] > cases["runs_on_chance"].median()
    for _, half in cases.groupby(halves):
        chance = half["runs_on_chance"]
        z = (half["ran_on"].sum() - chance.sum()) / np.sqrt((chance * (1 - chance)).sum())
        assert abs(z) < 3.3, (half["ran_on"].mean(), chance.mean())
    ran_on = cases.groupby(halves)["ran_on"].mean()
    assert ran_on[True] > ran_on[False] + 0.1


def test_from_a_long_case_people_go_on_to_cash_benefit(cases: pd.DataFrame) -> None:
    on_cash = cases["after"].str.startswith("13") | cases["after"].str.startswith("73")
    by = on_cash.groupby(cases["ran_on"]).mean()
    assert by[True] > 2 * by[False]


def test_the_chance_goes_by_practice_and_queue() -> None:
    scenario = read_scenario("default")
    made = build_country(scenario, 3, (2005, 2006, 2007, 2008))
    assert made.runs_on.shape == (98, 4, 12)
    log_odds = np.log(made.runs_on / (1 - made.runs_on))
    practice = (made.practice - made.backlog_effect[:, None, :])[:, 0]
    slope = np.polyfit(practice[:, 0], log_odds[:, 0, 0], 1)[0]
    assert slope == pytest.approx(scenario.sickness.on_practice, abs=0.6)
    # Nothing waits before the reform; while cases wait more run on.
    waits = made.backlog.wait_days[:, 2] > 0
    assert waits.any()
    same_practice = log_odds[:, 2] - scenario.sickness.on_practice * practice[:, 2][:, None]
    settled = log_odds[:, 0, :1] - scenario.sickness.on_practice * practice[:, :1]
    assert ((same_practice - settled)[waits] > 0).all()
    assert np.allclose((same_practice - settled)[~waits], 0)


def test_under_national_practice_it_goes_with_nothing() -> None:
    made = build_country(read_scenario("no_practice"), 3, (2005, 2006))
    assert np.ptp(made.practice[:, 0]) < 1e-12
    assert np.ptp(made.runs_on[:, 0, 0]) > 0.1


def test_the_reform_of_2014_is_dated() -> None:
    assert runs_on_shift(2013) == 0
    assert runs_on_shift(2015) == pytest.approx(-1.2)
