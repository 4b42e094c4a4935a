"""Which counts of a family are withheld, with exact numbers in all others.

1. A count from 1 to below the threshold is withheld, but for totals; of a total as small as that
   every part is, those of 0 too. With each small level of a dimension go the levels that keep it
   from being known, those of the fewest grants (:mod:`pipeline.disclosure.margins`).
2. Of the parts of a shown count, those withheld are none, or at least two that add up to the
   threshold; of a withheld count at least one part is. Municipalities are parts of the country.
   Where it is otherwise the smallest shown part is withheld too, a positive one before a zero.
3. What an attacker still knows for certain from all shown counts of all municipalities and outcomes
   together (:mod:`pipeline.disclosure.programme`) takes the smallest count beside it with it.

A family is coarse before fine: a level is withheld for the sake of levels, and crosses follow, so
that margins lose nothing to the cells below them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.disclosure.families import Family
from pipeline.disclosure.lines import is_small
from pipeline.disclosure.margins import withhold_levels
from pipeline.disclosure.programme import known

#: After so many rounds answers are exact; after twice as many it is asked which counts would be
#: known with everything withheld.
_PATIENCE = 4


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
    by_programme = hidden.copy()
    withhold_levels(family, outcomes, inside, by_programme[:, :-1], threshold)
    # Where a count among the levels chosen stays known, the smallest count beside each is taken.
    for tried, is_last in ((by_programme, False), (hidden, True)):
        _settle(family, counts, tried, threshold)
        if not is_attacked or _hide_known(
            family, outcomes, atoms, counts, tried, threshold, is_last=is_last
        ):
            return tried
    return hidden


def _hide_known(
    family: Family,
    outcomes: Sequence[str],
    atoms: np.ndarray,
    counts: np.ndarray,
    hidden: np.ndarray,
    threshold: int,
    *,
    is_last: bool,
) -> bool:
    """Withhold more (in place) until no small count is known that would not be in any case.

    Returns whether that came to an end; unless ``is_last`` it is left where it takes too long.
    """
    unsure = hidden[:, :-1] & is_small(counts[:, :-1], threshold)
    round_ = 0
    while True:
        # What can be otherwise still can when more is withheld.
        unsure = known(family, outcomes, atoms, hidden, unsure, is_exact=round_ >= _PATIENCE)
        if round_ == 2 * _PATIENCE and unsure.any():
            everything = np.ones_like(hidden)
            everything[:, :, family.total] = False
            unsure &= ~known(family, outcomes, atoms, everything, unsure, is_exact=True)
            if unsure.any() and not is_last:
                return False
        before = hidden.sum()
        for outcome, place, count in np.argwhere(unsure):
            for _ in range(2 ** max(round_ - 1, 0)):
                _hide_near(family, counts[:, :-1], hidden[:, :-1], (outcome, place, count))
        _settle(family, counts, hidden, threshold)
        if hidden.sum() == before:
            return True
        round_ += 1


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


def _hide_near(
    family: Family, counts: np.ndarray, hidden: np.ndarray, at: tuple[int, int, int]
) -> None:
    """Withhold (in place) the smallest shown count beside the one ``at`` outcome, place, count.

    Of the same municipality; where nothing is left of it, of one that withholds the same count, or
    the same count of another.
    """
    outcome, place, count = at
    for near in _near(family, len(counts), outcome, count):
        if _hide_smallest(counts, hidden, family, [(other, place, of) for other, of in near]):
            return
    every = range(counts.shape[1])
    alike = [other for other in every if hidden[outcome, other, count]]
    for near in _near(family, len(counts), outcome, count):
        if _hide_smallest(
            counts, hidden, family, [(of, other, part) for other in alike for of, part in near]
        ):
            return
    _hide_smallest(counts, hidden, family, [(outcome, other, count) for other in every])


def _hide_smallest(
    counts: np.ndarray, hidden: np.ndarray, family: Family, where: list[tuple[int, int, int]]
) -> bool:
    """Withhold (in place) the smallest shown count of ``where``; return whether there is one."""
    shown = [at for at in where if not hidden[at] and at[2] != family.total]
    if shown:
        hidden[min(shown, key=lambda at: (counts[at] == 0, counts[at]))] = True
    return bool(shown)


def _near(
    family: Family, n_outcomes: int, outcome: int, count: int
) -> Iterator[list[tuple[int, int]]]:
    """Yield where to look, as (outcome, count): parts of the same, other outcomes, its parents'."""
    splits = [(parent, parts) for parent, parts in family.splits if count in parts]
    for _, parts in reversed(splits):
        yield [(outcome, int(part)) for part in parts]
    yield [(other, count) for other in range(n_outcomes)]
    for _, parts in reversed(splits):
        yield [(other, int(part)) for other in range(n_outcomes) for part in parts]
    for parent, _ in splits:
        if parent != family.total:
            yield from _near(family, n_outcomes, outcome, parent)
