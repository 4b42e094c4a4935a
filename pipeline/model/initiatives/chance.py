"""How far chance alone goes: an effect held against those of all other assignments.

Randomisation inference: had the initiative done nothing, those who did not adopt it would do for
those who did. Units differ in size, so that an effect is measured in its own standard error, of
which the square is a constant and a part that falls with the number of persons (Ferman, B. & Pinto,
C. (2019). Inference in differences-in-differences with few treated groups and heteroskedasticity.
Review of Economics and Statistics 101, 452-467). If who adopts was drawn by lot the test has its
level exactly, whatever that model is worth; else as far as it holds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.model.initiatives.group_time import Panel

#: All assignments are looked at where there are no more than this, else as many drawn as below.
MOST_EXACT, N_DRAWN = 10_000, 1_999
POWER = 0.8
_ROUNDS, _LEAST = 8, 1e-6


@dataclass(frozen=True)
class Scaled:
    """An effect under each of A assignments, the first of them the one there was.

    Attributes
    ----------
    effects
        (A,) on the outcome's scale.
    errors
        (A,) their standard errors.
    """

    effects: np.ndarray
    errors: np.ndarray

    @property
    def ratios(self) -> np.ndarray:
        """(A,) effects in standard errors."""
        return np.asarray(self.effects / self.errors)

    def p_value(self) -> float:
        """Return the share of assignments whose effect is no smaller, either way."""
        size = np.abs(self.ratios)
        return float(np.mean(size >= size[0] * (1 - 1e-9)))

    def critical(self, level: float) -> float:
        """Return the smallest ratio that as few as ``1 - level`` of the assignments reach."""
        size = -np.sort(-np.abs(self.ratios))
        most = math.floor((1 - level) * len(size) + 1e-9)
        return float(size[max(most - 1, 0)])

    def detectable(self, level: float) -> float:
        """Return the smallest effect that is found in :data:`POWER` of all cases."""
        both = np.concatenate([self.ratios, -self.ratios])
        return float(self.errors[0] * (self.critical(level) + np.quantile(both, POWER)))


def assignments(
    adopters: np.ndarray, starts: np.ndarray, n_units: int, seed: int
) -> tuple[np.ndarray, bool]:
    """Return (A, k) units in place of the ``adopters`` (k,), these first, and whether it is all.

    Units that begin in the same period stand in any order, which is counted once. All there are
    where no more than :data:`MOST_EXACT`, else :data:`N_DRAWN` at random besides.
    """
    k = len(adopters)
    is_one_date = len(set(starts.tolist())) == 1
    n = math.comb(n_units, k) if is_one_date else math.perm(n_units, k)
    if n <= MOST_EXACT:
        walk = itertools.combinations if is_one_date else itertools.permutations
        own = tuple(sorted(adopters)) if is_one_date else tuple(adopters)
        others = [one for one in walk(range(n_units), k) if one != own]
        return np.array([tuple(adopters), *others]), True
    rng = np.random.default_rng(seed)
    drawn = np.argsort(rng.random((N_DRAWN, n_units)), axis=1)[:, :k]
    return np.vstack([adopters, drawn]), False


def standard_errors(alone: np.ndarray, sizes: np.ndarray, assigned: np.ndarray) -> np.ndarray:
    """Return (A, k) the standard error of the effect on each assigned unit, by its size.

    ``alone`` (N,) effects on each unit, had it adopted alone. Their squares are fitted by a
    constant and a part over ``sizes`` (N,), neither below 0, as the likelihood of normal effects
    weighs them; without the units of the assignment, so that a large effect does not hide itself.
    """
    square = (alone - np.average(alone, weights=sizes)) ** 2
    scale = float(square.mean())
    if scale == 0:
        return np.full(assigned.shape, _LEAST)
    square = square / scale
    over = float(sizes.min()) / sizes
    fitted = np.ones(len(alone))
    for _ in range(_ROUNDS):
        constant, part = _line(*(terms.sum() for terms in _terms(square, over, fitted)))
        fitted = np.maximum(constant + part * over, _LEAST)
    without = (terms.sum() - terms[assigned].sum(axis=1) for terms in _terms(square, over, fitted))
    constant, part = _line(*without)
    variance = constant[:, None] + part[:, None] * over[assigned]
    return np.asarray(np.sqrt(scale * np.maximum(variance, _LEAST)))


def _terms(square: np.ndarray, over: np.ndarray, fitted: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return what the normal equations of a line through ``square`` add up, (N,) each."""
    weight = fitted**-2
    return weight, weight * over, weight * over**2, weight * square, weight * square * over


def _line(
    n: np.ndarray, x: np.ndarray, xx: np.ndarray, y: np.ndarray, xy: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return constant and slope, neither below 0, of least squares from sums of any one shape."""
    slope = (n * xy - x * y) / np.maximum(n * xx - x**2, 1e-300)
    constant = (y - slope * x) / n
    slope = np.where(constant < 0, xy / xx, np.maximum(slope, 0.0))
    constant = np.where(constant < 0, 0.0, (y - slope * x) / n)
    return np.asarray(constant), np.asarray(slope)


def scaled(
    effects: np.ndarray,
    alone: Sequence[np.ndarray],
    weights: np.ndarray,
    panel: Panel,
    assigned: np.ndarray,
) -> Scaled:
    """Return one figure per assignment with its standard error.

    ``effects`` (A, k, T); ``alone``, for each adopter (N, T) the effects on each unit had it alone
    begun when that one did; ``weights`` (k, T) of periods, rows without any left out; ``panel``
    says what units count and what their errors fall with; ``assigned`` (A, k).
    """
    slots = np.flatnonzero(weights.any(axis=1))
    share = panel.weights[assigned[:, slots]]
    share = share / share.sum(axis=1, keepdims=True)
    figure = np.zeros(len(assigned))
    square = np.zeros(len(assigned))
    for place, slot in enumerate(slots.tolist()):
        used = weights[slot] > 0
        figure += share[:, place] * (effects[:, slot][:, used] @ weights[slot][used])
        error = standard_errors(
            alone[slot][:, used] @ weights[slot][used], panel.of_error, assigned
        )
        square += (share[:, place] * error[:, slot]) ** 2
    return Scaled(figure, np.sqrt(square))
