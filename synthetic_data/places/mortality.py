"""How likely people of an age and sex are to die, and to be alive."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Floats, Ints

#: Gompertz: yearly hazard at birth in 2000 of men and women, and its growth with age.
_AT_BIRTH = np.array([3.5e-5, 2.05e-5])
_PER_AGE = 0.100
#: How much the hazard of an age falls from year to year.
_FALL_PER_YEAR = 0.008
_GIRLS = 0.487  # share of births
#: Share of those born before the first of these years who died as children, and so on.
_CHILD_DEATHS_BEFORE = (1935, 1950)
_CHILD_DEATHS = np.array([0.15, 0.08, 0.02])


def hazard(age: Ints, year: int | Ints, is_female: NDArray[np.bool_]) -> Floats:
    """Return the yearly hazard of dying at each age in ``year``."""
    fall = _FALL_PER_YEAR * (year - 2000)
    return _AT_BIRTH[is_female.astype(np.int64)] * np.exp(_PER_AGE * age - fall)


def survival(birth_year: Ints, age: Ints) -> Floats:
    """Return the share of each cohort, both sexes, that is alive at its age."""
    return _of_each_sex(birth_year, age).sum(axis=0)


def share_of_women(birth_year: Ints, age: Ints) -> Floats:
    """Return the share of women among those of each cohort that are alive at their age."""
    alive = _of_each_sex(birth_year, age)
    return alive[1] / alive.sum(axis=0)


def survival_of_sex(birth_year: Ints, age: Ints, is_female: NDArray[np.bool_]) -> Floats:
    """Return the share of each cohort's men or women that is alive at its age, of its adults."""
    met = _met(birth_year, age)
    return np.exp(-_AT_BIRTH[is_female.astype(np.int64)] * met)


def years_to_death(hazard_now: Floats, uniform: Floats) -> Floats:
    """Return the years from now to the death of people whose hazard is ``hazard_now`` now."""
    growth = _PER_AGE - _FALL_PER_YEAR
    return np.log1p(-np.log(uniform) * growth / hazard_now) / growth


def _of_each_sex(birth_year: Ints, age: Ints) -> Floats:
    """Return the men and the women alive per born, (2, cohorts)."""
    lost = _CHILD_DEATHS[np.searchsorted(_CHILD_DEATHS_BEFORE, birth_year, side="right")]
    born = np.array([1 - _GIRLS, _GIRLS])[:, None]
    return born * (1 - lost) * np.exp(-_AT_BIRTH[:, None] * _met(birth_year, age))


def _met(birth_year: Ints, age: Ints) -> Floats:
    """Return the hazard met until ``age``, for a hazard of 1 at birth in 2000."""
    # The hazard met at age u is that of the year birth_year + u.
    growth = _PER_AGE - _FALL_PER_YEAR
    return np.exp(-_FALL_PER_YEAR * (birth_year - 2000)) * np.expm1(growth * age) / growth
