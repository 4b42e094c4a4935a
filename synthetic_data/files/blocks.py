"""One block of persons from beginning to end: the years in order, every register of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic_data.events import health
from synthetic_data.events.activity import write_measures
from synthetic_data.events.decisions import (
    RISK_AGE_FIRST,
    RISK_AGE_LAST,
    Grants,
    days_open,
    draw_decisions,
    draw_grants,
)
from synthetic_data.events.factors import Levels, as_recorded, factor_levels_of
from synthetic_data.events.health_records import HealthMemory
from synthetic_data.events.histories import Stays
from synthetic_data.events.timeline import Timeline
from synthetic_data.events.work import weeks_by_group
from synthetic_data.files import decision_tables, tables, truth_tables
from synthetic_data.files.plan import Plan
from synthetic_data.files.work_tables import FURTHER
from synthetic_data.ground.regimes import LPR3_FROM, grant_shift, is_written, look_back_shift
from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.scenario import OUTCOMES
from synthetic_data.ground.weeks import days_in_year, year_start
from synthetic_data.people.lives import draw_lives
from synthetic_data.people.population import (
    WORK_AGE_LAST,
    is_of_working_age,
    person_numbers,
)

#: A file of the extract: register (or truth table) and year, year None for one file in all.
FileKey = tuple[str, int | None]


def generate_block(plan: Plan, first_id: int, last_id: int) -> Iterator[tuple[FileKey, pa.Table]]:
    """Yield every table of the persons ``first_id`` to ``last_id - 1``, one per file, in order.

    A block is whole units of the plan's layout, which hold all relatives; a person's rows depend
    on the plan and the person's id only, never on the block.
    """
    block = _Block(plan, np.arange(first_id, last_id))
    for year in range(plan.first_year, plan.last_year + 1):
        for name, table in block.step(year):
            yield (name, year), table
    if plan.risk_years and is_written("ankestyrelsen", plan.last_year):
        yield ("ansoegning", plan.last_year), block.waiting()
    # Who was old already when the period began has no row in DREAM.
    is_known = block.people.birth_year >= plan.first_year - 1 - WORK_AGE_LAST
    codes = block.timeline.codes
    write_measures(
        codes,
        block.lived,
        block.timeline.weeks_decided,
        plan.activity,
        block.stream,
        plan.calendar,
    )
    yield ("dream", None), tables.dream(codes, is_known, block.numbers, plan.calendar)


class _Block:
    """The state of a block between years."""

    def __init__(self, plan: Plan, ids: Ints) -> None:
        n = ids.size
        self.plan = plan
        self.stream = Stream(plan.seed, ids)
        self.lives = draw_lives(
            ids, self.stream, plan.layout, plan.country, plan.areas, plan.scenario
        )
        self.people = self.lives.people
        self.numbers = pa.array(person_numbers(ids))
        self.families = pa.array(person_numbers(ids, "F"))
        self.memory = HealthMemory.blank(n)
        self.before = self.lives.at_end_of(plan.first_year - 1)
        self.has_grant = np.zeros((2, n), dtype=bool)
        #: The municipality of residence when each year began.
        self.lived: dict[int, NDArray[np.int16]] = {}
        self.timeline = Timeline(
            self.people, self.before.is_resident, plan.calendar, plan.scenario, self.stream
        )

    def step(self, year: int) -> Iterator[tuple[str, pa.Table]]:
        """Yield the tables of ``year`` by register name, and move the block to its end."""
        plan, people, numbers = self.plan, self.people, self.numbers
        lives, before = self.lives, self.before
        active = before.is_resident
        self.lived[year] = before.municipality
        age = year - 1 - people.birth_year
        leaves, leave_day = lives.exit_year == year, lives.exit_day
        if year in plan.risk_years:
            grants, levels, opened = self._grants(plan, year)
            self.has_grant |= grants.event
            self.timeline.note_grants(grants)
            # Nobody leaves before a grant of the same year.
            leave_day = np.maximum(leave_day, grants.day.max(axis=0) - year_start(year))
            decisions = draw_decisions(
                year,
                grants,
                active & ~leaves,
                levels,
                before.municipality,
                opened,
                plan.country,
                plan.scenario,
                self.stream,
            )
            if is_written("ankestyrelsen", year):
                yield (
                    "ankestyrelsen",
                    decision_tables.ankestyrelsen(decisions, numbers, self._codes(year)),
                )
                yield (
                    "truth/person_year",
                    self._truth(year, as_recorded(levels, year, self.memory), grants),
                )
            yield (
                "truth/decision",
                truth_tables.decision(year, decisions, numbers, before.municipality, plan.country),
            )
        self.timeline.note_leaving(year, leaves, lives.dies, leave_day)
        self.timeline.run_year(year, active, self._stays(year))
        yield from self._health(year, active, leaves, leave_day, age)
        self.before = after = lives.at_end_of(year)
        self.timeline.note_entering(year, np.flatnonzero(people.entry_year == year))
        rows = np.flatnonzero(after.is_resident)
        codes = self._codes(year)
        yield "bef", tables.bef(rows, people, numbers, self.families, codes, after)
        rows = rows[is_of_working_age(year - people.birth_year[rows])]
        yield "udda", tables.udda(year, rows, people, numbers, self.stream)
        written = [name for name in plan.further if is_written(name, year)]
        if written:
            first, last = plan.calendar.span(year)
            weeks = weeks_by_group(self.timeline.codes[first:last][:, rows])
            shared = (year, weeks, rows, people, numbers, self.stream)
            yield from ((name, FURTHER[name](*shared)) for name in written)

    def waiting(self) -> pa.Table:
        """Return the applications not decided when the period ends: next year's decisions on them.

        People's lives are not followed into that year.
        """
        ahead, before = self.plan.ahead, self.before
        grants, levels, opened = self._grants(ahead, ahead.last_year)
        decisions = draw_decisions(
            ahead.last_year,
            grants,
            before.is_resident,
            levels,
            before.municipality,
            opened,
            ahead.country,
            ahead.scenario,
            self.stream,
        )
        last = self.plan.last_year
        return decision_tables.ansoegning(decisions, last, self.numbers, self._codes(last))

    def _stays(self, year: int) -> Stays:
        """Return what practice does to spells of ``year`` where each lives."""
        country, risk_years = self.plan.country, self.plan.risk_years
        if not risk_years:
            n = self.before.municipality.size
            return Stays(np.ones(n), np.zeros((n, 12)))
        # Before the first year of practice it is as in that year.
        place = risk_years.index(max(year, risk_years[0]))
        at = self.before.municipality
        return Stays(country.cash_factor[at, place], country.runs_on[at, place])

    def _truth(self, year: int, levels: Levels, grants: Grants) -> pa.Table:
        """Return the truth about the persons at risk in ``year``."""
        areas, country = self.plan.areas, self.plan.country
        former = tables.text(areas.code[0][self.before.area], areas.names)
        numbers, municipality = self.numbers, self.before.municipality
        return tables.truth(year, levels, grants, numbers, municipality, former, country)

    def _codes(self, year: int) -> pa.DictionaryArray:
        """Return the register's code, of 31 December, of the municipality each person is in now."""
        areas = self.plan.areas
        return tables.text(areas.codes_on_31_december(self.before.area, year), areas.names)

    def _grants(self, plan: Plan, year: int) -> tuple[Grants, Levels, Ints]:
        """Draw the grants of ``year``, the one after ``before``; also factor levels and open days.

        ``plan`` is ours, or the one that goes a year further.
        """
        active, age = self.before.is_resident, year - 1 - self.people.birth_year
        timeline = self.timeline
        levels = factor_levels_of(
            year,
            self.people,
            self.before,
            timeline.last_code(year - 1),
            timeline.tenure_weeks(year),
            timeline.sickness_weeks(year - 1),
            self.memory,
        )
        at_risk = np.empty((2, active.size), dtype=bool)
        at_risk[0] = active & (age >= RISK_AGE_FIRST) & (age <= RISK_AGE_LAST)
        at_risk[0] &= ~self.has_grant[0] & ~timeline.has_code[0] & ~timeline.is_retired(year - 1)
        at_risk[1] = at_risk[0] & ~self.has_grant[1] & ~timeline.has_code[1]
        opened = days_open(year, self.people.pension_day())
        grants = draw_grants(
            year,
            at_risk,
            levels,
            self.before.municipality,
            plan.former_practice[self.before.area, :, plan.risk_years.index(year)].T,
            opened,
            plan.country,
            plan.scenario,
            self.stream,
            grant_shift(year, age, timeline.is_self_supporting(year - 1))
            + look_back_shift(year - plan.first_year)
            + timeline.grant_shift(year - 1)
            + self._parents_shift(age),
        )
        return grants, levels, opened

    def _parents_shift(self, age: Ints) -> Floats:
        """Return (2, persons) what a parent on FP adds to the log odds of the young."""
        people, sizes = self.people, self.plan.scenario.families
        has_fp = self.timeline.has_code[0]
        of_parent = (people.mother >= 0) & has_fp[people.mother]
        of_parent |= (people.father >= 0) & has_fp[people.father]
        of_parent &= age < sizes.parents_pension_until_age
        return np.array([sizes.parents_pension[name] for name in OUTCOMES])[:, None] * of_parent

    def _health(
        self,
        year: int,
        active: NDArray[np.bool_],
        leaves: NDArray[np.bool_],
        leave_day: Ints,
        age: Ints,
    ) -> Iterator[tuple[str, pa.Table]]:
        active = active & is_of_working_age(age)
        days_here = np.where(leaves, np.maximum(leave_day, 1), days_in_year(year))
        first, last = self.plan.calendar.span(year)
        weeks_here = np.where(leaves, np.maximum(leave_day // 7, 1), last - first)
        shared = (active, days_here, age, year, self.people, self.stream)
        yield from self._hospital(year, shared)
        if is_written("lmdb", year):
            commutes = self.timeline.is_commuter(year)
            drugs = health.prescriptions(self.memory, *shared, commutes)
            yield "lmdb", tables.lmdb(year, drugs, self.numbers)
        written = [name for name in ("sysi", "sssy") if is_written(name, year)]
        if written:
            shared = (active, weeks_here, age, year, self.people, self.stream)
            services = tables.services(year, health.services(self.memory, *shared), self.numbers)
            yield from ((name, services) for name in written)

    def _hospital(self, year: int, shared: tuple) -> Iterator[tuple[str, pa.Table]]:
        """Yield the tables of LPR2 and psychiatry, or LPR3, as far as they exist in ``year``."""
        people, numbers = self.people, self.numbers
        lpr3_day = min(max((LPR3_FROM - date(year, 1, 1)).days, 0), 366)
        by_register = {}
        if is_written("lpr", year) or is_written("lpr3", year):
            by_register["lpr"] = health.hospital_contacts(self.memory, *shared)
        if is_written("psyk", year) or is_written("lpr3", year):
            recorded = self.plan.country.recorded_share[self.before.municipality]
            by_register["psyk"] = health.psychiatric_contacts(self.memory, recorded, *shared)
        for register, contacts in by_register.items():
            if is_written(register, year):
                old = contacts.before(lpr3_day) if is_written("lpr3", year) else contacts
                yield from tables.contacts(register, year, old, people, numbers).items()
        if is_written("lpr3", year):
            new = {register: contacts.since(lpr3_day) for register, contacts in by_register.items()}
            yield from tables.lpr3(year, new, people, numbers).items()
