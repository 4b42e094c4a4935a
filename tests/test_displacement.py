"""Two outcomes at once: their correlation, and whose practice is opposite."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from pipeline.model.followups.displacement import displacement_frames
from pipeline.model.inference.count_likelihood import CountLikelihood
from pipeline.model.numerics.joint_spread import joint_spread

# Five trials of periodontal treatment: attachment level and probing depth with the covariance of
# their errors. Berkey, C. S., Hoaglin, D. C., Antczak-Bouckoms, A., Mosteller, F. & Colditz, G. A.
# (1998). Meta-analysis of multiple outcomes by regression with random effects. Statistics in
# Medicine 17, 2537-2550.
ESTIMATE = np.array([[-0.32, 0.47], [-0.60, 0.20], [-0.12, 0.40], [-0.31, 0.26], [-0.39, 0.56]])
VARIANCE = np.array(
    [[0.0077, 0.0075], [0.0008, 0.0057], [0.0014, 0.0021], [0.0015, 0.0029], [0.0304, 0.0148]]
)
BETWEEN = np.array([0.0030, 0.0009, 0.0007, 0.0009, 0.0072])


def covariance_of(variance, between):
    result = np.empty((len(variance), 2, 2))
    result[:, 0, 0], result[:, 1, 1] = np.asarray(variance).T
    result[:, 0, 1] = result[:, 1, 0] = between
    return result


def planted(seed, correlation, grants=(9000, 6000), spread=(0.4, 0.3), n=98):
    """Return rows of ``benchmark`` for two outcomes, and the true effects (n, 2)."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(0, 0.9, n))
    normal = rng.standard_normal((n, 2))
    normal[:, 1] = correlation * normal[:, 0] + np.sqrt(1 - correlation**2) * normal[:, 1]
    effect = normal * spread
    frames = []
    for at, outcome in enumerate(("FP", "FJ")):
        expected = grants[at] * size / size.sum()
        observed = rng.poisson(expected * np.exp(effect[:, at]))
        with np.errstate(divide="ignore"):
            estimate = np.where(observed > 0, np.log(observed / expected), np.nan)
        frames.append(
            pd.DataFrame(
                {
                    "outcome": outcome,
                    "model": "within",
                    "municipality_code": [f"{code}" for code in range(101, 101 + n)],
                    "n_at_risk": 100 * grants[at] * size / size.sum(),
                    "observed": observed,
                    "expected": expected,
                    "practice_effect": estimate,
                    "practice_effect_se": 1 / np.sqrt(np.maximum(observed, 1)),
                }
            )
        )
    return pd.concat(frames, ignore_index=True), effect


def test_published_estimates_of_a_bivariate_meta_analysis():
    """As metafor prints them for these data (rma.mv, struct UN, ML)."""
    joint = joint_spread(ESTIMATE, covariance_of(VARIANCE, BETWEEN), 0.95)
    np.testing.assert_allclose(joint.mean, [-0.3379, 0.3448], atol=5e-5)
    np.testing.assert_allclose(np.sqrt(np.diag(joint.mean_covariance)), [0.0798, 0.0495], atol=5e-5)
    np.testing.assert_allclose(joint.spread**2, [0.0261, 0.0070], atol=5e-5)
    assert joint.correlation == pytest.approx(0.6992, abs=5e-5)
    # Five trials say nothing of it.
    assert (joint.low, joint.high) == (-1.0, 1.0)


def test_without_errors_the_correlation_is_the_sample_s():
    rng = np.random.default_rng(5)
    effect = rng.multivariate_normal([0.1, -0.2], [[0.16, -0.06], [-0.06, 0.09]], 98)
    joint = joint_spread(effect, covariance_of(np.full((98, 2), 1e-9), 0.0), 0.95)
    sample = np.corrcoef(effect.T)[0, 1]
    assert joint.correlation == pytest.approx(sample, abs=1e-4)
    np.testing.assert_allclose(joint.effect, effect, atol=1e-5)
    # The likelihood's limits and Fisher's z agree to what 98 units let them.
    fisher = np.tanh(np.arctanh(sample) + np.array([-1, 1]) * norm.ppf(0.975) / np.sqrt(95))
    np.testing.assert_allclose([joint.low, joint.high], fisher, atol=0.02)


@pytest.mark.parametrize("correlation", [-0.6, 0.0, 0.5])
def test_a_planted_correlation_lies_within_its_limits(correlation):
    held = told = 0
    for seed in range(8):
        rows, _ = planted(seed, correlation)
        summary = displacement_frames(rows, ("FP", "FJ"), 0.95)["displacement_summary"].iloc[0]
        held += summary["correlation_low"] <= correlation <= summary["correlation_high"]
        told += summary["p_value"] < 0.05 and np.sign(summary["correlation"]) == np.sign(
            correlation
        )
    assert held >= 6
    assert told >= 6 if correlation else told <= 2


def test_probabilities_of_opposite_practice_are_right_on_average():
    said, true = [], []
    for seed in range(6):
        rows, effect = planted(seed, -0.4)
        frame = displacement_frames(rows, ("FP", "FJ"), 0.95)["displacement"]
        said.append(frame["p_low_high"].to_numpy())
        true.append((effect[:, 0] < 0) & (effect[:, 1] > 0))
    said, true = np.concatenate(said), np.concatenate(true)
    for low, high in ((0.0, 0.2), (0.2, 0.6), (0.6, 1.0)):
        inside = (said >= low) & (said < high + 1e-9)
        spread = np.sqrt((said[inside] * (1 - said[inside])).sum())
        assert abs(true[inside].sum() - said[inside].sum()) < 3.5 * spread, (low, high)


def test_effects_and_their_difference_hold_the_truth():
    held = []
    for seed in range(6):
        rows, effect = planted(seed, -0.4)
        frame = displacement_frames(rows, ("FP", "FJ"), 0.95)["displacement"]
        apart = effect[:, 0] - effect[:, 1]
        for name, truth in (
            ("practice_effect_shrunk", effect[:, 0]),
            ("other_effect_shrunk", effect[:, 1]),
            ("effect_difference", apart),
        ):
            held.append((frame[f"{name}_low"] <= truth) & (truth <= frame[f"{name}_high"]))
    assert 0.92 <= np.mean(held) <= 0.98


def test_nothing_differs_and_nothing_is_said():
    rng = np.random.default_rng(2)
    rows, _ = planted(3, 0.0)
    for outcome, total in (("FP", 900), ("FJ", 600)):
        inside = rows["outcome"] == outcome
        expected = rows.loc[inside, "expected"] / rows.loc[inside, "expected"].sum() * total
        observed = np.rint(expected) + rng.integers(0, 2, inside.sum())
        rows.loc[inside, ["expected", "observed"]] = np.column_stack([expected, observed])
        rows.loc[inside, "practice_effect"] = np.where(
            observed > 0, np.log(observed.clip(1) / expected), np.nan
        )
        rows.loc[inside, "practice_effect_se"] = 1 / np.sqrt(observed.clip(1))
    made = displacement_frames(rows, ("FP", "FJ"), 0.95)
    assert made["displacement_summary"]["correlation"].isna().all()
    assert (made["displacement"][["p_low_high", "p_high_low"]] < 0.9).all(axis=None)


def test_a_place_with_nobody_by_its_shown_numbers_ends_nothing():
    """In a small synthetic country noise makes 0 of two persons at risk."""
    rows, _ = planted(4, 0.0)
    first = rows["municipality_code"] == "101"
    rows.loc[first, ["n_at_risk", "observed"]] = 0
    summary = displacement_frames(rows, ("FP", "FJ"), 0.95)["displacement_summary"]
    assert summary[["correlation", "correlation_low", "error_correlation"]].notna().all(axis=None)


def test_one_outcome_alone_has_no_pair():
    rows, _ = planted(1, 0.0)
    made = displacement_frames(rows, ("FP",), 0.95)
    assert made["displacement"].empty
    assert made["displacement_summary"].empty


def test_units_without_grants_are_drawn_by_what_they_expect():
    likelihood = CountLikelihood.of([np.nan, 0.2, -0.1], [1.0, 0.1, 0.1], [4.0, 10, 10])
    estimate, variance = likelihood.normal_equivalent(0.0, 0.09)
    assert estimate[0] < 0 < variance[0]
