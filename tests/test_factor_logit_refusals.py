"""What the factor logit refuses, merges or leaves out, and that it names the level."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from fabricated_rows import CITIZEN, POOLED, UNIT, WITHIN, block, make_rows, take

from pipeline.errors import ModelError
from pipeline.model.logit.factor_cluster import cluster_covariance
from pipeline.model.logit.factor_logit import fit_factor_logit, fit_factor_poisson
from pipeline.model.logit.factor_packing import Factor
from pipeline.model.logit.factor_rows import ArrowBlocks, RowBlock


def _fit(rows, factors=WITHIN, **options):
    return fit_factor_logit([block(rows, factors)], factors, **options)


def test_level_without_events_is_merged_into_the_reference_and_reported() -> None:
    rows = make_rows()
    rows["event"][rows["tenure_band"] == 2] = 0
    fit = _fit(rows)
    assert fit.design.merged == (("tenure_band", "long"),)
    joined = {**rows, "tenure_band": np.where(rows["tenure_band"] == 2, 0, rows["tenure_band"])}
    other = _fit(joined)
    assert other.design.absent == (("tenure_band", "long"),)
    np.testing.assert_allclose(fit.coefficients, other.coefficients, atol=1e-12)


def test_level_where_everybody_has_the_event_can_be_refused() -> None:
    rows = make_rows()
    rows["event"][rows["tenure_band"] == 3] = 1
    with pytest.raises(ModelError, match="tenure_band = longer"):
        _fit(rows, separation="refuse")
    counts = fit_factor_poisson([block(rows, WITHIN)], WITHIN, separation="refuse")
    assert ("tenure_band", "longer") in counts.design.columns


def test_reference_without_events_gives_way() -> None:
    rows = make_rows()
    rows["event"][rows["age_band"] == 1] = 0
    fit = _fit(rows)
    events = np.bincount(rows["age_band"], rows["event"])
    assert fit.design.references["age_band"] == CITIZEN[0].levels[int(events.argmax())]
    assert fit.design.merged == (("age_band", "middle"),)


def test_municipality_without_events_leaves_the_likelihood() -> None:
    rows = make_rows()
    quiet = rows["municipality"] == 3
    rows["event"][quiet] = 0
    fit = _fit(rows)
    assert fit.design.without_events == ("103",)
    rest = _fit(take(rows, np.flatnonzero(~quiet)))
    assert rest.design.columns == fit.design.columns
    np.testing.assert_allclose(fit.coefficients, rest.coefficients, atol=1e-11)
    np.testing.assert_allclose(fit.covariance, rest.covariance, rtol=1e-7, atol=1e-14)
    assert fit.log_likelihood == pytest.approx(rest.log_likelihood, rel=1e-12)
    for data in (rows, take(rows, np.flatnonzero(~quiet))):
        data["cluster"] = data["age_band"] * 10 + data["municipality"]
    robust = cluster_covariance(fit, [block(rows, WITHIN, "cluster")], 27, correction="full")
    without = take(rows, np.flatnonzero(~quiet))
    other = cluster_covariance(rest, [block(without, WITHIN, "cluster")], 27, correction="full")
    np.testing.assert_allclose(robust, other, rtol=1e-7, atol=1e-12)


def test_municipality_where_everybody_has_the_event_is_refused() -> None:
    rows = make_rows()
    rows["event"][rows["municipality"] == 2] = 1
    with pytest.raises(ModelError, match="municipality 102"):
        _fit(rows)


def test_separation_that_no_single_level_shows_names_the_levels() -> None:
    rows = make_rows(8_000)
    some, long = rows["mental_health"] == 1, rows["tenure_band"] == 2
    rows["event"][long & ~some] = 0
    rows = take(rows, np.flatnonzero(long | ~some))
    with pytest.raises(ModelError, match=r"mental_health = some.*tenure_band = long"):
        _fit(rows, POOLED)


def test_collinear_columns_are_named() -> None:
    rows = make_rows()
    rows["copy"] = rows["mental_health"]
    factors = (*WITHIN, Factor("copy", ("a", "b"), "a"))
    with pytest.raises(ModelError, match=r"1 linear dependence.*mental_health = some, copy = b"):
        _fit(rows, factors)


def test_a_covariate_that_factors_explain_is_named() -> None:
    rows = make_rows()
    rows["income"] = 5.0 + 2.0 * rows["mental_health"]
    with pytest.raises(ModelError, match=r"mental_health = some, income = per unit"):
        fit_factor_logit([block(rows, POOLED, "income")], POOLED, ["income"])
    rows["income"] = np.full(len(rows["event"]), 7.0)
    with pytest.raises(ModelError, match="do not vary: income"):
        fit_factor_logit([block(rows, POOLED, "income")], POOLED, ["income"])


@pytest.mark.parametrize("column", ["income", "offset"])
def test_missing_numbers_are_refused(column: str) -> None:
    rows = make_rows()
    rows[column][17] = np.nan
    with pytest.raises(ModelError, match="missing or infinite"):
        fit_factor_logit([block(rows, POOLED, column)], POOLED, ["income"] * (column == "income"))


@pytest.mark.parametrize("wrong", [-1, 2, 0.5, np.nan])
def test_impossible_events_are_refused(wrong: float) -> None:
    rows = make_rows()
    rows["event"] = rows["event"].astype(float)
    rows["event"][5] = wrong
    with pytest.raises(ModelError, match="event"):
        _fit(rows)


@pytest.mark.parametrize("number", [-1, 3])
def test_level_number_outside_its_levels_is_refused(number: int) -> None:
    rows = make_rows()
    rows["age_band"][5] = number
    with pytest.raises(ModelError, match="age_band"):
        _fit(rows)


@pytest.mark.parametrize(("value", "problem"), [("ancient", "ancient"), (None, "1 missing")])
def test_unknown_or_missing_text_is_refused(value: str | None, problem: str) -> None:
    table = pa.table({"age_band": ["young", "old", value], "event": [0, 1, 0]})
    source = ArrowBlocks(table.to_batches, CITIZEN[:1], "event")
    with pytest.raises(ModelError, match=problem):
        fit_factor_logit(source, CITIZEN[:1])


def test_a_stream_that_can_be_read_once_is_refused() -> None:
    rows = make_rows()
    with pytest.raises(ModelError, match="only once"):
        fit_factor_logit(iter([block(rows, WITHIN)]), WITHIN, in_memory=False)
    assert fit_factor_logit(iter([block(rows, WITHIN)]), WITHIN).n_events == rows["event"].sum()


def test_a_stream_that_changes_between_passes_is_refused() -> None:
    table = pa.table(
        {
            **{name: values[:500] for name, values in make_rows().items() if name != "offset"},
        }
    )
    lengths = iter([500, 500, 400, 400, 400])
    source = ArrowBlocks(lambda: table.slice(0, next(lengths)).to_batches(), POOLED, "event")
    with pytest.raises(ModelError, match="400 rows in a later pass, 500 in the first"):
        fit_factor_logit(source, POOLED, in_memory=False)


@pytest.mark.parametrize("share", [0, 1])
def test_no_events_or_only_events_are_refused(share: int) -> None:
    rows = make_rows()
    rows["event"][:] = share
    with pytest.raises(ModelError, match="nothing to fit"):
        _fit(rows)


def test_factors_that_contradict_themselves_are_refused_together() -> None:
    wrong = (UNIT, Factor("region", ("a",)), Factor("sex", ("m", "f"), "x"), Factor("sex", ()))
    with pytest.raises(ModelError) as error:
        fit_factor_logit([RowBlock([], np.array([]))], wrong)
    for fault in ("sex is listed twice", "more than one base", "'x' is no level"):
        assert fault in str(error.value)


def test_rows_not_ordered_by_many_clusters_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = make_rows()
    rows["cluster"] = np.random.default_rng(1).integers(0, 900, len(rows["event"]))
    monkeypatch.setattr("pipeline.model.logit.factor_cluster.MOST_SCORES", 10)
    monkeypatch.setattr("pipeline.model.logit.factor_cluster.CHUNK_CLUSTERS", 8)
    data = [block(rows, WITHIN, "cluster")]
    fit = fit_factor_logit(data, WITHIN)
    with pytest.raises(ModelError, match="not ordered by cluster"):
        cluster_covariance(fit, data, 900)
    with pytest.raises(ModelError, match="outside 0 to 9"):
        cluster_covariance(fit, data, 10)
