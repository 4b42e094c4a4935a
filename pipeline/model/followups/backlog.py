"""Queue or practice: cases by month, and the part of a deviation that a queue makes for a while.

Who decides less than comes in builds a stock, grants too little in the window and more than usual
when the stock is cleared: no practice. Who waits is decided later, and what is decided has waited
longer (:func:`temporary_part`). Where applications that are not decided are delivered the stock is
seen besides (:func:`seen_part`), and the two looks are put together: a stock is a number of cases
and moves by chance, waits lag behind it. By Little's law the cases waiting are the rate at which
they come in times how long each waits: the change of the stock over the window is the usual rate
times the days that cases decided at its end have waited longer than those decided when it began.

Little, J. D. C. (1961). A proof for the queuing formula L = lambda W. Operations Research 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from pipeline.model.inference.funnel import benjamini_hochberg

#: Months whose waits tell the stock at a date: before it, and after it where decisions are known.
STOCK_MONTHS = 3
#: Years before the window of which the rate is usual: the last year before it is not among them.
USUAL_YEARS = 4
#: Decisions that a stock is told from at least.
FEWEST_DECISIONS = 5
#: Share of the deviations called temporary that may be so by chance.
FALSE_SHARE = 0.05
#: A temporary part (log) smaller than this is no queue to speak of.
SMALLEST_FLAGGED = 0.03
_DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Temporary:
    """What the queue adds to the log of the grants of the window, (M,), with its standard error.

    Below 0 where a stock was built; both are missing where there are too few decisions.
    """

    effect: np.ndarray
    se: np.ndarray

    @property
    def is_known(self) -> np.ndarray:
        """Whether there are decisions enough to tell, (M,)."""
        return np.isfinite(self.effect)

    @property
    def is_flagged(self) -> np.ndarray:
        """Whether it lies beyond chance and is not small, (M,).

        Of those so called :data:`FALSE_SHARE` at most are so by chance; small is below
        :data:`SMALLEST_FLAGGED`.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            p_value = 2 * stats.norm.sf(np.abs(self.effect) / self.se)
        is_beyond = np.nan_to_num(benjamini_hochberg(p_value), nan=1.0) < FALSE_SHARE
        return np.asarray(is_beyond & (np.nan_to_num(np.abs(self.effect)) >= SMALLEST_FLAGGED))


@dataclass(frozen=True)
class CaseMonths:
    """(M, T) decisions, sums of their days and squared days in T months from ``first_year`` on."""

    first_year: int
    n_decisions: np.ndarray
    days: np.ndarray
    days_squared: np.ndarray

    def period(self, first: int, n_months: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (M,) decisions, days and squared days of ``n_months`` from month ``first`` on."""
        months = slice(first, first + n_months)
        sums = (self.n_decisions, self.days, self.days_squared)
        n, days, squares = (values[:, months].sum(axis=1) for values in sums)
        return n, days, squares


def temporary_part(months: CaseMonths, years: Sequence[int]) -> Temporary | None:
    """Return the temporary part of the grants of ``years``, None without two usual years before.

    Applications are decisions and the change of the stock: the effect is the log of decisions over
    applications. The rate at which cases come in is that of the decisions of :data:`USUAL_YEARS`
    years that end a year before the window; the waits at its end are those of the last
    :data:`STOCK_MONTHS` months, at its beginning of as many before it and after it.
    """
    begin, end = (12 * (year - months.first_year) for year in (min(years), max(years) + 1))
    usual_from = max(begin - 12 * (USUAL_YEARS + 1), 0)
    usual_months = begin - 12 - usual_from
    if usual_months < 24 or end > months.n_decisions.shape[1]:
        return None
    n_usual = months.period(usual_from, usual_months)[0]
    a_day = n_usual / usual_months / _DAYS_PER_MONTH
    decided = months.period(begin, end - begin)[0]
    change = np.zeros(len(decided))
    variance = np.zeros(len(decided))
    is_known = n_usual >= FEWEST_DECISIONS
    for sign, first, n_months in (
        (1, end - STOCK_MONTHS, STOCK_MONTHS),
        (-1, begin - STOCK_MONTHS, 2 * STOCK_MONTHS),
    ):
        n, days, squares = months.period(first, n_months)
        is_known &= n >= FEWEST_DECISIONS
        with np.errstate(divide="ignore", invalid="ignore"):
            wait = days / n
            change += sign * a_day * wait
            variance += a_day**2 * (squares / n - wait**2) / (n - 1)
    applications = np.maximum(decided + change, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.log(decided / applications)
        se = np.sqrt(variance) / applications
    return _where_known(effect, se, is_known & (decided > 0))


def seen_part(
    decided: np.ndarray, before: np.ndarray, after: np.ndarray, noise_variance: np.ndarray
) -> Temporary:
    """Return the temporary part from (M,) cases decided in the window and the stocks at its ends.

    ``noise_variance`` is of the change of the stock as it is shown. By chance alone a stock is a
    Poisson number, and those of the two ends hold other cases.
    """
    applications = np.maximum(decided + after - before, 1.0)
    # Of both, or those with many decisions by chance would be known and the others not.
    is_known = np.minimum(decided, applications) >= FEWEST_DECISIONS
    # No case at either end is no certainty: one would be no surprise.
    variance = before + after + noise_variance
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.log(decided / applications)
        se = np.sqrt(np.where(variance > 0, variance, 1.0)) / applications
    return _where_known(effect, se, is_known)


def combined(one: Temporary, other: Temporary) -> Temporary:
    """Return the mean of two looks at the same part, each weighed by what it knows."""
    weights = [np.where(part.is_known, part.se, np.inf) ** -2.0 for part in (one, other)]
    total = weights[0] + weights[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = (
            weights[0] * np.nan_to_num(one.effect) + weights[1] * np.nan_to_num(other.effect)
        ) / total
        se = total**-0.5
    return _where_known(effect, se, one.is_known | other.is_known)


def shrunken(effect: np.ndarray, se: np.ndarray) -> np.ndarray:
    """Return (M,) temporary parts as far as they are more than chance, 0 where not known.

    Each is pulled towards none, the more the less is known of it: by the variance of all beyond
    their errors (by moments, municipalities weighed by what they know). An order of municipalities
    with unshrunken parts taken out would be disturbed where there are few cases.
    """
    is_known = np.isfinite(effect) & (se > 0)
    if not is_known.any():
        return np.zeros(len(effect))
    weight = se[is_known] ** -4.0
    beyond = effect[is_known] ** 2 - se[is_known] ** 2
    variance = max(float((weight * beyond).sum() / weight.sum()), 0.0)
    kept = np.zeros(len(effect))
    kept[is_known] = effect[is_known] * variance / (variance + se[is_known] ** 2)
    return kept


def _where_known(effect: np.ndarray, se: np.ndarray, is_known: np.ndarray) -> Temporary:
    return Temporary(np.where(is_known, effect, np.nan), np.where(is_known, se, np.nan))
