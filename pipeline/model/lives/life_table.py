"""Life tables: how likely an event is until an age, at the risks of some years.

Persons of an age at risk, and to how many of them the event came within the year, give a yearly
risk at every age. Who met these risks from the first age on would come to the event by an age with
a probability that adds up over the years: risk of the year times the chance of still being at risk.
What else ends the risk competes with the event (Aalen, O. & Johansen, S. (1978). An empirical
transition matrix for nonhomogeneous Markov chains based on censored observations. Scandinavian
Journal of Statistics 5, 141-150); where nothing does this is one less Kaplan & Meier's survival.

Errors are Greenwood's, by the delta method from multinomial counts of each age, to which the noise
of shown counts is added. Limits are symmetric in log(-log(1 - risk)) (Kalbfleisch, J. & Prentice,
R. (1980). The statistical analysis of failure time data, 1.4), so that they stay within 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.model.numerics.intervals import normal_quantile
from pipeline.model.numerics.shown_counts import EXACT, Transitions

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LifeTable:
    """Probability of the event until the end of each of B bands, with limits; se of the first."""

    risk: Floats
    se: Floats
    low: Floats
    high: Floats


def life_table(
    persons: Floats,
    events: Floats,
    ended: Floats,
    n_years: NDArray[np.int64],
    level: float,
    noise_variance: tuple[Floats, Floats] | None = None,
    transitions: Transitions = EXACT,
) -> LifeTable:
    """Return the cumulative risk by the end of each band of ages, limits at ``level``.

    Parameters
    ----------
    persons, events, ended
        (B,) person-years at risk in each band, to how many the event came within the year, and how
        many else left the risk then: no one is in both. Counts as they are shown.
    n_years
        (B,) ages in each band, which are taken to have the same yearly risk.
    noise_variance
        (B,) variances of the noise of ``events`` and of ``ended``; None where they are exact.
    transitions
        What noise does to counts: for the upper limit while no event is shown.

    A band with nobody at risk makes its risk and all later ones missing. Together events and ended
    are at most all at risk; where noise has made them more they are cut in proportion.
    """
    n = np.where(persons > 0, persons, np.nan)
    too_many = np.fmax((events + ended) / n, 1.0)
    own, other = events / n / too_many, ended / n / too_many
    band = np.repeat(np.arange(len(n)), n_years)
    q, leaving = own[band], (own + other)[band]
    staying = np.concatenate([[1.0], np.cumprod(1 - leaving)])
    risk_after = np.cumsum(staying[:-1] * q)
    last = np.asarray(np.cumsum(n_years) - 1, dtype=np.int64)
    by_own, by_leaving = _derivatives(staying, risk_after, leaving, band, last)
    noise = (np.zeros(len(n)),) * 2 if noise_variance is None else noise_variance
    # Of a multinomial count: of the event, of all that leave, and of both together.
    variance_own = own * (1 - own) / n + noise[0] / n**2
    all_leaving = own + other
    variance_all = all_leaving * (1 - all_leaving) / n + (noise[0] + noise[1]) / n**2
    between = own * (1 - all_leaving) / n + noise[0] / n**2
    variance = (
        by_own**2 @ np.nan_to_num(variance_own)
        + by_leaving**2 @ np.nan_to_num(variance_all)
        + 2 * (by_own * by_leaving) @ np.nan_to_num(between)
    )
    risk = risk_after[last]
    se = np.where(np.isnan(risk), np.nan, np.sqrt(np.maximum(variance, 0.0)))
    low, high = _limits(risk, se, level)
    return LifeTable(
        risk, se, low, np.where(risk == 0, _none_yet(n, n_years, level, transitions), high)
    )


def _derivatives(
    staying: Floats,
    risk_after: Floats,
    leaving: Floats,
    band: NDArray[np.int64],
    last: NDArray[np.int64],
) -> tuple[Floats, Floats]:
    """Return (B, B) what a band's yearly risks of the event, and of leaving, add to each risk.

    Row: until the end of which band; column: whose yearly risk is moved.
    """
    n_bands, n_years = len(last), len(band)
    year = np.arange(n_years)
    is_past = year <= last[:, None]
    at_end = risk_after[last][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(leaving < 1, (at_end - risk_after) / (1 - leaving), 0.0)
    into_band = np.equal.outer(band, np.arange(n_bands)).astype(float)
    by_own = np.where(is_past, staying[:-1], 0.0)
    by_leaving = np.where(is_past, -lost, 0.0)
    return np.nan_to_num(by_own) @ into_band, np.nan_to_num(by_leaving) @ into_band


def _limits(risk: Floats, se: Floats, level: float) -> tuple[Floats, Floats]:
    inside = (risk > 0) & (risk < 1)
    safe = np.where(inside, risk, 0.5)
    log = np.log1p(-safe)
    reach = normal_quantile(level) * se / (-log * (1 - safe))
    low, high = (-np.expm1(log * np.exp(sign * reach)) for sign in (-1, 1))
    return np.where(inside, low, risk), np.where(inside, high, risk)


def _none_yet(
    n: Floats, n_years: NDArray[np.int64], level: float, transitions: Transitions
) -> Floats:
    """Return (B,) the upper limit until each band where no event is shown: of one yearly risk."""
    most = float(transitions.mean_limits(np.zeros(1), level)[1][0])
    yearly = np.minimum(most / np.cumsum(n), 1.0)
    return np.asarray(1 - (1 - yearly) ** np.cumsum(n_years))
