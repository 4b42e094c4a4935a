"""How likely people of an age are to die, and to be alive."""

from __future__ import annotations

import numpy as np

from synthetic_data.rng import Floats, Ints

_AT_BIRTH, _PER_YEAR = 3e-5, 0.093  # Gompertz: yearly hazard and its growth with age


def hazard(age: Ints) -> Floats:
    """Return the yearly hazard of dying at each age."""
    return _AT_BIRTH * np.exp(_PER_YEAR * age)


def survival(age: Ints) -> Floats:
    """Return the share of a cohort alive at each age."""
    return np.exp(-hazard(age) / _PER_YEAR)
