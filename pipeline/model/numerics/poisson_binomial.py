"""The exact distribution of a sum of many unequal yes/no outcomes.

The residents of a municipality are few distinct risks, each with a number of people. The
characteristic function of their number of grants needs, below a risk of 0.2, only power sums of
the risks, so that hundreds of thousands of cells cost milliseconds; its Fourier transform over a
window around the mean gives the probabilities with an absolute error of about 1e-14.

Hong, Y. (2013). On computing the distribution function for the Poisson binomial distribution.
Computational Statistics & Data Analysis 59, 41-51.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Upper ends of the classes of risk; each class takes as many power sums as its own end needs.
_CLASS_ENDS = (1e-3, 1e-2, 5e-2, 0.2)


def poisson_binomial_distribution(probability: ArrayLike, count: ArrayLike) -> tuple[int, Floats]:
    """Return ``(first, mass)``: ``mass[j]`` is the probability of ``first + j`` events.

    ``probability`` (cells) holds risks 0-1 and ``count`` (cells) how many people have each. The
    window leaves out less than 1e-15 on either side and never leaves 0..sum(count). Raises
    :class:`ValueError` for risks outside 0-1, negative or fractional counts, or nan.
    """
    p, c = np.broadcast_arrays(
        np.asarray(probability, dtype=np.float64).ravel(),
        np.asarray(count, dtype=np.float64).ravel(),
    )
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError("risks must lie between 0 and 1, none missing")
    if not np.all((c >= 0) & (c == np.floor(c))):
        raise ValueError("counts of people must be whole, none negative or missing")
    n_people = int(c.sum())
    mean, variance = float(c @ p), float(c @ (p * (1 - p)))
    # Bernstein's inequality: beyond this distance lies less than exp(-36) = 2e-16.
    distance = 12.0 + np.sqrt(144.0 + 72.0 * variance)
    first = max(0, int(np.floor(mean - distance)))
    last = min(n_people, int(np.ceil(mean + distance)))
    size = 1 << int(last - first).bit_length()
    angle = 2 * np.pi * np.arange(size // 2 + 1) / size
    # |cf| <= exp(-variance (1 - cos)): the frequencies beyond this one add nothing.
    needed = angle[variance * (1 - np.cos(angle)) < 41.0]
    cf = np.zeros(len(angle), dtype=np.complex128)
    log_cf = _log_characteristic(p, c, np.expm1(1j * needed)) - 1j * needed * first
    cf[: len(needed)] = np.exp(np.conj(log_cf))
    mass = np.fft.irfft(cf, size)[: last - first + 1]
    return first, np.clip(mass, 0.0, None)


def _log_characteristic(p: Floats, c: Floats, shift: Complex) -> Complex:
    """Return sum of ``c log(1 + p shift)``, a complex array of the shape of ``shift``."""
    total = np.zeros(shift.shape, dtype=np.complex128)
    widest = float(np.abs(shift).max())
    start = 0.0
    for end in _CLASS_ENDS:
        inside = (p > start) & (p <= end)
        start = end
        if not inside.any():
            continue
        sums = _power_sums(p[inside], c[inside], end * widest)
        # log(1 + x) by its series, from the smallest term (Horner) for accuracy.
        series = np.zeros_like(total)
        for k in range(len(sums), 0, -1):
            series = (series + (-1) ** (k + 1) * sums[k - 1] / k) * shift
        total += series
    with np.errstate(divide="ignore"):  # a risk of one half has no mass at the last frequency
        for risk, people in _joined(p[p > start], c[p > start]):
            total += people * np.log1p(risk * shift)
    return total


def _power_sums(p: Floats, c: Floats, largest: float) -> list[float]:
    """Return sum c p^k, k = 1, 2, ..., enough of them for arguments of at most ``largest``."""
    sums = [float(c @ p)]
    power = p.copy()
    n_people = float(c.sum())
    # What is left out after k terms is at most n largest^(k+1) / (1 - largest).
    while n_people * largest ** (len(sums) + 1) / (1 - largest) > 1e-16:
        power *= p
        sums.append(float(c @ power))
    return sums


def _joined(p: Floats, c: Floats) -> list[tuple[float, float]]:
    """Return each distinct risk once with its people."""
    distinct, where = np.unique(p, return_inverse=True)
    people = np.bincount(where, weights=c, minlength=len(distinct))
    return list(zip(distinct.tolist(), people.tolist(), strict=True))


def _tails(first: int, mass: Floats, observed: ArrayLike) -> tuple[Floats, Floats]:
    """Return the lower and upper mid-p tails of ``observed`` (any shape)."""
    o = np.asarray(observed)
    below = np.concatenate([[0.0], np.cumsum(mass)])
    above = np.concatenate([np.cumsum(mass[::-1])[::-1], [0.0]])
    place = np.clip(np.asarray(o - first, dtype=np.int64), -1, len(mass))
    inside = (place >= 0) & (place < len(mass))
    safe = np.where(inside, place, 0)
    lower = np.where(inside, below[safe] + mass[safe] / 2, np.where(place < 0, 0.0, 1.0))
    upper = np.where(inside, above[safe + 1] + mass[safe] / 2, np.where(place < 0, 1.0, 0.0))
    return lower, upper


def poisson_binomial_midp(
    observed: int, probability: ArrayLike, count: ArrayLike, noise_variance: float = 0.0
) -> float:
    """Return the two-sided exact mid-p value of ``observed`` events.

    Twice the smaller of P(X < o) + P(X = o)/2 and P(X > o) + P(X = o)/2, at most 1. Absolute
    error about 1e-14: values below that only say "very small". With ``noise_variance`` X has the
    whole-numbered normal noise of that variance that ``observed`` was shown with.
    """
    first, mass = poisson_binomial_distribution(probability, count)
    if noise_variance > 0:
        reach = int(np.ceil(6 * np.sqrt(noise_variance)))
        noise = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * noise_variance))
        first, mass = first - reach, np.convolve(mass, noise / noise.sum())
    lower, upper = _tails(first, mass, observed)
    return min(1.0, 2 * min(float(lower), float(upper)))
