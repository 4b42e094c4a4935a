"""Weekly benefit histories: competing spells, drawn year by year for a block of persons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.events.benefits import (
    FIRST_CODE,
    N_CODES,
    OPEN_STATES,
    state_number,
)
from synthetic_data.ground.regimes import cash_duration, closed_states
from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.scenario import Scenario
from synthetic_data.ground.weeks import NEVER, Calendar
from synthetic_data.people.population import VOCATIONAL, WORK_AGE_FIRST, People

_N_OPEN = len(OPEN_STATES)
_WORK = state_number("work")
_STUDENT = state_number("student")
_PARENTAL = state_number("parental")
_CASH, _EDUCATION = state_number("cash_benefit"), state_number("education_benefit")
_SICKNESS, _LONG_SICKNESS = state_number("sickness"), state_number("long_sickness")
#: Education benefit instead of cash benefit is for those below this age.
EDUCATION_BENEFIT_AGE = 30
_SHORTEST = 2  # weeks


@dataclass
class Histories:
    """The weekly histories of a block.

    ``codes[w, i]`` is the internal code number of person i in week w (int8, 0 blank). ``state``,
    ``code``, ``begin`` and ``end`` describe the spell under way; it ends before week ``end``.
    """

    codes: NDArray[np.int8]
    state: NDArray[np.int8]
    code: NDArray[np.int8]
    begin: Ints
    end: Ints

    @classmethod
    def blank(cls, n_weeks: int, n_persons: int) -> Histories:
        """Return histories without any benefit, and no spell that ends."""
        return cls(
            codes=np.zeros((n_weeks, n_persons), dtype=np.int8),
            state=np.zeros(n_persons, dtype=np.int8),
            code=np.zeros(n_persons, dtype=np.int8),
            begin=np.zeros(n_persons, dtype=np.int64),
            end=np.full(n_persons, NEVER),
        )

    def switch(
        self,
        rows: Ints,
        week: Ints,
        state: NDArray[np.int8],
        code: NDArray[np.int8],
        end: Ints,
        until: int,
    ) -> None:
        """Begin new spells in week ``week`` and write them until week ``until``, exclusive."""
        if not rows.size:
            return
        first = int(week.min())
        weeks = np.arange(first, until)[:, None]
        block = self.codes[first:until, rows]
        self.codes[first:until, rows] = np.where(weeks >= week, code, block)
        self.state[rows] = state
        self.code[rows] = code
        self.begin[rows] = week
        self.end[rows] = end


@dataclass(frozen=True)
class Stays:
    """What practice does to the spells of each person of a block in a year.

    ``cash_factor`` (persons,) is how much longer new ones last on cash and education benefit,
    ``runs_on`` (persons, 12) the chance by twelfth of the year that a case on sickness benefit goes
    on beyond its limit.
    """

    cash_factor: Floats
    runs_on: Floats


class Transitions:
    """How long spells last and what follows them, as the scenario says."""

    def __init__(self, scenario: Scenario) -> None:
        values = scenario.benefits
        durations = np.array([values["duration"][state] for state in OPEN_STATES])
        self._scale, self._shape, self.longest = durations.T
        self._duration_slope = _slopes(values["duration_slope"])
        self._next = np.zeros((_N_OPEN, _N_OPEN))
        for state, weights in values["next"].items():
            for target, weight in weights.items():
                self._next[OPEN_STATES.index(state), OPEN_STATES.index(target)] = weight
        self._next_slope = _slopes(values["next_slope"])
        paced = [OPEN_STATES.index(state) for state in values["pace"]["states"]]
        self._pace = np.zeros(_N_OPEN)
        self._pace[paced] = values["pace"]["women"]

    def duration(
        self,
        state: NDArray[np.int8],
        latent: Floats,
        age: Ints,
        is_female: NDArray[np.bool_],
        uniform: Floats,
        year: int,
        stays: Floats | float = 1.0,
    ) -> Ints:
        """Return the weeks a new spell lasts, ``stays`` times as long; ``latent`` is (persons, 3).

        The young stay a shorter time outside benefits than others: jobs and schools end. Women move
        faster than men between work and short benefits, so that neither spends more time in one.
        """
        slope = np.einsum("ij,ij->i", latent, self._duration_slope[state])
        slope -= np.where(is_female, 1.0, -1.0) * self._pace[state]
        weeks = self._scale[state] * np.exp(slope)
        settled = np.interp(age, [16, 20, 30, 45], [0.3, 0.3, 0.7, 1.1])
        weeks = weeks * np.where(state == _WORK, settled, 1.0)
        if (factor := cash_duration(year)) != 1.0:
            weeks = weeks * np.where((state == _CASH) | (state == _EDUCATION), factor, 1.0)
        weeks = weeks * stays * (-np.log(uniform)) ** (1.0 / self._shape[state])
        return np.clip(np.ceil(weeks), _SHORTEST, self.longest[state]).astype(np.int64)

    def next_state(
        self,
        state: NDArray[np.int8],
        latent: Floats,
        age: Ints,
        is_female: NDArray[np.bool_],
        uniform: Floats,
        year: int,
    ) -> NDArray[np.int8]:
        """Return the state that follows the spell that ended, one that exists in ``year``."""
        weights = self._next[state] * np.exp(latent @ self._next_slope.T)
        weights[:, _STUDENT] *= np.interp(age, [16, 18, 20, 24, 30, 31], [1, 12, 12, 5, 0.5, 0])
        weights[:, _PARENTAL] *= np.where(is_female & (age >= 20) & (age <= 42), 3.0, 0.0)
        weights[state == _WORK, _WORK] = 1e-9
        weights[:, [OPEN_STATES.index(name) for name in closed_states(year)]] = 0.0
        cumulative = np.cumsum(weights, axis=1)
        return np.sum(uniform[:, None] * cumulative[:, -1:] >= cumulative, axis=1).astype(np.int8)


def has_education_benefit(year: int) -> bool:
    """Return whether there is education benefit in ``year``."""
    return "education_benefit" not in closed_states(year)


def gets_education_benefit(people: People, rows: Ints, year: int) -> NDArray[np.bool_]:
    """Return who of ``rows`` would get education benefit and not cash benefit in ``year``."""
    young = year - people.birth_year[rows] < EDUCATION_BENEFIT_AGE
    return young & (people.education_final[rows] < VOCATIONAL)


def latent_matrix(people: People) -> Floats:
    """Return (persons, 3): mental, somatic and schooling, the predictors of every slope."""
    return np.stack([people.mental, people.somatic, people.schooling], axis=1)


def pick_code(state: NDArray[np.int8], uniform: Floats) -> NDArray[np.int8]:
    """Return a code number for each state, one of those the state may have."""
    return (FIRST_CODE[state] + (uniform * N_CODES[state]).astype(np.int64)).astype(np.int8)


def run_spells(
    histories: Histories,
    rows: Ints,
    span: tuple[int, int],
    year: int,
    people: People,
    latent: Floats,
    transitions: Transitions,
    stream: Stream,
    label: str,
    stays: Stays,
) -> None:
    """Let the spells of ``rows`` that end before the year does be followed by new ones.

    ``span`` is the year's first week and the first week after it. Spells are written to the end
    of the year and go on from there next year.
    """
    last = span[1]
    rows = rows[histories.end[rows] < last]
    counter = 0
    while rows.size:
        state = histories.state[rows]
        age = year - people.birth_year[rows]
        follow = transitions.next_state(
            state,
            latent[rows],
            age,
            people.is_female[rows],
            stream.uniform(f"{label}_next", year, rows=rows, counter=counter),
            year,
        )
        if has_education_benefit(year):
            young = gets_education_benefit(people, rows, year)
            follow[young & (follow == _CASH)] = _EDUCATION
        week = histories.end[rows].copy()
        part = np.clip((week - span[0]) * 12 // (last - span[0]), 0, 11)
        beyond = stream.uniform(f"{label}_beyond", year, rows=rows, counter=counter)
        lasted = week - histories.begin[rows]
        at_limit = (state == _SICKNESS) & (lasted >= transitions.longest[_SICKNESS])
        follow[at_limit & (beyond < stays.runs_on[rows, part])] = _LONG_SICKNESS
        draw = stream.uniform(f"{label}_weeks", year, rows=rows, counter=counter)
        code = pick_code(follow, stream.uniform(f"{label}_code", year, rows=rows, counter=counter))
        on_cash = (follow == _CASH) | (follow == _EDUCATION)
        factor = np.where(on_cash, stays.cash_factor[rows], 1.0)
        women = people.is_female[rows]
        end = week + transitions.duration(follow, latent[rows], age, women, draw, year, factor)
        histories.switch(rows, week, follow, code, end, last)
        rows = rows[end < last]
        counter += 1


def start_histories(
    histories: Histories,
    present: NDArray[np.bool_],
    first_year: int,
    pension_week: Ints,
    people: People,
    latent: Floats,
    transitions: Transitions,
    stream: Stream,
    scenario: Scenario,
) -> None:
    """Give those present at the start their state in week 0, from the scenario's prevalences."""
    stock = scenario.benefits["stock"]
    age = first_year - 1 - people.birth_year
    burden = 0.5 * people.mental + 0.4 * people.somatic - 0.3 * people.schooling
    weight = np.zeros((age.size, _N_OPEN))
    for name in ("unemployment", "cash_benefit", "sickness", "rehabilitation", "flexjob"):
        slope = 1.4 if name == "cash_benefit" else 0.7
        weight[:, OPEN_STATES.index(name)] = stock[name] * np.exp(slope * (burden - 0.2))
    weight[:, OPEN_STATES.index("flexjob")] *= (age >= 25) & (first_year >= 1998)
    weight[:, _STUDENT] = stock["student"] * ((age >= 18) & (age < 26))
    weight[:, _PARENTAL] = stock["parental"] * (people.is_female & (age >= 22) & (age <= 38))
    cumulative = np.cumsum(weight[:, 1:], axis=1)
    u = stream.uniform("stock")
    state = np.sum(u[:, None] >= cumulative, axis=1) + 1
    state = np.where(state == _N_OPEN, _WORK, state).astype(np.int8)
    u = stream.uniform("stock_weeks")
    weeks = transitions.duration(state, latent, age, people.is_female, u, first_year)
    # A spell met under way is longer than a new one, and part of it has passed.
    weeks = np.ceil(1.5 * weeks * stream.uniform("stock_rest")).astype(np.int64)
    weeks = np.minimum(weeks, transitions.longest[state])

    on_pension = stream.uniform("pension_stock") < _pension_stock(age, burden, scenario)
    stops = (age >= 60) & (stream.uniform("retirement_stock") < 0.45)
    state = np.where(stops, state_number("early_retirement"), state)
    state = np.where(on_pension & (age >= 18), state_number("disability_pension"), state)
    state = np.where(pension_week <= 0, state_number("old_age_pension"), state)
    state = np.where(age < WORK_AGE_FIRST, _WORK, state)
    end = np.where(state >= _N_OPEN, NEVER, np.maximum(weeks, 1))
    state = np.where(present, state, _WORK).astype(np.int8)
    histories.state[:] = state
    histories.code[:] = pick_code(state, stream.uniform("stock_code"))
    histories.end[:] = np.where(present, end, NEVER)


def _pension_stock(age: Ints, burden: Floats, scenario: Scenario) -> Floats:
    values = scenario.benefits["pension_stock"]
    first_ages = np.array([int(first) for first in values])
    level = np.array(list(values.values()))
    group = np.searchsorted(first_ages, np.maximum(age, WORK_AGE_FIRST), side="right") - 1
    return 1.0 / (1.0 + np.exp(-(level[group] + 1.3 * burden)))


def _slopes(values: dict[str, list[float]]) -> Floats:
    slopes = np.zeros((_N_OPEN, 3))
    for state, slope in values.items():
        slopes[OPEN_STATES.index(state)] = slope
    return slopes


def pension_weeks(people: People, calendar: Calendar) -> Ints:
    """Return the first week on old-age pension."""
    return calendar.week_after(people.pension_day() - 1)
