"""The first stage equals other fits of the same model, and refuses what cannot be fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from fabricated_cells import LEVELS, make_cells, make_specification, spread

from pipeline.errors import ModelError
from pipeline.model.logit import factor_packing, factor_rows
from pipeline.model.national.cells import CellTable, code_cells
from pipeline.model.national.column_sums import (
    cross_columns,
    sum_columns,
    sum_columns_by_municipality,
)
from pipeline.model.national.design import Design, build_design
from pipeline.model.national.diagnostics import check_against_statsmodels, score_gap
from pipeline.model.national.first_stage import fit_logit
from pipeline.model.national.fitted import fit_within
from pipeline.model.national.statsmodels_check import agreement_with_statsmodels
from pipeline.model.numerics.pattern_keys import pack_codes

#: statsmodels' own stopping rule leaves about this much in its coefficients.
COEFFICIENT_TOLERANCE = 1e-8
COVARIANCE_TOLERANCE = 1e-6


def cell_columns(table: CellTable, design: Design) -> np.ndarray:
    """Return the (n, F + 1) columns of each cell's ones, K meaning none."""
    base = design.base_columns[table.municipality]
    return np.column_stack([base, design.factor_columns[table.pattern]])


def dense_rows(columns: np.ndarray, n_columns: int) -> np.ndarray:
    """Return the (R, K) 0/1 matrix of rows given by the columns of their ones."""
    matrix = np.zeros((len(columns), n_columns + 1))
    matrix[np.arange(len(columns))[:, None], columns] = 1.0
    return np.ascontiguousarray(matrix[:, :n_columns])


def _table(cells: pd.DataFrame, **options: object):
    specification = make_specification(**options)
    return code_cells(cells, specification, sorted(set(cells["municipality_code"]))), specification


def _person_matrix(cells: pd.DataFrame, columns: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """Return one row per person of the columns, made straight from the text."""
    people = cells.loc[cells.index.repeat(cells["n_persons"])]
    names = {"municipality": "municipality_code"}
    made = {
        f"{term}:{level}": (
            np.ones(len(people))
            if term == "intercept"
            else (people[names.get(term, term)].astype(str) == level).to_numpy(float)
        )
        for term, level in columns
    }
    return pd.DataFrame(made)


def _person_outcome(cells: pd.DataFrame) -> np.ndarray:
    return np.concatenate(
        [
            np.repeat([1.0, 0.0], [y, n - y])
            for n, y in zip(cells["n_persons"], cells["n_events"], strict=True)
        ]
    )


@pytest.mark.parametrize("model", ["pooled", "within"])
def test_cells_equal_person_level_logit(model: str) -> None:
    cells = make_cells(spread(5), persons=300)
    table, specification = _table(cells)
    design = build_design(table, model, specification)
    fit = fit_logit(design)
    reference = sm.Logit(
        _person_outcome(cells), _person_matrix(cells, design.columns).to_numpy()
    ).fit(method="newton", tol=1e-13, disp=False)
    np.testing.assert_allclose(fit.coefficients, reference.params, atol=COEFFICIENT_TOLERANCE)
    np.testing.assert_allclose(
        fit.covariance, reference.cov_params(), rtol=COVARIANCE_TOLERANCE, atol=1e-10
    )


@pytest.mark.parametrize("model", ["pooled", "within"])
def test_fit_equals_plain_irls(model: str) -> None:
    table, specification = _table(make_cells(spread(12), seed=3))
    design = build_design(table, model, specification)
    fit = fit_logit(design)
    counts = np.column_stack([table.n_events, table.n_persons - table.n_events])
    exog = dense_rows(cell_columns(table, design), len(design.columns))
    plain = sm.GLM(counts, exog, family=sm.families.Binomial()).fit(tol=1e-14)
    np.testing.assert_allclose(fit.coefficients, plain.params, atol=COEFFICIENT_TOLERANCE)
    np.testing.assert_allclose(fit.covariance, plain.cov_params(), rtol=COVARIANCE_TOLERANCE)
    if model == "within":  # The pooled rows are patterns: other binomial coefficients.
        assert fit.log_likelihood == pytest.approx(plain.llf, rel=1e-12)


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    table, specification = _table(make_cells(spread(4)))
    for model in ("pooled", "within"):
        design = build_design(table, model, specification)
        whole = fit_logit(design)
        monkeypatch.setattr(factor_rows, "BLOCK_ROWS", 7)
        blocked = fit_logit(design)
        monkeypatch.undo()
        assert np.array_equal(blocked.coefficients, whole.coefficients)
        assert np.array_equal(blocked.covariance, whole.covariance)


def test_poor_start_converges_by_halving() -> None:
    table, specification = _table(make_cells(spread(6), base=-6.0, persons=20_000))
    design = build_design(table, "within", specification)
    usual = fit_logit(design)
    far = fit_logit(design, np.full(len(design.columns), 1.5))
    np.testing.assert_allclose(far.coefficients, usual.coefficients, atol=COEFFICIENT_TOLERANCE)


@pytest.mark.parametrize("model", ["pooled", "within"])
def test_expected_equals_observed_within_every_level(model: str) -> None:
    table, specification = _table(make_cells(spread(8)))
    design = build_design(table, model, specification)
    assert score_gap(table, design, fit_logit(design)) < 1e-10


def test_score_gap_sees_a_wrong_coefficient() -> None:
    table, specification = _table(make_cells(spread(8)))
    design = build_design(table, "pooled", specification)
    fit = fit_logit(design)
    fit.coefficients[2] += 1e-3
    assert score_gap(table, design, fit) > 1e-5


@pytest.mark.parametrize("model", ["pooled", "within"])
def test_statsmodels_agrees_with_the_fit_and_with_nothing_else(model: str) -> None:
    table, specification = _table(make_cells(spread(8)))
    design = build_design(table, model, specification)
    fit = fit_logit(design)
    assert check_against_statsmodels(table, design, fit, "").status == "ok"
    moved = fit.coefficients.copy()
    moved[2] += 1e-6
    result = agreement_with_statsmodels(table, design, replace(fit, coefficients=moved))
    assert result.largest_step == pytest.approx(1e-6, rel=1e-3)
    assert result.covariance_gap < 1e-6
    wide = replace(fit, covariance=fit.covariance * (1 + 1e-5))
    assert agreement_with_statsmodels(table, design, wide).covariance_gap > 5e-6
    assert check_against_statsmodels(table, design, wide, "").status == "stop"


def test_row_order_and_duplicate_keys_do_not_matter() -> None:
    cells = make_cells(spread(6))
    halves = cells.copy()
    halves["n_persons"] //= 2
    halves["n_events"] = np.minimum(halves["n_events"], halves["n_persons"])
    rest = cells.copy()
    rest[["n_persons", "n_events"]] -= halves[["n_persons", "n_events"]]
    rest["n_events"] = np.minimum(rest["n_events"], rest["n_persons"])
    whole = halves.copy()
    whole[["n_persons", "n_events"]] += rest[["n_persons", "n_events"]]
    shuffled = pd.concat([halves, rest]).sample(frac=1, random_state=4)
    fits = []
    for frame in (whole, shuffled):
        table, specification = _table(frame)
        fits.append(fit_logit(build_design(table, "within", specification)))
    assert np.array_equal(fits[0].coefficients, fits[1].coefficients)
    assert np.array_equal(fits[0].covariance, fits[1].covariance)


def test_level_without_grants_is_merged_and_reported() -> None:
    cells = make_cells(spread(6))
    cells.loc[cells["tenure_band"] == "short", "n_events"] = 0
    table, specification = _table(cells)
    design = build_design(table, "pooled", specification)
    assert design.merged == (("tenure_band", "short"),)
    assert ("tenure_band", "short") not in design.columns
    joined = cells.assign(tenure_band=cells["tenure_band"].replace("short", "none"))
    other, _ = _table(joined)
    np.testing.assert_allclose(
        fit_logit(design).coefficients,
        fit_logit(build_design(other, "pooled", specification)).coefficients,
        atol=1e-10,
    )


def test_level_without_grants_can_be_refused() -> None:
    cells = make_cells(spread(6))
    cells.loc[cells["tenure_band"] == "short", "n_events"] = 0
    table, specification = _table(cells, separation="refuse")
    with pytest.raises(ModelError, match="tenure_band = short"):
        build_design(table, "within", specification)


def test_reference_without_grants_gives_way_to_the_level_with_most() -> None:
    cells = make_cells(spread(6))
    cells.loc[cells["age_band"] == "young", "n_events"] = 0
    table, specification = _table(cells)
    design = build_design(table, "pooled", specification)
    by_age = cells.groupby("age_band")["n_events"].sum()
    assert design.references["age_band"] == by_age.idxmax()
    assert design.merged == (("age_band", "young"),)


def test_level_seen_only_where_nobody_is_granted_is_merged_and_not_absent() -> None:
    cells = make_cells(spread(6))
    cells.loc[cells["municipality_code"] == "103", "n_events"] = 0
    old, here = cells["age_band"] == "old", cells["municipality_code"] == "103"
    table, specification = _table(cells[~old | here])
    design = build_design(table, "within", specification)
    assert design.without_events == ("103",)
    assert design.merged == (("age_band", "old"),)
    assert not design.absent
    assert np.isfinite(fit_logit(design).coefficients).all()


def test_level_without_persons_is_dropped_and_reported() -> None:
    cells = make_cells(spread(6))
    table, specification = _table(cells[cells["age_band"] != "old"])
    design = build_design(table, "within", specification)
    assert design.absent == (("age_band", "old"),)
    assert not design.merged


def test_separation_that_no_single_level_shows_names_the_levels() -> None:
    cells = make_cells(spread(3), persons=2_000)
    some, long = cells["mental_health"] == "some", cells["tenure_band"] == "long"
    # Both levels have grants and refusals, but only together: apart, nobody is granted.
    cells.loc[long & ~some, "n_events"] = 0
    table, specification = _table(cells[long | ~some])
    design = build_design(table, "pooled", specification)
    assert not design.merged
    with pytest.raises(ModelError, match=r"mental_health = some, tenure_band = long"):
        fit_logit(design)


def test_collinear_factors_name_both_columns() -> None:
    cells = make_cells(spread(4))
    cells["copy"] = cells["mental_health"].map({"none": "a", "some": "b"})
    levels = {**LEVELS, "copy": ("a", "b")}
    table, specification = _table(
        cells, levels=levels, references={name: known[0] for name, known in levels.items()}
    )
    with pytest.raises(ModelError, match=r"pooled: .*mental_health = some, copy = b"):
        fit_logit(build_design(table, "pooled", specification))


def test_municipality_where_everybody_has_the_event_is_refused() -> None:
    cells = make_cells(spread(4))
    everyone = cells["municipality_code"] == "102"
    cells.loc[everyone, "n_events"] = cells.loc[everyone, "n_persons"]
    table, specification = _table(cells)
    with pytest.raises(ModelError, match="102"):
        build_design(table, "within", specification)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("age_band", None, "missing values in age_band in 1 rows"),
        ("age_band", "ancient", "age_band: unknown level in 1 rows"),
        ("municipality_code", "999", "municipality_code: unknown level"),
        ("n_events", -1, "n_events: a count is negative"),
        ("n_events", 10**6, "n_events above n_persons"),
        ("n_persons", np.nan, "missing values in n_persons"),
    ],
)
def test_bad_cells_are_refused(column: str, value: object, message: str) -> None:
    cells = make_cells(spread(4))
    codes = sorted(set(cells["municipality_code"]))
    cells[column] = cells[column].astype(object)
    cells.loc[cells.index[5], column] = value
    cells.loc[cells.index[5], "n_persons"] = cells.loc[cells.index[5], "n_persons"] or 1
    with pytest.raises(ModelError, match=message):
        code_cells(cells, make_specification(), codes)


def test_no_grants_at_all_is_refused() -> None:
    cells = make_cells(spread(4)).assign(n_events=0)
    with pytest.raises(ModelError, match="no grants"):
        _table(cells)


def test_specification_lists_all_faults_at_once() -> None:
    with pytest.raises(ModelError, match=r"outcome 'XX'.*model 'mixed'.*level 1\.5"):
        make_specification(outcomes=("XX",), models=("mixed",), level=1.5)


@pytest.mark.parametrize("model", ["pooled", "within"])
def test_packed_sums_are_those_of_the_dense_matrix(model: str) -> None:
    cells = make_cells(spread(5))
    cells.loc[cells["tenure_band"] == "short", "n_events"] = 0  # merged: shares no column
    table, specification = _table(cells)
    design = build_design(table, model, specification)
    size = len(design.columns)
    weights = np.random.default_rng(5).random(len(table.pattern))
    X = dense_rows(design.factor_columns[table.pattern], size)
    by_pattern = table.by_pattern(weights)
    np.testing.assert_allclose(sum_columns(design, by_pattern), X.T @ weights, atol=1e-12)
    np.testing.assert_allclose(
        cross_columns(design, by_pattern), X.T @ (weights[:, None] * X), atol=1e-12
    )
    own = table.municipality[None, :] == np.arange(5)[:, None]
    np.testing.assert_allclose(
        sum_columns_by_municipality(table, design, weights), (own * weights) @ X, atol=1e-12
    )


def test_packed_codes_keep_order_beyond_63_bits() -> None:
    rng = np.random.default_rng(6)
    sizes = [1000] * 8
    codes = rng.integers(0, 1000, (200, 8))
    codes = np.vstack([codes, codes[:50]])
    key = pack_codes(codes, sizes)
    order = np.lexsort(codes.T[::-1])
    assert (np.diff(key[order]) >= 0).all()
    assert len(np.unique(key)) == len(np.unique(codes, axis=0))


def test_municipalities_packed_alone_or_with_others_give_the_same_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table, specification = _table(make_cells(spread(6)))
    together = build_design(table, "within", specification)
    monkeypatch.setattr(factor_packing, "SORTED_LEVELS", 1)
    alone = build_design(table, "within", specification)
    sizes = [len(design.factor_design.packing.sizes) for design in (together, alone)]
    assert sizes[1] == sizes[0] + 1
    fits = [fit_logit(design) for design in (together, alone)]
    np.testing.assert_allclose(fits[1].coefficients, fits[0].coefficients, rtol=0, atol=1e-12)
    np.testing.assert_allclose(fits[1].covariance, fits[0].covariance, rtol=1e-9, atol=1e-15)


def test_a_fit_that_starts_near_is_the_fit_that_starts_anywhere() -> None:
    cells = make_cells(spread(6))
    table, specification = _table(cells)
    other, _ = _table(cells[cells["municipality_code"] != cells["municipality_code"].min()])
    near = fit_within(other, specification)
    there, usual = (fit_within(table, specification, start) for start in (near, None))
    np.testing.assert_allclose(
        there.expected.expected, usual.expected.expected, rtol=COEFFICIENT_TOLERANCE
    )
    np.testing.assert_allclose(there.fit.coefficients, usual.fit.coefficients, atol=1e-12)
