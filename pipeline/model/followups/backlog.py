"""Queue or practice: cases by month, and the part of a deviation that a queue makes for a while.

Who decides less than comes in builds a stock, grants too little in the window and more than usual
when the stock is cleared: no practice. Only decided cases are in the register, so that the stock is
not seen; but whoever waits in it is decided later, and what is decided has waited longer. By
Little's law the cases waiting are the rate of decisions times the time that each has waited: the
stock beyond the usual is the sum, over the decisions of a few months, of the days beyond
the municipality's own usual ones, divided by the days of those months.

Little, J. D. C. (1961). A proof for the queuing formula L = lambda W. Operations Research 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

#: Months at the end of a period whose decisions tell the stock at its end.
STOCK_MONTHS = 4
#: Years before the window of which the days are usual: the last year before it is not among them.
USUAL_YEARS = 4
#: Decisions that a stock is told from at least.
FEWEST_DECISIONS = 5
#: Level of the limits that a deviation called temporary lies beyond.
FLAG_LEVEL = 0.99
#: A temporary part (log) smaller than this is no queue to speak of.
SMALLEST_FLAGGED = 0.03
_DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Temporary:
    """What the queue adds to the log of the grants of the window, (M,), with its standard error.

    Below 0 where a stock was built. ``is_known`` is false where there are too few decisions; the
    others are then missing. ``is_flagged`` where it lies beyond chance at :data:`FLAG_LEVEL` and
    is not smaller than :data:`SMALLEST_FLAGGED`.
    """

    effect: np.ndarray
    se: np.ndarray
    is_known: np.ndarray
    is_flagged: np.ndarray


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
    applications. The usual days are those of :data:`USUAL_YEARS` years that end a year before the
    window; the stock at its beginning and end is told by :data:`STOCK_MONTHS` months.
    """
    begin, end = (12 * (year - months.first_year) for year in (min(years), max(years) + 1))
    usual_from = max(begin - 12 * (USUAL_YEARS + 1), 0)
    usual_months = begin - 12 - usual_from
    if usual_months < 24 or end > months.n_decisions.shape[1]:
        return None
    n_usual, days_usual, squares_usual = months.period(usual_from, usual_months)
    with np.errstate(divide="ignore", invalid="ignore"):
        usual = days_usual / n_usual
        usual_variance = (squares_usual / n_usual - usual**2) / n_usual
    decided = months.period(begin, end - begin)[0]
    length = STOCK_MONTHS * _DAYS_PER_MONTH
    change = np.zeros(len(usual))
    variance = np.zeros(len(usual))
    weight = np.zeros(len(usual))
    is_known = n_usual >= FEWEST_DECISIONS
    for sign, last in ((1, end), (-1, begin)):
        n, days, squares = months.period(last - STOCK_MONTHS, STOCK_MONTHS)
        is_known &= n >= FEWEST_DECISIONS
        change += sign * (days - n * usual) / length
        # Numbers of decisions are chance too: of a sum of a Poisson number of terms.
        variance += (squares - 2 * usual * days + n * usual**2) / length**2
        weight += sign * n / length
    variance += weight**2 * usual_variance
    applications = np.maximum(decided + change, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.log(decided / applications)
        se = np.sqrt(variance) / applications
    is_known &= decided > 0
    effect, se = (np.where(is_known, values, np.nan) for values in (effect, se))
    reach = stats.norm.ppf((1 + FLAG_LEVEL) / 2)
    size = np.nan_to_num(np.abs(effect))
    return Temporary(effect, se, is_known, (size > reach * se) & (size >= SMALLEST_FLAGGED))
