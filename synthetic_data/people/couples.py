"""Who lives with whom for some years of life: couples, at most one in a life.

Men and women of a unit who are about as old find each other, immigrants mostly those who came in
the same years. A couple is a matter of the unit alone, so that it is the same in every block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.sizes import FamilySizes
from synthetic_data.places.mortality import survival_of_sex

#: A year that never comes.
NO_YEAR = 9999
_BIRTH_YEARS, _ENTRY_YEARS = 8, 5  # couples are found within groups of so many years
_HE_IS_OLDER = 2.0  # years, on average
_AGE_SPREAD = 2.5  # years
_ADULT = 18
#: Registered partnerships exist from this year on; until 2012 two of one sex could not marry.
_PARTNERSHIP_FROM = 1989


@dataclass(frozen=True)
class Couples:
    """The couple of each person of a block, one entry per person.

    ``partner`` is a position in the block, -1 for none. The two live together at the year-ends
    ``first_year`` to ``end_year - 1`` as long as both are alive and here, and are married from
    ``wedding_year`` on (``NO_YEAR`` for none), ``is_registered`` when in a registered partnership.
    ``is_bereaved`` are those whose husband or wife died before the period began.
    """

    partner: Ints
    first_year: Ints
    wedding_year: Ints
    end_year: Ints
    is_registered: NDArray[np.bool_]
    is_bereaved: NDArray[np.bool_]

    def living_together(self, year: int, is_resident: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return who lives with a partner at the end of ``year``."""
        both = is_resident & is_resident[self.partner] & (self.partner >= 0)
        return both & (self.first_year <= year) & (year < self.end_year)


def draw_couples(
    unit: Ints,
    birth_year: Ints,
    birth_day: Ints,
    is_female: NDArray[np.bool_],
    entry_year: Ints,
    immigrated: NDArray[np.bool_],
    start_year: int,
    sizes: FamilySizes,
    stream: Stream,
) -> Couples:
    """Return the couples of whole units; ``start_year`` is the year-end before the period."""
    n = unit.size
    seeks = stream.uniform("seeks_partner") < sizes.couple_share
    weds = stream.uniform("weds") < sizes.wedding_share
    from_start = entry_year == start_year
    alive = survival_of_sex(birth_year, start_year - birth_year, ~is_female)
    is_bereaved = from_start & seeks & weds & (stream.uniform("bereaved") > alive)
    seeks &= ~is_bereaved
    same_sex = seeks & (stream.uniform("same_sex") < sizes.same_sex_share)
    key = birth_year + birth_day / 365 + _AGE_SPREAD * stream.normal("meets")
    key += np.where(is_female | same_sex, 0.0, _HE_IS_OLDER)
    keeps_apart = immigrated & (stream.uniform("mixes") > sizes.immigrants_mix)
    group = np.where(
        keeps_apart, 5_000 + entry_year // _ENTRY_YEARS, np.floor(key / _BIRTH_YEARS)
    ).astype(np.int64)
    one, other = _pairs(
        np.flatnonzero(seeks & ~same_sex & ~is_female),
        np.flatnonzero(seeks & ~same_sex & is_female),
        unit * 10_000 + group,
        key,
    )
    # Two of one sex: every second of them, by age, with the next.
    rows = np.flatnonzero(same_sex)
    rows = rows[np.lexsort((key[rows], is_female[rows], unit[rows]))]
    sides = 2 * unit + is_female
    first, second = _pairs(rows[::2], rows[1::2], sides, key)
    one, other = np.concatenate([one, first]), np.concatenate([other, second])

    partner = np.full(n, -1)
    partner[one], partner[other] = other, one
    head = np.where(partner < 0, np.arange(n), np.minimum(np.arange(n), partner))
    begins = birth_year + sizes.couple_age + sizes.couple_age_spread * stream.normal("couple_age")
    begins = np.maximum(begins[head], np.maximum(birth_year, birth_year[partner]) + _ADULT)
    # Two who live here when the period begins may have been together long.
    here = np.where(from_start & from_start[partner], begins, entry_year)
    begins = np.maximum(begins, np.maximum(here, here[partner])).astype(np.int64)
    lasts = 2 - sizes.couple_years * np.log(stream.uniform("couple_lasts"))[head]
    waits = sizes.wedding_years * -np.log(stream.uniform("wedding"))[head]
    wedding = begins + waits.astype(np.int64)
    is_registered = same_sex & (partner >= 0)
    wedding = np.where(is_registered, np.maximum(wedding, _PARTNERSHIP_FROM), wedding)
    end = begins + lasts.astype(np.int64)
    has = partner >= 0
    weds = weds[head] & has & (wedding < end)
    return Couples(
        partner=partner,
        first_year=np.where(has, begins, NO_YEAR),
        wedding_year=np.where(weds, wedding, NO_YEAR),
        end_year=np.where(has, end, NO_YEAR),
        is_registered=is_registered,
        is_bereaved=is_bereaved,
    )


def _pairs(one: Ints, other: Ints, group: Ints, key: Floats) -> tuple[Ints, Ints]:
    """Return rows of ``one`` and of ``other`` that are equally far, by key, in the same group."""
    places = []
    for rows in (one, other):
        rows = rows[np.lexsort((key[rows], group[rows]))]
        of_row = group[rows]
        nth = np.arange(rows.size) - np.searchsorted(of_row, of_row)
        places.append((rows, of_row * 10_000 + nth))
    (one, place), (other, other_place) = places
    _, at, at_other = np.intersect1d(place, other_place, assume_unique=True, return_indices=True)
    return one[at], other[at_other]
