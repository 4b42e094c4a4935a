"""An attacker of a series: who knows every count shown along time, and how people come and go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import binom, poisson

from pipeline.disclosure import CellKey


class SeriesGuesser:
    """Chances of each stock, inflow and outflow of an area, from all that is shown of it.

    A hidden Markov model of the number of persons: ``inflow`` are expected each quarter (Poisson)
    and each leaves with the chance ``exit_share``. Both are known to the attacker. Where nobody
    comes or goes the same persons have the same noise. Missing numbers (None) are hidden.
    """

    def __init__(self, method: CellKey, inflow: float, exit_share: float, size: int) -> None:
        self._size = size
        self._likelihood = np.array([method.chances(n, size + 80) for n in range(size)])
        numbers = np.arange(size)
        self._first = poisson.pmf(numbers, inflow / exit_share)
        self._come = poisson.pmf(numbers, inflow)
        self._go = binom.pmf(numbers[None, :], numbers[:, None], exit_share)
        # Row: those who stay, of who was there; by how many go.
        self._stay = numbers[:, None] - numbers[None, :]

    def chances(
        self,
        stock: Sequence[int | None],
        come: Sequence[int | None],
        go: Sequence[int | None],
    ) -> dict[str, np.ndarray]:
        """Return (Q, size) chances of ``stock``, ``come`` and ``go``; no flow in the first quarter.

        Each argument has what is shown in Q quarters.
        """
        emission = [self._of(shown) for shown in stock]
        steps = [
            (self._come * self._of(a), self._go * self._of(b))
            for a, b in zip(come[1:], go[1:], strict=True)
        ]
        kernels = []
        for at, (comes, goes) in enumerate(steps, 1):
            nobody = comes[0] * goes[:, 0]
            moved = self._matrix(comes, goes) - np.diag(nobody)
            # The same persons are shown as they were.
            if stock[at - 1] is None:
                same = emission[at]
            else:
                same = np.full(self._size, float(stock[at] in (None, stock[at - 1])))
            kernels.append((moved * emission[at], nobody * same))
        forward = [_scaled(self._first * emission[0])]
        for moved, same in kernels:
            forward.append(_scaled(forward[-1] @ moved + forward[-1] * same))
        backward = [np.ones(self._size)]
        for moved, same in reversed(kernels):
            backward.append(_scaled(moved @ backward[-1] + same * backward[-1]))
        backward.reverse()
        result = {
            "stock": np.array([_scaled(f * b) for f, b in zip(forward, backward, strict=True)]),
            "come": np.zeros((len(stock), self._size)),
            "go": np.zeros((len(stock), self._size)),
        }
        for at, ((comes, goes), (_, same)) in enumerate(zip(steps, kernels, strict=True), 1):
            joint = self._flows(forward[at - 1], comes, goes, emission[at] * backward[at])
            # Nobody came or went: what is shown then is known without drawing it anew.
            before = forward[at - 1]
            joint[0, 0] -= (before * goes[:, 0] * comes[0] * emission[at] * backward[at]).sum()
            joint[0, 0] += (before * same * backward[at]).sum()
            joint = np.maximum(joint, 0.0) / joint.sum()
            result["come"][at], result["go"][at] = joint.sum(axis=0), joint.sum(axis=1)
        return result

    def _of(self, shown: int | None) -> np.ndarray:
        return np.ones(self._size) if shown is None else self._likelihood[:, shown]

    def _matrix(self, comes: np.ndarray, goes: np.ndarray) -> np.ndarray:
        """Return (size, size) the chance of the stock after, by the stock before."""
        stays = np.zeros((self._size, self._size))
        row, out = np.nonzero(self._stay >= 0)
        stays[row, row - out] = goes[row, out]
        number = np.arange(self._size)
        more = number[None, :] - number[:, None]
        return np.asarray(stays @ np.where(more >= 0, comes[np.maximum(more, 0)], 0.0))

    def _flows(
        self, before: np.ndarray, comes: np.ndarray, goes: np.ndarray, after: np.ndarray
    ) -> np.ndarray:
        """Return (size, size) the weight of so many who go, and come."""
        number = np.arange(self._size)
        # By how many stay and go.
        reached = number[:, None] + number[None, :]
        inside = reached < self._size
        both = np.where(
            inside,
            (before[:, None] * goes)[np.minimum(reached, self._size - 1), number[None, :]],
            0.0,
        )
        ends = np.where(inside, after[np.minimum(reached, self._size - 1)], 0.0)
        return np.asarray(both.T @ ends * comes)


def _scaled(weights: np.ndarray) -> np.ndarray:
    return np.asarray(weights / weights.sum())
