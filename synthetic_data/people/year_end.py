"""A block of persons at the end of a year, and their lives: all its year-ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Ints
from synthetic_data.people.population import People

#: Positions of CIVST in ``U G F E P O L``.
UNMARRIED, MARRIED, DIVORCED, WIDOWED = range(4)
#: The same for who is in a registered partnership.
REGISTERED = np.array([0, 4, 5, 6], dtype=np.int8)


@dataclass(frozen=True)
class YearEnd:
    """A block on 31 December, one entry per person.

    ``family`` is the position of who stands for the household; ``civil_status`` indexes
    ``U G F E P O L``; ``children`` counts those under 18 in the household. Where a person is not
    resident the rest means nothing.
    """

    is_resident: NDArray[np.bool_]
    municipality: NDArray[np.int16]
    area: NDArray[np.int16]
    family: NDArray[np.int32]
    civil_status: NDArray[np.int8]
    children: NDArray[np.int8]

    @property
    def is_married(self) -> NDArray[np.bool_]:
        """Who is married or in a registered partnership."""
        return (self.civil_status == MARRIED) | (self.civil_status == REGISTERED[MARRIED])


@dataclass(frozen=True)
class Lives:
    """The people of a block and their year-ends, the first the one before the period.

    ``exit_year`` is the year in which each dies (``dies``) or emigrates, ``exit_day`` the day of
    that year, 0-364; ``NO_YEAR`` for who does neither in the period.
    """

    people: People
    first_year: int
    year_ends: list[YearEnd]
    exit_year: Ints
    exit_day: Ints
    dies: NDArray[np.bool_]

    def at_end_of(self, year: int) -> YearEnd:
        """Return the block at the end of ``year``."""
        return self.year_ends[year - self.first_year + 1]
