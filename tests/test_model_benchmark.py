"""From cells to result tables: shape, additivity, determinism, recovery of planted practice."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from fabricated_cells import (
    GROUPS,
    LEVELS,
    make_cells,
    make_conditions,
    make_grants,
    make_municipalities,
    make_specification,
    spread,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from pipeline.errors import ModelError
from pipeline.model.national.diagnosis import diagnosis_shares, fit_diagnosis
from pipeline.model.national.diagnostics import quality_rows
from pipeline.model.tables.benchmark import TABLES, BenchmarkResult, run_benchmark
from pipeline.model.tables.frames import make_frame, round_noise
from pipeline.model.tables.recovery import score_recovery, true_effects, true_fewer_share

SQL = Path(__file__).parents[1] / "sql" / "result"
KEYS = ["outcome", "model", "municipality_code"]


def _run(cells: pd.DataFrame, **options: object) -> BenchmarkResult:
    return run_benchmark(
        cells,
        make_grants(cells),
        make_municipalities(cells),
        make_specification(**options),
        make_conditions(cells),
    )


def _two_outcomes(effects: np.ndarray, **options: object) -> pd.DataFrame:
    return pd.concat(
        [make_cells(effects, seed=s, outcome=o, **options) for s, o in ((1, "FP"), (2, "FJ"))],
        ignore_index=True,
    )


@pytest.fixture(scope="module")
def result() -> BenchmarkResult:
    return _run(_two_outcomes(spread(12)), outcomes=("FP", "FJ"))


@pytest.mark.parametrize("name", sorted(set(TABLES) - {"practice_count"}))
def test_frames_have_the_columns_of_the_published_tables(name: str, result) -> None:
    body = re.search(r"CREATE TABLE .*?\((.*?)\n\);", (SQL / f"{name}.sql").read_text(), re.S)
    assert body is not None
    declared = re.findall(r'^    "?([a-z_0-9]+)"? [A-Z]+( NOT NULL)?', body[1], re.M)
    frame = result.frames[name]
    assert ["run_id", *frame.columns] == [column for column, _ in declared]
    required = [column for column, not_null in declared if not_null and column != "run_id"]
    assert not frame[required].isna().any().any()


def test_every_key_is_there_once(result) -> None:
    assert len(result.frames["benchmark"]) == len(result.frames["ranking"]) == 12 * 2 * 4
    assert not result.frames["benchmark"].duplicated(KEYS).any()
    assert len(result.frames["breakdown"]) == 12 * 2 * 4 * len(GROUPS) * len(LEVELS["tenure_band"])
    assert (
        not result.frames["breakdown"].duplicated([*KEYS, "diagnosis_group", "tenure_band"]).any()
    )
    assert set(result.frames["counterfactual"]["method"]) == {
        "naive",
        "empirical_bayes",
        "split_year",
        "conditional",
        "hybrid",
    }


def test_totals_add_up(result) -> None:
    totals = (
        result.frames["benchmark"].groupby(["outcome", "model"])[["observed", "expected"]].sum()
    )
    np.testing.assert_allclose(totals["expected"], totals["observed"], rtol=1e-9)
    cells = result.frames["breakdown"].groupby(KEYS)[["observed", "expected"]].sum()
    rows = result.frames["benchmark"].set_index(KEYS)[["observed", "expected"]].loc[cells.index]
    assert (cells["observed"] == rows["observed"]).all()
    np.testing.assert_allclose(cells["expected"], rows["expected"], rtol=1e-9)
    country = (
        result.frames["breakdown_country"]
        .groupby(["outcome", "model"])[["observed", "expected"]]
        .sum()
    )
    np.testing.assert_allclose(
        country.astype(float), totals.loc[country.index].astype(float), rtol=1e-9
    )


def test_years_add_up(result) -> None:
    rows = result.frames["benchmark"].set_index(KEYS)
    of_year = (
        result.frames["development"].groupby(KEYS)[["n_at_risk", "observed", "expected"]].sum()
    )
    assert (of_year["observed"] == rows.loc[of_year.index, "observed"]).all()
    assert (of_year["n_at_risk"] == rows.loc[of_year.index, "n_at_risk"]).all()
    np.testing.assert_allclose(of_year["expected"], rows.loc[of_year.index, "expected"], rtol=1e-9)
    country = result.frames["development_country"]
    assert country["year"].isin([2006, 2007]).all()
    assert country["observed"].sum() == rows["observed"].sum()


def test_ages_add_up() -> None:
    cells = make_cells(spread(6))
    result = _run(cells).frames
    rows = result["benchmark"].set_index(KEYS)
    ages = result["breakdown_age"].groupby(KEYS)[["observed", "expected"]].sum()
    assert len(result["breakdown_age"]) == 6 * 4 * len(LEVELS["age_band"])
    assert (ages["observed"] == rows.loc[ages.index, "observed"]).all()
    np.testing.assert_allclose(ages["expected"], rows.loc[ages.index, "expected"], rtol=1e-9)


def test_country_expects_as_many_of_each_diagnosis_as_were_granted(result) -> None:
    country = result.frames["breakdown_country"].groupby(["outcome", "model", "diagnosis_group"])
    sums = country[["observed", "expected"]].sum()
    np.testing.assert_allclose(sums["expected"], sums["observed"], rtol=1e-8)


def test_all_checks_are_recorded_and_pass(result) -> None:
    status = {item.check: item.status for item in result.diagnostics}
    assert set(status.values()) == {"ok"}
    assert {
        "breakdown_additive",
        "score_equations",
        "statsmodels_agrees",
        "expected_equals_observed",
    } <= set(status)
    assert quality_rows(result.diagnostics)["check"].is_unique


def test_missing_grants_stop_the_additivity_check() -> None:
    cells = make_cells(spread(6))
    grants = make_grants(cells).iloc[1:]
    result = run_benchmark(cells, grants, make_municipalities(cells), make_specification())
    additive = next(item for item in result.diagnostics if item.check == "breakdown_additive")
    assert additive.status == "stop"


def test_same_input_in_any_order_gives_the_same_numbers(result) -> None:
    cells = _two_outcomes(spread(12))
    grants = make_grants(cells)
    other = run_benchmark(
        cells.sample(frac=1, random_state=3),
        grants.sample(frac=1, random_state=4),
        make_municipalities(cells).iloc[::-1],
        make_specification(outcomes=("FP", "FJ")),
        make_conditions(cells).iloc[::-1],
    )
    for name in TABLES:
        pd.testing.assert_frame_equal(
            result.frames[name], other.frames[name], check_exact=True, obj=name
        )


def test_one_outcome_alone_gives_the_same_numbers(result) -> None:
    alone = _run(_two_outcomes(spread(12)), outcomes=("FJ",), models=("within",))
    for name in ("benchmark", "ranking", "counterfactual"):
        whole = result.frames[name]
        part = whole[(whole["outcome"] == "FJ") & (whole["model"] == "within")]
        pd.testing.assert_frame_equal(
            part.reset_index(drop=True), alone.frames[name], check_exact=True
        )


def test_municipality_without_grants_is_ranked_with_an_exact_interval() -> None:
    cells = make_cells(spread(8))
    cells.loc[cells["municipality_code"] == "103", "n_events"] = 0
    result = _run(cells)
    row = result.frames["benchmark"].query("municipality_code == '103'")
    assert row["practice_effect"].isna().all()
    assert row["practice_effect_se"].isna().all()
    assert (row["ratio"] == 0).all()
    assert (row["ratio_low"] == 0).all()
    assert (row["ratio_high"] > 0).all()
    assert (row["practice_effect_shrunk"] < 0).all()
    assert (result.frames["ranking"].query("municipality_code == '103'")["rank"] == 1).all()
    warned = {item.check for item in result.diagnostics if item.status == "warn"}
    assert warned == {"municipalities_without_grants"}


def test_municipality_without_persons_is_left_out_and_reported() -> None:
    cells = make_cells(spread(6))
    municipalities = pd.concat(
        [
            make_municipalities(cells),
            pd.DataFrame({"municipality_code": ["900"], "municipality_name": ["Tom"]}),
        ]
    )
    result = run_benchmark(cells, make_grants(cells), municipalities, make_specification())
    assert "900" not in set(result.frames["benchmark"]["municipality_code"])
    item = next(d for d in result.diagnostics if d.check == "municipalities_without_persons")
    assert (item.status, item.detail) == ("warn", "FP: 900")


def test_one_year_has_no_split_year() -> None:
    cells = make_cells(spread(6), persons=800)
    shrinkage = _run(cells[cells["year"] == 2006])
    assert "split_year" not in set(shrinkage.frames["counterfactual"]["method"])
    assert (shrinkage.frames["coefficient"]["term"] == "year").sum() == 4  # one level, four models


def test_every_standard_is_published_by_every_method() -> None:
    cells = make_cells(spread(12))
    codes = sorted(set(cells["municipality_code"]))
    options = ("quantile_25", f"municipality_{codes[4]}")
    result = _run(cells, further_standards=options).frames["counterfactual"]
    assert list(dict.fromkeys(result["standard"])) == ["lowest_3", *options]
    assert not result.duplicated(["outcome", "model", "standard", "method"]).any()
    methods = result.groupby("standard")["method"].agg(lambda names: len(set(names)))
    assert methods.to_dict() == {"lowest_3": 5, options[0]: 5, options[1]: 3}
    named = result[result["standard"] == options[1]]
    assert set(named["municipality_codes"]) == {codes[4]}
    assert (result["fewer_low"] <= result["fewer_grants"]).all()
    assert (result["fewer_grants"] <= result["fewer_high"]).all()


def test_a_model_that_cannot_be_fitted_names_its_outcome_and_itself() -> None:
    cells = make_cells(spread(4))
    everybody = cells["municipality_code"] == "101"
    cells.loc[everybody, "n_events"] = cells.loc[everybody, "n_persons"]
    with pytest.raises(ModelError, match=r"^FP: within: "):
        _run(cells, models=("within",))


def test_standard_larger_than_the_country_is_refused() -> None:
    with pytest.raises(ModelError, match="lowest_10: only 4"):
        _run(make_cells(spread(4)), lowest_k=10)


def test_coefficients_list_references_and_merged_levels() -> None:
    cells = make_cells(spread(6))
    cells.loc[cells["tenure_band"] == "short", "n_events"] = 0
    rows = _run(cells).frames["coefficient"].query("model == 'within' and term == 'tenure_band'")
    rows = rows.set_index("level")
    assert rows.loc["short", "estimate"] == rows.loc["none", "estimate"] == 0
    assert rows["se"].isna().tolist() == [True, True, False]
    assert rows.loc["short", "n_events"] == 0
    assert rows["n_events"].sum() == cells["n_events"].sum()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(4, 7), persons=st.integers(60, 500))
def test_any_small_country_adds_up(seed: int, n: int, persons: int) -> None:
    cells = make_cells(spread(n), seed=seed, persons=persons, base=-2.0)
    result = _run(cells, rank_draws=200)
    assert result.frames["benchmark"]["expected"].sum() == pytest.approx(
        4 * cells["n_events"].sum(), rel=1e-9
    )
    assert all(item.status != "stop" for item in result.diagnostics)
    assert result.frames["benchmark"]["ratio_low"].le(result.frames["benchmark"]["ratio"]).all()
    assert result.frames["benchmark"]["ratio_high"].ge(result.frames["benchmark"]["ratio"]).all()


# Main diagnosis among grants


def test_diagnosis_model_predicts_the_observed_numbers() -> None:
    rng = np.random.default_rng(1)
    codes = np.array([(a, b) for a in range(3) for b in range(2)])
    counts = rng.poisson(20, (6, 4)).astype(float)
    counts[:, 2] = 0
    model = fit_diagnosis(codes, counts, (3, 2), ridge=1.0)
    eta = model.log_weights(codes)
    shares = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(counts.sum(axis=1) @ shares, counts.sum(axis=0), rtol=1e-7)
    assert (shares[:, 2] == 0).all()


def test_diagnosis_model_without_penalty_is_statsmodels_multinomial_logit() -> None:
    rng = np.random.default_rng(2)
    codes = np.array([(a, b) for a in range(3) for b in range(2)])
    counts = rng.poisson(60, (6, 3)).astype(float)
    model = fit_diagnosis(codes, counts, (3, 2), ridge=1e-6)
    eta = model.log_weights(codes)
    shares = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
    place, group = np.divmod(np.repeat(np.arange(18), counts.ravel().astype(int)), 3)
    full = np.column_stack([np.ones(6), codes[:, 0] == 1, codes[:, 0] == 2, codes[:, 1] == 1])
    reference = sm.MNLogit(group, full[place].astype(float)).fit(disp=False, tol=1e-12)
    np.testing.assert_allclose(shares, reference.predict(full.astype(float)), atol=1e-6)


def test_heavy_penalty_gives_the_national_shares() -> None:
    codes = np.array([(0,), (1,)])
    counts = np.array([[90.0, 10.0], [10.0, 90.0]])
    model = fit_diagnosis(codes, counts, (2,), ridge=1e9)
    shares = diagnosis_shares(model, codes, np.array([30.0, 5.0]))
    np.testing.assert_allclose(shares, 0.5, atol=1e-6)


def test_shares_are_moved_to_the_observed_proportions() -> None:
    codes = np.array([(0,), (1,)])
    counts = np.array([[90.0, 10.0], [10.0, 90.0]])
    model = fit_diagnosis(codes, counts, (2,), ridge=1.0)
    expected = np.array([150.0, 20.0])
    shares = diagnosis_shares(model, codes, expected)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    np.testing.assert_allclose(expected @ shares, [85.0, 85.0], rtol=1e-10)
    assert shares[0, 0] > shares[1, 0]


# Recovery


def _person_years(effects: np.ndarray, n: int = 2_000, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(len(effects)), n)
    frame = pd.DataFrame({"municipality_code": np.char.mod("%d", 100 + unit)})
    for name, base in (("fp", -3.0), ("fj", -3.5)):
        national = expit(base + rng.normal(0, 0.7, len(unit)))
        frame[f"p_national_{name}"] = national
        frame[f"p_actual_{name}"] = expit(logit(national) + effects[unit])
    frame["is_at_risk_fp"] = True
    frame["is_at_risk_fj"] = rng.random(len(unit)) < 0.9
    frame.loc[~frame["is_at_risk_fj"], ["p_national_fj", "p_actual_fj"]] = np.nan
    return frame


def test_true_effects_are_the_planted_ones_against_the_national_level() -> None:
    effects = np.array([-0.5, 0.0, 0.1, 0.8])
    truth = true_effects(_person_years(effects))
    for outcome in ("FP", "FJ"):
        rows = truth[truth["outcome"] == outcome]
        np.testing.assert_allclose(np.diff(rows["true_effect"]), np.diff(effects), atol=1e-9)
        assert rows["true_observed"].sum() == pytest.approx(rows["true_expected"].sum(), rel=1e-12)
    both = truth[truth["outcome"] == "ANY"]
    np.testing.assert_allclose(np.diff(both["true_effect"]), np.diff(effects), atol=0.05)
    assert (both["n_at_risk"].to_numpy() == truth.query("outcome == 'FJ'")["n_at_risk"]).all()


def test_true_fewer_share_by_hand() -> None:
    # The two lowest grant 3 of 6 expected; at that rate the country's 12 become 6.
    options = np.array([True, True, False])
    share = true_fewer_share(np.array([1.0, 2.0, 9.0]), np.array([2.0, 4.0, 6.0]), options)
    assert share == pytest.approx(0.5)


def _scored(effect: list[float], truth: list[float], low: list[int], high: list[int]):
    codes = ["101", "147", "151"]
    keys = {"outcome": "FP", "model": "within", "municipality_code": codes}
    benchmark = pd.DataFrame({**keys, "practice_effect": effect, "practice_effect_se": 0.1})
    ranks = pd.Series(effect).fillna(-np.inf).rank().astype(int).to_numpy()
    ranking = pd.DataFrame({**keys, "rank": ranks, "rank_low": low, "rank_high": high})
    saved = pd.DataFrame(
        {"outcome": "FP", "model": "within", "method": ["naive"], "standard": "lowest_2"}
    ).assign(fewer_share=0.6, municipality_codes="101,147")
    planted = pd.DataFrame({"outcome": "FP", "municipality_code": codes, "true_effect": truth})
    planted = planted.assign(true_observed=[1.0, 2.0, 9.0], true_expected=[2.0, 4.0, 6.0])
    scores = score_recovery(benchmark, ranking, saved, planted)
    return scores.set_index("measure")


def test_scores_by_hand() -> None:
    scores = _scored([0.0, 0.3, 0.1], [0.1, 0.0, 0.2], [1, 3, 1], [2, 3, 3])
    # True ranks are 2, 1, 3; estimated 1, 3, 2.
    assert scores.loc["rank_correlation", "value"] == pytest.approx(-0.5)
    assert scores.loc["coverage_95", "value"] == pytest.approx(2 / 3)
    assert scores.loc["rank_set_coverage", "value"] == pytest.approx(2 / 3)
    assert scores.loc["effect_rmse", "value"] == pytest.approx(np.sqrt(0.11 / 3))
    assert scores.loc["counterfactual_error_naive"].to_list()[2:] == pytest.approx([0.6, 0.5])


def test_scores_leave_out_a_missing_effect() -> None:
    scores = _scored([np.nan, 0.1, 0.2], [-1.0, 0.1, 0.2], [1, 1, 1], [3, 3, 3])
    assert scores.loc["coverage_95", "value"] == 1.0
    assert scores.loc["effect_rmse", "value"] == pytest.approx(0.0, abs=1e-12)


def test_truth_that_lacks_a_municipality_is_refused(result) -> None:
    truth = true_effects(_person_years(spread(11))).query("outcome != 'ANY'")
    with pytest.raises(ModelError, match="missing from the truth"):
        score_recovery(
            result.frames["benchmark"],
            result.frames["ranking"],
            result.frames["counterfactual"],
            truth,
        )


def test_planted_practice_is_recovered_and_within_beats_pooled_when_confounded() -> None:
    """Where practice and composition go together the pooled slopes take up some practice."""
    effects = spread(30, sd=0.5)
    cells = make_cells(effects, persons=4_000, base=-4.0, confounded=1.5)
    result = _run(cells, lowest_k=5)
    errors, correlation = {}, {}
    for model, rows in result.frames["benchmark"].groupby("model"):
        gap = rows["practice_effect"].to_numpy() - effects
        errors[model] = np.sqrt(np.mean((gap - gap.mean()) ** 2))
        correlation[model] = np.corrcoef(rows["practice_effect"], effects)[0, 1]
    slopes = result.frames["coefficient"].set_index(["model", "term", "level"])["estimate"]
    assert correlation["within"] > 0.98
    assert errors["within"] < errors["pooled"]
    assert abs(slopes["within", "mental_health", "some"] - 1.1) < 0.1
    assert slopes["pooled", "mental_health", "some"] > slopes["within", "mental_health", "some"]


def test_make_frame_refuses_other_columns() -> None:
    with pytest.raises(ValueError, match="n_events"):
        make_frame("coefficient", "FP", "pooled", term=[], level=[], estimate=[], se=[])


def test_noise_is_rounded_away_and_missing_stays() -> None:
    values = np.array([0.1 + 0.2, 123456.7890123456, -1e-15, np.nan, np.inf])
    rounded = round_noise(values)
    assert rounded[0] == 0.3
    assert rounded[1] == 123456.7890123
    assert rounded[2] == 0
    assert np.isnan(rounded[3])
    assert rounded[4] == np.inf
