"""Which levels are withheld beside small ones, with exact numbers: those worth the least.

A mixed integer programme (HiGHS) of one municipality and dimension, all outcomes together. Every
small count must be able to be one more or one less while all that is shown stays as it is: the
total, the levels that are shown, and FJ <= ANY <= FP + FJ in each. That is asked while the choice
is made. Who withholds the smallest count beside a small one and looks afterwards loses more: a
pension in a level where nobody has a flexjob too is known from ANY and FJ, whichever other level of
pensions is withheld with it.

Sums over municipalities are not in it; :mod:`pipeline.disclosure.programme` asks for them. What
is worth how much is said here for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from pipeline.disclosure.families import Family
from pipeline.disclosure.lines import is_small
from pipeline.disclosure.outcomes import PARTS, WHOLE

#: What a grant in a withheld count of a dimension or table costs, 1 where none is said. Bands of
#: age and tenure come before their main levels, main diagnoses before the groups in them.
WORTH = {"diagnosis_main": 1.5, "tenure_main": 0.7, "age_main": 0.3, "breakdown_main": 2.0}
#: What a withheld count costs besides its grants, so that none is withheld for nothing.
_COUNT_WORTH = 0.5
#: How near the best choice the programme's is, and after how many nodes it is taken as it is.
_OPTIONS = {"mip_rel_gap": 0.01, "node_limit": 2000}


@dataclass(frozen=True)
class Dimension:
    """The levels of one dimension in a family, and their main levels.

    Attributes
    ----------
    counts
        (C,) counts of the family: the L levels, then main levels of several of them.
    n_levels
        L.
    mains
        Of each of those main levels the numbers of its levels.
    tops
        Numbers of the counts that a total is split into: main levels, and levels that are none's.
    """

    counts: np.ndarray
    n_levels: int
    mains: tuple[np.ndarray, ...]
    tops: np.ndarray

    def splits(self) -> Iterable[tuple[int | None, np.ndarray]]:
        """Yield what is split (None: the total) and into which counts."""
        yield None, self.tops
        yield from enumerate(self.mains, self.n_levels)

    def levels(self, count: int) -> np.ndarray:
        """Return the levels that ``count`` adds up."""
        return np.array([count]) if count < self.n_levels else self.mains[count - self.n_levels]


def dimensions(family: Family) -> list[Dimension]:
    """Return the dimensions that the total of ``family`` is split by."""
    below = {
        parent: parts
        for parent, parts in family.splits
        if parent != family.total and family.is_margin[[parent, *parts]].all()
    }
    result = []
    for parent, tops in family.splits:
        if parent != family.total or not family.is_margin[tops].all():
            continue
        mains = [int(top) for top in tops if top in below]
        levels = [int(level) for top in tops for level in below.get(top, [top])]
        counts = [*levels, *mains]
        result.append(
            Dimension(
                np.array(counts),
                len(levels),
                tuple(np.array([counts.index(level) for level in below[main]]) for main in mains),
                np.array([counts.index(top) for top in tops]),
            )
        )
    return result


def prices(family: Family, counts: np.ndarray) -> np.ndarray:
    """Return what it costs to withhold each of ``counts``: its grants, by what they are worth.

    ``counts`` are (O, M + 1, S), the last place the country.
    """
    # A grant of a rare outcome is worth more: of each as large a share is to be shown.
    totals = counts[:, -1, family.total]
    of_outcome = totals.mean() / np.maximum(totals, 1)
    of_count = np.ones(len(family.members))
    # A main level of one level is that level.
    for name in reversed(list(family.place)):
        of_count[family.place[name]] = WORTH.get(name[0], 1.0)
    return np.asarray(of_outcome[:, None, None] * of_count * counts + _COUNT_WORTH)


def withhold_levels(
    family: Family,
    outcomes: Sequence[str],
    counts: np.ndarray,
    hidden: np.ndarray,
    price: np.ndarray,
    threshold: int,
) -> None:
    """Withhold (in place) the levels that keep the small ones withheld, as few grants as can be.

    ``counts``, ``hidden`` and ``price`` are (O, M, S), of municipalities, the small ones hidden. A
    small count that would be known with everything withheld is left to itself.
    """
    for dimension in dimensions(family):
        at = dimension.counts
        for place in np.flatnonzero(hidden[:, :, at].any(axis=(0, 2))):
            hidden[:, place, at] = _choice(
                dimension,
                outcomes,
                counts[:, place][:, at],
                hidden[:, place][:, at],
                threshold,
                price[:, place][:, at],
            )


class _Rows:
    """Constraints low <= sum of value x variable <= high, one after another."""

    def __init__(self) -> None:
        self.low: list[float] = []
        self.high: list[float] = []
        self._entries: list[tuple[int, int, float]] = []

    def add(
        self,
        terms: Iterable[tuple[int, float]],
        low: float = -np.inf,
        high: float = np.inf,
    ) -> None:
        self._entries += [(len(self.low), variable, value) for variable, value in terms]
        self.low.append(low)
        self.high.append(high)

    def constraint(self, n_variables: int) -> LinearConstraint:
        row, variable, value = zip(*self._entries, strict=True)
        matrix = coo_array((value, (row, variable)), shape=(len(self.low), n_variables))
        return LinearConstraint(matrix.tocsr(), self.low, self.high)


def _choice(
    dimension: Dimension,
    outcomes: Sequence[str],
    counts: np.ndarray,
    hidden: np.ndarray,
    threshold: int,
    price: np.ndarray,
) -> np.ndarray:
    """Return (O, C) which counts are withheld, those of ``hidden`` (O, C) among them."""
    n_outcomes = len(counts)
    n_levels = dimension.n_levels
    asked = np.argwhere(hidden & is_small(counts, threshold))
    n_asked, n_hidden, n_moves = len(asked), counts.size, n_outcomes * n_levels
    is_hidden = np.arange(n_hidden).reshape(counts.shape)
    move = n_hidden + np.arange(n_asked * n_moves).reshape(n_asked, n_outcomes, n_levels)
    is_more = n_hidden + n_asked * n_moves + np.arange(n_asked)
    is_known = is_more + n_asked
    n_variables = n_hidden + n_asked * (n_moves + 2)

    cost = np.zeros(n_variables)
    cost[:n_hidden] = price.ravel()
    cost[is_known] = 10 * price.sum()
    low, high = np.zeros(n_variables), np.ones(n_variables)
    low[:n_hidden] = hidden.ravel()
    low[move] = -np.minimum(1, counts[:, :n_levels])
    is_whole = np.ones(n_variables)
    is_whole[move] = 0

    rows = _Rows()
    for outcome in range(n_outcomes):
        _add_splits(rows, dimension, counts[outcome], is_hidden[outcome], threshold)
    for number, (outcome, count) in enumerate(asked):
        for moves, own in zip(move[number], is_hidden, strict=True):
            _add_moves(rows, dimension, moves, own)
        _add_bounds(rows, outcomes, counts[:, :n_levels], move[number])
        # One more or one less, unless it is known whatever is withheld.
        change = [(at, 1.0) for at in move[number, outcome, dimension.levels(count)]]
        change.append((is_more[number], -2.0))
        rows.add([*change, (is_known[number], -2.0)], high=-1.0)
        rows.add([*change, (is_known[number], 2.0)], low=-1.0)
    answer = milp(
        cost,
        constraints=rows.constraint(n_variables),
        integrality=is_whole,
        bounds=Bounds(low, high),
        options=_OPTIONS,
    )
    if answer.x is None:
        # Who takes over from here withholds the smallest count beside each, and asks afterwards.
        return hidden
    return np.asarray(answer.x[:n_hidden].reshape(counts.shape) > 0.5)


def _add_splits(
    rows: _Rows, dimension: Dimension, counts: np.ndarray, is_hidden: np.ndarray, threshold: int
) -> None:
    """Withheld parts of a shown count are none, or two or more that add up to the threshold.

    Of a withheld one at least one is.
    """
    for whole, parts in dimension.splits():
        of_whole = [] if whole is None else [(is_hidden[whole], 1.0)]
        # Of fewer grants all are withheld.
        enough = float(min(threshold, counts[parts].sum()))
        for part in parts if len(parts) > 1 else ():
            others = [(is_hidden[other], 1.0) for other in parts if other != part]
            rows.add([*others, (is_hidden[part], -1.0), *of_whole], low=0.0)
            grants = [
                (is_hidden[other], counts[other] - enough * (other == part)) for other in parts
            ]
            rows.add([*grants, *((at, enough) for at, _ in of_whole)], low=0.0)
        if whole is not None:
            every = [(is_hidden[part], 1.0) for part in parts]
            rows.add([*every, (is_hidden[whole], -1.0)], low=0.0)


def _add_moves(rows: _Rows, dimension: Dimension, moves: np.ndarray, is_hidden: np.ndarray) -> None:
    """Shown counts stay as they are, the total too."""
    for count, largest in enumerate([1.0] * dimension.n_levels + [2.0] * len(dimension.mains)):
        change = [(at, 1.0) for at in moves[dimension.levels(count)]]
        rows.add([*change, (is_hidden[count], -largest)], high=0.0)
        rows.add([*change, (is_hidden[count], largest)], low=0.0)
    rows.add([(at, 1.0) for at in moves], low=0.0, high=0.0)


def _add_bounds(
    rows: _Rows, outcomes: Sequence[str], counts: np.ndarray, moves: np.ndarray
) -> None:
    """FJ <= ANY <= FP + FJ in every level."""
    if not {*PARTS, WHOLE} <= set(outcomes):
        return
    first, second, whole = (list(outcomes).index(name) for name in (*PARTS, WHOLE))
    below = np.maximum(counts[whole] - counts[second], 0)
    both = np.maximum(counts[first] + counts[second] - counts[whole], 0)
    for level in range(counts.shape[1]):
        of = {outcome: moves[outcome, level] for outcome in (first, second, whole)}
        rows.add([(of[second], 1.0), (of[whole], -1.0)], high=float(below[level]))
        rows.add([(of[whole], 1.0), (of[first], -1.0), (of[second], -1.0)], high=float(both[level]))
