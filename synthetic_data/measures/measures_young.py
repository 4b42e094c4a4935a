"""Figures about young people granted FP 2021-2023, beside VIVE's review of 56 cases below 40."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from synthetic_data.events.benefits import state_number
from synthetic_data.measures.generated import Generated
from synthetic_data.measures.measured import Measure, Measured, share

_YEARS = (2021, 2022, 2023)
_AGE_LAST = 40
_AGE_BANDS = {"18_23": (18, 23), "24_29": (24, 29), "30_35": (30, 35), "36_40": (36, 40)}
_SUPPORT_BANDS = {"0_2": (0, 2), "3_5": (3, 5), "6_10": (6, 10), "11": (11, 99)}
_LAST = {
    "education": "education_benefit",
    "resource": "resource_programme",
    "clarification": "job_clarification",
    "cash": "cash_benefit",
    "sickness": "sickness",
    "flexjob_unemployment": "flexjob_unemployment",
}
#: Weeks looked back on: from the eighteenth birthday of the oldest.
_WEEKS = 52 * (_AGE_LAST - 18 + 1)
_HEALTH_YEARS = 5
_WEEKS_EMPLOYED = 26
#: Not public support: self-support, study grants and leave with a child.
_UNSUPPORTED = [state_number(s) for s in ("work", "student", "parental", "emigrated")]


@dataclass(frozen=True)
class Young:
    """The granted, one entry each, with their weeks (persons, weeks) before the grant.

    ``weeks`` has 'work' before the eighteenth birthday and before DREAM begins; ``is_adult`` is
    False there. ``diagnoses`` has person and ICD-10 code of hospital contacts and of the grant.
    """

    age: NDArray[np.int64]
    person: NDArray[np.int64]
    weeks: NDArray[np.int8]
    is_adult: NDArray[np.bool_]
    diagnoses: pd.DataFrame


def _young(country: Generated) -> Young:
    return country.kept("young", lambda: _read_young(country))


def _read_young(country: Generated) -> Young:
    grants = pd.concat([country.grants_with_age("FP", year) for year in _YEARS])
    # Ages are of the year-end before; half of them have a birthday before the grant.
    grants = grants[grants["age_years"] < _AGE_LAST].reset_index(drop=True)
    age = (grants["age_years"] + 1).to_numpy(dtype=np.int64)
    person = grants["person"].to_numpy(dtype=np.int64)
    weeks = country.weeks_before(person, grants["day"].to_numpy(), _WEEKS)
    weeks_adult = 52 * (age - 18)
    is_adult = np.arange(-_WEEKS, 0) >= -weeks_adult[:, None]
    parts = [grants[["person", "diagnosis"]]]
    for year in range(min(_YEARS) - _HEALTH_YEARS, max(_YEARS) + 1):
        parts.append(country.diagnoses(year, person))
    weeks = np.where(is_adult, weeks, np.int8(0))
    return Young(age, person, weeks, is_adult, pd.concat(parts, ignore_index=True))


def _aged(first: int, last: int) -> Measure:
    def measure(country: Generated) -> Measured:
        age = _young(country).age
        return share(int(((age >= first) & (age <= last)).sum()), age.size)

    return measure


def _supported(first: int, last: int) -> Measure:
    def measure(country: Generated) -> Measured:
        years = (~np.isin(_young(country).weeks, _UNSUPPORTED)).sum(axis=1) // 52
        return share(int(((years >= first) & (years <= last)).sum()), years.size)

    return measure


def _last_benefit(state: str) -> Measure:
    def measure(country: Generated) -> Measured:
        last = _young(country).weeks[:, -1]
        return share(int((last == state_number(state)).sum()), last.size)

    return measure


def _ever_resource(country: Generated) -> Measured:
    weeks = _young(country).weeks
    return share(int((weeks == state_number("resource_programme")).any(axis=1).sum()), len(weeks))


def _resource_before_education(country: Generated) -> Measured:
    weeks = _young(country).weeks
    weeks = weeks[weeks[:, -1] == state_number("education_benefit")]
    return share(int((weeks == state_number("resource_programme")).any(axis=1).sum()), len(weeks))


def _never_employed(country: Generated) -> Measured:
    """Return who never had half a year without benefits in a row: DREAM has no employment."""
    young = _young(country)
    run = np.zeros(len(young.weeks), dtype=np.int64)
    longest = np.zeros(len(young.weeks), dtype=np.int64)
    for week, is_adult in zip(young.weeks.T, young.is_adult.T, strict=True):
        run = (run + 1) * ((week == state_number("work")) & is_adult)
        longest = np.maximum(longest, run)
    return share(int((longest < _WEEKS_EMPLOYED).sum()), longest.size)


def _with(pattern: str) -> Measure:
    def measure(country: Generated) -> Measured:
        young = _young(country)
        has = young.diagnoses[young.diagnoses["diagnosis"].str.match(pattern)]
        return share(int(np.isin(young.person, has["person"]).sum()), young.person.size)

    return measure


_MENTAL = r"F[0-689]"


def _several_mental(country: Generated) -> Measured:
    young = _young(country)
    mental = young.diagnoses[young.diagnoses["diagnosis"].str.match(_MENTAL)]
    kinds = mental.assign(kind=mental["diagnosis"].str[:3]).groupby("person")["kind"].nunique()
    return share(int((kinds > 1).sum()), len(kinds))


MEASURES: dict[str, Measure] = {
    **{f"young_aged_{name}": _aged(*band) for name, band in _AGE_BANDS.items()},
    **{f"young_support_{name}": _supported(*band) for name, band in _SUPPORT_BANDS.items()},
    **{f"young_last_{name}": _last_benefit(state) for name, state in _LAST.items()},
    "young_ever_resource": _ever_resource,
    "young_resource_before_education": _resource_before_education,
    "young_mental": _with(_MENTAL),
    "young_several_mental": _several_mental,
    "young_somatic": _with(r"[CEGIJM]"),
    "young_substance": _with(r"F1"),
    "young_never_employed": _never_employed,
}
