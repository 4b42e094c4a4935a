"""Keyed random numbers: a draw depends on seed, person, year and variable, on nothing else.

Each draw is the splitmix64 finaliser of a person's key plus a constant of the variable's name,
the year and a counter, so it is the same whatever block, process or order asks for it. No state
is kept.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_YEAR_STEP = 0xD1B54A32D192ED03
_COUNTER_STEP = 0x8CB92BA72F3D8DD7
_TWO_53 = 2.0**-53

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]


def mix(values: Bits) -> Bits:
    """Return the splitmix64 finaliser of each 64-bit value (Steele, Lea, Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@cache
def _variable_key(variable: str) -> int:
    return int.from_bytes(hashlib.blake2b(variable.encode(), digest_size=8).digest(), "little")


def _offset(variable: str, year: int, counter: int) -> np.uint64:
    key = _variable_key(variable) + year * _YEAR_STEP + counter * _COUNTER_STEP
    return mix(np.array([key & _MASK], dtype=np.uint64))[0]


def to_uniform(bits: Bits) -> Floats:
    """Return 64-bit values as numbers strictly between 0 and 1."""
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * _TWO_53


class Stream:
    """The random numbers of a set of units (persons of a block, municipalities), by their ids."""

    def __init__(self, seed: int, ids: Ints) -> None:
        start = mix(np.array([(seed + _GOLDEN) & _MASK], dtype=np.uint64))
        self._keys = mix(start + ids.astype(np.uint64) * np.uint64(_GOLDEN))

    def uniform(
        self, variable: str, year: int = 0, *, rows: Ints | None = None, counter: int = 0
    ) -> Floats:
        """Return one number in (0, 1) per unit, or per unit listed in ``rows``."""
        keys = self._keys if rows is None else self._keys[rows]
        return to_uniform(mix(keys + _offset(variable, year, counter)))

    def normal(self, variable: str, year: int = 0, *, rows: Ints | None = None) -> Floats:
        """Return one standard normal number per unit, or per unit listed in ``rows``."""
        return ndtri(self.uniform(variable, year, rows=rows))

    def bits(self, variable: str, year: int, rows: Ints, counters: Ints) -> Bits:
        """Return 64 random bits per event: unit ``rows[j]``, its event number ``counters[j]``."""
        keys = self._keys[rows] + counters.astype(np.uint64) * np.uint64(_COUNTER_STEP)
        return mix(keys + _offset(variable, year, 0))


def geometric(uniform: Floats, rate: Floats | float) -> Ints:
    """Return counts 0, 1, 2, .. with P(count >= k) = exp(-k / rate); the mean is near the rate."""
    return np.floor(-np.log(uniform) * rate).astype(np.int64)


def logistic(eta: Floats) -> Floats:
    """Return 1 / (1 + exp(-eta)), elementwise."""
    return 1.0 / (1.0 + np.exp(-eta))


def explode(counts: Ints) -> tuple[Ints, Ints]:
    """Return (rows, counters) of one entry per event: unit i appears ``counts[i]`` times."""
    rows = np.repeat(np.arange(counts.size), counts)
    first = np.cumsum(counts) - counts
    return rows, np.arange(rows.size) - first[rows]
