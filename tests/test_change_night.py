"""Change in a night: the mart of the earlier window, and what is said where it cannot be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from extracts_fixture import ExtractsFolder, with_one_grant
from fabricated_release import fabricate
from test_benchmarks import OWN
from test_change import LEVEL, window

from pipeline.disclosure import ledger
from pipeline.errors import SettingsError, StorageError
from pipeline.night.entries import ENTRY_FILE, write_entry
from pipeline.night.questions.change import CHANGE_TABLES, Baseline, read_baseline
from pipeline.night.results import _specification
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.frames import read
from pipeline.warehouse.marts.current import refuse_outdated
from pipeline.warehouse.marts.load import load_extracts
from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.read import read_tables
from reports.language.remarks import remark
from reports.language.words import Words
from reports.told.followups import change
from reports.told.followups.by_year import by_year, reforms_by_year
from reports.told.followups.own_change import own_change, sentence
from reports.told.telling import Telling


def declare(home: Path, baseline: str | None, **options: object) -> Settings:
    """Return the settings of a question about 2007, measured from the years ``baseline`` if any."""
    measured = "" if baseline is None else f"\nbaseline_years = {baseline}"
    (home / "benchmarks").mkdir(exist_ok=True)
    (home / "benchmarks" / "own.toml").write_text(
        OWN.replace('years = "2003-2005"', f"years = [2007]{measured}"),
        encoding="utf-8",
    )
    return read_settings(home=home, threads=1, benchmark="own", **options)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home loaded for 2007 and, to measure from, 2006."""
    home = tmp_path_factory.mktemp("home")
    with_one_grant().write(home / "extracts")
    settings = declare(home, "[2006]")
    load_extracts(home / "extracts", settings.registers_path, settings=settings)
    return home


def opened(settings: Settings) -> Baseline:
    municipalities = read.read_municipalities(settings.registers_path)
    codes, years = municipalities["municipality_code"], (2006, 2007)
    reporting = pd.DataFrame(
        [(code, year, True) for code in codes for year in years],
        columns=["municipality_code", "year", "is_reported"],
    )
    baseline = read_baseline(
        settings.registers_path, settings, reporting, municipalities, _specification(settings)
    )
    assert baseline is not None
    return baseline


def said(baseline: Baseline) -> tuple[str, str | None]:
    row = baseline.quality_row().iloc[0]
    return row["status"], row["detail"]


def test_the_earlier_window_is_loaded_beside_the_question(home: Path) -> None:
    settings = declare(home, "[2006]")
    refuse_outdated(settings.registers_path, settings)
    baseline = settings.baseline()
    assert baseline is not None
    cells = read.read_model_cells(settings.registers_path, baseline)
    assert set(cells["year"]) == {2006}
    assert cells["n_events"].sum() == 1
    assert set(read.read_model_cells(settings.registers_path, settings)["year"]) == {2007}


@pytest.mark.parametrize("other", ["[2005]", "[2005, 2006]"])
def test_registers_loaded_for_another_earlier_window_are_refused(home: Path, other: str) -> None:
    settings = declare(home, other)
    with pytest.raises(StorageError, match=r"made in another way: mart_own_baseline\."):
        refuse_outdated(settings.registers_path, settings)


def test_registers_loaded_without_an_earlier_window_are_refused(home: Path) -> None:
    (home / "benchmarks" / "plain.toml").write_text(
        OWN.replace('"own"', '"plain"').replace('"2003-2005"', "[2007]"), encoding="utf-8"
    )
    plain = read_settings(home=home, threads=1, benchmark="plain")
    without = plain.asking(plain.question.model_copy(update={"baseline_years": (2006,)}))
    with pytest.raises(StorageError, match="was loaded by another version"):
        refuse_outdated(without.registers_path, without)


def test_a_question_with_the_name_of_an_earlier_window_is_refused(home: Path) -> None:
    (home / "benchmarks" / "own_baseline.toml").write_text(
        OWN.replace('"own"', '"own_baseline"'), encoding="utf-8"
    )
    declare(home, "[2006]")
    with pytest.raises(SettingsError, match="own_baseline is asked for twice"):
        read_settings(home=home, benchmark="own,own_baseline")


def test_too_few_grants_then_is_said_and_is_no_fault(home: Path) -> None:
    baseline = opened(declare(home, "[2006]"))
    now = window(LEVEL, 1)
    assert said(baseline) == ("ok", None)
    assert baseline.change("FP", now.table, now.fitted) == {}
    status, detail = said(baseline)
    assert (status, detail) == ("ok", "change from 2006 left out of FP: too few grants then")
    told = remark(str(detail), Words("da"), {})
    assert told == "ændring fra 2006 er udeladt for Førtidspension: for få tilkendelser dengang"


def test_exact_counts_have_no_change(home: Path) -> None:
    baseline = opened(declare(home, "[2006]", disclosure_method="suppress"))
    now = window(LEVEL, 1)
    assert baseline.change("FP", now.table, now.fitted) == {}
    status, detail = said(baseline)
    assert status == "warn"
    assert str(detail).startswith("change from 2006 left out: counts are exact")
    assert "er udeladt: antal er nøjagtige" in remark(str(detail), Words("da"), {})


def test_the_ledger_knows_who_is_counted_in_the_earlier_window(home: Path, tmp_path: Path) -> None:
    settings = declare(home, "[2006]")
    write_entry(settings.registers_path, settings, tmp_path)
    entry = pd.read_parquet(tmp_path / f"{ENTRY_FILE}.parquet")
    assert entry.loc[entry["kind"] == "FP grants", "year"].tolist() == [2006]
    assert set(entry.loc[entry["kind"] == "persons at risk", "year"]) == {2006, 2007}


def test_a_late_decision_of_a_year_that_no_window_has_is_staged(tmp_path: Path) -> None:
    """What is published as series reaches over all years, not those of the question alone."""
    people = with_one_grant()
    people.resident("Granted2", years=(2005,))
    settings = declare(tmp_path, None)
    entries = []
    for night in ("before", "after"):
        people.write(tmp_path / night)
        load_extracts(tmp_path / night, settings.registers_path, settings=settings)
        write_entry(settings.registers_path, settings, tmp_path)
        entries.append(pd.read_parquet(tmp_path / f"{ENTRY_FILE}.parquet"))
        people.decided("Granted2", "FP", "2006-11-11")
    before, after = entries
    changed = {kind for kind, places in ledger.changed_persons(before, after) if len(places)}
    assert changed.isdisjoint(["FP grants", "persons at risk", "decisions"])
    reasons = ledger.refusals({"night": before}, after, smallest=5, batch=500, least=2.0)
    assert any("FP grants by quarter differ in 1 municipalities" in said for said in reasons)
    assert any("decisions by month differ in 1 municipalities" in said for said in reasons)


def test_years_without_anybody_are_said(tmp_path: Path) -> None:
    people = ExtractsFolder(first_week_year=2000).with_background(n=40)
    people.write(tmp_path / "extracts")
    settings = declare(tmp_path, "[1999]")
    load_extracts(tmp_path / "extracts", settings.registers_path, settings=settings)
    status, detail = said(opened(settings))
    assert (status, detail) == ("warn", "change from 1999 left out: nobody at risk in 1999")
    told = remark(str(detail), Words("da"), {})
    assert told == "ændring fra 1999 er udeladt: ingen i målgruppen i 1999"


def telling(path: Path) -> Telling:
    return Telling(content_from(read_tables(path)), "da")


def test_a_question_without_an_earlier_window_has_no_section(
    main_content: Content, tmp_path: Path
) -> None:
    """And one whose earlier window could not be used says so."""
    with_change = Telling(main_content, "da")
    path = fabricate(tmp_path / "benchmark.duckdb", main_only=True)
    assert [section.title for section in change.change(with_change)] == ["Hvad har ændret sig?"]
    assert change.baseline(with_change) == "2003–2004"
    with duckdb.connect(str(path)) as connection:
        for table in CHANGE_TABLES:
            connection.execute(f"DELETE FROM result.{table}")
    (section,) = change.change(telling(path))
    assert "Data når ikke tilbage til 2003–2004" in str(section.blocks)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "UPDATE result.setting SET value = '[]' WHERE setting = 'baseline_years'"
        )
    assert change.change(telling(path)) == ()


@pytest.fixture(scope="module")
def told(whole_content: Content) -> Telling:
    return Telling(whole_content, "da")


def test_reforms_stand_by_the_year_from_which_they_hold(told: Telling) -> None:
    table = by_year(told, ["FP"], 2003)
    named = {row.head.text: row.cells[-1].text for row in table.bodies[0].rows}
    assert named["2007"] == "Kommunalreform og nye jobcentre"
    assert named["2006"] == ""
    assert list(named) == sorted(named)
    assert min(named) >= "2003"
    shown = {row.year: row for row in told.content.shown_country if row.outcome == "FP"}
    cells = {row.head.text: row.cells for row in table.bodies[0].rows}
    assert cells["2007"][0].text == told.n.count(shown[2007].observed)
    hidden = Telling(replace(told.content, shown_country=()), "da")
    alone = by_year(hidden, ["FP"], 2003)
    assert [column.heading for column in alone.columns] == ["År", "Gælder fra året"]
    assert "For få kommuner" in str(change.change(hidden)[0].blocks)
    assert reforms_by_year("en")[2013] == [
        "Reform of disability pension and flexjobs: resource programmes"
    ]


def test_a_municipality_is_told_its_own_change(told: Telling) -> None:
    row = next(row for row in told.content.followups.changes if row.outcome == "FP")
    (section,) = own_change(told, row.municipality_code)
    assert section.title == "Ændring siden 2003–2004"
    said = str(section.blocks)
    assert f"{told.n.count(row.observed)} mod {told.n.number(row.expected, 1)} nu" in said
    assert "ved kommunens egen" in said
    assert own_change(told, "999") == ()
    unknown = sentence(told, replace(row, log_ratio_change=None), [])
    assert unknown.endswith("for få til at måle en ændring.")
