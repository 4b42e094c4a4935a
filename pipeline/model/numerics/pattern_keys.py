"""Rows of level numbers as one integer each, in the rows' order, and how to find others among them.

Two dozen factors may have more combinations than an integer has room for. Numbers are then
renumbered on the way: only combinations that occur count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

#: Combinations that a number has room for.
_LARGEST_SPAN = 2**62


@dataclass(frozen=True)
class PatternKeys:
    """The numbers of (n, F) rows of level numbers.

    Attributes
    ----------
    sizes
        Levels of each factor.
    keys
        (n,) the rows' numbers, in their lexicographic order.
    distinct
        Factor position -> the sorted numbers, of the factors before it, that were renumbered there.
    """

    sizes: tuple[int, ...]
    keys: np.ndarray
    distinct: dict[int, pd.Index]

    @classmethod
    def of(cls, codes: np.ndarray, sizes: Sequence[int]) -> PatternKeys:
        """Return the numbers of the rows of ``codes`` (n, F), whose factors have ``sizes``."""
        key, span = np.zeros(len(codes), dtype=np.int64), 1
        distinct: dict[int, pd.Index] = {}
        for position, size in enumerate(sizes):
            if span * size >= _LARGEST_SPAN:
                of_rows, key = np.unique(key, return_inverse=True)
                distinct[position], span = pd.Index(of_rows), len(of_rows)
            key *= size
            key += codes[:, position]
            span *= size
        return cls(tuple(sizes), key, distinct)

    def find(self, codes: np.ndarray) -> np.ndarray:
        """Return (m,) the rows that are as those of ``codes`` (m, F), -1 for none; no two alike."""
        key = np.zeros(len(codes), dtype=np.int64)
        is_known = np.ones(len(codes), dtype=bool)
        for position, size in enumerate(self.sizes):
            if position in self.distinct:
                key = self.distinct[position].get_indexer(pd.Index(key))
                is_known &= key >= 0
            key *= size
            key += codes[:, position]
        return np.where(is_known, self._index.get_indexer(pd.Index(key)), -1)

    @cached_property
    def _index(self) -> pd.Index:
        return pd.Index(self.keys)


def pack_codes(codes: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Return one (n,) integer per row of (n, F) ``codes``, in the rows' lexicographic order."""
    return PatternKeys.of(codes, sizes).keys


def level_numbers(column: pd.Series, known: Sequence[str]) -> np.ndarray:
    """Return (n,) the place of each value among ``known``, -1 for others and missing ones."""
    position = pd.Index(list(known), dtype=object)
    if isinstance(column.dtype, pd.CategoricalDtype):
        of_category = position.get_indexer(column.cat.categories.astype(object))
        return np.asarray(np.append(of_category, -1)[column.cat.codes])
    place, distinct = pd.factorize(column)
    of_value = position.get_indexer(pd.Index(distinct).astype(object))
    return np.asarray(np.append(of_value, -1)[place])
