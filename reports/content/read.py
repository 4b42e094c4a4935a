"""Reading the result tables of a published release, and of the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.catalogue import catalogue, table
from pipeline.errors import StorageError
from pipeline.warehouse.database.connection import read_only
from pipeline.warehouse.database.runs import in_run_order

#: Tables whose rows have an order of their own, and the column that gives it; else by their key.
_ORDERED_BY = {"calibration": ("figure_order",)}
#: What a comparison with an earlier release reads of it.
COMPARED_TABLES = ("run", "benchmark", "ranking", "setting")
_NEXT_STEP = "run `tildeling nightly` to make a release, then `tildeling report`."


@dataclass(frozen=True)
class ResultTables:
    """The tables of the catalogue as frames, each an attribute of its name and ordered by its key.

    An optional table that the release does not have is a frame without rows and columns.
    """

    frames: Mapping[str, pd.DataFrame]

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Return the frame of the table ``name``; ``AttributeError`` for one of no catalogue."""
        if name.startswith("__") or name not in catalogue():
            raise AttributeError(name)
        return self.frames[name]


@dataclass(frozen=True)
class EarlierTables:
    """What is compared of an earlier release, each frame ordered by its key."""

    run: pd.DataFrame
    benchmark: pd.DataFrame
    ranking: pd.DataFrame
    setting: pd.DataFrame


def read_tables(benchmark_path: Path) -> ResultTables:
    """Return the result tables of the release at ``benchmark_path``, read only, of all its runs.

    Columns that its tables have got since it was made are empty. Raises :class:`StorageError` when
    the file is missing, is not a database, misses a table that is not optional or a column that is
    never empty, or holds no run.
    """
    return ResultTables(_read(benchmark_path, tuple(catalogue())))


def of_run(tables: ResultTables, run_id: str) -> ResultTables:
    """Return the rows of ``tables`` that are of the run ``run_id``."""
    return ResultTables(_of_run(tables.frames, run_id))


def _of_run(frames: Mapping[str, pd.DataFrame], run_id: str) -> dict[str, pd.DataFrame]:
    return {
        name: frame[frame["run_id"] == run_id].reset_index(drop=True)
        if "run_id" in frame
        else frame
        for name, frame in frames.items()
    }


def read_previous(
    benchmark_path: Path, run: pd.Series | None = None, *, or_first: bool = True
) -> EarlierTables | None:
    """Return what is compared of the release published before the one at ``benchmark_path``.

    Of its run with the benchmark and years of ``run`` (a row of ``result.run``), where it has none
    of its first if ``or_first``. None for the first release, for one without such a run, and for a
    file that is not one of a folder ``releases``. Raises
    :class:`StorageError` when the earlier release cannot be read.
    """
    current = benchmark_path.resolve()
    if current.parent.name != "releases":
        return None
    # The names begin with the moment of publication.
    earlier = [path for path in sorted(current.parent.glob("*.duckdb")) if path.name < current.name]
    if not earlier:
        return None
    frames = _read(earlier[-1], COMPARED_TABLES)
    runs = frames["run"]
    if run is not None:
        is_same = (runs["benchmark"] == run["benchmark"]) & (runs["years"] == run["years"])
        if not is_same.any() and not or_first:
            return None
        runs = runs[is_same] if is_same.any() else runs
    return EarlierTables(**_of_run(frames, str(in_run_order(runs)["run_id"].iloc[0])))


def _read(path: Path, names: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    if not path.exists():
        raise StorageError(f"{path} does not exist.", next_step=_NEXT_STEP)
    with read_only(path) as connection:
        rows = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'result'"
        ).fetchall()
        listed = {name for (name,) in rows}
        missing = [name for name in names if name not in listed and not table(name).is_optional]
        if missing:
            raise StorageError(
                f"{path} is not a release.",
                expected="the tables of schema result",
                found=f"no table {', '.join(missing)}",
                next_step=_NEXT_STEP,
            )
        frames = {
            name: _completed(
                path,
                name,
                connection.execute(f"SELECT * FROM result.{name} ORDER BY {_order(name)}").df(),
            )
            if name in listed
            else pd.DataFrame()
            for name in names
        }
    if frames["run"].empty or frames["benchmark"].empty:
        raise StorageError(f"{path} holds no finished run.", next_step=_NEXT_STEP)
    return frames


def _completed(path: Path, name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with the columns that its table has got since the release was made, empty.

    A release made before it could hold several runs has one, of the benchmark named as its window.
    Raises :class:`StorageError` when it lacks a column that is never empty.
    """
    if name == "run":
        one = frame.assign(run_order=1, benchmark=frame["window"], years="", settings="{}")
        frame = one.assign(**{str(column): values for column, values in frame.items()})
    lacking = [field for field in table(name).fields if field.name not in frame]
    needed = [field.name for field in lacking if not field.is_nullable]
    if needed:
        raise StorageError(
            f"{path} is of an earlier version of Tildeling.",
            expected=f"the columns of result.{name}",
            found=f"no column {', '.join(needed)}",
            next_step=_NEXT_STEP,
        )
    return frame.assign(**{field.name: None for field in lacking})


def _order(name: str) -> str:
    """Return the columns that the rows of table ``name`` are read by, quoted."""
    columns = _ORDERED_BY.get(name, table(name).key_within_run)
    return ", ".join(f'"{column}"' for column in columns)
