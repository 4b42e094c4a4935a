"""Framework conditions and the three-way split: exact sums, right errors, planted truth."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from fabricated_cells import make_cells, make_conditions, make_specification, spread
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import spearmanr

from pipeline.errors import ModelError
from pipeline.model.inference.between_variance import tau2_interval
from pipeline.model.national.cells import CellTable, code_cells
from pipeline.model.national.conditions import adjust, code_conditions, expect_given_conditions
from pipeline.model.national.design import build_design
from pipeline.model.national.effects import slope_log_odds
from pipeline.model.national.expected import expect
from pipeline.model.national.first_stage import fit_logit
from pipeline.model.national.fitted import FittedOutcome, fit_models
from pipeline.model.national.three_way import three_way


def _table(cells: pd.DataFrame) -> CellTable:
    return code_cells(cells, make_specification(), sorted(set(cells["municipality_code"])))


def _fit(
    cells: pd.DataFrame, condition: np.ndarray | None = None
) -> tuple[CellTable, FittedOutcome]:
    table = _table(cells)
    conditions = code_conditions(
        make_conditions(cells, condition), table.municipality_codes, table.n_at_risk
    )
    return table, fit_models(table, make_specification(), conditions)


def _split(table: CellTable, fitted: FittedOutcome):
    within = fitted.within
    return three_way(table, within.design, within.fit, within.expected, fitted.adjustment, 0.95)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1_000), persons=st.integers(150, 800))
def test_the_three_parts_add_up_to_the_raw_difference(seed: int, persons: int) -> None:
    cells = make_cells(spread(6), seed=seed, persons=persons, base=-2.5)
    table, fitted = _fit(cells)
    part = _split(table, fitted).part
    raw = table.observed / table.n_at_risk - table.observed.sum() / table.n_at_risk.sum()
    np.testing.assert_allclose(part[:, :3].sum(axis=1), part[:, 3], atol=1e-15)
    np.testing.assert_allclose(part[:, 3], raw, atol=1e-12)


def test_a_municipality_without_grants_is_split_too() -> None:
    cells = make_cells(spread(8))
    cells.loc[cells["municipality_code"] == "102", "n_events"] = 0
    table, fitted = _fit(cells)
    split = _split(table, fitted)
    share = table.observed.sum() / table.n_at_risk.sum()
    assert split.part[2, 3] == pytest.approx(-share)
    assert split.part[2, :3].sum() == pytest.approx(-share)
    assert np.isnan(split.low[2]).all()
    assert np.isfinite(np.delete(split.low, 2, axis=0)).all()
    conditions = next(model for model in fitted.models if model.model == "conditions")
    assert np.isnan(conditions.expected.practice_effect[2])
    assert np.isfinite(conditions.expected.rank_effect).all()


def test_expected_adds_up_and_follows_the_condition() -> None:
    effects = spread(24, sd=0.4)
    cells = make_cells(effects, persons=2_000)
    table, fitted = _fit(cells, effects)
    within, conditions = fitted.within.expected, fitted.models[-1].expected
    assert fitted.models[-1].model == "conditions"
    assert conditions.expected.sum() == pytest.approx(table.observed.sum(), rel=1e-12)
    # What varies with the condition is expected; hardly any practice is left.
    assert np.ptp(conditions.practice_effect) < 0.4 * np.ptp(within.practice_effect)
    assert spearmanr(conditions.expected / within.expected, effects)[0] > 0.95
    assert fitted.adjustment.stages["REML"].coefficients[1] > 0.3


def test_a_condition_of_no_consequence_changes_little() -> None:
    cells = make_cells(spread(24), persons=2_000)
    _, fitted = _fit(cells)
    within, conditions = fitted.within.expected, fitted.models[-1].expected
    assert np.corrcoef(within.practice_effect, conditions.practice_effect)[0, 1] > 0.97


def test_each_standard_error_answers_its_own_question() -> None:
    """Over redrawn countries: off the best linear fit of these, and off the planted practice."""
    rng = np.random.default_rng(11)
    x = np.cos(3.0 * np.arange(20))
    tau2, misses, beyond = [], [], []
    for seed in range(40):
        own = rng.normal(0, 0.3, 20)
        cells = make_cells(0.4 * x + own, seed=seed, persons=700, base=-3.0)
        _, fitted = _fit(cells, x)
        result = fitted.models[-1].expected
        se = np.sqrt(np.diag(result.effect_covariance))
        assert result.superpopulation_se is not None
        assert (result.superpopulation_se > se).all()
        whole = 0.4 * x + own
        for truth, error_se, kept in (
            (whole - fitted.adjustment.hat @ whole, se, misses),
            (own, result.superpopulation_se, beyond),
        ):
            error = result.practice_effect - truth
            # Practice is relative: where its zero lies is the country's, not the municipality's.
            kept.append((error - error.mean()) / error_se)
        tau2.append(fitted.adjustment.tau2)
    assert 0.92 < np.mean(np.abs(np.concatenate(misses)) < 1.96) < 0.98
    assert 0.92 < np.mean(np.abs(np.concatenate(beyond)) < 1.96) < 0.98
    assert np.mean(tau2) == pytest.approx(0.09, abs=0.025)


def test_delta_method_agrees_with_redrawn_grants() -> None:
    """Standard errors of the split against the spread of the split over redrawn grants."""
    effects = spread(10, sd=0.3)
    first = make_cells(effects, persons=900, base=-2.5)
    table, fitted = _fit(first)
    within = fitted.within
    log_odds = within.expected.intercept + slope_log_odds(within.design, within.fit)
    p = expit(log_odds[table.pattern] + within.expected.rank_effect[table.municipality])
    stated = _split(table, fitted)
    se = (stated.high - stated.low) / 2 / 1.959964
    rng = np.random.default_rng(5)
    parts = []
    for _ in range(50):
        drawn = CellTable(
            table.municipality_codes,
            table.levels,
            table.pattern_codes,
            table.pattern,
            table.municipality,
            table.n_persons,
            rng.binomial(table.n_persons, p),
        )
        conditions = code_conditions(
            make_conditions(first), drawn.municipality_codes, drawn.n_at_risk
        )
        parts.append(_split(drawn, fit_models(drawn, make_specification(), conditions)).part)
    spread_of = np.std(parts, axis=0)
    for part in range(4):
        assert np.median(spread_of[:, part] / se[:, part]) == pytest.approx(1.0, abs=0.2)


def test_within_is_the_same_with_and_without_conditions() -> None:
    cells = make_cells(spread(12))
    table = _table(cells)
    specification = make_specification(models=("within",))
    alone = fit_models(table, specification, None)
    assert alone.adjustment is None
    design = build_design(table, "within", specification)
    fit = fit_logit(design)
    np.testing.assert_allclose(
        alone.within.expected.practice_effect,
        expect(table, design, fit).practice_effect,
        atol=1e-8,
    )
    conditions = code_conditions(make_conditions(cells), table.municipality_codes, table.n_at_risk)
    adjustment = adjust(design, fit, expect(table, design, fit), conditions, 0.95)
    moved = expect_given_conditions(table, design, fit, expect(table, design, fit), adjustment)
    assert moved.expected.sum() == pytest.approx(table.observed.sum(), rel=1e-12)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda f: f.iloc[1:], "missing: area_unemployment_share of 100"),
        (lambda f: f.assign(value=1.0), "do not vary: area_unemployment_share"),
        (
            lambda f: pd.concat([f, f.assign(condition="b"), f.assign(condition="c")]),
            "3 framework conditions are too many for 12",
        ),
    ],
)
def test_unusable_conditions_are_named(change, named: str) -> None:
    cells = make_cells(spread(12))
    table = _table(cells)
    with pytest.raises(ModelError, match=re.escape(named)):
        code_conditions(change(make_conditions(cells)), table.municipality_codes, table.n_at_risk)


def test_a_condition_in_logarithms_is_scaled_after_the_logarithm() -> None:
    cells = make_cells(spread(12))
    table = _table(cells)
    frame = make_conditions(cells, np.exp(spread(12)))
    name = frame["condition"].iloc[0]
    coded = code_conditions(frame, table.municipality_codes, table.n_at_risk, [name])
    plain = code_conditions(
        make_conditions(cells, spread(12)), table.municipality_codes, table.n_at_risk
    )
    np.testing.assert_allclose(coded.centred, plain.centred, atol=1e-12)
    np.testing.assert_allclose(coded.level[:, 0], np.exp(spread(12)))
    with pytest.raises(ModelError, match="logarithms are not positive: area_unemployment"):
        code_conditions(
            frame.assign(value=frame["value"] - 1),
            table.municipality_codes,
            table.n_at_risk,
            [name],
        )


def test_q_profile_interval_of_the_bcg_trials() -> None:
    """Viechtbauer 2007 / metafor's confint for the 13 BCG trials (REML): 0.1197 to 1.1115."""
    bcg = np.array(
        [
            [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619],
            [33, 5036, 47, 5761], [180, 1361, 372, 1079], [8, 2537, 10, 619],
            [505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600],
            [186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825],
        ]
    )  # fmt: skip
    a, b, c, d = bcg.T.astype(float)
    effect = np.log(a / (a + b)) - np.log(c / (c + d))
    se = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    np.testing.assert_allclose(tau2_interval(effect, se), (0.1197, 1.1115), atol=5e-5)
