"""Small counts rounded so that everything published still adds up.

Of the finest cells, those of 1 to below ``base`` that stand in a published count as small become 0
or ``base``, chosen one after another so that published counts move as little as may be; published
counts are sums of the result. The idea is Langsrud, O. & Heldal, J. (2018), An algorithm for small
count rounding of tabular data, PSD 2018; PLSrounding is their package in R, whose search this is a
short form of.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, hstack, kron
from scipy.sparse import eye as identity

#: Rounds of exchanging a cell rounded up for one rounded down.
_EXCHANGES = 200


def rounded(atoms: np.ndarray, members: np.ndarray, base: int) -> np.ndarray:
    """Return (M, A) ``atoms`` with small ones rounded; ``members`` (S, A) says what is published.

    Published are (M, S) sums and those of all M together.
    """
    n_places, n_atoms = atoms.shape
    of_level = csr_array(members.T.astype(float))
    published = hstack(
        [
            kron(identity(n_places), of_level),
            kron(np.ones((n_places, 1)), of_level),
        ]
    ).tocsr()
    result, is_rounded = atoms.ravel().astype(float), np.zeros(n_places * n_atoms, dtype=bool)
    while True:
        sums = published.T @ result
        is_small = (sums > 0) & (sums < base)
        more = (result > 0) & (result < base) & ~is_rounded & (published @ is_small > 0)
        if not more.any():
            return np.rint(result).astype(np.int64).reshape(atoms.shape)
        is_rounded |= more
        at = np.flatnonzero(is_rounded)
        result[at] = _settled(published[at], atoms.ravel()[at].astype(float), base)


def _settled(published: csr_array, values: np.ndarray, base: int) -> np.ndarray:
    """Return (n,) 0 or ``base`` whose published sums are near those of ``values``."""
    size = np.asarray(published.sum(axis=1)).ravel()
    transposed = published.T.tocsr()
    is_up = np.zeros(len(values), dtype=bool)
    gap = transposed @ values
    pull = published @ gap

    def move(cell: int, way: int) -> None:
        sums = np.zeros(published.shape[1])
        sums[published.indices[published.indptr[cell] : published.indptr[cell + 1]]] = way * base
        pull[:] -= published @ sums
        is_up[cell] = way > 0

    for _ in range(round(values.sum() / base)):
        gain = np.where(is_up, -np.inf, 2 * pull - base * size)
        move(int(gain.argmax()), 1)
    for _ in range(_EXCHANGES):
        down = int(np.where(is_up, -2 * pull - base * size, -np.inf).argmax())
        up = int(np.where(is_up, -np.inf, 2 * pull - base * size).argmax())
        if is_up.all() or not is_up.any():
            break
        overlap = float((published[[down]] @ transposed[:, [up]]).sum())
        better = -2 * pull[down] - base * size[down] + 2 * pull[up] - base * size[up]
        if better + 2 * base * overlap <= 0:
            break
        move(down, -1)
        move(up, 1)
    return np.where(is_up, float(base), 0.0)
