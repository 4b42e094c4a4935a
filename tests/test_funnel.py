"""Funnels: limits and flags agree, overdispersion is recovered, false discoveries controlled."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_methods import z_scores
from scipy import stats

from pipeline.model.inference.funnel import (
    benjamini_hochberg,
    empirical_null,
    flag_discoveries,
    flag_units,
    overdispersion,
    poisson_predictive_limits,
)
from pipeline.model.numerics.intervals import poisson_midp

LEVELS = st.floats(0.5, 0.999)


@given(expected=st.floats(0.05, 2000), level=LEVELS)
def test_counts_outside_predictive_limits_are_exactly_those_flagged(expected, level):
    low, high = poisson_predictive_limits(expected, level)
    around = np.unique(np.clip(np.array([low - 1, low, high, high + 1]), 0, None))
    p_value = poisson_midp(around, expected)
    clear = np.abs(p_value - (1 - level)) > 1e-9
    flags = flag_units(p_value, around, expected, level)
    within = (around >= low) & (around <= high)
    assert np.array_equal((flags == "within")[clear], within[clear])


@given(expected=st.floats(0.05, 500), level=LEVELS)
def test_predictive_limits_are_in_order(expected, level):
    low, high = poisson_predictive_limits(expected, level)
    smooth_low, smooth_high = poisson_predictive_limits(expected, level, interpolate=True)
    assert low - 1 <= smooth_low <= low
    assert high <= smooth_high <= high + 1
    assert low <= high


def test_limits_widen_with_the_level():
    expected = np.linspace(0, 300, 301)
    low95, high95 = poisson_predictive_limits(expected, 0.95)
    low998, high998 = poisson_predictive_limits(expected, 0.998)
    assert np.all(low998 <= low95)
    assert np.all(high998 >= high95)
    assert (low95[0], high95[0]) == (0, 0)
    assert np.all(np.diff(low95) >= 0)
    assert np.all(np.diff(high95) >= 0)


def test_flags_name_the_side():
    flags = flag_units([0.01, 0.01, 0.2, np.nan, 0.051], [9, 1, 9, 9, 9], [4, 4, 4, 4, 4], 0.95)
    assert list(flags) == ["high", "low", "within", "within", "within"]


def test_overdispersion_is_recovered():
    """Planted relative variance 0.04 among 400 units: tau2 of log O/E near it, phi well above 1."""
    rng = np.random.default_rng(8)
    estimates = []
    for _ in range(40):
        expected = rng.uniform(40, 400, 400)
        observed = rng.poisson(expected * np.exp(0.2 * rng.standard_normal(400)))
        z, se = z_scores(observed, expected, "log")
        estimates.append(overdispersion(z, 0.0, se).tau2)
    assert np.mean(estimates) == pytest.approx(0.04, rel=0.1)


def test_no_overdispersion_leaves_phi_near_one():
    rng = np.random.default_rng(9)
    expected = rng.uniform(20, 400, 20_000)
    z, se = z_scores(rng.poisson(expected), expected)
    dispersion = overdispersion(z, 0.0, se)
    assert dispersion.phi == pytest.approx(1, abs=0.03)
    assert dispersion.phi_low < dispersion.phi < dispersion.phi_high
    assert dispersion.tau2 < 1e-4


def test_winsorising_resists_one_wild_unit():
    z = np.concatenate([np.random.default_rng(2).standard_normal(97), [40.0]])
    assert overdispersion(z, 0.0).phi > 10
    assert overdispersion(z, 0.1).phi < 1.5
    assert overdispersion(z, 0.1, truncate=True).phi < 1.5
    assert np.isnan(overdispersion(z, 0.1).tau2)


def test_missing_scores_are_left_out():
    z = np.array([1.0, -2.0, np.nan, 0.5])
    assert overdispersion(z, 0.0).phi == pytest.approx((1 + 4 + 0.25) / 3)
    with pytest.raises(ValueError, match="no z-score"):
        overdispersion([np.nan], 0.0)
    with pytest.raises(ValueError, match="winsorise"):
        overdispersion(z, 0.5)
    with pytest.raises(ValueError, match="transform"):
        z_scores([1], [1.0], "cube")


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_adjusted_p_values_keep_order_and_never_shrink(p):
    p = np.array(p)
    adjusted = benjamini_hochberg(p)
    assert np.all(adjusted >= p - 1e-15)
    assert np.all(adjusted <= 1)
    assert np.all(np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0)


def test_adjusted_p_values_skip_missing_ones():
    adjusted = benjamini_hochberg([0.01, np.nan, 0.04])
    assert adjusted[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(adjusted[1])


def test_false_discovery_rate_is_held():
    rng = np.random.default_rng(21)
    shares = []
    for _ in range(400):
        z = rng.standard_normal(98)
        z[:20] += 3
        adjusted = benjamini_hochberg(2 * stats.norm.sf(np.abs(z))) < 0.05
        shares.append(adjusted[20:].sum() / max(adjusted.sum(), 1))
    assert 0.02 < np.mean(shares) < 0.06


def test_empirical_null_finds_the_middle():
    rng = np.random.default_rng(13)
    z = np.concatenate([0.3 + 1.5 * rng.standard_normal(20_000), 9 + rng.standard_normal(500)])
    centre, spread = empirical_null(z)
    assert centre == pytest.approx(0.3, abs=0.08)
    assert spread == pytest.approx(1.5, abs=0.08)


def test_discoveries_are_the_adjusted_p_values_below_the_rate():
    p = np.array([0.001, 0.011, 0.02, 0.05, 0.6, np.nan])
    observed, expected = np.array([9, 1, 9, 1, 5, 0]), np.full(6, 5.0)
    assert list(flag_discoveries(p, observed, expected)) == [
        "high", "low", "high", "within", "within", "within",
    ]  # fmt: skip
    assert list(flag_discoveries(p, observed, expected, 0.01))[:2] == ["high", "within"]
