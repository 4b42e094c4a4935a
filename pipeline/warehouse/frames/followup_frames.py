"""Frames for the follow-up questions out of the registers, read-only."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.settings import Settings
from pipeline.warehouse.frames.query import frame_of_mart
from pipeline.warehouse.frames.read import read_cells


def read_route_cells(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.route_cell`` of the years and outcomes of ``settings``.

    A part of :func:`~pipeline.warehouse.frames.read.read_model_cells`, with the columns
    last_benefit, sickness_duration, ever_rehabilitation and ever_resource_programme.
    """
    return read_cells(registers, "route_cell", settings)


def read_later_cells(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.later_cell``; no rows where the benchmark does not ask about ANY."""
    return read_cells(registers, "later_cell", settings)


def read_former_cells(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.former_cell``; no rows where no year at risk is near the reform of 2007.

    A part of :func:`~pipeline.warehouse.frames.read.read_model_cells`, with the column
    former_municipality_code.
    """
    return read_cells(registers, "former_cell", settings)


def read_former_history(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.former_history`` of the outcomes of ``settings``, ordered by its key."""
    return frame_of_mart(
        registers,
        settings,
        "SELECT * FROM {mart}.former_history WHERE list_contains(?, outcome)"
        " ORDER BY outcome, municipality_code, former_municipality_code, year",
        [list(settings.question.outcomes)],
    )


def read_decision_halves(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.decision_half`` of the years at risk, ordered by its key."""
    return frame_of_mart(
        registers,
        settings,
        "SELECT * FROM {mart}.decision_half WHERE list_contains(?, year)"
        " ORDER BY case_type, municipality_code, year, half",
        [list(settings.question.years)],
    )


def read_case_months(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.case_month`` of all years, ordered by its key."""
    return frame_of_mart(
        registers,
        settings,
        "SELECT * FROM {mart}.case_month ORDER BY case_type, municipality_code, year, month",
    )


def read_case_waits(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.case_wait`` of the applications of the window, ordered by its key."""
    return frame_of_mart(
        registers,
        settings,
        "SELECT * FROM {mart}.case_wait WHERE list_contains(?, year)"
        " ORDER BY case_type, municipality_code, year, half, wait_weeks",
        [list(settings.question.years)],
    )


def read_grant_halves(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.grant_half`` of the years and outcomes of ``settings``, ordered by its key."""
    return frame_of_mart(
        registers,
        settings,
        "SELECT * FROM {mart}.grant_half"
        " WHERE list_contains(?, year) AND list_contains(?, outcome)"
        " ORDER BY outcome, year, municipality_code, half, last_benefit, sickness_duration",
        [list(settings.question.years), list(settings.question.outcomes)],
    )


def read_grant_subgroups(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.grant_subgroup`` of the years and outcomes of ``settings``.

    Keys of :func:`~pipeline.warehouse.frames.read.read_grant_cells` with diagnosis_subgroup in
    place of the group, and half.
    """
    return read_cells(registers, "grant_subgroup", settings)
