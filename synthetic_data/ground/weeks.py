"""ISO weeks and days as integers: the calendar of a generated period.

Days are counted from 1970-01-01, weeks from the first ISO week of the first year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from synthetic_data.ground.rng import Ints

_EPOCH = date(1970, 1, 1).toordinal()
#: A week that never comes.
NEVER = np.int64(1 << 30)


def year_start(year: int) -> int:
    """Return the day number of 1 January."""
    return date(year, 1, 1).toordinal() - _EPOCH


def year_starts(years: Ints) -> Ints:
    """Return the day number of 1 January of each year."""
    dates = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    return dates.astype(np.int64)


def days_in_year(year: int) -> int:
    """Return 365 or 366."""
    return year_start(year + 1) - year_start(year)


def weeks_in_iso_year(year: int) -> int:
    """Return 52 or 53: 28 December is always in the last ISO week of its year."""
    return date(year, 12, 28).isocalendar().week


@dataclass(frozen=True)
class Calendar:
    """The ISO weeks of the ISO years ``first_year`` to ``last_year``, both included."""

    first_year: int
    last_year: int

    @cached_property
    def _starts(self) -> dict[int, int]:
        starts, total = {}, 0
        for year in range(self.first_year, self.last_year + 2):
            starts[year] = total
            total += weeks_in_iso_year(year)
        return starts

    @cached_property
    def _first_monday(self) -> int:
        return date.fromisocalendar(self.first_year, 1, 1).toordinal() - _EPOCH

    @property
    def n_weeks(self) -> int:
        """Number of weeks in all."""
        return self._starts[self.last_year + 1]

    def span(self, year: int) -> tuple[int, int]:
        """Return the first week of ISO year ``year`` and the first week after it."""
        return self._starts[year], self._starts[year + 1]

    def weeks_before(self, year: int) -> int:
        """Return how many weeks of the period lie before ISO year ``year``."""
        return self._starts[min(max(year, self.first_year), self.last_year + 1)]

    def week_after(self, days: Ints) -> Ints:
        """Return the week whose Monday is the first one strictly after each day."""
        return (days - self._first_monday) // 7 + 1

    @property
    def column_names(self) -> list[str]:
        """DREAM's column names in order, ``y_YYWW``."""
        return [
            f"y_{year % 100:02d}{week:02d}"
            for year in range(self.first_year, self.last_year + 1)
            for week in range(1, weeks_in_iso_year(year) + 1)
        ]
