"""Which woman of the unit has each child of a year."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Ints, Stream

#: Ages at which a woman may have a child.
MOTHER_AGE_FIRST, MOTHER_AGE_LAST = 16, 46
#: Mean age at birth: 26 in 1970, a year older every eight years; and its standard deviation.
_MEAN_AGE_1970, _YEARS_PER_YEAR, _AGE_SPREAD = 26.0, 1 / 8, 4.8
_OLDEST_MEAN_AGE = 31.0
#: Log weight of a woman by the children she has: most want two.
_BY_CHILDREN = np.log([1.0, 1.5, 0.45, 0.22, 0.10, 0.02])
#: Log weight by the years since her last child: 0, 1, 2, more.
_BY_YEARS_SINCE = np.log([1e-6, 0.1, 0.9, 1.0])
_WITHOUT_PARTNER = np.log(0.13)


def draw_mothers(
    year: int,
    unit_born: Ints,
    may_be_mother: NDArray[np.bool_],
    unit: Ints,
    age: Ints,
    children: Ints,
    last_birth: Ints,
    lives_together: NDArray[np.bool_],
    stream: Stream,
) -> Ints:
    """Return the mother of each child born in ``year``, -1 where its unit has no woman for it.

    ``unit_born`` is the unit of each child, in order; the rest is of the block's persons: who may
    have a child, her unit and age, the children she has, the year of the last, and whether she has
    a partner. Women are drawn without replacement as long as there are enough.
    """
    women = np.flatnonzero(may_be_mother & (age >= MOTHER_AGE_FIRST) & (age <= MOTHER_AGE_LAST))
    mothers = np.full(unit_born.size, -1)
    if not women.size or not unit_born.size:
        return mothers
    mean = min(_MEAN_AGE_1970 + _YEARS_PER_YEAR * (year - 1970), _OLDEST_MEAN_AGE)
    weight = -0.5 * ((age[women] - mean) / _AGE_SPREAD) ** 2
    weight += _BY_CHILDREN[np.minimum(children[women], _BY_CHILDREN.size - 1)]
    weight += _BY_YEARS_SINCE[np.clip(year - last_birth[women], 0, _BY_YEARS_SINCE.size - 1)]
    weight += np.where(lives_together[women], 0.0, _WITHOUT_PARTNER)
    # The largest of weight plus Gumbel noise are a weighted draw without replacement.
    drawn = weight - np.log(-np.log(stream.uniform("has_child", year, rows=women)))
    women = women[np.lexsort((-drawn, unit[women]))]
    first = np.searchsorted(unit[women], unit_born)
    there = np.searchsorted(unit[women], unit_born, side="right") - first
    nth = np.arange(unit_born.size) - np.searchsorted(unit_born, unit_born)
    has_mother = there > 0
    mothers[has_mother] = women[first[has_mother] + nth[has_mother] % there[has_mother]]
    return mothers
