"""Does practice change when who decides changes? A test of practice that needs no known truth.

If what is measured is how a municipality decides, its level should move more where a new consultant
or leader came than elsewhere; if it is the citizens' health, it should not. The device is that of
judges and teachers who change place (Chetty, R., Friedman, J. N. & Rockoff, J. E. (2014). Measuring
the impacts of teachers I. American Economic Review 104, 2593-2632, section V).

Two years before a date are held against the two from it on. Given the grants of the four, those of
the last two are binomial but for what the level moved and the noise they are shown with, so that
their squared departure, less those two, tells the variance of the logarithm of the move. Its mean
at the dates, each weighed by what it knows, less that where nobody is new, is twice the variance
between decision-makers who come and go independently. Limits by test inversion: the mean's
distribution under each variance is that of weighed squares of normal numbers. The p-value gives the
dates of each municipality to another one, at random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.codes.decision_makers import FEWEST
from pipeline.model.years.adjusted import AdjustedYears

#: Years that are held against each other, before a date and from it on.
SIDE_YEARS = 2
_ALLOCATIONS, _DRAWS = 999, 4_000
_ROUNDS = 4


@dataclass(frozen=True)
class DecisionMakerSpread:
    """How far decision-makers differ, standard deviations of the logarithm of a level.

    ``n_dates`` changes and ``n_elsewhere`` municipality-years without one are seen; ``at_date`` and
    ``elsewhere`` are how far a level moves there beyond chance, 0 where no more than by chance;
    ``between`` is what it says of decision-makers, with limits. nan with fewer than
    ``FEWEST`` dates, or as few elsewhere.
    """

    n_dates: int
    n_elsewhere: int
    at_date: float = np.nan
    elsewhere: float = np.nan
    between: float = np.nan
    between_low: float = np.nan
    between_high: float = np.nan
    p_value: float = np.nan


@dataclass(frozen=True)
class _Moves:
    """(M, T) squared moves before each year, and their sampling variance; nan where not seen."""

    square: np.ndarray
    variance: np.ndarray

    def mean(self, where: np.ndarray, among: float) -> float:
        """Return the mean square ``where``, weighed as if moves have variance ``among``."""
        weight = self.weight(among)[where]
        return float((weight * self.square[where]).sum() / weight.sum())

    def weight(self, among: float) -> np.ndarray:
        """Return (M, T) weights of the squares if moves have variance ``among``."""
        return (self.variance + among) ** -2.0


def decision_maker_spread(
    history: AdjustedYears, is_new: np.ndarray, level: float, seed: int
) -> DecisionMakerSpread:
    """Return how far decision-makers differ who were new where ``is_new`` (M, T).

    A year is seen where it and the one after, and the two before, are shown and have a grant in
    all. A municipality-year is elsewhere if nobody is new in it, the year before or the year after.
    """
    moves = _moves(history)
    is_seen = np.isfinite(moves.square)
    at_date, elsewhere = _split(is_new, is_seen)
    n_dates, n_elsewhere = int(at_date.sum()), int(elsewhere.sum())
    if min(n_dates, n_elsewhere) < FEWEST:
        return DecisionMakerSpread(n_dates, n_elsewhere)
    among = 0.0
    for _ in range(_ROUNDS):
        among = max(moves.mean(is_seen, among), 0.0)
    usual = max(moves.mean(elsewhere, among), 0.0)
    excess = moves.mean(at_date, among) - usual
    rng = np.random.default_rng(seed)
    variances = _drawn_variances(moves.variance[at_date], usual, among, excess, rng)
    low, high = np.quantile(variances, [(1 - level) / 2, (1 + level) / 2])
    return DecisionMakerSpread(
        n_dates,
        n_elsewhere,
        at_date=float(np.sqrt(max(excess + usual, 0.0))),
        elsewhere=float(np.sqrt(usual)),
        between=_between(excess),
        between_low=_between(low),
        between_high=_between(high),
        p_value=_p_value(moves, is_new, is_seen, among, rng),
    )


def _between(variance: float) -> float:
    """Return the spread between decision-makers of whom one follows another by ``variance``."""
    return float(np.sqrt(max(variance, 0.0) / 2))


def _moves(history: AdjustedYears) -> _Moves:
    observed, expected, noise = history.counted, history.expected, history.noise_variance
    before, after = (
        [_sides(values, of_after) for values in (observed, expected, noise)]
        for of_after in (False, True)
    )
    n_shown = [_sides((expected > 0).astype(float), of_after) for of_after in (False, True)]
    total = before[0] + after[0]
    is_seen = (np.minimum(*n_shown) == SIDE_YEARS) & (total > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = after[1] / (before[1] + after[1])
        slope = share * (1 - share) * total
        noisy = slope + (1 - share) ** 2 * after[2] + share**2 * before[2]
        square = ((after[0] - share * total) ** 2 - noisy) / slope**2
        variance = noisy / slope**2
    return _Moves(*(np.where(is_seen, values, np.nan) for values in (square, variance)))


def _sides(values: np.ndarray, of_after: bool) -> np.ndarray:
    """Return (M, T) sums over the years from each on, or before it; nan where there are fewer."""
    sums = np.full(values.shape, np.nan)
    for at in range(SIDE_YEARS, values.shape[1] - SIDE_YEARS + 1):
        years = slice(at, at + SIDE_YEARS) if of_after else slice(at - SIDE_YEARS, at)
        sums[:, at] = values[:, years].sum(axis=1)
    return sums


def _split(is_new: np.ndarray, is_seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where a date is seen, and where no date is near."""
    near = is_new.copy()
    near[:, 1:] |= is_new[:, :-1]
    near[:, :-1] |= is_new[:, 1:]
    return is_new & is_seen, ~near & is_seen


def _drawn_variances(
    sampling: np.ndarray, usual: float, among: float, excess: float, rng: np.random.Generator
) -> np.ndarray:
    """Return the variances at which each of many draws would give ``excess``.

    The mean square of a draw rises linearly with the variance, so each draw has one; its quantiles
    are the ends of the interval.
    """
    weight = (sampling + among) ** -2.0
    weight /= weight.sum()
    squares = rng.standard_normal((_DRAWS, len(sampling))) ** 2
    without = squares @ (weight * (usual + sampling)) - (weight * sampling).sum() - usual
    return np.asarray((excess - without) / (squares @ weight))


def _p_value(
    moves: _Moves, is_new: np.ndarray, is_seen: np.ndarray, among: float, rng: np.random.Generator
) -> float:
    """Return the share of allocations of the dates whose excess is no smaller, with the real one.

    Whole municipalities change dates, so that years and their number stay; an allocation that
    leaves nothing at dates or elsewhere counts as no smaller.
    """
    places = np.arange(len(is_new))
    orders = np.array([places, *(rng.permutation(places) for _ in range(_ALLOCATIONS))])
    weight = np.where(is_seen, moves.weight(among), 0.0)
    weighed = np.where(is_seen, weight * moves.square, 0.0)

    def means(where: np.ndarray) -> np.ndarray:
        """Return the mean square of each allocation of ``where``, all of them in two products."""
        placed = where[orders].reshape(len(orders), -1).astype(float)
        with np.errstate(invalid="ignore"):
            return np.asarray((placed @ weighed.ravel()) / (placed @ weight.ravel()))

    at_date, elsewhere = (means(where) for where in _split(is_new, np.ones_like(is_seen)))
    excess = np.nan_to_num(at_date - elsewhere, nan=np.inf)
    drawn = int((excess[1:] >= excess[0] - 1e-12).sum())
    return (drawn + 1) / (_ALLOCATIONS + 1)
