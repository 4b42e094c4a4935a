"""Origin, latent health and schooling of people, partly their parents'."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Ints, Stream
from synthetic_data.ground.scenario import Scenario
from synthetic_data.people.population import (
    BASIC,
    DANISH,
    DESCENDANT,
    HIGHER,
    IMMIGRANT,
    ORIGIN_COUNTRIES,
    UNKNOWN,
    UPPER_SECONDARY,
    VOCATIONAL,
    People,
)
from synthetic_data.places.country import Country

#: Two who live together when the period begins have one origin in this share of couples.
_SAME_ORIGIN = 0.7


def fill_traits(
    rows: Ints,
    municipality: NDArray[np.int16],
    leader: Ints,
    people: People,
    stream: Stream,
    country: Country,
    scenario: Scenario,
) -> None:
    """Fill in what ``people`` does not have yet about ``rows``, whose parents have it all.

    ``municipality`` is where each of ``rows`` lives, which shapes them; ``leader`` is whose origin
    each shares in most couples, oneself where none. Who has a mother in the registers is as Danish
    as the parents and partly inherits their health and schooling.
    """
    sizes = scenario.population
    deprivation = country.deprivation[municipality]
    urbanity = country.urbanity[municipality]
    mother, father = people.mother[rows], people.father[rows]
    has_mother, has_father = mother >= 0, father >= 0

    lean = np.exp(0.30 * deprivation + 0.35 * urbanity)
    alike = stream.uniform("same_origin", rows=leader) < _SAME_ORIGIN
    u = stream.uniform("origin", rows=np.where(alike, leader, rows))
    immigrant = sizes.immigrant_share * lean
    descendant = sizes.descendant_share * lean * 0.2
    origin = np.where(u < immigrant, IMMIGRANT, np.where(u < immigrant + descendant, 3, DANISH))
    origin = np.where(people.immigrated[rows], IMMIGRANT, origin)
    is_danish = (people.origin[mother] == DANISH) | (has_father & (people.origin[father] == DANISH))
    of_parents = np.where(is_danish, DANISH, DESCENDANT)
    origin = np.where(has_mother, of_parents, origin)
    people.origin[rows] = origin
    abroad = 1 + (
        stream.uniform("origin_country", rows=np.where(alike, leader, rows))
        * (len(ORIGIN_COUNTRIES) - 1)
    ).astype(np.int64)
    abroad = np.where(has_mother, people.origin_country[mother], abroad)
    people.origin_country[rows] = np.where(origin == DANISH, 0, abroad)

    heritability = scenario.families.heritability
    of_parents = has_mother * people.inherited[:, mother] + has_father * people.inherited[:, father]
    rest = np.sqrt(1 - heritability**2 * (has_mother.astype(np.int64) + has_father))
    names = ("schooling", "ill_health", "somatic", "mental")
    own = np.stack([stream.normal(name, rows=rows) for name in names])
    people.inherited[:, rows] = normal = heritability * of_parents + rest * own
    schooling, shared, somatic, mental = normal
    schooling = schooling + sizes.deprivation_on_education * deprivation
    schooling += sizes.urbanity_on_education * urbanity - 0.25 * (origin != DANISH)
    people.schooling[rows] = schooling
    somatic = 0.45 * shared + 0.85 * somatic - 0.20 * schooling
    mental = 0.45 * shared + 0.85 * mental - 0.22 * schooling
    people.mental[rows] = mental + sizes.deprivation_on_mental * deprivation
    people.somatic[rows] = somatic + sizes.deprivation_on_somatic * deprivation
    people.education_final[rows] = _final_education(rows, people, stream)
    people.has_education_row[rows] = stream.uniform("education_row", rows=rows) > np.where(
        origin == IMMIGRANT, 0.2, 0.01
    )


def _final_education(rows: Ints, people: People, stream: Stream) -> NDArray[np.int8]:
    """Return the level a person ends with: younger cohorts longer, some not stated."""
    drive = people.schooling[rows] + 0.014 * np.clip(people.birth_year[rows] - 1960, -25, 20)
    level = np.full(drive.size, BASIC)
    level[drive > -0.50] = VOCATIONAL
    level[(drive > 0.55) & (stream.uniform("upper_secondary", rows=rows) < 0.25)] = UPPER_SECONDARY
    level[drive > 0.75] = HIGHER
    missing = stream.uniform("education_missing", rows=rows) < np.where(
        people.origin[rows] == IMMIGRANT, 0.12, 0.01
    )
    return np.where(missing, UNKNOWN, level).astype(np.int8)
