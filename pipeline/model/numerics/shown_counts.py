"""What a count says that is shown with noise, by the probabilities of the noise itself.

:class:`Transitions` are the probabilities that a true count is shown as another. With them the mean
of a Poisson count has exact limits from what is shown, and its likelihood is a sum over the true
counts that may stand behind it; no normal error is taken for the noise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from pipeline.model.numerics.intervals import bisect, counts, normal_quantile, poisson_midp_limits

Floats = NDArray[np.float64]
#: Bins of equal width, of shares from 0 to 1: a share's result is looked for from that of its bin.
_BINS = 1024


@dataclass(frozen=True, eq=False)
class Transitions:
    """Probabilities of what true counts are shown as.

    Attributes
    ----------
    table
        (N + 1, N + 1 + R) probability of each result for true counts 0 to N. From N on noise has
        the same distribution, of at most R either way, and does not depend on the count.
    """

    table: Floats
    _limits: dict[tuple[float, float], tuple[float, float]] = field(default_factory=dict)

    @property
    def reach(self) -> int:
        """R, the largest noise either way; 0 where counts are shown as they are."""
        return self.table.shape[1] - self.table.shape[0]

    @cached_property
    def _noise(self) -> Floats:
        """(N + 1, 2 R + 3) probability of noise from -R - 1 to R + 1, by the true count."""
        last, reach = len(self.table) - 1, self.reach
        noise = np.zeros((last + 1, 2 * reach + 3))
        for true in range(last + 1):
            for result in range(max(0, true - reach), true + reach + 1):
                noise[true, result - true + reach + 1] = self.table[true, result]
        return noise

    @cached_property
    def _upto(self) -> Floats:
        """(N + 1, N + R + 2) probability of each result or a smaller one, and what no share is."""
        upto = np.cumsum(self.table, axis=1)
        upto[:, -1] = 1.0
        return np.pad(upto, ((0, 0), (0, 1)), constant_values=np.inf)

    @cached_property
    def _first(self) -> NDArray[np.int64]:
        """(N + 1, :data:`_BINS` + 1) result of the smallest share of each bin."""
        least = np.arange(_BINS + 1) / _BINS
        return np.array([np.searchsorted(row, least, side="right") for row in self._upto])

    def behind(self, shown: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
        """Return the true counts (n, W) that may be shown as ``shown`` (n,), and with what chance.

        Counts below 0 have chance 0. What cannot be shown has no chance from any count.
        """
        true = self._near(shown)
        noise = np.asarray(shown, dtype=np.int64)[:, None] - true + self.reach + 1
        row = np.clip(true, 0, len(self.table) - 1)
        return true, np.where(true >= 0, self._noise[row, noise], 0.0)

    def shown(self, true: ArrayLike, share: ArrayLike) -> NDArray[np.int64]:
        """Return what the counts ``true`` are shown as, int64, same shape.

        ``share``, of the same shape, are numbers from 0 to below 1 that pick the noise: even ones
        give every result its probability.
        """
        counted, picks = np.asarray(true).astype(np.int64), np.ravel(share)
        row = np.minimum(counted.ravel(), len(self.table) - 1)
        place = self._first[row, (picks * _BINS).astype(np.int64)]
        beyond = np.flatnonzero(picks >= self._upto[row, place])
        while len(beyond):
            place[beyond] += 1
            beyond = beyond[picks[beyond] >= self._upto[row[beyond], place[beyond]]]
        return np.asarray(counted + (place - row).reshape(counted.shape))

    def mean_limits(self, shown: ArrayLike, level: float) -> tuple[Floats, Floats]:
        """Return the mid-p limits of the mean of a Poisson count that is shown as ``shown``.

        They solve ``P(S > s) + P(S = s) / 2 = alpha / 2`` and its mirror, S being what is shown of
        a Poisson count; without noise they are :func:`poisson_midp_limits`. What is shown as 0 has
        low 0. Whole numbers; a missing one gives missing limits.
        """
        if not self.reach:
            return poisson_midp_limits(shown, level)
        normal_quantile(level)
        s = counts(shown)
        distinct, where = np.unique(s[~np.isnan(s)], return_inverse=True)
        new = np.array([value for value in distinct if (value, level) not in self._limits])
        if new.size:
            for value, low, high in zip(new, *self._solved(new, level), strict=True):
                self._limits[value, level] = float(low), float(high)
        solved = np.array([self._limits[value, level] for value in distinct]).reshape(-1, 2)
        low, high = np.full(s.shape, np.nan), np.full(s.shape, np.nan)
        low[~np.isnan(s)], high[~np.isnan(s)] = solved[where].T
        return low, high

    def pooled_limits(self, shown: float, expected: ArrayLike, level: float) -> tuple[float, float]:
        """Return the mid-p limits of a ratio that several Poisson counts have in common.

        ``shown`` is the sum of what is shown of each of them by itself, ``expected`` (n,) their
        means at a ratio of 1. Without noise they are those of one count with all that is expected;
        a sum of 0 has low 0. Raises :class:`ValueError` where nothing is expected.
        """
        e = np.asarray(expected, dtype=np.float64)
        if not e.sum() > 0:
            raise ValueError("nothing is expected of the counts")
        if not self.reach:
            low, high = poisson_midp_limits(shown, level)
            return float(low) / e.sum(), float(high) / e.sum()
        e, tail = e[e > 0], (1.0 - level) / 2
        most = float(poisson_midp_limits(shown + len(e) * (self.reach + 1), level)[1]) / e.sum()

        def solved(share: float) -> float:
            return float(
                optimize.brentq(lambda ratio: self._below(shown, ratio * e) - share, 0.0, most)
            )

        return 0.0 if shown == 0 else solved(1 - tail), solved(tail)

    def _below(self, shown: float, mean: Floats) -> float:
        """Return the chance of a smaller sum than ``shown``, half of its own included.

        The sum is of what is shown of independent Poisson counts with means (n,).
        """
        largest = float(mean.max())
        true = np.arange(int(largest + 12 * np.sqrt(largest)) + 30)
        log_mass = true * np.log(np.maximum(mean, 1e-300))[:, None] - mean[:, None]
        chance = np.exp(log_mass - special.gammaln(true + 1.0))
        row, reach = np.minimum(true, len(self.table) - 1), self.reach
        of_shown = np.zeros((len(mean), len(true) + 2 * reach))  # from -reach on, where it is 0
        for noise in range(2 * reach + 1):
            of_shown[:, noise : noise + len(true)] += chance * self._noise[row, noise + 1]
        # The sum's distribution is the product of the transforms of all.
        length = len(mean) * (of_shown.shape[1] - reach)
        transformed = np.fft.rfft(of_shown[:, reach:], length).prod(axis=0)
        mass, place = np.fft.irfft(transformed, length), int(shown)
        return float(mass[:place].sum() + (mass[place] / 2 if place < len(mass) else 0.0))

    def _near(self, shown: ArrayLike) -> NDArray[np.int64]:
        """Return (n, 2 R + 1) the true counts no further away than noise reaches."""
        s = np.asarray(shown, dtype=np.int64)
        return np.asarray(s[:, None] + np.arange(-self.reach, self.reach + 1))

    def _solved(self, shown: Floats, level: float) -> tuple[Floats, Floats]:
        tail = (1.0 - level) / 2
        true = self._near(shown)
        row = np.clip(true, 0, len(self.table) - 1)
        upto = np.cumsum(self._noise, axis=1)
        place = shown.astype(np.int64)[:, None] - true + self.reach + 1
        # The chance that a true count is shown below, half of that of what is shown included.
        chance = np.where(true >= 0, upto[row, place] - self._noise[row, place] / 2, 0.0)
        power = np.maximum(true, 0)  # counts below 0 have no chance
        log_factorial = special.gammaln(power + 1.0)
        first = shown - self.reach

        def below(mean: Floats) -> Floats:
            safe = np.maximum(mean, 1e-300)
            mass = np.exp(power * np.log(safe)[:, None] - mean[:, None] - log_factorial)
            surely = np.where(first > 0, special.gammaincc(np.maximum(first, 1.0), mean), 0.0)
            return np.asarray(surely + np.sum(chance * mass, axis=1))

        least, most = np.zeros_like(shown), poisson_midp_limits(shown + self.reach + 1, level)[1]
        low = bisect(lambda mean: below(mean) > 1 - tail, least, most)
        high = bisect(lambda mean: below(mean) > tail, least, most)
        return np.where(shown == 0, 0.0, low), high


#: Counts are shown as they are.
EXACT = Transitions(np.ones((1, 1)))
#: What a count shown as 0 counts as where an effect's error is asked.
HALF_A_COUNT = 0.5


@dataclass(frozen=True)
class ShownCounts:
    """Counts (n,) as they are shown, the variance of their noise, and what noise does to counts."""

    observed: Floats
    noise_variance: Floats
    transitions: Transitions

    def log_variance(self, expected: ArrayLike) -> Floats:
        """Return (n,) what noise adds to the variance of log ratios to ``expected`` counts.

        Noise of a count moves the log by about itself over the count.
        """
        size = np.fmax(np.fmax(self.observed, expected), HALF_A_COUNT)
        return np.asarray(self.noise_variance / size**2)
