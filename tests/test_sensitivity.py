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

from pipeline.model.tables.benchmark import run_benchmark
from pipeline.model.tables.sensitivity import leave_out, move_to_decision, run_sensitivity

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
    main = run_benchmark(
        CELLS, grants, make_municipalities(CELLS), specification, make_conditions(CELLS)
    ).frames
    movers = CELLS.assign(
        n_persons=CELLS["n_persons"] // 20, n_events=np.minimum(CELLS["n_persons"] // 20, 0)
    )
    made = run_sensitivity(
        CELLS, grants, movers, CODES, specification, main["benchmark"], main["ranking"]
    )
    assert [item.status for item in made.diagnostics] == ["ok"]
    return made.sensitivity.set_index(["specification", "municipality_code"])


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


def test_leaving_out_a_part_leaves_the_rest() -> None:
    part = CELLS.iloc[::3].assign(n_persons=1, n_events=0)
    part = part[CELLS.iloc[::3]["n_persons"] > CELLS.iloc[::3]["n_events"]]
    rest = leave_out(CELLS, part)
    assert rest["n_persons"].sum() == CELLS["n_persons"].sum() - len(part)
    assert rest["n_events"].sum() == CELLS["n_events"].sum()


def test_a_specification_that_cannot_be_fitted_is_said() -> None:
    cells = CELLS.copy()
    cells.loc[cells["year"] == 2006, "n_events"] = 0
    grants = make_grants(cells)
    grants["decision_municipality_code"] = grants["municipality_code"]
    specification = make_specification(models=("within",))
    cells.loc[cells.index[0], "n_events"] = 1
    cells_2006 = cells[cells["year"] == 2006].assign(n_events=0)
    cells = pd.concat([cells[cells["year"] == 2007], cells_2006])
    main = run_benchmark(
        cells, grants[grants["year"] == 2007], make_municipalities(cells), specification
    ).frames
    made = run_sensitivity(
        cells,
        grants[grants["year"] == 2007],
        cells.iloc[:0],
        CODES,
        specification,
        main["benchmark"],
        main["ranking"],
    )
    (item,) = made.diagnostics
    assert item.status == "warn"
    assert item.detail.startswith("FP year_2006: left out: model cells: no grants in the window")
    assert "year_2006" not in set(made.sensitivity["specification"])


def test_the_base_is_there_when_only_the_classical_model_was_asked_for(grid) -> None:
    specification = make_specification(models=("pooled",))
    grants = _grants()
    main = run_benchmark(CELLS, grants, make_municipalities(CELLS), specification).frames
    made = run_sensitivity(
        CELLS,
        grants,
        CELLS.iloc[:0],
        CODES,
        specification,
        main["benchmark"],
        main["ranking"],
    )
    alone = made.sensitivity.set_index(["specification", "municipality_code"])
    for name in ("base", "no_health"):
        pd.testing.assert_series_equal(
            alone.loc[name, "practice_effect"], grid.loc[name, "practice_effect"], rtol=1e-6
        )
