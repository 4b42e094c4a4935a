"""The grid of specifications: what each changes, and that nothing else does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fabricated_cells import (
    COUNTS,
    make_cells,
    make_conditions,
    make_grants,
    make_municipalities,
    make_specification,
    spread,
)

from pipeline.disclosure import CellKey, hide_sensitivity
from pipeline.disclosure.cell_key import MODULUS
from pipeline.errors import ModelError
from pipeline.model.national.cells import COUNTS as COUNTS_OF_CELLS
from pipeline.model.national.cells import CellTable, code_cells
from pipeline.model.national.protection import Unprotected
from pipeline.model.national.specification import Specification
from pipeline.model.numerics.shown_counts import Transitions
from pipeline.model.tables.benchmark import run_benchmark
from pipeline.model.tables.sensitivity import CHECK, decided, move_to_decision
from pipeline.model.tables.variants import part_of, place_rows, with_rows, without_factors

CELLS = make_cells(spread(12), persons=800)
CODES = sorted(set(CELLS["municipality_code"]))


def _grants(decided_in: dict[str, str] | None = None) -> pd.DataFrame:
    grants = make_grants(CELLS)
    moved = grants["municipality_code"].replace(decided_in or {})
    return grants.assign(decision_municipality_code=moved)


@pytest.fixture(scope="module")
def grid() -> pd.DataFrame:
    specification = make_specification()
    grants = _grants()
    movers = CELLS.assign(
        years_since_move=1,
        n_persons=CELLS["n_persons"] // 20,
        n_events=np.minimum(CELLS["n_persons"] // 20, 0),
    )
    made = run_benchmark(
        CELLS,
        grants,
        make_municipalities(CELLS),
        specification,
        make_conditions(CELLS),
        movers=movers,
    )
    assert [item.status for item in made.diagnostics if item.check == CHECK] == ["ok"]
    return made.frames["sensitivity"].set_index(["specification", "municipality_code"])


def test_every_specification_ranks_every_municipality(grid) -> None:
    names = grid.index.unique("specification")
    assert {"base", "pooled", "conditions", "no_health", "decision_municipality"} <= set(names)
    assert {"year_2006", "year_2007", "without_movers"} <= set(names)
    for name in names:
        assert sorted(grid.loc[name, "rank"]) == list(range(1, 13))


def test_years_split_the_grants_and_the_base_is_between(grid) -> None:
    early, late, base = (grid.loc[name] for name in ("year_2006", "year_2007", "base"))
    assert (early["observed"] + late["observed"] == base["observed"]).all()
    between = base["practice_effect"].between(
        np.minimum(early["practice_effect"], late["practice_effect"]) - 0.05,
        np.maximum(early["practice_effect"], late["practice_effect"]) + 0.05,
    )
    assert between.all()
    assert (early["practice_effect_se"] > base["practice_effect_se"]).all()


def test_residents_who_decide_at_home_change_nothing(grid) -> None:
    pd.testing.assert_series_equal(
        grid.loc["decision_municipality", "practice_effect"],
        grid.loc["base", "practice_effect"],
        check_names=False,
        rtol=1e-6,
    )


def test_a_grant_decided_elsewhere_moves_with_its_person() -> None:
    moved = move_to_decision(CELLS, _grants({"103": "105"}))
    before = CELLS.groupby("municipality_code")[COUNTS].sum()
    after = moved.groupby("municipality_code")[COUNTS].sum()
    gone = before.loc["103", "n_events"]
    assert after.loc["103", "n_events"] == 0
    assert after.loc["105", "n_events"] == before.loc["105", "n_events"] + gone
    assert after.loc["103", "n_persons"] == before.loc["103", "n_persons"] - gone
    assert (after.sum() == before.sum()).all()


def test_who_was_granted_elsewhere_is_not_told_by_the_grid() -> None:
    """One grant that another municipality decided: the two are told by effects that moved."""
    rng = np.random.default_rng(3)
    cells = CELLS.assign(
        persons_key=rng.integers(0, MODULUS, len(CELLS)),
        events_key=rng.integers(0, MODULUS, len(CELLS)) * (CELLS["n_events"] > 0),
    )
    grants = _grants()
    keys = [name for name in cells if name not in COUNTS_OF_CELLS]
    grants = grants.merge(cells[[*keys, "events_key"]], on=keys)
    row = grants.index[(grants["municipality_code"] == "103") & (grants["n_events"] == 1)][0]
    grants.loc[row, "decision_municipality_code"] = "105"
    made = run_benchmark(
        cells,
        grants,
        make_municipalities(cells),
        make_specification(protection=CellKey()),
        movers=cells.iloc[:0],
    ).frames["sensitivity"]

    def effects(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.pivot(
            index="municipality_code", columns="specification", values="practice_effect"
        )

    of = effects(made)
    moved = (of["decision_municipality"] - of["base"]).abs()
    assert set(moved.nlargest(2).index) == {"103", "105"}
    assert moved.nlargest(3).iloc[0] > 5 * moved.nlargest(3).iloc[2]
    shown = hide_sensitivity(made, CellKey())
    assert effects(shown)["decision_municipality"].isna().all()
    hidden = shown.set_index("specification")["is_suppressed"]
    assert hidden["decision_municipality"].all()
    assert not hidden[["base", "no_health", "year_2006", "year_2007"]].any()
    assert not {"observed", "expected", "share_apart"} & set(shown)
    assert shown.loc[shown["is_suppressed"], "rank"].isna().all()


def test_an_age_range_is_shown_where_enough_are_expected_in_and_outside_it() -> None:
    rows = [
        ("base", "101", 30.0, np.nan),
        ("age_18_39", "101", 6.0, np.nan),
        ("age_40_64", "101", 24.0, np.nan),
        ("decision_municipality", "101", 30.0, 0.1),
        ("base", "825", 8.0, np.nan),
        ("age_18_39", "825", 1.5, np.nan),
        ("age_40_64", "825", 6.5, np.nan),
        ("decision_municipality", "825", 8.0, 0.1),
    ]
    columns = ["specification", "municipality_code", "expected", "share_apart"]
    numbers = {"practice_effect": 0.1, "practice_effect_se": 0.2, "rank": 3}
    frame = pd.DataFrame(rows, columns=columns).assign(outcome="FP", observed=9, **numbers)
    shown = hide_sensitivity(frame, CellKey())
    assert shown["is_suppressed"].tolist() == [False] * 4 + [False, True, True, True]


def equal(one: CellTable, other: CellTable) -> None:
    """The same cells, to the last number."""
    assert one.municipality_codes == other.municipality_codes
    assert dict(one.levels) == dict(other.levels)
    for name in ("pattern_codes", "pattern", "municipality", *COUNTS_OF_CELLS, "noise_variance"):
        assert (getattr(one, name) == getattr(other, name)).all(), name
    assert (one.sums is None) == (other.sums is None)
    if one.sums and other.sums:
        for name, values in vars(one.sums).items():
            beside = getattr(other.sums, name)
            if isinstance(values, Transitions):
                values, beside = values.table, beside.table
            assert (values == beside).all(), name


@pytest.mark.parametrize("protection", [Unprotected(), CellKey()])
def test_cells_cut_from_the_coded_table_are_those_of_the_rows_so_changed(protection) -> None:
    rng = np.random.default_rng(2)
    cells = CELLS.assign(
        persons_key=rng.integers(0, MODULUS, len(CELLS)),
        events_key=rng.integers(0, MODULUS, len(CELLS)) * (CELLS["n_events"] > 0),
    )
    specification = make_specification(
        health_factors=("mental_health",), protection=protection, separation="merge"
    )

    def code(rows: pd.DataFrame, base: Specification = specification) -> CellTable:
        return code_cells(rows, base, CODES)

    table = code(cells)
    late = cells["year"] == 2007
    equal(part_of(table, table.pattern_codes[:, 0] == 1, specification), code(cells[late]))
    here = cells["municipality_code"] != CODES[3]
    some = (cells["age_band"] == "young") & here
    young = table.pattern_codes[:, table.factors.index("age_band")] == 0
    equal(part_of(code(cells[here]), young, specification), code(cells[some]))
    reduced = specification.without_health()
    equal(without_factors(table, reduced), code(cells, reduced))

    # Everybody of a municipality, and one person without a grant of every other third cell, leaves.
    left = cells[(cells["n_persons"] > cells["n_events"]) & (np.arange(len(cells)) % 3 == 0) & here]
    left = left.assign(n_persons=1, n_events=0, events_key=0)
    left = pd.concat([left, cells[~here]])
    keys = [name for name in cells if name not in COUNTS_OF_CELLS]
    rest = cells.set_index(keys)[list(COUNTS_OF_CELLS)]
    rest = rest.sub(left.set_index(keys)[list(COUNTS_OF_CELLS)], fill_value=0).astype(np.int64)
    rows = place_rows(table, left, CODES)
    stayed = with_rows(table, [rows.moved(rows.unit, -1)], CODES, specification)
    assert len(stayed.municipality_codes) == len(CODES) - 1
    equal(stayed, code(rest.reset_index()))

    stranger = cells.iloc[:1].assign(year=2006)
    one_year = part_of(table, table.pattern_codes[:, 0] == 1, specification)
    with pytest.raises(ModelError, match="unknown level"):
        place_rows(one_year, stranger, CODES)


def test_grants_decided_elsewhere_move_in_the_coded_table_as_in_the_rows() -> None:
    specification = make_specification()
    grants = _grants({"103": "105", "104": "103"})
    table = code_cells(CELLS, specification, CODES)
    equal(
        decided(table, grants, CODES, specification),
        code_cells(move_to_decision(CELLS, grants), specification, CODES),
    )


def test_a_specification_that_cannot_be_fitted_is_said() -> None:
    cells = CELLS.copy()
    cells.loc[cells["year"] == 2006, "n_events"] = 0
    grants = make_grants(cells)
    grants["decision_municipality_code"] = grants["municipality_code"]
    specification = make_specification(models=("within",))
    cells.loc[cells.index[0], "n_events"] = 1
    cells_2006 = cells[cells["year"] == 2006].assign(n_events=0)
    cells = pd.concat([cells[cells["year"] == 2007], cells_2006])
    made = run_benchmark(
        cells,
        grants[grants["year"] == 2007],
        make_municipalities(cells),
        specification,
        movers=cells.iloc[:0],
    )
    (item,) = (item for item in made.diagnostics if item.check == CHECK)
    assert item.status == "warn"
    assert item.detail.startswith("FP year_2006: left out: model cells: no grants in the window")
    assert "year_2006" not in set(made.frames["sensitivity"]["specification"])


def test_the_base_is_there_when_only_the_classical_model_was_asked_for(grid) -> None:
    specification = make_specification(models=("pooled",))
    grants = _grants()
    made = run_benchmark(
        CELLS, grants, make_municipalities(CELLS), specification, movers=CELLS.iloc[:0]
    )
    alone = made.frames["sensitivity"].set_index(["specification", "municipality_code"])
    for name in ("base", "no_health"):
        pd.testing.assert_series_equal(
            alone.loc[name, "practice_effect"], grid.loc[name, "practice_effect"], rtol=1e-6
        )
