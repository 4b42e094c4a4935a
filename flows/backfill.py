"""Years of a benchmark that no release answers yet, each on its own, into the next release."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow

from flows.fitting import fit_all
from flows.guards import done, without_traceback
from flows.nightly import (
    build_report,
    folder_of,
    load_registers,
    noted,
    publish_release,
    record_headline,
    score_recovery,
)
from pipeline.errors import SettingsError
from pipeline.manifest import BACKFILLED
from pipeline.night import backfill as steps
from pipeline.night.steps import is_synthetic, stage
from pipeline.settings import read_settings

LOG = logging.getLogger("tildeling")


# Parameters are validated as every other setting is, with its message and exit code, not Prefect's.
@flow(name="backfill", persist_result=False, validate_parameters=False)
@without_traceback
def backfill(
    benchmark: str | None = None,
    first_year: int = 0,
    last_year: int = 0,
    home: str | None = None,
    extracts: str | None = None,
    again: bool = False,
) -> None:
    """Answer ``benchmark`` for each year from ``first_year`` to ``last_year`` on its own.

    A year whose run under the same settings is in the release in place is skipped, unless
    ``again``. The others are loaded together from ``extracts`` (default: the home's synthetic
    country), fitted each on its own, and published through the gate beside all that the release in
    place has. A backfill that was stopped goes on with the years that it had not fitted.
    """
    settings = read_settings(home=home, benchmark=benchmark)
    if type(first_year) is not int or type(last_year) is not int:
        raise SettingsError(
            f"the years {str(first_year)[:20]!a} to {str(last_year)[:20]!a} cannot be used.",
            expected="two whole numbers",
        )
    delivered = folder_of(extracts)
    told = f"{settings.question.name} {first_year}-{last_year}"
    with noted(settings, "backfill", f"backfill of {told}") as journal:
        plan = steps.plan(settings, (first_year, last_year), again=again)
        for year, run_id in plan.done.items():
            LOG.info("backfill: %s is done, run %s", year, run_id)
        if plan.settings is None:
            return
        frozen = plan.settings.frozen()
        folder = steps.extracts_of(settings, Path(delivered) if delivered else None)
        with journal.step("load") as load:
            load.rows = done(load_registers, frozen, str(folder))
        with journal.step("fit"):
            fit_all(frozen)
            stage(plan.settings, BACKFILLED)
        truth = folder / "truth"
        if is_synthetic(settings) and truth.is_dir():
            with journal.step("score"):
                done(score_recovery, frozen, str(truth))
        with journal.step("publish") as publish:
            publish.rows = done(publish_release, frozen)
        with journal.step("report"):
            done(build_report, frozen)
            done(record_headline, frozen)
