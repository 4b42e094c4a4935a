"""Random damage to register files, many times: what becomes of it, and of every row.

    python benchmarks/load_fuzz.py --seeds 1000 [--first 0]

Each seed damages one register of a small sound folder (``tests/load_fuzz.py``) and loads it. Prints
how many ended refused and how many loaded, and each seed in which a promise was broken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import duckdb
from extracts_fixture import ExtractsFolder
from load_fuzz import damage, outcome

from pipeline.warehouse.database.sqlfiles import read_folder, run_sql_files
from pipeline.warehouse.marts.build import build_codes
from pipeline.warehouse.raw.pseudonymkey import PseudonymKey
from pipeline.warehouse.raw.pseudonyms import pseudonymising


def main() -> int:
    """Return 0 when every run ended as promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    ends: Counter[str] = Counter()
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as connection:
        sound = ExtractsFolder().with_background(n=12).write(Path(name) / "sound")
        connection.execute("CREATE SCHEMA raw")
        build_codes(connection)
        run_sql_files(connection, read_folder("meta"))
        with pseudonymising(connection, PseudonymKey(b"a key that is only for benchmarks")):
            for seed in range(options.first, options.first + options.seeds):
                with tempfile.TemporaryDirectory(dir=name) as run:
                    folder, workspace = Path(run) / "in", Path(run) / "staged"
                    folder.mkdir()
                    workspace.mkdir()
                    delivery = damage(sound, folder, seed)
                    try:
                        ends[outcome(connection, folder, workspace, delivery)] += 1
                    except Exception as error:
                        broken.append(f"seed {seed}: {type(error).__name__}: {error}; {delivery}")
    print(*broken, sep="\n")
    print(f"{options.seeds} seeds: {dict(ends)}, {len(broken)} broken; {process_time():.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
