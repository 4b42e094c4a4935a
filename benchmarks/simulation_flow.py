"""Seeds of the simulation study as Prefect tasks, made by the workers of a Dask cluster."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from benchmarks import simulation_study
from benchmarks.simulation_study import Study
from flows import environment
from pipeline.runlog import log_to_terminal
from pipeline.settings import read_settings


def run_on_cluster(
    jobs: list[tuple[Study, int]], folder: Path, address: str
) -> list[tuple[Study, int]]:
    """Return ``jobs`` when the file of each is in ``folder``; the log says who made it.

    Twice as many as there are workers are on their way at once.
    """
    settings = read_settings(home=folder, dask_address=address)
    environment.prepare(folder)
    log_to_terminal()
    # Prefect reads its environment when it is imported.
    from prefect import flow, task

    from flows.cluster import cluster
    from flows.guards import OPTIONS
    from flows.runners import task_runner

    @flow(name="simulation study", task_runner=task_runner(settings), persist_result=False)
    def seeds() -> None:
        with cluster(settings) as workers:
            assert workers is not None

            @task(name="seed", **OPTIONS)
            def one(study: Study, seed: int) -> None:
                named = f"seed {seed} of {study.name}"
                # Known to the workers by its module, which this program runs as its main one.
                made = workers.do(named, simulation_study.result_of, study, seed)
                simulation_study.write_result(study, seed, folder, made)

            waiting = deque()
            for job in jobs:
                waiting.append(one.submit(*job))
                if len(waiting) > 2 * workers.n_workers:
                    waiting.popleft().result()
            for future in waiting:
                future.result()

    seeds()
    return jobs
