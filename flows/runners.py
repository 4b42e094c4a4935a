"""Who runs the tasks of parallel work: threads, each of which has others do its piece and waits."""

from __future__ import annotations

from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from pipeline.settings import Settings


def task_runner(settings: Settings, at_once: int | None = None) -> TaskRunner[Any]:
    """Return the task runner for ``settings``, on this machine of ``at_once`` tasks.

    With a Dask cluster of as many as are submitted: who submits knows how many workers there are.
    """
    if settings.dask_address:
        return ThreadPoolTaskRunner()
    return ThreadPoolTaskRunner(max_workers=at_once or settings.workers)
