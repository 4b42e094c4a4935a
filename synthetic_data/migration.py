"""Who moves, emigrates or dies in a year."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.country import Country, settle, settle_in_region
from synthetic_data.mortality import hazard
from synthetic_data.population import IMMIGRANT, People
from synthetic_data.residence import move_rate, residence_age
from synthetic_data.rng import Floats, Ints, Stream
from synthetic_data.scenario import Scenario


def draw_moves(
    municipality: NDArray[np.int16],
    age: Ints,
    year: int,
    stream: Stream,
    country: Country,
    scenario: Scenario,
) -> NDArray[np.int16]:
    """Return each person's municipality after the moves at the end of ``year``."""
    sizes = scenario.population
    rows = np.flatnonzero(stream.uniform("moves", year) < move_rate(sizes, age))
    near = stream.uniform("moves_near", year, rows=rows) < sizes.move_within_region
    where = stream.uniform("moves_to", year, rows=rows)
    ages = residence_age(age[rows])
    within = settle_in_region(country, ages, municipality[rows], where)
    moved = municipality.copy()
    moved[rows] = np.where(near, within, settle(country, ages, where))
    return moved


def draw_leaving(
    people: People, age: Ints, year: int, stream: Stream, scenario: Scenario
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Ints]:
    """Return who would die in ``year``, who would emigrate, and the day of the year, 0-364."""
    sizes = scenario.population
    emigration = np.where(age < 35, sizes.emigration_young, sizes.emigration)
    emigration = np.where(people.origin == IMMIGRANT, sizes.emigration_immigrant, emigration)
    death = death_probability(age, year, people)
    u = stream.uniform("leaves", year)
    day = (stream.uniform("leaves_day", year) * 365).astype(np.int64)
    return u < death, (u >= death) & (u < death + emigration), day


def death_probability(age: Ints, year: int, people: People) -> Floats:
    """Return the probability of dying within ``year``, by age, health and sex."""
    frailty = 0.35 * people.somatic + 0.15 * people.mental
    return np.minimum(hazard(age, year, people.is_female) * np.exp(frailty), 0.5)
