"""Sums and small linear algebra whose last digit does not depend on order or threads.

Floating-point addition is not associative: the same rows in another order, or on another number
of threads, give another sum. Here every term is first rounded to a whole multiple of 2^-k and
added as a 64-bit integer, which is associative and exact. k is the largest for which no sum can
overflow; for terms whose sum is at most B the unit is about B 2^-61, so that with 6.8 million
persons a sum of n terms is off by less than sqrt(n) 1e-12 (Demmel & Nguyen 2015, IEEE Trans.
Comput. 64, on reproducible summation by pre-rounding).

Matrix routines of BLAS and LAPACK may also round differently on another number of threads, so the
one inverse per step is made by the sweep operator, element by element.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import _sparsetools

#: Bits of a sum: one less than an int64 has, so that rounding up cannot overflow it.
SUM_BITS = 61
_ONE = np.ones(1, dtype=np.int64)


def scale_for(bound: float) -> float:
    """Return the power of two 2^k for terms whose absolute values add up to at most ``bound``."""
    return math.ldexp(1.0, SUM_BITS - math.frexp(max(bound, 1.0))[1])


def fixed_point(values: np.ndarray, scale: float) -> np.ndarray:
    """Return ``values`` times ``scale`` rounded to int64 (half to even)."""
    return np.rint(values * scale).astype(np.int64)


def fixed_point_into(
    values: np.ndarray, scale: float, buffer: np.ndarray, result: np.ndarray
) -> np.ndarray:
    """Return ``fixed_point`` in ``result`` (int64), by way of ``buffer`` (float): no allocation."""
    np.multiply(values, scale, out=buffer)
    np.rint(buffer, out=buffer)
    np.copyto(result, buffer, casting="unsafe")
    return result


def add_at(table: np.ndarray, index: np.ndarray, values: np.ndarray) -> None:
    """Add (n,) int64 ``values`` to ``table`` (int64, contiguous) at ``index`` (int32, contiguous).

    The product of a sparse matrix of one column with 1: ``np.add.at`` in three fifths of the time,
    and other threads may run meanwhile. SciPy's own door to it makes a table of zeros each time.
    ``index`` is not checked.
    """
    ends = np.array([0, len(index)], dtype=np.int32)
    _sparsetools.csc_matvec(len(table), 1, ends, index, values, _ONE, table)


def sum_levels(level_map: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return level_map' table, (k, ...), for a boolean (L, k) map and an int64 (L, ...) table.

    Integer sums of the rows that each column of the map picks: exact, and no matrix product.
    """
    result = np.empty((level_map.shape[1], *table.shape[1:]), dtype=np.int64)
    for column in range(level_map.shape[1]):
        table[level_map[:, column]].sum(axis=0, out=result[column, ...])
    return result


def invert_information(matrix: np.ndarray, tolerance: float) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the inverse of a symmetric positive definite matrix, and its linear dependences.

    The sweep operator (Goodnight 1979, The American Statistician 33) on the matrix scaled to unit
    diagonal: a pivot is then the share of a column that earlier columns do not explain. A column
    with a pivot of at most ``tolerance`` is left out (its rows and columns of the inverse are 0)
    and gives one dependence: (K,) coefficients, on scaled columns, of a combination that is 0.
    """
    size = len(matrix)
    diagonal = np.diag(matrix)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    swept = matrix / np.outer(scale, scale)
    dependences: list[np.ndarray] = []
    used = np.ones(size, dtype=bool)
    for k in range(size):
        pivot = swept[k, k]
        if not pivot > tolerance:
            used[k] = False
            combination = np.where(used & (np.arange(size) < k), -swept[:, k], 0.0)
            combination[k] = 1.0
            dependences.append(combination)
            continue
        column = swept[:, k].copy()
        row = swept[k] / pivot
        swept -= np.outer(column, row)
        swept[k] = row
        swept[:, k] = -column / pivot
        swept[k, k] = 1.0 / pivot
    inverse = np.where(np.outer(used, used), swept, 0.0) / np.outer(scale, scale)
    return (inverse + inverse.T) / 2, dependences


def apply(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Return matrix times vector, summed in an order that threads cannot change."""
    return (matrix * vector).sum(axis=1)


def sandwich(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Return outer inner outer', symmetric, summed in an order that threads cannot change."""
    product = np.einsum("ij,jk->ik", outer, inner, optimize=False)
    product = np.einsum("ik,lk->il", product, outer, optimize=False)
    return (product + product.T) / 2
