"""Limits of the spread between units whose counts are small and shown with noise."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from pipeline.disclosure import CellKey
from pipeline.model.inference.between_variance import tau2_interval
from pipeline.model.inference.count_regression import (
    LARGEST_TAU2,
    SpreadsOfCounts,
    regress_counts,
    spreads_of_counts,
)
from pipeline.model.numerics.shown_counts import ShownCounts

N_UNITS, N_COUNTRIES, LEVEL = 98, 30, 0.95


def drawn(mean: float, spread: float, *, noise: bool) -> Iterator[tuple[np.ndarray, partial]]:
    """Yield covariates and the regression of countries of units of ``mean`` grants expected."""
    rng, rule = np.random.default_rng(5), CellKey()
    for _ in range(N_COUNTRIES):
        expected = np.exp(rng.normal(0, 0.9, N_UNITS))
        expected *= mean / expected.mean()
        covariates = rng.normal(size=(N_UNITS, 4))
        effect = rng.normal(-(spread**2) / 2, spread, N_UNITS)
        counts = rng.poisson(expected * np.exp(effect))
        variance = np.zeros(N_UNITS)
        if noise:
            counts = rule.transitions.shown(counts, rng.random(N_UNITS))
            variance = np.broadcast_to(rule.noise_variance(counts), N_UNITS).astype(float)
        seen = np.maximum(counts, 0.5)
        known = counts > 0
        yield (
            covariates,
            partial(
                regress_counts,
                np.where(known, np.log(seen / expected), np.nan),
                np.where(known, np.sqrt(1 / seen + variance / seen**2), np.nan),
                expected,
                covariates,
                counts=ShownCounts(counts.astype(float), variance, rule.transitions)
                if noise
                else None,
            ),
        )


def holds(limits: tuple[float, float], spread: float) -> bool:
    return limits[0] <= spread**2 <= limits[1]


@pytest.mark.parametrize(("mean", "spread", "noise"), [(3, 0.35, True), (30, 0.35, False)])
def test_limits_hold_the_spread(mean: float, spread: float, noise: bool) -> None:
    of_countries: list[tuple[np.ndarray, SpreadsOfCounts]] = [
        (covariates, spreads_of_counts(fit, LEVEL))
        for covariates, fit in drawn(mean, spread, noise=noise)
    ]
    held = sum(holds((one.low, one.high), spread) for _, one in of_countries)
    assert held >= N_COUNTRIES - 5
    for _, one in of_countries:
        assert 0 <= one.low <= one.fitted.stage.tau2 <= one.high < LARGEST_TAU2
    # A Q statistic of the normal equivalents does as well only where counts say something.
    by_q = [
        holds(
            tau2_interval(
                one.fitted.estimate,
                covariates=covariates,
                covariance=one.fitted.errors,
                level=LEVEL,
            ),
            spread,
        )
        for covariates, one in of_countries
    ]
    assert (sum(by_q) < N_COUNTRIES - 8) == noise


def test_estimators_under_their_own_prior_agree() -> None:
    """Under REML's, Paule and Mandel's reached hundreds where a count says next to nothing."""
    for _, fit in list(drawn(3, 0.35, noise=True))[:6]:
        for method in ("REML", "PM", "DL"):
            assert fit(method=method).stage.tau2 < 1.0, method


def test_limits_of_the_spread_do_not_depend_on_those_of_the_coefficients() -> None:
    _, fit = next(drawn(9, 0.35, noise=True))
    plain = spreads_of_counts(fit, LEVEL)
    adjusted = spreads_of_counts(partial(fit, knapp_hartung=True), LEVEL)
    assert adjusted.fitted.stage.se.tolist() != plain.fitted.stage.se.tolist()
    assert (adjusted.low, adjusted.high) == pytest.approx((plain.low, plain.high), rel=1e-9)
