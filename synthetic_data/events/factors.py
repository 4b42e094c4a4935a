"""The factor levels of the benchmark, from the generator's own state.

Written from the definitions, never from the SQL that measures the same things in the registers:
that the two agree person by person is a test of both. Measured on 31 December of the year before
the risk year; look-backs see only years whose registers are written.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.codes import factor_levels
from synthetic_data.events.benefits import STATE_OF_CODE, STATES, codes_of, is_among
from synthetic_data.events.health_records import HealthMemory
from synthetic_data.ground.rng import Floats, Ints
from synthetic_data.people.population import People
from synthetic_data.people.year_end import YearEnd

#: The factors that the generator knows of everyone, and plants the weight of.
PLANTED = (
    *("age_band", "sex", "education", "origin", "family", "labour_status", "tenure_band"),
    *("sickness_weeks_band", "mental_health", "somatic_health", "gp_contacts_band"),
)
#: Factor -> its levels, in the order of their files.
LEVELS = {factor: factor_levels()[factor] for factor in PLANTED}
TENURE_YEARS = 10
HEALTH_YEARS = 5
_AGE_FIRST = [18, 25, 30, 40, 50, 60]
_TENURE_WEEKS = [1, 53, 105, 261]
_SICKNESS_WEEKS = [1, 27]
_GP_SERVICES = [4, 12]

Levels = dict[str, NDArray[np.int8]]

_LABOUR_STATUS = {
    "work": "self_supporting",
    "student": "self_supporting",
    "unemployment": "unemployment",
    "cash_benefit": "cash_benefit",
    "education_benefit": "cash_benefit",
    "sickness": "sickness",
    "flexjob_sickness": "sickness",
    "long_sickness": "sickness",
    "rehabilitation": "rehabilitation",
    "flexjob": "flexjob",
    "flexjob_unemployment": "flexjob",
}
_STATUS_OF_STATE = np.array(
    [LEVELS["labour_status"].index(_LABOUR_STATUS.get(state, "other")) for state in STATES],
    dtype=np.int8,
)
_IS_CASH = codes_of("cash_benefit", "education_benefit")
_IS_SICKNESS = codes_of("sickness", "flexjob_sickness", "long_sickness")


def weeks_on(codes: NDArray[np.int8], span: tuple[int, int], mask: NDArray[np.bool_]) -> Ints:
    """Return per person the weeks of ``span`` whose code is in ``mask``."""
    weeks = is_among(codes[span[0] : span[1]], mask)
    return weeks.sum(axis=0, dtype=np.uint8).astype(np.int64)  # 53 at most


def cash_weeks(codes: NDArray[np.int8], span: tuple[int, int]) -> Ints:
    """Return per person the weeks on cash or education benefit in ``span``."""
    return weeks_on(codes, span, _IS_CASH)


def sickness_weeks(codes: NDArray[np.int8], span: tuple[int, int]) -> Ints:
    """Return per person the weeks on sickness benefit in ``span``."""
    return weeks_on(codes, span, _IS_SICKNESS)


def factor_levels_of(
    year: int,
    people: People,
    year_end: YearEnd,
    last_code: NDArray[np.int8],
    tenure_weeks: Ints,
    sickness: Ints,
    memory: HealthMemory,
) -> Levels:
    """Return the level number of every factor for risk year ``year``, one entry per person.

    ``year_end`` is that of ``year - 1``, ``last_code`` the code number in its last ISO week,
    ``tenure_weeks`` the weeks on cash benefit in the ten ISO years before ``year``, ``sickness``
    the weeks on sickness benefit in ISO year ``year - 1``; ``memory`` is as of the end of
    ``year - 1``. Health is as it is, recorded or not: see :func:`as_recorded`.
    """
    before = year - 1
    mental = _mental_health(memory.mental_diagnosis_year, year, memory)
    somatic = np.where(memory.serious_year >= year - HEALTH_YEARS, 2, 0)
    somatic = np.where(memory.musculoskeletal_year >= year - HEALTH_YEARS, 1, somatic)
    education = np.where(people.has_education_row, people.education(before), 4)
    levels = {
        "age_band": np.searchsorted(_AGE_FIRST, before - people.birth_year, side="right") - 1,
        "sex": people.is_female,
        "education": education,
        "origin": people.origin - 1,
        "family": 2 * year_end.is_married + (year_end.children > 0),
        "labour_status": _STATUS_OF_STATE[STATE_OF_CODE[last_code]],
        "tenure_band": np.searchsorted(_TENURE_WEEKS, tenure_weeks, side="right"),
        "sickness_weeks_band": np.searchsorted(_SICKNESS_WEEKS, sickness, side="right"),
        "mental_health": mental,
        "somatic_health": somatic,
        "gp_contacts_band": np.searchsorted(_GP_SERVICES, memory.gp_services, side="right"),
    }
    return {factor: values.astype(np.int8) for factor, values in levels.items()}


def as_recorded(levels: Levels, year: int, memory: HealthMemory) -> Levels:
    """Return ``levels`` of risk year ``year`` as the registers show them."""
    recorded = _mental_health(memory.mental_recorded_year, year, memory)
    return {**levels, "mental_health": recorded.astype(np.int8)}


def _mental_health(diagnosis_year: Ints, year: int, memory: HealthMemory) -> Ints:
    drugs = np.where(memory.has_psychotropics, 1, 0)
    return np.where(diagnosis_year >= year - HEALTH_YEARS, 2, drugs)


def linear_predictor(
    levels: Levels, coefficients: Mapping[str, Floats], intercept: float
) -> Floats:
    """Return the log odds of a grant under national practice, one entry per person."""
    eta = np.full(levels["sex"].size, intercept)
    for factor, values in levels.items():
        eta += coefficients[factor][values]
    return eta
