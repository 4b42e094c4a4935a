"""How well a run recovers the practice that was planted in synthetic data.

The truth is stated in the same terms as the estimates: national practice is the level at which
expected equals actually expected in the whole country, and a municipality's true effect is the
shift from it that gives the municipality its true expected count. A model that takes out framework
conditions is scored against the municipality's own effect: the same with the planted effect of the
conditions in what is expected.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm, spearmanr

from pipeline.catalogue import columns
from pipeline.errors import ModelError
from pipeline.model.inference.ranks import point_ranks
from pipeline.model.numerics.shift import solve_shift

#: Outcomes whose truth the generator plants.
OUTCOMES = ("FP", "FJ", "ANY")
#: Dimension and level whose planted tilts are looked for.
TILTED = (
    ("diagnosis_group", "mental"),
    ("labour_status", "cash_benefit"),
    ("tenure_band", "over_5"),
)
#: Models that are to find the own effect, net of framework conditions; all others find the whole.
_NET_OF_CONDITIONS = ("conditions",)


def true_effects(
    person_years: pd.DataFrame,
    conditions: pd.DataFrame | None = None,
    outcomes: Sequence[str] = OUTCOMES,
) -> pd.DataFrame:
    """Return the planted truth per outcome and municipality over the person-years given.

    ``person_years`` has ``municipality_code``, ``is_at_risk_fp``, ``is_at_risk_fj`` and the
    probabilities ``p_actual_fp``, ``p_national_fp``, ``p_actual_fj``, ``p_national_fj`` of every
    person-year of the window. The risk of ANY is that of either of two independent draws, for
    those at risk of both. ``conditions`` has what the framework conditions add to the log odds:
    ``municipality_code``, ``outcome`` (FP, FJ), ``year``, ``conditions_effect``; without it they
    add nothing. With it ``person_years`` has ``year`` as well.

    Columns: outcome, municipality_code, n_at_risk, true_effect (log odds), true_observed (sum of
    actual risks), true_expected (sum of risks at national practice), true_own_effect (log odds, net
    of conditions), true_expected_conditions (sum of risks at national practice under the
    municipality's conditions) and true_conditions_effect (the difference of the two effects). True
    observed and both true expected have the same total. Raises :class:`ModelError` when a
    probability or a condition's effect is missing.
    """
    unit, codes = _numbered(person_years["municipality_code"])
    parts = []
    for outcome in outcomes:
        at_risk, actual, national = _risks(person_years, outcome)
        if np.isnan(actual).any() or np.isnan(national).any():
            raise ModelError(f"truth: a probability of {outcome} is missing for a person at risk")
        net = national
        if conditions is not None:
            net = _under_conditions(person_years, conditions, outcome, at_risk, unit, codes)
        parts.append(_true_effects_of(outcome, codes, unit[at_risk], actual, national, net))
    return pd.concat(parts, ignore_index=True)


def score_recovery(
    benchmark: pd.DataFrame,
    ranking: pd.DataFrame,
    counterfactual: pd.DataFrame,
    truth: pd.DataFrame,
    level: float = 0.95,
    standard: str | None = None,
) -> pd.DataFrame:
    """Return ``recovery`` rows (outcome, model, measure, value, truth) of one run.

    The truth of model ``conditions`` is the own effect, net of framework conditions.
    ``rank_correlation``: Spearman's of rank with the true effect. ``coverage_95``: share of
    municipalities whose true effect lies within the normal interval of ``practice_effect`` at
    ``level``. ``rank_set_coverage``: share whose true rank is in the marginal set.
    ``effect_rmse``: root mean squared error, log odds. ``counterfactual_error_<method>``: the
    estimated share of fewer grants beside what the municipalities that the method took as the
    lowest truly would give; ``standard`` is the one that is scored, by default the first of the
    frame. Municipalities without a practice effect count in the rank measures
    only. A measure without data is missing.
    """
    keys = ["outcome", "municipality_code"]
    joined = benchmark.merge(
        ranking, on=["outcome", "model", "municipality_code"], validate="one_to_one"
    ).merge(truth, on=keys, validate="many_to_one")
    if len(joined) != len(benchmark):
        raise ModelError(
            "truth: municipalities of the benchmark are missing from the truth",
            expected=f"{len(benchmark)} rows",
            found=f"{len(joined)} rows",
        )
    rows: list[tuple[str, str, str, float, float]] = []
    for (outcome, model), frame in joined.groupby(["outcome", "model"], sort=False):
        place = (str(outcome), str(model))
        effect, expected = "true_effect", "true_expected"
        if model in _NET_OF_CONDITIONS:
            effect, expected = "true_own_effect", "true_expected_conditions"
        for measure, (value, aim) in _score_effects(frame, effect, level).items():
            rows.append((*place, measure, value, aim))
        estimated = counterfactual[
            (counterfactual["outcome"] == outcome) & (counterfactual["model"] == model)
        ]
        scored = estimated["standard"] == (standard or next(iter(estimated["standard"]), None))
        shown = ["method", "fewer_share", "municipality_codes"]
        for method, share, codes in estimated.loc[scored, shown].itertuples(index=False):
            true_share = true_fewer_share(
                frame["true_observed"].to_numpy(float),
                frame[expected].to_numpy(float),
                frame["municipality_code"].isin(codes.split(",")).to_numpy(),
            )
            rows.append((*place, f"counterfactual_error_{method}", float(share), true_share))
    return pd.DataFrame(rows, columns=list(columns("recovery")))


def score_tilts(profile: pd.DataFrame, tilts: pd.DataFrame) -> pd.DataFrame:
    """Return ``recovery`` rows of how practice by level follows the planted tilts.

    ``profile`` is ``practice_profile``; ``tilts`` has outcome, municipality_code, dimension, level
    and tilt (log odds). ``tilt_correlation_<level>`` is Spearman's rank correlation of the shrunken
    deviation of a level of :data:`TILTED` with the municipality's planted tilt. Few grants draw
    deviations to 0, so that it is far from 1 also where the method is right: ``docs/simulation.md``
    has what is within reach. Fits without deviations, or whose deviations are all alike, have none.
    """
    joined = profile.merge(tilts, on=["outcome", "municipality_code", "dimension", "level"])
    rows = []
    for (outcome, model, dimension, level), frame in joined.groupby(
        ["outcome", "model", "dimension", "level"], sort=False
    ):
        known = frame[["practice_deviation", "tilt"]].dropna()
        if (dimension, level) in TILTED and (known.nunique() > 1).all():
            correlation = float(spearmanr(known["practice_deviation"], known["tilt"])[0])
            rows.append((outcome, model, f"tilt_correlation_{level}", correlation, 1.0))
    return pd.DataFrame(rows, columns=list(columns("recovery")))


def true_fewer_share(observed: np.ndarray, expected: np.ndarray, is_standard: np.ndarray) -> float:
    """Return the share of grants fewer if all had the true practice of the standard.

    ``observed`` and ``expected`` (M,) are true expected counts at actual and at national
    practice, ``is_standard`` (M,) is true for the municipalities that a method took as the lowest.
    All municipalities are set to the pooled ratio of these, those below included, as the methods
    that are scored do. What a method promises beyond this is the winner's curse.
    """
    standard = observed[is_standard].sum() / expected[is_standard].sum()
    return float(1 - standard * expected.sum() / observed.sum())


def _under_conditions(
    person_years: pd.DataFrame,
    conditions: pd.DataFrame,
    outcome: str,
    at_risk: np.ndarray,
    unit: np.ndarray,
    codes: np.ndarray,
) -> np.ndarray:
    """Return the risks at national practice under each municipality's conditions."""
    period, years = _numbered(person_years["year"])
    neither = np.ones(int(at_risk.sum()))
    for name in _registers(outcome):
        rows = conditions[conditions["outcome"] == name.upper()]
        table = (
            rows.pivot(index="municipality_code", columns="year", values="conditions_effect")
            .reindex(index=codes, columns=years)
            .to_numpy(float)
        )
        if np.isnan(table).any():
            raise ModelError(
                f"truth: the conditions' effect on {name.upper()} is missing for a municipality "
                "or year"
            )
        shift = table[unit[at_risk], period[at_risk]]
        national = person_years[f"p_national_{name}"].to_numpy(float)[at_risk]
        neither *= 1 - expit(logit(national) + shift)
    return 1 - neither


def _numbered(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the number (N,) of each value among the different ones, and those, sorted."""
    number, values = pd.factorize(column, sort=True)
    return number, np.asarray(values)


def _registers(outcome: str) -> tuple[str, ...]:
    return ("fp", "fj") if outcome == "ANY" else (outcome.lower(),)


def _risks(person_years: pd.DataFrame, outcome: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return who is at risk (N,) and, for them, actual and national probability."""
    if outcome not in OUTCOMES:
        raise ModelError(f"truth: unknown outcome {outcome!r}")
    registers = _registers(outcome)
    at_risk = np.all(
        [person_years[f"is_at_risk_{name}"].to_numpy(bool) for name in registers], axis=0
    )

    def either(kind: str) -> np.ndarray:
        neither = np.ones(int(at_risk.sum()))
        for name in registers:
            neither *= 1 - person_years[f"p_{kind}_{name}"].to_numpy(float)[at_risk]
        return 1 - neither

    return at_risk, either("actual"), either("national")


def _true_effects_of(
    outcome: str,
    codes: np.ndarray,
    unit: np.ndarray,
    actual: np.ndarray,
    national: np.ndarray,
    net: np.ndarray,
) -> pd.DataFrame:
    observed = np.bincount(unit, actual, len(codes))
    effect, expected = _effect_and_expected(unit, national, observed)
    own, expected_net = (
        (effect, expected) if net is national else _effect_and_expected(unit, net, observed)
    )
    return pd.DataFrame(
        {
            "outcome": outcome,
            "municipality_code": codes,
            "n_at_risk": np.bincount(unit, minlength=len(codes)),
            "true_effect": effect,
            "true_observed": observed,
            "true_expected": expected,
            "true_own_effect": own,
            "true_expected_conditions": expected_net,
            "true_conditions_effect": effect - own,
        }
    )


def _effect_and_expected(
    unit: np.ndarray, risk: np.ndarray, observed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shift (M,) to ``observed`` from ``risk`` at the common level, and its sums (M,).

    The common level is the one at which the whole country's risks add up to all observed.
    """
    ones, log_odds = np.ones(len(unit)), logit(risk)
    log_odds = log_odds + solve_shift(log_odds, ones, np.array([observed.sum()]))[0]
    return (
        solve_shift(log_odds, ones, observed, unit),
        np.bincount(unit, expit(log_odds), len(observed)),
    )


def _score_effects(
    frame: pd.DataFrame, true_column: str, level: float
) -> dict[str, tuple[float, float]]:
    """Return measure -> (value, aim) of one outcome and model."""
    truth = frame[true_column].to_numpy(float)
    effect = frame["practice_effect"].to_numpy(float)
    error = effect - truth
    known = np.isfinite(error)
    reach = norm.ppf((1 + level) / 2) * frame["practice_effect_se"].to_numpy(float)
    true_rank = point_ranks(truth)
    rank = frame["rank"].to_numpy(float)
    in_set = (frame["rank_low"] <= true_rank) & (true_rank <= frame["rank_high"])
    varies = len(set(rank)) > 1 and len(set(truth)) > 1
    return {
        "rank_correlation": (float(spearmanr(rank, truth)[0]) if varies else np.nan, 1.0),
        "coverage_95": (_mean(np.abs(error) <= reach, known), level),
        "rank_set_coverage": (float(in_set.mean()), level),
        "effect_rmse": (float(np.sqrt(_mean(error**2, known))), 0.0),
    }


def _mean(values: np.ndarray, kept: np.ndarray) -> float:
    return float(values[kept].mean()) if kept.any() else float("nan")
