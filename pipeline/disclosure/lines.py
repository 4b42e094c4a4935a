"""The rules on arrays of counts: small ones, lines of a total, and lines together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from pipeline.disclosure.outcomes import PARTS, WHOLE, LinesOf, Shifts

#: Withholds more cells of one table (in place): counts and mask, both places x cells.
Protection = Callable[[np.ndarray, np.ndarray], None]


def is_small(counts: np.ndarray, threshold: int) -> np.ndarray:
    """Return where ``counts`` are from 1 to below ``threshold``."""
    return np.asarray((counts > 0) & (counts < threshold))


def settle(
    outcomes: Sequence[str],
    counts: np.ndarray,
    withheld: np.ndarray,
    lines: Protection,
    lines_of: LinesOf | None,
    threshold: int,
    *,
    country_is_known: bool,
) -> np.ndarray:
    """Return ``withheld`` (outcome x place x cell) with more cells until nothing changes.

    ``lines`` protects the lines of one outcome's table; when those are safe, all totals of all
    outcomes are looked at together, ``lines_of`` giving a table's lines (None: its places have no
    known totals). ANY is withheld where FP or FJ is. With ``country_is_known`` the last place is
    never withheld. A small count that would follow with every cell withheld is left as it is:
    nothing more can be done for it.
    """
    result = withheld.copy()
    everything = np.ones_like(result)
    everything[:, -1] = not country_is_known
    checked = np.zeros_like(result)
    if lines_of is not None:
        checked = Shifts(outcomes, counts, everything, lines_of).can_shift(
            is_small(counts, threshold)
        )
    safe = np.zeros_like(result)
    while True:
        before = result.sum()
        if WHOLE in outcomes:
            whole = list(outcomes).index(WHOLE)
            for part in PARTS:
                if part in outcomes:
                    result[whole] |= result[list(outcomes).index(part)]
        for table, mask in zip(counts, result, strict=True):
            lines(table, mask)
        if result.sum() != before:
            continue
        if lines_of is not None:
            # What can be shifted still can when more is withheld.
            asked = checked & result & ~safe
            safe |= Shifts(outcomes, counts, result.copy(), lines_of).can_shift(asked)
            for outcome, place, cell in np.argwhere(asked & ~safe):
                labels = lines_of(counts[outcome])[0]
                _withhold_near(counts, result, everything, (outcome, place, cell), labels)
        if result.sum() == before:
            return result


def protect_rows(table: np.ndarray, mask: np.ndarray, threshold: int) -> None:
    """Withhold more cells in ``mask`` (in place) until each row of ``table`` is safe."""
    for counts, withheld in zip(table, mask, strict=True):
        while withheld.any() and not withheld.all():
            if withheld.sum() >= 2 and counts[withheld].sum() >= threshold:
                break
            withhold_smallest(counts, withheld)


def withhold_smallest(counts: np.ndarray, withheld: np.ndarray) -> None:
    """Withhold (in place) the smallest published count of a line, a positive one before a zero."""
    open_cells = np.flatnonzero(~withheld)
    positive = open_cells[counts[open_cells] > 0]
    choice = positive if positive.size else open_cells
    withheld[choice[np.argmin(counts[choice])]] = True


def _withhold_near(
    counts: np.ndarray,
    withheld: np.ndarray,
    may_hide: np.ndarray,
    cell: tuple[int, int, int],
    labels: np.ndarray | None,
) -> None:
    """Withhold (in place) one more count of outcome x place x cell beside ``cell``.

    It is taken from the count's own line (``labels``, the place lines of its outcome), else its
    row, else its column, else from the same cell, row and column of another outcome, else from
    lines that share a withheld cell with those, else from anywhere in ``may_hide``.
    """
    outcome, place, column = cell
    for near in _places_near(withheld, outcome, place, column, labels):
        candidates = near & may_hide
        if not withheld[candidates].all():
            part = withheld[candidates]
            withhold_smallest(counts[candidates], part)
            withheld[candidates] = part
            return


def _places_near(
    withheld: np.ndarray, outcome: int, place: int, column: int, labels: np.ndarray | None
) -> Iterator[np.ndarray]:
    """Yield masks (outcome x place x cell) of where to look, the nearest first."""

    def mask(*index: int | slice | np.ndarray) -> np.ndarray:
        result = np.zeros_like(withheld)
        result[index] = True
        return result

    every = slice(None)
    if labels is not None and place < len(labels):
        yield mask(outcome, place, labels[place] == labels[place, column])
    yield mask(outcome, place)
    yield mask(outcome, every, column)
    yield mask(every, place, column)
    yield mask(every, place) | mask(every, every, column)
    yield mask(outcome, withheld[outcome, :, column]) | mask(
        outcome, every, withheld[outcome, place]
    )
    yield mask(outcome)
    yield mask(every)
