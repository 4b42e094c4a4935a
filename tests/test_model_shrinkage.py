"""What each model's effects are drawn towards: the average, net of conditions where they count."""

from __future__ import annotations

import numpy as np
import pandas as pd
from fabricated_cells import make_cells, make_conditions, make_specification, spread

from pipeline.model.national.cells import code_cells
from pipeline.model.national.conditions import Conditions, code_conditions
from pipeline.model.national.fitted import FittedOutcome, fit_models
from pipeline.model.national.model_shrinkage import shrink_effects, shrink_net_effects


def _fit(cells: pd.DataFrame, condition: np.ndarray) -> tuple[FittedOutcome, Conditions]:
    specification = make_specification()
    table = code_cells(cells, specification, sorted(set(cells["municipality_code"])))
    frame = make_conditions(cells, condition)
    conditions = code_conditions(frame, table.municipality_codes, table.n_at_risk)
    return fit_models(table, specification, conditions), conditions


def _net(fitted: FittedOutcome, conditions: Conditions):
    models = {model.model: model.expected for model in fitted.models}
    return models, shrink_net_effects(
        models["conditions"], models["within"], fitted.adjustment, conditions, 0.95
    )


def test_net_effects_are_drawn_to_their_average_and_many_grants_leave_them_alone() -> None:
    condition = np.linspace(-1, 1, 24)
    own = 0.3 * np.resize([1.0, -1.0], 24)
    few, many = (
        _net(*_fit(make_cells(0.8 * condition + own, persons=persons), condition))
        for persons in (400, 40_000)
    )
    models, result = many
    assert np.abs(result.shrunk - models["conditions"].rank_effect).max() < 0.03
    assert np.abs(result.mean).max() < 0.1
    for models, result in (few, many):
        whole = shrink_effects(models["within"], 0.95)
        assert result.tau2 < 0.5 * whole.tau2
        assert np.all((result.low < result.shrunk) & (result.shrunk < result.high))
    models, result = few
    assert result.reliability.max() < many[1].reliability.min()
    assert np.std(result.shrunk) < np.std(models["conditions"].rank_effect)


def test_a_municipality_without_grants_is_drawn_down() -> None:
    condition = np.linspace(-1, 1, 12)
    cells = make_cells(0.5 * condition + spread(12), persons=600)
    cells.loc[cells["municipality_code"] == "102", "n_events"] = 0
    models, result = _net(*_fit(cells, condition))
    assert np.isnan(models["conditions"].practice_effect[2])
    assert result.shrunk[2] == result.shrunk.min()
    whole = shrink_effects(models["within"], 0.95)
    assert whole.shrunk[2] == whole.shrunk.min()
    assert np.all(np.isfinite(result.covariance))
