"""What an attacker knows for certain: a linear programme over all shown counts together.

Unknown are the atoms of every municipality and outcome; known is every count that is shown, of
municipalities and of the country, the country's by level of one dimension shown or not (expected
counts add up to them), that none is below 0, and in every atom
FJ <= ANY <= FP + FJ (FP may exceed ANY, which leaves out who already has a flexjob). A withheld
count that can be one more or one less than it is, with all of this as it is, is not known. The
programme (HiGHS) aims at many counts at once, in random directions; what moves by one in any answer
is not known, so that a few answers clear nearly all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, vstack

from pipeline.disclosure.families import Family
from pipeline.disclosure.outcomes import PARTS, WHOLE

#: Aims at all counts at once, until one clears less than a tenth of what is left.
_AIMS = 8
#: Municipalities in a group whose counts may change together, all others as they are.
_GROUP = 12
#: More counts than these are not asked for one at a time.
_SINGLE = 60
_STEP = 1 - 1e-6


def known(
    family: Family,
    outcomes: Sequence[str],
    atoms: np.ndarray,
    hidden: np.ndarray,
    asked: np.ndarray,
    *,
    is_exact: bool = False,
) -> np.ndarray:
    """Return which counts of ``asked`` (O, M, S) are known, or were not seen to be otherwise.

    ``atoms`` and ``hidden`` as for :class:`Programme`. Groups of municipalities, all others as they
    are, are asked first: what changes within them can change. With ``is_exact``, or no more than
    :data:`_GROUP` municipalities, each count that is left is asked for on its own.
    """
    left, n_places = asked.copy(), atoms.shape[1]
    rng = np.random.default_rng(1)

    def ask_of(places: np.ndarray, *, singly: bool = False) -> None:
        part = Programme(family, outcomes, atoms[:, places], hidden[:, [*places, n_places]])
        left[:, places] = part.known(left[:, places], singly=singly)

    if n_places > _GROUP and left.any():
        order = rng.permutation(n_places)
        for places in np.array_split(order, -(-n_places // _GROUP)):
            ask_of(places)
    ask_of(np.arange(n_places))
    if left.sum() > _SINGLE and not is_exact and n_places > _GROUP:
        return left
    for outcome, place, count in np.argwhere(left):
        # With those that withhold the same count.
        alike = rng.permutation(n_places)
        alike = alike[np.argsort(~hidden[outcome, alike, count], kind="stable")]
        if n_places > _GROUP and left[outcome, place, count]:
            ask_of(np.r_[place, alike[alike != place][: _GROUP - 1]], singly=True)
    if is_exact or n_places <= _GROUP:
        ask_of(np.arange(n_places), singly=True)
    return left


class Programme:
    """All that is shown of a family.

    ``atoms`` is (O, M, A), as counted; ``hidden`` (O, M + 1, S) says which counts are withheld, the
    last place being the country.
    """

    def __init__(
        self, family: Family, outcomes: Sequence[str], atoms: np.ndarray, hidden: np.ndarray
    ) -> None:
        self._family = family
        self._counts = family.values(atoms)
        self._shape = atoms.shape
        sizes = family.members.sum(axis=1)
        single = np.flatnonzero(sizes == 1)
        is_open = np.zeros(atoms.shape, dtype=bool)
        is_open[:, :, family.members[single].argmax(axis=1)] = hidden[:, :-1, single]
        self._open = np.flatnonzero(is_open)
        self._known = np.where(is_open, 0, atoms).ravel().astype(float)
        rows, values = self._shown(hidden, is_open)
        self._equal = self._sums(rows)
        self._values = values - self._equal @ self._known
        self._equal = self._equal[:, self._open]
        self._below, self._most = self._bounds(outcomes, is_open)

    def known(self, asked: np.ndarray, *, singly: bool = False) -> np.ndarray:
        """Return which counts of ``asked`` (O, M, S) did not change in any answer.

        With ``singly`` those can be nothing else: each is asked for on its own in the end.
        """
        rng = np.random.default_rng(1)
        left = asked.copy()
        for _ in range(_AIMS):
            n_left = left.sum()
            if not n_left:
                return left
            aims = np.where(left, rng.choice([-1.0, 1.0], left.shape), 0.0)
            left &= ~self._moved(aims * rng.uniform(0.5, 1.0, left.shape))
            if left.sum() > 0.9 * n_left:
                break
        for at in [tuple(place) for place in np.argwhere(left)] if singly else []:
            for way in (1.0, -1.0):
                if left[at]:
                    aim = np.zeros(left.shape)
                    aim[at] = way
                    left &= ~self._moved(aim)
        return left

    def _moved(self, aim: np.ndarray) -> np.ndarray:
        """Return which counts the best answer to ``aim`` (O, M, S) moves by one or more."""
        answer = linprog(
            (aim @ self._family.members).ravel()[self._open],
            A_ub=self._below,
            b_ub=self._most,
            A_eq=self._equal,
            b_eq=self._values,
            bounds=(0, None),
            method="highs-ds",
        )
        if answer.x is None:
            # Nothing bounds this aim: no answer says nothing about any count.
            return np.zeros(aim.shape, dtype=bool)
        atoms = self._known.copy()
        atoms[self._open] = answer.x
        moved = self._family.values(atoms.reshape(self._shape)) - self._counts
        return np.asarray(np.abs(moved) >= _STEP)

    def _shown(
        self, hidden: np.ndarray, is_open: np.ndarray
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """Return the atoms of every shown count that has an open one, and the counts."""
        place = np.arange(is_open.size).reshape(is_open.shape)
        rows: list[np.ndarray] = []
        values: list[int] = []
        for count, members in enumerate(self._family.members.astype(bool)):
            open_in = is_open[:, :, members]
            for outcome, unit in np.argwhere(~hidden[:, :-1, count] & open_in.any(axis=2)):
                rows.append(place[outcome, unit, members])
                values.append(self._counts[outcome, unit, count])
            is_known = ~hidden[:, -1, count] | self._family.is_margin[count]
            for outcome in np.flatnonzero(is_known & open_in.any(axis=(1, 2))):
                rows.append(place[outcome][:, members].ravel())
                values.append(self._counts[outcome, :, count].sum())
        return rows, np.array(values, dtype=float)

    def _sums(self, rows: list[np.ndarray]) -> csr_array:
        number = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        atoms = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
        return csr_array(
            coo_array((np.ones(len(atoms)), (number, atoms)), shape=(len(rows), len(self._known)))
        )

    def _bounds(
        self, outcomes: Sequence[str], is_open: np.ndarray
    ) -> tuple[csr_array | None, np.ndarray | None]:
        """Return FJ - ANY <= 0 and ANY - FP - FJ <= 0 of open atoms, known ones taken out."""
        if not {*PARTS, WHOLE} <= set(outcomes):
            return None, None
        first, second, whole = (list(outcomes).index(name) for name in (*PARTS, WHOLE))
        place = np.arange(is_open.size).reshape(is_open.shape)[:, is_open.any(axis=0)]
        number, one = np.arange(place.shape[1]), np.ones(place.shape[1])
        shape = (len(number), is_open.size)
        part = coo_array(
            (np.r_[one, -one], (np.r_[number, number], np.r_[place[second], place[whole]])), shape
        )
        sums = coo_array(
            (
                np.r_[one, -one, -one],
                (np.r_[number, number, number], np.r_[place[whole], place[first], place[second]]),
            ),
            shape,
        )
        below = csr_array(vstack([part, sums]))
        return below[:, self._open], -(below @ self._known)
