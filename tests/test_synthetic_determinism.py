"""The same seed gives the same country, whoever makes it and in whatever pieces."""

from pathlib import Path

import numpy as np
from synthetic_country import differing, tables

from synthetic_data import generate
from synthetic_data.rng import Stream

SMALL = {"scale": 0.001, "seed": 3, "first_year": 2003, "last_year": 2006}


def bytes_by_file(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_block_size_changes_no_row(tmp_path: Path) -> None:
    generate(tmp_path / "one", **SMALL, workers=1)
    generate(tmp_path / "many", **SMALL, workers=1, block_persons=777)
    assert differing(tables(tmp_path / "one"), tables(tmp_path / "many")) == []


def test_workers_and_repetition_change_no_byte(tmp_path: Path) -> None:
    for name, workers in (("one", 1), ("two", 2), ("again", 2)):
        generate(tmp_path / name, **SMALL, workers=workers, block_persons=1_500)
    one, two = bytes_by_file(tmp_path / "one"), bytes_by_file(tmp_path / "two")
    assert one == two
    assert two == bytes_by_file(tmp_path / "again")


def test_another_seed_gives_another_country(tmp_path: Path) -> None:
    generate(tmp_path / "three", **SMALL, workers=1)
    generate(tmp_path / "four", **{**SMALL, "seed": 4}, workers=1)
    three, four = tables(tmp_path / "three"), tables(tmp_path / "four")
    of_the_scenario = {"truth/condition_effect.parquet", "truth/underreported.parquet"}
    assert differing(three, four) == sorted((three.keys() | four.keys()) - of_the_scenario)


def test_draws_are_uniform_and_unrelated_between_variables_years_and_persons() -> None:
    stream = Stream(1, np.arange(100_000))
    draws = np.stack(
        [stream.uniform(name, year) for name in ("a", "b") for year in (2000, 2001, 2002)]
        + [stream.uniform("a", 2000, counter=1), Stream(2, np.arange(100_000)).uniform("a", 2000)]
    )
    assert np.abs(draws.mean(axis=1) - 0.5).max() < 0.005
    assert np.abs(draws.var(axis=1) - 1 / 12).max() < 0.001
    between = np.corrcoef(draws)
    np.fill_diagonal(between, 0.0)
    assert np.abs(between).max() < 0.015
    neighbours = [np.corrcoef(row[:-1], row[1:])[0, 1] for row in draws]
    assert np.abs(neighbours).max() < 0.015


def test_a_draw_depends_on_the_person_only() -> None:
    whole = Stream(5, np.arange(1000))
    part = Stream(5, np.arange(400, 600))
    np.testing.assert_array_equal(
        whole.uniform("x", 2001)[400:600], part.uniform("x", 2001, rows=np.arange(200))
    )
    rows, counters = np.array([450, 450]), np.array([0, 1])
    np.testing.assert_array_equal(
        whole.bits("x", 2001, rows, counters), part.bits("x", 2001, rows - 400, counters)
    )
    assert whole.bits("x", 2001, rows, counters)[0] != whole.bits("x", 2001, rows, counters)[1]
