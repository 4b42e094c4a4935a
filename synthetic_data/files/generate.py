"""The public entry: generate a folder of register files with their truth."""

from __future__ import annotations

import json
import shutil
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SettingsError, StorageError
from pipeline.folders import clean_replaced, replacing_folder
from synthetic_data.files import tables
from synthetic_data.files.blocks import FileKey
from synthetic_data.files.partitions import (
    MakePartitions,
    Partition,
    in_processes,
    peak_bytes,
    plan_of,
    this_process,
)
from synthetic_data.files.plan import Plan
from synthetic_data.files.work_tables import FURTHER
from synthetic_data.files.writers import Merger, file_name

MARK = "SYNTETISKE DATA"
GENERATOR_VERSION = "5"
BLOCK_PERSONS = 50_000
#: Years a period may hold: the study's first year, and the last with known law.
YEAR_FIRST, YEAR_LAST = 1984, 2024


@dataclass(frozen=True)
class GenerationSummary:
    """What was written: rows and bytes per register, persons ever in the country, seconds.

    ``peak_bytes`` is the memory of this process and of every worker at its largest, as if at once.
    """

    rows: dict[str, int]
    bytes: dict[str, int]
    persons: int
    seconds: float
    peak_bytes: int

    def __str__(self) -> str:
        """Return a small table: one line per register, then the whole."""
        n_rows, n_bytes = sum(self.rows.values()), sum(self.bytes.values())
        lines = [
            f"{name:<18} {self.rows[name]:>13,} rows {self.bytes[name] / 1e6:>9,.1f} MB"
            for name in sorted(self.rows)
        ]
        lines.append(
            f"{'in all':<18} {n_rows:>13,} rows {n_bytes / 1e6:>9,.1f} MB, "
            f"{self.persons:,} persons, {self.seconds:.1f} s, "
            f"{n_rows / self.seconds:,.0f} rows/s, {n_bytes / 1e6 / self.seconds:.1f} MB/s, "
            f"{self.peak_bytes / 1e9:.2f} GB of memory at most"
        )
        return "\n".join(lines)


def generate(
    out: Path,
    *,
    scale: float,
    seed: int,
    first_year: int,
    last_year: int,
    scenario: str = "default",
    workers: int = 2,
    progress: Callable[[str], None] | None = None,
    bar: Callable[[int, int, float], None] | None = None,
    all_csv: bool = False,
    block_persons: int = BLOCK_PERSONS,
    make: MakePartitions | None = None,
    further: tuple[str, ...] = (),
) -> GenerationSummary:
    """Write a synthetic country to ``out`` and return what was written.

    ``scale`` 1.0 is the whole country (5.5 million residents in 2007). The registers cover
    ``first_year`` to ``last_year``; decisions and truth begin the year after the first, because
    every predictor is measured before the year at risk. The same arguments give the same files,
    byte for byte, for any number of ``workers``; ``block_persons`` changes row groups only. The
    partitions are made by ``make``, or else in that many processes.

    ``progress`` gets lines of text; ``bar``, if given, gets persons done, persons in all and
    seconds in place of a line per block. With ``all_csv`` every register is CSV, else most are
    Parquet; DREAM is wide in both. ``further`` names registers to make besides: ``ind``, ``akm``.

    The folder is put in place at the end, whole, and what a killed generation left beside it is
    removed. An ``out`` that holds a generated country is replaced. Raises :class:`StorageError`
    when ``out`` holds anything else and :class:`SettingsError` for impossible arguments.
    """
    began = time.monotonic()
    out = Path(out)
    say = progress or (lambda line: None)
    _check_arguments(scale, seed, first_year, last_year, workers, block_persons)
    if unknown := sorted(set(further) - set(FURTHER)):
        raise SettingsError(
            f"the synthetic country cannot be generated: no register {', '.join(unknown)}",
            expected=f"of {', '.join(FURTHER)}",
        )
    plan = plan_of(scenario, scale, seed, first_year, last_year, tuple(further))
    make = make or in_processes(workers)
    _check_folder(out)
    clean_replaced(out)
    with replacing_folder(out) as partial:
        told = bar or progress_lines(say)
        memory = {this_process(): 0}
        rows = _write(plan, partial, scenario, make, block_persons, all_csv, told, memory)
        memory[this_process()] = peak_bytes()
        sizes = _bytes_per_register(partial, rows, all_csv)
    seconds = time.monotonic() - began
    persons = plan.layout.n_persons
    say(f"generated {persons:,} persons, {sum(rows.values()):,} rows in {seconds:.1f} s: {out}")
    return GenerationSummary(_per_register(rows), sizes, persons, seconds, sum(memory.values()))


def progress_lines(say: Callable[[str], None]) -> Callable[[int, int, float], None]:
    """Return a function that says how far a generation is, a line at a time."""

    def line(done: int, total: int, seconds: float) -> None:
        say(f"generated {done:,} of {total:,} persons in {seconds:.1f} s")

    return line


def _check_arguments(
    scale: float, seed: int, first_year: int, last_year: int, workers: int, block_persons: int
) -> None:
    faults = []
    if not 0 < scale <= 1:
        faults.append(f"scale {scale} is not in (0, 1]")
    if not 0 <= seed < 2**63:
        faults.append(f"seed {seed} is not in 0 .. 2^63 - 1")
    if not YEAR_FIRST <= first_year < last_year <= YEAR_LAST:
        faults.append(
            f"years {first_year}-{last_year}: expected at least two years within "
            f"{YEAR_FIRST}-{YEAR_LAST}"
        )
    if workers < 1 or block_persons < 1:
        faults.append(f"workers {workers} and block size {block_persons} must be at least 1")
    if faults:
        raise SettingsError("the synthetic country cannot be generated: " + "; ".join(faults))


def _check_folder(out: Path) -> None:
    """Refuse to replace anything but a generated country or an empty folder."""
    if not out.exists():
        return
    if out.is_dir() and ((out / "synthetic.json").is_file() or not any(out.iterdir())):
        return
    raise StorageError(
        f"{out} exists and is not a generated country; nothing was written",
        expected="a new or empty folder, or one with synthetic.json",
        next_step="choose another folder, or empty this one yourself.",
    )


def _write(
    plan: Plan,
    folder: Path,
    scenario: str,
    make: MakePartitions,
    block_persons: int,
    all_csv: bool,
    told: Callable[[int, int, float], None],
    memory: dict[str, int],
) -> dict[FileKey, int]:
    """Write all files into ``folder``; return rows per file, and note ``memory`` per process."""
    mark = {
        "is_synthetic": True,
        "mark": MARK,
        "seed": plan.seed,
        "scale": plan.scale,
        "first_year": plan.first_year,
        "last_year": plan.last_year,
        "scenario": scenario,
        "generator_version": GENERATOR_VERSION,
    }
    metadata = {name: json.dumps(value) if name != "mark" else MARK for name, value in mark.items()}
    began = time.monotonic()
    n_persons = plan.layout.n_persons
    partitions = [
        Partition(
            scenario=scenario,
            scale=plan.scale,
            seed=plan.seed,
            first_year=plan.first_year,
            last_year=plan.last_year,
            first_id=first,
            last_id=last,
            folder=str(folder.resolve() / f"parts-{first}"),
            further=plan.further,
        )
        for first, last in plan.layout.blocks(block_persons)
    ]
    rows: dict[FileKey, int] = defaultdict(int)
    with Merger(folder, metadata, all_csv) as merger:
        for name, table in plan.truth.items():
            merger.write((f"truth/{name}", None), table)
        key: FileKey = ("rammevilkaar", None)
        conditions = tables.framework_conditions(plan.country, plan.scenario)
        merger.write(key, conditions)
        rows[key] = conditions.num_rows
        for partition, made in zip(partitions, make(partitions), strict=True):
            merger.append([key for key, _ in made.parts], Path(partition.folder))
            for part, count in made.parts:
                rows[part] += count
            memory[made.process] = max(made.peak_bytes, memory.get(made.process, 0))
            told(partition.last_id, n_persons, time.monotonic() - began)
    # Of workers that died, or were given up and came later.
    for left in folder.glob("parts-*"):
        shutil.rmtree(left, ignore_errors=True)
    (folder / "synthetic.json").write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")
    return dict(rows)


def _per_register(rows: dict[FileKey, int]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for (name, _), count in rows.items():
        total[name] += count
    return dict(total)


def _bytes_per_register(folder: Path, rows: dict[FileKey, int], all_csv: bool) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for key in rows:
        total[key[0]] += (folder / file_name(key, all_csv)).stat().st_size
    return dict(total)
