"""The factor logit equals statsmodels, and its numbers depend on the data alone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm
from fabricated_rows import CITIZEN, POOLED, UNIT, WITHIN, block, collapse, make_rows, matrix, take
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model.logit import factor_rows, factor_sample, factor_sums
from pipeline.model.logit.factor_cluster import cluster_covariance, order_by_cluster
from pipeline.model.logit.factor_logit import FactorFit, fit_factor_logit, fit_factor_poisson
from pipeline.model.logit.factor_packing import Factor, pack_factors
from pipeline.model.logit.factor_rows import ArrowBlocks, RowBlock
from pipeline.model.numerics.exact_sums import add_at

COEFFICIENT_TOLERANCE = 1e-8
COVARIANCE_TOLERANCE = 1e-6


def _reference(rows, factors, fit: FactorFit, family=None, **options):
    """Return statsmodels' fit of the same columns; covariates scaled, for its own rounding."""
    exog = matrix(rows, factors, fit.design.columns)
    scale = np.where(np.abs(exog).max(axis=0) > 1, np.abs(exog).max(axis=0), 1.0)
    endog = rows["event"]
    if "trials" in rows:
        endog = np.column_stack([endog, rows["trials"] - endog])
    model = sm.GLM(endog, exog / scale, family=family or sm.families.Binomial(), **options)
    result = model.fit(tol=1e-14, tol_criterion="params", maxiter=200)
    return result, result.params / scale, result.cov_params() / np.outer(scale, scale)


def _assert_same(fit: FactorFit, coefficients: np.ndarray, covariance: np.ndarray) -> None:
    np.testing.assert_allclose(fit.coefficients, coefficients, atol=COEFFICIENT_TOLERANCE)
    se = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(
        fit.covariance / np.outer(se, se),
        covariance / np.outer(se, se),
        atol=COVARIANCE_TOLERANCE,
    )


def _bits(fit: FactorFit) -> bytes:
    return (
        fit.coefficients.tobytes()
        + fit.covariance.tobytes()
        + np.array([fit.log_likelihood, fit.largest_score]).tobytes()
    )


@pytest.mark.parametrize("factors", [WITHIN, POOLED], ids=["within", "pooled"])
def test_cells_equal_statsmodels(factors) -> None:
    cells = collapse(make_rows())
    fit = fit_factor_logit([block(cells, factors, "trials")], factors)
    reference, coefficients, covariance = _reference(cells, factors, fit)
    _assert_same(fit, coefficients, covariance)
    assert fit.log_likelihood == pytest.approx(reference.llf, rel=1e-11)
    assert fit.n_trials == cells["trials"].sum()


@pytest.mark.parametrize("factors", [WITHIN, POOLED], ids=["within", "pooled"])
def test_rows_with_covariate_and_offset_equal_statsmodels(factors) -> None:
    rows = make_rows()
    fit = fit_factor_logit([block(rows, factors, "income", "offset")], factors, ["income"])
    reference, coefficients, covariance = _reference(rows, factors, fit, offset=rows["offset"])
    _assert_same(fit, coefficients, covariance)
    assert fit.log_likelihood == pytest.approx(reference.llf, rel=1e-11)
    income = fit.design.columns.index(("income", "per unit"))
    assert fit.coefficients[income] == pytest.approx(-2e-6, abs=4 * fit.se[income])


@pytest.mark.parametrize("factors", [WITHIN, POOLED], ids=["within", "pooled"])
def test_poisson_with_exposure_equals_statsmodels(factors) -> None:
    rows = make_rows()
    rng = np.random.default_rng(3)
    exposure = rng.uniform(1.0, 400.0, len(rows["event"]))
    rows["offset"] = np.log(exposure)
    rows["event"] = rng.poisson(exposure * np.exp(-3 + 0.4 * rows["age_band"]))
    fit = fit_factor_poisson([block(rows, factors, "income", "offset")], factors, ["income"])
    reference, coefficients, covariance = _reference(
        rows, factors, fit, sm.families.Poisson(), offset=rows["offset"]
    )
    _assert_same(fit, coefficients, covariance)
    assert fit.log_likelihood == pytest.approx(reference.llf, rel=1e-11)


def test_cells_equal_rows() -> None:
    rows = make_rows()
    by_row = fit_factor_logit([block(rows, WITHIN)], WITHIN)
    by_cell = fit_factor_logit([block(collapse(rows), WITHIN, "trials")], WITHIN)
    np.testing.assert_allclose(by_cell.coefficients, by_row.coefficients, atol=1e-11)
    np.testing.assert_allclose(by_cell.covariance, by_row.covariance, rtol=1e-8, atol=1e-14)


def test_a_very_rare_event_converges() -> None:
    rng = np.random.default_rng(5)
    rows = make_rows(60_000, base=-30.0)
    risk = np.exp(-8.5 + 1.5 * rows["mental_health"] + 1.2 * rows["tenure_band"])
    rows["event"] = (rng.random(60_000) < risk).astype(np.int64)
    fit = fit_factor_logit([block(rows, POOLED)], POOLED)
    _, coefficients, covariance = _reference(rows, POOLED, fit)
    assert fit.n_events < 500
    _assert_same(fit, coefficients, covariance)


def test_expected_equals_observed_within_every_level() -> None:
    rows = make_rows()
    fit = fit_factor_logit([block(rows, WITHIN)], WITHIN)
    log_odds = matrix(rows, WITHIN, fit.design.columns) @ fit.coefficients
    p = 1 / (1 + np.exp(-log_odds))
    for factor in WITHIN:
        observed = np.bincount(rows[factor.name], rows["event"])
        np.testing.assert_allclose(np.bincount(rows[factor.name], p), observed, rtol=1e-9)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(0, 4_000), max_size=6))
def test_neither_row_order_nor_blocks_change_a_bit(seed: int, cuts: list[int]) -> None:
    rows = make_rows()
    extras = ("income", "offset")
    usual = fit_factor_logit([block(rows, WITHIN, *extras)], WITHIN, ["income"])
    other = take(rows, np.random.default_rng(seed).permutation(len(rows["event"])))
    edges = sorted({0, *cuts, len(rows["event"])})
    blocks = [block(take(other, np.arange(a, b)), WITHIN, *extras) for a, b in pairwise(edges)]
    streamed = fit_factor_logit(blocks, WITHIN, ["income"], in_memory=False)
    assert _bits(streamed) == _bits(usual)


def test_row_order_does_not_change_a_bit_of_poisson_or_cells() -> None:
    cells = collapse(make_rows())
    turned = take(cells, np.arange(len(cells["event"]))[::-1])
    for fit, extras in ((fit_factor_logit, ["trials"]), (fit_factor_poisson, [])):
        one = fit([block(cells, WITHIN, *extras)], WITHIN)
        assert _bits(fit([block(turned, WITHIN, *extras)], WITHIN)) == _bits(one)


@pytest.mark.slow
def test_number_of_threads_does_not_change_a_bit() -> None:
    program = (
        "import sys; sys.path[:0] = ['tests', '.']\n"
        # Not of this module, whose imports cost more than the fit.
        "from fabricated_rows import WITHIN, block, make_rows\n"
        "from pipeline.model.logit.factor_cluster import cluster_covariance\n"
        "from pipeline.model.logit.factor_logit import fit_factor_logit\n"
        "rows = make_rows(30_000)\n"
        "rows['cluster'] = rows['municipality']\n"
        "data = [block(rows, WITHIN, 'income', 'cluster')]\n"
        "fit = fit_factor_logit(data, WITHIN, ['income'])\n"
        "robust = cluster_covariance(fit, data, 7)\n"
        "import hashlib; said = fit.coefficients.tobytes() + fit.covariance.tobytes()\n"
        "print(hashlib.sha256(said + robust.tobytes()).hexdigest())\n"
    )
    result = set()
    for threads in ("1", "3"):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        result.add(
            subprocess.run(
                [sys.executable, "-c", program],
                env={**os.environ, **dict.fromkeys(names, threads)},
                cwd=Path(__file__).parents[1],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
    assert len(result) == 1


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 40), n=st.integers(0, 300))
def test_sums_at_places_are_those_of_numpy(seed: int, size: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    place = rng.integers(0, size, n, dtype=np.int32)
    values = rng.integers(-(2**61) // max(n, 1), 2**61 // max(n, 1), n)
    ours, other = np.arange(size), np.arange(size)
    add_at(ours, place, values)
    np.add.at(other, place, values)
    assert ours.tolist() == other.tolist()


@pytest.mark.parametrize("fit", [fit_factor_logit, fit_factor_poisson])
@pytest.mark.parametrize("in_memory", [True, False])
def test_threads_of_a_pass_do_not_change_a_bit(
    fit, in_memory: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = make_rows(12_000)
    blocks = [block(take(rows, part), WITHIN, "income") for part in np.split(np.arange(12_000), 24)]
    used: set[int] = set()
    original = factor_sums._Sums.add

    def add(sums, rows) -> None:
        used.add(threading.get_ident())
        time.sleep(1e-4)  # Lets the other threads have their turn.
        original(sums, rows)

    monkeypatch.setattr(factor_sums._Sums, "add", add)
    result = {}
    for threads in (1, 3):
        used.clear()
        monkeypatch.setattr(factor_sums, "_n_threads", lambda _, threads=threads: threads)
        result[threads] = _bits(fit(blocks, WITHIN, ["income"], in_memory=in_memory))
        assert (len(used) > 1) == (threads > 1)
    assert result[1] == result[3]


def test_a_fault_in_a_thread_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factor_sums, "_n_threads", lambda _: 3)
    rows = make_rows(4_000)
    passes = []

    class Shrinking:
        def __iter__(self):
            passes.append(1)
            if len(passes) > 2:
                raise OSError("the file is gone")
            return iter([block(rows, WITHIN)])

    with pytest.raises(OSError, match="the file is gone"):
        fit_factor_logit(Shrinking(), WITHIN, in_memory=False)


def test_sample_start_saves_passes_and_not_a_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = make_rows(40_000, base=-6.0)
    data = [block(rows, WITHIN, "income")]
    plain = fit_factor_logit(data, WITHIN, ["income"])
    monkeypatch.setattr(factor_sample, "SMALLEST_TABLE", 1_000)
    sampled = fit_factor_logit(data, WITHIN, ["income"])
    assert sampled.n_passes < plain.n_passes
    np.testing.assert_allclose(sampled.coefficients, plain.coefficients, atol=1e-11)
    turned = [block(take(rows, np.arange(40_000)[::-1]), WITHIN, "income")]
    assert _bits(fit_factor_logit(turned, WITHIN, ["income"])) == _bits(sampled)


def test_a_sample_without_a_maximum_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    # Few distinct rows: the hash keeps whole levels or none of them, so columns go together.
    rows = make_rows(40_000, base=-6.0)
    plain = fit_factor_logit([block(rows, WITHIN)], WITHIN)
    monkeypatch.setattr(factor_sample, "SMALLEST_TABLE", 1_000)
    monkeypatch.setattr(factor_sample, "_MULTIPLIER", np.uint64(0))
    other = fit_factor_logit([block(rows, WITHIN)], WITHIN)
    assert _bits(other) == _bits(plain)


def test_given_start_is_used_and_does_not_matter() -> None:
    rows = make_rows()
    data = [block(rows, WITHIN, "income")]
    plain = fit_factor_logit(data, WITHIN, ["income"])
    start = dict(zip(plain.design.columns, plain.coefficients, strict=True))
    again = fit_factor_logit(data, WITHIN, ["income"], start=start)
    assert again.n_steps <= 2
    far = fit_factor_logit(data, WITHIN, ["income"], start=dict.fromkeys(start, 1.5))
    for fit in (again, far):
        np.testing.assert_allclose(fit.coefficients, plain.coefficients, atol=1e-10)


@pytest.mark.parametrize("kind", ["numbers", "text", "dictionary"])
def test_arrow_batches_equal_arrays(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = make_rows()
    columns = {}
    for factor in WITHIN:
        column = pa.array(rows[factor.name].astype(np.uint8))
        if kind != "numbers":
            column = pa.array(np.array(factor.levels)[rows[factor.name]])
        columns[factor.name] = column.dictionary_encode() if kind == "dictionary" else column
    table = pa.table({**columns, "event": rows["event"], "income": rows["income"]})
    # A slice does not start at the beginning of its buffers, as in a reader's later batches.
    table = pa.concat_tables([table.slice(0, 7), table]).combine_chunks().slice(7)
    source = ArrowBlocks(lambda: table.to_batches(900), WITHIN, "event", numeric=["income"])
    usual = fit_factor_logit([block(rows, WITHIN, "income")], WITHIN, ["income"])
    monkeypatch.setattr(factor_rows, "BLOCK_ROWS", 256)
    streamed = fit_factor_logit(source, WITHIN, ["income"], in_memory=False)
    assert _bits(streamed) == _bits(usual)
    assert streamed.n_passes > 3


@pytest.mark.parametrize(
    ("correction", "options"),
    [("none", {"use_correction": False}), ("full", {"use_correction": True})],
)
@pytest.mark.parametrize("is_sorted", [False, True])
def test_cluster_covariance_equals_statsmodels(
    correction: str, options: dict, is_sorted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = make_rows()
    rows["cluster"] = np.random.default_rng(2).integers(0, 900, len(rows["event"]))
    whole = block(rows, WITHIN, "income", "offset", "cluster")
    fit = fit_factor_logit([whole], WITHIN, ["income"])
    data = [whole]
    if is_sorted:
        monkeypatch.setattr("pipeline.model.logit.factor_cluster.MOST_SCORES", 10)
        monkeypatch.setattr("pipeline.model.logit.factor_cluster.CHUNK_CLUSTERS", 128)
        data = [order_by_cluster(whole)]
    robust = cluster_covariance(fit, data, 901, correction=correction)
    exog = matrix(rows, WITHIN, fit.design.columns)
    scale = np.abs(exog).max(axis=0)
    reference = sm.GLM(
        rows["event"], exog / scale, family=sm.families.Binomial(), offset=rows["offset"]
    ).fit(
        tol=1e-14,
        tol_criterion="params",
        cov_type="cluster",
        cov_kwds={"groups": rows["cluster"], **options},
    )
    expected = reference.cov_params() / np.outer(scale, scale)
    se = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(
        robust / np.outer(se, se), expected / np.outer(se, se), atol=COVARIANCE_TOLERANCE
    )


def test_cluster_covariance_of_cells_equals_rows() -> None:
    rows = make_rows()
    rows["cluster"] = rows["municipality"]
    cells = collapse(rows)
    cells["cluster"] = cells["municipality"]
    fit = fit_factor_logit([block(rows, POOLED)], POOLED)
    by_row = cluster_covariance(fit, [block(rows, POOLED, "cluster")], 7)
    by_cell = cluster_covariance(fit, [block(cells, POOLED, "trials", "cluster")], 7)
    np.testing.assert_allclose(by_cell, by_row, rtol=1e-7, atol=1e-12)


@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=12), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_packing_keeps_every_level(sizes: list[int], seed: int) -> None:
    factors = [Factor(f"f{k}", tuple(map(str, range(size))), "0") for k, size in enumerate(sizes)]
    packing = pack_factors(factors)
    codes = [np.random.default_rng((seed, k)).integers(0, L, 50) for k, L in enumerate(sizes)]
    joint = packing.pack(codes)
    for number, group in enumerate(packing.groups):
        for position, levels in zip(group, packing.levels_of(number), strict=True):
            assert np.array_equal(levels[joint[number]], codes[position])
    assert sorted(p for group in packing.groups for p in group) == list(range(len(sizes)))
    assert all(size <= 768 for size in packing.sizes)


def test_one_super_factor_and_a_factor_larger_than_a_super_factor() -> None:
    rows = make_rows()
    one = (CITIZEN[1],)
    fit = fit_factor_logit([block(rows, one)], one)
    share = [rows["event"][rows["mental_health"] == k].mean() for k in (0, 1)]
    log_odds = [np.log(p / (1 - p)) for p in share]
    np.testing.assert_allclose(np.cumsum(fit.coefficients), log_odds, atol=1e-12)
    many = Factor("municipality", (*UNIT.levels, *(f"x{k}" for k in range(900))))
    wide = fit_factor_logit([block(rows, (many, *CITIZEN))], (many, *CITIZEN))
    usual = fit_factor_logit([block(rows, WITHIN)], WITHIN)
    np.testing.assert_allclose(wide.coefficients, usual.coefficients, atol=1e-11)


def test_empty_blocks_are_harmless() -> None:
    rows = make_rows()
    empty = block(take(rows, np.arange(0)), WITHIN)
    fit = fit_factor_logit([empty, block(rows, WITHIN), empty], WITHIN, in_memory=False)
    assert _bits(fit) == _bits(fit_factor_logit([block(rows, WITHIN)], WITHIN))
    assert isinstance(empty, RowBlock)
