"""How the cells of a heat table are shaded, and the sums beside them."""

from __future__ import annotations

from reports.content.cells import Cell
from reports.content.municipality import Level, Slice

#: Actual over expected within this of 1 counts as about as expected.
ABOUT = 0.10


def heat_kind(cell: Cell) -> str:
    """Return how a cell is shaded: how far from expected, and whether beyond chance.

    ``hidden``, ``plain`` without an interval, ``as-expected``, or ``fewer`` or ``more`` with
    ``-maybe`` or, where the interval lies on one side of 1, ``-sure``.
    """
    if cell.observed is None:
        return "hidden-count"
    if cell.ratio_low is None or cell.ratio_high is None or cell.expected <= 0:
        return "plain"
    if cell.ratio_high < 1:
        return "fewer-sure"
    if cell.ratio_low > 1:
        return "more-sure"
    ratio = cell.observed / cell.expected
    if abs(ratio - 1) <= ABOUT:
        return "as-expected"
    return "more-maybe" if ratio > 1 else "fewer-maybe"


def cell_of(part: Slice | Level) -> Cell:
    """Return a year or a level of a dimension as a cell."""
    return Cell(
        part.observed, part.expected, part.ratio_low, part.ratio_high, part.observed is None
    )


def sum_of(cells: list[Cell]) -> Cell:
    """Return the sum, shown only where no cell of it is hidden; it carries no interval."""
    counts = [cell.observed for cell in cells]
    known = [count for count in counts if count is not None]
    observed = sum(known) if len(known) == len(counts) else None
    return Cell(observed, sum(cell.expected for cell in cells), None, None, observed is None)
