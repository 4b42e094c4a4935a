"""Who lives where and with whom at the end of each year, for a block of persons.

Everything here comes before benefits and grants and does not depend on them. Children live with a
parent until they leave home, couples together, everybody else alone; a household moves and
emigrates as its leader does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Ints, Stream
from synthetic_data.ground.scenario import Scenario
from synthetic_data.people.births import MOTHER_AGE_LAST, draw_mothers
from synthetic_data.people.couples import NO_YEAR, Couples, draw_couples
from synthetic_data.people.migration import death_years, draw_moves, emigration_years
from synthetic_data.people.population import Layout, blank_people
from synthetic_data.people.traits import fill_traits
from synthetic_data.people.year_end import (
    DIVORCED,
    MARRIED,
    REGISTERED,
    UNMARRIED,
    WIDOWED,
    Lives,
    YearEnd,
)
from synthetic_data.places.areas import REFORM_YEAR, Areas
from synthetic_data.places.country import Country, settle
from synthetic_data.places.residence import move_rate, residence_age

#: The registers know the parents of those born from this year on.
PARENTS_FROM = 1960
_LINKED_AGE = 45  # or of those younger than this when the period begins
_MINOR = 18


def draw_lives(
    ids: Ints, stream: Stream, layout: Layout, country: Country, areas: Areas, scenario: Scenario
) -> Lives:
    """Return the lives of the persons ``ids``, those of whole units in order."""
    town = _Town(ids, stream, layout, country, areas, scenario)
    year_ends = [town.begin()]
    for year in range(layout.first_year, layout.last_year + 1):
        year_ends.append(town.step(year))
    return Lives(
        people=town.people,
        first_year=layout.first_year,
        year_ends=year_ends,
        exit_year=town.exit_year,
        exit_day=town.exit_day,
        dies=town.dies,
    )


class _Town:
    """The state of a block of whole units between years."""

    def __init__(
        self,
        ids: Ints,
        stream: Stream,
        layout: Layout,
        country: Country,
        areas: Areas,
        scenario: Scenario,
    ) -> None:
        n = ids.size
        self.stream, self.layout, self.country = stream, layout, country
        self.areas, self.scenario = areas, scenario
        self.start = layout.first_year - 1
        self.people = people = blank_people(ids, stream, layout)
        self.couples: Couples = draw_couples(
            people.unit,
            people.birth_year,
            people.birth_day,
            people.is_female,
            people.entry_year,
            people.immigrated,
            self.start,
            scenario.families,
            stream,
        )
        sizes = scenario.families
        stays_home = -sizes.years_at_home * np.log(stream.uniform("leaves_home"))
        self.leaves_home = people.birth_year + np.minimum(_MINOR + stays_home.astype(np.int64), 25)
        self.prefers_father = stream.uniform("with_father") < sizes.with_father_share
        self.chooses = stream.uniform("whose_home") < 0.5
        self.has_left = np.zeros(n, dtype=bool)
        self.n_born = np.zeros(n, dtype=np.int64)
        self.last_birth = np.full(n, -NO_YEAR)
        self.is_resident = people.entry_year == self.start
        self.municipality = np.zeros(n, dtype=np.int16)
        self.area = np.zeros(n, dtype=np.int16)
        self.head = np.arange(n)
        self.civil = np.zeros(n, dtype=np.int8)
        self.death_year = np.full(n, NO_YEAR)
        self.emigration_year = np.full(n, NO_YEAR)
        self.exit_year = np.full(n, NO_YEAR)
        self.exit_day = (stream.uniform("exit_day") * 365).astype(np.int64)
        self.dies = np.zeros(n, dtype=bool)

    def begin(self) -> YearEnd:
        """Bring the block to the year-end before the period."""
        people, start = self.people, self.start
        here = self.is_resident
        born = np.where(here, people.birth_year, -1)
        for year in range(max(PARENTS_FROM, start - _LINKED_AGE), start + 1):
            self._give_birth(year, np.flatnonzero(born == year), here)
        self._gather(start)
        age = start - people.birth_year
        lead = np.flatnonzero(here & (self.head == np.arange(age.size)))
        self._settle(lead, age)
        self.municipality, self.area = self.municipality[self.head], self.area[self.head]
        # Parents before their children.
        linked = here & (people.mother >= 0)
        self._fill(np.flatnonzero(here & ~linked))
        for year in range(int(born[linked].min()) if linked.any() else start + 1, start + 1):
            self._fill(np.flatnonzero(linked & (born == year)))
        couples = self.couples
        self.civil[here & (couples.wedding_year <= start)] = MARRIED
        self.civil[(self.civil == MARRIED) & (couples.end_year <= start)] = DIVORCED
        self.civil[couples.is_bereaved] = WIDOWED
        return self._year_end(age)

    def step(self, year: int) -> YearEnd:
        """Let people leave, come and move in ``year``; return its end."""
        people = self.people
        self._leave(year)
        age = year - people.birth_year
        enters = people.entry_year == year
        comes = np.flatnonzero(enters & people.immigrated)
        self.is_resident[enters] = True
        newborn = np.flatnonzero(enters & ~people.immigrated)
        self._give_birth(year, newborn, self.is_resident & (people.entry_year < year))
        had_left = self.has_left.copy()
        self._gather(year)
        self._settle(comes, age)
        self._move(year, age, ~had_left & self.has_left)
        self.municipality, self.area = self.municipality[self.head], self.area[self.head]
        self._fill(comes)
        self._fill(newborn)
        self._marry(year)
        return self._year_end(age)

    def _leave(self, year: int) -> None:
        """Let people die, and households emigrate with their leaders."""
        dies = self.is_resident & (self.death_year == year)
        emigrates = self.is_resident & ~dies & (self.emigration_year[self.head] == year)
        # The dead take nobody with them; who emigrates goes on the leader's day.
        emigrates &= ~(dies[self.head] & (self.head != np.arange(dies.size)))
        self.exit_day[emigrates] = self.exit_day[self.head[emigrates]]
        self.exit_year[dies | emigrates] = year
        self.dies |= dies
        self.is_resident &= ~(dies | emigrates)

    def _give_birth(self, year: int, born: Ints, may_be_mother: NDArray[np.bool_]) -> None:
        people = self.people
        may_be_mother = may_be_mother & people.is_female
        may_be_mother &= people.birth_year >= year - MOTHER_AGE_LAST
        together = self.couples.living_together(year, self.is_resident)
        mothers = draw_mothers(
            year,
            people.unit[born],
            may_be_mother,
            people.unit,
            year - people.birth_year,
            self.n_born,
            self.last_birth,
            together,
            self.stream,
        )
        partner = self.couples.partner[mothers]
        has_father = (mothers >= 0) & together[mothers] & ~people.is_female[partner]
        people.mother[born] = mothers
        people.father[born] = np.where(has_father, partner, -1)
        for parents in (mothers[mothers >= 0], partner[has_father]):
            np.add.at(self.n_born, parents, 1)
            self.last_birth[parents] = year
            self.has_left[parents] = True

    def _gather(self, year: int) -> None:
        """Put everybody into a household: with the partner, with a parent, or alone."""
        people, here, couples = self.people, self.is_resident, self.couples
        rows = np.arange(here.size)
        together = couples.living_together(year, here)
        self.has_left |= together | (self.leaves_home <= year)
        head = np.where(together, np.minimum(rows, couples.partner), rows)
        has_mother = (people.mother >= 0) & here[people.mother]
        has_father = (people.father >= 0) & here[people.father]
        at_home = here & ~self.has_left & (has_mother | has_father)
        host = np.where(
            has_father & (self.prefers_father | ~has_mother), people.father, people.mother
        )
        self.head = np.where(at_home, head[host], head)

    def _settle(self, rows: Ints, age: Ints) -> None:
        """Let ``rows`` settle where people of their age live."""
        uniform = self.stream.uniform("municipality", rows=rows)
        self.municipality[rows] = settle(self.country, residence_age(age[rows]), uniform)
        uniform = self.stream.uniform("area", rows=rows)
        self.area[rows] = self.areas.draw(self.municipality[rows], uniform)

    def _move(self, year: int, age: Ints, just_left: NDArray[np.bool_]) -> None:
        """Let households move, between municipalities or within one from area to area."""
        people, couples, sizes = self.people, self.couples, self.scenario.families
        rows = np.flatnonzero(self.is_resident & (self.head == np.arange(age.size)))
        # Two who move together live where one of them did.
        new = rows[(couples.first_year[rows] == year) & self.chooses[rows]]
        new = new[self.is_resident[couples.partner[new]]]
        self.municipality[new] = self.municipality[couples.partner[new]]
        self.area[new] = self.area[couples.partner[new]]
        rows = rows[people.entry_year[rows] < year]
        rate = move_rate(self.scenario.population, age[rows])
        is_alone = just_left[rows] & (couples.first_year[rows] != year)
        rate = np.where(is_alone, sizes.moves_leaving_home, rate)
        moving, where = draw_moves(
            rows, rate, self.municipality, age, year, self.stream, self.country, self.scenario
        )
        self.municipality[moving] = where
        if year < REFORM_YEAR:
            near = self.stream.uniform("moves_area", year, rows=rows)
            moving = np.union1d(moving, rows[near < sizes.moves_within * rate])
        uniform = self.stream.uniform("area", year, rows=moving)
        self.area[moving] = self.areas.draw(self.municipality[moving], uniform)

    def _fill(self, rows: Ints) -> None:
        """Fill in the traits of ``rows``, and when they would leave the country."""
        if not rows.size:
            return
        fill_traits(
            rows,
            self.municipality[rows],
            self.head[rows],
            self.people,
            self.stream,
            self.country,
            self.scenario,
        )
        self.death_year[rows] = death_years(rows, self.people, self.stream)
        self.emigration_year[rows] = emigration_years(rows, self.people, self.stream, self.scenario)

    def _marry(self, year: int) -> None:
        couples, civil = self.couples, self.civil
        together = couples.living_together(year, self.is_resident)
        civil[together & (couples.wedding_year <= year) & (civil == UNMARRIED)] = MARRIED
        lost = (self.exit_year[couples.partner] == year) & self.dies[couples.partner]
        civil[(civil == MARRIED) & lost] = WIDOWED
        civil[(civil == MARRIED) & (couples.end_year <= year)] = DIVORCED

    def _year_end(self, age: Ints) -> YearEnd:
        minor = self.is_resident & (age < _MINOR)
        children = np.bincount(self.head[minor], minlength=age.size)[self.head]
        civil = np.where(self.couples.is_registered, REGISTERED[self.civil], self.civil)
        return YearEnd(
            is_resident=self.is_resident.copy(),
            municipality=self.municipality.copy(),
            area=self.area.copy(),
            family=self.head.astype(np.int32),
            civil_status=civil,
            children=np.minimum(children, 127).astype(np.int8),
        )
