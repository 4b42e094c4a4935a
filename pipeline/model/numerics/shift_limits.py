"""Exact mid-p values and limits of counts whose people's odds move together, many units at once.

The Poisson limits of a count are too wide where the outcome is common. Here the count is
Poisson-binomial, and the limits are the expected counts at the two common log-odds shifts for
which the observed count is just outside chance: the test turned around, so that limits leave out
the expected count exactly where the test rejects it.

The mid-p tail comes from the characteristic function f of the count: P(X < o) + P(X = o) / 2 =
1/2 - 1/(2 pi) int_0^pi Im(f(t) exp(-i t o)) cot(t / 2) dt. The midpoint rule with N / 2 points is
exact but for what lies N or more from o (Gil-Pelaez 1951, Biometrika 38; Hong 2013, see
:mod:`pipeline.model.numerics.poisson_binomial`, which serves one unit with very many risks).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.optimize import elementwise

from pipeline.model.numerics.intervals import normal_quantile

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Units worked on at a time, so that a few arrays of frequencies stay small.
_BLOCK_UNITS = 256
#: exp(-36) = 2e-16 is what distances below leave out, exp(-41) what frequencies do.
_TAIL, _DAMPED = 36.0, 41.0
_SMALLEST = 1e-300
#: How far the search for a limit goes at a time, log odds, and how often.
_LONGEST_STEP, _MOST_STEPS = 8.0, 100
#: How near the limits are found, log odds.
_TOLERANCE = 1e-10


def unit_midp(observed: Floats, log_odds: Floats, people: Floats) -> Floats:
    """Return (M,) two-sided mid-p values of (M,) counts; absolute error about 1e-13.

    ``log_odds``, ``people`` (K, M): kinds of people; numbers of people need not be whole.
    """
    p_value = np.empty(len(observed))
    for start in range(0, len(observed), _BLOCK_UNITS):
        part = slice(start, start + _BLOCK_UNITS)
        p_value[part] = _midp(observed[part], special.expit(log_odds[:, part]), people[:, part])
    return p_value


def shifted_count_limits(
    observed: Floats, log_odds: Floats, people: Floats, level: float
) -> tuple[Floats, Floats]:
    """Return (M,) mid-p limits of the expected counts of units' people, of whom ``observed`` had.

    ``log_odds``, ``people`` (K, M) as for :func:`unit_midp`. 0 events have the lower limit 0,
    events in everyone the upper limit of all.
    """
    total = people.sum(axis=0)
    quantile = normal_quantile(level)
    middle = np.clip(observed, np.minimum(0.5, total / 2), np.maximum(total - 0.5, total / 2))
    start = _shift(middle, log_odds, people)
    p = special.expit(log_odds + start)
    with np.errstate(divide="ignore"):  # risks so near 0 and 1 that nothing is left to chance
        reach = (1 + quantile) / np.sqrt((people * p * (1 - p)).sum(axis=0))
    reach = np.minimum(reach, _LONGEST_STEP)

    def gap(shift: Floats, unit: Floats) -> Floats:
        # On the scale of normal scores the p-value is nearly linear in the shift.
        own = unit.astype(np.int64)
        value = unit_midp(observed[own], log_odds[:, own] + shift, people[:, own])
        return -special.ndtri(np.maximum(value, _SMALLEST) / 2) - quantile

    def limit(side: int, is_open: NDArray[np.bool_]) -> Floats:
        unit = np.flatnonzero(is_open)
        inner, outer = start[unit], start[unit] + side * reach[unit]
        arguments = unit.astype(np.float64)
        # At a low level one person's limit is the start itself, or within it.
        beyond = np.flatnonzero(gap(inner, arguments) >= 0)
        for _ in range(_MOST_STEPS):
            if not len(beyond):
                break
            inner[beyond] -= side * reach[unit[beyond]]
            beyond = beyond[gap(inner[beyond], arguments[beyond]) >= 0]
        short = np.flatnonzero(gap(outer, arguments) < 0)
        for _ in range(_MOST_STEPS):
            if not len(short):
                break
            inner[short] = outer[short]
            outer[short] += side * reach[unit[short]]
            short = short[gap(outer[short], arguments[short]) < 0]
        # Where no shift is far enough there is no limit: nobody, or everybody.
        at = np.full(len(unit), side * np.inf)
        is_met = np.ones(len(unit), dtype=bool)
        is_met[[*beyond, *short]] = False
        at[is_met] = elementwise.find_root(
            gap,
            (np.minimum(inner, outer)[is_met], np.maximum(inner, outer)[is_met]),
            args=(arguments[is_met],),
            tolerances={"xatol": _TOLERANCE},
        ).x
        p = special.expit(log_odds[:, unit] + at)
        return (people[:, unit] * p).sum(axis=0)

    low, high = np.zeros(len(observed)), total.copy()
    some, not_all = observed > 0, observed < total * (1 - 1e-12)
    low[some] = limit(-1, some)
    high[not_all] = limit(+1, not_all)
    return low, high


def _shift(target: Floats, log_odds: Floats, people: Floats) -> Floats:
    """Return (M,) shifts at which ``target`` (M,) events are expected, roughly."""
    shift = np.zeros(len(target))
    total = people.sum(axis=0)
    for _ in range(30):
        expected = (people * special.expit(log_odds + shift)).sum(axis=0)
        step = special.logit(target / total) - special.logit(expected / total)
        shift += np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
    return shift


def _midp(observed: Floats, p: Floats, people: Floats) -> Floats:
    mean, variance = (people * p).sum(axis=0), (people * p * (1 - p)).sum(axis=0)
    # Bernstein's inequality: beyond this distance lies less than exp(-36).
    distance = _TAIL / 3 + np.sqrt((_TAIL / 3) ** 2 + 2 * _TAIL * variance)
    away = np.abs(observed - mean)
    size = 2 * np.ceil((np.minimum(away, distance) + distance + 2) / 2)
    # |f| <= exp(-variance (1 - cos t)): frequencies beyond this one add nothing.
    with np.errstate(divide="ignore"):  # a variance that underflows damps nothing
        last = np.arccos(np.maximum(1 - _DAMPED / variance, -1.0))
    points = int(np.minimum(size / 2, np.ceil(last * size / (2 * np.pi))).max()) + 1
    step = np.arange(points)[:, None] + 0.5
    angle = step * 2 * np.pi / size
    less, sine = 2 * np.sin(angle / 2) ** 2, np.sin(angle)
    log_size, turn = np.zeros(angle.shape), (mean - observed) * angle
    for risk, number in zip(p, people, strict=True):
        # Of 1 + risk (exp(i t) - 1); the mean's own turn is apart, or large counts lose digits.
        with np.errstate(divide="ignore"):  # a risk of one half has no size at the last angle
            log_size += number / 2 * np.log1p(np.maximum(-2 * risk * (1 - risk) * less, -1.0))
        turn += number * (np.arctan2(risk * sine, 1 - risk * less) - risk * angle)
    wave = np.exp(log_size) * np.sin(turn)
    inside = step < size / 2
    part = np.where(inside, wave / np.tan(angle / 2), 0.0).sum(axis=0) / size
    lower = np.clip(0.5 - part, 0.0, 1.0)
    p_value = np.minimum(1.0, 2 * np.minimum(lower, 1 - lower))
    return np.where(away > distance, 0.0, p_value)
