"""What generate does with folders and arguments: all or nothing, and never over foreign files."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import SettingsError, StorageError, TildelingError
from synthetic_data import generate, known_scenarios
from synthetic_data.ground.scenario import read_scenario

TINY = {"scale": 0.0003, "seed": 1, "first_year": 2005, "last_year": 2006, "workers": 1}


def test_foreign_folder_is_refused_and_untouched(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("all my work")
    with pytest.raises(TildelingError, match="not a generated country"):
        generate(out, **TINY)
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "thesis.txt"]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StorageError):
        generate(tmp_path / "out", **TINY)


def test_generated_folder_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    generate(out, **TINY)
    (out / "left_over.parquet").write_text("from an earlier run")
    summary = generate(out, **{**TINY, "seed": 2})
    assert json.loads((out / "synthetic.json").read_text())["seed"] == 2
    assert not (out / "left_over.parquet").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert summary.rows["bef"] > 0
    assert set(summary.rows) == set(summary.bytes)
    assert f"{summary.rows['bef']:,} rows" in str(summary)
    assert len(str(summary).splitlines()) == len(summary.rows) + 1


def test_what_a_killed_generation_left_is_removed_by_the_next(tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = (
        "import os, signal, sys; from pathlib import Path; from synthetic_data import generate;"
        "kill = lambda line: os.kill(os.getpid(), signal.SIGKILL);"
        f"generate(Path(sys.argv[1]), **{TINY}, progress=kill)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(out)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not out.exists()
    assert len(list(tmp_path.iterdir())) == 1
    generate(out, **TINY)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_failure_leaves_the_old_country(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    generate(out, **TINY)
    before = sorted(path.name for path in out.iterdir())

    def fail(*args: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(sys.modules["synthetic_data.files.partitions"], "write_parts", fail)
    with pytest.raises(OSError, match="no space"):
        generate(out, **{**TINY, "seed": 2})
    assert sorted(path.name for path in out.iterdir()) == before
    assert json.loads((out / "synthetic.json").read_text())["seed"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_mark_says_what_was_generated(tmp_path: Path) -> None:
    lines: list[str] = []
    generate(tmp_path / "out", **TINY, progress=lines.append)
    assert json.loads((tmp_path / "out" / "synthetic.json").read_text()) == {
        "is_synthetic": True,
        "mark": "SYNTETISKE DATA",
        "seed": 1,
        "scale": 0.0003,
        "first_year": 2005,
        "last_year": 2006,
        "scenario": "default",
        "generator_version": "5",
    }
    assert any(line.startswith("generated 1,") and " of 1," in line for line in lines)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scale": 0.0},
        {"scale": 1.5},
        {"seed": -1},
        {"first_year": 2006},
        {"first_year": 1980},
        {"workers": 0},
        {"scenario": "atlantis"},
    ],
)
def test_impossible_arguments_are_named(tmp_path: Path, wrong: dict) -> None:
    with pytest.raises(SettingsError, match=str(next(iter(wrong.values())))):
        generate(tmp_path / "out", **{**TINY, **wrong})
    assert list(tmp_path.iterdir()) == []


def test_scenarios_are_complete_and_the_variants_keep_the_rest() -> None:
    assert {"default", "no_practice"} <= set(known_scenarios())
    default, none = read_scenario("default"), read_scenario("no_practice")
    assert default.practice.spread_fp > 0
    assert none.practice.spread_fp == none.practice.spread_fj == none.practice.wobble == 0
    assert none.population == default.population
    assert none.intercepts == default.intercepts
