"""One drawn country put through the project's own benchmark, and held against the truth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import spearmanr

from benchmarks.simulation_population import Truth
from pipeline.model.inference import counterfactual, funnel, ranks
from pipeline.model.inference.shrinkage import ShrinkageResult
from pipeline.model.national.cells import YEAR, CellTable
from pipeline.model.national.conditions import Conditions
from pipeline.model.national.expected import Expected
from pipeline.model.national.fitted import fit_models
from pipeline.model.national.model_shrinkage import shrink_effects, shrink_net_effects
from pipeline.model.national.specification import Specification
from pipeline.model.numerics.intervals import normal_quantile, ratio_limits
from pipeline.model.tables.recovery import true_fewer_share

#: A municipality this far from national practice (log odds) should be found.
FAR = 0.3

#: Draws of the empirical-Bayes counterfactual: 20,000 are published, coverage needs fewer.
COUNTERFACTUAL_DRAWS = 4_000

Scores = dict[str, float]


def score(
    table: CellTable,
    truth: Mapping[str, Truth],
    conditions: Conditions,
    specification: Specification,
) -> dict[str, Scores]:
    """Return measures of each model, as numbers that may be averaged over seeds."""
    result = fit_models(table, specification, conditions)
    scores = {}
    for fitted in result.models:
        expected, aim = fitted.expected, truth[fitted.model]
        if fitted.model == "conditions" and result.within and result.adjustment:
            shrunk = shrink_net_effects(
                expected, result.within.expected, result.adjustment, conditions, specification.level
            )
        else:
            shrunk = shrink_effects(expected, specification.level)
        scores[fitted.model] = {
            **_effects(expected, aim, specification.level),
            **_ratios(table, expected, aim, specification.level),
            **_shrinkage(shrunk, aim),
            **_ranks(expected, aim, specification, specification.draw_seed("FP", fitted.model)),
            **_flags(table, expected, aim),
            **_counterfactuals(table, expected, aim, specification),
        }
    return scores


def _effects(expected: Expected, truth: Truth, level: float) -> Scores:
    """Bias and coverage of the practice effects; municipalities without grants have none."""
    error = expected.practice_effect - truth.effect
    known = np.isfinite(error)
    error = error[known]
    se = np.sqrt(np.diag(expected.effect_covariance))[known]
    outside = np.abs(error) > normal_quantile(level) * se
    slope = truth.deprivation[known] - truth.deprivation[known].mean()
    return {
        "effect_bias": float(error.mean()),
        "effect_bias_per_deprivation": float(slope @ error / (slope @ slope)),
        "effect_rmse": float(np.sqrt(np.mean(error**2))),
        "effect_coverage": float(1 - outside.mean()),
        "effect_missed_above": float(np.mean(outside & (error < 0))),
        "effect_z_variance": float(np.mean((error / se) ** 2)),
        "without_effect": float(1 - known.mean()),
    }


def _ratios(table: CellTable, expected: Expected, truth: Truth, level: float) -> Scores:
    """Bias and coverage of O/E."""
    observed, ratio = table.observed, truth.ratio
    low, high = ratio_limits(observed, expected.expected, expected.ratio_log_se, level)
    return {
        "ratio_bias": float(np.mean(observed / expected.expected - ratio)),
        "expected_bias_share": float(np.mean(expected.expected / truth.expected - 1)),
        "ratio_coverage": float(np.mean((low <= ratio) & (ratio <= high))),
        "ratio_missed_above": float(np.mean(ratio > high)),
        "ratio_width": float(np.mean(high - low)),
    }


def _shrinkage(shrinkage: ShrinkageResult, truth: Truth) -> Scores:
    """Bias and coverage of the empirical-Bayes effects, which every municipality has."""
    held = (shrinkage.low <= truth.effect) & (truth.effect <= shrinkage.high)
    return {
        "shrunk_rmse": float(np.sqrt(np.mean((shrinkage.shrunk - truth.effect) ** 2))),
        "shrunk_bias": float(np.mean(shrinkage.shrunk - truth.effect)),
        "shrunk_coverage": float(held.mean()),
        "tau": float(np.sqrt(shrinkage.tau2)),
    }


def _ranks(expected: Expected, truth: Truth, specification: Specification, seed: int) -> Scores:
    """Coverage and width of rank sets; true effects that are equal share the lowest rank."""
    effect, covariance = expected.rank_effect, expected.rank_covariance
    draws = specification.rank_draws
    sets = ranks.rank_sets(effect, covariance, specification.level, draws, seed)
    exact = np.round(truth.effect, 9)
    rank = ranks.point_ranks(exact)
    lowest = rank <= specification.lowest_k
    marginal = (sets.low <= rank) & (rank <= sets.high)
    together = (sets.low_simultaneous <= rank) & (rank <= sets.high_simultaneous)
    may_be = sets.low_simultaneous <= specification.lowest_k
    varies = len(set(exact)) > 1
    return {
        "rank_correlation": float(spearmanr(effect, exact)[0]) if varies else float("nan"),
        "rank_set_coverage": float(marginal.mean()),
        "rank_set_simultaneous_coverage": float(together.all()),
        "rank_set_width": float(np.mean(sets.high - sets.low + 1)),
        "rank_set_simultaneous_width": float(
            np.mean(sets.high_simultaneous - sets.low_simultaneous + 1)
        ),
        "lowest_set_coverage": float(may_be[lowest].all()),
        "lowest_set_size": float(may_be.sum()),
    }


def _flags(table: CellTable, expected: Expected, truth: Truth) -> Scores:
    """Shares flagged at 95 %, alone and with Benjamini-Hochberg over all municipalities."""
    flagged = expected.p_value < 0.05
    adjusted = funnel.benjamini_hochberg(expected.p_value) < 0.05
    far = np.abs(truth.effect) >= FAR
    wrong_side = flagged & ((table.observed > expected.expected) != (truth.effect > 0))
    return {
        "flagged": float(flagged.mean()),
        "flagged_far": float(flagged[far].mean()) if far.any() else float("nan"),
        "flagged_wrong_side": float(wrong_side.mean()),
        "flagged_adjusted": float(adjusted.mean()),
        "flagged_adjusted_any": float(adjusted.any()),
    }


def _counterfactuals(
    table: CellTable, expected: Expected, truth: Truth, specification: Specification
) -> Scores:
    """Promise, truth and coverage of "as the 10 lowest" by method: shares of grants."""
    observed, expects = table.observed, expected.expected
    k, level = specification.lowest_k, specification.level
    first = table.codes(YEAR) == 0
    halves = [
        table.by_municipality(np.where(half, values, 0))
        for half in (first, ~first)
        for values in (table.n_events, expected.expected_cells)
    ]
    result = (
        counterfactual.naive(observed, expects, k, level),
        counterfactual.empirical_bayes(observed, expects, k, level, draws=COUNTERFACTUAL_DRAWS),
        counterfactual.split_year(*halves, k=k, level=level),
    )
    scores: Scores = {}
    for item in result:
        options = np.isin(np.arange(len(observed)), item.chosen)
        aim = true_fewer_share(truth.observed, truth.expected, options)
        scores[f"{item.method}_promised"] = item.fewer_share
        scores[f"{item.method}_true"] = aim
        scores[f"{item.method}_error"] = item.fewer_share - aim
        scores[f"{item.method}_coverage"] = float(item.low_share <= aim <= item.high_share)
        scores[f"{item.method}_half_width"] = (item.high_share - item.low_share) / 2
    truly = counterfactual.lowest_units(truth.ratio, truth.expected, k)
    options = np.isin(np.arange(len(observed)), truly)
    scores["best_possible"] = true_fewer_share(truth.observed, truth.expected, options)
    return scores
