"""The synthetic country as a flow of its own: one task per partition, on the chosen task runner.

``tildeling generate`` makes the same partitions in a plain pool of processes, without Prefect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from prefect import Task, flow, task

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
        with _pool(options) as pool:
            generate_partition = _partition_task(pool)

            def submit(partition: Partition) -> Pending:
                return cast("Pending", generate_partition.submit(asdict(partition)))

            yield from in_order(submit, partitions, ahead=options.workers)

    return str(synthetic.generate(options, Path(out), years=options.synthetic_years, make=make))


def _pool(options: Settings) -> AbstractContextManager[ProcessPoolExecutor | None]:
    """Return processes for the tasks' work, or none where the tasks are on machines of their own.

    A task in a thread hands its partition to a process and waits: Python works in one thread at a
    time, and a task runner's own processes would each start a Prefect server when none is running.
    """
    if options.dask_address or options.workers == 1:
        return nullcontext()
    return process_pool(options.workers)


def _partition_task(pool: ProcessPoolExecutor | None) -> Task[..., Made]:
    """Return the task that makes a partition in ``pool``, or where it runs itself."""

    @task(name="generate partition", **RETRIED)
    def generate_partition(partition: dict[str, Any]) -> Made:
        """Make the parts of one partition; return their names and rows, never the rows."""
        part = Partition(**partition)
        if pool is None:
            return make_partition(part)
        return pool.submit(make_partition, part).result()

    return generate_partition
