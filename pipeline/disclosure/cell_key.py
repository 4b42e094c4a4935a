"""The cell-key method: noise of a count that is decided by who is counted.

Everybody has a record key that nobody outside can know. The keys of the persons in a cell, added
modulo :data:`MODULUS`, are the cell's key: uniform, and the same wherever the same persons are
counted, in any table, outcome, model, benchmark or night. The cell's key picks the noise from the
perturbation table, so that repeating a question never averages the noise out, and no two tables
have to be fitted to each other.

The row of the table for a true count i is the distribution of largest entropy among those with
mean i, the chosen variance, no result further away than the chosen reach and none from 1 to
``smallest_shown - 1``; 0 stays 0. Where no distribution has so small a variance, as for 1 to 4,
the row has the smallest that is possible.

Thompson, G., Broadfoot, S. and Elazar, D. (2013). Methodology for the automatic confidentialisation
of statistical outputs from remote servers at the Australian Bureau of Statistics. UNECE work
session on statistical data confidentiality, Ottawa. Giessing, S. (2016). Computational issues in
the design of transition probabilities and disclosure risk estimation for additive noise. Privacy in
Statistical Databases, LNCS 9867, 237-251.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from scipy.optimize import linprog, minimize
from scipy.special import logsumexp

from pipeline.model.numerics.shown_counts import EXACT, Transitions

#: Record keys are 0 to MODULUS - 1: four characters of a pseudonym, of 62 each.
MODULUS = 62**4
#: A row's mean and variance are met to this.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class CellKey:
    """The perturbation of counts.

    Attributes
    ----------
    variance
        Variance of the noise of a count, where the table can have it.
    reach
        Largest noise, either way.
    smallest_shown
        Results from 1 to below this do not occur.
    smallest_expected, smallest_expected_part
        A count is not shown where fewer are expected: where next to nobody is expected, a count
        above 0 would be known to be 1. Under noise of mean 0 that leaves 0 as it is some count is
        shown that is of 1 with a chance of exp(-expected) or more: two in three at 0.405. The first
        limit holds for the splits that matter most (three main diagnoses, three tenures); the
        second, larger, for all others, since each further look at the same few persons, with noise
        of its own, makes their number surer.
    has_exact_totals
        Whether municipalities' totals go without noise.
    """

    variance: float = 4.0
    reach: int = 10
    smallest_shown: int = 5
    smallest_expected: float = 0.41
    smallest_expected_part: float = 2.0
    has_exact_totals: bool = False

    @property
    def table(self) -> np.ndarray:
        """(N + 1, N + reach + 1) probability of each result for true counts 0 to N.

        From N on the noise has the same distribution, symmetric about 0.
        """
        return self.transitions.table

    @property
    def transitions(self) -> Transitions:
        """The table, as limits and likelihoods of shown counts take it."""
        return _transitions(self.variance, self.reach, self.smallest_shown)

    @property
    def total_transitions(self) -> Transitions:
        """Those of municipalities' totals: none where they are exact."""
        return EXACT if self.has_exact_totals else self.transitions

    def shown(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return ``counts`` (whole numbers) with the noise that ``keys`` pick, int64, same shape.

        ``keys`` are sums of the record keys of those counted.
        """
        share = _mixed(np.mod(np.asarray(keys).astype(np.int64), MODULUS))
        return self.transitions.shown(counts, share)

    def shown_totals(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return municipalities' totals as :meth:`shown`, or as they are where they are exact."""
        if self.has_exact_totals:
            return np.asarray(counts).astype(np.int64)
        return self.shown(counts, keys)

    def total_variance(self, shown: np.ndarray) -> np.ndarray:
        """Return :meth:`noise_variance` of totals, 0 where they are exact."""
        return self.noise_variance(shown) * (not self.has_exact_totals)

    def is_hidden(
        self,
        expected: np.ndarray,
        counts: np.ndarray | None = None,
        *,
        is_first: bool | np.ndarray = False,
    ) -> np.ndarray:
        """Return where too few are ``expected`` for a count to be shown; same shape.

        ``is_first`` says where the limit is ``smallest_expected``, elsewhere it is
        ``smallest_expected_part``. With ``counts``, as counted, only those below
        ``smallest_shown`` are hidden, so that what is hidden is known to be one of these.
        """
        limit = np.where(is_first, self.smallest_expected, self.smallest_expected_part)
        hidden = np.asarray(expected, dtype=float) < limit
        return hidden if counts is None else hidden & (np.asarray(counts) < self.smallest_shown)

    def noise_variance(self, shown: np.ndarray) -> np.ndarray:
        """Return the mean squared distance of the true count from the count ``shown``.

        As it is when every true count is equally likely: what a reader knows who sees the number
        alone. nan stays nan.
        """
        by_shown = self._variance_of_shown
        values = np.asarray(shown, dtype=float)
        place = np.clip(np.nan_to_num(values), 0, len(by_shown) - 1).astype(np.int64)
        return np.where(np.isnan(values), np.nan, by_shown[place])

    @cached_property
    def _variance_of_shown(self) -> np.ndarray:
        """(n,) as :meth:`noise_variance`, by what is shown; the last for all that is larger."""
        n_true = len(self.table) + 3 * self.reach
        likelihood = np.array([self.chances(count, n_true) for count in range(n_true)])
        distance = np.arange(n_true)[:, None] - np.arange(n_true)[None, :]
        with np.errstate(invalid="ignore"):
            variance = (likelihood * distance**2).sum(axis=0) / likelihood.sum(axis=0)
        return np.nan_to_num(variance[: n_true - self.reach])

    def chances(self, count: int, size: int) -> np.ndarray:
        """Return (size,) the chances of the results 0 to size - 1 for the true ``count``."""
        row = min(count, len(self.table) - 1)
        moved = np.zeros(size)
        for result, chance in enumerate(self.table[row]):
            place = result + count - row
            if chance and place < size:
                moved[place] += chance
        return moved


@cache
def _transitions(variance: float, reach: int, smallest_shown: int) -> Transitions:
    """Return :attr:`CellKey.transitions`: one of every kind, so that limits are solved once."""
    last = smallest_shown + reach
    table = np.zeros((last + 1, last + reach + 1))
    table[0, 0] = 1.0
    for count in range(1, last + 1):
        results = np.arange(max(0, count - reach), count + reach + 1)
        results = results[(results == 0) | (results >= smallest_shown)]
        table[count, results] = _largest_entropy(results - count, variance)
    table.setflags(write=False)
    return Transitions(table)


def _mixed(keys: np.ndarray) -> np.ndarray:
    """Return ``keys`` scattered over 0 to 1, so that sums of keys are picked independently.

    As they are, the keys of two cells and of both together would be tied: two that pick the largest
    noise have a sum that does. The scatter is the finisher of SplitMix64 (Steele, Lea & Flood 2014,
    Fast splittable pseudorandom number generators, OOPSLA), one to one on 64 bits.
    """
    x = keys.astype(np.uint64)
    with np.errstate(over="ignore"):
        x = x + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return np.asarray((x >> np.uint64(11)) * 2.0**-53)


def _largest_entropy(noise: np.ndarray, variance: float) -> np.ndarray:
    """Return (n,) probabilities of the values ``noise``: mean 0, the variance, largest entropy.

    With the smallest variance there is, where that is larger.
    """
    square = noise.astype(float) ** 2
    smallest = linprog(
        square, A_eq=np.vstack([np.ones(len(noise)), noise]), b_eq=[1.0, 0.0], method="highs"
    )
    if smallest.fun >= variance * (1 - 1e-6):
        return np.clip(smallest.x, 0.0, None) / np.clip(smallest.x, 0.0, None).sum()
    moments = np.vstack([noise / 4.0, square / 16.0])
    target = np.array([0.0, variance / 16.0])

    def dual(theta: np.ndarray) -> tuple[float, np.ndarray]:
        log_weight = theta @ moments
        total = float(logsumexp(log_weight))
        return total - float(theta @ target), moments @ np.exp(log_weight - total) - target

    optimum = minimize(
        dual, np.array([0.0, -1.0]), jac=True, method="BFGS", options={"gtol": 1e-12}
    )
    weight = optimum.x @ moments
    chance: np.ndarray = np.exp(weight - logsumexp(weight))
    gap = np.abs(moments @ chance - target).max()
    if gap > 1e-6:
        raise ValueError(f"no distribution with variance {variance} on {noise.tolist()}: {gap:.1e}")
    return chance
