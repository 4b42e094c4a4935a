"""Frames out of the databases, read-only. Text columns are pandas strings unless said otherwise."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.codes import outcomes as known_outcomes
from pipeline.errors import StorageError
from pipeline.manifest import Source
from pipeline.registers.coverage import spans
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.frames.cell_frames import BATCH_ROWS, frame_of_batches
from pipeline.warehouse.frames.query import frame_of, frame_of_mart, limits_of
from pipeline.warehouse.marts.current import baseline_years_of, mart_of
from pipeline.warehouse.marts.fingerprints import OF_BENCHMARK
from pipeline.warehouse.marts.questions import MART
from pipeline.warehouse.raw.pseudonymkey import LETTERS
from pipeline.warehouse.raw.quarantine import write_quarantine


@dataclass(frozen=True, kw_only=True)
class RegistersSource(Source):
    """Where the loaded registers come from.

    ``seed``, ``scale`` and ``scenario`` are None on real extracts.
    """

    years_at_risk: tuple[int, ...]
    seed: int | None
    scenario: str | None


def read_model_cells(
    registers: Path, settings: Settings | None = None, *, outcome: str | None = None
) -> pd.DataFrame:
    """Return ``mart.model_cell``: outcome, year, municipality_code, factors, n_persons, n_events.

    Text is categorical: factors with the levels of the benchmark in order, municipalities with
    all codes there are, other columns with the values that occur; counts are int64. Rows are in
    the order of the table. The frame is made of batches as DuckDB streams them, some 40 bytes per
    cell, and nothing else is held. With ``settings``, only its years and outcomes; with
    ``outcome``, only that one. Raises :class:`StorageError` when the registers were loaded for
    other years.
    """
    return read_cells(registers, "model_cell", settings, outcome)


def read_persons_at_risk(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return outcome, municipality_code, year and n_persons of the window, ordered by the keys.

    Raises :class:`StorageError` as :func:`read_model_cells` does.
    """
    _refuse_other_years(registers, settings)
    return frame_of_mart(
        registers,
        settings,
        "SELECT outcome, municipality_code, year, CAST(sum(n_persons) AS BIGINT) AS n_persons"
        " FROM {mart}.model_cell WHERE list_contains(?, year) AND list_contains(?, outcome)"
        " GROUP BY ALL ORDER BY ALL",
        [list(settings.question.years), list(settings.question.outcomes)],
    )


def read_grant_cells(
    registers: Path, settings: Settings | None = None, *, outcome: str | None = None
) -> pd.DataFrame:
    """Return ``mart.grant_cell``: keys of :func:`read_model_cells`, diagnosis_group, n_events.

    One row per cell, main diagnosis group and decision_municipality_code with grants; otherwise as
    :func:`read_model_cells`.
    """
    return read_cells(registers, "grant_cell", settings, outcome)


def read_mover_cells(
    registers: Path, settings: Settings | None = None, *, outcome: str | None = None
) -> pd.DataFrame:
    """Return ``mart.mover_cell``: those of the cells who moved in the five years before.

    Otherwise as :func:`read_model_cells`.
    """
    return read_cells(registers, "mover_cell", settings, outcome)


def read_grant_history(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return outcome, municipality_code, year, residents, observed and observed_key by year.

    All years that the registers cover, of the outcomes in ``settings``; ordered by the keys.
    """
    frame = frame_of_mart(
        registers,
        settings,
        "SELECT outcome, municipality_code, year, residents, observed, observed_key"
        " FROM {mart}.grant_history ORDER BY outcome, municipality_code, year",
    )
    return frame[frame["outcome"].isin(settings.question.outcomes)].reset_index(drop=True)


def read_quarantined_decisions(registers: Path) -> pd.DataFrame:
    """Return municipality_code, year and n_quarantined of decisions that were kept out on loading.

    By the municipality of today and the year of decision, as far as the kept values say them.
    """
    with connect(registers, read_only=True) as connection:
        rows = connection.execute(
            "SELECT original FROM meta.quarantine WHERE register = 'ankestyrelsen'"
        ).fetchall()
        successor = dict(
            connection.execute(
                "SELECT register_code, municipality_code FROM core.municipality_successor"
                " WHERE is_largest"
            ).fetchall()
        )
    counts: Counter[tuple[str, int]] = Counter()
    n_digits = max(map(len, successor), default=0)
    for (original,) in rows:
        values = {str(name).upper(): str(text) for name, text in json.loads(original).items()}
        code = successor.get(values.get("KOM", "").strip().zfill(n_digits))
        year = re.search(r"(?:19|20)\d\d", values.get("AFGDATO", ""))
        if code and year:
            counts[code, int(year[0])] += 1
    return pd.DataFrame(
        [(code, year, n) for (code, year), n in sorted(counts.items())],
        columns=["municipality_code", "year", "n_quarantined"],
    ).astype({"municipality_code": "str", "year": "int64", "n_quarantined": "int64"})


def read_risk_sets(registers: Path, settings: Settings) -> pd.DataFrame:
    """Return outcome, municipality_code, year, age_band, n_persons and persons_key of the window.

    The key is the sum of the record keys of those at risk; ordered by the first four.
    """
    return frame_of_mart(
        registers,
        settings,
        "SELECT outcome, municipality_code, year, age_band,"
        " CAST(sum(n_persons) AS BIGINT) AS n_persons,"
        " CAST(sum(persons_key) AS BIGINT) AS persons_key"
        " FROM {mart}.model_cell WHERE list_contains(?, year) AND list_contains(?, outcome)"
        " GROUP BY ALL ORDER BY ALL",
        [list(settings.question.years), list(settings.question.outcomes)],
    )


def read_decisions(registers: Path, settings: Settings, *, with_year: bool = False) -> pd.DataFrame:
    """Return the decisions of the years at risk, one row each, the year last if it is asked for.

    case_type, municipality_code (that decided), decision, processing_days, diagnosis_group and
    record_key, the person's; ordered by all of them.
    """
    with connect(registers, read_only=True, **limits_of(settings)) as connection:
        return connection.execute(
            "SELECT case_type, municipality_code, decision, processing_days, diagnosis_group,"
            f" {_RECORD_KEY} AS record_key{', year(decision_date) AS year' if with_year else ''}"
            " FROM core.decision WHERE list_contains(?, year(decision_date)) ORDER BY ALL",
            [*[LETTERS] * 4, list(settings.question.years)],
        ).df()


def read_cells(
    registers: Path, table: str, settings: Settings | None, outcome: str | None = None
) -> pd.DataFrame:
    """Return the rows of ``mart.<table>``, cells of the model; see :func:`read_model_cells`."""
    years = _refuse_other_years(registers, settings)
    asked = settings.question.outcomes if settings else known_outcomes()
    outcomes = [outcome] if outcome else list(asked)
    limits = limits_of(settings)
    with connect(registers, read_only=True, **limits) as connection:
        codes = connection.sql("SELECT municipality_code FROM codes.municipality ORDER BY ALL")
        known = [code for (code,) in codes.fetchall()]
        mart = mart_of(connection, settings)
        levels = connection.sql(
            f"SELECT factor, list(level ORDER BY position) FROM {mart}.factor_level GROUP BY factor"
        ).fetchall()
        # Of what is executed a reader takes a batch at a time; of a relation it makes all at once.
        reader = connection.execute(
            f"SELECT * FROM {mart}.{table}"
            " WHERE list_contains(?, year) AND list_contains(?, outcome)",
            [list(years), outcomes],
        ).to_arrow_reader(BATCH_ROWS)
        categories = {
            **dict(levels),
            **{f"{of}municipality_code": known for of in ("", "decision_", "origin_")},
        }
        return frame_of_batches(reader, reader.schema, categories)


def _refuse_other_years(registers: Path, settings: Settings | None) -> Sequence[int]:
    """Return the years asked for, all loaded without ``settings``; refuse those that are not."""
    loaded = read_source(registers).years_at_risk
    years: Sequence[int] = settings.question.years if settings else loaded
    if settings is not None and set(years) - set(loaded):
        with connect(registers, read_only=True) as connection:
            loaded = (*loaded, *baseline_years_of(connection, settings))
    if set(years) - set(loaded):
        raise StorageError(
            f"{registers} was loaded for the years at risk {spans(loaded)}",
            expected=f"the years {spans(years)}",
            next_step="run `tildeling load` for the same benchmark.",
        )
    return years


#: As in ``mart.person_year``: the last four characters of the pseudonym, a number of base 62.
_RECORD_KEY = " + ".join(
    f"(strpos(?, substr(person_id, {place}, 1)) - 1) * {62 ** (12 - place)}"
    for place in range(9, 13)
)


def read_source(registers: Path) -> RegistersSource:
    """Return where the registers come from (``meta.source``)."""
    row = frame_of(
        registers,
        "SELECT is_synthetic, input_hash, years_at_risk, seed, scale, scenario FROM meta.source",
    ).iloc[0]
    return RegistersSource(
        is_synthetic=bool(row["is_synthetic"]),
        input_hash=str(row["input_hash"]),
        years_at_risk=tuple(int(year) for year in row["years_at_risk"]),
        seed=None if pd.isna(row["seed"]) else int(row["seed"]),
        scale=None if pd.isna(row["scale"]) else float(row["scale"]),
        scenario=None if pd.isna(row["scenario"]) else str(row["scenario"]),
    )


def read_data_quality(registers: Path, settings: Settings | None = None) -> pd.DataFrame:
    """Return ``meta.data_quality`` as of the benchmark of ``settings``, by register and check.

    Checks of a benchmark that is not the first stand in place of the first's.
    """
    with connect(registers, read_only=True) as connection:
        schema = mart_of(connection, settings)
        rows = connection.execute('SELECT * FROM meta.data_quality ORDER BY register, "check"').df()
    check, _, benchmark = rows["check"].str.partition(OF_BENCHMARK).to_numpy(dtype=object).T
    of_others = (benchmark != "") & (benchmark != schema.removeprefix(f"{MART}_"))
    rows = rows.assign(check=check, is_own=benchmark != "")[~of_others]
    rows["register"] = rows["register"].str.replace(rf"^{schema}\.", f"{MART}.", regex=True)
    rows = rows.sort_values(["register", "check", "is_own"])
    rows = rows.drop_duplicates(["register", "check"], keep="last")
    return rows.drop(columns="is_own").reset_index(drop=True)


def read_municipalities(registers: Path) -> pd.DataFrame:
    """Return municipality_code, municipality_name and region_name of all, ordered by code."""
    return frame_of(
        registers,
        "SELECT municipality_code, municipality_name, region_name FROM codes.municipality"
        " ORDER BY municipality_code",
    )


def read_framework_conditions(registers: Path, settings: Settings | None = None) -> pd.DataFrame:
    """Return ``mart.framework_condition``: municipality_code, condition, value; by those keys.

    Conditions are those of ``framework_condition.csv``, values (float64) in its units, the mean
    over the years before the years at risk. Empty when the register was not delivered; a
    municipality or condition without any value has no row.
    """
    return frame_of_mart(
        registers,
        settings,
        "SELECT municipality_code, condition,"
        # One order of summation, so that the last digits do not depend on threads.
        " list_avg(list(value ORDER BY year)) AS value"
        " FROM {mart}.framework_condition WHERE ? IS NULL OR list_contains(?, year)"
        " GROUP BY municipality_code, condition ORDER BY municipality_code, condition",
        [list(settings.question.years) if settings else None] * 2,
    )


def read_completeness(registers: Path) -> pd.DataFrame:
    """Return ``mart.completeness``: municipality_code, year, month, n_register, n_dream and keys.

    Counts are int64 persons, for every municipality and month of years with decisions;
    ``register_key`` and ``dream_key`` the sums of their record keys.
    """
    return frame_of(
        registers,
        "SELECT municipality_code, year, month, n_register, n_dream, register_key, dream_key"
        " FROM mart.completeness"
        " ORDER BY municipality_code, year, month",
    )


def export_quarantine(registers: Path, path: Path, settings: Settings | None = None) -> int:
    """Return the number of quarantined rows after writing them to the CSV file ``path``.

    See :func:`~pipeline.warehouse.raw.quarantine.write_quarantine`.
    """
    with connect(registers, read_only=True, **limits_of(settings)) as connection:
        return write_quarantine(connection, path)
