"""Reading the result tables of a published release, and of the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from pipeline.errors import StorageError
from pipeline.warehouse.database.connection import read_only

#: Result tables every release has, and the columns that order them.
TABLES = {
    "run": "run_id",
    "benchmark": "outcome, model, municipality_code",
    "ranking": "outcome, model, municipality_code",
    "breakdown": "outcome, model, municipality_code, diagnosis_group, tenure_band",
    "breakdown_country": "outcome, model, diagnosis_group, tenure_band",
    "counterfactual": "outcome, model, standard, method",
    "coefficient": "outcome, model, term, level",
    "data_quality": 'register, "check"',
    "recovery": "outcome, model, measure",
    "setting": "setting",
}
#: Result tables of later parts of the method; a release without them is still a release.
LATER_TABLES = {
    "framework_condition": "municipality_code, condition",
    "second_stage": "outcome, method, term",
    "decomposition": "outcome, municipality_code, component",
    "development": "outcome, model, municipality_code, year",
    "development_country": "outcome, model, year",
    "grant_history": "outcome, municipality_code, year",
    "breakdown_age": "outcome, model, municipality_code, age_band",
    "breakdown_age_country": "outcome, model, age_band",
    "sensitivity": "specification, outcome, municipality_code",
    "sensitivity_summary": "outcome, municipality_code",
    "case_processing": "outcome, municipality_code",
    "completeness": "municipality_code, year",
    "calibration": "figure_order",
    "practice_profile": "outcome, model, municipality_code, dimension, level",
}
#: What a comparison with an earlier release reads of it.
COMPARED_TABLES = {name: TABLES[name] for name in ("run", "benchmark", "ranking", "setting")}
_NEXT_STEP = "run `tildeling nightly` to make a release, then `tildeling report`."


@dataclass(frozen=True)
class ResultTables:
    """The tables of schema ``result`` as frames, each ordered by its key.

    A table of :data:`LATER_TABLES` that the release does not have is a frame without rows and
    columns.
    """

    run: pd.DataFrame
    benchmark: pd.DataFrame
    ranking: pd.DataFrame
    breakdown: pd.DataFrame
    breakdown_country: pd.DataFrame
    counterfactual: pd.DataFrame
    coefficient: pd.DataFrame
    data_quality: pd.DataFrame
    recovery: pd.DataFrame
    setting: pd.DataFrame
    framework_condition: pd.DataFrame
    second_stage: pd.DataFrame
    decomposition: pd.DataFrame
    development: pd.DataFrame
    development_country: pd.DataFrame
    grant_history: pd.DataFrame
    breakdown_age: pd.DataFrame
    breakdown_age_country: pd.DataFrame
    sensitivity: pd.DataFrame
    sensitivity_summary: pd.DataFrame
    case_processing: pd.DataFrame
    completeness: pd.DataFrame
    calibration: pd.DataFrame
    practice_profile: pd.DataFrame


@dataclass(frozen=True)
class EarlierTables:
    """What is compared of an earlier release, each frame ordered by its key."""

    run: pd.DataFrame
    benchmark: pd.DataFrame
    ranking: pd.DataFrame
    setting: pd.DataFrame


def read_tables(benchmark_path: Path) -> ResultTables:
    """Return the result tables of the release at ``benchmark_path``, read only.

    Raises :class:`StorageError` when the file is missing, is not a database, misses a table of
    :data:`TABLES` or holds no run.
    """
    frames = _read(benchmark_path, TABLES, LATER_TABLES)
    return ResultTables(**{field.name: frames[field.name] for field in fields(ResultTables)})


def read_previous(benchmark_path: Path) -> EarlierTables | None:
    """Return what is compared of the release published before the one at ``benchmark_path``.

    None for the first release, and for a file that is not one of a folder ``releases``. Raises
    :class:`StorageError` when the earlier release cannot be read.
    """
    current = benchmark_path.resolve()
    if current.parent.name != "releases":
        return None
    # The names begin with the moment of publication.
    earlier = [path for path in sorted(current.parent.glob("*.duckdb")) if path.name < current.name]
    return EarlierTables(**_read(earlier[-1], COMPARED_TABLES, {})) if earlier else None


def _read(
    path: Path, needed: Mapping[str, str], later: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    if not path.exists():
        raise StorageError(f"{path} does not exist.", next_step=_NEXT_STEP)
    with read_only(path) as connection:
        rows = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'result'"
        ).fetchall()
        listed = {name for (name,) in rows}
        missing = sorted(set(needed).difference(listed))
        if missing:
            raise StorageError(
                f"{path} is not a release.",
                expected="the tables of schema result",
                found=f"no table {', '.join(missing)}",
                next_step=_NEXT_STEP,
            )
        frames = {
            name: connection.execute(f"SELECT * FROM result.{name} ORDER BY {order}").df()
            if name in listed
            else pd.DataFrame()
            for name, order in {**needed, **later}.items()
        }
    if frames["run"].empty or frames["benchmark"].empty:
        raise StorageError(f"{path} holds no finished run.", next_step=_NEXT_STEP)
    return frames
