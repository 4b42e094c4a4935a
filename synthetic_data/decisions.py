"""Who is granted disability pension or a flexjob in a year, and the register of decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.catalogue import ICD_BY_GROUP
from synthetic_data.country import Country
from synthetic_data.factors import Levels, linear_predictor
from synthetic_data.rng import Floats, Ints, Stream, logistic
from synthetic_data.scenario import OUTCOMES, Scenario
from synthetic_data.weeks import days_in_year, year_start

RISK_AGE_FIRST, RISK_AGE_LAST = 18, 64
GRANT, REFUSAL, OTHER = range(3)
OUTCOME_LABELS = ("TILKENDELSE", "AFSLAG", "ANDET")
#: ICD-10 codes a decision may carry, by group in the order of ``ICD_BY_GROUP``.
_CODES = tuple(tuple(codes) for codes in ICD_BY_GROUP.values())
_GROUPS = tuple(ICD_BY_GROUP)


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

    ``case`` indexes FP, FJ; ``outcome`` grant, refusal, other; days are day numbers;
    ``diagnosis`` is the ICD-10 code or '' and ``basis`` 1-3 or ''.
    """

    person: Ints
    case: NDArray[np.int8]
    outcome: NDArray[np.int8]
    applied: Ints
    decided: Ints
    basis: NDArray[np.str_]
    diagnosis: NDArray[np.str_]


def draw_grants(
    year: int,
    at_risk: NDArray[np.bool_],
    levels: Levels,
    municipality: NDArray[np.int16],
    days_open: Ints,
    country: Country,
    scenario: Scenario,
    stream: Stream,
) -> Grants:
    """Return the grants of ``year``, FP and FJ drawn independently given the factor levels.

    ``at_risk`` is (2, persons). ``days_open`` is the number of days of the year in which a decision
    can fall (fewer for those who reach pension age). With both, the flexjob comes first.
    """
    n = municipality.size
    rows = np.flatnonzero(at_risk[0])
    levels_at_risk = {factor: values[rows] for factor, values in levels.items()}
    p_actual, p_national = np.full((2, n), np.nan), np.full((2, n), np.nan)
    event, day = np.zeros((2, n), dtype=bool), np.full((2, n), -1)
    for o, outcome in enumerate(OUTCOMES):
        eta = linear_predictor(
            levels_at_risk, scenario.coefficients[outcome], scenario.intercepts[outcome]
        )
        effect = country.practice_of(outcome, year)[municipality[rows]]
        p_national[o, rows] = logistic(eta)
        p_actual[o, rows] = logistic(eta + effect)
        off_risk = ~at_risk[o]
        p_national[o, off_risk] = p_actual[o, off_risk] = np.nan
        u = stream.uniform(f"grant_{outcome}", year)
        event[o] = at_risk[o] & (u < np.nan_to_num(p_actual[o]))
        offset = (stream.uniform(f"grant_day_{outcome}", year) * days_open).astype(np.int64)
        day[o] = np.where(event[o], year_start(year) + offset, -1)
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
    parts = []
    for o, name in enumerate(OUTCOMES):
        granted = np.flatnonzero(grants.event[o])
        effect = country.practice_of(name, year)[municipality]
        p = np.nan_to_num(grants.p_national[o])
        refused = p * sizes.refusals_per_grant * np.exp(sizes.refusal_on_practice * effect)
        closed = refused + p * sizes.others_per_grant
        u = stream.uniform(f"no_grant_{name}", year)
        rows = np.flatnonzero(stays & ~grants.any_event & (u < closed))
        outcome = np.where(u[rows] < refused[rows], REFUSAL, OTHER)
        offset = stream.uniform(f"no_grant_day_{name}", year, rows=rows) * days_open[rows]
        person = np.concatenate([granted, rows])
        decided = [grants.day[o, granted], year_start(year) + offset.astype(np.int64)]
        parts.append(
            (
                person,
                np.full(person.size, o, dtype=np.int8),
                np.concatenate([np.full(granted.size, GRANT), outcome]).astype(np.int8),
                np.concatenate(decided),
                _processing_days(name, year, person, municipality, country, scenario, stream),
                _draw_basis(stream.uniform(f"basis_{name}", year, rows=person)),
                _draw_diagnosis(name, year, person, levels, scenario, stream),
            )
        )
    person, case, outcomes, decided_day, days, basis, diagnosis = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    order = np.lexsort((case, person))
    return Decisions(
        person=person[order],
        case=case[order],
        outcome=outcomes[order],
        applied=(decided_day - days)[order],
        decided=decided_day[order],
        basis=basis[order],
        diagnosis=diagnosis[order],
    )


def days_open(year: int, pension_day: Ints) -> Ints:
    """Return the days of ``year`` before each person's pension age, at least 1."""
    return np.clip(pension_day - year_start(year), 1, days_in_year(year))


def _processing_days(
    name: str,
    year: int,
    person: Ints,
    municipality: NDArray[np.int16],
    country: Country,
    scenario: Scenario,
    stream: Stream,
) -> Ints:
    spread = scenario.decisions.processing_days_case_spread
    deviation = spread * stream.normal(f"processing_{name}", year, rows=person) - spread**2 / 2
    days = country.processing_days[municipality[person]] * np.exp(deviation)
    return np.maximum(np.rint(days).astype(np.int64), 7)


def _draw_basis(uniform: Floats) -> NDArray[np.str_]:
    return np.array(["1", "2", "3", ""])[np.searchsorted([0.70, 0.90, 0.97], uniform)]


def _draw_diagnosis(
    name: str,
    year: int,
    person: Ints,
    levels: Levels,
    scenario: Scenario,
    stream: Stream,
) -> NDArray[np.str_]:
    """Return the main diagnosis of each decision, '' where none is recorded."""
    weights = scenario.diagnoses[name]
    cumulative = np.cumsum(_group_weights(weights, person, levels), axis=1)
    u = stream.uniform(f"diagnosis_group_{name}", year, rows=person)
    group = np.sum(u[:, None] * cumulative[:, -1:] >= cumulative, axis=1)
    pick = stream.uniform(f"diagnosis_code_{name}", year, rows=person)
    n_codes = np.array([len(codes) for codes in _CODES])
    first = np.cumsum(n_codes) - n_codes
    flat = np.array([code for codes in _CODES for code in codes])
    code = flat[first[group] + (pick * n_codes[group]).astype(np.int64)]
    blank = stream.uniform(f"diagnosis_blank_{name}", year, rows=person)
    return np.where(blank < scenario.decisions.blank_diagnosis, "", code)


def _group_weights(
    weights: Mapping[str, Mapping[str, float]], person: Ints, levels: Levels
) -> Floats:
    base = _vector(weights["all"], 0.0)
    states = {
        "psychotropic": levels["mental_health"][person] == 1,
        "mental_diagnosis": levels["mental_health"][person] == 2,
        "musculoskeletal": levels["somatic_health"][person] == 1,
        "other_serious": levels["somatic_health"][person] == 2,
        "under_40": levels["age_band"][person] <= 2,
    }
    matrix = np.tile(base, (person.size, 1))
    for state, applies in states.items():
        matrix[applies] *= _vector(weights[state], 1.0)
    return matrix


def _vector(weights: Mapping[str, float], absent: float) -> Floats:
    return np.array([weights.get(group, absent) for group in _GROUPS])
