"""What a load costs beside a plain copy of the same files into DuckDB, in processor seconds.

    python -m benchmarks.load_ratio EXTRACTS [--repeat 2] [--threads 2]

The copy reads every register file with DuckDB's own readers, a table a register, and checks,
pseudonymises and derives nothing. Runs in turn, each in a process of its own, and prints both with
the ratio.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

COPY = """
import sys
import duckdb
database, threads, *files = sys.argv[1:]
with duckdb.connect(database) as connection:
    connection.execute(f"SET threads = {threads}")
    by_register = {}
    for file in files:
        register = file.rsplit("/", 1)[1].split(".")[0].rstrip("0123456789_")
        by_register.setdefault(register, []).append(file)
    for number, of in enumerate(by_register.values()):
        read = "read_parquet" if of[0].endswith(".parquet") else "read_csv"
        connection.execute(
            f"CREATE TABLE register_{number} AS SELECT * FROM {read}({of}, union_by_name = true)"
        )
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("extracts", type=Path)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    files = sorted(
        str(path) for path in options.extracts.iterdir() if path.suffix in (".csv", ".parquet")
    )
    seconds = defaultdict(list)
    for _ in range(options.repeat):
        with tempfile.TemporaryDirectory(prefix="tildeling-load-ratio-") as folder:
            copy = [sys.executable, "-c", COPY, f"{folder}/copy.duckdb", str(options.threads)]
            seconds["copy"].append(_processor_seconds([*copy, *files]))
            program = str(Path(sys.executable).with_name("tildeling"))
            load = [program, "load", "--extracts", str(options.extracts)]
            load += ["--home", f"{folder}/home"]
            seconds["load"].append(_processor_seconds(load))
    for name, runs in seconds.items():
        print(f"{name}: {', '.join(f'{run:.1f}' for run in runs)} processor s")
    print(f"ratio: {min(seconds['load']) / min(seconds['copy']):.2f}")


def _processor_seconds(command: list[str]) -> float:
    """Run ``command``; return its user and system time with that of its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
