"""A year's grants forecast from the years before: the slope is 1 where practice lasts."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from fabricated_cells import make_specification
from test_validity import NOISE, country

from pipeline.disclosure import CellKey
from pipeline.model.inference import cell_part
from pipeline.model.inference.count_regression import UnsettledMeanError
from pipeline.model.national.cells import CellTable, code_cells
from pipeline.model.national.fitted import FittedModel, fit_within
from pipeline.model.national.specification import Specification
from pipeline.model.tables.forecast import forecast_frame

Fitted = tuple[FittedModel, CellTable, Specification]


def fitted(cells: pd.DataFrame, protection: CellKey | None = None) -> Fitted:
    more = {} if protection is None else {"protection": protection}
    specification = make_specification(**more)
    table = code_cells(cells, specification, sorted(set(cells["municipality_code"])))
    return fit_within(table, specification), table, specification


@cache
def fits(protection: CellKey | None, wobble: float) -> list[Fitted]:
    """Return the fits of 34 countries, which do not hang on how a forecast is shrunken."""
    return [fitted(country(seed, wobble=wobble), protection) for seed in range(34)]


def forecast(cells: pd.DataFrame) -> pd.DataFrame:
    return forecast_frame("FP", *fitted(cells))


def slopes(protection: CellKey | None = None, wobble: float = 0.0) -> pd.DataFrame:
    frames = [forecast_frame("FP", *one) for one in fits(protection, wobble)]
    return pd.concat(frames, ignore_index=True)


def mean_and_error(frame: pd.DataFrame) -> tuple[float, float]:
    return frame["slope"].mean(), frame["slope"].std() / np.sqrt(len(frame))


@pytest.mark.parametrize("protection", [None, NOISE])
def test_lasting_practice_has_a_slope_of_one(protection: CellKey | None) -> None:
    frame = slopes(protection)
    mean, error = mean_and_error(frame)
    assert mean == pytest.approx(1.0, abs=3 * error)
    assert error < 0.07
    held = ((frame["slope_low"] <= 1) & (frame["slope_high"] >= 1)).mean()
    assert held >= 0.85


def test_practice_that_wobbles_does_not_all_come_back() -> None:
    """Of a year's practice with variance .2^2 + .2^2 only the lasting half is there next year."""
    mean, error = mean_and_error(slopes(wobble=0.2))
    assert mean == pytest.approx(0.5, abs=3 * error)


def test_effects_that_are_not_shrunken_forecast_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: with raw effects the slope is the reliability, not 1."""
    shrink = cell_part.empirical_bayes
    monkeypatch.setattr(
        cell_part,
        "empirical_bayes",
        lambda *values, **more: shrink(*values, **{**more, "tau2": 50.0}),
    )
    mean, error = mean_and_error(slopes())
    assert mean < 1 - 4 * error


def test_counts_too_small_to_shrink_end_no_night(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UnsettledMeanError("the mean does not settle")

    monkeypatch.setattr(cell_part, "empirical_bayes", refuse)
    assert forecast(country(1)).empty


def test_there_is_nothing_to_forecast_of_one_year_or_from_equal_practice() -> None:
    cells = country(1)
    assert forecast(cells[cells["year"] == 2006]).empty
    few = cells[cells["municipality_code"] <= "105"]
    assert forecast(few).empty


def test_rows_in_another_order_say_the_same() -> None:
    cells = country(3)
    pd.testing.assert_frame_equal(forecast(cells), forecast(cells.sample(frac=1, random_state=2)))
