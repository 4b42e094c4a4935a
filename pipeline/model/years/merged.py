"""What became of the practices of municipalities that were merged: levels, spread, which was kept.

A part, a municipality of before, has the level of the new municipality it went into times a ratio
of its own, gamma-distributed around 1 with a spread that all parts share; its count is Poisson
around that and is shown with noise, whose probabilities are used as they are. The level of the new
municipality is left free. So the spread is estimated from parts beside each other alone, and a part
is shrunken towards its neighbours of later, not towards the country (Clayton, D. & Kaldor, J.
(1987). Empirical Bayes estimates of age-standardized relative risks. Biometrics 43, 671-681).

Whether the new municipality follows the mean, the largest or the strictest of its parts is a finite
mixture over municipalities with the three levels that the parts' draws give, each times a change
that all share (a joint tightening) and a movement of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from pipeline.model.numerics.shown_counts import Transitions

#: Spreads (log, nearly) of parts around the new municipality, and levels of it, that are weighed.
SPREADS = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0])
_EDGES = np.concatenate([[0.0], (SPREADS[1:] + SPREADS[:-1]) / 2, [1.1 * SPREADS[-1]]])
_LEVELS = np.exp(np.linspace(np.log(0.15), np.log(5.0), 48))
#: Rules that a new municipality may follow.
RULES = ("mean", "largest", "strictest")
#: Draws of the parts' levels.
_DRAWS = 250
#: Movements of the new municipality's own and changes shared by all that are weighed; log.
_MOVES = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3])
_SHIFTS = np.linspace(-0.5, 0.5, 34)
#: Shares of the three rules that are weighed, all as likely before: steps of a twentieth.
_STEPS = 20
_MEANS = np.exp(np.linspace(np.log(1e-2), np.log(2e4), 240))


@dataclass(frozen=True)
class Parts:
    """Parts (P,) of new municipalities: which, 0 to M - 1, shown counts, what is expected.

    A count that is not shown is nan and says nothing. ``is_largest`` is true for one part of each.
    """

    municipality: np.ndarray
    shown: np.ndarray
    expected: np.ndarray
    is_largest: np.ndarray

    @property
    def size(self) -> int:
        """M, the number of new municipalities."""
        return int(self.municipality.max()) + 1 if len(self.municipality) else 0


@dataclass(frozen=True)
class Levels:
    """How likely each of :data:`SPREADS` is, and (P, D) draws of the parts' levels, O/E."""

    spread_share: np.ndarray
    draws: np.ndarray


@dataclass(frozen=True)
class Rules:
    """What new municipalities follow.

    ``share`` (3,) of the rules with the ends of the shortest intervals, ``commonest`` (3,) how
    likely each is the commonest, ``own`` (M, 3) how likely each municipality follows each,
    ``shift`` the change that all share (times) with limits.
    """

    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    commonest: np.ndarray
    own: np.ndarray
    shift: tuple[float, float, float]


def log_chance(
    shown: np.ndarray, mean: np.ndarray, spread: float, transitions: Transitions
) -> np.ndarray:
    """Return (n, G) the log chance of ``shown`` (n,) counts around the means (n, G).

    The count is Poisson around a gamma with relative standard deviation ``spread``, shown by
    ``transitions``. A shown count of nan has chance 1.
    """
    held = np.isfinite(shown)
    result = np.zeros(mean.shape)
    true, chance = transitions.behind(shown[held])
    with np.errstate(divide="ignore"):
        log_noise = np.log(chance)
    count, shape = np.maximum(true, 0), spread**-2
    constant = (
        log_noise
        + special.gammaln(shape + count)
        - special.gammaln(shape)
        - special.gammaln(count + 1.0)
    )
    log_failed = np.log(shape / (shape + mean[held]))
    log_gone = np.log(mean[held] / (shape + mean[held]))
    value = (
        constant[:, None, :]
        + shape * log_failed[:, :, None]
        + count[:, None, :] * log_gone[:, :, None]
    )
    top = value.max(axis=2)
    result[held] = top + np.log(np.exp(value - top[:, :, None]).sum(axis=2))
    return result


def levels_of(parts: Parts, transitions: Transitions, seed: int) -> Levels:
    """Return the levels of the parts; spread, level and noise are integrated over.

    Every spread of :data:`SPREADS` is as likely before, and every level of the new municipality on
    a log scale from 0.15 to 5.
    """
    rng = np.random.default_rng(seed)
    n, place = parts.size, parts.municipality
    by_spread = _log_likelihood(parts, transitions)
    share = _spread_share(by_spread)
    draws = np.empty((len(place), _DRAWS))
    spread_at = rng.choice(len(SPREADS), size=_DRAWS, p=share)
    for at in np.unique(spread_at):
        drawn = np.flatnonzero(spread_at == at)
        level_share = np.cumsum(special.softmax(by_spread[at], axis=1), axis=1)
        level_at = (level_share[:, :, None] < rng.random((n, 1, len(drawn)))).sum(axis=1)
        level = _LEVELS[np.minimum(level_at, len(_LEVELS) - 1)][place]
        draws[:, drawn] = _part_draws(parts, level, SPREADS[at], transitions, rng)
    return Levels(share, draws)


def spread_share(parts: Parts, transitions: Transitions) -> np.ndarray:
    """Return how likely each of :data:`SPREADS` is, as in :func:`levels_of`."""
    return _spread_share(_log_likelihood(parts, transitions))


def _log_likelihood(parts: Parts, transitions: Transitions) -> np.ndarray:
    """Return (S, M, L) the log chance of a municipality's parts by spread and by its level."""
    mean = np.maximum(parts.expected[:, None] * _LEVELS, 1e-9)
    result = np.zeros((len(SPREADS), parts.size, len(_LEVELS)))
    for at, spread in enumerate(SPREADS):
        chance = log_chance(parts.shown, mean, float(spread), transitions)
        np.add.at(result[at], parts.municipality, chance)
    return result


def _spread_share(by_spread: np.ndarray) -> np.ndarray:
    # Points are not equally far from each other, and every spread is as likely before.
    width = np.diff(_EDGES)
    return np.asarray(
        special.softmax(special.logsumexp(by_spread, axis=2).sum(axis=1) + np.log(width))
    )


def _part_draws(
    parts: Parts,
    level: np.ndarray,
    spread: float,
    transitions: Transitions,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return (P, d) draws of the parts' levels given those (P, d) of their new municipalities."""
    shape = spread**-2
    held = np.isfinite(parts.shown)
    count = np.zeros(level.shape)
    true, chance = transitions.behind(parts.shown[held])
    whole = np.maximum(true, 0)
    mean = np.maximum(parts.expected[held, None] * level[held], 1e-9)
    with np.errstate(divide="ignore"):
        weight = np.log(chance) + special.gammaln(shape + whole) - special.gammaln(whole + 1.0)
    value = weight[:, None, :] + whole[:, None, :] * np.log(mean / (shape + mean))[:, :, None]
    upto = np.cumsum(special.softmax(value, axis=2), axis=2)
    picked = (upto < rng.random((*mean.shape, 1))).sum(axis=2)
    count[held] = np.take_along_axis(whole, np.minimum(picked, whole.shape[1] - 1), axis=1)
    exposure = np.where(held, parts.expected, 0.0)[:, None]
    return np.asarray(rng.standard_gamma(shape + count) / (shape / level + exposure))


def spread_limits(share: np.ndarray, level: float) -> tuple[float, float, float]:
    """Return the median spread and its limits, between the points of :data:`SPREADS`."""
    upto = np.concatenate([[0.0], np.cumsum(share)])
    tail = (1 - level) / 2
    low, middle, high = np.interp([tail, 0.5, 1 - tail], upto, _EDGES)
    return float(middle), float(low), float(high)


def targets_of(parts: Parts, levels: Levels) -> np.ndarray:
    """Return (M, 3, D) draws of the level that a new municipality has by each of :data:`RULES`."""
    n = parts.size
    weight = np.zeros(n)
    np.add.at(weight, parts.municipality, parts.expected)
    mean = np.zeros((n, levels.draws.shape[1]))
    np.add.at(mean, parts.municipality, parts.expected[:, None] * levels.draws)
    least = np.full_like(mean, np.inf)
    np.minimum.at(least, parts.municipality, levels.draws)
    largest = np.empty_like(mean)
    largest[parts.municipality[parts.is_largest]] = levels.draws[parts.is_largest]
    return np.stack([mean / weight[:, None], largest, least], axis=1)


def rules_of(
    targets: np.ndarray,
    shown: np.ndarray,
    expected: np.ndarray,
    transitions: Transitions,
    level: float,
) -> Rules:
    """Return what the new municipalities follow, from their shown counts (M,) after.

    All shares of the rules are as likely before, as are all changes that are shared, from -40 to
    +65 %, and all movements of a municipality's own, 2 to 30 %.
    """
    n, n_rules, _ = targets.shape
    shares = _simplex(_STEPS)
    log_target = np.log(np.maximum(targets * expected[:, None, None], 1e-6))
    total = np.empty((len(_MOVES), len(_SHIFTS), len(shares)))
    own = np.zeros((len(_MOVES), len(_SHIFTS), n, n_rules))
    means = np.tile(_MEANS, (n, 1))
    curves = [log_chance(shown, means, move, transitions) for move in _MOVES.tolist()]
    rises = [np.diff(curve, append=curve[:, -1:]) for curve in curves]
    for to, shift in enumerate(_SHIFTS):
        below, beyond = _spots(log_target + shift)
        for at, (curve, rise) in enumerate(zip(curves, rises, strict=True)):
            value = curve.take(below) + beyond * rise.take(below)
            top = value.max(axis=2, keepdims=True)
            value -= top
            own[at, to] = np.log(np.exp(value, out=value).mean(axis=2)) + top[:, :, 0]
            peak = own[at, to].max(axis=1)
            likely = np.exp(own[at, to] - peak[:, None])
            total[at, to] = np.log(shares @ likely.T).sum(axis=1) + peak.sum()
    weight = special.softmax(total)
    by_share = weight.sum(axis=(0, 1))
    by_shift = weight.sum(axis=(0, 2))
    tail = (1 - level) / 2
    limits = [_shortest(shares[:, rule], by_share, level) for rule in range(n_rules)]
    followed = np.zeros((n, n_rules))
    for at in range(len(_MOVES)):
        for to in range(len(_SHIFTS)):
            if weight[at, to].sum() < 1e-6:
                continue
            likely = np.exp(own[at, to] - own[at, to].max(axis=1, keepdims=True))
            joint = shares[:, None, :] * likely[None]
            joint /= joint.sum(axis=2, keepdims=True)
            followed += np.einsum("s,smr->mr", weight[at, to], joint)
    most = shares == shares.max(axis=1, keepdims=True)
    most = most / most.sum(axis=1, keepdims=True)
    shift = _quantiles(_SHIFTS, by_shift, [0.5, tail, 1 - tail])
    return Rules(
        share=by_share @ shares,
        low=np.array([low for low, _ in limits]),
        high=np.array([high for _, high in limits]),
        commonest=by_share @ most,
        own=followed / followed.sum(axis=1, keepdims=True),
        shift=(float(np.exp(shift[0])), float(np.exp(shift[1])), float(np.exp(shift[2]))),
    )


def _spots(log_mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return at which place of (M, G) curves over :data:`_MEANS` log means (M, R, D) lie.

    The place below in the flattened curves, and how far beyond it.
    """
    first, last = np.log(_MEANS[[0, -1]])
    spot = np.clip((log_mean - first) / (last - first) * (len(_MEANS) - 1), 0, len(_MEANS) - 1.001)
    below = spot.astype(np.int64)
    return below + len(_MEANS) * np.arange(len(spot))[:, None, None], spot - below


def _simplex(steps: int) -> np.ndarray:
    """Return the shares of three that are whole parts of ``steps``, inside the edges by a half."""
    parts = [(a, b, steps - a - b) for a in range(steps + 1) for b in range(steps + 1 - a)]
    inside = np.array(parts, dtype=float) + 1 / 3
    return np.asarray(inside / inside.sum(axis=1, keepdims=True))


def _shortest(shares: np.ndarray, weight: np.ndarray, level: float) -> tuple[float, float]:
    """Return the ends of the shortest run of shares that holds ``level``; 0 and 1 at the edges."""
    values, place = np.unique(np.round(shares, 9), return_inverse=True)
    upto = np.concatenate([[0.0], np.cumsum(np.bincount(place, weight))])
    first = np.arange(len(values))
    last = np.searchsorted(upto, upto[first] + level * upto[-1] - 1e-12)
    fits = np.flatnonzero(last < len(upto))
    best = fits[np.argmin(last[fits] - first[fits])]
    low, high = best, last[best] - 1
    return (
        0.0 if low == 0 else float(values[low]),
        1.0 if high == len(values) - 1 else float(values[high]),
    )


def _quantiles(values: np.ndarray, weight: np.ndarray, at: list[float]) -> np.ndarray:
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weight[order])
    place = np.searchsorted(upto / upto[-1], at)
    return np.asarray(values[order][np.minimum(place, len(values) - 1)])
