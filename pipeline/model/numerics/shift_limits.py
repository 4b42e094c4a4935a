"""Exact mid-p limits of a unit's expected count when the odds of all its people move together.

The Poisson limits of a count are too wide where the outcome is common. Here the count is
Poisson-binomial, and the limits are the expected counts at the two common log-odds shifts for
which the observed count is just outside chance: the test of
:func:`pipeline.model.numerics.poisson_binomial.poisson_binomial_midp` turned around, so that
limits leave out the expected count exactly where that test rejects it.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize, special

from pipeline.model.numerics.intervals import normal_quantile
from pipeline.model.numerics.poisson_binomial import poisson_binomial_midp
from pipeline.model.numerics.shift import solve_shift

#: Distinct risks of a unit that are told apart in its limits; beyond, neighbours share their mean.
MOST_RISKS = 128
#: How near the limits are found, log odds.
TOLERANCE = 1e-9


def shifted_count_limits(
    observed: int, risk: np.ndarray, count: np.ndarray, level: float
) -> tuple[float, float]:
    """Return mid-p limits of the expected count of ``sum(count)`` people, of whom ``observed`` had.

    ``risk`` (cells), above 0 and below 1, and whole ``count`` (cells) people with each. 0 events
    have the lower limit 0, events in everyone the upper limit of all. With more than
    ``MOST_RISKS`` distinct risks the limits are off by about 1e-5 of their width.
    """
    risk, count = _joined(risk, count)
    log_odds = special.logit(risk)
    quantile = normal_quantile(level)
    total = float(count.sum())
    middle = min(max(float(observed), 0.5), total - 0.5) if total > 1 else 0.5
    start = float(solve_shift(log_odds, count, np.array([middle]))[0])
    p = special.expit(log_odds + start)
    reach = quantile / np.sqrt(float(count @ (p * (1 - p))))

    def gap(shift: float) -> float:
        # On the scale of normal scores the p-value is nearly linear in the shift.
        value = poisson_binomial_midp(observed, special.expit(log_odds + shift), count)
        return float(-special.ndtri(max(value, 1e-300) / 2)) - quantile

    def limit(side: int) -> float:
        inner, outer = start, start + side * reach
        while gap(outer) < 0:
            inner, outer = outer, outer + side * reach
        shift = float(optimize.brentq(gap, inner, outer, xtol=TOLERANCE))
        return float(count @ special.expit(log_odds + shift))

    return (0.0 if observed == 0 else limit(-1), total if observed == total else limit(+1))


def _joined(risk: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return distinct risks and their people; too many are put together with their neighbours."""
    distinct, where = np.unique(risk, return_inverse=True)
    people = np.bincount(where, count)
    if len(distinct) > MOST_RISKS:
        log_odds = special.logit(distinct)
        width = (log_odds[-1] - log_odds[0]) / MOST_RISKS
        place = np.minimum((log_odds - log_odds[0]) // width, MOST_RISKS - 1).astype(np.int64)
        inside = np.bincount(place, people)
        mean = np.bincount(place, people * distinct)[inside > 0] / inside[inside > 0]
        return mean, inside[inside > 0]
    return distinct[people > 0], people[people > 0]
