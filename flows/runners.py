"""Who runs the tasks of parallel work: threads of this machine, or a Dask cluster."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from pipeline.errors import SettingsError
from pipeline.settings import Settings


def task_runner(settings: Settings, at_once: int | None = None) -> TaskRunner[Any]:
    """Return the task runner that ``settings`` choose, on this machine of ``at_once`` tasks.

    Raises :class:`SettingsError` when a Dask scheduler is named and prefect-dask is not installed.
    """
    if settings.dask_address:
        if find_spec("prefect_dask") is None:
            raise SettingsError(
                f"dask_address is {settings.dask_address}, and prefect-dask is not installed.",
                next_step="install it here and on the workers (pip install 'tildeling[dask]'), or "
                "leave dask_address out.",
            )
        from prefect_dask import DaskTaskRunner

        return DaskTaskRunner(address=settings.dask_address)
    return ThreadPoolTaskRunner(max_workers=at_once or settings.workers)
