"""Frames about people's courses out of ``registers.duckdb``, read-only; counts go no further."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.codes import benefit_states
from pipeline.codes.corrections import MEASURES
from pipeline.settings import Settings
from pipeline.warehouse.frames.query import frame_of_mart


def read_grant_quarters(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.grant_quarter``, ordered by its key."""
    return _table(registers, settings, "grant_quarter", "*")


def read_pension_stock(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.pension_stock``, ordered by its key."""
    return _table(registers, settings, "pension_stock", "*")


def read_tenure_stock(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.tenure_stock`` of the benchmark of ``settings``, ordered by its key."""
    return _table(registers, settings, "tenure_stock", "*")


def read_tenure_flow(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.tenure_flow`` with year and quarter, ordered by its key."""
    dated = "*, quarter_number // 4 AS year, 1 + quarter_number % 4 AS quarter"
    frame = _table(registers, settings, "tenure_flow", dated)
    return frame.astype({"year": "int64", "quarter": "int64"})


def read_tenure_exit(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.tenure_exit``, ordered by its key."""
    return _table(registers, settings, "tenure_exit", "*")


def read_life_cells(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.life_cell`` of the outcomes of ``settings``, ordered by its key.

    ``benefit_years`` is missing for who is not on benefit.
    """
    frame = _table(registers, settings, "life_cell", "*")
    return frame[frame["outcome"].isin(settings.question.outcomes)].reset_index(drop=True)


def read_grant_states(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return ``mart.grant_state``, ordered by its key."""
    return _table(registers, settings, "grant_state", "*")


def read_grant_courses(
    registers: Path, settings: Settings, n_weeks: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the grants that have five years before them, and their (n, ``n_weeks``) states.

    Grants are the rows of ``mart.grant_event`` of the benchmark of ``settings`` in order, without
    who they are; states are int8 places in :func:`~pipeline.codes.benefit_states` with ``none`` and
    ``unknown`` after them.
    """
    events = frame_of_mart(
        registers, settings, "SELECT * FROM {mart}.grant_event ORDER BY outcome, person_id"
    )
    spells = frame_of_mart(
        registers,
        settings,
        "SELECT outcome, person_id, benefit_state, first_week, last_week FROM {mart}.grant_course"
        " ORDER BY outcome, person_id, first_week",
    )
    places = {state: number for number, state in enumerate(course_states())}
    states = np.full((len(events), n_weeks), places["none"], dtype=np.int8)
    _fill(states, _rows_of(spells, events), spells, spells["benefit_state"].map(places).to_numpy())
    return events.drop(columns=["person_id", "grant_week"]), states


def read_grant_measures(
    registers: Path, settings: Settings, n_weeks: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the grants that have five years before them, and their (n, ``n_weeks``) measures.

    Grants are outcome, year, municipality_code, half, record_key and had_rehabilitation, in the
    order of ``mart.grant_event``. Measures are int8 places in
    :data:`~pipeline.codes.corrections.MEASURES`, -1 in weeks without a benefit that tells any.
    """
    events = frame_of_mart(
        registers,
        settings,
        "SELECT outcome, person_id, year, municipality_code, record_key,"
        " CAST(record_key // 62 % 2 AS INTEGER) AS half"
        " FROM {mart}.grant_event ORDER BY outcome, person_id",
    )
    spells = frame_of_mart(
        registers,
        settings,
        "SELECT outcome, person_id, benefit_state, measure, first_week, last_week"
        " FROM {mart}.grant_course WHERE measure IS NOT NULL"
        " ORDER BY outcome, person_id, first_week",
    )
    row = _rows_of(spells, events)
    measures = np.full((len(events), n_weeks), -1, dtype=np.int8)
    places = {measure: number for number, measure in enumerate(MEASURES)}
    _fill(measures, row, spells, spells["measure"].map(places).to_numpy())
    had = np.zeros(len(events), dtype=bool)
    had[row[(spells["benefit_state"] == "rehabilitation").to_numpy()]] = True
    return events.drop(columns="person_id").assign(had_rehabilitation=had), measures


def course_states() -> tuple[str, ...]:
    """Return the benefit states that courses are made of: those of the list, none and unknown."""
    return (*benefit_states(), "none", "unknown")


def _rows_of(spells: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    """Return the place among ``events`` of the grant that each spell stands before."""
    return pd.MultiIndex.from_frame(events[["outcome", "person_id"]]).get_indexer(
        pd.MultiIndex.from_frame(spells[["outcome", "person_id"]])
    )


def _fill(into: np.ndarray, row: np.ndarray, spells: pd.DataFrame, values: np.ndarray) -> None:
    """Write ``values`` of ``spells`` into the weeks (n, weeks) of their rows."""
    weeks = (spells["last_week"] - spells["first_week"] + 1).to_numpy(dtype=np.int64)
    of_spell = np.repeat(np.arange(len(spells)), weeks)
    within = np.arange(len(of_spell)) - np.repeat(np.cumsum(weeks) - weeks, weeks)
    week = spells["first_week"].to_numpy(dtype=np.int64)[of_spell] + within
    into[row[of_spell], week] = values[of_spell]


def _table(registers: Path, settings: Settings, table: str, columns: str) -> pd.DataFrame:
    sql = f"SELECT {columns} FROM {{mart}}.{table} ORDER BY ALL"
    return frame_of_mart(registers, settings, sql)
