"""What every task keeps to: user errors without traceback, nothing cached, few retries."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from prefect import Flow, Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Failed

from pipeline.errors import TildelingError

P = ParamSpec("P")


def without_traceback(function: Callable[P, Any]) -> Callable[P, Any]:
    """Return ``function`` with user errors turned into a failed state that carries them."""

    @wraps(function)
    def guarded(*arguments: P.args, **named: P.kwargs) -> Any:
        try:
            return function(*arguments, **named)
        except TildelingError as error:
            # Prefect keeps the state to the end of the process, and a traceback the database in it:
            # DuckDB would then complain on the terminal about connections never closed.
            error.__traceback__ = error.__context__ = error.__cause__ = None
            return Failed(message=error.message, data=error)

    return guarded


def done(step: Task[..., Any] | Flow[..., Any], *arguments: Any) -> Any:
    """Return the value of the task or flow ``step``; raises what it failed with.

    Called plainly, one that ends in a failed state of its own making gives that state as if it
    were its value.
    """
    return cast("State[Any]", step(*arguments, return_state=True)).result()


def may_pass(_task: Any, _run: TaskRun, state: State) -> bool:
    """Return whether a failed task is worth another try: the file system failed, not the data."""
    return isinstance(state.result(raise_on_failure=False), OSError)


#: A task that is tried once.
OPTIONS: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
#: A task that is tried again when the file system is briefly away.
RETRIED: dict[str, Any] = {
    **OPTIONS,
    "retries": 2,
    "retry_delay_seconds": [10, 60],
    "retry_condition_fn": may_pass,
}
