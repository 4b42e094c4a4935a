"""One delivery loaded whole, and in parts by person that are merged: the same content.

    python -m benchmarks.load_in_parts EXTRACTS --folder DIR [--parts 2] [--benchmark NAME]

Rows that break rules are planted in a copy of the synthetic delivery EXTRACTS first. Its parts
(``split_delivery.py``) are loaded each into a database of its own, as far as a table is about
persons one by one; merging puts those rows together, and builds the rest, which looks at the
country as a whole, by the load's own SQL (``merged_parts.py``). Every table is compared by an
order-free hash, then both homes are fitted and published and the releases compared. Prints
processor seconds, seconds and memory of each step, each in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks.merged_parts import load_part, merge
from benchmarks.same_content import contents, differing, parquet_contents
from benchmarks.split_delivery import split
from pipeline.commands.cli import main as tildeling
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.database.private import link_restricted
from pipeline.warehouse.marts.load import load_extracts
from synthetic_data.files.partitions import peak_bytes

KEY = "of-the-benchmark-and-of-nothing-else-0123456789"
SCHEMAS = "raw|core|codes|mart.*|analysis"
#: Where a row stood in its file is another place in a part's file.
PLACES = ("row_number", "reason", "sample_keys")


def main() -> None:
    options = _arguments()
    os.environ.update({"TILDELING_PSEUDONYM_KEY": KEY, "TILDELING_DISCLOSURE_TOTALS": "exact"})
    folder: Path = options.folder
    delivery = folder / "delivery"
    plant_faults(options.extracts, delivery)
    parts = [folder / f"part-{number}" for number in range(options.parts)]
    rows = split(delivery, parts, threads=2)
    print(f"{sum(rows.values()):,} rows in {len(parts)} parts")
    whole, merged = (
        read_settings(home=folder / name, benchmark=options.benchmark)
        for name in ("whole", "merged")
    )
    _measured("whole", _load_whole, delivery, whole)
    databases = [folder / f"{part.name}.duckdb" for part in parts]
    for part, database in zip(parts, databases, strict=True):
        _measured(part.name, load_part, part, database, merged)
    _measured("merge", _merge, databases, parts, merged)
    _compare_registers(whole.registers_path, merged.registers_path)
    for settings in (whole, merged):
        fit = ["fit", "--home", str(settings.home), "--benchmark", options.benchmark]
        _measured(f"fit of {settings.home.name}", _fit, fit)
    releases = [parquet_contents(settings.home / "parquet") for settings in (whole, merged)]
    tables = [name for name in differing(*releases) if name != "run"]
    print(f"{len(releases[0])} published tables, differing: {tables or 'none'}")


def plant_faults(extracts: Path, delivery: Path) -> None:
    """Copy ``extracts`` to ``delivery`` with rows that go to quarantine, or that nobody has."""
    delivery.mkdir(parents=True)
    for path in extracts.iterdir():
        if path.is_file():
            (delivery / path.name).write_bytes(path.read_bytes())
    bef = sorted(delivery.glob("bef_*.parquet"))[-1]
    diagnoses = sorted(delivery.glob("lpr_diag*.parquet"))[-1]
    for path, added in (
        # Repeats, a municipality that no list has, and person numbers that lost their zeros.
        (bef, "FROM one USING SAMPLE 40 ROWS (reservoir, 1)"),
        (bef, "SELECT * REPLACE ('999' AS KOM) FROM one USING SAMPLE 20 ROWS (reservoir, 2)"),
        (bef, "SELECT * REPLACE ('12' AS PNR) FROM one USING SAMPLE 7 ROWS (reservoir, 3)"),
        # Diagnoses of contacts that the register does not have.
        (diagnoses, "SELECT * REPLACE ('nobodyscontact' AS RECNUM) FROM one LIMIT 9"),
    ):
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE one AS FROM read_parquet('{path}')")
            connection.execute(f"CREATE TABLE more AS {added}")
            connection.execute(f"COPY (FROM one UNION ALL FROM more) TO '{path}' (FORMAT parquet)")


def _load_whole(delivery: Path, settings: Settings) -> None:
    load_extracts(delivery, link_restricted(settings.registers_path), settings=settings)


def _merge(databases: list[Path], parts: list[Path], settings: Settings) -> None:
    merge(databases, parts, link_restricted(settings.registers_path), settings)


def _fit(arguments: list[str]) -> None:
    if code := tildeling(arguments):
        raise SystemExit(code)


def _compare_registers(whole: Path, merged: Path) -> None:
    """Print which tables of the two databases differ."""
    for schemas in (SCHEMAS, "meta"):
        tables = [contents(path, schemas, PLACES) for path in (whole, merged)]
        print(f"{len(tables[0])} tables and views of {schemas}: differing: ", end="")
        print(differing(*tables) or "none")
    with duckdb.connect(str(whole), read_only=True) as connection:
        for check, n in connection.execute(
            "SELECT concat(register, ' ', \"check\"), count(*) FROM meta.quarantine"
            " GROUP BY ALL ORDER BY ALL"
        ).fetchall():
            print(f"  in quarantine: {check} {n}")


def _measured(name: str, work: Callable[..., None], *arguments: object) -> None:
    """Do ``work`` in a process of its own, and print what it took."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    child = context.Process(target=_measure, args=(queue, work, arguments))
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"{name}: exit code {child.exitcode}")
    seconds, processor, peak = queue.get()
    print(f"{name}: {processor:.1f} processor s, {seconds:.1f} s, {peak:.2f} GB", flush=True)


def _measure(queue: multiprocessing.Queue, work: Callable[..., None], arguments: tuple) -> None:
    began = time.monotonic()
    work(*arguments)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = time.monotonic() - began
    queue.put((seconds, used.ru_utime + used.ru_stime, peak_bytes() / 1e9))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("extracts", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--parts", type=int, default=2)
    parser.add_argument("--benchmark", default="akf_2006_2007")
    return parser.parse_args()


if __name__ == "__main__":
    main()
