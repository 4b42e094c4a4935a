"""The week columns of DREAM: their names in order, and the place of a day among them."""

from __future__ import annotations

from synthetic_data.ground.rng import Ints
from synthetic_data.ground.weeks import weeks_in_iso_year, year_start


def last_week(year: int) -> str:
    """Return DREAM's column of the last ISO week of ``year``."""
    return week_names(year, year)[-1]


def week_names(first_year: int, last_year: int) -> list[str]:
    """Return DREAM's columns of the ISO years, in order."""
    return [
        f"y_{year % 100:02d}{week:02d}"
        for year in range(first_year, last_year + 1)
        for week in range(1, weeks_in_iso_year(year) + 1)
    ]


def week_of(days: Ints, first_year: int) -> Ints:
    """Return the position among :func:`week_names` from ``first_year`` of the week of each day."""
    first_monday = year_start(first_year)
    # 4 January is always in ISO week 1; day 0, 1 January 1970, was a Thursday.
    first_monday = first_monday + 3 - (first_monday + 3 + 3) % 7
    return (days - first_monday) // 7
