"""Reporting completeness: who is caught, who is not, and what is left out of the benchmark."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from extracts_fixture import ExtractsFolder
from fabricated_cells import (
    make_cells,
    make_conditions,
    make_grants,
    make_municipalities,
    make_specification,
    spread,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.descriptives.completeness import (
    COLUMNS,
    judge_completeness,
    quality_row,
    reported_share,
    without_unreported,
)
from pipeline.errors import ModelError
from pipeline.model.tables.benchmark import run_benchmark
from pipeline.night.results import _outcome_rows, _with_grants
from pipeline.settings import read_settings
from pipeline.warehouse.frames import read
from pipeline.warehouse.marts.load import load_extracts


def counts(register: list[int], dream: list[int], year: int = 2007) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "municipality_code": [f"{100 + number}" for number in range(len(dream))],
            "year": year,
            "month": 6,
            "n_register": register,
            "n_dream": dream,
        }
    )


def test_the_silent_are_caught_and_the_small_are_not() -> None:
    judged = judge_completeness(counts([98, 0, 0, 3, 60, 0, 95], [100, 40, 2, 4, 62, 0, 100]))
    assert list(judged.columns) == list(COLUMNS)
    assert list(judged["is_reported"]) == [True, False, True, True, True, True, True]
    assert judged["coverage"].iloc[1] == 0
    assert judged["coverage_high"].iloc[1] == pytest.approx(1 - 0.001 ** (1 / 40))
    assert judged.loc[5, ["coverage", "coverage_low", "coverage_high"]].isna().all()


def test_partial_reporting_is_judged_by_its_upper_limit() -> None:
    judged = judge_completeness(counts([100] * 9 + [50, 75], [100] * 11))
    assert list(judged["is_reported"]) == [True] * 9 + [False, True]


def test_months_of_silence_convict_a_year_that_looks_nearly_whole() -> None:
    """October to December are missing; 100 pensions spread evenly over the other municipalities."""
    months = pd.DataFrame(
        [
            {
                "municipality_code": code,
                "year": 2007,
                "month": month,
                "n_register": known,
                "n_dream": 8,
            }
            for code in ("101", "147", "151")
            for month in range(1, 13)
            for known in [0 if code == "147" and month >= 10 else 8]
        ]
    )
    judged = judge_completeness(months).set_index("municipality_code")
    assert list(judged["is_reported"]) == [True, False, True]
    assert judged.loc["147", "coverage"] == 0.75
    assert judge_completeness(months.assign(month=6))[
        "is_reported"
    ].all()  # the year alone does not
    assert tuple(judged.loc["147", ["first_unreported_month", "last_unreported_month"]]) == (10, 12)
    assert judged.loc[["101", "151"], "first_unreported_month"].isna().all()


def test_a_country_that_reports_half_is_no_fault_of_anyone() -> None:
    """The yardstick is the country: all at one half are alike, and one at nothing is not."""
    judged = judge_completeness(counts([50] * 9 + [0], [100] * 10))
    assert list(judged["is_reported"]) == [True] * 9 + [False]
    assert judge_completeness(counts([0, 0], [50, 60]))["is_reported"].all()


def test_silence_of_many_does_not_hide_them() -> None:
    judged = judge_completeness(counts([100] * 4 + [0] * 6, [100] * 10))
    assert list(judged["is_reported"]) == [True] * 4 + [False] * 6


def test_years_are_judged_apart() -> None:
    both = pd.concat([counts([40, 40], [40, 40], 2006), counts([0, 40], [40, 40], 2007)])
    judged = judge_completeness(both.reset_index(drop=True))
    assert list(judged["is_reported"]) == [True, True, False, True]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.floats(0, 1)).map(lambda p: (int(p[0] * p[1]), p[0])),
        min_size=1,
        max_size=20,
    )
)
def test_limits_hold_the_coverage_and_more_known_never_hurts(rows: list[tuple[int, int]]) -> None:
    register, dream = [list(column) for column in zip(*rows, strict=True)]
    judged = judge_completeness(counts(register, dream))
    seen = judged[judged["n_dream"] > 0]
    assert (seen["coverage_low"] <= seen["coverage"]).all()
    assert (seen["coverage"] <= seen["coverage_high"]).all()
    full = judged[judged["n_register"] == judged["n_dream"]]
    assert full["is_reported"].all()


def test_nothing_is_left_out_when_nothing_is_asked_for() -> None:
    judged = judge_completeness(counts([98, 0], [100, 40]), smallest_coverage=0.0)
    assert judged["is_reported"].all()


def test_a_silent_year_leaves_the_cells_and_lowers_the_coverage() -> None:
    judged = judge_completeness(counts([98, 0], [100, 40]))
    cells = pd.DataFrame(
        {
            "municipality_code": ["100", "100", "101", "101"],
            "year": np.array([2006, 2007, 2006, 2007], dtype="int32"),
            "n_persons": [10, 10, 30, 10],
        }
    )
    kept = without_unreported(cells, judged)
    assert list(zip(kept["municipality_code"], kept["year"], strict=True)) == [
        ("100", 2006),
        ("100", 2007),
        ("101", 2006),
    ]
    assert dict(reported_share(cells, judged)) == {"100": 1.0, "101": 0.75}
    row = quality_row(judged, (2006, 2007)).iloc[0]
    assert (row["status"], row["n_rows"]) == ("warn", 2)
    assert "101 in 2007" in row["detail"]
    assert quality_row(judged, (2006,)).iloc[0]["status"] == "ok"


def test_pensions_are_counted_where_and_when_they_began(tmp_path: Path) -> None:
    """From register files: new pensions of residents, and those of them the decisions know."""
    folder = ExtractsFolder().with_background(n=3)
    for number in range(12):
        silent = f"Silent{number:03d}"
        folder.resident(silent, years=(2005, 2006), KOM="751")
        folder.on_benefit(silent, "783", "0652", 20)
    for number in range(5):
        known = f"Known{number:03d}"
        folder.resident(known, years=(2005, 2006), KOM="101")
        folder.on_benefit(known, "783", "0652", 30)
        folder.decided(known, "FP", "2006-05-20")
    folder.resident("Before001", years=(2005, 2006), KOM="101")
    folder.on_benefit("Before001", "783", "0652", 104)
    folder.resident("Newyear01", years=(2005, 2006), KOM="101")
    folder.on_benefit("Newyear01", "783", "0652", 52)
    folder.decided("Newyear01", "FP", "2005-12-28")
    settings = read_settings(home=tmp_path)
    load_extracts(folder.write(tmp_path / "extracts"), settings.registers_path, settings=settings)
    frame = read.read_completeness(settings.registers_path)
    assert len(frame) == 98 * 2 * 12
    result = frame[frame["n_dream"] > 0].astype({"year": int, "month": int})
    result = result.set_index(["municipality_code", "year", "month"])
    counts = result[["n_register", "n_dream"]]
    assert tuple(counts.loc[("751", 2006, 8)]) == (0, 12)
    assert tuple(counts.loc[("101", 2006, 5)]) == (5, 5)
    assert result["n_dream"].sum() == 17
    judged = judge_completeness(frame).set_index(["municipality_code", "year"])
    assert not judged.loc[("751", 2006), "is_reported"]
    assert judged["is_reported"].sum() == len(judged) - 1


def test_the_benchmark_goes_on_without_those_who_did_not_report() -> None:
    """One municipality lacks a year, one all of them; a grant was decided by the latter."""
    cells = make_cells(spread(12), persons=800)
    codes = sorted(set(cells["municipality_code"]))
    grants = make_grants(cells).assign(decision_municipality_code=lambda g: g["municipality_code"])
    elsewhere = grants.index[grants["municipality_code"] == codes[5]][0]
    grants.loc[elsewhere, "decision_municipality_code"] = codes[1]
    judged = pd.DataFrame(
        {
            "municipality_code": [codes[0], codes[1], codes[1], codes[2]],
            "year": [2007, 2006, 2007, 2006],
            "is_reported": [False, False, False, True],
        }
    )
    municipalities = make_municipalities(cells).drop(columns="coverage", errors="ignore")
    coverage = reported_share(cells, judged)
    municipalities["coverage"] = municipalities["municipality_code"].map(coverage)
    kept, kept_grants = without_unreported(cells, judged), without_unreported(grants, judged)
    specification = make_specification()
    movers = kept.assign(n_persons=kept["n_persons"] // 20, n_events=0, years_since_move=1)
    main = run_benchmark(
        kept, kept_grants, municipalities, specification, make_conditions(cells), movers=movers
    ).frames
    benchmark = main["benchmark"]
    shown = benchmark[benchmark["model"] == "conditions"].set_index("municipality_code")
    assert list(shown.index) == [code for code in codes if code != codes[1]]
    in_2006 = cells[(cells["municipality_code"] == codes[0]) & (cells["year"] == 2006)]
    assert shown.loc[codes[0], "observed"] == in_2006["n_events"].sum()
    assert 0.4 < shown.loc[codes[0], "coverage"] < 0.6
    assert (shown["coverage"].drop(codes[0]) == 1).all()
    assert sorted(main["ranking"].query("model == 'conditions'")["rank"]) == list(range(1, 12))
    ranked = main["sensitivity"].groupby("specification")["municipality_code"].nunique()
    assert set(ranked.drop("year_2007")) == {11}
    assert ranked["year_2007"] == 10


def test_decisions_in_quarantine_are_not_the_municipality_s_silence() -> None:
    kept_out = pd.DataFrame(
        {
            "municipality_code": ["100", "101", "102", "103"],
            "year": [2006, 2006, 2005, 2006],
            "n_quarantined": [20, 8, 20, 1],
        }
    )
    judged = judge_completeness(
        counts([0, 2, 0, 20, 200], [20, 20, 20, 20, 200], year=2006), kept_out
    )
    assert list(judged["is_in_quarantine"]) == [True, False, False, False, False]
    row = quality_row(judged, (2006,)).iloc[0]
    assert row["detail"] == (
        "not reported, left out of the benchmark: 101 in 2006, 102 in 2006; reported, but their "
        "decisions are in quarantine here (mend the files or the code lists), left out of the "
        "benchmark: 100 in 2006"
    )
    assert (row["n_failing"], row["status"]) == (3, "warn")


def grants_of(*outcomes: str) -> pd.DataFrame:
    return pd.DataFrame({"outcome": list(outcomes), "n_events": 1})


def test_an_outcome_without_grants_is_left_out_and_named() -> None:
    kept, left_out = _with_grants(read_settings(), grants_of("FP", "ANY", "FP"))
    assert (kept.question.outcomes, left_out) == (("FP", "ANY"), ("FJ",))
    assert _outcome_rows(left_out).iloc[0]["detail"] == "no grant in the years, left out: FJ"
    assert _outcome_rows(()).iloc[0]["status"] == "ok"
    with pytest.raises(ModelError, match="no grant of FP, FJ, ANY in the years"):
        _with_grants(read_settings(), grants_of())
