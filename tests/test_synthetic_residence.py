"""2007 finds as many persons, and as many old ones, in each municipality as it should."""

from __future__ import annotations

import numpy as np
import pytest

from synthetic_data.ground.scenario import read_scenario
from synthetic_data.places.country import build_country
from synthetic_data.places.mortality import share_of_women, survival
from synthetic_data.places.residence import ResidentFlows, old_share


@pytest.mark.parametrize("first_year", [1984, 1998, 2010])
def test_residents_and_their_age_are_those_of_2007(first_year: int) -> None:
    scenario = read_scenario("default")
    country = build_country(scenario, 5, (first_year + 1, first_year + 2))
    settle = np.diff(country.residence, axis=1, prepend=0.0)
    assert (settle > 0).all()
    sizes = scenario.population, scenario.families
    residents = ResidentFlows(*sizes, country.region, first_year).residents(settle)
    total, aged = residents.sum(axis=0), residents[65:].sum(axis=0)
    assert np.abs(total / total.sum() - country.share).sum() / 2 < 0.001
    wanted = old_share(country.codes)
    wanted *= aged.sum() / (wanted * total).sum()
    assert np.abs(aged / total - wanted).max() < 0.003


def test_old_people_are_mostly_women_and_die_as_they_did() -> None:
    year, ages = 2006, np.arange(65, 106)
    alive = survival(year - ages, ages)
    women = share_of_women(year - ages, ages)
    assert 0.54 < np.average(women, weights=alive) < 0.59
    assert (np.diff(women) > 0).all()
    # Between a third and a half of those born in 1926 lived to be 80.
    assert 1 / 3 < survival(np.array([1926]), np.array([80]))[0] < 0.5
