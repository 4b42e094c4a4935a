"""Settings: where they come from, what they refuse, and what is part of their hash."""

from __future__ import annotations

import hashlib
import json
import pickle

import pytest

from pipeline.benchmarks.overrides import OF_QUESTION
from pipeline.errors import ExtractError, SettingsError, TildelingError
from pipeline.manifest import Source, run_id
from pipeline.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch, tmp_path):
    """No setting of the machine the tests run on."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TILDELING_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(monkeypatch, tmp_path):
    (tmp_path / "tildeling.toml").write_text("seed = 3\nscale = 0.3\nrank_draws = 3000\n")
    monkeypatch.setenv("TILDELING_SEED", "2")
    monkeypatch.setenv("TILDELING_SCALE", "0.2")
    settings = read_settings(seed=1, scale=None)
    assert (settings.seed, settings.scale, settings.rank_draws) == (1, 0.2, 3000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": 0}, "scale"),
        ({"scale": 1.5}, "scale"),
        ({"window": "akf"}, "akf_2006_2007"),
        ({"outcomes": ("FP", "XX")}, "XX"),
        ({"models": ()}, "allowed: 1 or more"),
        ({"home": "/tmp/what?/home"}, "has a question mark in its path"),
        ({"languages": ("de",)}, "de"),
        ({"age_first": 50, "age_last": 40}, "first 50 is above last 40"),
        ({"no_such_setting": 1}, "no_such_setting"),
    ],
)
def test_an_impossible_setting_is_named(options, message):
    with pytest.raises(SettingsError, match=message):
        read_settings(**options)


def test_every_setting_is_described():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("options", [{"home": "/x"}, {"threads": 1}, {"releases_kept": 9}])
def test_where_and_how_fast_is_not_part_of_the_hash(options):
    assert read_settings(**options).settings_hash == read_settings().settings_hash


@pytest.mark.parametrize(
    "options",
    [
        {"seed": 2},
        {"disclosure_threshold": 3},
        {"level": 0.9},
        {"lowest_k": 5},
        {"standards": ("quantile_25",)},
    ],
)
def test_what_can_change_a_number_is_part_of_the_hash(options):
    assert read_settings(**options).settings_hash != read_settings().settings_hash


def test_what_is_published_is_what_the_hash_is_over(tmp_path):
    settings = read_settings(home=tmp_path / "home", seed=7, disclosure_method="none", threads=3)
    rows = {row["setting"]: row for row in settings.published()}
    values = {name: json.loads(row["value"]) for name, row in rows.items()}
    text = json.dumps(values, sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == settings.settings_hash
    assert (values["seed"], values["disclosure_method"]) == (7, "none")
    assert values["outcomes"] == ["FP", "FJ", "ANY"]
    assert not {"home", "threads", "memory_limit"} & set(rows)
    assert str(tmp_path) not in str(rows)
    described = {name: field.description for name, field in Settings.model_fields.items()}
    described = {name: {**described, **OF_QUESTION}[name] for name in rows}
    assert {name: row["description"] for name, row in rows.items()} == described


def test_a_run_id_follows_from_input_settings_and_code():
    source = Source("hash", is_synthetic=True, scale=0.1)
    settings = read_settings()
    same = run_id(source, settings, "0.1.0")
    assert same == run_id(source, read_settings(home="/elsewhere"), "0.1.0")
    assert same.startswith("akf_2006_2007-")
    assert same != run_id(source, settings, "0.1.1")
    assert same != run_id(Source("other", is_synthetic=True), settings, "0.1.0")
    assert same != run_id(source, read_settings(seed=2), "0.1.0")


def test_errors_survive_a_process_boundary_with_all_parts():
    error = ExtractError("what", expected="this", found="that", next_step="do")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is ExtractError
    assert copy.message == error.message == "what\n  Expected: this\n  Found: that\n  Next: do"


def test_every_kind_of_error_has_its_own_exit_code():
    kinds = TildelingError.__subclasses__()
    codes = [kind.exit_code for kind in kinds]
    assert len(set(codes)) == len(kinds) >= 6
    assert not {0, 1, 2} & set(codes)


@pytest.mark.parametrize("name", ["lowest_0", "quantile_100", "municipality_", "best"])
def test_a_standard_that_nobody_knows_is_refused(name):
    with pytest.raises(SettingsError, match="standards"):
        read_settings(standards=(name,))
