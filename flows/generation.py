"""The synthetic country as a flow of its own: one task per partition, on the chosen task runner.

``tildeling generate`` makes the same partitions in a plain pool of processes, without Prefect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from prefect import flow, task

from flows.guards import RETRIED, without_traceback
from pipeline import steps
from pipeline.settings import read_settings
from synthetic_data.partitions import Made, Partition, Pending, in_order, make_partition


@task(name="generate partition", **RETRIED)
def generate_partition(partition: dict[str, Any]) -> Made:
    """Make the parts of one partition; return their names and rows, never the rows."""
    return make_partition(Partition(**partition))


@flow(name="generate synthetic registers", persist_result=False)
@without_traceback
def generate_registers(settings: dict[str, Any], out: str) -> str:
    """Return the folder of a synthetic country written anew, for the window's look-backs."""
    chosen = read_settings(**settings)

    def submit(partition: Partition) -> Pending:
        return cast("Pending", generate_partition.submit(asdict(partition)))

    def make(partitions: Sequence[Partition]) -> Iterator[Made]:
        return in_order(submit, partitions, ahead=chosen.workers)

    return str(steps.generate(chosen, Path(out), years=chosen.synthetic_years, make=make))
