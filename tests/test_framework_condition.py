"""Framework conditions: from the register to one value per municipality, or none at all."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from extracts_fixture import ExtractsFolder

from pipeline.codes import code_list
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.frames import read
from pipeline.warehouse.marts.load import load_extracts

CONDITIONS = tuple(code_list("framework_condition")["condition"])


def loaded(home: Path, folder: ExtractsFolder) -> Settings:
    """Return the settings of a home with ``folder`` loaded, years at risk 2006 and 2007."""
    settings = read_settings(home=home, max_quarantine_share=0.5)
    folder.with_background(n=3).write(home / "extracts")
    load_extracts(home / "extracts", settings.registers_path, settings=settings)
    return settings


def quality(settings: Settings) -> pd.DataFrame:
    frame = read.read_data_quality(settings.registers_path)
    return frame.set_index(["register", "check"])


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = ExtractsFolder()
    folder.conditions("101", 2004, LEDIG_PCT=99.0)
    folder.conditions("101", 2005, LEDIG_PCT=4.0, BEFTAET=6000.0)
    folder.conditions("101", 2006, LEDIG_PCT=3.0, BEFTAET=6200.0)
    folder.conditions("751", 2006, INDUSTRI_PCT=20.5, VIDUDD_PCT=None)
    folder.conditions("751", 2007, INDUSTRI_PCT=1.0)
    folder.conditions("999", 2006)
    return loaded(tmp_path_factory.mktemp("delivered"), folder)


def test_a_condition_is_the_mean_over_the_years_before_those_at_risk(delivered: Settings) -> None:
    frame = read.read_framework_conditions(delivered.registers_path, delivered)
    assert list(frame.columns) == ["municipality_code", "condition", "value"]
    values = frame.set_index(["municipality_code", "condition"])["value"]
    assert values["101", "area_unemployment_share"] == pytest.approx(0.035)
    assert values["101", "population_density"] == 6100.0
    assert values["751", "area_industry_share"] == 0.205
    assert ("751", "area_higher_education_share") not in values
    assert len(values) == 7
    assert list(values.index) == sorted(values.index)


def test_an_unknown_municipality_is_quarantined(delivered: Settings) -> None:
    row = quality(delivered).loc[("rammevilkaar", "rows_accounted_for")]
    assert (row["n_rows"], row["n_quarantined"]) == (6, 1)


def test_municipalities_without_a_value_are_counted(delivered: Settings) -> None:
    row = quality(delivered).loc[("mart.framework_condition", "framework_condition_complete")]
    assert row["status"] == "warn"
    assert row["detail"].startswith(f"{98 * len(CONDITIONS) - 7} failing rows")


def test_extracts_without_the_register_load_and_say_so(tmp_path: Path) -> None:
    settings = loaded(tmp_path, ExtractsFolder())
    assert read.read_framework_conditions(settings.registers_path, settings).empty
    row = quality(settings).loc[("rammevilkaar", "delivered")]
    assert (row["status"], row["n_rows"]) == ("warn", 0)
    complete = quality(settings).loc[("mart.framework_condition", "framework_condition_complete")]
    assert complete["status"] == "ok"


def test_every_condition_is_described() -> None:
    listed = code_list("framework_condition")
    assert 1 <= len(listed) <= 6
    assert listed["condition"].is_unique
    assert set(listed["transform"]) <= {"none", "log"}
    assert (listed != "").all(axis=None)
