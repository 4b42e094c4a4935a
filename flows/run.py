"""Running the nightly flow from the command line."""

from __future__ import annotations

from pathlib import Path

from flows import environment
from pipeline.settings import Settings


def run_nightly(settings: Settings, *, extracts: Path | None) -> None:
    """Run one night in this process; raises the user error that stopped it, if one did."""
    settings.home.mkdir(parents=True, exist_ok=True)
    environment.prepare(settings.home)
    from flows.nightly import nightly

    nightly(
        home=str(settings.home),
        scale=settings.scale,
        scenario=settings.scenario,
        seed=settings.seed,
        window=settings.window,
        extracts=str(extracts) if extracts else None,
    )
