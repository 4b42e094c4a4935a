"""Code lists: those that ship keep their own rules, and a user's folder is checked and used."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from extracts_fixture import ExtractsFolder

from pipeline.codes import FOLDER, code_list
from pipeline.codes.corrections import BENEFIT_STATES, RANGES, list_faults, lists_in
from pipeline.errors import SettingsError
from pipeline.settings import read_settings
from pipeline.warehouse.marts.load import load_extracts


@pytest.mark.parametrize("name", RANGES)
def test_a_list_that_ships_has_no_fault(name: str) -> None:
    assert list_faults(name, code_list(name)) == []


def test_every_state_of_the_rules_can_be_listed() -> None:
    assert set(code_list("benefit_code")["benefit_state"]) <= set(BENEFIT_STATES)
    for path in (FOLDER.parent.parent / "sql" / "mart").glob("*.sql"):
        text = path.read_text(encoding="utf-8")
        for state in ("cash_benefit", "sickness_benefit", "disability_pension", "old_age_pension"):
            assert state not in text or state in BENEFIT_STATES


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cash_benefit,Kont", "cashbenefit,Kont", "benefit_state is 'cashbenefit'; known: unempl"),
        ("130,138,", "130,140,", "both have the code 140"),
        ("130,138,", "138,130,", "138 to 130 is no range"),
        ("130,138,", ",138,", "code_first is blank"),
        (",2014,,STAR DREAM\n", ",soon,,STAR DREAM\n", "first_year is 'soon'; expected a number"),
        ("code_first", "code", "its columns are code, code_last"),
        ("æ", "\udce6", "cannot be read as CSV in UTF-8"),
    ],
)
def test_a_fault_of_a_list_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = (FOLDER / "benefit_code.csv").read_text(encoding="utf-8").replace(old, new)
    (tmp_path / "benefit_code.csv").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(SettingsError) as caught:
        lists_in(tmp_path)
    assert said in caught.value.message
    assert "benefit_code.csv: " in caught.value.message


def test_a_folder_without_a_known_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no file of a code list"):
        lists_in(tmp_path)
    (tmp_path / "factor.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"factor.csv: no list of that name"):
        lists_in(tmp_path)
    with pytest.raises(SettingsError, match="which is no folder"):
        lists_in(tmp_path / "absent")
    assert lists_in(None) == {}


def test_a_corrected_list_is_used_and_changes_the_run(tmp_path: Path) -> None:
    folder = ExtractsFolder().with_background(n=12)
    folder.on_benefit("Background004", "556", "0552", 2)
    folder.write(tmp_path / "extracts")
    codes = tmp_path / "codes"
    codes.mkdir()
    plain = read_settings(home=tmp_path, threads=1, max_unknown_week_share=1)
    corrected = read_settings(home=tmp_path, threads=1, codes_folder=codes)
    states = "SELECT DISTINCT benefit_state FROM core.benefit_spell WHERE benefit_code = '556'"
    result = []
    text = (FOLDER / "benefit_code.csv").read_text(encoding="utf-8")
    (codes / "benefit_code.csv").write_text(text + "556,556,leave,Ny,New,,,here\n", "utf-8")
    for settings in (plain, corrected):
        load_extracts(tmp_path / "extracts", settings.registers_path, settings=settings)
        with duckdb.connect(str(settings.registers_path), read_only=True) as connection:
            result.append(connection.execute(states).fetchall())
    assert result == [[("unknown",)], [("leave",)]]
    before = corrected.settings_hash
    assert before != plain.settings_hash
    assert str(codes) not in str(corrected.published())
    (codes / "benefit_code.csv").write_text(text + "556,556,other,Ny,New,,,here\n", "utf-8")
    assert corrected.settings_hash != before


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("diagnosis_group", ["diagnosis_group"]),
        ("factor", ["factor", "level"]),
        ("framework_condition", ["condition"]),
        ("main_level", ["dimension", "level"]),
        ("municipality", ["municipality_code"]),
    ],
)
def test_a_join_for_labels_doubles_nothing(name, key) -> None:
    assert not code_list(name).duplicated(key).any()
