"""Which withheld counts could be computed from all published totals together.

Withheld cells, bound by the totals of their lines, are the flows of a network: lines are its nodes,
and a cell joins the line of its row to the line of its column. A count can differ from what it is
exactly when it lies on a cycle along which counts can be shifted without changing a total or going
below zero; a cell on no such cycle is known to whoever adds and subtracts. See Gusfield, D. (1988),
A graph theoretic approach to statistical data security, SIAM J. Computing 17, 552-571.
"""

from __future__ import annotations

import numpy as np


class Network:
    """The ways in which withheld counts of one table can be shifted with all totals unchanged.

    ``withheld``, ``may_add`` and ``may_take`` are (P, C): places by cells, the last place being the
    country, whose cells are the sums over the other places; which counts are withheld, and which
    can become one more and one less. Totals are known per cell over places, per place and label of
    ``place_lines`` (P - 1, C), and for the country per label of ``country_lines`` (C,); without
    labels, per place and for the country as a whole.
    """

    def __init__(
        self,
        withheld: np.ndarray,
        *,
        may_add: np.ndarray,
        may_take: np.ndarray,
        place_lines: np.ndarray | None = None,
        country_lines: np.ndarray | None = None,
    ) -> None:
        n_places, n_cells = withheld.shape
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
        self._arcs = np.zeros((n_nodes, n_nodes), dtype=bool)
        self._ends: dict[tuple[int, int], tuple[int, int]] = {}
        for place, cell in np.argwhere(withheld):
            # The country is the sum of the others: its cells point from column to row.
            column = first_column + int(cell)
            tail, head = (
                (column, first_group + int(of_country[cell]))
                if place == country
                else (int(place) * n_lines + int(of_place[place, cell]), column)
            )
            self._arcs[tail, head] |= may_add[place, cell]
            self._arcs[head, tail] |= may_take[place, cell]
            self._ends[int(place), int(cell)] = (tail, head)

    def can_shift(self, place: int, cell: int) -> bool:
        """Return whether the count there can be one more or one less; never for a shown one."""
        if (place, cell) not in self._ends:
            return False
        tail, head = self._ends[place, cell]
        return any(
            self._arcs[start, end] and self._reaches(end, start)
            for start, end in ((tail, head), (head, tail))
        )

    def _reaches(self, start: int, goal: int) -> bool:
        """Return whether ``goal`` is reached from ``start`` by other arcs than the direct one."""
        frontier = self._arcs[start].copy()
        frontier[goal] = False
        frontier[start] = False
        seen = frontier.copy()
        seen[start] = True
        while frontier.any():
            reached = self._arcs[frontier].any(axis=0)
            if reached[goal]:
                return True
            frontier = reached & ~seen
            seen |= frontier
        return False
