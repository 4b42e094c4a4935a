"""Which counts of a family are withheld, with exact numbers in all others.

1. A count from 1 to below the threshold is withheld, but for totals; of a total as small as that
   every part is, those of 0 too. With each small level of a dimension go the levels that keep it
   from being known, those of the fewest grants (:mod:`pipeline.disclosure.margins`).
2. Of the parts of a shown count, those withheld are none, or at least two that add up to the
   threshold; of a withheld count at least one part is. Municipalities are parts of the country.
   Where it is otherwise the smallest shown part is withheld too, a positive one before a zero.
3. What an attacker still knows for certain from all shown counts of all municipalities and outcomes
   together takes those counts along, wherever they are, that free it and cost the fewest grants
   (:mod:`pipeline.disclosure.programme`).

A family is coarse before fine: the levels of each dimension are decided, and attacked, by
themselves, and crosses follow. A level goes for a cross's sake only where nothing else will do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.disclosure.families import Family
from pipeline.disclosure.lines import is_small
from pipeline.disclosure.margins import dimensions, prices, withhold_levels
from pipeline.disclosure.programme import GROUP, Companions, known

#: What a grant in a level, and in a cross of the country, costs that is withheld for the sake of a
#: municipality's cross, one in that being 1.
_LEVEL_WORTH, _COUNTRY_WORTH = 100, 10


def withheld(
    family: Family,
    outcomes: Sequence[str],
    atoms: np.ndarray,
    threshold: int,
    *,
    is_attacked: bool = True,
) -> np.ndarray:
    """Return (O, M + 1, S) which counts are withheld; the last place is the country.

    ``atoms`` is (O, M, A), as counted. Without ``is_attacked`` only the first two rules hold.
    """
    inside = family.values(atoms)
    counts = np.concatenate([inside, inside.sum(axis=1, keepdims=True)], axis=1)
    hidden = is_small(counts, threshold)
    hidden[hidden[:, :, family.total]] = True
    hidden[:, :, family.total] = False
    if not hidden.any():
        return hidden
    price = prices(family, counts)
    withhold_levels(family, outcomes, inside, hidden[:, :-1], price[:, :-1], threshold)
    for dimension in dimensions(family):
        at = np.r_[family.total, dimension.counts]
        levels, group = family.only(at)
        of_levels = hidden[:, :, at]
        _settle(levels, counts[:, :, at], of_levels, threshold)
        if is_attacked:
            sums = atoms @ np.eye(group.max() + 1, dtype=atoms.dtype)[group]
            _hide_known(
                levels, outcomes, sums, counts[:, :, at], of_levels, price[:, :, at], threshold
            )
        hidden[:, :, at] = of_levels
    _settle(family, counts, hidden, threshold)
    if is_attacked and not family.is_margin.all():
        price[:, :, family.is_margin] *= _LEVEL_WORTH
        price[:, -1] *= _COUNTRY_WORTH
        _hide_known(family, outcomes, atoms, counts, hidden, price, threshold)
    return hidden


def _hide_known(
    family: Family,
    outcomes: Sequence[str],
    atoms: np.ndarray,
    counts: np.ndarray,
    hidden: np.ndarray,
    price: np.ndarray,
    threshold: int,
) -> None:
    """Withhold more (in place) until no small count is known that would not be in any case.

    ``counts`` (O, M + 1, S) are those of ``atoms``, the last place the country.
    """
    is_asked = hidden[:, :-1] & is_small(counts[:, :-1], threshold)
    unsure = known(family, outcomes, atoms, hidden, is_asked)
    country = atoms.shape[1]
    # What few withhold says the most of where a count can be made up for, levels more than crosses.
    rarity = np.where(family.is_margin, 100, 1) / np.maximum(hidden[:, :-1].sum(axis=1), 1)[:, None]
    for place in np.flatnonzero(unsure.any(axis=(0, 2))):
        in_common = ((hidden[:, :-1] & hidden[:, [place]]) * rarity).sum(axis=(0, 2))
        in_common[place] = np.inf
        every = np.argsort(-in_common, kind="stable")
        sizes = [GROUP, 3 * GROUP] if country > GROUP and not family.is_margin.all() else []
        for places in [*(every[:size] for size in sizes if size < country), every]:
            if not unsure[:, place].any():
                break
            of = [*places, country]
            programme = Companions(
                family,
                outcomes,
                atoms[:, places],
                hidden[:, of],
                price[:, of],
                are_levels_soft=len(places) == country,
            )
            for outcome, count in np.argwhere(unsure[:, place]):
                if not unsure[outcome, place, count]:
                    continue
                answer = programme.of((outcome, 0, count), hidden[:, of])
                if answer is None:
                    continue
                further, moved = answer
                unsure[:, places] &= ~moved
                if len(further):
                    hidden[further[:, 0], np.array(of)[further[:, 1]], further[:, 2]] = True
                    _settle(family, counts, hidden, threshold)


def _settle(family: Family, counts: np.ndarray, hidden: np.ndarray, threshold: int) -> None:
    """Withhold more (in place) until the second rule holds, or nothing is left to withhold."""
    before = -1
    while hidden.sum() != before:
        before = hidden.sum()
        for parent, parts in family.splits:
            below = hidden[:, :, parts]
            _protect(counts[:, :, parts], below, hidden[:, :, parent], threshold)
            hidden[:, :, parts] = below
        # Municipalities as parts of the country, (O, S, M); totals are shown.
        below = np.moveaxis(hidden[:, :-1], 1, 2).copy()
        is_country_hidden = hidden[:, -1] & ~family.is_margin
        _protect(np.moveaxis(counts[:, :-1], 1, 2), below, is_country_hidden, threshold)
        below[:, family.total] = False
        hidden[:, :-1] = np.moveaxis(below, 2, 1)


def _protect(
    counts: np.ndarray, hidden: np.ndarray, is_parent_hidden: np.ndarray, threshold: int
) -> None:
    """Withhold (in place) one more of the parts (..., K) wherever those withheld are too few."""
    n_hidden, in_all = hidden.sum(axis=-1), np.where(hidden, counts, 0).sum(axis=-1)
    few = (n_hidden > 0) & ((n_hidden < 2) | (in_all < threshold))
    at = np.nonzero(np.where(is_parent_hidden, n_hidden == 0, few))
    worth = np.where(counts[at] > 0, counts[at], np.iinfo(np.int64).max - 1)
    worth[hidden[at]] = np.iinfo(np.int64).max
    choice = worth.argmin(axis=-1)
    hidden[(*at, choice)] = True
