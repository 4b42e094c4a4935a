"""The entry of a release in the ledger: who is counted where in what it publishes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from pipeline.disclosure import ledger
from pipeline.initiatives.library import FOLDER, initiatives_of
from pipeline.settings import Settings
from pipeline.warehouse.frames import courses, read
from pipeline.warehouse.frames.followup_frames import read_case_months
from pipeline.warehouse.frames.participants import read_persons

#: In the folder of unpublished results: the candidate's entry.
ENTRY_FILE = "ledger_entry"
#: What is counted, and the names of its counts and of its sums of record keys.
Parts = dict[str, tuple[pd.DataFrame, str, str]]


def write_entry(registers: Path, settings: Settings, folder: Path) -> None:
    """Write to ``folder`` who is counted where in the results made of ``registers`` now.

    Grants and persons at risk of the window that change is measured from are among them, counts
    of all years that are published as series, and who took part in an initiative where a file of
    the home names them.
    """
    parts = {
        **_of_window(registers, settings),
        **_of_all_years(registers, settings),
        **participants_counted(registers, settings),
    }
    levels = {**settings.question.levels(), "outcome": settings.question.outcomes}
    ledger.entry(parts, levels, _asked(settings)).to_parquet(
        folder / f"{ENTRY_FILE}.parquet", index=False
    )


def _of_window(registers: Path, settings: Settings) -> Parts:
    baseline = settings.baseline()
    windows = (settings, *([baseline] if baseline else []))
    decisions = read.read_decisions(registers, settings, with_year=True)
    decisions = decisions.drop(columns="processing_days")
    grants = pd.concat([read.read_grant_cells(registers, one) for one in windows])
    at_risk = pd.concat([read.read_risk_sets(registers, one) for one in windows])
    return {
        **{
            f"{outcome} grants": (of.drop(columns="outcome"), "n_events", "events_key")
            for outcome, of in grants.groupby("outcome", observed=True)
        },
        ledger.AT_RISK: (at_risk, "n_persons", "persons_key"),
        "decisions": (decisions.assign(n=1), "n", "record_key"),
    }


def _of_all_years(registers: Path, settings: Settings) -> Parts:
    """Return the parts of series: a late decision may be of a year that no window has."""
    quarters = courses.read_grant_quarters(registers, settings)
    quarters = quarters[quarters["outcome"].isin(settings.question.outcomes)]
    months = read_case_months(registers, settings)
    of_case = ["case_type", "municipality_code", "year", "month"]
    codes = read.read_completeness(registers)
    of_code = ["municipality_code", "year", "month"]
    stock = courses.read_tenure_stock(registers, settings).drop(columns="quarter_number")
    pensions = courses.read_pension_stock(registers, settings)
    return {
        **{
            f"{outcome} grants by quarter": (of.drop(columns="outcome"), "n_persons", "persons_key")
            for outcome, of in quarters.groupby("outcome")
        },
        "applications by month": (
            months[[*of_case, "n_applications", "applications_key"]],
            "n_applications",
            "applications_key",
        ),
        "decisions by month": (
            months[[*of_case, "n_decisions", "decisions_key"]],
            "n_decisions",
            "decisions_key",
        ),
        "new codes of pension by month": (
            codes[[*of_code, "n_dream", "dream_key"]],
            "n_dream",
            "dream_key",
        ),
        "persons on cash benefit": (stock, "n_persons", "persons_key"),
        "persons on disability pension": (pensions, "n_persons", "persons_key"),
    }


def participants_counted(registers: Path, settings: Settings) -> Parts:
    """Return the parts of an entry that are lists of those who took part in an initiative.

    Every person is a cell. What became of them follows the registers, which the other parts hold.
    """
    parts: Parts = {}
    for initiative in initiatives_of(settings.home):
        persons = read_persons(registers, settings, initiative, settings.home / FOLDER)
        if persons is not None:
            counted = persons.assign(n=1, person=persons["record_key"])
            parts[f"{ledger.LIST}{initiative.name}"] = (counted, "n", "record_key")
    return parts


def _asked(settings: Settings) -> str:
    """Return whom the question is about, whatever the years, factors and models."""
    question = settings.question
    whom = question.model_dump(mode="json", include={"ages", "exclusions", "counted_in", "unit"})
    return json.dumps(whom, sort_keys=True)
