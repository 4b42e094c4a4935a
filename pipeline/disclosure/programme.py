"""What an attacker knows for certain: a linear programme over all shown counts together.

Unknown are the atoms of every municipality and outcome; known is every count that is shown, of
municipalities and of the country, the country's by level of one dimension shown or not (expected
counts add up to them), that none is below 0, and in every atom
FJ <= ANY <= FP + FJ (FP may exceed ANY, which leaves out who already has a flexjob). A withheld
count that can be one more or one less than it is, with all of this as it is, is not known.

The programme (HiGHS) aims at many counts at once, in random directions; what moves by one in any
answer is not known, so that a few answers clear nearly all (:func:`known`). What is left is asked
for one at a time, with a price on shown counts (:class:`Companions`): those that change in the
cheapest answer are withheld along with it. Where that costs nothing it was not known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack

from pipeline.disclosure.families import Family
from pipeline.disclosure.outcomes import PARTS, WHOLE

#: Aims at all counts at once, until one clears less than a tenth of what is left.
_AIMS = 8
#: Municipalities in a group whose counts may change together, all others as they are.
GROUP = 12
#: What moves by this moves by one, and a shown count that moves by less than that is as it was.
_STEP, _NOTHING = 1 - 1e-6, 1e-6
#: What linprog says where nothing satisfies all constraints.
_IMPOSSIBLE = 2


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

    ``atoms`` and ``hidden`` as for :class:`Programme`. Groups of municipalities are asked, all
    others as they are: what changes within them can change. All together are asked for levels, of
    which the country's are known. With ``is_exact`` each count left is asked for on its own.
    """
    left, n_places = asked.copy(), atoms.shape[1]
    rng = np.random.default_rng(1)
    n_groups = -(-n_places // GROUP)
    groups = [
        places for _ in range(2) for places in np.array_split(rng.permutation(n_places), n_groups)
    ]
    for places in groups:
        part = Programme(family, outcomes, atoms[:, places], hidden[:, [*places, n_places]])
        left[:, places] = part.known(left[:, places])
    if left.any():
        every = Programme(family, outcomes, atoms, hidden)
        of_levels = left & family.is_margin
        left &= ~of_levels | every.known(of_levels)
        left = every.known(left, singly=True) if is_exact else left
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
        self._atoms = atoms.ravel().astype(float)
        self._known = np.where(is_open, 0.0, atoms).ravel()
        self.equal, self.values = self.sums(self._shown(hidden, is_open))
        self.below, self.most = self._bounds(outcomes, is_open)

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
            A_ub=self.below,
            b_ub=self.most,
            A_eq=self.equal,
            b_eq=self.values,
            bounds=(0, None),
            method="highs-ds",
        )
        if answer.x is None:
            # Nothing bounds this aim: no answer says nothing about any count.
            return np.zeros(aim.shape, dtype=bool)
        return self.has_moved(answer.x)

    def has_moved(self, answer: np.ndarray) -> np.ndarray:
        """Return (O, M, S) which counts the open atoms of ``answer`` move by one or more."""
        atoms = self._known.copy()
        atoms[self._open] = answer
        moved = self._family.values(atoms.reshape(self._shape)) - self._counts
        return np.asarray(np.abs(moved) >= _STEP)

    def _shown(self, hidden: np.ndarray, is_open: np.ndarray) -> np.ndarray:
        """Return (N, 3) the outcome, place and count of what is shown and has an open atom."""
        n_open = self._family.values(is_open.astype(np.int64))
        has_open = np.concatenate([n_open, n_open.sum(axis=1, keepdims=True)], axis=1) > 0
        is_shown = ~hidden
        is_shown[:, -1] |= self._family.is_margin
        return np.argwhere(is_shown & has_open)

    def sums(self, of: np.ndarray) -> tuple[csr_array, np.ndarray]:
        """Return which open atoms the counts ``of`` (N, 3) add up, (N, open), and to how much.

        ``of`` has outcome, place (the last: the country) and count; what known atoms add is taken
        out.
        """
        place = np.arange(self._known.size).reshape(self._shape)
        rows = [
            (place[outcome] if unit == self._shape[1] else place[outcome, unit])[
                ..., self._family.members[count] > 0
            ].ravel()
            for outcome, unit, count in of
        ]
        number = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        atoms = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
        matrix = csr_array(
            coo_array((np.ones(len(atoms)), (number, atoms)), shape=(len(rows), self._known.size))
        )
        values = matrix @ (self._atoms - self._known)
        return matrix[:, self._open], values

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


class Companions:
    """All that is shown of a family, each count at a price.

    ``atoms``, ``hidden`` as :class:`Programme` takes them; ``price`` (O, M + 1, S). Totals, and the
    country's levels, have none: they are known whatever is withheld.
    """

    def __init__(
        self,
        family: Family,
        outcomes: Sequence[str],
        atoms: np.ndarray,
        hidden: np.ndarray,
        price: np.ndarray,
        *,
        are_levels_soft: bool = True,
    ) -> None:
        everything = np.ones_like(hidden)
        everything[:, :, family.total] = False
        if not are_levels_soft:
            everything[:, -1] = hidden[:, -1]
            everything[:, :, family.is_margin] = hidden[:, :, family.is_margin]
        self._programme = Programme(family, outcomes, atoms, everything)
        is_soft = everything & ~hidden
        is_soft[:, -1, family.is_margin] = False
        self._soft = np.argwhere(is_soft)
        self._price = price[is_soft]
        n_soft = len(self._soft)
        sums, self._values = self._programme.sums(self._soft)
        more = eye_array(n_soft, format="csr")
        self._equal = vstack(
            [_wider(self._programme.equal, 2 * n_soft), hstack([sums, -more, more])]
        )
        below = self._programme.below
        self._below = None if below is None else _wider(below, 2 * n_soft)

    def of(
        self, at: tuple[int, int, int], hidden: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Return (N, 3) what is withheld along with ``at``, and which counts then are not known.

        Outcome, place and count; none if ``at`` is not known. ``hidden`` is (O, M + 1, S), with
        what has been withheld since. Nothing is returned where ``at`` is known with all withheld.
        """
        programme, n_soft = self._programme, len(self._soft)
        price = np.where(hidden[tuple(self._soft.T)], 0.0, self._price)
        target, value = programme.sums(np.array([at]))
        answers = []
        is_impossible = True
        for step in (1.0, -1.0):
            answer = linprog(
                np.r_[np.zeros(target.shape[1]), price, price],
                A_ub=self._below,
                b_ub=programme.most,
                A_eq=vstack([self._equal, _wider(target, 2 * n_soft)]),
                b_eq=np.r_[programme.values, self._values, value + step],
                bounds=(0, None),
                method="highs-ds",
            )
            if answer.x is None:
                is_impossible &= answer.status == _IMPOSSIBLE
                continue
            n_open = target.shape[1]
            changes = answer.x[n_open:].reshape(2, n_soft).sum(axis=0) > _NOTHING
            further = changes & (price > 0)
            answers.append((price[further].sum(), step, further, answer.x[:n_open]))
            if not further.any():
                break
        if not answers and is_impossible:
            return None
        if not answers:
            # The programme gave up: all of the municipality's are withheld.
            return self._soft[self._soft[:, 1] == at[1]], np.zeros(hidden[:, :-1].shape, dtype=bool)
        _, _, further, atoms = min(answers, key=lambda of: of[:2])
        return self._soft[further], programme.has_moved(atoms)


def _wider(matrix: csr_array, n: int) -> csr_array:
    """Return ``matrix`` with ``n`` more columns of zeros."""
    return csr_array(hstack([matrix, csr_array((matrix.shape[0], n))]))
