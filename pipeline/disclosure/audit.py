"""Which withheld counts could be computed from all published totals together.

Withheld cells, bound by the totals of their lines, are the flows of a network: lines are its nodes,
and a cell joins the line of its row to the line of its column. A count can differ from what it is
exactly when it lies on a cycle along which counts can be shifted without changing a total or going
below zero; a cell on no such cycle is known to whoever adds and subtracts. See Gusfield, D. (1988),
A graph theoretic approach to statistical data security, SIAM J. Computing 17, 552-571.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components


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
        columns = country * n_lines + np.arange(n_cells)
        first_group = country * n_lines + n_cells
        n_nodes = first_group + int(of_country.max(initial=0)) + 1
        # The country is the sum of the others: its cells point from column to row.
        rows = np.arange(country)[:, None] * n_lines + of_place
        self._tail = np.vstack([rows, columns])
        self._head = np.vstack([np.broadcast_to(columns, rows.shape), first_group + of_country])
        self._withheld = withheld
        self._arcs = np.zeros((n_nodes, n_nodes), dtype=bool)
        # No two cells join the same two lines, so each pair of nodes is one cell's.
        for start, end, may in (
            (self._tail, self._head, may_add),
            (self._head, self._tail, may_take),
        ):
            self._arcs[start[withheld], end[withheld]] = may[withheld]

    def can_shift(self, asked: np.ndarray) -> np.ndarray:
        """Return which counts of ``asked`` (P, C) can be one more or one less; no shown one can."""
        result = np.zeros_like(asked)
        edges = np.argwhere(asked & self._withheld)
        if not edges.size:
            return result
        tail, head = (ends[tuple(edges.T)] for ends in (self._tail, self._head))
        part = connected_components(self._sparse(), connection="strong")[1]
        together = np.flatnonzero(part[tail] == part[head])
        tail, head = tail[together], head[together]
        ends = np.stack([tail, head])
        shiftable = np.asarray(self._are_on_short_cycles(ends, ends[::-1]).any(axis=0))
        for i in np.flatnonzero(~shiftable):
            shiftable[i] = any(
                self._arcs[start, end] and self._reaches(end, start)
                for start, end in ((tail[i], head[i]), (head[i], tail[i]))
            )
        result[tuple(edges[together].T)] = shiftable
        return result

    def _sparse(self) -> csr_array:
        start = np.concatenate([self._tail[self._withheld], self._head[self._withheld]])
        end = np.concatenate([self._head[self._withheld], self._tail[self._withheld]])
        is_arc = self._arcs[start, end]
        ends = (start[is_arc], end[is_arc])
        return csr_array((np.ones(ends[0].size, dtype=bool), ends), shape=self._arcs.shape)

    def _are_on_short_cycles(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return which arcs from ``start`` to ``end`` lie on a cycle of four, as most do.

        Those have a walk back in three steps that does not use the arc's own reverse.
        """
        steps = self._arcs.astype(np.float32)
        back = ((steps[end] @ steps) * steps.T[start]).sum(axis=-1)
        n_reversed = (steps * steps.T).sum(axis=1)
        along_reverse = steps[end, start] * (n_reversed[start] + n_reversed[end] - 1)
        return np.asarray(self._arcs[start, end] & (back > along_reverse))

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
