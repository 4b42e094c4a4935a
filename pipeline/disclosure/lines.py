"""The rules on arrays of counts: small ones, lines of a total, and lines together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.disclosure.audit import computable_cells

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
    together: Protection,
) -> np.ndarray:
    """Return ``withheld`` (outcome x place x cell) with more cells until nothing changes.

    ``lines`` protects the lines of one outcome's table, ``together`` looks at all its totals at
    once and is asked only when the lines are safe. ANY is withheld where FP or FJ is.
    """
    result = withheld.copy()
    while True:
        before = result.sum()
        if {"FP", "FJ", "ANY"} <= set(outcomes):
            first, second, either = (list(outcomes).index(name) for name in ("FP", "FJ", "ANY"))
            result[either] |= result[first] | result[second]
        for table, mask in zip(counts, result, strict=True):
            lines(table, mask)
        if result.sum() != before:
            continue
        for table, mask in zip(counts, result, strict=True):
            together(table, mask)
        if result.sum() == before:
            return result


def protect_rows(table: np.ndarray, mask: np.ndarray, threshold: int) -> None:
    """Withhold more cells in ``mask`` (in place) until each row of ``table`` is safe."""
    for counts, withheld in zip(table, mask, strict=True):
        while withheld.any() and not withheld.all():
            if withheld.sum() >= 2 and counts[withheld].sum() >= threshold:
                break
            withhold_smallest(counts, withheld)


def protect_row_parts(
    table: np.ndarray, mask: np.ndarray, threshold: int, labels: np.ndarray
) -> None:
    """:func:`protect_rows`, for the cells of each label of ``labels`` (C,) apart."""
    for label in np.unique(labels):
        chosen = labels == label
        part = mask[:, chosen]
        protect_rows(table[:, chosen], part, threshold)
        mask[:, chosen] = part


def withhold_smallest(counts: np.ndarray, withheld: np.ndarray) -> None:
    """Withhold (in place) the smallest published count of a line, a positive one before a zero."""
    open_cells = np.flatnonzero(~withheld)
    positive = open_cells[counts[open_cells] > 0]
    choice = positive if positive.size else open_cells
    withheld[choice[np.argmin(counts[choice])]] = True


def protect_together(
    table: np.ndarray,
    mask: np.ndarray,
    threshold: int,
    *,
    place_lines: np.ndarray | None = None,
    country_lines: np.ndarray | None = None,
) -> None:
    """Withhold one more cell (in place) for each small count that follows from all totals.

    The last row of ``table`` is the country. Arguments as :func:`computable_cells`. The next cell
    is taken from the count's own line, else from its row, else from its column.
    """
    for place, cell in computable_cells(
        table, mask, threshold, place_lines=place_lines, country_lines=country_lines
    ):
        own = np.ones(table.shape[1], dtype=bool)
        if place_lines is not None and place < len(place_lines):
            own = place_lines[place] == place_lines[place, cell]
        if not mask[place, own].all():
            part = mask[place, own]
            withhold_smallest(table[place, own], part)
            mask[place, own] = part
        elif not mask[place].all():
            withhold_smallest(table[place], mask[place])
        elif not mask[:-1, cell].all():
            withhold_smallest(table[:-1, cell], mask[:-1, cell])
        elif not mask[-1, cell]:
            mask[-1, cell] = True
