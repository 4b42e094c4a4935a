"""Years of a benchmark that no release answers yet: which they are, each fitted on its own.

A year is done when the release in place has its run under the settings of now. Fits are kept
(:mod:`pipeline.night.fits`), so that a backfill that was killed goes on where it stopped; when all
years are there they are staged and published as a night's results are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.benchmarks.declaration import FIRST_YEAR, LAST_YEAR, Benchmark
from pipeline.errors import SettingsError, StorageError
from pipeline.night import steps
from pipeline.night.carried import is_same_country
from pipeline.settings import Settings
from pipeline.warehouse.frames import read
from pipeline.warehouse.frames.released import released_runs
from pipeline.warehouse.publication.releases import current_release


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
