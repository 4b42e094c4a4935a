"""Who lives in the country: cohorts, entrants, and what stays with a person for life."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synthetic_data.country import Country, settle
from synthetic_data.mortality import share_of_women, survival
from synthetic_data.residence import residence_age
from synthetic_data.rng import Floats, Ints, Stream
from synthetic_data.scenario import Scenario
from synthetic_data.weeks import year_starts

#: Ages that have benefits, health registers and education; nobody lives beyond the last of all.
WORK_AGE_FIRST, WORK_AGE_LAST = 16, 67
AGE_LAST = 105
DANISH, IMMIGRANT, DESCENDANT = 1, 2, 3
#: Levels of ``education`` in the order of factor.csv.
BASIC, UPPER_SECONDARY, VOCATIONAL, HIGHER, UNKNOWN = range(5)
#: Ages at which upper secondary, vocational and higher education are completed.
_COMPLETED_AT = np.array([16, 19, 22, 26])
#: Old-age pension, at an age in half years, by half year of birth (year 0 is 0 and 1): 67 for those
#: born before July 1939, 65 for those from then on, and so on.
_PENSION_BORN_FROM = (3879, 3908, 3909, 3910, 3911, 3926)
_PENSION_HALF_YEARS = (134, 130, 131, 132, 133, 134, 136)
#: Country codes of OPR_LAND, Denmark first.
ORIGIN_COUNTRIES = ("5100", "5180", "5154", "5436", "5778", "5448", "5120", "5104", "5150")


@dataclass(frozen=True)
class Layout:
    """How many persons there are and when they come: ids 0.. in order of entry.

    The first ids live in the country from the start; then for each later year those who are born
    in it and those who immigrate in it.
    """

    scenario: Scenario
    scale: float
    first_year: int
    last_year: int

    @cached_property
    def _births_scale(self) -> float:
        """Persons alive per born, so that ages 16-67 in 2007 sum to the scenario's figure."""
        ages = np.arange(WORK_AGE_FIRST, WORK_AGE_LAST + 1)
        alive = self._births(2007 - ages) * survival(2007 - ages, ages)
        return self.scale * self.scenario.population.persons_2007 / alive.sum()

    def _births(self, years: Ints) -> Floats:
        return self.scenario.population.births(years)

    @cached_property
    def first_cohorts(self) -> tuple[Ints, Floats]:
        """Birth years of the first year's population and their cumulative shares."""
        births, alive = self._first_alive
        return births, np.cumsum(alive) / alive.sum()

    @cached_property
    def _first_alive(self) -> tuple[Ints, Floats]:
        ages = np.arange(AGE_LAST + 1)
        births = self.first_year - 1 - ages
        return births, self._births(births) * survival(births, ages) * self._births_scale

    @cached_property
    def groups(self) -> list[tuple[int, bool, int]]:
        """Entry groups in id order: (entry year, is immigration, persons).

        The first group has entry year ``first_year - 1``: it lives here when the first year begins.
        """
        arrivals = self.scenario.population.immigrants_per_person
        arrivals *= self.scenario.population.persons_2007 * self.scale
        groups = [(self.first_year - 1, False, round(float(self._first_alive[1].sum())))]
        for year in range(self.first_year, self.last_year + 1):
            born = float(self._births(np.array([year]))[0]) * self._births_scale
            groups.append((year, False, round(born)))
            groups.append((year, True, round(arrivals)))
        return groups

    @property
    def n_persons(self) -> int:
        """Number of persons over the whole period."""
        return sum(persons for _, _, persons in self.groups)

    def entries(self, ids: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the entry year of each id and whether the person immigrated then."""
        ends = np.cumsum([persons for _, _, persons in self.groups])
        group = np.searchsorted(ends, ids, side="right")
        years = np.array([year for year, _, _ in self.groups])
        immigrated = np.array([flag for _, flag, _ in self.groups])
        return years[group], immigrated[group]


@dataclass(frozen=True)
class People:
    """What does not change about the persons of a block, one entry per person.

    ``mental`` and ``somatic`` are latent ill health, about standard normal, high is ill;
    ``schooling`` is the latent propensity behind ``education_final``.
    """

    ids: Ints
    entry_year: Ints
    birth_year: Ints
    birth_day: Ints
    is_female: NDArray[np.bool_]
    origin: NDArray[np.int8]
    origin_country: NDArray[np.int8]
    first_municipality: NDArray[np.int16]
    education_final: NDArray[np.int8]
    has_education_row: NDArray[np.bool_]
    mental: Floats
    somatic: Floats
    schooling: Floats
    marries_at: Floats
    divorces_at: Floats
    is_registered_partner: NDArray[np.bool_]
    is_widowed: NDArray[np.bool_]
    n_children: NDArray[np.int8]
    first_child_at: Floats
    keeps_children: NDArray[np.bool_]

    def birthday(self, age: int | Ints) -> Ints:
        """Return the day on which each person reaches ``age`` (29 February counts as 1 March)."""
        return year_starts(self.birth_year + age) + self.birth_day

    def pension_day(self) -> Ints:
        """Return the first day on old-age pension: at 67, 65 or again 67, by date of birth."""
        born = 2 * self.birth_year + (self.birth_day >= 181)
        position = np.searchsorted(_PENSION_BORN_FROM, born, side="right")
        half_years = np.array(_PENSION_HALF_YEARS)[position]
        return self.birthday(half_years // 2) + 182 * (half_years % 2)

    def education(self, year: int) -> NDArray[np.int8]:
        """Return the level completed by the end of ``year``, codes in the order of factor.csv."""
        age = year - self.birth_year
        final = self.education_final
        reached = np.where(
            (final == HIGHER) & (age >= _COMPLETED_AT[UPPER_SECONDARY]), UPPER_SECONDARY, BASIC
        )
        known = final != UNKNOWN
        done = age >= _COMPLETED_AT[np.where(known, final, BASIC)]
        return np.where(known & ~done, reached, final).astype(np.int8)

    def is_married(self, year: int) -> NDArray[np.bool_]:
        """Return who is married or in a registered partnership at the end of ``year``."""
        age = year - self.birth_year
        return (age >= self.marries_at) & (age < self.divorces_at)

    def civil_status(self, year: int) -> NDArray[np.int8]:
        """Return the index of CIVST in ``U G F E P O`` at the end of ``year``."""
        married = self.is_married(year)
        over = (year - self.birth_year) >= self.divorces_at
        ended = np.where(self.is_widowed, 3, 2)
        status = np.where(married, 1, np.where(over & (self.marries_at < np.inf), ended, 0))
        partner = np.where(married, 4, np.where(status > 1, 5, status))
        return np.where(self.is_registered_partner, partner, status).astype(np.int8)

    def children(self, year: int) -> NDArray[np.int8]:
        """Return the number of children under 18 living in the family at the end of ``year``."""
        age = year - self.birth_year
        count = np.zeros(age.size, dtype=np.int8)
        for nth in range(3):
            child_age = np.floor(age - self.first_child_at - 3 * nth)
            count += (self.n_children > nth) & (child_age >= 0) & (child_age < 18)
        at_home = np.where(self.is_married(year) | self.keeps_children, count, 0)
        # A child counts itself, and often a sibling.
        return np.where(age < 18, 1 + (self.n_children > 0), at_home).astype(np.int8)


def draw_people(
    ids: Ints, stream: Stream, layout: Layout, country: Country, scenario: Scenario
) -> People:
    """Return the lasting traits of the persons ``ids``."""
    sizes = scenario.population
    entry_year, immigrated = layout.entries(ids)
    births, cumulative = layout.first_cohorts
    birth_year = births[np.searchsorted(cumulative, stream.uniform("birth_year"))]
    from_start = entry_year < layout.first_year
    arrival_age = np.minimum(WORK_AGE_FIRST + 4 - 9 * np.log(stream.uniform("arrival_age")), 60)
    later = np.where(immigrated, entry_year - arrival_age.astype(np.int64), entry_year)
    birth_year = np.where(from_start, birth_year, later)
    age = entry_year - birth_year
    municipality = settle(country, residence_age(age), stream.uniform("municipality"))
    deprivation = country.deprivation[municipality]
    urbanity = country.urbanity[municipality]
    is_female = stream.uniform("sex") < share_of_women(birth_year, np.maximum(age, 0))

    lean = np.exp(0.30 * deprivation + 0.35 * urbanity)
    u = stream.uniform("origin")
    immigrant = sizes.immigrant_share * lean
    descendant = sizes.descendant_share * lean * np.where(age < 26, 4.0, 0.2)
    origin = np.where(u < immigrant, IMMIGRANT, np.where(u < immigrant + descendant, 3, DANISH))
    origin = np.where(immigrated, IMMIGRANT, origin).astype(np.int8)
    abroad = 1 + (stream.uniform("origin_country") * (len(ORIGIN_COUNTRIES) - 1)).astype(np.int64)

    schooling = stream.normal("schooling")
    schooling += sizes.deprivation_on_education * deprivation
    schooling += sizes.urbanity_on_education * urbanity - 0.25 * (origin != DANISH)
    shared = stream.normal("ill_health")
    somatic = 0.45 * shared + 0.85 * stream.normal("somatic") - 0.20 * schooling
    mental = 0.45 * shared + 0.85 * stream.normal("mental") - 0.22 * schooling
    return People(
        ids=ids,
        entry_year=entry_year,
        birth_year=birth_year,
        birth_day=(stream.uniform("birth_day") * 365).astype(np.int64),
        is_female=is_female,
        origin=origin,
        origin_country=np.where(origin == DANISH, 0, abroad).astype(np.int8),
        first_municipality=municipality,
        education_final=_final_education(stream, schooling, birth_year, origin),
        has_education_row=stream.uniform("education_row")
        > np.where(origin == IMMIGRANT, 0.2, 0.01),
        mental=mental + sizes.deprivation_on_mental * deprivation,
        somatic=somatic + sizes.deprivation_on_somatic * deprivation,
        schooling=schooling,
        **_draw_family(stream, is_female, schooling),
    )


def is_of_working_age(age: Ints) -> NDArray[np.bool_]:
    """Return who is of an age with benefits and health registers."""
    return (age >= WORK_AGE_FIRST) & (age <= WORK_AGE_LAST)


def person_numbers(ids: Ints, letter: str = "S") -> NDArray[np.str_]:
    """Return the person numbers, ``S`` and nine digits: never mistaken for a CPR number."""
    return np.char.add(letter, np.char.zfill(ids.astype(str), 9))


def _final_education(
    stream: Stream, schooling: Floats, birth_year: Ints, origin: NDArray[np.int8]
) -> NDArray[np.int8]:
    """Return the level a person ends with: younger cohorts longer, some not stated."""
    drive = schooling + 0.014 * np.clip(birth_year - 1960, -25, 20)
    level = np.full(drive.size, BASIC)
    level[drive > -0.50] = VOCATIONAL
    level[(drive > 0.55) & (stream.uniform("upper_secondary") < 0.25)] = UPPER_SECONDARY
    level[drive > 0.75] = HIGHER
    missing = stream.uniform("education_missing") < np.where(origin == IMMIGRANT, 0.12, 0.01)
    return np.where(missing, UNKNOWN, level).astype(np.int8)


def _draw_family(stream: Stream, is_female: NDArray[np.bool_], schooling: Floats) -> dict:
    marries_at = np.maximum(29 + 1.5 * schooling + 5.5 * stream.normal("marries_at"), 18)
    marries_at = np.where(stream.uniform("marries") < 0.72, marries_at, np.inf)
    together = 2 - 38 * np.log(stream.uniform("divorces_at"))
    share = np.array([0.18, 0.37, 0.80])
    return {
        "marries_at": marries_at,
        "divorces_at": marries_at + together,
        "is_registered_partner": stream.uniform("partner") < 0.004,
        "is_widowed": stream.uniform("widowed") < 0.12,
        "n_children": np.searchsorted(share, stream.uniform("children")).astype(np.int8),
        "first_child_at": np.clip(28 + 2 * schooling + 4.5 * stream.normal("child_at"), 17, 45),
        "keeps_children": is_female | (stream.uniform("keeps_children") < 0.2),
    }
