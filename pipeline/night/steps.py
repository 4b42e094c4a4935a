"""The steps of a night, each from paths to paths.

Both the command line and the Prefect flow call these and nothing below them. A step replaces its
output whole, can be run alone, and raises :class:`~pipeline.errors.TildelingError` for anything a
user can mend. Steps say how far they are through the ``tildeling`` logger.
"""

from __future__ import annotations

import json
import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from pipeline.errors import StorageError
from pipeline.frozen import thawed
from pipeline.manifest import finished_run
from pipeline.settings import Settings
from pipeline.warehouse.database.private import closed_folder, link_restricted
from pipeline.warehouse.frames import published as published_frames
from pipeline.warehouse.frames import read
from pipeline.warehouse.marts.current import refuse_outdated
from pipeline.warehouse.marts.inspection import Inspection, inspect_extracts
from pipeline.warehouse.marts.load import LoadSummary, load_extracts
from pipeline.warehouse.publication.leftovers import UNPUBLISHED
from pipeline.warehouse.publication.publish import Release, publish_release, release_name
from pipeline.warehouse.publication.releases import current_release, refuse_changed

LOG = logging.getLogger("tildeling")

#: Beside the unpublished tables: when the fit began, and the settings and benchmark it was under.
_STARTED, _FROZEN = "started_at", "frozen.json"


def check(settings: Settings, extracts: Path) -> Inspection:
    """Return what :func:`load` would find in ``extracts``; nothing is loaded or written."""
    return inspect_extracts(extracts, settings, progress=LOG.info)


def load(settings: Settings, extracts: Path, *, full: bool = False) -> LoadSummary:
    """Return what was loaded from ``extracts`` into ``registers.duckdb``, which is replaced.

    What an earlier load did and would come out the same is kept, unless ``full``. What is about
    single persons lies in folders that only this user can enter; ``registers.duckdb`` in the home
    is a link into one.
    """
    registers = link_restricted(settings.registers_path)
    quarantine = closed_folder(settings.home / "quarantine") / "quarantine.csv"
    summary = load_extracts(
        extracts,
        registers,
        settings=settings,
        full=full,
        quarantine=quarantine,
        progress=LOG.info,
    )
    for line in summary.skipped():
        LOG.info("load: %s", line)
    read.export_quarantine(settings.registers_path, quarantine, settings)
    return summary


def fit(settings: Settings) -> Path:
    """Return the folder with the unpublished result tables of the benchmark.

    Reads ``registers.duckdb``, fits every outcome and model of ``settings`` and writes one Parquet
    file per result table. They are for this home's owner until :func:`publish` has put them through
    disclosure control: unless counts have noise they still hold small ones.
    """
    from pipeline.night.gate import write_entry
    from pipeline.night.results import make_results

    started_at = datetime.now(UTC)
    frozen = json.dumps(settings.frozen(), sort_keys=True)
    registers = existing(settings.registers_path, "tildeling load --extracts DIR")
    refuse_outdated(registers, settings)
    LOG.info(
        "fit: %s, %s", ", ".join(settings.question.outcomes), ", ".join(settings.question.models)
    )
    # With several BLAS threads the last digits would depend on how many there are.
    with threadpool_limits(limits=1, user_api="blas"):
        frames = make_results(registers, settings)
    folder = settings.home / UNPUBLISHED
    beside = folder.with_suffix(".next")
    for stale in (beside, folder):
        shutil.rmtree(stale, ignore_errors=True)
    beside.mkdir(mode=0o700)
    for table, frame in frames.items():
        frame.to_parquet(beside / f"{table}.parquet", index=False)
    write_entry(registers, settings, beside)
    (beside / _STARTED).write_text(started_at.isoformat())
    (beside / _FROZEN).write_text(frozen, encoding="utf-8")
    beside.rename(folder)
    return folder


def is_synthetic(settings: Settings) -> bool:
    """Return whether the loaded registers come from the generator."""
    return read.read_source(settings.registers_path).is_synthetic


def score(settings: Settings, truth_folder: Path) -> pd.DataFrame:
    """Return how well the unpublished results recover the truth in ``truth_folder``.

    One row per outcome, model and measure, which also becomes the ``recovery`` table of the next
    release.
    """
    from pipeline.night import truth

    folder = existing(settings.home / UNPUBLISHED, "tildeling fit")
    recovery = truth.score(
        truth_folder,
        benchmark=pd.read_parquet(folder / "benchmark.parquet"),
        ranking=pd.read_parquet(folder / "ranking.parquet"),
        counterfactual=pd.read_parquet(folder / "counterfactual.parquet"),
        completeness=pd.read_parquet(folder / "completeness.parquet"),
        settings=_of_fit(folder, settings),
    )
    recovery.to_parquet(folder / "recovery.parquet", index=False)
    return recovery


def score_published(settings: Settings, truth_folder: Path) -> pd.DataFrame:
    """Return how well the published release recovers the truth in ``truth_folder``."""
    from pipeline.night import truth

    published = existing(settings.benchmark_path, "tildeling nightly")
    told = str(published_frames.read_run(published)["settings"])
    return truth.score(
        truth_folder,
        benchmark=published_frames.read_result(published, "benchmark"),
        ranking=published_frames.read_result(published, "ranking"),
        counterfactual=published_frames.read_result(published, "counterfactual"),
        completeness=published_frames.read_result(published, "completeness"),
        settings=thawed(json.loads(told), settings),
    )


def publish(settings: Settings, *, approve: bool = False) -> Release:
    """Return the release made of the unpublished results, after disclosure control and checks.

    Under the settings and benchmark of the fit; of ``settings`` counts only where and how fast.
    Where the release in place shows the same, that one, and nothing is published. Results that
    beside earlier releases would single persons out stay staged, with a :class:`PublishError`
    that says why, unless ``approve``.
    """
    from pipeline.night import gate
    from pipeline.night.results import protect

    folder = existing(settings.home / UNPUBLISHED, "tildeling fit")
    settings = _of_fit(folder, settings)
    frames = {
        path.stem: pd.read_parquet(path)
        for path in sorted(folder.glob("*.parquet"))
        if path.stem != gate.ENTRY_FILE
    }
    frames["setting"] = pd.DataFrame(_published_settings(settings))
    started_at = datetime.fromisoformat((folder / _STARTED).read_text())
    run = finished_run(read.read_source(settings.registers_path), settings, started_at)
    with threadpool_limits(limits=1, user_api="blas"):
        protected = protect(frames, settings)
    now = current_release(settings.home)
    if now and now.is_whole and gate.is_published(settings, now.name, protected):
        LOG.info("publish: nothing has changed since %s, which stays in place", now.path.name)
        shutil.rmtree(folder)
        return now
    if not approve:
        gate.refuse_singled_out(settings, folder)
    with gate.recorded(settings, release_name(run), folder, protected):
        release = publish_release(
            protected,
            run,
            settings.home,
            releases_kept=settings.releases_kept,
            max_shrink_share=settings.max_shrink_share,
        )
    shutil.rmtree(folder)
    LOG.info("publish: %s", release.path.name)
    return release


def publish_staged(home: Path, *, approve: bool) -> Release:
    """Return the release made of what lies staged in ``home``, with the settings of its fit."""
    frozen = _frozen(home / UNPUBLISHED)
    here = {**frozen["settings"], "home": home}
    return publish(thawed({**frozen, "settings": here}), approve=approve)


def report(settings: Settings) -> list[Path]:
    """Return the pages written into ``report/`` from the published release.

    The folder is replaced whole. Raises :class:`PublishError` when the release is not as it was
    published.
    """
    import reports

    published = existing(settings.benchmark_path, "tildeling nightly")
    release = current_release(settings.home)
    if release is not None:
        refuse_changed(release)
    folder = settings.home / "report"
    pages = reports.build_report(
        published, folder, languages=settings.languages, workers=settings.workers
    )
    LOG.info("report: %s", ", ".join(page.name for page in pages))
    return pages


def _published_settings(settings: Settings) -> list[dict[str, str]]:
    """Return the settings behind the numbers, and on synthetic data the scenario loaded."""
    scenario = read.read_source(settings.registers_path).scenario
    listed = settings.published()
    if scenario is not None:
        description = str(Settings.model_fields["scenario"].description)
        listed.append(
            {"setting": "scenario", "value": json.dumps(scenario), "description": description}
        )
    return sorted(listed, key=lambda row: row["setting"])


def _of_fit(folder: Path, now: Settings) -> Settings:
    """Return the settings of the fit that left ``folder``, with places and speed of ``now``."""
    return thawed(_frozen(folder), now)


def _frozen(folder: Path) -> dict[str, Any]:
    path = existing(folder / _FROZEN, "tildeling fit")
    frozen: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return frozen


def existing(path: Path, made_by: str) -> Path:
    """Return ``path``; :class:`StorageError` that names the command ``made_by`` without it."""
    if not path.exists():
        raise StorageError(f"{path} does not exist.", next_step=f"run `{made_by}` first.")
    return path
