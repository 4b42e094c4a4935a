"""The synthetic country as a flow of its own: one task per partition, on the chosen task runner.

``tildeling generate`` makes the same partitions in a plain pool of processes, without Prefect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, cast

from prefect import Task, flow, task

from flows import elsewhere
from flows.cluster import Cluster, cluster
from flows.guards import RETRIED, without_traceback
from pipeline.frozen import thawed
from pipeline.night import synthetic
from pipeline.settings import Settings
from synthetic_data.files.partitions import (
    Made,
    Partition,
    Pending,
    in_order,
    make_partition,
    process_pool,
)


@flow(name="generate synthetic registers", persist_result=False)
@without_traceback
def generate_registers(settings: dict[str, Any], out: str) -> str:
    """Return the folder of a synthetic country written anew, with the look-backs."""
    options = thawed(settings)

    def make(partitions: Sequence[Partition]) -> Iterator[Made]:
        with _hands(options) as (do, n_at_once):
            generate_partition = _partition_task(do)

            def submit(partition: Partition) -> Pending:
                return cast("Pending", generate_partition.submit(asdict(partition)))

            yield from in_order(submit, partitions, ahead=n_at_once)

    return str(synthetic.generate(options, Path(out), years=options.synthetic_years, make=make))


@contextmanager
def _hands(options: Settings) -> Iterator[tuple[Callable[[Partition], Made], int]]:
    """Yield what makes a partition for a task that waits, and how many it can at once.

    Processes of this machine, or a cluster's. Python works in one thread at a time, and a task
    runner's own processes would each start a Prefect server when none is running.
    """
    with cluster(options) as workers:
        if workers is not None:
            yield partial(_on, workers), max(workers.n_workers, 1)
        elif options.workers == 1:
            yield make_partition, 1
        else:
            with process_pool(options.workers) as pool:
                yield lambda part: pool.submit(make_partition, part).result(), options.workers


def _on(workers: Cluster, part: Partition) -> Made:
    name = f"persons {part.first_id:,} to {part.last_id - 1:,}"
    return cast("Made", workers.do(name, elsewhere.partition, part))


def _partition_task(do: Callable[[Partition], Made]) -> Task[..., Made]:
    """Return the task that has a partition made by ``do``."""

    @task(name="generate partition", **RETRIED)
    def generate_partition(partition: dict[str, Any]) -> Made:
        """Make the parts of one partition; return their names and rows, never the rows."""
        return do(Partition(**partition))

    return generate_partition
