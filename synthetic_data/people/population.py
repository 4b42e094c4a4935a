"""Who lives in the country: cohorts, entrants, and what stays with a person for life.

Persons come in units of some 2,000 whose families are their own: a block of whole units holds
everybody's relatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.scenario import Scenario
from synthetic_data.ground.weeks import year_starts
from synthetic_data.places.mortality import share_of_women, survival

#: Ages that have benefits, health registers and education; nobody lives beyond the last of all.
WORK_AGE_FIRST, WORK_AGE_LAST = 16, 67
AGE_LAST = 105
#: Families lie within a unit of about so many persons; blocks are whole units.
UNIT_PERSONS = 2_000
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
    """How many persons there are and when they come: ids 0.., unit by unit.

    Within a unit the first ids live in the country from the start; then for each later year come
    those who are born in it and those who immigrate in it. Units have their share of each.
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
        """Entry groups in the order of a unit's ids: (entry year, is immigration, persons).

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

    @cached_property
    def n_units(self) -> int:
        """Number of units of relatives."""
        return max(1, self.n_persons // UNIT_PERSONS)

    @cached_property
    def _unit_shares(self) -> Ints:
        """Persons of each entry group before each unit, (units + 1, groups)."""
        persons = np.array([persons for _, _, persons in self.groups])
        return np.arange(self.n_units + 1)[:, None] * persons // self.n_units

    def blocks(self, persons: int) -> list[tuple[int, int]]:
        """Return the first id and the id after the last of blocks of whole units.

        Blocks have about ``persons`` persons, at least one unit.
        """
        first_ids = self._unit_shares.sum(axis=1)
        bounds = [*first_ids[: -1 : max(1, persons // UNIT_PERSONS)].tolist(), self.n_persons]
        return list(pairwise(bounds))

    def entries(self, ids: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Return the unit and entry year of each id, and whether the person immigrated then.

        ``ids`` are those of whole units, in order; raises ``ValueError`` otherwise.
        """
        first_ids = self._unit_shares.sum(axis=1)
        units = np.searchsorted(first_ids, [ids[0], ids[-1] + 1])
        if first_ids[units].tolist() != [ids[0], ids[-1] + 1]:
            raise ValueError(f"ids {ids[0]} to {ids[-1]} are not whole units")
        shares = np.diff(self._unit_shares[units[0] : units[1] + 1], axis=0)
        group = np.repeat(np.tile(np.arange(len(self.groups)), shares.shape[0]), shares.ravel())
        unit = np.repeat(np.arange(units[0], units[1]), shares.sum(axis=1))
        years = np.array([year for year, _, _ in self.groups])
        immigrated = np.array([flag for _, flag, _ in self.groups])
        return unit, years[group], immigrated[group]


@dataclass(frozen=True)
class People:
    """What does not change about the persons of a block, one entry per person.

    What comes from the parents or the place of birth is filled in when a person enters.

    ``mother`` and ``father`` are positions in the block, -1 where the registers know none.
    ``mental`` and ``somatic`` are latent ill health, about standard normal, high is ill;
    ``schooling`` is the latent propensity behind ``education_final``. ``inherited`` (4, persons)
    holds the standard normal numbers behind the three, which go on to children.
    """

    ids: Ints
    unit: Ints
    entry_year: Ints
    immigrated: NDArray[np.bool_]
    birth_year: Ints
    birth_day: Ints
    is_female: NDArray[np.bool_]
    mother: Ints
    father: Ints
    origin: NDArray[np.int8]
    origin_country: NDArray[np.int8]
    education_final: NDArray[np.int8]
    has_education_row: NDArray[np.bool_]
    mental: Floats
    somatic: Floats
    schooling: Floats
    inherited: Floats

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


def is_of_working_age(age: Ints) -> NDArray[np.bool_]:
    """Return who is of an age with benefits and health registers."""
    return (age >= WORK_AGE_FIRST) & (age <= WORK_AGE_LAST)


def person_numbers(ids: Ints, letter: str = "S") -> NDArray[np.str_]:
    """Return the person numbers, ``S`` and nine digits: never mistaken for a CPR number."""
    return np.char.add(letter, np.char.zfill(ids.astype(str), 9))


def blank_people(ids: Ints, stream: Stream, layout: Layout) -> People:
    """Return people with what is known of them before they have parents, or traits."""
    n = ids.size
    unit, entry_year, immigrated = layout.entries(ids)
    births, cumulative = layout.first_cohorts
    birth_year = births[np.searchsorted(cumulative, stream.uniform("birth_year"))]
    arrival_age = np.minimum(20 - 9 * np.log(stream.uniform("arrival_age")), 60)
    later = np.where(immigrated, entry_year - arrival_age.astype(np.int64), entry_year)
    birth_year = np.where(entry_year < layout.first_year, birth_year, later)
    women = share_of_women(birth_year, entry_year - birth_year)
    return People(
        ids=ids,
        unit=unit,
        entry_year=entry_year,
        immigrated=immigrated,
        birth_year=birth_year,
        birth_day=(stream.uniform("birth_day") * 365).astype(np.int64),
        is_female=stream.uniform("sex") < women,
        mother=np.full(n, -1),
        father=np.full(n, -1),
        origin=np.zeros(n, dtype=np.int8),
        origin_country=np.zeros(n, dtype=np.int8),
        education_final=np.zeros(n, dtype=np.int8),
        has_education_row=np.zeros(n, dtype=bool),
        mental=np.zeros(n),
        somatic=np.zeros(n),
        schooling=np.zeros(n),
        inherited=np.zeros((4, n)),
    )
