"""The same seed gives the same country, whoever makes it and in whatever pieces."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from synthetic_country import differing, tables

from synthetic_data import generate
from synthetic_data.files.partitions import (
    Made,
    Partition,
    in_order,
    make_partition,
    this_process,
)
from synthetic_data.files.plan import Plan
from synthetic_data.ground.rng import Stream
from synthetic_data.ground.scenario import read_scenario

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


def test_workers_threads_and_processes_change_no_byte(tmp_path: Path) -> None:
    """Whoever makes the partitions, and whichever is finished first, the files are the same."""
    small = {**SMALL, "block_persons": 2_000}
    generate(tmp_path / "one", **small, workers=1)
    generate(tmp_path / "two", **small, workers=2)
    with ThreadPoolExecutor(2) as pool:

        def threads(partitions: Sequence[Partition]) -> Iterator[Made]:
            return in_order(lambda p: pool.submit(make_partition, p), partitions, ahead=2)

        generate(tmp_path / "threads", **small, make=threads)
    one = bytes_by_file(tmp_path / "one")
    assert one == bytes_by_file(tmp_path / "two")
    assert one == bytes_by_file(tmp_path / "threads")


def test_partitions_come_in_order_and_few_wait() -> None:
    submitted: list[int] = []

    class Pending:
        def __init__(self, number: int) -> None:
            self.number = number

        def result(self) -> Made:
            assert len(submitted) - self.number <= 3
            return Made([], str(self.number), 0)

    def submit(partition: Partition) -> Pending:
        submitted.append(partition.first_id)
        return Pending(partition.first_id)

    partitions = [
        Partition("default", 0.1, 1, 2003, 2006, first, first + 1, "") for first in range(7)
    ]
    made = [done.process for done in in_order(submit, partitions, ahead=2)]
    assert made == [str(number) for number in range(7)]


def test_a_partition_made_again_is_the_same(tmp_path: Path) -> None:
    plan = Plan(read_scenario("default"), 0.0003, 3, 2004, 2006)
    first, last = plan.layout.blocks(10_000)[0]
    partition = Partition("default", 0.0003, 3, 2004, 2006, first, last, str(tmp_path / "parts"))
    unfinished = tmp_path / f"parts.{this_process()}"
    (unfinished / "left behind").mkdir(parents=True)
    made = make_partition(partition)
    before = bytes_by_file(tmp_path / "parts")
    again = make_partition(partition)
    assert (again.parts, again.process) == (made.parts, made.process)
    assert bytes_by_file(tmp_path / "parts") == before
    assert [path.name for path in tmp_path.iterdir()] == ["parts"]
    assert made.peak_bytes > 1e7


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
