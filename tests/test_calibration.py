"""The calibration measures what it says, and a small default country keeps the sources' figures."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic_country import country

from pipeline.errors import StorageError
from pipeline.night.results import calibration_table
from reports.language.words import Words
from synthetic_data.events.benefits import state_number
from synthetic_data.events.pathways import (
    COMMUTER,
    FLEXJOB,
    ILL_EMPLOYEE,
    LONG_CASH,
    SHORT_CASH,
    WEEKS,
    pathways,
)
from synthetic_data.measures.calibration import COLUMNS, FIGURES, MEASURES, calibrate, unmeasured
from synthetic_data.measures.calibration_page import calibration_page
from synthetic_data.measures.dream_weeks import week_names, week_of


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return calibrate(country())


def test_every_figure_can_be_measured_and_names_its_source() -> None:
    figures = tomllib.loads(FIGURES.read_text(encoding="utf-8"))["figure"]
    compared = [figure["name"] for figure in figures if figure.get("is_compared", True)]
    assert sorted(compared) == sorted(MEASURES)
    assert all(figure["source"] and figure["label"] for figure in figures)
    assert all(figure["because"] for figure in figures if figure["name"] not in compared)


def test_the_default_country_keeps_every_figure_its_years_can_show(frame: pd.DataFrame) -> None:
    assert tuple(frame.columns) == COLUMNS
    assert (frame["verdict"] == "inside").sum() >= 14
    measured = frame["generated"].notna()
    assert (measured == frame["verdict"].isin(["inside", "outside"])).all()
    outside = frame[frame["verdict"] == "outside"]
    assert outside.empty, outside[["figure", "generated", "allowed_low", "allowed_high"]]


def test_grants_are_those_of_the_register(frame: pd.DataFrame) -> None:
    n = 0
    for year in (2006, 2007):
        decisions = pd.read_csv(country() / f"ankestyrelsen_{year}.csv", sep=";", dtype="string")
        n += decisions["AFGOERELSE"].str.startswith("TILKENDELSE").sum()
    scale = json.loads((country() / "synthetic.json").read_text())["scale"]
    value = frame.set_index("figure").loc["grants_akf_base", "generated"]
    assert value == pytest.approx(n / scale)


def test_the_page_is_the_same_each_time_and_says_what_it_is(frame: pd.DataFrame) -> None:
    mark = json.loads((country() / "synthetic.json").read_text())
    page = calibration_page(frame, mark, "tildeling calibrate --extracts DIR")
    assert page == calibration_page(
        calibrate(country()), mark, "tildeling calibrate --extracts DIR"
    )
    assert "SYNTETISKE DATA" in page
    assert "33,500" in page
    assert page.count("\n| ") == frame["generated"].notna().sum() + 1
    assert all(label in page for label in frame["label"])


def test_a_country_that_cannot_be_read_says_which_figure(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "synthetic.json").write_text((country() / "synthetic.json").read_text())
    with pytest.raises(StorageError, match="bef_2006"):
        calibrate(damaged)
    (damaged / "bef_2006.csv").write_text("PNR;KOEN;FOED_DAG;KOM\nnobody;1;1970-01-01;101\n")
    with pytest.raises(StorageError, match="persons_2007 cannot be measured"):
        calibrate(damaged)
    table = calibration_table(unmeasured())
    assert set(table["verdict"]) == {"not_measured"}
    assert table["generated"].isna().all()


def test_the_result_table_has_every_figure_and_no_infinite_limit(frame: pd.DataFrame) -> None:
    table = calibration_table(frame)
    assert list(table["figure"]) == list(frame["figure"])
    assert table["figure_order"].tolist() == list(range(1, len(frame) + 1))
    assert not np.isinf(table.select_dtypes("number")).any(axis=None)
    assert list(calibration_table(None).columns.sort_values()) == list(table.columns.sort_values())


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_report_has_words_for_every_figure(language: str) -> None:
    words = Words(language)
    for row in unmeasured().to_dict("records"):
        assert words.label("calibration_figure", row["figure"]) != row["figure"]
        assert (words.label("calibration_note", row["figure"]) != row["figure"]) == bool(
            row["note"]
        )
        assert words.label("calibration_unit", row["unit"]) != row["unit"] or language == "en"
        if language == "en":
            assert words.label("calibration_figure", row["figure"]) == row["label"]


def test_a_folder_that_was_not_generated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not a generated country"):
        calibrate(tmp_path)


def history(*runs: tuple[str, int]) -> np.ndarray:
    weeks = [state_number(state) for state, n in runs for _ in range(n)]
    assert len(weeks) == WEEKS
    return np.array(weeks, dtype=np.int8)


@pytest.mark.parametrize(
    ("pathway", "runs"),
    [
        (ILL_EMPLOYEE, [("work", 208), ("sickness", 52)]),
        (ILL_EMPLOYEE, [("work", 200), ("sickness", 47), ("cash_benefit", 13)]),
        (LONG_CASH, [("work", 130), ("cash_benefit", 130)]),
        (LONG_CASH, [("work", 100), ("education_benefit", 60), ("cash_benefit", 100)]),
        (SHORT_CASH, [("work", 131), ("cash_benefit", 129)]),
        (SHORT_CASH, [("work", 200), ("sickness", 46), ("cash_benefit", 14)]),
        (
            COMMUTER,
            [("sickness", 20), ("work", 60), ("cash_benefit", 60), ("work", 8), ("sickness", 112)],
        ),
        (
            SHORT_CASH,
            [("sickness", 20), ("work", 61), ("cash_benefit", 60), ("work", 7), ("sickness", 112)],
        ),
        (FLEXJOB, [("work", 100), ("flexjob", 1), ("cash_benefit", 159)]),
    ],
)
def test_pathways_of_hand_made_histories(pathway: int, runs: list[tuple[str, int]]) -> None:
    assert pathways(np.stack([history(*runs)]))[0] == pathway


def test_weeks_are_found_by_date() -> None:
    names = week_names(2003, 2007)
    for day in pd.date_range("2002-12-30", "2007-12-30", freq="37D"):
        number = (day - pd.Timestamp("1970-01-01")).days
        iso = day.isocalendar()
        result = names[int(week_of(np.array([number]), 2003)[0])]
        assert result == f"y_{iso.year % 100:02d}{iso.week:02d}"
