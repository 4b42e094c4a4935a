"""What a night found, in a few numbers of the published release."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.errors import existing
from pipeline.manifest import marks_of
from pipeline.settings import Settings
from pipeline.warehouse.frames import published as published_frames


@dataclass(frozen=True)
class Headline:
    """What a night found, in a few numbers: one row per outcome of the ``within`` model."""

    run_id: str
    marks: tuple[str, ...]
    table: pd.DataFrame
    n_quarantined: int
    n_warnings: int


def headline(settings: Settings) -> Headline:
    """Return the few numbers of the published release that a log or artifact shows."""
    published = existing(settings.benchmark_path, "tildeling nightly")
    table = published_frames.read_headline(published)
    run = published_frames.read_run(published)
    quality = published_frames.read_published_quality(published)
    return Headline(
        run_id=str(run["run_id"]),
        marks=marks_of(str(run["settings"]), is_synthetic=bool(run["is_synthetic"])),
        table=table,
        n_quarantined=int(
            quality.loc[quality["check"] == "rows_accounted_for", "n_quarantined"].sum()
        ),
        n_warnings=int((quality["status"] == "warn").sum()),
    )
