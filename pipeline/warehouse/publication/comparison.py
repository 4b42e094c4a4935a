"""Two releases side by side: rows, sums, coverage, settings and the largest moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.errors import StorageError
from pipeline.warehouse.database.connection import MEMORY, connect, quote_text
from pipeline.warehouse.database.runs import in_run_order

#: Sums over the municipalities, per outcome and model.
_SUMS = ("n_at_risk", "observed", "expected", "coverage")
_N_MOVES = 10
_RUN = ("window", "is_synthetic", "scale", "seed", "input_hash", "settings_hash", "code_version")


@dataclass(frozen=True)
class Comparison:
    """Release ``after`` against release ``before``.

    ``tables``: rows per table; ``sums``: per outcome and model, of municipalities, persons at
    risk, grants, expected grants and coverage; ``run`` and ``settings``: what decides numbers and
    differs; each with columns before and after (missing where one side has none). ``moves``: the
    municipalities whose rank changed most, per outcome under the model ``within``.
    """

    before: str
    after: str
    tables: pd.DataFrame
    sums: pd.DataFrame
    run: pd.DataFrame
    settings: pd.DataFrame
    moves: pd.DataFrame

    @property
    def is_same_question(self) -> bool:
        """Whether both answer the same: window, settings, and kind and scale of the data."""
        asked = ("window", "is_synthetic", "scale", "settings_hash")
        return not self.run.index.isin(asked).any()

    def shrinkage(self, allowed: float) -> list[str]:
        """Return in words which tables or sums of ``after`` have shrunk by more than ``allowed``.

        ``allowed`` is a share, 0-1. A table, outcome or model that is gone is named below 1. Empty
        for releases that do not answer the same question, and where all is allowed.
        """
        if not self.is_same_question or allowed >= 1:
            return []
        both = pd.concat([self.tables, self.sums])
        lost = []
        for name, row in both.iterrows():
            before, after = row["before"], row["after"]
            if pd.isna(before) or before <= 0:
                continue
            if pd.isna(after):
                lost.append(f"{name}: {_number(before)} before, gone now")
            elif after < before * (1 - allowed):
                share = 1 - after / before
                lost.append(
                    f"{name}: {_number(before)} before, {_number(after)} now (-{share:.1%})"
                )
        return lost

    def __str__(self) -> str:
        """Return the comparison as plain text, without what is equal."""
        lines = [f"before  {self.before}", f"after   {self.after}"]
        for title, frame in (
            ("Run", self.run),
            ("Settings", self.settings),
            ("Rows", self.tables),
            ("Sums", self.sums),
        ):
            shown = frame[~_equal(frame)]
            lines += ["", title if len(shown) else f"{title}: no difference"]
            lines += [
                f"  {name}: {_number(row['before'])} -> {_number(row['after'])}"
                for name, row in shown.iterrows()
            ]
        lines += ["", "Largest moves" if len(self.moves) else "Largest moves: none"]
        lines += [
            f"  {m.outcome} {m.municipality_code} {m.municipality_name}:"
            f" rank {m.rank_before} -> {m.rank_after},"
            f" ratio {m.ratio_before:.3f} -> {m.ratio_after:.3f}"
            for m in self.moves.itertuples()
        ]
        return "\n".join(lines)


def compare_releases(
    before: Path, after: Path, question: tuple[str, str] | None = None
) -> Comparison:
    """Return the release file ``after`` compared with ``before``; errors as of opening them.

    One run of each is compared: of the benchmark and years ``question``, as ``result.run`` has
    them, else the first; where one has no such run, its first stands in.
    """
    old, new = _read(before, question), _read(after, question)
    return Comparison(
        before=before.stem,
        after=after.stem.removesuffix(".duckdb"),
        tables=_side_by_side(old["rows"], new["rows"]),
        sums=_side_by_side(_sums(old["benchmark"]), _sums(new["benchmark"])),
        run=_differing(old["run"].iloc[0][list(_RUN)], new["run"].iloc[0][list(_RUN)]),
        settings=_differing(
            old["setting"].set_index("setting")["value"],
            new["setting"].set_index("setting")["value"],
        ),
        moves=_moves(old["places"], new["places"]),
    )


def _read(path: Path, question: tuple[str, str] | None) -> Mapping[str, pd.DataFrame]:
    if not path.exists():
        raise StorageError(f"there is no release {path}", next_step="see `tildeling releases`.")
    # Attached, not opened: a process may hold the same release open with settings of its own.
    with connect(MEMORY, read_only=False, storage_version=None) as connection:
        connection.execute(f"ATTACH {quote_text(str(path))} AS release (READ_ONLY)")
        connection.execute("USE release")
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT table_name FROM duckdb_tables()"
                " WHERE schema_name = 'result' AND database_name = 'release' ORDER BY ALL"
            ).fetchall()
        ]
        run = _run_of(connection.execute("SELECT * FROM result.run").df(), question)
        connection.execute("SET VARIABLE compared = ?", [str(run["run_id"].iloc[0])])
        only = "WHERE run_id = getvariable('compared')"
        counted = " UNION ALL ".join(
            f"SELECT '{name}' AS name, count(*) AS value FROM result.\"{name}\" {only}"
            for name in tables
        )
        queries = {
            "rows": counted,
            "setting": f"SELECT setting, value FROM result.setting {only}",
            "benchmark": f"SELECT * FROM result.benchmark {only}",
            "places": (
                "SELECT benchmark.outcome, benchmark.municipality_code,"
                " benchmark.municipality_name, benchmark.ratio, ranking.rank"
                " FROM result.benchmark INNER JOIN result.ranking"
                f" USING (run_id, outcome, model, municipality_code) {only} AND model = 'within'"
            ),
        }
        frames = {name: connection.execute(sql).df() for name, sql in queries.items()}
    frames["run"] = run
    frames["rows"] = frames["rows"].set_index("name")["value"].to_frame()
    return frames


def _run_of(runs: pd.DataFrame, question: tuple[str, str] | None) -> pd.DataFrame:
    """Return the one row of the run of ``question``, else of the first."""
    ordered = in_run_order(runs)
    if question is not None and "benchmark" in runs:
        benchmark, years = question
        of_question = ordered[(ordered["benchmark"] == benchmark) & (ordered["years"] == years)]
        ordered = pd.concat([of_question, ordered])
    return ordered.iloc[[0]]


def _sums(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Return one row per outcome, model and sum, with ``value``."""
    per_model = benchmark.groupby(["outcome", "model"])
    sums = per_model[list(_SUMS)].sum().assign(municipalities=per_model.size())
    long = sums.stack()
    names = [f"{outcome} {model} {measure}" for outcome, model, measure in long.index]
    return pd.DataFrame({"value": long.to_numpy(dtype=float)}, index=names)


def _side_by_side(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    joined = before.set_axis(["before"], axis=1).join(
        after.set_axis(["after"], axis=1), how="outer"
    )
    return joined[["before", "after"]]


def _differing(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    frame = _side_by_side(
        before.rename("value").astype(object).to_frame(),
        after.rename("value").astype(object).to_frame(),
    )
    return frame[~_equal(frame)]


def _equal(frame: pd.DataFrame) -> pd.Series:
    before, after = frame["before"], frame["after"]
    return (before == after) | (before.isna() & after.isna())


def _moves(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    both = after.merge(
        before.drop(columns="municipality_name"),
        on=["outcome", "municipality_code"],
        suffixes=("_after", "_before"),
    )
    step = (both["rank_after"] - both["rank_before"]).abs()
    moved = both.assign(step=step)[step > 0]
    ordered = moved.sort_values(
        ["outcome", "step", "municipality_code"], ascending=[True, False, True]
    )
    return ordered.groupby("outcome", sort=False).head(_N_MOVES).drop(columns="step")


def _number(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, float):
        return "none" if pd.isna(value) else f"{value:,.3f}"
    return "none" if value is None else str(value)
