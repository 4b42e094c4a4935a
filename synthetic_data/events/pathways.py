"""The five pathways of "Veje til førtidspension", told apart by the five years before a grant.

The source clustered histories of 1,553 people; these are plain rules of ours that put everybody in
one of its five groups.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.events.benefits import state_number

ILL_EMPLOYEE, LONG_CASH, COMMUTER, SHORT_CASH, FLEXJOB = range(5)
PATHWAYS = ("ill_employee", "long_cash_benefit", "commuter", "short_cash_benefit", "flexjob")
WEEKS = 260
_LONG_CASH_WEEKS = 130  # half of the time
_SOME_CASH_WEEKS = 13
_RETURNS = 2  # to self-support, for at least _BACK_WEEKS
_BACK_WEEKS = 8

_CASH = [state_number("cash_benefit"), state_number("education_benefit")]
_FLEXJOB = [state_number(s) for s in ("flexjob", "flexjob_unemployment")]
_SELF = [state_number(s) for s in ("work", "student", "parental")]


def pathways(states: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the pathway of each row of ``states`` (persons, weeks), the last week the latest.

    Flexjob: any week in or between flexjobs. Long cash benefit: half of the weeks or more.
    Commuter: two returns or more from benefits to eight weeks or more of self-support. Short cash
    benefit: more than a quarter of a year of it. The rest left work once: ill employees.
    """
    cash_weeks = np.isin(states, _CASH).sum(axis=1)
    returns = _returns(np.isin(states, _SELF))
    return np.select(
        [
            np.isin(states, _FLEXJOB).any(axis=1),
            cash_weeks >= _LONG_CASH_WEEKS,
            returns >= _RETURNS,
            cash_weeks > _SOME_CASH_WEEKS,
        ],
        [FLEXJOB, LONG_CASH, COMMUTER, SHORT_CASH],
        ILL_EMPLOYEE,
    ).astype(np.int8)


def _returns(is_self: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return per row how many runs of eight weeks or more of self-support follow a benefit."""
    run = np.zeros(is_self.shape[0], dtype=np.int64)
    on_benefit_before = np.zeros(is_self.shape[0], dtype=bool)
    found = np.zeros(is_self.shape[0], dtype=np.int64)
    for week in is_self.T:
        on_benefit_before |= ~week
        run = (run + 1) * week
        found += (run == _BACK_WEEKS) & on_benefit_before
    return found
