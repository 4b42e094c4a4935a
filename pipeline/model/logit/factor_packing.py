"""Small factors packed into joint super-factors: few look-ups and few tables per pass.

A linear predictor over packed factors is one look-up per super-factor, and X'WX needs one two-way
table of weights per *pair of super-factors* instead of one per pair of factors: 19 factors and 98
municipalities are 6 super-factors, 15 tables instead of 190.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.errors import ModelError

#: Joint levels of a super-factor, so that the table of a pair fits the cache of a processor core.
SUPER_LEVELS = 512
#: Up to this many where it saves a super-factor: fewer tables outweigh larger ones.
STRETCHED_LEVELS = (640, 768)
#: Joint levels of a super-factor whose first factor the rows are sorted by.
SORTED_LEVELS = 4_096


@dataclass(frozen=True)
class Factor:
    """A categorical covariate; codes are positions in ``levels``.

    With ``reference`` None it is the *base*: every level has its own column and the model has no
    intercept (one dummy per municipality). At most one factor is the base.
    """

    name: str
    levels: tuple[str, ...]
    reference: str | None = None


@dataclass(frozen=True)
class Packing:
    """How factors go together in S super-factors.

    Attributes
    ----------
    factors
        The F factors, in the order of a row's codes.
    groups
        Positions of the factors in each super-factor; the last varies fastest in the joint code.
    sizes
        Joint levels L of each super-factor.
    """

    factors: tuple[Factor, ...]
    groups: tuple[tuple[int, ...], ...]
    sizes: tuple[int, ...]

    def pack(self, codes: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        """Return S arrays of joint codes from F arrays of level numbers, unsigned integers.

        Raises :class:`ModelError` naming a factor with a number outside its levels.
        """
        for factor, column in zip(self.factors, codes, strict=True):
            if len(column) and (column.min() < 0 or column.max() >= len(factor.levels)):
                raise ModelError(
                    f"{factor.name}: a level number is outside its levels",
                    expected=f"0 to {len(factor.levels) - 1}",
                    found=f"{column.min()} to {column.max()}",
                )
        joint = []
        for group, size in zip(self.groups, self.sizes, strict=True):
            kind = np.uint16 if size <= 2**16 else np.uint32
            code = codes[group[0]].astype(kind)
            for position in group[1:]:
                np.multiply(code, kind(len(self.factors[position].levels)), out=code)
                np.add(code, codes[position].astype(kind, copy=False), out=code)
            joint.append(code)
        return tuple(joint)

    def after(self, factor: Factor) -> tuple[Packing, int | None]:
        """Return the packing with ``factor`` before the others, and the group that it went into.

        It goes before the smallest super-factor, the two first of all, if they have at most
        :data:`SORTED_LEVELS` joint levels: rows that lie in the order of ``factor`` use a part of
        a table at a time. Else it has a super-factor of its own, None.
        """
        smallest = int(np.argmin(self.sizes))
        together = len(factor.levels) * self.sizes[smallest]
        is_own = together > SORTED_LEVELS
        rest = [number for number in range(len(self.groups)) if is_own or number != smallest]
        first = () if is_own else self.groups[smallest]
        groups = [first, *(self.groups[number] for number in rest)]
        moved = [tuple(position + 1 for position in group) for group in groups]
        packing = Packing(
            (factor, *self.factors),
            ((0, *moved[0]), *moved[1:]),
            (len(factor.levels) if is_own else together, *(self.sizes[number] for number in rest)),
        )
        return packing, None if is_own else smallest

    def levels_of(self, group: int) -> np.ndarray:
        """Return (len(group), L) level numbers of the group's factors at each joint code."""
        shape = [len(self.factors[position].levels) for position in self.groups[group]]
        return np.indices(shape).reshape(len(shape), -1)

    def by_factor(self, joint_counts: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return counts per level of each factor from counts per joint code of each group."""
        counts: list[np.ndarray] = [np.empty(0)] * len(self.factors)
        for number, group in enumerate(self.groups):
            for position, levels in zip(group, self.levels_of(number), strict=True):
                total = np.zeros(len(self.factors[position].levels), dtype=np.int64)
                np.add.at(total, levels, joint_counts[number])
                counts[position] = total
        return counts


def pack_factors(
    factors: Sequence[Factor], limits: Sequence[int] = (SUPER_LEVELS, *STRETCHED_LEVELS)
) -> Packing:
    """Return the packing with fewest super-factors; of those, the one with the lowest limit.

    Under each limit the largest factor goes first, into the first group with room (ties: order).
    A factor with more levels than the limit gets a group of its own. Raises :class:`ModelError`
    for factors that contradict themselves.
    """
    faults = _faults(factors)
    if faults:
        raise ModelError("the factors cannot be used: " + "; ".join(faults))
    return min((_pack(factors, limit) for limit in limits), key=lambda p: len(p.groups))


def _pack(factors: Sequence[Factor], limit: int) -> Packing:
    groups: list[list[int]] = []
    sizes: list[int] = []
    for position in sorted(range(len(factors)), key=lambda p: -len(factors[p].levels)):
        n_levels = len(factors[position].levels)
        for number, size in enumerate(sizes):
            if size * n_levels <= limit:
                groups[number].append(position)
                sizes[number] *= n_levels
                break
        else:
            groups.append([position])
            sizes.append(n_levels)
    return Packing(tuple(factors), tuple(map(tuple, groups)), tuple(sizes))


def _faults(factors: Sequence[Factor]) -> list[str]:
    faults = [] if factors else ["there are none"]
    names = [factor.name for factor in factors]
    faults += [f"{name} is listed twice" for name in sorted(set(names)) if names.count(name) > 1]
    bases = [factor.name for factor in factors if factor.reference is None]
    if len(bases) > 1:
        faults.append(f"more than one base: {', '.join(bases)}")
    for factor in factors:
        if not factor.levels or len(set(factor.levels)) != len(factor.levels):
            faults.append(f"{factor.name}: its levels are missing or listed twice")
        elif factor.reference is not None and factor.reference not in factor.levels:
            faults.append(f"{factor.name}: its reference {factor.reference!r} is no level")
    return faults
