"""Which withheld counts follow from the totals of all outcomes together.

A grant of FJ is one of ANY, and every one of ANY is of FP or FJ: FJ <= ANY <= FP + FJ in every
cell. FP may exceed ANY, which leaves out who already has a flexjob. Where a count of FP is known to
be 0, FJ and ANY are the same number, and what is shown of one tells the other. A withheld count is
safe when there is a cycle of cells, withheld in all outcomes concerned, along which it can be one
more or one less, alone or with counts of the other outcomes changing alike or against it, so that
another set of counts agrees with all that is published. This is sufficient; cycles on which the
outcomes change differently from cell to cell are not looked for, so at worst a count too many is
withheld.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from pipeline.disclosure.audit import Network

#: Outcomes that are parts of another one.
PARTS, WHOLE = ("FP", "FJ"), "ANY"
#: Labels of the lines of one table, as :class:`Network` takes them: of places and of the country.
LinesOf = Callable[[np.ndarray], tuple[np.ndarray | None, np.ndarray | None]]


class Shifts:
    """The shifts that are possible in tables of counts by outcome, place and cell.

    ``counts`` and ``withheld`` are (O, P, C), the last place the country, the sum of the others;
    ``lines_of`` gives the labels of the lines of one outcome's table.
    """

    def __init__(
        self,
        outcomes: Sequence[str],
        counts: np.ndarray,
        withheld: np.ndarray,
        lines_of: LinesOf,
    ) -> None:
        self._outcomes = list(outcomes)
        self._counts = counts
        self._withheld = withheld
        self._lines_of = lines_of
        together = set(PARTS) & set(outcomes) and WHOLE in outcomes
        #: Changes of all outcomes at one cell of a cycle, up to their sign; the plainest first.
        self._changes = [
            change
            for change in sorted(
                itertools.product((0, 1, -1), repeat=len(self._outcomes)), key=np.count_nonzero
            )
            if next((step for step in change if step), -1) > 0
            and (together or np.count_nonzero(change) == 1)
        ]

    def can_shift(self, asked: np.ndarray) -> np.ndarray:
        """Return which counts of ``asked`` (O, P, C) can be one more or one less than they are."""
        shiftable = np.zeros_like(asked)
        for change in self._changes:
            concerned = np.flatnonzero(change)
            still = (asked & ~shiftable)[concerned].any(axis=0)
            if still.any():
                shiftable[concerned] |= self._network(change).can_shift(still)
        return asked & shiftable

    def _network(self, change: tuple[int, ...]) -> Network:
        """Return where ``change`` can be made and unmade, on the lines of all it changes."""
        steps = np.array(change)[:, None, None]
        concerned = np.flatnonzero(change)
        lines = [self._lines_of(self._counts[outcome]) for outcome in concerned]
        return Network(
            np.asarray(self._withheld[concerned].all(axis=0)),
            may_add=self._is_possible(self._counts + steps),
            may_take=self._is_possible(self._counts - steps),
            place_lines=_both(place for place, _ in lines),
            country_lines=_both(country for _, country in lines),
        )

    def _is_possible(self, counts: np.ndarray) -> np.ndarray:
        """Return (P, C) where counts could be those of persons; the country has no own bounds."""
        possible = np.asarray((counts >= 0).all(axis=0))
        parts = [counts[self._outcomes.index(name)] for name in PARTS if name in self._outcomes]
        if parts and WHOLE in self._outcomes:
            whole = counts[self._outcomes.index(WHOLE)]
            if PARTS[1] in self._outcomes:
                possible &= counts[self._outcomes.index(PARTS[1])] <= whole
            if len(parts) == len(PARTS):
                possible &= whole <= np.sum(parts, axis=0)
        possible[-1] = True
        return possible


def _both(labels: Iterable[np.ndarray | None]) -> np.ndarray | None:
    """Return labels (as whole numbers) that tell apart what any of ``labels`` does."""
    result = None
    for some in labels:
        if some is not None:
            index = np.unique(some, return_inverse=True)[1].reshape(some.shape)
            result = index if result is None else result * (index.max(initial=0) + 1) + index
    return result
