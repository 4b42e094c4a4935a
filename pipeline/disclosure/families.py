"""Families of published counts: the same grants, counted whole, by level and by crosses of levels.

The finest cells of a family are its atoms. Every count that is published adds up some of them, and
most are split again into others that are: a total into main levels, these into levels, and those
into cells. What is shown of a family is decided together (:mod:`pipeline.disclosure.rule`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: Name of a count: its table or dimension, and its levels.
Name = tuple[str, ...]
TOTAL: Name = ("total",)
#: Dimension -> (fine dimension, level -> main level).
MainLevels = Mapping[str, tuple[str, Mapping[str, str]]]


@dataclass(frozen=True)
class Family:
    """S published counts over A atoms.

    Attributes
    ----------
    place
        Name -> its count; names of the same atoms have the same.
    members
        (S, A) whether an atom is in a count.
    splits
        A count and those it is split into, coarse ones first.
    is_margin
        (S,) whether a count is a level of one dimension (or the total). The country's are known
        even where they are withheld: expected counts are fitted so that they add up to them.
    """

    place: Mapping[Name, int]
    members: np.ndarray
    splits: tuple[tuple[int, np.ndarray], ...]
    is_margin: np.ndarray

    @property
    def total(self) -> int:
        """The count of all, which is always shown."""
        return self.place[TOTAL]

    def values(self, atoms: np.ndarray) -> np.ndarray:
        """Return (..., S) the counts of (..., A) ``atoms``."""
        return np.asarray(atoms @ self.members.T)

    def only(self, counts: np.ndarray) -> tuple[Family, np.ndarray]:
        """Return the family of ``counts`` alone, and (A,) in which of its atoms an atom is.

        Its atoms are those that none of ``counts`` tells apart.
        """
        members, group = np.unique(self.members[counts], axis=1, return_inverse=True)
        number = {int(count): i for i, count in enumerate(counts)}
        place = {name: number[of] for name, of in self.place.items() if of in number}
        splits = tuple(
            (number[parent], np.array([number[int(part)] for part in parts]))
            for parent, parts in self.splits
            if number.keys() >= {parent, *parts.tolist()}
        )
        return Family(place, members, splits, self.is_margin[counts]), group.ravel()


def one_way(dimension: str, levels: Sequence[str], mains: MainLevels) -> Family:
    """Return a total split by the ``levels`` of one dimension, its main levels in between."""
    one = np.eye(len(levels), dtype=np.int64)
    counts = {TOTAL: one.sum(axis=0)}
    splits = _levels(counts, dimension, levels, one, mains)
    return _family(counts, splits)


def crossed(
    rows: tuple[str, Sequence[str]],
    columns: tuple[str, Sequence[str]],
    tables: tuple[str, str],
    mains: MainLevels,
) -> Family:
    """Return a total split by two dimensions and by both, main levels and crosses of them too.

    ``rows`` and ``columns`` are dimensions with their levels; ``tables`` names the cross of both
    and that of their main levels.
    """
    (first, groups), (second, bands) = rows, columns
    cross, main_cross = tables
    of_rows = np.kron(np.eye(len(groups), dtype=np.int64), np.ones(len(bands), dtype=np.int64))
    of_columns = np.tile(np.eye(len(bands), dtype=np.int64), len(groups))
    counts = {TOTAL: of_rows.sum(axis=0)}
    splits = _levels(counts, first, groups, of_rows, mains)
    splits += _levels(counts, second, bands, of_columns, mains)
    sides = []
    for dimension in (first, second):
        fine = [name for name in counts if name[0] == dimension]
        of_main = [main for main, (factor, _) in mains.items() if factor == dimension]
        main = [name for name in counts if name[0] in of_main]
        sides.append((fine, main))
    for names, table in (
        ([side[1] for side in sides], main_cross),
        ([side[0] for side in sides], cross),
    ):
        for a in names[0]:
            for b in names[1]:
                counts[table, a[1], b[1]] = counts[a] * counts[b]
        splits += [(a, [(table, a[1], b[1]) for b in names[1]]) for a in names[0] if names[1]]
        splits += [(b, [(table, a[1], b[1]) for a in names[0]]) for b in names[1] if names[0]]
    cells = [name for name in counts if name[0] == cross]
    for name in [name for name in counts if name[0] == main_cross]:
        splits.append((name, [cell for cell in cells if (counts[cell] <= counts[name]).all()]))
    return _family(counts, splits)


def _levels(
    counts: dict[Name, np.ndarray],
    dimension: str,
    levels: Sequence[str],
    members: np.ndarray,
    mains: MainLevels,
) -> list[tuple[Name, list[Name]]]:
    """Add to ``counts`` the levels of a dimension and its main levels; return their splits."""
    fine: list[Name] = [(dimension, level) for level in levels]
    counts.update(zip(fine, members, strict=True))
    splits: list[tuple[Name, list[Name]]] = [(TOTAL, fine)]
    for main, (factor, parts) in mains.items():
        if factor != dimension or set(levels) - set(parts):
            continue
        inside: dict[Name, list[Name]] = {}
        for name in fine:
            inside.setdefault((main, parts[name[1]]), []).append(name)
        for of_main, of in inside.items():
            counts[of_main] = np.sum([counts[part] for part in of], axis=0)
        splits = [(TOTAL, list(inside)), *inside.items()]
    return splits


def _family(counts: Mapping[Name, np.ndarray], splits: Iterable[tuple[Name, list[Name]]]) -> Family:
    places: dict[bytes, int] = {}
    place = {
        name: places.setdefault(atoms.tobytes(), len(places)) for name, atoms in counts.items()
    }
    members = np.zeros((len(places), len(counts[TOTAL])), dtype=np.int64)
    is_margin = np.zeros(len(places), dtype=bool)
    for name, atoms in counts.items():
        members[place[name]] = atoms
        is_margin[place[name]] |= len(name) <= len(("dimension", "level"))
    made: dict[tuple[int, tuple[int, ...]], None] = {}
    for parent, children in splits:
        parts = tuple(dict.fromkeys(place[child] for child in children))
        if parts != (place[parent],):
            made[place[parent], parts] = None
    of_counts = tuple((parent, np.array(parts)) for parent, parts in made)
    return Family(place, members, of_counts, is_margin)
