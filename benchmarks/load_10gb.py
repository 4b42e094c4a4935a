"""Load ten gigabytes of register files: time, rows and peak memory.

A small generated country is multiplied: every person, family and hospital contact is copied under
other numbers until the files fill the size asked for, most of them CSV, DREAM and SSSY uncompressed
Parquet. Then `tildeling load` runs on them in a process of its own, whose peak memory is reported,
and once more, to see what a night costs in which nothing changed. Ends with an error when a load
needed more memory than it was allowed.

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
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.setting_values import bytes_of
from synthetic_data import generate

PARQUET = ("dream", "sssy")
KEYS = ("PNR", "RECNUM", "FAMILIE_ID", "MOR_ID", "FAR_ID")
_YEARS = {"first_year": 1998, "last_year": 2007}
#: Rows of a row group, as DuckDB writes them.
ROW_GROUP = 122_880
#: `tildeling`, saying at the end what memory it took. The kernel counts VmHWM from the start of the
#: program; ru_maxrss would begin with what this script held when it started the other.
MEASURED = """
import sys
from pipeline.commands.cli import main
code = main(sys.argv[1:])
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
sys.exit(code)
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="empty folder on a large disk")
    parser.add_argument("--gb", type=float, default=10.0, help="size of the files, 10^9 bytes")
    parser.add_argument("--scale", type=float, default=0.02, help="share of the country to copy")
    parser.add_argument("--memory-limit", default="4GB", help="memory of the load")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="leave the files for another run")
    parser.add_argument("--only-files", action="store_true", help="make the files and load nothing")
    return parser.parse_args()


def written(connection: duckdb.DuckDBPyConnection, path: Path, target: Path, n: int) -> int:
    """Return the bytes of ``path`` written to ``target`` ``n`` times, under other numbers."""
    name = path.stem.rstrip("0123456789_")
    if name in PARQUET:
        out = target / f"{path.stem}.parquet"
        write_parquet(path, out, n)
        return out.stat().st_size
    reader = "read_csv(?, all_varchar = true)" if path.suffix == ".csv" else "read_parquet(?)"
    columns = [
        row[0] for row in connection.execute(f"DESCRIBE FROM {reader}", [str(path)]).fetchall()
    ]
    copied = ", ".join(
        f"'c' || copy || 'n' || {name} AS {name}" for name in KEYS if name in columns
    )
    options = f"SELECT * {f'REPLACE ({copied})' if copied else ''}"
    out = target / f"{path.stem}.csv"
    times = n if copied else 1
    connection.execute(
        f"COPY (SELECT * EXCLUDE (copy) FROM ({options} FROM {reader} CROSS JOIN range({times})"
        f" AS copies (copy))) TO '{out}' (FORMAT csv, DELIMITER ';', HEADER)",
        [str(path)],
    )
    return out.stat().st_size


def write_parquet(path: Path, out: Path, n: int) -> None:
    """Write the Parquet file ``path`` ``n`` times over to ``out``, under other numbers."""
    texts = [name for name in pq.read_schema(path).names if name not in KEYS]
    # As dictionaries, the hundreds of week columns are not looked up again for every copy.
    whole = pq.read_table(path, read_dictionary=texts)
    with pq.ParquetWriter(out, whole.schema, compression="none") as writer:
        for copy in range(n):
            table = whole
            for name in set(KEYS) & set(whole.column_names):
                place = whole.column_names.index(name)
                numbers = [f"c{copy}n{number}" for number in whole[name].to_pylist()]
                table = table.set_column(place, name, pa.array(numbers, whole[name].type))
            writer.write_table(table, row_group_size=ROW_GROUP)


def files_of(base: Path, target: Path, n: int) -> int:
    """Return the bytes of all register files of ``base`` written to ``target`` ``n`` times."""
    target.mkdir()
    with duckdb.connect(config={"memory_limit": "3GB", "threads": 2}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        paths = [path for path in sorted(base.iterdir()) if path.suffix in (".csv", ".parquet")]
        return sum(written(connection, path, target, n) for path in paths)


def load(folder: Path, options: argparse.Namespace) -> tuple[float, float, int, str]:
    """Return seconds, processor seconds, peak bytes of memory and what a load of its own said."""
    environment = {
        **os.environ,
        "TILDELING_MEMORY_LIMIT": options.memory_limit,
        "TILDELING_THREADS": str(options.threads),
    }
    program = folder / "measured.py"
    program.write_text(MEASURED)
    command = ["load", "--extracts", folder / "extracts", "--home", folder / "home"]
    log = folder / "load.log"
    began = time.perf_counter()
    with log.open("w") as errors, (folder / "said").open("w+") as said:
        started = subprocess.Popen(
            [sys.executable, program, *command], env=environment, stdout=said, stderr=errors
        )
        # The use of this one process: that of all children would count the generator's too.
        _, status, used = os.wait4(started.pid, 0)
        seconds = time.perf_counter() - began
        said.seek(0)
        text, _, peak = said.read().rstrip().rpartition("\n")
    if status:
        raise SystemExit(text + log.read_text()[-4000:])
    return seconds, used.ru_utime + used.ru_stime, int(peak) * 1024, text


def make_files(folder: Path, options: argparse.Namespace) -> int:
    """Return the bytes of the register files in ``folder``/extracts, made where not there yet."""
    extracts = folder / "extracts"
    if not extracts.exists():
        free = shutil.disk_usage(folder).free / 1e9
        if free < 3 * options.gb:
            raise SystemExit(f"{free:.0f} GB free in {folder}; {3 * options.gb:.0f} GB are needed")
        generate(folder / "base", scale=options.scale, seed=1, **_YEARS, workers=options.threads)
        once = files_of(folder / "base", folder / "once", 1)
        shutil.rmtree(folder / "once")
        n = max(round(options.gb * 1e9 / once), 1)
        files_of(folder / "base", folder / "unfinished", n)
        shutil.rmtree(folder / "base")
        (folder / "unfinished").rename(extracts)
        print(f"{n} copies of a country of scale {options.scale}")
    size = sum(path.stat().st_size for path in extracts.iterdir())
    print(f"{size / 1e9:.2f} GB of files", flush=True)
    return size


def main() -> None:
    options = arguments()
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        size = make_files(folder, options)
        if options.only_files:
            return
        shutil.rmtree(folder / "home", ignore_errors=True)
        peaks = []
        for name in ("first load", "nothing changed"):
            seconds, processor, peak, said = load(folder, options)
            peaks.append(peak)
            print(
                f"{name}: {seconds:.0f} s ({processor:.0f} s of processor),"
                f" {size / 1e6 / seconds:.0f} MB/s, peak memory {peak / 1e9:.2f} GB"
                f" (limit {options.memory_limit}, {options.threads} threads),"
                f" load average {', '.join(f'{n:.1f}' for n in os.getloadavg())}"
            )
            print(said)
            print((folder / "load.log").read_text(), flush=True)
        database = folder / "home" / "registers.duckdb"
        print(f"registers.duckdb: {database.stat().st_size / 1e9:.2f} GB")
        if max(peaks) > bytes_of(options.memory_limit):
            raise SystemExit(f"a load needed more than {options.memory_limit}")
    finally:
        if not (options.keep or options.only_files):
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
