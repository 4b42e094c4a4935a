"""Which withheld counts could be computed from all published totals together.

Withheld cells, bound by the totals of their lines, are the flows of a network: lines are its nodes,
and a cell joins the line of its row to the line of its column. A count can differ from what it is
exactly when it lies on a cycle along which counts can be shifted without changing a total or going
below zero; a cell on no such cycle is known to whoever adds and subtracts. See Gusfield, D. (1988),
A graph theoretic approach to statistical data security, SIAM J. Computing 17, 552-571.
"""

from __future__ import annotations

import numpy as np


def computable_cells(
    counts: np.ndarray,
    withheld: np.ndarray,
    threshold: int,
    *,
    place_lines: np.ndarray | None = None,
    country_lines: np.ndarray | None = None,
) -> np.ndarray:
    """Return the withheld small counts that follow from the totals, as (n, 2) row and column.

    ``counts`` and ``withheld`` are (P, C): places by cells, the last place being the country,
    whose cells are the sums over the other places. Totals are known per cell over places, per
    place and label of ``place_lines`` (P - 1, C), and for the country per label of
    ``country_lines`` (C,); without labels, per place and for the country as a whole. Small is
    from 1 to below ``threshold``. Counts are non-negative integers.
    """
    arcs, ends = _network(counts, withheld, place_lines, country_lines)
    small = np.argwhere(withheld & (counts > 0) & (counts < threshold))
    return np.array(
        [cell for cell in small if not _can_shift(arcs, *ends[tuple(cell)])], dtype=np.int64
    ).reshape(-1, 2)


def _network(
    counts: np.ndarray,
    withheld: np.ndarray,
    place_lines: np.ndarray | None,
    country_lines: np.ndarray | None,
) -> tuple[np.ndarray, dict[tuple[int, int], tuple[int, int]]]:
    """Return the arcs (N, N) along which counts can shift, and each withheld cell's own arc.

    Following a cell's arc adds one to its count, going against it takes one away. The country is
    the sum of the others: its cells point from column to row.
    """
    n_places, n_cells = counts.shape
    country = n_places - 1
    of_place = np.zeros((country, n_cells), dtype=np.int64)
    if place_lines is not None:
        of_place = np.unique(place_lines, return_inverse=True)[1].reshape(country, n_cells)
    of_country = np.zeros(n_cells, dtype=np.int64)
    if country_lines is not None:
        of_country = np.unique(country_lines, return_inverse=True)[1]
    n_lines = int(of_place.max(initial=0)) + 1
    first_column = country * n_lines
    first_group = first_column + n_cells
    n_nodes = first_group + int(of_country.max(initial=0)) + 1
    arcs = np.zeros((n_nodes, n_nodes), dtype=bool)
    ends: dict[tuple[int, int], tuple[int, int]] = {}
    for place, cell in np.argwhere(withheld):
        column = first_column + int(cell)
        tail, head = (
            (column, first_group + int(of_country[cell]))
            if place == country
            else (int(place) * n_lines + int(of_place[place, cell]), column)
        )
        arcs[tail, head] = True
        arcs[head, tail] |= counts[place, cell] > 0
        ends[int(place), int(cell)] = (tail, head)
    return arcs, ends


def _can_shift(arcs: np.ndarray, tail: int, head: int) -> bool:
    """Return whether one can be added to, or taken from, the cell with the arc tail -> head."""
    return _reaches(arcs, head, tail) or _reaches(arcs, tail, head)


def _reaches(arcs: np.ndarray, start: int, goal: int) -> bool:
    """Return whether ``goal`` is reached from ``start`` by other arcs than the direct one."""
    frontier = arcs[start].copy()
    frontier[goal] = False
    frontier[start] = False
    seen = frontier.copy()
    seen[start] = True
    while frontier.any():
        reached = arcs[frontier].any(axis=0)
        if reached[goal]:
            return True
        frontier = reached & ~seen
        seen |= frontier
    return False
