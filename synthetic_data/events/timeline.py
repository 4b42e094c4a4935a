"""The benefit side of a block: spells, and what begins on a date, week by week."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.events.benefits import (
    FIRST_CODE,
    STATE_OF_CODE,
    STATES,
    codes_of,
    is_among,
    state_number,
)
from synthetic_data.events.decisions import Grants
from synthetic_data.events.factors import TENURE_YEARS, cash_weeks, sickness_weeks
from synthetic_data.events.histories import (
    Histories,
    Stays,
    Transitions,
    gets_education_benefit,
    has_education_benefit,
    latent_matrix,
    pension_weeks,
    run_spells,
    start_histories,
)
from synthetic_data.ground.regimes import is_written
from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.scenario import OUTCOMES, Scenario
from synthetic_data.ground.weeks import NEVER, Calendar, year_start, year_starts
from synthetic_data.people.population import WORK_AGE_FIRST, People

_HAD_FP = codes_of("disability_pension")
_HAD_FJ = codes_of("flexjob", "flexjob_unemployment")
_WORKS = codes_of("work")
_RETIRED = codes_of("early_retirement", "flex_allowance", "old_age_pension")
_SELF_SUPPORTING = codes_of("work", "student", "parental")
_FLEXJOB_STATES = [state_number(s) for s in ("flexjob", "flexjob_unemployment", "flexjob_sickness")]
_EARLY_RETIREMENT = state_number("early_retirement")
_FLEX_ALLOWANCE = state_number("flex_allowance")
_FLEXJOB_UNEMPLOYMENT = state_number("flexjob_unemployment")
_UNEMPLOYMENT = state_number("unemployment")
_CASH, _EDUCATION = state_number("cash_benefit"), state_number("education_benefit")
#: Who returns so often from benefits to work within so many years shifts between the two.
_COMMUTER_RETURNS, _COMMUTER_YEARS = 2, 3
_LONGEST_WAIT_YOUNG, _LONGEST_WAIT_IMMIGRANT = 208, 60  # weeks before an entrant's first benefit


class Timeline:
    """Weekly histories of a block, with the dated changes still to come.

    Arrays with two rows are for FP and FJ. ``has_code`` says whose DREAM weeks written so far hold
    a code of the scheme.
    """

    def __init__(
        self,
        people: People,
        present: NDArray[np.bool_],
        calendar: Calendar,
        scenario: Scenario,
        stream: Stream,
    ) -> None:
        n = people.ids.size
        self._people, self._calendar, self._stream = people, calendar, stream
        self._latent = latent_matrix(people)
        self._transitions = Transitions(scenario)
        self._histories = Histories.blank(calendar.n_weeks, n)
        self._grant_week = np.full((2, n), NEVER)
        self._leave_week = np.full(n, NEVER)
        self._leave_state = np.zeros(n, dtype=np.int8)
        self._pension_week = pension_weeks(people, calendar)
        by_outcome = [scenario.benefits["grant_state"][outcome] for outcome in OUTCOMES]
        self._grant_shift = np.array(
            [[sizes.get(state, 0.0) for state in STATES] for sizes in by_outcome]
        )
        shares = scenario.benefits["early_retirement"]
        ages = np.array([*(int(age) for age in shares), 99])  # 99: never
        planned = np.searchsorted(np.cumsum(list(shares.values())), stream.uniform("retires_at"))
        # Early retirement follows the pension age, in whole years.
        later = (people.pension_day() - people.birthday(65)) // 366
        self._retires_at = ages[planned] + np.where(people.birth_year < 1954, 0, later)
        self._cash_weeks: dict[int, Ints] = {}
        self._returns: dict[int, NDArray[np.uint8]] = {}
        self.has_code = np.zeros((2, n), dtype=bool)
        start_histories(
            self._histories,
            present,
            calendar.first_year,
            self._pension_week,
            people,
            self._latent,
            self._transitions,
            stream,
            scenario,
        )
        self.note_entering(
            calendar.first_year - 1,
            np.flatnonzero(calendar.first_year - 1 - people.birth_year < WORK_AGE_FIRST),
        )

    @property
    def codes(self) -> NDArray[np.int8]:
        """Internal code numbers, (weeks, persons)."""
        return self._histories.codes

    @property
    def weeks_decided(self) -> Ints:
        """(2, persons): the week in which FP and FJ were granted, ``NEVER`` where not."""
        return np.where(self._grant_week < NEVER, self._grant_week - 1, NEVER)

    def last_code(self, year: int) -> NDArray[np.int8]:
        """Return each person's code number in the last ISO week of ``year``."""
        last = self.codes[self._calendar.span(year)[1] - 1]
        return last if is_written("dream", year) else np.zeros_like(last)

    def is_retired(self, year: int) -> NDArray[np.bool_]:
        """Return who is on early retirement or old-age pension in the last ISO week of ``year``."""
        return _RETIRED[self.last_code(year)]

    def is_self_supporting(self, year: int) -> NDArray[np.bool_]:
        """Return who is on no benefit, or a student's or a parent's, at the end of ``year``."""
        return _SELF_SUPPORTING[self.last_code(year)]

    def tenure_weeks(self, year: int) -> Ints:
        """Return weeks on cash benefit in the ten ISO years before ``year``, as far as written."""
        look_back = range(year - TENURE_YEARS, year)
        written = [self._cash_weeks[y] for y in look_back if y in self._cash_weeks]
        return np.sum(written, axis=0) if written else np.zeros(self._people.ids.size, np.int64)

    def sickness_weeks(self, year: int) -> Ints:
        """Return weeks on sickness benefit in ISO ``year``."""
        weeks = sickness_weeks(self.codes, self._calendar.span(year))
        return weeks if is_written("dream", year) else np.zeros_like(weeks)

    def is_commuter(self, year: int) -> NDArray[np.bool_]:
        """Return who shifts between work and benefits in the years up to ``year``."""
        years = range(year - _COMMUTER_YEARS + 1, year + 1)
        returns = sum(self._returns[y] for y in years if y in self._returns)
        return np.asarray(returns >= _COMMUTER_RETURNS)

    def grant_shift(self, year: int) -> Floats:
        """Return (2, persons): log odds of a grant from the state in the last week of ``year``.

        It is beside the factor ``labour_status``, which does not tell these states apart.
        """
        return self._grant_shift[:, STATE_OF_CODE[self.last_code(year)]]

    def note_grants(self, grants: Grants) -> None:
        """Let the benefit of each grant begin on the first Monday after the decision."""
        week = self._calendar.week_after(grants.day)
        self._grant_week = np.where(grants.event, week, self._grant_week)
        latest = np.where(grants.event, week, -1).max(axis=0)
        self._pension_week = np.maximum(self._pension_week, latest + 1)

    def note_leaving(
        self, year: int, leaves: NDArray[np.bool_], dies: NDArray[np.bool_], leave_day: Ints
    ) -> None:
        """Let those who leave in ``year`` be dead or emigrated from the first Monday after."""
        week = self._calendar.week_after(year_start(year) + leave_day)
        granted = np.where(self._grant_week < NEVER, self._grant_week, -1).max(axis=0)
        self._leave_week[leaves] = np.maximum(week, granted + 1)[leaves]
        self._leave_state[leaves & dies] = state_number("dead")
        self._leave_state[leaves & ~dies] = state_number("emigrated")

    def note_entering(self, year: int, rows: Ints) -> None:
        """Let those who entered in ``year`` have their first benefit some time after it.

        The young have it some time after the year in which they reach working age.
        """
        of_age = self._people.birth_year[rows] + WORK_AGE_FIRST
        is_young = of_age >= year
        longest = np.where(is_young, _LONGEST_WAIT_YOUNG, _LONGEST_WAIT_IMMIGRANT)
        wait = 1 + (self._stream.uniform("first_spell", rows=rows) * longest).astype(np.int64)
        ready = self._calendar.week_after(year_starts(np.maximum(of_age, year) + 1) - 1)
        self._histories.end[rows] = ready + wait

    def run_year(self, year: int, active: NDArray[np.bool_], stays: Stays) -> None:
        """Write the weeks of ISO ``year``: spells of those ``active``, then what has a date.

        What comes later overrides what comes before: efterløn, flexjob, FP, old-age pension, exit.
        """
        first, last = span = self._calendar.span(year)
        self.codes[first:last] = self._histories.code
        before = STATE_OF_CODE[self._histories.code]
        self._change_benefit(year, active)
        self._run_spells(np.flatnonzero(active), span, year, "spell", stays)
        self._retire(year, active, before)
        rows = _within(self._grant_week[1], span)
        week = self._grant_week[1, rows]
        self._enter(rows, week, _FLEXJOB_UNEMPLOYMENT, last, week + self._flexjob_wait(year, rows))
        self._run_spells(rows, span, year, "flexjob_spell", stays)
        rows = _within(self._grant_week[0], span)
        self._enter(rows, self._grant_week[0, rows], state_number("disability_pension"), last)
        rows = _within(np.where(active, self._pension_week, NEVER), span)
        self._enter(rows, self._pension_week[rows], state_number("old_age_pension"), last)
        rows = _within(self._leave_week, span)
        self._enter(rows, self._leave_week[rows], self._leave_state[rows], last)
        written = self.codes[first:last]
        works = is_among(written, _WORKS)
        self._returns[year] = (works[1:] > works[:-1]).sum(axis=0, dtype=np.uint8)
        if is_written("dream", year):
            self.has_code[0] |= is_among(written, _HAD_FP).any(axis=0)
            self.has_code[1] |= is_among(written, _HAD_FJ).any(axis=0)
            self._cash_weeks[year] = cash_weeks(self.codes, span)

    def _change_benefit(self, year: int, active: NDArray[np.bool_]) -> None:
        """Let cash benefit become education benefit, and the reverse, when ``year`` begins."""
        if not has_education_benefit(year):
            return
        first, last = self._calendar.span(year)
        histories = self._histories
        for before, after in ((_CASH, _EDUCATION), (_EDUCATION, _CASH)):
            rows = np.flatnonzero(active & (histories.state == before))
            is_young = gets_education_benefit(self._people, rows, year)
            rows = rows[is_young if after == _EDUCATION else ~is_young]
            self._enter(rows, np.full(rows.size, first), after, last, histories.end[rows])

    def _run_spells(
        self, rows: Ints, span: tuple[int, int], year: int, label: str, stays: Stays
    ) -> None:
        run_spells(
            self._histories,
            rows,
            span,
            year,
            self._people,
            self._latent,
            self._transitions,
            self._stream,
            label,
            stays,
        )

    def _flexjob_wait(self, year: int, rows: Ints) -> Ints:
        """Return the weeks on ledighedsydelse before the first flexjob."""
        return self._transitions.duration(
            np.full(rows.size, _FLEXJOB_UNEMPLOYMENT, dtype=np.int8),
            self._latent[rows],
            year - self._people.birth_year[rows],
            self._people.is_female[rows],
            self._stream.uniform("flexjob_wait", year, rows=rows),
            year,
        )

    def _retire(self, year: int, active: NDArray[np.bool_], before: NDArray[np.int8]) -> None:
        """Let people stop on efterløn, or fleksydelse from a flexjob, in the week after a birthday.

        Only who was in work, unemployed or in a flexjob when the year began, and has no grant
        whose benefit is still to begin.
        """
        span = self._calendar.span(year)
        people = self._people
        week = self._calendar.week_after(people.birthday(year - people.birth_year))
        waits = ((self._grant_week >= span[0]) & (self._grant_week < NEVER)).any(axis=0)
        in_flexjob = np.isin(before, _FLEXJOB_STATES)
        works = in_flexjob | np.isin(before, [0, _UNEMPLOYMENT])
        stops = active & works & ~waits & (year - people.birth_year == self._retires_at)
        stops &= week < self._pension_week
        rows = _within(np.where(stops, week, NEVER), span)
        state = np.where(in_flexjob[rows], _FLEX_ALLOWANCE, _EARLY_RETIREMENT)
        self._enter(rows, week[rows], state, span[1])

    def _enter(
        self, rows: Ints, week: Ints, state: NDArray | int, last: int, end: Ints | None = None
    ) -> None:
        """Let ``rows`` enter ``state`` in ``week``, for good or until ``end``."""
        states = np.broadcast_to(np.asarray(state, dtype=np.int8), rows.shape)
        code = FIRST_CODE[states].astype(np.int8)
        end = np.full(rows.size, NEVER) if end is None else end
        self._histories.switch(rows, week, states, code, end, last)


def _within(week: Ints, span: tuple[int, int]) -> Ints:
    return np.flatnonzero((week >= span[0]) & (week < span[1]))
