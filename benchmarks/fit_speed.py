"""Seconds, memory and agreement of the national logit, ours beside general tools.

    python -m benchmarks.fit_speed [--rows 6800000] [--factors 19] [--municipalities 98]
        [--other-python PATH] [--engines PREFIX ...] [--repeat 1] [--keep FOLDER]
        [--registers PATH --benchmark ministry --outcome ANY]

Makes a synthetic table in a temporary folder (Parquet, then DuckDB), or takes the person-years of a
benchmark from a ``registers.duckdb``, runs every engine in a fresh process and prints one table.
Engines that are not installed for ``--other-python`` (see ``requirements.txt``) are listed as such.
Measured times depend on what else the machine does: the load is printed beside them, and ratios
inside one run say more than seconds.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.fit_engines import CELL_FACTORS, ENGINES
from benchmarks.national_table import OUTCOME, UNIT, TableSize, write_table

ROOT = Path(__file__).resolve().parent.parent
#: Rows without events in the sample: what general tools can hold in 24 GB with 169 columns.
SAMPLE_ROWS = 680_000
TIME_LIMIT_SECONDS = 1_800


def main() -> None:
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="tildeling-fit-speed-") as temporary:
        folder = Path(options.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        database = make_database(folder, options)
        print(f"{platform.machine()}, {os.cpu_count()} cores")
        engines = [
            engine
            for engine in ENGINES
            if not options.engines or any(engine.startswith(p) for p in options.engines)
        ]
        runs = []
        for _ in range(options.repeat):
            for engine in engines:
                run = run_engine(engine, database, folder, options.other_python)
                runs.append(run)
                said = run.get("failure") or f"{run['seconds']:.1f} s, {run['peak_gb']:.2f} GB"
                print(f"{engine}: {said}", flush=True)
    print(markdown(runs))


def make_database(folder: Path, options: argparse.Namespace) -> Path:
    """Write the table, the cells and the event-enriched sample; return the DuckDB file."""
    import duckdb

    database = folder / "person_year.duckdb"
    if database.exists():
        return database
    started = time.perf_counter()
    with duckdb.connect(str(database)) as connection:
        connection.execute("SET threads = 2")
        make = _of_registers if options.registers else _drawn
        levels = make(connection, folder, options)
        connection.execute("CREATE TABLE factor (place INTEGER, name VARCHAR, n_levels INTEGER)")
        for place, (name, n_levels) in enumerate(levels.items()):
            connection.execute("INSERT INTO factor VALUES (?, ?, ?)", [place, name, n_levels])
        cell_names = ", ".join(list(levels)[: CELL_FACTORS + 1])
        counted = f"SELECT count(*), sum({OUTCOME}) FROM person_year"
        n_rows, n_events = connection.sql(counted).fetchall()[0]
        connection.execute(
            f"CREATE TABLE cell AS SELECT {cell_names}, count(*) AS n_persons, "
            f"sum({OUTCOME})::BIGINT AS {OUTCOME} FROM person_year GROUP BY ALL ORDER BY ALL"
        )
        every = max(1, n_rows // SAMPLE_ROWS)
        connection.execute(
            f"CREATE TABLE sample AS SELECT * FROM person_year "
            f"WHERE {OUTCOME} = 1 OR rowid % {every} = 0"
        )
        n_cells = connection.sql("SELECT count(*) FROM cell").fetchall()[0][0]
        n_sample = connection.sql("SELECT count(*) FROM sample").fetchall()[0][0]
    print(f"made in {time.perf_counter() - started:.0f} s: {n_rows:,} rows, {n_events:,} events,")
    n_parameters = sum(levels.values()) - len(levels) + 1
    print(f"{len(levels) - 1} factors, {levels[UNIT]} units, {n_parameters} parameters;", end=" ")
    print(f"sample {n_sample:,} rows with all events; {n_cells:,} cells of {CELL_FACTORS} factors")
    return database


def _drawn(connection: Any, folder: Path, options: argparse.Namespace) -> dict[str, int]:
    """Make the synthetic table; return column -> number of levels, the municipality first."""
    size = TableSize(options.rows, options.municipalities, options.factors)
    write_table(folder / "person_year.parquet", size)
    connection.read_parquet(str(folder / "person_year.parquet")).create("person_year")
    return size.levels


def _of_registers(connection: Any, folder: Path, options: argparse.Namespace) -> dict[str, int]:
    """Make the table of a benchmark's person-years; return as :func:`_drawn`.

    A level, or municipality, without the event goes with the first that has it: no engine could
    fit it.
    """
    from pipeline.settings import read_settings
    from pipeline.warehouse.frames import read

    settings = read_settings(benchmark=options.benchmark)
    cells = read.read_model_cells(Path(options.registers), settings, outcome=options.outcome)
    columns = {UNIT: cells["municipality_code"], "year": cells["year"]}
    columns |= {name: cells[name] for name in settings.question.levels()}
    levels, codes = {}, {}
    for name, column in columns.items():
        of_row = column.astype("category").cat.codes.to_numpy(np.int64)
        has_event = np.bincount(of_row, cells["n_events"]) > 0
        place = np.where(has_event, np.cumsum(has_event) - 1, 0)
        levels[name], codes[name] = int(has_event.sum()), place[of_row].astype(np.uint8)
    counts = {name: cells[name].to_numpy(np.int64) for name in ("n_persons", "n_events")}
    connection.register("counted", pa.table({**codes, **counts}))
    names = ", ".join(levels)
    connection.execute(
        f"CREATE TABLE person_year AS SELECT {names}, "
        f"CAST(person.number < counted.n_events AS UTINYINT) AS {OUTCOME} "
        f"FROM counted, unnest(range(counted.n_persons)) AS person(number)"
    )
    connection.unregister("counted")
    return levels


def run_engine(engine: str, database: Path, folder: Path, other_python: str) -> dict:
    """Return the engine's measurement and coefficients, or ``{"engine", "failure"}``."""
    python = sys.executable if engine.startswith("ours") else other_python
    target = folder / f"{engine.replace(', ', '_').replace(' ', '_')}.npz"
    command = [python, "-m", "benchmarks.fit_engines", engine, str(database), str(target)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=TIME_LIMIT_SECONDS
        )
    except subprocess.TimeoutExpired:
        return {"engine": engine, "failure": f"more than {TIME_LIMIT_SECONDS} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
        return {"engine": engine, "failure": last[:80]}
    with np.load(target) as saved:
        arrays = {name: saved[name] for name in ("names", "coefficients", "variance")}
    return {**json.loads(done.stdout.splitlines()[-1]), **arrays}


def markdown(runs: list[dict]) -> str:
    """Return the table; ratios and differences are against our first run on the same rows."""
    ours = {}
    for run in runs:
        if run["engine"].startswith("ours") and "failure" not in run:
            ours.setdefault(run["table"], run)
    lines = [
        "| engine | s | CPU s | ratio | peak GB | max abs coef diff | max rel var diff | load |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for run in runs:
        if "failure" in run:
            lines.append(f"| {run['engine']} | {run['failure']} | | | | | | |")
            continue
        reference = ours.get(run["table"])
        ratio, gap, variance_gap = "", "", ""
        if reference is not None:
            ratio = f"{run['seconds'] / reference['seconds']:.1f}"
            if list(run["names"]) == list(reference["names"]):
                gap = f"{np.abs(run['coefficients'] - reference['coefficients']).max():.1e}"
                if len(run["variance"]):
                    relative = np.abs(run["variance"] / reference["variance"] - 1)
                    variance_gap = f"{relative.max():.1e}"
            else:
                gap = "other columns"
        lines.append(
            f"| {run['engine']} | {run['seconds']:.1f} | {run['cpu_seconds']:.1f} | {ratio} "
            f"| {run['peak_gb']:.2f} | {gap} | {variance_gap} | {run['load']:.1f} |"
        )
    versions = []
    for name in ("numpy", "duckdb", "pyarrow"):
        versions.append(f"{name} {importlib.metadata.version(name)}")
    return "\n".join([*lines, "", ", ".join(versions)])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--rows", type=int, default=6_800_000)
    parser.add_argument("--municipalities", type=int, default=98)
    parser.add_argument("--factors", type=int, default=19)
    parser.add_argument("--other-python", default=sys.executable)
    parser.add_argument("--engines", nargs="*", default=[])
    parser.add_argument("--registers", default="")
    parser.add_argument("--benchmark", default="ministry")
    parser.add_argument("--outcome", default="ANY")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--keep", default="")
    return parser.parse_args()


if __name__ == "__main__":
    main()
