"""Runs of the release in place that the next one carries on as they are.

A night answers its benchmarks anew and its release holds those, and beside them the years that a
backfill made: those stay until a night or another backfill answers the same benchmark and years. A
backfill carries on everything that it does not make. What is carried on keeps its run id, its time
and the hash of what it was made of.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace

from pipeline import disclosure
from pipeline.disclosure import ProtectedFrames
from pipeline.manifest import BACKFILLED, Run, Source
from pipeline.night.protection import OF_TOTALS
from pipeline.settings import Settings
from pipeline.warehouse.frames.released import released_frames, released_runs
from pipeline.warehouse.publication.release_file import DISCLOSURE
from pipeline.warehouse.publication.releases import current_release

LOG = logging.getLogger("tildeling")
Released = tuple[ProtectedFrames, Run]


def with_carried(made: Sequence[Released], settings: Settings) -> list[Released]:
    """Return the runs of the next release of the home of ``settings``, numbered from 1.

    ``made`` are those that were fitted, published under ``settings``. Carried on are runs about
    the same country only: of real extracts, or of the same files of a synthetic one.
    """
    is_backfill = any(run.status == BACKFILLED for _, run in made)
    answered = {(run.benchmark, run.years): (frames, run) for frames, run in made}
    first = made[0][1]
    order: list[Released] = []
    for run in _in_place(settings):
        if (run.benchmark, run.years) in answered:
            if is_backfill:
                order.append(answered.pop((run.benchmark, run.years)))
        elif (is_backfill or run.status == BACKFILLED) and is_same_country(run, first):
            carried = _carried(settings, run)
            if carried is not None:
                order.append((carried, run))
    runs = [*order, *answered.values()] if is_backfill else [*made, *order]
    return [(frames, replace(run, run_order=at)) for at, (frames, run) in enumerate(runs, 1)]


def is_same_country(run: Run, other: Run | Source) -> bool:
    """Return whether both are about the same people: a synthetic country is its files."""
    if run.is_synthetic or other.is_synthetic:
        return run.is_synthetic and other.is_synthetic and run.input_hash == other.input_hash
    return True


def _in_place(settings: Settings) -> list[Run]:
    now = current_release(settings.home)
    return released_runs(now.path) if now is not None and now.is_whole else []


def _carried(settings: Settings, run: Run) -> ProtectedFrames | None:
    now = current_release(settings.home)
    assert now is not None
    frames = released_frames(now.path, run.run_id)
    if frames is None:
        LOG.warning(
            "publish: %s %s is of another version and is not carried on; backfill it again",
            run.benchmark,
            run.years,
        )
        return None
    under = json.loads(run.settings)["settings"]
    is_checked = under["disclosure_method"] == "cell_key"
    return disclosure.protect(
        frames,
        DISCLOSURE,
        smallest_shown=under["disclosure_threshold"] if is_checked else 1,
        exact=OF_TOTALS if under["disclosure_totals"] == "exact" else (),
    )
