"""The fits of a night or backfill: one task per question, as many at once as memory holds.

``tildeling fit`` makes the same fits without Prefect.
"""

from __future__ import annotations

from typing import Any, cast

from prefect import Task, flow, task
from prefect.futures import wait

from flows import elsewhere
from flows.cluster import Cluster, cluster
from flows.guards import OPTIONS, done, without_traceback
from flows.runners import task_runner
from pipeline.frozen import thawed
from pipeline.night import apart, fits, steps
from pipeline.settings import Settings

#: Settings that are paths.
_PLACES = ("home", "codes_folder", "pseudonym_key_file")
# A night fits when it has loaded: its code is that of its beginning.
fits.code_fingerprint()


@task(name="fit benchmark", **OPTIONS)
@without_traceback
def fit_benchmark(settings: dict[str, Any], is_apart: bool) -> None:
    """Fit the one question of ``settings``, if need be in a process of its own."""
    fit = apart.fitted_apart if is_apart else fits.fitted
    fit(thawed(settings))


@flow(name="fit benchmarks", persist_result=False)
@without_traceback
def fit_benchmarks(runs: list[dict[str, Any]], is_apart: bool) -> None:
    """Fit the one question of each of ``runs`` (settings); all end before a failure is raised."""
    with apart.stopping(), cluster(thawed(runs[0])) as workers:
        fit = fit_benchmark if workers is None else _fit_on(workers)
        pending = [_named(fit, thawed(run)).submit(run, is_apart) for run in runs]
        wait(pending)
        for one in pending:
            one.result()


def fit_all(frozen: dict[str, Any]) -> None:
    """Fit every question of the settings ``frozen`` that no earlier fit answers.

    Several at once in processes of this machine or on a Dask cluster, whose workers see the home.
    Alone a fit is made where the flow runs: what stops the flow stops it.
    """
    settings = thawed(frozen)
    runs = steps.runs_to_fit(settings)
    n = len(runs) if settings.dask_address else apart.at_once(settings, len(runs))
    if n == 1:
        for run in runs:
            done(_named(fit_benchmark, run), run.frozen(), False)
        return
    at_once = fit_benchmarks.with_options(task_runner=task_runner(settings, n))
    done(at_once, [run.frozen() for run in runs], not settings.dask_address)


def _fit_on(workers: Cluster) -> Task[..., None]:
    """Return the task that has a fit made by ``workers``."""

    @task(name="fit benchmark", **OPTIONS)
    @without_traceback
    def fit_elsewhere(settings: dict[str, Any], _is_apart: bool) -> None:
        run = thawed(settings)
        # Where the worker began is another folder than where the night did.
        places = {
            name: str(getattr(run, name).absolute()) for name in _PLACES if getattr(run, name)
        }
        there = {**settings, "settings": {**settings["settings"], **places}}
        workers.do(f"fit {fits.named(run)}", elsewhere.fit, there)

    return cast("Task[..., None]", fit_elsewhere)


def _named(fit: Task[..., Any], run: Settings) -> Task[..., Any]:
    return fit.with_options(task_run_name=f"fit {fits.named(run)}")
