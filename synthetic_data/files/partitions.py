"""Generation in partitions: blocks of persons, each made by whoever is free and merged in order.

A partition is a few plain values and gives files in a folder of its own, so that it can be made in
this process, in a pool of processes, or by any task runner whose workers see the same folders.
What is made depends on neither.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import resource
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from synthetic_data.files.blocks import FileKey, generate_block
from synthetic_data.files.plan import Plan
from synthetic_data.files.writers import write_parts
from synthetic_data.ground.scenario import read_scenario


@dataclass(frozen=True)
class Partition:
    """The persons ``first_id`` to ``last_id - 1`` of a country, and where their parts go."""

    scenario: str
    scale: float
    seed: int
    first_year: int
    last_year: int
    first_id: int
    last_id: int
    folder: str
    further: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """The parts of a partition with their rows, and the process that made them.

    ``peak_bytes`` is the most memory the process has held so far.
    """

    parts: list[tuple[FileKey, int]]
    process: str
    peak_bytes: int


class Pending(Protocol):
    """What a pool or task runner gives back at once: a promise of a made partition."""

    def result(self) -> Made:
        """Wait for the partition; raises what making it raised."""
        ...


#: Makes partitions, in whatever order, and yields them in theirs.
MakePartitions = Callable[[Sequence[Partition]], Iterator[Made]]


@lru_cache(maxsize=2)
def plan_of(
    scenario: str,
    scale: float,
    seed: int,
    first_year: int,
    last_year: int,
    further: tuple[str, ...] = (),
) -> Plan:
    """Return the plan of a country; drawing its municipalities takes part of a second, once."""
    return Plan(read_scenario(scenario), scale, seed, first_year, last_year, further)


def make_partition(partition: Partition) -> Made:
    """Write the parts of ``partition`` into its folder, and say what they are.

    The folder comes there whole. The same partition gives the same files, so that one that failed
    can be made again, and one that two made, of whom one was given up, is that of the first.
    """
    p = partition
    plan = plan_of(p.scenario, p.scale, p.seed, p.first_year, p.last_year, tuple(p.further))
    folder = Path(p.folder)
    beside = folder.with_name(f"{folder.name}.{this_process()}")
    shutil.rmtree(beside, ignore_errors=True)
    parts = write_parts(generate_block(plan, p.first_id, p.last_id), beside)
    try:
        beside.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(beside)
    return Made(parts, this_process(), peak_bytes())


def in_this_process(partitions: Sequence[Partition]) -> Iterator[Made]:
    """Make one partition after the other."""
    return map(make_partition, partitions)


def in_processes(workers: int) -> MakePartitions:
    """Return what makes partitions in a pool of ``workers`` processes; one needs no pool."""

    def make(partitions: Sequence[Partition]) -> Iterator[Made]:
        if min(workers, len(partitions)) == 1:
            yield from in_this_process(partitions)
            return
        with process_pool(min(workers, len(partitions))) as pool:
            yield from in_order(lambda p: pool.submit(make_partition, p), partitions, workers)

    return make


def process_pool(workers: int) -> ProcessPoolExecutor:
    """Return a pool of ``workers`` processes.

    They are started afresh: forking a process with Arrow's or DuckDB's threads may deadlock.
    """
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def in_order(
    submit: Callable[[Partition], Pending], partitions: Sequence[Partition], ahead: int
) -> Iterator[Made]:
    """Yield the partitions in their order, ``ahead`` of them submitted beside the one awaited.

    What is made too early waits on disk, so that no more than that many can.
    """
    waiting: deque[Pending] = deque()
    for partition in partitions:
        waiting.append(submit(partition))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def this_process() -> str:
    """Return a name of this process that no other of the run has."""
    return f"{platform.node()}:{os.getpid()}"


def peak_bytes() -> int:
    """Return the most memory this process has held so far, in bytes.

    Linux tells it for the program that runs; getrusage also counts what a parent held when it
    started this process.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    held = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return 1024 * int(held.split()[1])
