"""One drawn country put through the project's own benchmark, and held against the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from benchmarks.simulation_population import Drawn, Truth
from pipeline.model.inference import counterfactual, funnel, ranks
from pipeline.model.inference.grades import grade_units
from pipeline.model.inference.shrinkage import ShrinkageResult
from pipeline.model.inference.standards import apply_standard
from pipeline.model.national.cells import YEAR, CellTable
from pipeline.model.national.conditions import Conditions
from pipeline.model.national.expected import Expected
from pipeline.model.national.fitted import fit_models
from pipeline.model.national.model_shrinkage import shrink_effects, shrink_net_effects
from pipeline.model.national.specification import Specification
from pipeline.model.numerics.intervals import normal_quantile, ratio_limits
from pipeline.model.numerics.shown_counts import EXACT
from pipeline.model.tables.ranking_frames import WRONG_SHARE
from pipeline.model.tables.recovery import true_fewer_share
from pipeline.model.tables.validity import COUNTRY, MUNICIPALITY, RISK, validity_frame

#: A municipality this far from national practice (log odds) should be found.
FAR = 0.3

#: Crossings whose departure from the fit is kept.
LOOKED_AT = {
    "year": (MUNICIPALITY, YEAR),
    "mental_health": (MUNICIPALITY, "mental_health"),
    "tenure_band": (MUNICIPALITY, "tenure_band"),
    "education": (MUNICIPALITY, "education"),
    "age_mental": ("age_band", "mental_health"),
    "risk": (COUNTRY, RISK),
}

Scores = dict[str, float]


def score(
    drawn: Drawn,
    outcome: str,
    conditions: Conditions,
    specification: Specification,
    *,
    has_rank_sets: bool,
) -> dict[str, Scores]:
    """Return measures of each model, as numbers that may be averaged over seeds.

    Ranks, counterfactuals and validity are those of model ``within``; confidence sets of ranks take
    a fifth of the time and are left out where ``has_rank_sets`` is false.
    """
    table, level = drawn.table, specification.level
    result = fit_models(table, specification, conditions)
    scores = {}
    for fitted in result.models:
        expected, aim = fitted.expected, drawn.truth(fitted.model)
        if fitted.model == "conditions" and result.within and result.adjustment:
            shrunk = shrink_net_effects(
                expected, result.within.expected, result.adjustment, conditions, level
            )
            own = aim
            # What is net of these municipalities' own best fit, by the fit's weights.
            aim = drawn.truth_net_of(result.adjustment.hat @ drawn.truth("within").effect)
            assert expected.superpopulation_se is not None
            held = _is_held(expected, own, expected.superpopulation_se, level)
            further = {"effect_coverage_of_many": float(held.mean())}
        else:
            shrunk, own = shrink_effects(expected, level), aim
            further = {}
        scores[fitted.model] = {
            **_effects(expected, aim, level),
            **_ratios(table, expected, aim, level),
            **_shrinkage(shrunk, own),
            **_flags(table, expected, aim),
            **further,
        }
        if fitted.model == "within":
            seed = specification.draw_seed(outcome, fitted.model)
            # Practice that lasts, beside that of the years looked at.
            lasting = drawn.lasting_truth(fitted.model)
            lasting_held = _is_held(expected, lasting, _errors(expected), level)
            scores[fitted.model] |= {
                **(_ranks(expected, aim, specification, seed) if has_rank_sets else {}),
                **_posterior(shrunk, aim, specification, seed),
                **_counterfactuals(table, expected, aim, specification, seed),
                "lasting_coverage": float(lasting_held.mean()),
                **_validity(validity_frame(outcome, fitted, table, specification)),
            }
    return scores


def _is_held(expected: Expected, truth: Truth, se: np.ndarray, level: float) -> np.ndarray:
    """Return whether limits of errors ``se`` (M,) hold the true effects of those that have one."""
    error = expected.practice_effect - truth.effect
    known = np.isfinite(error)
    return np.abs(error[known]) <= normal_quantile(level) * se[known]


def _errors(expected: Expected) -> np.ndarray:
    return np.sqrt(np.diag(expected.effect_covariance))


def _effects(expected: Expected, truth: Truth, level: float) -> Scores:
    """Bias and coverage of the practice effects; municipalities without grants have none."""
    error = expected.practice_effect - truth.effect
    known = np.isfinite(error)
    error = error[known]
    se = _errors(expected)[known]
    outside = ~_is_held(expected, truth, _errors(expected), level)
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
    transitions = EXACT if table.sums is None else table.sums.transitions
    low, high = ratio_limits(
        observed, expected.expected, expected.ratio_log_se, level, transitions.mean_limits
    )
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


def _posterior(
    shrinkage: ShrinkageResult, truth: Truth, specification: Specification, seed: int
) -> Scores:
    """Coverage of posterior rank limits on average, and how often grades have pairs wrong."""
    posterior = ranks.posterior_ranks(
        shrinkage.shrunk, shrinkage.covariance, specification.rank_draws, seed, level=0.95
    )
    rank = ranks.point_ranks(np.round(truth.effect, 9))
    held = (posterior.low <= rank) & (rank <= posterior.high)
    half = (posterior.low_half <= rank) & (rank <= posterior.high_half)
    grades = grade_units(posterior.expected_rank, posterior.is_lower, WRONG_SHARE)
    lower = grades.grade[:, None] < grades.grade[None, :]
    wrong = lower & (truth.effect[:, None] > truth.effect[None, :])
    return {
        "posterior_rank_coverage": float(held.mean()),
        "posterior_rank_half_coverage": float(half.mean()),
        "posterior_rank_width": float(np.mean(posterior.high - posterior.low + 1)),
        "grades": float(grades.grade.max()),
        "grades_ordered_share": grades.ordered_share,
        "grades_wrong_share": float(wrong.sum() / lower.sum()) if lower.any() else float("nan"),
    }


def _counterfactuals(
    table: CellTable, expected: Expected, truth: Truth, specification: Specification, seed: int
) -> Scores:
    """Promise, truth and coverage of "as the 10 lowest" by method: shares of grants."""
    observed, expects, k = table.observed, expected.expected, specification.lowest_k
    by_year = table.observed_by_year
    late = table.codes(YEAR) > 0
    halves = (
        by_year[:, 0],
        table.by_municipality(np.where(late, 0, expected.expected_cells)),
        by_year[:, 1:].sum(axis=1),
        table.by_municipality(np.where(late, expected.expected_cells, 0)),
    )
    result = apply_standard(
        f"lowest_{k}",
        observed,
        expects,
        halves,
        table.municipality_codes,
        specification.level,
        seed,
        table.noise_variance,
        *table.transitions,
    )
    scores: Scores = {}
    for item in result:
        options = np.isin(np.arange(len(observed)), item.chosen)
        aim = true_fewer_share(truth.observed, truth.expected, options)
        scores[f"{item.method}_promised"] = item.fewer_share
        scores[f"{item.method}_true"] = aim
        scores[f"{item.method}_error"] = item.fewer_share - aim
        scores[f"{item.method}_coverage"] = float(item.low_share <= aim <= item.high_share)
    truly = counterfactual.lowest_units(truth.ratio, truth.expected, k)
    options = np.isin(np.arange(len(observed)), truly)
    scores["best_possible"] = true_fewer_share(truth.observed, truth.expected, options)
    return scores


def _validity(frame: pd.DataFrame) -> Scores:
    """How far the crossings of :data:`LOOKED_AT` depart from the fit, and whether it is told."""
    rows = frame.set_index(["across", "dimension"])
    scores: Scores = {}
    for name, key in LOOKED_AT.items():
        row = rows.loc[key] if key in rows.index else None
        scores[f"sd_{name}"] = float("nan") if row is None else float(row["sd"])
        scores[f"told_{name}"] = 0.0 if row is None else float(row["q_value"] < 0.05)
    return scores
