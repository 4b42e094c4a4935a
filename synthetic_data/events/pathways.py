"""The five pathways of "Veje til førtidspension", by the rules of the code list ``pathway``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.codes.pathways import WEEKS, pathway_names, pathways_by_rule
from synthetic_data.events.benefits import STATES

__all__ = ["COMMUTER", "FLEXJOB", "ILL_EMPLOYEE", "LONG_CASH", "SHORT_CASH", "WEEKS", "pathways"]

PATHWAYS = pathway_names()
ILL_EMPLOYEE, LONG_CASH, COMMUTER, SHORT_CASH, FLEXJOB = (
    PATHWAYS.index(name)
    for name in ("ill_employee", "long_cash_benefit", "commuter", "short_cash_benefit", "flexjob")
)
#: Our states by the names that the rules use, where they differ.
_BENEFIT_STATES = {"work": "none", "student": "student_grant", "parental": "parental_leave"}
_NAMES = tuple(_BENEFIT_STATES.get(state, state) for state in STATES)


def pathways(states: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the place in ``PATHWAYS`` of each row of ``states`` (persons, weeks)."""
    return pathways_by_rule(states, _NAMES)
