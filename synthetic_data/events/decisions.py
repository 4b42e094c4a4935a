"""Who is granted disability pension or a flexjob in a year, and the register of decisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.events.cases import Waits, draw_waits
from synthetic_data.events.factors import LEVELS, Levels, linear_predictor
from synthetic_data.ground.regimes import revision_share
from synthetic_data.ground.rng import Floats, Ints, Stream, logistic
from synthetic_data.ground.scenario import OUTCOMES, Scenario
from synthetic_data.ground.weeks import days_in_year, year_start
from synthetic_data.places.backlog import decision_day
from synthetic_data.places.country import Country
from synthetic_data.places.diagnoses import draw_diagnosis, group_mix, state_of, tilted_total

RISK_AGE_FIRST, RISK_AGE_LAST = 18, 64
GRANT, REFUSAL, OTHER, WITH_REVISION = range(4)
OUTCOME_LABELS = ("TILKENDELSE", "AFSLAG", "ANDET", "TILKENDELSE_REVISION")
#: The first age of each band.
_AGE_OF_BAND = np.array([int(level.split("-")[0]) for level in LEVELS["age_band"]])


@dataclass(frozen=True)
class Grants:
    """The grants of one year and their true probabilities, per outcome FP, FJ and person.

    Arrays are (2, persons). Where a person is not at risk of the outcome, ``event`` is false and
    the probabilities are NaN. ``day`` is the day number of the decision, -1 without one.
    """

    at_risk: NDArray[np.bool_]
    p_actual: Floats
    p_national: Floats
    event: NDArray[np.bool_]
    day: Ints

    @property
    def any_event(self) -> NDArray[np.bool_]:
        """Who was granted something this year."""
        return self.event[0] | self.event[1]


@dataclass(frozen=True)
class Decisions:
    """Rows of the register of decisions, all of one year.

    ``case`` indexes FP, FJ; ``outcome`` grant, refusal, other, grant with revision; days are day
    numbers, ``waits`` what the time between them went with; ``diagnosis`` is the ICD-10 code or ''
    and ``basis`` 1-3 or ''; what is not ``is_reported`` never reaches the register.
    """

    person: Ints
    case: NDArray[np.int8]
    outcome: NDArray[np.int8]
    applied: Ints
    decided: Ints
    basis: NDArray[np.str_]
    diagnosis: NDArray[np.str_]
    waits: Waits
    is_reported: NDArray[np.bool_]


def draw_grants(
    year: int,
    at_risk: NDArray[np.bool_],
    levels: Levels,
    municipality: NDArray[np.int16],
    former_effect: Floats,
    days_open: Ints,
    country: Country,
    scenario: Scenario,
    stream: Stream,
    shift: Floats | float = 0.0,
) -> Grants:
    """Return the grants of ``year``, FP and FJ drawn independently given the factor levels.

    ``at_risk`` is (2, persons), ``former_effect`` (2, persons) what the practice of the former
    municipality adds to the log odds. ``days_open`` is the number of days of the year in which a
    decision can fall (fewer for those who reach pension age). With both, the flexjob comes first.
    ``shift`` (2, persons) is added to everybody's log odds, under national practice too, as is what
    the scenario adds for combinations of levels and for health that no register shows.
    """
    n = municipality.size
    rows = np.flatnonzero(at_risk[0])
    levels_at_risk = {factor: values[rows] for factor, values in levels.items()}
    of_municipality = municipality[rows]
    p_actual, p_national = np.full((2, n), np.nan), np.full((2, n), np.nan)
    event, day = np.zeros((2, n), dtype=bool), np.full((2, n), -1)
    shifts = np.broadcast_to(shift, (2, n))
    for o, outcome in enumerate(OUTCOMES):
        eta = linear_predictor(
            levels_at_risk, scenario.coefficients[outcome], scenario.intercepts[outcome]
        )
        eta = eta + shifts[o, rows] + country.hidden_health[of_municipality]
        for interaction in scenario.interactions:
            inside = np.all(
                [np.isin(levels_at_risk[f], of) for f, of in interaction.levels.items()], axis=0
            )
            eta += interaction.log_odds[outcome] * inside
        effect = practice_of_persons(
            outcome, year, levels_at_risk, of_municipality, country, scenario
        )
        p_national[o, rows] = logistic(eta)
        p_actual[o, rows] = logistic(eta + effect + former_effect[o, rows])
        off_risk = ~at_risk[o]
        p_national[o, off_risk] = p_actual[o, off_risk] = np.nan
        u = stream.uniform(f"grant_{outcome}", year)
        event[o] = at_risk[o] & (u < np.nan_to_num(p_actual[o]))
        persons = np.flatnonzero(event[o])
        u = stream.uniform(f"grant_day_{outcome}", year, rows=persons)
        day[o, persons] = _decision_day(u, year, municipality[persons], days_open[persons], country)
    both = event.all(axis=0)
    day[:, both] = np.sort(day[:, both], axis=0)[::-1]
    return Grants(at_risk, p_actual, p_national, event, day)


def draw_decisions(
    year: int,
    grants: Grants,
    stays: NDArray[np.bool_],
    levels: Levels,
    municipality: NDArray[np.int16],
    days_open: Ints,
    country: Country,
    scenario: Scenario,
    stream: Stream,
) -> Decisions:
    """Return all decisions of ``year``: the grants, and refusals and others beside them.

    Refusals fall on people at risk who were granted nothing and stay in the country (``stays``),
    in proportion to their probability under national practice; stricter municipalities refuse more.
    """
    sizes = scenario.decisions
    y = country.years.index(year)
    state = state_of(levels)
    parts = []
    for o, name in enumerate(OUTCOMES):
        granted = np.flatnonzero(grants.event[o])
        queue = country.backlog_effect[:, y]
        strictness = country.practice[:, o, y] - queue
        p = np.nan_to_num(grants.p_national[o]) * np.exp(queue)[municipality]
        more = np.exp(sizes.refusal_on_practice * strictness)[municipality]
        refused = p * sizes.refusals_per_grant * more
        closed = refused + p * sizes.others_per_grant
        u = stream.uniform(f"no_grant_{name}", year)
        rows = np.flatnonzero(stays & ~grants.any_event & (u < closed))
        outcome = np.where(u[rows] < refused[rows], REFUSAL, OTHER)
        person = np.concatenate([granted, rows])
        place = municipality[person].astype(np.int64)
        u_day = stream.uniform(f"no_grant_day_{name}", year, rows=rows)
        other_day = _decision_day(u_day, year, municipality[rows], days_open[rows], country)
        decided = np.concatenate([grants.day[o, granted], other_day])
        # Practice is seen in what is granted; refusals have the diagnoses of all who apply.
        is_granted = (np.arange(person.size) < granted.size)[:, None]
        tilt = country.diagnosis_tilt[place, o] * is_granted
        contested = country.contested_tilt[place, o] * is_granted
        granted_as = np.full(granted.size, GRANT)
        if name == "FP":
            age = _AGE_OF_BAND[levels["age_band"][granted]]
            u_revision = stream.uniform("revision", year, rows=granted)
            is_revised = u_revision < revision_share(decided[: granted.size], age)
            granted_as[is_revised] = WITH_REVISION
        diagnosis = draw_diagnosis(
            name, year, person, state[person], tilt, contested, scenario, stream
        )
        reported = stream.uniform(f"reported_{name}", year, rows=person)
        waits = draw_waits(
            name,
            year,
            person,
            place,
            decided,
            np.char.startswith(diagnosis, "F"),
            country,
            scenario,
            stream,
        )
        parts.append(
            (
                person,
                np.full(person.size, o, dtype=np.int8),
                np.concatenate([granted_as, outcome]).astype(np.int8),
                decided,
                _draw_basis(stream.uniform(f"basis_{name}", year, rows=person)),
                diagnosis,
                reported < country.reported_share[place, y],
                waits.clarification,
                waits.statement,
                waits.queue,
            )
        )
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    person, case, outcomes, decided, basis, diagnosis, is_reported, *days = (
        column[order] for column in columns
    )
    waits = Waits(*days)
    return Decisions(
        person=person,
        case=case,
        outcome=outcomes,
        applied=decided - waits.days,
        decided=decided,
        basis=basis,
        diagnosis=diagnosis,
        waits=waits,
        is_reported=is_reported,
    )


def practice_of_persons(
    outcome: str,
    year: int,
    levels: Levels,
    municipality: NDArray[np.int16],
    country: Country,
    scenario: Scenario,
) -> Floats:
    """Return what the municipality's practice adds to each person's log odds of a grant.

    Its effect of the year, and its tilts towards diagnoses, labour statuses and tenures.
    """
    o = OUTCOMES.index(outcome)
    by_state = tilted_total(group_mix(scenario, outcome), country.diagnosis_tilt[:, o])
    effect = country.practice_of(outcome, year)[municipality]
    effect += by_state[municipality, state_of(levels)]
    effect += country.route_tilt[municipality, o, levels["labour_status"]]
    return effect + country.tenure_tilt[municipality, o, levels["tenure_band"]]


def days_open(year: int, pension_day: Ints) -> Ints:
    """Return the days of ``year`` before each person's pension age, at least 1."""
    return np.clip(pension_day - year_start(year), 1, days_in_year(year))


def _decision_day(
    uniform: Floats,
    year: int,
    municipality: NDArray[np.int16],
    days_open: Ints,
    country: Country,
) -> Ints:
    """Return day numbers, by what each municipality decides in each month."""
    share = country.backlog.decision_share(year)
    return year_start(year) + decision_day(
        uniform, share, municipality.astype(np.int64), days_open, days_in_year(year)
    )


def _draw_basis(uniform: Floats) -> NDArray[np.str_]:
    return np.array(["1", "2", "3", ""])[np.searchsorted([0.70, 0.90, 0.97], uniform)]
