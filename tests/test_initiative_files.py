"""The file of an initiative, what is read for it, and the command that answers it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from extracts_fixture import ExtractsFolder

from pipeline.catalogue import empty_frame
from pipeline.commands.cli import main
from pipeline.errors import SettingsError
from pipeline.initiatives.declaration import Initiative
from pipeline.initiatives.library import initiatives_of, read_initiative
from pipeline.model.years.unreported import mask_unreported, unreported_years
from pipeline.night.questions.initiatives import declared_answers
from pipeline.settings import read_settings
from pipeline.warehouse.frames.initiatives import read_initiative_panel
from pipeline.warehouse.marts.load import load_extracts

GOOD = """
name = "trial"
title = {da = "Forsøg", en = "Trial"}
ages = {first = 18, last = 39}
years_before = 3
base_years = 1
[[adopters]]
municipality = "376"
starts = 2006-07-01
"""


def written(folder: Path, text: str = GOOD, name: str = "trial") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    asked = read_initiative(written(tmp_path))
    assert (asked.period, asked.base_periods, asked.years) == ("half_year", 2, (2003, 2011))
    assert asked.period_of(asked.adopters[0].starts) == (2006, 2)
    assert asked.outcomes == ("benefit_weeks", "support_weeks", "FP", "FJ")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"376"', '"999"', "adopters.0.municipality: '999': unknown municipality 999; allowed"),
        ("2006-07-01", '"soon"', "adopters.0.starts: 'soon'"),
        ("2006-07-01", "1970-01-01", "adopters.0.starts"),
        ("base_years = 1", "base_years = 3", "years_before 3; allowed: above base_years 3"),
        ("base_years = 1", "base = 1", "base: no such key; allowed: name, title, ages"),
        ("first = 18", "first = 40", "first 40 is above last 39"),
        ("base_years = 1", 'outcomes = ["work"]', "unknown outcome work; allowed: benefit_weeks"),
        ("base_years = 1", 'period = "week"', "period: 'week'"),
        ('name = "trial"', 'name = "A trial"', "name: 'A trial': allowed: text of the pattern"),
        ("2006-07-01", "2006-07-01\nparticipants = 3", "adopters.0.participants: 3"),
        (
            "2006-07-01",
            '2006-07-01\n[[adopters]]\nmunicipality = "376"\nstarts = 2007-01-01',
            "adopters has 376 twice; allowed: each once",
        ),
        (
            "2006-07-01",
            '2006-07-01\n[[adopters]]\nmunicipality = "101"\nstarts = 2026-01-01',
            "adopters begin in 2006 and in 2026; allowed: within",
        ),
    ],
)
def test_a_faulty_file_is_refused_by_key_and_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, said: str
) -> None:
    assert before in GOOD
    path = written(tmp_path, GOOD.replace(before, after))
    with pytest.raises(SettingsError) as caught:
        read_initiative(path)
    assert said in caught.value.message
    assert "docs/initiatives.md" in caught.value.message
    assert main(["initiative", str(path), "--home", str(tmp_path)]) == 3
    assert said in capsys.readouterr().err


def test_the_initiatives_of_a_home_are_named_after_their_files(tmp_path: Path) -> None:
    assert initiatives_of(tmp_path) == ()
    written(tmp_path / "initiatives")
    assert [one.name for one in initiatives_of(tmp_path)] == ["trial"]
    written(tmp_path / "initiatives", name="other")
    with pytest.raises(SettingsError, match="other"):
        initiatives_of(tmp_path)


def test_a_home_without_initiatives_has_no_rows(tmp_path: Path) -> None:
    nothing = pd.DataFrame({"municipality_code": [], "year": [], "is_reported": []})
    made = declared_answers(tmp_path / "none", read_settings(home=tmp_path), nothing)
    for name, frame in made.items():
        pd.testing.assert_frame_equal(frame, empty_frame(name))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with four persons of 35 in 2006 beside the background, one of another age."""
    home = tmp_path_factory.mktemp("home")
    folder = ExtractsFolder().with_background(n=3)
    for person in ("1001", "1002", "1003", "1004"):
        folder.resident(person, years=(2005,), KOM="376")
    folder.resident("1005", years=(2005,), KOM="376", FOED_DAG=pd.Timestamp("1950-01-01").date())
    folder.on_benefit("1001", "730", "0630", 10)  # cash benefit, weeks 21 to 30
    folder.on_benefit("1002", "651", "0652", 52)  # student grant all year
    folder.on_benefit("1003", "999", "0652", 20)  # dead from week 33
    folder.on_benefit("1004", "890", "0626", 26)  # sickness benefit in the first half
    folder.on_benefit("1005", "730", "0652", 52)
    folder.decided("1001", "FP", "2006-08-01")
    folder.decided("1004", "FJ", "2006-02-01")
    folder.write(home / "extracts")
    settings = read_settings(home=home)
    load_extracts(home / "extracts", home / "registers.duckdb", settings=settings)
    return home


def test_weeks_and_grants_are_counted_by_half_year(home: Path) -> None:
    asked = Initiative(
        name="trial",
        title={"da": "Forsøg", "en": "Trial"},
        ages={"first": 18, "last": 39},
        adopters=[{"municipality": "376", "starts": "2006-01-01"}],
    )
    rows = read_initiative_panel(home / "registers.duckdb", read_settings(home=home), asked)
    own = rows[rows["municipality_code"] == "376"].set_index(["year", "period"])
    assert list(own.index) == [(2006, 1), (2006, 2)]
    first, second = (own.loc[(2006, period)] for period in (1, 2))
    assert (first["residents"], second["residents"]) == (4, 4)
    assert (first["person_weeks"], second["person_weeks"]) == (4 * 26, 4 * 26 - 20)
    # Weeks 21 to 26 and 27 to 30.
    assert (first["benefit_weeks"], second["benefit_weeks"]) == (6, 4)
    assert (first["n_benefit"], second["n_benefit"]) == (1, 1)
    # No code, or in education: 20 + 26 + 26 + 0, and 22 + 26 + 6 + 26.
    assert (first["support_weeks"], second["support_weeks"]) == (72, 80)
    assert (first["n_support"], second["n_support"]) == (3, 4)
    assert (first["n_fp"], second["n_fp"]) == (0, 1)
    assert (first["n_fj"], second["n_fj"]) == (1, 0)
    # Keys are of those counted, so that whoever is counted twice is noised alike.
    assert first["benefit_key"] == second["benefit_key"] == second["fp_key"] > 0
    assert (first["fp_key"], second["fj_key"]) == (0, 0)


def test_grants_are_missing_where_they_were_not_reported() -> None:
    rows = pd.DataFrame(
        {"municipality_code": ["101", "147"], "year": 2006, "n_fp": [3, 4], "n_fj": [1, 2]}
    )
    reporting = pd.DataFrame(
        {"municipality_code": ["101", "147"], "year": 2006, "is_reported": [False, True]}
    )
    made = mask_unreported(rows, unreported_years(reporting), ("n_fp", "n_fj"))
    assert made["n_fp"].isna().tolist() == [True, False]
    assert made["n_fj"].tolist()[1] == 2


def test_the_command_answers_what_the_registers_do_not_cover(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path)
    assert main(["initiative", str(path), "--home", str(home), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "Trial" in said
    assert said.count("the registers do not cover") == 4
    assert main(["initiative", str(path), "--home", str(tmp_path)]) == 14
