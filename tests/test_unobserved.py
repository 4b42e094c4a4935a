"""How much that nobody sees would undo a departure, beside what health moves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.model.tables.unobserved_frames import unobserved_frame

CODES = ["101", "147", "151"]


def benchmark(**effects: list[float]) -> pd.DataFrame:
    """Return rows of ``benchmark`` of one outcome, an effect with error .1 per model and code."""
    return pd.concat(
        pd.DataFrame(
            {
                "outcome": "FP",
                "model": model,
                "municipality_code": CODES,
                "practice_effect": values,
                "practice_effect_se": np.where(np.isnan(values), np.nan, 0.1),
            }
        )
        for model, values in effects.items()
    )


def test_what_undoes_a_departure_brings_its_interval_to_0() -> None:
    effect = [-0.5, 0.15, 0.296]
    frame = unobserved_frame(benchmark(within=effect, no_health=[-0.4, 0.15, 0.0]), 0.95)
    reach = 0.1 * 1.959963984540054
    assert frame["undone_by"].tolist() == pytest.approx(
        [0.5 - reach, np.nan, 0.296 - reach], nan_ok=True
    )
    low = effect[0] + frame["undone_by"][0] - reach
    high = effect[0] + frame["undone_by"][0] + reach
    assert low < high == pytest.approx(0.0, abs=1e-9)
    assert frame["health_shift"].tolist() == pytest.approx([-0.1, 0.0, 0.296])
    typical = np.sqrt((0.01 + 0.296**2) / 3)
    assert frame["health_shift_typical"].tolist() == pytest.approx([typical] * 3)


def test_without_the_other_model_or_an_effect_nothing_is_said_of_it() -> None:
    frame = unobserved_frame(benchmark(within=[-0.5, np.nan, 0.3]), 0.95)
    assert frame["health_shift"].isna().all()
    assert frame["health_shift_typical"].isna().all()
    assert frame["undone_by"].isna().tolist() == [False, True, False]
    empty = unobserved_frame(benchmark(pooled=[0.1, 0.2, 0.3]), 0.95)
    assert empty.empty
    assert "undone_by" in empty
