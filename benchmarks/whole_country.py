"""Generates one country twice, with other workers and another block size, and compares every file.

    python -m benchmarks.whole_country --scale 1.0 --years 1984-2007 --folder DIR

Prints for both runs wall time, CPU time, peak memory of all processes, rows, MB and rates, then
whether the files are the same byte for byte, and their content row by row where bytes may differ:
the block size decides Parquet's row groups and nothing else. The last lines are a table for
``benchmarks/README.md``. The folder needs room for two countries.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

_SLICE_ROWS = 200_000
_PIECE = 1 << 22
_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Measured:
    """One run of the command: its settings, times in seconds, memory in bytes, and its words."""

    workers: int
    block_persons: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    said: str


def run(folder: Path, years: str, scale: float, workers: int, block_persons: int) -> Measured:
    """Return what one `tildeling generate` took; raises when it fails."""
    command = [str(Path(sys.executable).with_name("tildeling")), "generate", "--out", str(folder)]
    command += ["--scale", str(scale), "--years", years, "--workers", str(workers)]
    environment = {**os.environ, "TILDELING_BLOCK_PERSONS": str(block_persons)}
    before, began = os.times(), time.monotonic()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, held_by(process.pid))
            time.sleep(_EVERY_SECONDS)
        said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(said)
    seconds, after = time.monotonic() - began, os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Measured(workers, block_persons, seconds, cpu, peak, said)


def held_by(pid: int) -> int:
    """Return the memory that process ``pid`` and its descendants hold now, shared pages once.

    The proportional set size, Linux only.
    """
    held = 0
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        held = next(int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except (OSError, StopIteration):  # it has just ended
        return 1024 * held
    # Workers are started by threads of the pool too.
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children += thread.read_text(encoding="ascii").split()
        except OSError:
            continue
    return 1024 * held + sum(held_by(int(child)) for child in sorted(set(children)))


def of_bytes(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def of_content(path: Path) -> str:
    """Return the SHA-256 of a file's rows in order, whatever its row groups; CSV by its bytes."""
    if path.suffix != ".parquet":
        return of_bytes(path)
    digest = hashlib.sha256()
    file = pq.ParquetFile(path)
    digest.update(str(file.schema_arrow).encode())
    left = pa.table({})
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        left = pa.concat_tables([left, table]) if left.num_columns else table
        whole = left.num_rows - left.num_rows % _SLICE_ROWS
        _update(digest, left.slice(0, whole))
        left = left.slice(whole)
    _update(digest, left)
    return digest.hexdigest()


def _update(digest: hashlib._Hash, table: pa.Table) -> None:
    for first in range(0, table.num_rows, _SLICE_ROWS):
        # As text, in which a missing value is not an empty one, and nothing tells where a slice
        # of Arrow's began.
        sink = pa.BufferOutputStream()
        pa_csv.write_csv(table.slice(first, _SLICE_ROWS), sink)
        digest.update(sink.getvalue())


def differing(one: Path, other: Path, of: Callable[[Path], str]) -> list[str]:
    """Return the files that differ by ``of``, or are in one only."""
    names = {str(p.relative_to(f)) for f in (one, other) for p in f.rglob("*") if p.is_file()}
    result = []
    for name in sorted(names):
        both = [folder / name for folder in (one, other)]
        if not all(path.is_file() for path in both) or of(both[0]) != of(both[1]):
            result.append(name)
    return result


def main() -> None:
    """Run twice, compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--years", default="1984-2007")
    parser.add_argument("--workers", type=int, nargs=2, default=(2, 1), metavar="N")
    parser.add_argument("--block-persons", type=int, nargs=2, default=(50_000, 50_000), metavar="N")
    parser.add_argument("--folder", type=Path, required=True, help="new folder, removed at the end")
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    options = parser.parse_args()
    options.folder.mkdir(parents=True)
    folders = [options.folder / "one", options.folder / "other"]
    runs = []
    for folder, workers, persons in zip(
        folders, options.workers, options.block_persons, strict=True
    ):
        load = Path("/proc/loadavg").read_text(encoding="ascii").split()[0]
        print(f"{workers} workers, blocks of {persons:,}; load before {load}", flush=True)
        runs.append(run(folder, options.years, options.scale, workers, persons))
        print(runs[-1].said)
    same_blocks = options.block_persons[0] == options.block_persons[1]
    kind, of = ("bytes", of_bytes) if same_blocks else ("content", of_content)
    different = differing(*folders, of)
    n_files = sum(path.is_file() for path in folders[0].rglob("*"))
    print(f"{n_files} files, {len(different)} differ in {kind}: {', '.join(different) or 'none'}\n")
    print(
        "| scale | years | workers | block | wall s | CPU s | peak MB, all processes | MB written |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for measured, folder in zip(runs, folders, strict=True):
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        print(
            f"| {options.scale:g} | {options.years} | {measured.workers} | "
            f"{measured.block_persons:,} | {measured.seconds:.0f} | {measured.cpu_seconds:.0f} | "
            f"{measured.peak_bytes / 1e6:,.0f} | {size / 1e6:,.0f} |"
        )
    if not options.keep:
        shutil.rmtree(options.folder)
    if different:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
