"""One block of persons from beginning to end: the years in order, every register of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic_data import factors, health, tables
from synthetic_data.benefits import FIRST_CODE, STATE_OF_CODE, codes_of, state_number
from synthetic_data.country import Country, build_country
from synthetic_data.decisions import (
    RISK_AGE_FIRST,
    RISK_AGE_LAST,
    Grants,
    days_open,
    draw_decisions,
    draw_grants,
)
from synthetic_data.health import HealthMemory
from synthetic_data.histories import (
    Histories,
    Transitions,
    latent_matrix,
    pension_weeks,
    run_spells,
    start_histories,
)
from synthetic_data.population import (
    AGE_FIRST,
    AGE_LAST,
    Layout,
    draw_leaving,
    draw_moves,
    draw_people,
    person_numbers,
)
from synthetic_data.rng import Ints, Stream
from synthetic_data.scenario import Scenario
from synthetic_data.weeks import NEVER, Calendar, days_in_year, year_start

#: A file of the extract: register (or truth table) and year, year None for one file in all.
FileKey = tuple[str, int | None]

_HAD_FP = codes_of("disability_pension")
_HAD_FJ = codes_of("flexjob", "flexjob_unemployment")
_RETIRED = codes_of("early_retirement", "flex_allowance", "old_age_pension")
_FLEXJOB_STATES = [state_number(s) for s in ("flexjob", "flexjob_unemployment", "flexjob_sickness")]
_EARLY = state_number("early_retirement")
_FLEX_ALLOWANCE = state_number("flex_allowance")
_UNEMPLOYMENT = state_number("unemployment")


@dataclass(frozen=True)
class Plan:
    """What a generation is about; every block is a function of this and its ids."""

    scenario: Scenario
    scale: float
    seed: int
    first_year: int
    last_year: int

    @property
    def risk_years(self) -> tuple[int, ...]:
        """The years with decisions: all but the first, which only fills the look-backs."""
        return tuple(range(self.first_year + 1, self.last_year + 1))

    @cached_property
    def calendar(self) -> Calendar:
        """The weeks of the period."""
        return Calendar(self.first_year, self.last_year)

    @cached_property
    def country(self) -> Country:
        """The municipalities of the seed."""
        return build_country(self.scenario, self.seed, self.risk_years)

    @cached_property
    def layout(self) -> Layout:
        """The persons of the period."""
        return Layout(self.scenario, self.scale, self.first_year, self.last_year)


def generate_block(plan: Plan, first_id: int, last_id: int) -> Iterator[tuple[FileKey, pa.Table]]:
    """Yield every table of the persons ``first_id`` to ``last_id - 1``, one per file, in order.

    A person's rows depend on the plan and the person's id only, never on the block.
    """
    block = _Block(plan, np.arange(first_id, last_id))
    for year in range(plan.first_year, plan.last_year + 1):
        for name, table in block.step(year):
            yield (name, year), table
    yield ("dream", None), tables.dream(block.histories.codes, block.numbers, plan.calendar)


class _Block:
    """The state of a block between years."""

    def __init__(self, plan: Plan, ids: Ints) -> None:
        n = ids.size
        self.plan = plan
        self.stream = Stream(plan.seed, ids)
        self.people = draw_people(ids, self.stream, plan.layout, plan.country, plan.scenario)
        self.numbers = pa.array(person_numbers(ids))
        self.latent = latent_matrix(self.people)
        self.transitions = Transitions(plan.scenario)
        self.histories = Histories.blank(plan.calendar.n_weeks, n)
        self.memory = HealthMemory.blank(n)
        self.municipality = self.people.first_municipality.copy()
        self.is_resident = self.people.entry_year < plan.first_year
        self.has_grant = np.zeros((2, n), dtype=bool)
        self.has_code = np.zeros((2, n), dtype=bool)
        self.grant_week = np.full((2, n), NEVER)
        self.leave_week = np.full(n, NEVER)
        self.leave_state = np.zeros(n, dtype=np.int8)
        self.pension_week = pension_weeks(self.people, plan.calendar)
        self.retires_at = self._planned_retirement()
        self.cash_weeks: dict[int, Ints] = {}
        start_histories(
            self.histories,
            self.is_resident,
            plan.first_year,
            self.pension_week,
            self.people,
            self.latent,
            self.transitions,
            self.stream,
            plan.scenario,
        )

    def step(self, year: int) -> Iterator[tuple[str, pa.Table]]:
        """Yield the tables of ``year`` by register name, and move the block to its end."""
        plan, people, numbers = self.plan, self.people, self.numbers
        active = self.is_resident.copy()
        age = year - 1 - people.birth_year
        granted = np.zeros(active.size, dtype=bool)
        dies, emigrates, leave_day = draw_leaving(people, age, year, self.stream, plan.scenario)
        if year in plan.risk_years:
            grants, levels, opened = self._grants(year, active, age)
            granted = grants.any_event
            stays = active & ~dies & ~emigrates
            decisions = draw_decisions(
                year,
                grants,
                stays,
                levels,
                self.municipality,
                opened,
                plan.country,
                plan.scenario,
                self.stream,
            )
            yield (
                "ankestyrelsen",
                tables.ankestyrelsen(decisions, numbers, self.municipality, plan.country),
            )
            yield (
                "truth/person_year",
                tables.truth(year, levels, grants, numbers, self.municipality, plan.country),
            )
        # Nobody is granted anything and leaves in the same year.
        leaves = active & (dies | emigrates) & ~granted
        self._note_leaving(year, leaves, dies, leave_day)
        self._run_weeks(year, active)
        yield from self._health(year, active, leaves, leave_day, age)
        rows = self._end_of_year(year, active, leaves)
        yield "bef", tables.bef(year, rows, people, numbers, self.municipality, plan.country)
        yield "udda", tables.udda(year, rows, people, numbers, self.stream)

    def _grants(
        self, year: int, active: NDArray[np.bool_], age: Ints
    ) -> tuple[Grants, factors.Levels, Ints]:
        """Draw the grants of ``year`` and note them; also return factor levels and open days."""
        calendar, codes = self.plan.calendar, self.histories.codes
        last_week = calendar.span(year - 1)[1] - 1
        look_back = range(year - factors.TENURE_YEARS, year)
        levels = factors.factor_levels_of(
            year,
            self.people,
            codes[last_week],
            sum((self.cash_weeks[y] for y in look_back if y in self.cash_weeks), np.int64(0)),
            factors.sickness_weeks(codes, calendar.span(year - 1)),
            self.memory,
        )
        at_risk = np.empty((2, active.size), dtype=bool)
        at_risk[0] = active & (age >= RISK_AGE_FIRST) & (age <= RISK_AGE_LAST)
        at_risk[0] &= ~self.has_grant[0] & ~self.has_code[0] & ~_RETIRED[codes[last_week]]
        at_risk[1] = at_risk[0] & ~self.has_grant[1] & ~self.has_code[1]
        opened = days_open(year, self.people.birthday(65))
        grants = draw_grants(
            year,
            at_risk,
            levels,
            self.municipality,
            opened,
            self.plan.country,
            self.plan.scenario,
            self.stream,
        )
        self.has_grant |= grants.event
        week = calendar.week_after(grants.day)
        self.grant_week = np.where(grants.event, week, self.grant_week)
        granted = grants.any_event
        latest = np.where(grants.event, week, 0).max(axis=0)
        self.pension_week[granted] = np.maximum(self.pension_week, latest + 1)[granted]
        return grants, levels, opened

    def _note_leaving(
        self, year: int, leaves: NDArray[np.bool_], dies: NDArray[np.bool_], leave_day: Ints
    ) -> None:
        week = self.plan.calendar.week_after(year_start(year) + leave_day)
        self.leave_week[leaves] = week[leaves]
        self.leave_state[leaves & dies] = state_number("dead")
        self.leave_state[leaves & ~dies] = state_number("emigrated")

    def _run_weeks(self, year: int, active: NDArray[np.bool_]) -> None:
        """Write the weeks of ISO ``year``: spells, then what begins on a date."""
        histories, calendar = self.histories, self.plan.calendar
        first, last = span = calendar.span(year)
        histories.codes[first:last] = histories.code
        shared = (span, year, self.people, self.latent, self.transitions, self.stream)
        run_spells(histories, np.flatnonzero(active), *shared)
        in_flexjob = np.isin(histories.state, _FLEXJOB_STATES)
        stops = self._stops_working(year, active, span)
        retirement = np.where(in_flexjob, _FLEX_ALLOWANCE, _EARLY)[stops]
        self._enter(stops, self._retirement_week(year)[stops], retirement, last)
        flexjob = np.flatnonzero((self.grant_week[1] >= first) & (self.grant_week[1] < last))
        waiting = self.transitions.duration(
            np.full(flexjob.size, state_number("flexjob_unemployment"), dtype=np.int8),
            self.latent[flexjob],
            year - self.people.birth_year[flexjob],
            self.stream.uniform("flexjob_wait", year, rows=flexjob),
        )
        week = self.grant_week[1, flexjob]
        self._enter(flexjob, week, state_number("flexjob_unemployment"), last, week + waiting)
        run_spells(histories, flexjob, *shared, label="flexjob_spell")
        pension = np.flatnonzero((self.grant_week[0] >= first) & (self.grant_week[0] < last))
        self._enter(pension, self.grant_week[0, pension], state_number("disability_pension"), last)
        old = np.flatnonzero((self.pension_week >= first) & (self.pension_week < last))
        old = old[active[old]]
        self._enter(old, self.pension_week[old], state_number("old_age_pension"), last)
        gone = np.flatnonzero((self.leave_week >= first) & (self.leave_week < last))
        self._enter(gone, self.leave_week[gone], self.leave_state[gone], last)
        written = histories.codes[first:last]
        self.has_code[0] |= _HAD_FP[written].any(axis=0)
        self.has_code[1] |= _HAD_FJ[written].any(axis=0)
        self.cash_weeks[year] = factors.cash_weeks(histories.codes, span)

    def _enter(
        self, rows: Ints, week: Ints, state: NDArray | int, last: int, end: Ints | None = None
    ) -> None:
        """Let ``rows`` enter ``state`` in ``week``, for good or until ``end``."""
        states = np.broadcast_to(np.asarray(state, dtype=np.int8), rows.shape)
        code = FIRST_CODE[states].astype(np.int8)
        end = np.full(rows.size, NEVER) if end is None else end
        self.histories.switch(rows, week, states, code, end, last)

    def _planned_retirement(self) -> Ints:
        """Return the age at which each person means to stop on efterløn; 99 for never."""
        shares = self.plan.scenario.benefits["early_retirement"]
        ages = np.array([*(int(age) for age in shares), 99])
        return ages[np.searchsorted(np.cumsum(list(shares.values())), self._draw_retirement())]

    def _draw_retirement(self) -> NDArray[np.float64]:
        return self.stream.uniform("early_retirement")

    def _retirement_week(self, year: int) -> Ints:
        day = self.people.birthday(year - self.people.birth_year)
        return self.plan.calendar.week_after(day)

    def _stops_working(self, year: int, active: NDArray[np.bool_], span: tuple[int, int]) -> Ints:
        """Return who goes on efterløn this year: in work, unemployed or in a flexjob until then."""
        state = STATE_OF_CODE[self.histories.codes[max(span[0] - 1, 0)]]
        works = np.isin(state, [0, _UNEMPLOYMENT, *_FLEXJOB_STATES])
        granted = (self.grant_week >= span[0]).any(axis=0) & self.has_grant.any(axis=0)
        granted |= self.has_grant[0] | self.has_code[0]
        week = self._retirement_week(year)
        in_year = (week >= span[0]) & (week < span[1]) & (week < self.pension_week)
        turns = (year - self.people.birth_year) == self.retires_at
        return np.flatnonzero(active & works & ~granted & turns & in_year)

    def _health(
        self,
        year: int,
        active: NDArray[np.bool_],
        leaves: NDArray[np.bool_],
        leave_day: Ints,
        age: Ints,
    ) -> Iterator[tuple[str, pa.Table]]:
        days_here = np.where(leaves, np.maximum(leave_day, 1), days_in_year(year))
        first, last = self.plan.calendar.span(year)
        weeks_here = np.where(leaves, np.maximum(leave_day // 7, 1), last - first)
        shared = (active, days_here, age, year, self.people, self.stream)
        somatic = health.hospital_contacts(self.memory, *shared)
        yield from tables.contacts("lpr", year, somatic, self.people, self.numbers).items()
        psychiatric = health.psychiatric_contacts(self.memory, *shared)
        yield from tables.contacts("psyk", year, psychiatric, self.people, self.numbers).items()
        yield "lmdb", tables.lmdb(year, health.prescriptions(self.memory, *shared), self.numbers)
        shared = (active, weeks_here, age, year, self.people, self.stream)
        yield "sssy", tables.sssy(year, health.services(self.memory, *shared), self.numbers)

    def _end_of_year(self, year: int, active: NDArray[np.bool_], leaves: NDArray[np.bool_]) -> Ints:
        """Let people enter, leave and move; return the residents on 31 December."""
        people, calendar = self.people, self.plan.calendar
        enters = (people.entry_year == year) & ~active
        age = year - people.birth_year
        self.is_resident = ((active & ~leaves) | enters) & (age >= AGE_FIRST) & (age <= AGE_LAST)
        moved = draw_moves(
            self.municipality, age, year, self.stream, self.plan.country, self.plan.scenario
        )
        self.municipality = np.where(enters, self.municipality, moved)
        rows = np.flatnonzero(enters)
        soon = np.where(age[rows] == AGE_FIRST, 208, 60)
        wait = 1 + (self.stream.uniform("first_spell", rows=rows) * soon).astype(np.int64)
        self.histories.end[rows] = calendar.span(year)[1] + wait
        return np.flatnonzero(self.is_resident)
