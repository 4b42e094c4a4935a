"""Expected counts, practice effects and their covariance, against brute force and simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fabricated_cells import make_cells, make_specification, spread
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from pipeline.model.national.cells import CellTable, code_cells
from pipeline.model.national.design import build_design
from pipeline.model.national.effects import fitted_log_odds, slope_log_odds
from pipeline.model.national.expected import Expected, expect
from pipeline.model.national.first_stage import FitResult, fit_logit
from pipeline.model.numerics.shift import solve_shift

MODELS = ("pooled", "within")


def _table(cells) -> CellTable:
    return code_cells(cells, make_specification(), sorted(set(cells["municipality_code"])))


def _fit(table: CellTable, model: str, start=None) -> tuple[FitResult, Expected]:
    design = build_design(table, model, make_specification())
    fit = fit_logit(design, start)
    return fit, expect(table, design, fit)


@pytest.mark.parametrize("model", MODELS)
def test_expected_sums_to_observed_and_effects_reproduce_it(model: str) -> None:
    table = _table(make_cells(spread(9)))
    fit, result = _fit(table, model)
    assert result.expected.sum() == pytest.approx(table.observed.sum(), rel=1e-12)
    design = build_design(table, model, make_specification())
    own = result.intercept + slope_log_odds(design, fit)[table.pattern]
    shifted = expit(own + result.practice_effect[table.municipality])
    np.testing.assert_allclose(
        table.by_municipality(table.n_persons * shifted), table.observed, rtol=1e-10
    )


def test_direct_rate_is_the_g_formula_person_by_person() -> None:
    table = _table(make_cells(spread(4), persons=200))
    design = build_design(table, "within", make_specification())
    fit = fit_logit(design)
    expected = expect(table, design, fit)
    slopes = slope_log_odds(design, fit)[table.pattern]
    everyone = np.repeat(slopes, table.n_persons)
    for unit in range(4):
        assert expected.direct_rate[unit] == pytest.approx(
            expit(everyone + fit.coefficients[unit]).mean(), rel=1e-12
        )


@pytest.mark.parametrize("model", MODELS)
def test_covariance_is_the_delta_method_of_refits(model: str) -> None:
    """Move each cell's grants a little, fit again: the effects' derivatives give the covariance.

    Counts are whole, so a little is one grant in a country a thousand times as large.
    """
    table = _table(make_cells(spread(3), persons=1_500))
    design = build_design(table, model, make_specification())
    fit = fit_logit(design)
    expected = expect(table, design, fit)
    if model == "within":
        p = expit(fitted_log_odds(table, design, fit))
    else:
        log_odds = expected.intercept + slope_log_odds(design, fit)[table.pattern]
        p = expit(log_odds + expected.practice_effect[table.municipality])
    variance = table.n_persons * p * (1 - p)
    times = 1_000
    move = 1 / times
    large = replace(table, n_persons=table.n_persons * times, n_events=table.n_events * times)
    effects, logs = [], []
    for cell in range(len(table.pattern)):
        pair = []
        middle = np.clip(large.n_events[cell], 1, large.n_persons[cell] - 1)
        for sign in (1, -1):
            events = large.n_events.copy()
            events[cell] = middle + sign
            _, moved = _fit(replace(large, n_events=events), model, fit.coefficients)
            pair.append((moved.practice_effect, np.log(moved.expected)))
        effects.append((pair[0][0] - pair[1][0]) / (2 * move))
        logs.append((pair[0][1] - pair[1][1]) / (2 * move))
    by_cell = np.array(effects).T
    np.testing.assert_allclose(
        expected.effect_covariance, (by_cell * variance) @ by_cell.T, rtol=1e-4, atol=1e-8
    )
    # What E adds to log(O/E): Var(log E) - 2 Cov(log E, log O).
    log_e = np.array(logs).T
    own = table.municipality[None, :] == np.arange(3)[:, None]
    added = (log_e**2 * variance).sum(axis=1)
    added -= 2 * (log_e * own * variance).sum(axis=1) / table.observed
    np.testing.assert_allclose(expected.ratio_log_variance, added, rtol=1e-4, atol=1e-8)


def _draw(table: CellTable, risk: np.ndarray, rng: np.random.Generator) -> CellTable:
    return replace(table, n_events=rng.binomial(table.n_persons, risk))


def _truth(table: CellTable, log_odds: np.ndarray, effects: np.ndarray) -> tuple:
    risk = expit(log_odds + effects[table.municipality])
    total = np.array([(table.n_persons * risk).sum()])
    common = solve_shift(log_odds, table.n_persons, total)[0]
    return risk, effects - common


@pytest.mark.parametrize("model", MODELS)
def test_standard_errors_and_coverage_in_simulation(model: str) -> None:
    """Two hundred countries of six: estimates scatter as their standard errors say."""
    rng = np.random.default_rng(8)
    table = _table(make_cells(spread(6), persons=3_000, base=-2.5))
    design = build_design(table, "pooled", make_specification())
    log_odds = -2.5 + slope_log_odds(design, fit_logit(design))[table.pattern]
    risk, truth = _truth(table, log_odds, spread(6))
    results = [_fit(_draw(table, risk, rng), model)[1] for _ in range(200)]
    estimates = np.array([result.practice_effect for result in results])
    covariances = np.array([result.effect_covariance for result in results])
    se = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    ratio = estimates.std(axis=0, ddof=1) / se.mean(axis=0)
    assert np.abs(ratio.mean() - 1) < 0.08
    assert np.abs(ratio - 1).max() < 0.2
    if model == "within":
        assert np.abs((np.abs(estimates - truth) < 1.96 * se).mean() - 0.95) < 0.025
    correlation = np.corrcoef(estimates.T) - np.mean(
        covariances / (se[:, :, None] * se[:, None, :]), axis=0
    )
    assert np.abs(correlation).max() < 0.25


def test_variance_of_observed_minus_expected_is_w_minus_gvg() -> None:
    """One municipality holds most of the country: the fit takes up most of its O - E."""
    rng = np.random.default_rng(9)
    cells = make_cells(np.zeros(4), persons=400, base=-2.0)
    cells.loc[cells["municipality_code"] == "100", "n_persons"] *= 6
    table = _table(cells)
    design = build_design(table, "pooled", make_specification())
    risk = expit(-2.0 + slope_log_odds(design, fit_logit(design))[table.pattern])
    gaps, claimed, binomial = [], [], []
    for _ in range(300):
        drawn = _draw(table, risk, rng)
        _, result = _fit(drawn, "pooled")
        gaps.append(drawn.observed - result.expected)
        claimed.append(np.diag(result.effect_covariance) * result.variance**2)
        binomial.append(result.variance)
    seen, claim, w = np.var(gaps, axis=0), np.mean(claimed, axis=0), np.mean(binomial, axis=0)
    np.testing.assert_allclose(seen, claim, rtol=0.25)
    assert claim[0] < 0.5 * w[0]  # W + GVG' would be more than W


def test_municipality_without_grants_gets_everything_but_an_effect() -> None:
    cells = make_cells(spread(5))
    cells.loc[cells["municipality_code"] == "102", "n_events"] = 0
    table = _table(cells)
    for model in MODELS:
        _, result = _fit(table, model)
        assert np.isnan(result.practice_effect).tolist() == [False, False, True, False, False]
        assert np.isnan(result.effect_covariance[2]).all()
        assert result.expected[2] > 0
        assert result.expected.sum() == pytest.approx(table.observed.sum(), rel=1e-12)
        assert np.isfinite(result.rank_effect).all()
        assert result.rank_effect[2] < np.log(1 / result.expected[2])
        assert 1.3 < np.sqrt(result.rank_covariance[2, 2]) < 1.6  # half a grant: about sqrt 2
        assert np.linalg.eigvalsh(result.rank_covariance)[0] > -1e-12
        assert result.p_value[2] < 0.05


def test_within_effects_do_not_see_who_has_no_grants() -> None:
    """A municipality without grants changes the common intercept, not the slopes."""
    cells = make_cells(spread(5))
    cells.loc[cells["municipality_code"] == "102", "n_events"] = 0
    whole, _ = _fit(_table(cells), "within")
    rest, _ = _fit(_table(cells[cells["municipality_code"] != "102"]), "within")
    np.testing.assert_allclose(whole.coefficients, rest.coefficients, atol=1e-10)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    order=st.permutations(range(5)),
    model=st.sampled_from(MODELS),
)
def test_relabelling_municipalities_permutes_the_results(seed, order, model) -> None:
    cells = make_cells(spread(5), seed=seed, persons=600)
    names = {f"{100 + m}": f"{100 + order[m]}" for m in range(5)}
    renamed = cells.assign(municipality_code=cells["municipality_code"].map(names))
    _, result = _fit(_table(cells), model)
    _, moved = _fit(_table(renamed), model)
    place = np.array(order)
    for field in ("expected", "practice_effect", "direct_rate", "ratio_log_variance", "p_value"):
        np.testing.assert_allclose(
            getattr(result, field), getattr(moved, field)[place], rtol=1e-8, atol=1e-9
        )
    np.testing.assert_allclose(
        result.rank_covariance, moved.rank_covariance[np.ix_(place, place)], rtol=1e-7, atol=1e-10
    )


@settings(max_examples=40, deadline=None)
@given(shifts=st.lists(st.floats(-8, 8), min_size=1, max_size=4), seed=st.integers(0, 1000))
def test_solve_shift_finds_the_planted_shift(shifts, seed) -> None:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(shifts)), 30)
    x, n = rng.normal(-3, 1.5, len(group)), rng.integers(1, 50, len(group))
    target = np.bincount(group, n * expit(x + np.array(shifts)[group]))
    np.testing.assert_allclose(solve_shift(x, n, target, group), shifts, atol=1e-8)


def test_solve_shift_at_the_edges() -> None:
    x, n = logit(np.full(4, 0.2)), np.array([5.0, 5.0, 5.0, 5.0])
    group = np.array([0, 1, 2, 4])
    shift = solve_shift(x, n, np.array([0.0, 5.0, 1.0, 0.0, np.nan]), group)
    assert shift[0] == -np.inf
    assert shift[1] == np.inf
    assert shift[2] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(shift[3:]).all()
    with pytest.raises(ValueError, match="outside"):
        solve_shift(x, n, np.array([21.0]))
