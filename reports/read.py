"""Reading the result tables of a published release."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.errors import StorageError
from pipeline.warehouse.connection import read_only

#: Result tables and the columns that order them.
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


@dataclass(frozen=True)
class ResultTables:
    """The tables of schema ``result`` as frames, each ordered by its key."""

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


def read_tables(benchmark_path: Path) -> ResultTables:
    """Return the result tables of the release at ``benchmark_path``, read only.

    Raises :class:`StorageError` when the file is missing, is not a database, misses a table or
    holds no run.
    """
    next_step = "run `tildeling nightly` to make a release, then `tildeling report`."
    if not benchmark_path.exists():
        raise StorageError(f"{benchmark_path} does not exist.", next_step=next_step)
    with read_only(benchmark_path) as connection:
        listed = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'result'"
        ).fetchall()
        missing = sorted(set(TABLES).difference(name for (name,) in listed))
        if missing:
            raise StorageError(
                f"{benchmark_path} is not a release.",
                expected="the tables of schema result",
                found=f"no table {', '.join(missing)}",
                next_step=next_step,
            )
        frames = {
            name: connection.execute(f"SELECT * FROM result.{name} ORDER BY {order}").df()
            for name, order in TABLES.items()
        }
    if frames["run"].empty or frames["benchmark"].empty:
        raise StorageError(f"{benchmark_path} holds no finished run.", next_step=next_step)
    return ResultTables(**frames)
