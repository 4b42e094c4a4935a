"""The steps of a night, each from paths to paths.

Both the command line and the Prefect flow call these and nothing below them. A step replaces its
output whole, can be run alone, and raises :class:`~pipeline.errors.TildelingError` for anything a
user can mend. Steps say how far they are through the ``tildeling`` logger.
"""

from __future__ import annotations

import json
import logging
import shutil
from datetime import datetime
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from pipeline.disclosure import ProtectedFrames
from pipeline.errors import StorageError, existing
from pipeline.frozen import thawed
from pipeline.manifest import PUBLISHED, Run, finished_run
from pipeline.night.apart import fitted_at_once
from pipeline.night.carried import with_carried
from pipeline.night.fits import (
    STARTED,
    clear,
    code_fingerprint,
    folder_of,
    freeze,
    frozen_of,
    settings_of_fit,
)
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
from pipeline.warehouse.publication.retention import Retention

LOG = logging.getLogger("tildeling")

#: Beside the unpublished tables of a run: whether a night or a backfill made it.
_STATUS = "status"


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


def fit(settings: Settings, *, full: bool = False) -> Path:
    """Return the folder with the unpublished result tables, a folder in it for each run.

    Reads ``registers.duckdb`` and fits every outcome and model of each benchmark of ``settings``,
    as many of them at once as :func:`pipeline.night.apart.at_once` says; one Parquet file per
    result table. What an earlier fit left and would come out the same is kept, unless ``full``.
    The tables are for this home's owner until :func:`publish` has put them through disclosure
    control: unless counts have noise they still hold small ones.
    """
    fitted_at_once(runs_to_fit(settings), full=full)
    return stage(settings)


def runs_to_fit(settings: Settings) -> tuple[Settings, ...]:
    """Return the settings of each run; refused where the registers were not loaded for them."""
    code_fingerprint()  # as it is before anything is fitted
    refuse_outdated(existing(settings.registers_path, "tildeling load --extracts DIR"), settings)
    return settings.runs()


def stage(settings: Settings, status: str = PUBLISHED) -> Path:
    """Return the folder where :func:`publish` finds the fits of ``settings``, copied into it.

    All were fitted before. ``status`` says what the runs are (:mod:`pipeline.manifest`). What was
    staged before is replaced.
    """
    folder = settings.home / UNPUBLISHED
    beside = folder.with_suffix(".next")
    for stale in (beside, folder):
        shutil.rmtree(stale, ignore_errors=True)
    beside.mkdir(mode=0o700)
    fits = {folder_of(run): run for run in settings.runs()}
    for missing in (path for path in fits if not path.exists()):
        raise StorageError(
            f"{missing} does not exist: what decides a fit was replaced while it was made.",
            expected="code, registers and files of the home as they were when the fit began",
            next_step="run it again; what the new ones decide and was fitted is kept.",
        )
    for number, (fit_folder, run) in enumerate(fits.items(), 1):
        of_run = beside / f"{number:02d}"
        shutil.copytree(fit_folder, of_run)
        # Settings of no effect on numbers are those of now; releases to keep, say.
        freeze(run, of_run)
        (of_run / _STATUS).write_text(status, encoding="utf-8")
    beside.rename(folder)
    clear(settings.home, fits)
    return folder


def is_synthetic(settings: Settings) -> bool:
    """Return whether the loaded registers come from the generator."""
    return read.read_source(settings.registers_path).is_synthetic


def score(settings: Settings, truth_folder: Path) -> pd.DataFrame:
    """Return how well the unpublished results recover the truth in ``truth_folder``.

    One row per outcome, model and measure of the first run. Each run's rows become the
    ``recovery`` table of the next release; practice by level, which is estimated when it is
    published, is scored then.
    """
    from pipeline.night import planted, truth

    scored = []
    for folder in staged_runs(settings.home):
        recovery = truth.score(
            truth_folder,
            benchmark=pd.read_parquet(folder / "benchmark.parquet"),
            ranking=pd.read_parquet(folder / "ranking.parquet"),
            counterfactual=pd.read_parquet(folder / "counterfactual.parquet"),
            completeness=pd.read_parquet(folder / "completeness.parquet"),
            settings=settings_of_fit(folder, settings),
        )
        recovery.to_parquet(folder / "recovery.parquet", index=False)
        planted.stage_planted(truth_folder, folder)
        scored.append(recovery)
    return scored[0]


def score_published(settings: Settings, truth_folder: Path) -> pd.DataFrame:
    """Return how well the published release's first run recovers the truth in ``truth_folder``.

    Under the settings of its fit; a release of an earlier version does not tell them, so that
    ``settings`` hold.
    """
    from pipeline.night import truth

    published = existing(settings.benchmark_path, "tildeling nightly")
    return truth.score(
        truth_folder,
        benchmark=published_frames.read_result(published, "benchmark"),
        ranking=published_frames.read_result(published, "ranking"),
        counterfactual=published_frames.read_result(published, "counterfactual"),
        completeness=published_frames.read_result(published, "completeness"),
        settings=published_frames.read_settings(published, settings),
    )


def publish(settings: Settings, *, approve: bool = False) -> Release:
    """Return the release made of the unpublished results, after disclosure control and checks.

    Under the settings and benchmark of the fit; of ``settings`` counts only where and how fast.
    Runs of the release in place go on as :mod:`pipeline.night.carried` says. Where that release
    shows the same, it is returned, and nothing is published. Results that beside earlier releases
    would single persons out stay staged, with a :class:`PublishError`, unless ``approve``.
    """
    from pipeline.night import gate

    folders = staged_runs(settings.home)
    of_runs = [settings_of_fit(folder, settings) for folder in folders]
    settings = of_runs[0]
    made = with_carried(
        [_protected_run(folder, of_run) for folder, of_run in zip(folders, of_runs, strict=True)],
        settings,
    )
    content = gate.content_of([frames for frames, _ in made])
    now = current_release(settings.home)
    if now and now.is_whole and gate.is_published(settings, now.name, content):
        LOG.info("publish: nothing has changed since %s, which stays in place", now.path.name)
        shutil.rmtree(settings.home / UNPUBLISHED)
        return now
    names = (of_run.question.name for of_run in of_runs)
    named = list(zip(names, folders, strict=True))
    approved = gate.refuse_singled_out(settings, named, approve=approve)
    (frames, run), *further = made
    name = release_name([of for _, of in made])
    with gate.recorded(settings, name, folders, content, approved):
        release = publish_release(
            frames,
            run,
            settings.home,
            further=further,
            retention=Retention(settings.releases_kept, settings.days_kept),
            max_shrink_share=settings.max_shrink_share,
        )
    shutil.rmtree(settings.home / UNPUBLISHED)
    LOG.info("publish: %s", release.path.name)
    return release


def _protected_run(folder: Path, settings: Settings) -> tuple[ProtectedFrames, Run]:
    """Return the tables of the run staged in ``folder`` as they may be published, and the run."""
    from pipeline.night.entries import ENTRY_FILE
    from pipeline.night.results import protect

    frames = {
        path.stem: pd.read_parquet(path)
        for path in sorted(folder.glob("*.parquet"))
        if path.stem != ENTRY_FILE
    }
    frames["setting"] = pd.DataFrame(_published_settings(settings))
    started_at = datetime.fromisoformat((folder / STARTED).read_text())
    source = read.read_source(settings.registers_path)
    with threadpool_limits(limits=1, user_api="blas"):
        protected = protect(frames, settings)
    status = folder / _STATUS
    said = status.read_text(encoding="utf-8") if status.exists() else PUBLISHED
    return protected, finished_run(source, settings, started_at, status=said)


def staged_runs(home: Path) -> list[Path]:
    """Return the folders of the runs staged in ``home``, in their order."""
    folder = home / UNPUBLISHED
    runs = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not runs:
        said = "`tildeling fit` fits and publishes; `tildeling status` says what is out."
        raise StorageError(f"nothing is staged: {folder} holds no run.", next_step=said)
    return runs


def publish_staged(home: Path, *, approve: bool) -> Release:
    """Return the release made of what lies staged in ``home``, with the settings of its fit."""
    frozen = frozen_of(staged_runs(home)[0])
    here = {**frozen["settings"], "home": home}
    return publish(thawed({**frozen, "settings": here}), approve=approve)


def report(settings: Settings, benchmarks: tuple[str, ...] = ()) -> list[Path]:
    """Return the pages written into ``report/`` from the published release.

    Of ``benchmarks`` if any are named, the first of them at the front; else of all it answers. The
    folder is replaced whole. Raises :class:`PublishError` when the release is not as it was
    published.
    """
    import reports

    published = published_release(settings)
    folder = settings.home / "report"
    pages = reports.build_report(
        published,
        folder,
        languages=settings.languages,
        workers=settings.workers,
        benchmarks=benchmarks,
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


def published_release(settings: Settings) -> Path:
    """Return the database of the release in place; refused if it is missing or was changed."""
    published = existing(settings.benchmark_path, "tildeling nightly")
    release = current_release(settings.home)
    if release is not None:
        refuse_changed(release)
    return published
