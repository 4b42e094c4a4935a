"""The benefit states of the weekly histories and the DREAM codes that stand for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: DREAM codes used for each state, in the order of the internal code numbers 1, 2, ...
#: ``work`` is the blank week (code number 0). The three flexjob states write the flexjob codes;
#: a sick spell in a flexjob is a state of its own, because one returns from it to the flexjob, and
#: so is a case on sickness benefit beyond its limit, which ends otherwise than one before it.
CODES_BY_STATE: dict[str, tuple[str, ...]] = {
    "work": ("",),
    "unemployment": ("111",),
    "cash_benefit": ("130", "131", "132", "730", "731", "733"),
    "sickness": ("890", "892", "893"),
    "rehabilitation": ("750", "760", "763"),
    "student": ("651",),
    "parental": ("881",),
    "flexjob": ("771",),
    "flexjob_unemployment": ("740", "743"),
    "flexjob_sickness": ("890", "892", "893"),
    "education_benefit": ("140", "141", "143", "720"),
    "resource_programme": ("810", "811", "813"),
    "job_clarification": ("870", "871", "873"),
    "long_sickness": ("890", "892", "893"),
    "early_retirement": ("611",),
    "flex_allowance": ("621",),
    "old_age_pension": ("998",),
    "disability_pension": ("783",),
    "emigrated": ("997",),
    "dead": ("999",),
}
STATES = tuple(CODES_BY_STATE)
#: The states spells move between; the others are entered on a date and kept.
OPEN_STATES = STATES[: STATES.index("early_retirement")]


def state_number(state: str) -> int:
    """Return the number of a state, its position in ``STATES``."""
    return STATES.index(state)


#: Code number of the first code of each state, and how many codes it has.
FIRST_CODE = np.cumsum([0, *(len(codes) for codes in CODES_BY_STATE.values())])[:-1]
N_CODES = np.array([len(codes) for codes in CODES_BY_STATE.values()])
#: The DREAM code of each code number; number 0 is blank.
DREAM_CODES = tuple(code for codes in CODES_BY_STATE.values() for code in codes)
#: The state number of each code number.
STATE_OF_CODE = np.repeat(np.arange(len(STATES)), N_CODES).astype(np.int8)
#: Last digit of a code by what goes on beside the benefit; 0 is nothing.
MEASURE_DIGITS = {"none": "0", "guidance": "1", "work_placement": "3"}
_WITH_MEASURES = (
    *("cash_benefit", "education_benefit", "sickness", "flexjob_sickness", "rehabilitation"),
    *("flexjob_unemployment", "resource_programme", "job_clarification", "long_sickness"),
)


def is_among(codes: NDArray[np.int8], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return ``mask[codes]``, by comparing with the runs of ``mask``: several times faster."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    is_member = np.zeros(codes.shape, dtype=bool)
    for first, after in zip(edges[::2], edges[1::2], strict=True):
        # Numbers below the first wrap round to large ones.
        is_member |= (codes - np.int8(first)).view(np.uint8) < after - first
    return is_member


def codes_of(*states: str) -> NDArray[np.bool_]:
    """Return a mask over code numbers: True where the code belongs to one of ``states``."""
    return np.isin(STATE_OF_CODE, [state_number(state) for state in states])


#: Which code numbers are of a benefit whose last digit tells of measures.
HAS_MEASURES = codes_of(*_WITH_MEASURES)
#: The text of each code number, by measure.
_TEXTS = [
    [
        code[:2] + digit if has_measures else code
        for code, has_measures in zip(DREAM_CODES, HAS_MEASURES, strict=True)
    ]
    for digit in MEASURE_DIGITS.values()
]
#: The texts that DREAM is written with; the first is blank.
DREAM_TEXTS = tuple(
    dict.fromkeys(text for of_code in zip(*_TEXTS, strict=True) for text in of_code)
)
#: Place among :data:`DREAM_TEXTS` by measure (as :data:`MEASURE_DIGITS`) and code number.
TEXT_NUMBERS = np.array(
    [[DREAM_TEXTS.index(text) for text in texts] for texts in _TEXTS], dtype=np.int8
)
#: State number by text of DREAM. Sickness in a flexjob or beyond the limit has the texts of other
#: sickness, and is read as that.
STATE_OF_TEXT = {
    text: int(state)
    for texts in _TEXTS
    for text, state in reversed(list(zip(texts, STATE_OF_CODE, strict=True)))
}
