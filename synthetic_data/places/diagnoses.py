"""Main diagnoses of decisions: their mix by the person's state, and how municipalities tilt it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.codes import code_rows
from synthetic_data.ground.catalogue import ICD_BY_GROUP
from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.scenario import Scenario

#: Main diagnosis groups, in the order of every array over them.
GROUPS = tuple(ICD_BY_GROUP)
#: ICD-10 codes a decision may carry, by group.
_CODES = tuple(tuple(codes) for codes in ICD_BY_GROUP.values())
#: Diagnoses inside the groups that municipalities read differently, in the order of their list.
CONTESTED = tuple(
    row["diagnosis_subgroup"]
    for row in code_rows("diagnosis_subgroup")
    if row["kind"] == "contested"
)
_MENTAL_LEVELS, _SOMATIC_LEVELS = 3, 3


def _contested_of(codes: NDArray[np.str_]) -> NDArray[np.int64]:
    place = np.full(codes.size, -1)
    category = codes.astype("U3")
    for row in code_rows("diagnosis_subgroup"):
        if row["kind"] == "contested":
            inside = (category >= row["icd10_first"]) & (category <= row["icd10_last"])
            place[inside] = CONTESTED.index(row["diagnosis_subgroup"])
    return place


#: All codes one after another, the group of each, and which contested diagnosis it is, -1 for none.
_FLAT = np.array([code for codes in _CODES for code in codes])
_GROUP_OF_CODE = np.repeat(np.arange(len(_CODES)), [len(codes) for codes in _CODES])
_CONTESTED_OF_CODE = _contested_of(_FLAT)
N_STATES = _MENTAL_LEVELS * _SOMATIC_LEVELS * 2


def state_of(levels: Mapping[str, NDArray]) -> NDArray[np.int64]:
    """Return a number per person for what the mix depends on: health, and age below 40."""
    health = levels["mental_health"].astype(np.int64) * _SOMATIC_LEVELS + levels["somatic_health"]
    return health * 2 + (levels["age_band"] <= 2)


def group_mix(scenario: Scenario, outcome: str) -> Floats:
    """Return P(group | decision) under national practice, (states, groups)."""
    weights = scenario.diagnoses[outcome]

    def vector(name: str, absent: float) -> Floats:
        return np.array([weights[name].get(group, absent) for group in GROUPS])

    mix = np.tile(vector("all", 0.0), (N_STATES, 1))
    mental, somatic, young = np.unravel_index(
        np.arange(N_STATES), (_MENTAL_LEVELS, _SOMATIC_LEVELS, 2)
    )
    for name, applies in (
        ("psychotropic", mental == 1),
        ("mental_diagnosis", mental == 2),
        ("musculoskeletal", somatic == 1),
        ("other_serious", somatic == 2),
        ("under_40", young == 1),
    ):
        mix[applies] *= vector(name, 1.0)
    return mix / mix.sum(axis=1, keepdims=True)


def tilted_total(mix: Floats, tilt: Floats) -> Floats:
    """Return what ``tilt`` (M, groups) adds to the log odds of a grant, (M, states).

    A municipality multiplies the odds of a grant for each diagnosis by exp(tilt); the odds of any
    grant are multiplied by the mean over the diagnoses that national practice would give.
    """
    return np.log1p(np.expm1(tilt) @ mix.T)


def draw_diagnosis(
    name: str,
    year: int,
    person: Ints,
    state: Ints,
    tilt: Floats,
    contested: Floats,
    scenario: Scenario,
    stream: Stream,
) -> NDArray[np.str_]:
    """Return the main diagnosis of each decision, '' where none is recorded.

    ``state``, ``tilt`` (decisions, groups; log scale) and ``contested`` (decisions, contested
    diagnoses; log odds against others of the group) are those of each decision.
    """
    weights = group_mix(scenario, name)[state] * np.exp(tilt)
    cumulative = np.cumsum(weights, axis=1)
    u = stream.uniform(f"diagnosis_group_{name}", year, rows=person)
    group = np.sum(u[:, None] * cumulative[:, -1:] >= cumulative, axis=1)
    pick = stream.uniform(f"diagnosis_code_{name}", year, rows=person)
    code = _FLAT[_pick_code(group, pick, contested)]
    blank = stream.uniform(f"diagnosis_blank_{name}", year, rows=person)
    return np.where(blank < scenario.decisions.blank_diagnosis, "", code)


def _pick_code(group: Ints, pick: Floats, contested: Floats) -> NDArray[np.int64]:
    """Return the code of each decision: alike likely within the group but for ``contested``."""
    weights = (group[:, None] == _GROUP_OF_CODE).astype(np.float64)
    is_contested = _CONTESTED_OF_CODE >= 0
    weights[:, is_contested] *= np.exp(contested[:, _CONTESTED_OF_CODE[is_contested]])
    cumulative = np.cumsum(weights, axis=1)
    return np.sum(cumulative <= pick[:, None] * cumulative[:, -1:], axis=1)
