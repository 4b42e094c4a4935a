"""When people die or would emigrate, and who moves where."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.scenario import Scenario
from synthetic_data.people.population import AGE_LAST, IMMIGRANT, People
from synthetic_data.places.country import Country, settle, settle_in_region
from synthetic_data.places.mortality import hazard, years_to_death
from synthetic_data.places.residence import residence_age

#: Until this age people emigrate more; and children go with their parents until they are grown up.
_YOUNG_UNTIL, _GROWN_UP = 35, 20


def death_years(rows: Ints, people: People, stream: Stream) -> Ints:
    """Return the year in which each of ``rows`` dies, by age, health and sex.

    Nobody dies in the year of entry or lives beyond ``AGE_LAST``.
    """
    frailty = 0.35 * people.somatic[rows] + 0.15 * people.mental[rows]
    entry, born = people.entry_year[rows], people.birth_year[rows]
    now = hazard(entry - born, entry, people.is_female[rows]) * np.exp(frailty)
    years = years_to_death(now, stream.uniform("dies", rows=rows)).astype(np.int64)
    return np.minimum(entry + 1 + years, born + AGE_LAST + 1)


def emigration_years(rows: Ints, people: People, stream: Stream, scenario: Scenario) -> Ints:
    """Return the year in which each of ``rows`` would emigrate, with all who live with them."""
    sizes = scenario.population
    is_immigrant = people.origin[rows] == IMMIGRANT
    born = people.birth_year[rows]
    since = np.maximum(people.entry_year[rows], born + _GROWN_UP)
    rates = [
        np.where(is_immigrant, sizes.emigration_immigrant, rate)
        for rate in (sizes.emigration_young, sizes.emigration)
    ]
    until = np.maximum(born + _YOUNG_UNTIL - since, 0)
    met = -np.log(stream.uniform("emigrates", rows=rows))
    left = met - rates[0] * until
    years = np.where(left < 0, met / rates[0], until + left / rates[1])
    return since + 1 + np.minimum(years, 500).astype(np.int64)


def draw_moves(
    rows: Ints,
    rate: Floats,
    municipality: NDArray[np.int16],
    age: Ints,
    year: int,
    stream: Stream,
    country: Country,
    scenario: Scenario,
) -> tuple[Ints, NDArray[np.int16]]:
    """Return which of the households ``rows`` move at the end of ``year``, and where to.

    ``rate`` is the chance of each that it moves; ``municipality`` and ``age`` are of all persons.
    """
    rows = rows[stream.uniform("moves", year, rows=rows) < rate]
    near = stream.uniform("moves_near", year, rows=rows) < scenario.population.move_within_region
    where = stream.uniform("moves_to", year, rows=rows)
    ages = residence_age(age[rows])
    within = settle_in_region(country, ages, municipality[rows], where)
    return rows, np.where(near, within, settle(country, ages, where)).astype(np.int16)
