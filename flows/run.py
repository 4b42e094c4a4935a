"""Running the flows from the command line."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flows import environment
from pipeline.errors import SettingsError, TildelingError
from pipeline.settings import Settings


def run_nightly(settings: Settings, *, extracts: Path | None) -> None:
    """Run one night in this process; raises the user error that stopped it, if one did.

    :class:`~pipeline.errors.StorageError` too where the Prefect server is away or cannot start.
    """
    _run(
        settings,
        "nightly",
        home=str(settings.home),
        scale=settings.scale,
        scenario=settings.scenario,
        seed=settings.seed,
        benchmark=settings.benchmark,
        extracts=str(extracts) if extracts else None,
    )


def run_backfill(
    settings: Settings, years: tuple[int, int], *, extracts: Path | None, again: bool
) -> None:
    """Run a backfill of ``years``, first and last, in this process; errors as of a night."""
    _run(
        settings,
        "backfill",
        benchmark=settings.benchmark,
        first_year=years[0],
        last_year=years[1],
        home=str(settings.home),
        extracts=str(extracts) if extracts else None,
        again=again,
    )


def _run(settings: Settings, name: str, **parameters: Any) -> None:
    """Run the flow ``name`` with ``parameters``."""
    settings.home.mkdir(parents=True, exist_ok=True)
    environment.prepare(settings.home)
    try:
        flow = getattr(import_module(f"flows.{name}"), name)
        from flows.server import is_of_prefect, refuse_absent_server, server_error
    except ValidationError as error:
        faults = "\n".join(f"  - {fault['msg']}" for fault in error.errors())
        raise SettingsError(
            f"Prefect cannot use its settings:\n{faults}",
            next_step="mend the PREFECT_* variables of the environment, or unset them: a night "
            "needs none.",
        ) from None

    refuse_absent_server()
    try:
        flow(**parameters)
    except TildelingError:
        raise
    except Exception as error:
        if not is_of_prefect(error):
            raise
        raise server_error(error) from None
