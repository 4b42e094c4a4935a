"""The night: register files to a published release and its report.

Every task takes paths and plain values and gives a path or nothing; no frame passes between tasks.
A user error ends the task and the flow as failed with its message and no traceback; only faults
that may pass (a file system that is briefly away) are tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.cluster import refuse_absent_cluster
from flows.fitting import fit_all
from flows.generation import generate_registers
from flows.guards import OPTIONS, RETRIED, done, without_traceback
from flows.runners import task_runner
from flows.server import refuse_open_server
from pipeline.errors import SettingsError, TildelingError
from pipeline.frozen import thawed
from pipeline.journal import Journal
from pipeline.night import steps, synthetic
from pipeline.night.headline import headline
from pipeline.runlog import log_to_file
from pipeline.setting_values import is_proper
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.publication.lock import hold_home
from pipeline.warehouse.publication.releases import current_release

LOG = logging.getLogger("tildeling")


@task(name="load registers", **RETRIED)
@without_traceback
def load_registers(settings: dict[str, Any], extracts: str) -> int:
    """Load the register files into ``registers.duckdb``; return how many rows they have."""
    return steps.load(thawed(settings), Path(extracts)).n_read


@task(name="score recovery", **OPTIONS)
@without_traceback
def score_recovery(settings: dict[str, Any], truth: str) -> None:
    """Score the results against the planted truth of a synthetic country."""
    steps.score(thawed(settings), Path(truth))


@task(name="compare with sources", **OPTIONS)
@without_traceback
def compare_with_sources(settings: dict[str, Any], extracts: str) -> None:
    """Compare a synthetic country with the figures that sources state."""
    synthetic.record_calibration(thawed(settings), Path(extracts))


@task(name="publish release", **RETRIED)
@without_traceback
def publish_release(settings: dict[str, Any]) -> int:
    """Put a release in place, and return how many rows it has."""
    return sum(steps.publish(thawed(settings)).manifest["rows"].values())


@task(name="build report", **RETRIED)
@without_traceback
def build_report(settings: dict[str, Any]) -> None:
    """Write the report of the published release."""
    steps.report(thawed(settings))


@task(name="record headline", **OPTIONS)
@without_traceback
def record_headline(settings: dict[str, Any]) -> None:
    """Leave the run's headline as artifacts for Prefect's user interface."""
    lines = headline(thawed(settings))
    mark = "".join(f"**{said}**\n\n" for said in lines.marks)
    create_markdown_artifact(
        key="run-headline",
        markdown=(
            f"# {lines.run_id}\n\n{mark}{lines.n_quarantined} rows quarantined, "
            f"{lines.n_warnings} data-quality warnings."
        ),
        description="What the night found.",
    )
    create_table_artifact(
        key="benchmark-headline",
        table=[
            {str(name): str(value) for name, value in row.items()}
            for row in lines.table.to_dict(orient="records")
        ],
        description=" · ".join(
            [*lines.marks, "Observed grants and how far municipalities differ, per outcome."]
        ),
    )


def folder_of(extracts: Any) -> str | None:
    """Return the parameter ``extracts`` if it is a path or nothing; SettingsError else."""
    if extracts is None or (isinstance(extracts, str) and extracts and is_proper(extracts)):
        return extracts
    raise SettingsError(
        f"the parameter extracts is {str(extracts)[:40]!a}.",
        expected="the path of a folder, or nothing for a synthetic country",
        next_step="a deployment of prefect.yaml takes EXTRACTS of the environment it is made in.",
    )


# Parameters are validated as every other setting is, with its message and exit code, not Prefect's.
@flow(name="nightly", persist_result=False, validate_parameters=False)
@without_traceback
def nightly(
    home: str | None = None,
    scale: float | None = None,
    scenario: str | None = None,
    seed: int | None = None,
    benchmark: str | None = None,
    window: str | None = None,
    extracts: str | None = None,
) -> None:
    """Take register files from ``extracts``, or a synthetic country, to a published report.

    Parameters left out come from the environment, ``tildeling.toml`` or the defaults. The release
    published before stands until the new one has passed its checks.
    """
    overrides = {
        "home": home,
        "scale": scale,
        "scenario": scenario,
        "seed": seed,
        "benchmark": benchmark,
        "window": window,
    }
    settings = read_settings(**overrides)
    # Every task works under what was read here: a file that changes in the night changes nothing.
    frozen = settings.frozen()
    delivered = folder_of(extracts)
    with noted(settings, "nightly", settings.question.name) as journal:
        _steps(journal, settings, frozen, delivered)


def _steps(
    journal: Journal, settings: Settings, frozen: dict[str, Any], delivered: str | None
) -> None:
    """Go through the steps of a night, each noted in ``journal``."""
    folder = delivered
    if folder is None:
        generate = generate_registers.with_options(task_runner=task_runner(settings))
        with journal.step("generate"):
            folder = done(generate, frozen, str(settings.home / "extracts"))
    with journal.step("load") as load:
        load.rows = done(load_registers, frozen, folder)
    with journal.step("fit"):
        fit_all(frozen)
        steps.stage(settings)
    truth = Path(folder) / "truth"
    if steps.is_synthetic(settings) and truth.is_dir():
        with journal.step("score"):
            done(score_recovery, frozen, str(truth))
            done(compare_with_sources, frozen, folder)
    with journal.step("publish") as publish:
        publish.rows = done(publish_release, frozen)
    with journal.step("report"):
        done(build_report, frozen)
        done(record_headline, frozen)


@contextmanager
def noted(settings: Settings, command: str, what: str) -> Iterator[Journal]:
    """Hold the home while the block runs, with a log and a page of the journal about ``what``.

    Nothing is begun with a Prefect that others can use, or without the cluster that settings name.
    """
    refuse_open_server()
    refuse_absent_cluster(settings)
    held = hold_home(settings.home, wait_seconds=settings.lock_wait_seconds, progress=LOG.info)
    with held, log_to_file(settings.home, command):
        journal = Journal(settings.home, what)
        try:
            yield journal
        except BaseException as error:
            with suppress(OSError):
                journal.end(_release_name(settings), error)
            if isinstance(error, TildelingError):
                LOG.error(error.message)
            raise
        journal.end(_release_name(settings))


def _release_name(settings: Settings) -> str | None:
    release = current_release(settings.home)
    return release.name if release else None


if __name__ == "__main__":
    nightly()
