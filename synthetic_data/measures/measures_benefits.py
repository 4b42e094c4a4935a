"""Figures about who is on which benefit: stocks by age, cash benefit and its tenure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthetic_data.events.benefits import state_number
from synthetic_data.ground.rng import Ints
from synthetic_data.measures.dream_weeks import last_week, week_names
from synthetic_data.measures.generated import Generated, successors
from synthetic_data.measures.measured import Measure, Measured, count, share

_CASH, _EDUCATION = state_number("cash_benefit"), state_number("education_benefit")
_FP = state_number("disability_pension")
_FLEXJOBS = [state_number(s) for s in ("flexjob", "flexjob_unemployment", "flexjob_sickness")]
_STOCK_YEARS = range(2008, 2013)
_TENURE_YEARS = 10
_LONG_WEEKS = 5 * 52


def _stock(states: list[int], first_age: int, last_age: int) -> Measure:
    """Return a measure of persons in ``states`` per 1,000 of an age, the mean of municipalities."""

    def measure(country: Generated) -> Measured:
        parts = []
        for year in _STOCK_YEARS:
            residents = country.residents(year)
            age = year - residents["birth_year"]
            of_age = residents[(age >= first_age) & (age <= last_age)]
            is_on = np.isin(country.states(last_week(year), of_age["person"].to_numpy()), states)
            code = of_age["municipality_code"].map(successors())
            parts.append(pd.DataFrame({"code": code, "is_on": is_on}))
        by_code = pd.concat(parts).groupby("code")["is_on"].agg(["sum", "size"])
        rate = by_code["sum"] / by_code["size"]
        # The same persons are met in every year; each year is worth little of its own.
        variance = rate * (1 - rate) / (by_code["size"] / len(_STOCK_YEARS))
        return 1e3 * float(rate.mean()), 1e3 * float(np.sqrt(variance.sum())) / len(by_code)

    return measure


def _cash_benefit(year: int) -> Measure:
    def measure(country: Generated) -> Measured:
        names = week_names(year, year)
        weeks = sum(int((states == _CASH).sum()) for _, states in country.weeks(names))
        return count(weeks / len(names))

    return measure


def _tenure(country: Generated, year: int) -> Ints:
    """Return the weeks on cash or education benefit, ten years back, of those on cash now."""
    names = week_names(year - _TENURE_YEARS + 1, year)
    shares = []
    for _, states in country.weeks(names):
        now = states[states[:, -1] == _CASH]
        shares.append(np.isin(now, [_CASH, _EDUCATION]).sum(axis=1))
    return np.concatenate(shares)


def _short_part_of_the_fall(country: Generated) -> Measured:
    """Return the part of the fall in cash benefit, 2015-2021, with less than five years' tenure."""
    before, after = _tenure(country, 2015), _tenure(country, 2021)
    short = int((before < _LONG_WEEKS).sum()) - int((after < _LONG_WEEKS).sum())
    fall = before.size - after.size
    return share(short, fall)


MEASURES: dict[str, Measure] = {
    "fp_stock_25_39": _stock([_FP], 25, 39),
    "fp_stock_40_49": _stock([_FP], 40, 49),
    "fp_stock_50_59": _stock([_FP], 50, 59),
    "fj_stock_25_39": _stock(_FLEXJOBS, 25, 39),
    "fj_stock_40_49": _stock(_FLEXJOBS, 40, 49),
    "fj_stock_50_59": _stock(_FLEXJOBS, 50, 59),
    "cash_benefit_2015": _cash_benefit(2015),
    "cash_benefit_2021": _cash_benefit(2021),
    "cash_benefit_fall_short": _short_part_of_the_fall,
}
