"""Years of a benchmark that no release answers yet: which they are, each fitted on its own.

A year is done when the release in place has its run under the settings of now. What is fitted
waits in ``backfill/`` of the home until all years are there, so that a backfill that was killed
goes on where it stopped; then it is staged and published as a night's results are.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.benchmarks.declaration import FIRST_YEAR, LAST_YEAR, Benchmark
from pipeline.errors import SettingsError, StorageError
from pipeline.manifest import BACKFILLED
from pipeline.night import steps
from pipeline.night.carried import is_same_country
from pipeline.settings import Settings
from pipeline.warehouse.database.private import closed_folder
from pipeline.warehouse.frames import read
from pipeline.warehouse.frames.released import released_runs
from pipeline.warehouse.publication.leftovers import BACKFILL, UNPUBLISHED
from pipeline.warehouse.publication.releases import current_release

LOG = logging.getLogger("tildeling")
#: Beside a year's results: of what input they are.
_INPUT = "input_hash"


@dataclass(frozen=True)
class Plan:
    """What a backfill has to do: the settings that ask the years left, and the runs there are.

    ``settings`` is None where nothing is left.
    """

    settings: Settings | None
    done: dict[int, str]


def plan(settings: Settings, years: tuple[int, int], *, again: bool = False) -> Plan:
    """Return what is left of ``years``, first and last, of the one benchmark of ``settings``.

    With ``again`` all of them. Raises :class:`SettingsError` for years that no benchmark can be
    about, and for more than one benchmark.
    """
    first, last = years
    if len(settings.questions) > 1:
        raise SettingsError(
            f"a backfill takes one benchmark, not {len(settings.questions)}.",
            next_step="run it once for each.",
        )
    if not FIRST_YEAR <= first <= last <= LAST_YEAR:
        raise SettingsError(
            f"--years {first}-{last} cannot be used.",
            expected=f"first-last year within {FIRST_YEAR}-{LAST_YEAR}",
        )
    asked = tuple(range(first, last + 1))
    whole = settings.asking(_of_years(settings, asked))
    done = {} if again else _done(whole)
    left = tuple(year for year in asked if year not in done)
    return Plan(settings.asking(_of_years(settings, left)) if left else None, done)


def _of_years(settings: Settings, years: tuple[int, ...]) -> Benchmark:
    return settings.question.model_copy(
        update={"years": years, "each_year": True, "baseline_years": ()}
    )


def _done(settings: Settings) -> dict[int, str]:
    """Return the run of each year that the release in place has under the same settings."""
    now = current_release(settings.home)
    if now is None or not now.is_whole:
        return {}
    loaded = None
    if settings.registers_path.exists():
        loaded = read.read_source(settings.registers_path)
    runs = {(run.benchmark, run.years, run.settings_hash): run for run in released_runs(now.path)}
    done = {}
    for year in settings.runs():
        question = year.question
        run = runs.get((question.name, str(question.years[0]), year.settings_hash))
        if run is not None and (loaded is None or is_same_country(run, loaded)):
            done[question.years[0]] = run.run_id
    return dict(sorted(done.items()))


def extracts_of(settings: Settings, extracts: Path | None) -> Path:
    """Return the folder a backfill loads: ``extracts``, or that of the home's synthetic country.

    Raises :class:`StorageError` where neither is there; real registers are never replaced by a
    synthetic country.
    """
    if extracts is not None:
        return extracts
    made = settings.home / "extracts"
    is_real = settings.registers_path.exists() and not steps.is_synthetic(settings)
    if is_real or not made.is_dir():
        raise StorageError(
            f"{settings.home} has no register files of its own to load.",
            expected="the folder that the nights of this home load",
            next_step="name it with --extracts DIR.",
        )
    return made


def fit_year(settings: Settings) -> Path:
    """Return the folder with the results of the one year of ``settings``, fitted if need be.

    One that an earlier backfill left stays, if it is of the same input and settings.
    """
    registers = settings.registers_path
    question = settings.question
    input_hash = read.read_source(registers).input_hash
    folder = _folder(settings, question.years[0])
    if _is_fitted(folder, settings, input_hash):
        LOG.info("backfill: %s %s was fitted already", question.name, question.years[0])
        return folder
    beside = folder.with_name(f"{folder.name}.next")
    for stale in (beside, folder):
        shutil.rmtree(stale, ignore_errors=True)
    steps.fit_run(registers, settings, beside)
    (beside / steps.STATUS).write_text(BACKFILLED, encoding="utf-8")
    (beside / _INPUT).write_text(input_hash, encoding="utf-8")
    beside.rename(folder)
    return folder


def _is_fitted(folder: Path, settings: Settings, input_hash: str) -> bool:
    said = folder / _INPUT
    if not said.exists() or said.read_text(encoding="utf-8") != input_hash:
        return False
    return steps.settings_of_fit(folder, settings).settings_hash == settings.settings_hash


def stage(settings: Settings) -> None:
    """Put the years of ``settings`` where :func:`pipeline.night.steps.publish` looks for them.

    All were fitted before; the last year comes first. What was staged before is replaced.
    """
    folder = settings.home / UNPUBLISHED
    beside = folder.with_suffix(".next")
    for stale in (beside, folder):
        shutil.rmtree(stale, ignore_errors=True)
    beside.mkdir(mode=0o700)
    for number, year in enumerate(settings.runs(), 1):
        shutil.copytree(_folder(year, year.question.years[0]), beside / f"{number:02d}")
    beside.rename(folder)


def clear(settings: Settings, years: Iterable[int]) -> None:
    """Remove what was fitted of ``years``, which are published."""
    for year in years:
        shutil.rmtree(_folder(settings, year), ignore_errors=True)


def _folder(settings: Settings, year: int) -> Path:
    return closed_folder(settings.home / BACKFILL) / f"{settings.question.name}-{year}"
