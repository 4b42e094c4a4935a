"""Load ten gigabytes of register files: time, rows and peak memory.

A small generated country is multiplied: every person and hospital contact is copied under other
numbers until the files fill the size asked for, most of them CSV, DREAM and SSSY uncompressed
Parquet. Then `tildeling load` runs on them in a process of its own, whose peak memory is reported,
and once more, to see what a night costs in which nothing changed.

    python benchmarks/load_10gb.py --folder /big/disk/bench --gb 10
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from synthetic_data import generate

PARQUET = ("dream", "sssy")
KEYS = ("PNR", "RECNUM")
_YEARS = {"first_year": 1998, "last_year": 2007}
TILDELING = Path(sys.executable).with_name("tildeling")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="empty folder on a large disk")
    parser.add_argument("--gb", type=float, default=10.0, help="size of the files, 10^9 bytes")
    parser.add_argument("--scale", type=float, default=0.02, help="share of the country to copy")
    parser.add_argument("--memory-limit", default="4GB", help="DuckDB's memory limit")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="leave the files in place")
    return parser.parse_args()


def written(connection: duckdb.DuckDBPyConnection, path: Path, target: Path, n: int) -> int:
    """Return the bytes of ``path`` written to ``target`` ``n`` times, under other numbers."""
    is_csv = path.suffix == ".csv"
    reader = "read_csv(?, all_varchar = true)" if is_csv else "read_parquet(?)"
    columns = [
        row[0] for row in connection.execute(f"DESCRIBE FROM {reader}", [str(path)]).fetchall()
    ]
    copied = ", ".join(
        f"concat('c', copy, 'n', {name}) AS {name}" for name in KEYS if name in columns
    )
    chosen = f"SELECT * {f'REPLACE ({copied})' if copied else ''}"
    name = path.stem.rstrip("0123456789_")
    out = target / f"{path.stem}.{'parquet' if name in PARQUET else 'csv'}"
    options = (
        "FORMAT parquet, COMPRESSION uncompressed"
        if name in PARQUET
        else "FORMAT csv, DELIMITER ';', HEADER"
    )
    times = n if copied else 1
    connection.execute(
        f"COPY (SELECT * EXCLUDE (copy) FROM ({chosen} FROM {reader} CROSS JOIN range({times})"
        f" AS copies (copy))) TO '{out}' ({options})",
        [str(path)],
    )
    return out.stat().st_size


def files_of(base: Path, target: Path, n: int) -> int:
    """Return the bytes of all register files of ``base`` written to ``target`` ``n`` times."""
    target.mkdir()
    with duckdb.connect(config={"memory_limit": "3GB", "threads": 2}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        paths = [path for path in sorted(base.iterdir()) if path.suffix in (".csv", ".parquet")]
        return sum(written(connection, path, target, n) for path in paths)


def load(folder: Path, chosen: argparse.Namespace) -> tuple[float, float, float, str]:
    """Return seconds, processor seconds, peak memory (GiB) and what a load of its own said."""
    environment = {
        **os.environ,
        "TILDELING_MEMORY_LIMIT": chosen.memory_limit,
        "TILDELING_THREADS": str(chosen.threads),
    }
    log = folder / "load.log"
    began = time.perf_counter()
    with log.open("a") as errors, (folder / "said").open("w+") as said:
        started = subprocess.Popen(
            [TILDELING, "load", "--extracts", folder / "extracts", "--home", folder / "home"],
            env=environment,
            stdout=said,
            stderr=errors,
        )
        # The use of this one process: that of all children would count the generator's too.
        _, status, used = os.wait4(started.pid, 0)
        seconds = time.perf_counter() - began
        said.seek(0)
        text = said.read()
    if status:
        raise SystemExit(text + log.read_text()[-4000:])
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20, text


def main() -> None:
    chosen = arguments()
    folder: Path = chosen.folder
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free / 1e9
    if free < 3 * chosen.gb:
        raise SystemExit(f"{free:.0f} GB free in {folder}; {3 * chosen.gb:.0f} GB are needed")
    try:
        generate(folder / "base", scale=chosen.scale, seed=1, **_YEARS, workers=chosen.threads)
        once = files_of(folder / "base", folder / "once", 1)
        shutil.rmtree(folder / "once")
        n = max(round(chosen.gb * 1e9 / once), 1)
        size = files_of(folder / "base", folder / "extracts", n)
        shutil.rmtree(folder / "base")
        print(f"{size / 1e9:.2f} GB: {n} copies of a country of scale {chosen.scale}", flush=True)
        for name in ("first load", "nothing changed"):
            seconds, processor, peak, said = load(folder, chosen)
            print(
                f"{name}: {seconds:.0f} s ({processor:.0f} s of processor),"
                f" {size / 1e6 / seconds:.0f} MB/s, peak memory"
                f" {peak:.2f} GiB (DuckDB's limit {chosen.memory_limit}, {chosen.threads} threads)"
            )
            print(said, flush=True)
        database = folder / "home" / "registers.duckdb"
        print(f"registers.duckdb: {database.stat().st_size / 1e9:.2f} GB")
        print((folder / "load.log").read_text())
    finally:
        if not chosen.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
