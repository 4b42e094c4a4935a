"""Running the nightly flow from the command line."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from flows import environment
from pipeline.errors import SettingsError, TildelingError
from pipeline.settings import Settings


def run_nightly(settings: Settings, *, extracts: Path | None) -> None:
    """Run one night in this process; raises the user error that stopped it, if one did.

    :class:`~pipeline.errors.StorageError` too where the Prefect server is away or cannot start.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    environment.prepare(settings.home)
    try:
        from flows.nightly import nightly
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
        nightly(
            home=str(settings.home),
            scale=settings.scale,
            scenario=settings.scenario,
            seed=settings.seed,
            benchmark=settings.benchmark,
            extracts=str(extracts) if extracts else None,
        )
    except TildelingError:
        raise
    except Exception as error:
        if not is_of_prefect(error):
            raise
        raise server_error(error) from None
