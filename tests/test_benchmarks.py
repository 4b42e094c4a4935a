"""Benchmarks as files: those that ship, one of a user's, and every way to write one wrong."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline import codes
from pipeline.benchmarks.declaration import ORDINARY
from pipeline.benchmarks.library import (
    DEFAULT,
    benchmark_of,
    find_benchmark,
    read_benchmark,
    shipped,
)
from pipeline.commands.cli import main
from pipeline.errors import SettingsError
from pipeline.frozen import thawed
from pipeline.model.national.specification import has_mains
from pipeline.settings import read_settings

OWN = """
name = "own"
years = "2003-2005"
outcomes = ["FP"]
models = ["within"]
[title]
da = "Egen"
en = "Own"
[description]
da = "Et eget spørgsmål"
en = "A question of one's own"
[ages]
first = 30
last = 59
[factors]
names = ["age_band", "sex", "education", "origin", "family", "labour_status", "tenure_band",
  "sickness_weeks_band", "mental_health", "somatic_health"]
health = ["mental_health", "somatic_health"]
[factors.bands]
age_band = [40, 50]
tenure_band = [0, 3]
"""
#: (where, what is put there) -> what the message says. A place that is None is taken away.
WRONG: list[tuple[str, Any, tuple[str, ...]]] = [
    ("name", "Own Question", ("name", "Own Question", "allowed")),
    ("name", None, ("name: missing", "allowed")),
    ("title.da", "", ("title.da", "allowed")),
    ("title", None, ("title: missing",)),
    ("years", [], ("years", "allowed: 1 or more")),
    ("years", [2005, 2005], ("years", "2005 is listed twice", "allowed: each once")),
    ("years", ["soon"], ("years.0", "soon", "allowed: a whole number")),
    ("years", "2005-2003", ("years", "2005-2003", "allowed: a list")),
    ("years", [1884], ("years.0", "1884", "allowed: 1985 or more")),
    ("outcomes", ["FP", "EFT"], ("outcomes", "unknown outcome EFT", "allowed: FP, FJ")),
    ("outcomes", "FP", ("outcomes", "FP", "allowed: a list")),
    ("models", ["best"], ("models", "unknown model best", "allowed: pooled")),
    ("unit", "parish", ("unit", "parish", "allowed: 'municipality'")),
    ("counted_in", "home", ("counted_in", "home", "allowed: 'residence'")),
    ("diagnosis_grouping", "mine", ("diagnosis_grouping 'mine'", "allowed: main")),
    ("conditions", ["weather"], ("conditions", "weather", "allowed: area_unemployment_share")),
    ("standards", ["best_10"], ("standards.0", "best_10", "allowed")),
    ("sensitivity", ["all"], ("sensitivity", "all", "allowed: decision_municipality")),
    ("ages.first", 70, ("ages", "first 70 is above last 59", "allowed")),
    ("ages.youngest", 3, ("ages.youngest: no such key", "allowed: first, last")),
    ("exclusions", {"states": ["rich"]}, ("exclusions.states", "rich", "allowed")),
    ("lookback", {"tenure_years": 0}, ("lookback.tenure_years", "0", "allowed: 1 or more")),
    ("factors.names", ["shoe_size"], ("factors.names", "shoe_size", "allowed: age_band")),
    ("factors.health", ["gp_contacts_band"], ("factors", "gp_contacts_band", "allowed")),
    ("factors.tenure", "years_in_work", ("factors", "years_in_work", "allowed")),
    ("factors.bands.sex", [1, 2], ("factors", "bands has 'sex'", "allowed: age_band")),
    ("factors.bands.age_band", [50, 40], ("factors.bands.age_band", "do not increase")),
    ("factors.bands.age_band", [40, 65], ("factors.bands.age_band has 65", "allowed: above")),
    ("factors.bands.tenure_band", [1, 2], ("bands.tenure_band", "allowed: 0 and an edge")),
    ("colour", "red", ("colour: no such key", "allowed: name, title")),
]


def changed(place: str, value: Any) -> dict[str, Any]:
    """Return the declaration ``OWN`` with ``value`` at the dotted ``place``."""
    values = tomllib.loads(OWN)
    *tables, key = place.split(".")
    table = values
    for part in tables:
        table = table[part]
    if value is None:
        del table[key]
    else:
        table[key] = value
    return values


@pytest.mark.parametrize(("place", "value", "said"), WRONG)
def test_a_wrong_declaration_has_one_message(place: str, value: Any, said: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError) as caught:
        benchmark_of(changed(place, value), "own.toml")
    lines = caught.value.message.splitlines()
    assert caught.value.exit_code == 3
    assert lines[0] == "own.toml cannot be used, 1 fault:"
    assert all(part in lines[1] for part in said), lines[1]


def test_a_wrong_file_ends_the_command_with_its_code(tmp_path: Path, capsys) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace('["FP"]', '["EFT"]'), encoding="utf-8")
    assert main(["benchmarks", str(path)]) == 3
    assert "unknown outcome EFT; allowed: FP" in capsys.readouterr().err
    path.write_text("name = ", encoding="utf-8")
    assert main(["benchmarks", str(path)]) == 3
    assert "is not TOML" in capsys.readouterr().err
    assert main(["check", "--extracts", str(tmp_path), "--benchmark", "none"]) == 3
    assert f"one of {', '.join(shipped())}" in capsys.readouterr().err


def test_a_file_is_called_as_its_benchmark(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(OWN, encoding="utf-8")
    with pytest.raises(SettingsError, match="the name of the file, other"):
        read_benchmark(path)
    path = tmp_path / f"{DEFAULT}.toml"
    path.write_text(OWN.replace('"own"', f'"{DEFAULT}"'), encoding="utf-8")
    with pytest.raises(SettingsError, match="that of a benchmark that ships"):
        read_benchmark(path)


def test_what_ships_is_sound_and_listed(capsys) -> None:
    assert main(["benchmarks"]) == 0
    told = capsys.readouterr().out
    for name, path in shipped().items():
        assert read_benchmark(path).name == name
        assert name in told


def test_the_default_has_the_levels_of_the_code_list() -> None:
    benchmark = read_benchmark(shipped()[DEFAULT])
    assert benchmark.levels() == {name: codes.factor_levels()[name] for name in ORDINARY}
    assert benchmark.references() == codes.reference_levels()


def test_bands_are_named_by_the_ages_they_hold() -> None:
    settings = read_settings(age_last=67)
    assert settings.question.levels()["age_band"][-1] == "60-67"
    own = benchmark_of(tomllib.loads(OWN), "own")
    assert own.levels()["age_band"] == ("30-39", "40-49", "50-59")
    assert own.levels()["tenure_band"] == ("none", "up_to_3", "over_3")
    assert own.references()["age_band"] == "30-39"


def test_main_levels_follow_where_a_benchmark_cuts() -> None:
    mains = codes.main_levels()

    def known(name: str, dimension: str) -> bool:
        factor, parts = mains[dimension]
        return has_mains(read_benchmark(shipped()[name]).levels()[factor], parts)

    assert known(DEFAULT, "tenure_main")
    assert known("reform_2010_2012", "tenure_main")  # with an edge at three years
    assert not known("youth_2021_2023", "age_main")  # all of one
    assert not has_mains(("none", "up_to_3", "over_3"), mains["tenure_main"][1])


def test_a_home_has_benchmarks_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "own.toml").write_text(OWN, encoding="utf-8")
    assert find_benchmark("own", tmp_path).years == (2003, 2004, 2005)
    settings = read_settings(home=tmp_path, benchmark="own", outcomes=("FJ",))
    assert settings.question.outcomes == ("FJ",)
    # Cells of what the file asks are made all the same: one load serves both.
    assert settings.question.variables()["outcomes"] == ["FP", "FJ"]


def test_frozen_settings_do_not_follow_the_environment(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    at_fit = read_settings(home=tmp_path, level=0.9, seed=4, age_last=59)
    kept = json.loads(json.dumps(at_fit.frozen()))
    monkeypatch.setenv("TILDELING_LEVEL", "0.8")
    (tmp_path / "tildeling.toml").write_text("seed = 9\nreleases_kept = 2\n", encoding="utf-8")
    now = read_settings(home=tmp_path)
    later = thawed(kept, now)
    assert (later.level, later.seed) == (0.9, 4)
    assert later.question.model_dump() == at_fit.question.model_dump()
    assert later.settings_hash == at_fit.settings_hash != now.settings_hash
    assert later.releases_kept == 2


#: Another value of every part of a declaration but its texts, by where it stands.
OTHERWISE: dict[str, object] = {
    "name": "another",
    "years": [2004, 2005],
    "baseline_years": [1999],
    "outcomes": ["FP"],
    "models": ["pooled"],
    "counted_in": "decision",
    "diagnosis_grouping": "chapter",
    "conditions": ["unemployment_rate"],
    "standards": ["lowest_5"],
    "sensitivity": ["prior"],
    "ages.first": 30,
    "ages.last": 60,
    "exclusions.after_outcomes": ["FP", "FJ"],
    "exclusions.states": [],
    "lookback.tenure_years": 9,
    "lookback.health_years": 4,
    "factors.names": ["age_band", "sex", "tenure_band", "mental_health", "family"],
    "factors.health": [],
    "factors.diagnosis": ["age_band"],
    "factors.tenure": "cash_weeks_band",
    "factors.bands": {"age_band": [40]},
}
#: A unit has one value, and years on their own are runs with years of their own.
ONE_VALUE = {"unit", "each_year", "title.da", "title.en", "description.da", "description.en"}


def leaves(values: dict[str, object], before: str = "") -> set[str]:
    """The places of what ``values`` hold, tables gone into but that of bands."""
    places: set[str] = set()
    for name, value in values.items():
        place = f"{before}{name}"
        is_table = isinstance(value, dict) and place != "factors.bands"
        places |= leaves(value, f"{place}.") if is_table else {place}
    return places


def test_every_part_of_a_declaration_is_known_to_the_other_tests() -> None:
    values = read_benchmark(shipped()[DEFAULT]).model_dump(mode="json")
    assert leaves(values) == OTHERWISE.keys() | ONE_VALUE


@pytest.mark.parametrize("place", OTHERWISE)
def test_what_is_asked_otherwise_is_another_run(place: str) -> None:
    """Its id, what a backfill takes for done and which fit stands follow the settings' hash."""
    settings = read_settings()
    values = settings.question.model_dump(mode="json")
    *tables, key = place.split(".")
    table = values
    for name in tables:
        table = table[name]
    assert table[key] != OTHERWISE[place]
    table[key] = OTHERWISE[place]
    other = settings.question.model_construct(**values)
    for name in ("ages", "exclusions", "lookback", "factors"):
        part = getattr(settings.question, name)
        changed = part.model_construct(**values[name])
        other = other.model_copy(update={name: changed})
    assert settings.asking(other).settings_hash != settings.settings_hash
