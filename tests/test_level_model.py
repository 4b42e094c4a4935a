"""Practice by level: the model recovers what was planted, and says so with honest limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import block_diag

from pipeline.disclosure import CellKey
from pipeline.disclosure.cell_key import MODULUS
from pipeline.model.inference.between_variance import estimate_tau2
from pipeline.model.levels import evidence
from pipeline.model.levels.evidence import settle
from pipeline.model.levels.level_model import fit_levels
from pipeline.model.levels.likelihood import Likelihood
from pipeline.model.levels.prior import MEAN_SPREAD, Parameters, covariance, log_prior
from pipeline.model.levels.sites import Counts, Sites, first_sites
from pipeline.model.levels.spread import spread_by_level
from pipeline.model.numerics.shown_counts import EXACT, Transitions
from pipeline.model.tables.practice_frames import LEAST_KNOWN, practice_frames

NOISE = CellKey()
SHARES = np.array([0.45, 0.2, 0.35])


def planted(
    seed: int, total: float, mental: float = 0.25, other: float = 0.08, n_units: int = 98
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return counts, expected counts and true log ratios; spread 0.44, tilts go with it."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 0.8, n_units)
    expected = total * (size / size.sum())[:, None] * rng.dirichlet(SHARES * 150, n_units)
    unit = rng.normal(0, 0.44, n_units)
    tilt = rng.normal(0, other, (n_units, 3))
    tilt[:, 0] = mental * (0.35 * unit / 0.44 + np.sqrt(1 - 0.35**2) * rng.normal(size=n_units))
    effect = unit[:, None] + tilt - np.log(np.exp(tilt) @ SHARES)[:, None]
    effect -= np.log((expected * np.exp(effect)).sum() / expected.sum())
    return rng.poisson(expected * np.exp(effect)), expected, effect


@pytest.mark.parametrize("total", [30_000, 3_000])
def test_limits_hold_and_shrunken_effects_come_nearer_than_raw_ones(total: float) -> None:
    held, nearer = [], []
    for seed in range(12):
        observed, expected, effect = planted(seed, total)
        fit = fit_levels(observed, expected)
        held.append(np.abs(fit.effect - effect) <= 1.96 * fit.effect_se)
        raw = np.log((observed + 0.5) / expected)
        nearer.append(np.sum((fit.effect - effect) ** 2) < np.sum((raw - effect) ** 2))
    assert 0.92 < np.mean(held) < 0.98
    assert all(nearer)


def test_a_small_unit_says_nothing_and_a_large_one_where_it_differs() -> None:
    observed, expected, _ = planted(3, 30_000)
    expected[0] = [0.5, 0.2, 0.3]
    observed[0] = [0, 1, 0]
    expected[1] = 700.0 * SHARES
    observed[1] = np.rint(expected[1] * [1.8, 0.8, 0.8])
    fit = fit_levels(observed, expected)
    assert np.all(np.abs(fit.deviation[0]) < fit.deviation_se[0])
    assert fit.deviation[1, 0] > 3 * fit.deviation_se[1, 0]
    np.testing.assert_allclose(
        (fit.deviation * expected).sum(axis=1), 0.0, atol=1e-9 * expected.sum()
    )


def test_spread_finds_the_level_at_which_units_differ_more() -> None:
    more, equal = [], []
    for seed in range(6):
        spread = spread_by_level(fit_levels(*planted(seed, 30_000, mental=0.5)[:2]))
        more.append(spread.p_more[0])
        assert (spread.sd_low < spread.sd).all()
        assert (spread.sd < spread.sd_high).all()
        equal.append(spread_by_level(fit_levels(*planted(seed, 30_000, 0.0, 0.0)[:2])).p_more[0])
    assert np.max(more) < 0.05
    assert np.median(equal) > 0.1


@pytest.mark.parametrize(("total", "blindly"), [(3_000, 0.93), (400, 0.86)])
def test_limits_hold_with_noise_in_the_counts(total: float, blindly: float) -> None:
    """Also where a level of a unit expects one grant, and is shown as 0 or as 5 and more."""
    held, held_blindly, errors = [], [], []
    for seed in range(8):
        observed, expected, effect = planted(seed, total)
        keys = np.random.default_rng(seed).integers(0, MODULUS, observed.shape)
        shown = NOISE.shown(observed, keys)
        for transitions, into in ((NOISE.transitions, held), (EXACT, held_blindly)):
            fit = fit_levels(shown, expected, transitions)
            into.append(np.abs(fit.effect - effect) <= 1.96 * fit.effect_se)
            errors.append((fit.effect - effect).mean() if transitions.reach else 0.0)
    assert 0.88 < np.mean(held) < 0.98
    assert np.mean(held_blindly) < min(blindly, np.mean(held) - 0.02)
    assert abs(np.mean(errors)) < 0.06


def test_a_missing_count_is_drawn_from_the_rest() -> None:
    observed, expected, _ = planted(5, 3_000)
    exact = fit_levels(observed, expected)
    part = observed.astype(float)
    part[7, 0] = np.nan
    hidden = fit_levels(part, expected)
    assert hidden.effect_se[7, 0] > exact.effect_se[7, 0]
    assert abs(hidden.effect[7, 0] - hidden.effect[7, 1:].mean()) < 2 * hidden.effect_se[7, 0]


def test_score_information_and_slopes_are_derivatives() -> None:
    rng = np.random.default_rng(0)
    n_units, n_levels = 7, 3
    shares = rng.dirichlet(np.full(n_levels, 3.0), n_units)
    precision = rng.uniform(0.5, 3.0, (n_units, n_levels))
    precision[0, 0] = 0.0
    sites = Sites(precision * rng.normal(size=(n_units, n_levels)), precision)
    at = np.concatenate([[-1.0, -2.0, -1.0, -1.5], rng.normal(0, 0.3, n_levels)])

    def log_likelihood(vector: np.ndarray) -> float:
        """All units at once: normal estimates whose covariance holds the levels' means."""
        kept = (precision > 0).ravel()
        whole = np.kron(np.ones((n_units, n_units)), np.eye(n_levels)) * MEAN_SPREAD**2
        whole += block_diag(*covariance(Parameters(vector), shares))
        whole = whole[np.ix_(kept, kept)] + np.diag(1 / precision.ravel()[kept])
        y = sites.estimate.ravel()[kept]
        fit = y @ np.linalg.solve(whole, y) + np.linalg.slogdet(whole)[1]
        # of the integral over exp(shift a - precision a^2 / 2), not over normal densities
        made = np.sum(sites.shift * sites.estimate) - np.sum(np.log(precision.ravel()[kept]))
        prior = n_levels * np.log(MEAN_SPREAD**2)
        return float(made - fit + prior) / 2

    def numeric(of: object, step: float = 1e-5) -> np.ndarray:
        return np.array(
            [(of(at + step * e) - of(at - step * e)) / (2 * step) for e in np.eye(len(at))]
        )

    likelihood = Likelihood.of(Parameters(at), shares, sites)
    assert likelihood.log_value == pytest.approx(log_likelihood(at), abs=1e-10)
    np.testing.assert_allclose(likelihood.score(), numeric(log_likelihood), atol=1e-8)
    slopes = numeric(lambda vector: covariance(Parameters(vector), shares))
    drawn = likelihood.weight @ slopes
    information = np.einsum("pmij,qmji->pq", drawn, drawn) / 2
    np.testing.assert_allclose(likelihood.information(), information, atol=1e-8)
    _, slope, prior_precision = log_prior(Parameters(at))
    np.testing.assert_allclose(
        slope, numeric(lambda vector: log_prior(Parameters(vector))[0]), atol=1e-8
    )
    np.testing.assert_allclose(
        -prior_precision, numeric(lambda vector: log_prior(Parameters(vector))[1]), atol=1e-8
    )
    np.testing.assert_allclose(
        np.diagonal(likelihood.posterior_covariance(), axis1=1, axis2=2),
        likelihood.variance(),
        atol=1e-12,
    )

    def effects(vector: np.ndarray) -> np.ndarray:
        there = Likelihood.of(Parameters(vector), shares, sites)
        pull = np.einsum("mlk,mk->ml", there.weight, sites.estimate - likelihood.mean)
        return likelihood.mean + np.einsum("mlk,mk->ml", there.prior, pull)

    assert np.abs(likelihood.effect_slopes() - numeric(effects)).max() < 1e-8


def test_large_counts_without_tilts_give_the_variance_of_a_meta_analysis() -> None:
    observed, expected, _ = planted(2, 3e6, 0.0, 0.0)
    fit = fit_levels(observed, expected)
    total = observed.sum(axis=1)
    tau2 = estimate_tau2(np.log(total / expected.sum(axis=1)), 1 / np.sqrt(total))
    assert fit.parameters.tau2 == pytest.approx(tau2, rel=0.02)
    assert spread_by_level(fit).deviation_sd.max() < 0.02


def _counts(observed: np.ndarray, expected: np.ndarray) -> pd.DataFrame:
    n_units, n_levels = observed.shape
    return pd.DataFrame(
        {
            "outcome": "FP",
            "model": "within",
            "municipality_code": np.repeat([f"{100 + m}" for m in range(n_units)], n_levels),
            "dimension": "diagnosis_main",
            "level": np.tile(["mental", "musculoskeletal", "other"], n_units),
            "observed": pd.array(observed.ravel(), dtype="Int64"),
            "expected": expected.ravel(),
            "expected_log_se": 0.0,
            "is_suppressed": False,
        }
    )


def test_frames_come_from_what_is_shown_only() -> None:
    observed, expected, _ = planted(4, 3_000)
    counts = _counts(observed, expected)
    counts.loc[counts.index[:30], "is_suppressed"] = True
    first = counts.assign(observed=counts["observed"].mask(counts["is_suppressed"]))
    result, settled = practice_frames(first, {("FP", "within"): 0.19}, 0.95)
    assert settled == ("practice_by_level_settled", "ok", "", 1)
    profile = result["practice_profile"]
    assert profile["practice_effect_shrunk"].notna().all()
    assert profile.loc[profile.index[:30], "ratio"].isna().all()
    np.testing.assert_allclose(profile["p_below"] + profile["p_above"], 1.0, atol=2e-4)
    assert list(result["practice_spread"]["level"]) == ["mental", "musculoskeletal", "other"]
    few = counts["municipality_code"] >= f"{100 + LEAST_KNOWN - 1}"
    second = counts.assign(observed=counts["observed"].mask(few))
    nothing, _ = practice_frames(second, {("FP", "within"): 0.19}, 0.95)
    assert nothing["practice_spread"].empty
    assert nothing["practice_profile"]["practice_effect_shrunk"].isna().all()


def hard_counts(kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Transitions]:
    """Return counts, expected counts and their noise that leave little to estimate from."""
    n_units, n_levels = int(rng.integers(2, 60)), int(rng.integers(2, 8))
    expected = rng.gamma(0.5, 4.0, (n_units, n_levels)) + 1e-9
    if kind == "zeros":
        return np.zeros(expected.shape), expected, EXACT
    if kind == "no one expected":
        nobody = rng.random(expected.shape) < 0.6
        nobody[0] = False
        expected[nobody] = rng.choice([0.0, 1e-7], int(nobody.sum()))
        return rng.poisson(expected), expected, EXACT
    if kind == "one unit":
        return rng.poisson(expected[:1]), expected[:1], EXACT
    if kind == "all noise":
        shown = rng.integers(0, 12, expected.shape)
        return np.where(shown < 5, 0, shown), expected, NOISE.transitions
    if kind == "far apart":
        expected = np.maximum(expected, 0.01)
        return rng.choice([0.0, 300.0], expected.shape), expected, EXACT
    observed = rng.poisson(1e3 * expected).astype(float)
    observed[rng.random(expected.shape) < 0.3] = np.nan
    observed[0] = 1.0
    return observed, 1e3 * expected, EXACT


@pytest.mark.parametrize(
    "kind", ["zeros", "no one expected", "one unit", "all noise", "far apart", "huge"]
)
@pytest.mark.parametrize("tau2", [None, 0.0, 0.2, 9.0])
def test_every_table_of_counts_settles(kind: str, tau2: float | None) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        observed, expected, noise = hard_counts(kind, rng)
        fit = fit_levels(observed, expected, noise, tau2=tau2)
        spread = spread_by_level(fit)
        for values in (fit.effect, fit.effect_se, fit.deviation, fit.deviation_se, spread.sd_high):
            assert np.isfinite(values).all()
        assert (fit.effect_se > 0).all()
        share = expected / np.where(expected.sum(axis=1) > 0, expected.sum(axis=1), 1)[:, None]
        np.testing.assert_allclose(
            np.sum(share * fit.deviation, axis=1), 0.0, atol=1e-8 * np.abs(fit.effect).max()
        )


def test_order_of_units_and_levels_does_not_matter() -> None:
    observed, expected, _ = planted(6, 2_000)
    fit = fit_levels(observed, expected)
    rng = np.random.default_rng(1)
    units, levels = rng.permutation(len(observed)), rng.permutation(3)
    turned = fit_levels(observed[units][:, levels], expected[units][:, levels])
    np.testing.assert_allclose(turned.effect, fit.effect[units][:, levels], atol=2e-3)
    np.testing.assert_allclose(turned.effect_se, fit.effect_se[units][:, levels], atol=2e-3)


def test_the_fit_is_a_top_from_wherever_it_starts() -> None:
    observed, expected, _ = planted(7, 1_500)
    first = fit_levels(observed, expected, tau2=0.19)
    for vector in ([0.0, -9.0, -9.0, -9.0, 2.0, -2.0, 0.0], [0.0, 1.0, 1.0, -6.0, 0.0, 0.0, 0.0]):
        again = fit_levels(observed, expected, tau2=0.19, start=Parameters(np.array(vector)))
        np.testing.assert_allclose(again.effect, first.effect, atol=2e-3)
        np.testing.assert_allclose(again.effect_se, first.effect_se, atol=2e-3)


def test_planted_spread_lies_within_its_limits() -> None:
    held = []
    for seed in range(8):
        observed, expected, effect = planted(seed, 30_000, mental=0.5)
        spread = spread_by_level(fit_levels(observed, expected))
        held.append((spread.sd_low <= effect.std(axis=0)) & (effect.std(axis=0) <= spread.sd_high))
    assert np.mean(held) >= 0.9


def test_evidence_of_one_unit_and_level_is_its_integral() -> None:
    """Expectation propagation with a single count is exact; two numbers of parameters compared."""
    counts = Counts(np.array([[3.0, 0.0]]), np.array([[1.5, 1.0]]), np.array([[True, False]]))
    shares = np.array([[0.6, 0.4]])
    logs = []
    for vector in (np.array([-1.0, -2.0, -3.0, 0.2, 0.0]), np.array([0.5, -1.0, -3.0, 0.0, 0.3])):
        parameters = Parameters(vector)
        likelihood = settle(counts, parameters, shares, first_sites(counts)).log_evidence
        sd = np.sqrt(covariance(parameters, shares)[0, 0, 0] + MEAN_SPREAD**2)
        effect = np.linspace(-9 * sd, 9 * sd, 200_001)
        density = 3 * effect - 1.5 * np.exp(effect) - (effect / sd) ** 2 / 2
        logs.append((likelihood, np.log(np.exp(density).sum() * (effect[1] - effect[0]) / sd)))
    (first, integral), (second, other) = logs
    assert first - second == pytest.approx(integral - other, abs=1e-7)


def test_a_dimension_that_does_not_settle_is_told_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    observed, expected, _ = planted(4, 3_000)
    monkeypatch.setattr(evidence, "_MOST_ROUNDS", 1)
    result, settled = practice_frames(_counts(observed, expected), {("FP", "within"): 0.19}, 0.95)
    assert settled.status == "warn"
    assert settled.detail.startswith("FP within diagnosis_main: sites still move")
    assert result["practice_spread"].empty
    assert result["practice_profile"]["practice_effect_shrunk"].isna().all()
    assert result["practice_profile"]["ratio"].notna().all()
