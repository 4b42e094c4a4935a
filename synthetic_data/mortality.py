"""How likely people of an age are to die, and to be alive."""

from __future__ import annotations

import numpy as np

from synthetic_data.rng import Floats, Ints

_AT_BIRTH, _PER_YEAR = 2.6e-5, 0.100  # Gompertz: yearly hazard and its growth with age
#: Share of those born before the first of these years who died as children, and so on.
_CHILD_DEATHS_BEFORE = (1935, 1950)
_CHILD_DEATHS = np.array([0.15, 0.08, 0.02])


def hazard(age: Ints) -> Floats:
    """Return the yearly hazard of dying at each age."""
    return _AT_BIRTH * np.exp(_PER_YEAR * age)


def survival(birth_year: Ints, age: Ints) -> Floats:
    """Return the share of each cohort that is alive at its age."""
    lost = _CHILD_DEATHS[np.searchsorted(_CHILD_DEATHS_BEFORE, birth_year, side="right")]
    return (1 - lost) * np.exp(-hazard(age) / _PER_YEAR)
