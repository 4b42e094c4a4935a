"""Which lost matches stop a load, and whether ordinary deliveries do.

    python -m benchmarks.drift_study --folder DIR [--scales 0.003] [--seeds 1] [--registers]

Of each synthetic country (scale and seed; question ``ministry``, 22 factors):

* ordinary: a first load, a later delivery in which a hundredth of each register's persons have
  other rows missing, and the first one again; none of these may stop;
* lost: a tenth of the persons of one register under other numbers, in all its files or in that of
  one year, or their rows gone; each loaded after the first delivery, that of one year also into a
  new home as a first load. What stopped it is told.

The tables are in docs/loading.md and in Markdown on standard output.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import CheckError
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.marts.load import load_extracts
from synthetic_data import generate

BENCHMARK = "ministry"
_FIRST_YEAR, _LAST_YEAR = 1984, 2007
#: Registers that name persons and feed factors, and a year of theirs that the question needs.
REGISTERS = {
    "bef": 2005,
    "udda": 2005,
    "ind": 2005,
    "akm": 2005,
    "dream": None,
    "lpr_adm": 2004,
    "psyk_adm": 2004,
    "lmdb": 2005,
    "sssy": 2005,
    "sysi": 2004,
    "ankestyrelsen": 2006,
}
Change = Callable[[pd.DataFrame], pd.DataFrame]


def _is_drawn(persons: pd.Series, one_in: int) -> pd.Series:
    """Return who is among one in ``one_in`` of ``persons``: the same in every file."""
    digests = {p: hashlib.blake2b(str(p).encode(), digest_size=4).digest() for p in set(persons)}
    drawn = {p for p, digest in digests.items() if int.from_bytes(digest, "big") % one_in == 0}
    return persons.isin(drawn)


def other_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with a tenth of its persons under numbers that nobody has."""
    lost = _is_drawn(frame["PNR"], 10)
    renamed = frame["PNR"].astype("str").str.slice(0, -1) + "X"
    return frame.assign(PNR=frame["PNR"].astype("str").where(~lost, renamed))


def rows_gone(one_in: int) -> Change:
    """Return what takes the rows of one in ``one_in`` persons away."""
    return lambda frame: frame[~_is_drawn(frame["PNR"], one_in)]


def delivery(source: Path, folder: Path, stems: list[str], change: Change) -> Path:
    """Return ``folder`` with the files of ``source``, those named ``stems`` changed."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, copy_function=os.link)
    for path in sorted(folder.iterdir()):
        if path.stem not in stems:
            continue
        if path.suffix == ".csv":
            frame = change(pd.read_csv(path, sep=";", dtype="str", keep_default_na=False))
            path.unlink()
            frame.to_csv(path, sep=";", index=False)
        else:
            schema = pq.read_schema(path)
            frame = change(pq.read_table(path).to_pandas())
            path.unlink()
            pq.write_table(pa.Table.from_pandas(frame, schema, preserve_index=False), path)
    return folder


def stopped_by(extracts: Path, home: Path) -> str:
    """Return the checks that stop a load of ``extracts`` into ``home``, or ``-``."""
    settings = read_settings(home=home, benchmark=BENCHMARK, threads=2)
    try:
        _load(extracts, home, settings)
    except CheckError as error:
        named = re.findall(r"- [\w.]+: (\w+):", error.message)
        return ", ".join(named) or error.message.splitlines()[0]
    return "-"


def _load(extracts: Path, home: Path, settings: Settings) -> None:
    load_extracts(extracts, home / "registers.duckdb", settings=settings)


def cases(
    files: list[str], registers: Collection[str] = REGISTERS
) -> Iterator[tuple[str, str, list[str], Change]]:
    """Yield register, what was lost, the files it is lost in, and how."""
    for register, year in REGISTERS.items():
        own = [stem for stem in files if re.fullmatch(rf"{register}(_\d+)?", stem)]
        if not own or register not in registers:
            continue
        yield register, "other numbers, all years", own, other_numbers
        yield register, "rows gone, all years", own, rows_gone(10)
        if year is not None:
            yield register, f"other numbers, {year}", [f"{register}_{year}"], other_numbers


def study(
    folder: Path, scale: float, seed: int, registers: Collection[str]
) -> list[dict[str, str]]:
    """Return a row per delivery of one country: what it was, and what stopped it.

    Matches are lost in ``registers``, one after the other; where none are named only the ordinary
    deliveries are tried.
    """
    source = folder / f"extracts-{scale:g}-{seed}"
    if not source.exists():
        generate(
            source,
            scale=scale,
            seed=seed,
            first_year=_FIRST_YEAR,
            last_year=_LAST_YEAR,
            workers=2,
            further=("ind", "akm"),
        )
    country = f"{scale:g}, seed {seed}"
    home, changed = folder / "home", folder / "changed"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    rows = []

    def note(register: str, lost: str, after: str, first: str) -> None:
        rows.append(
            {"country": country, "register": register, "lost": lost, "after": after, "first": first}
        )
        print(" | ".join(rows[-1].values()), flush=True)

    note("all", "nothing", "", stopped_by(source, home))
    shutil.copyfile(home / "registers.duckdb", folder / "first.duckdb")
    files = sorted(path.stem for path in source.iterdir() if path.suffix in (".csv", ".parquet"))
    named = [stem for _, _, stems, _ in cases(files) for stem in stems]
    note(
        "all", "a hundredth", stopped_by(delivery(source, changed, named, rows_gone(101)), home), ""
    )
    note("all", "nothing, again", stopped_by(source, home), "")
    for register, lost, stems, change in cases(files, registers):
        delivery(source, changed, stems, change)
        shutil.copyfile(folder / "first.duckdb", home / "registers.duckdb")
        after = stopped_by(changed, home)
        # What all years lost alike has nothing to be seen against in a first load but a warning.
        if len(stems) > 1:
            note(register, lost, after, "")
            continue
        alone = folder / "alone"
        shutil.rmtree(alone, ignore_errors=True)
        alone.mkdir()
        note(register, lost, after, stopped_by(changed, alone))
    return rows


def main() -> None:
    """Write the table of what stopped which delivery."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--scales", type=float, nargs="+", default=[0.003])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument(
        "--registers", nargs="*", choices=REGISTERS, default=list(REGISTERS), metavar="REGISTER"
    )
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for scale in arguments.scales:
        for seed in arguments.seeds:
            study(arguments.folder, scale, seed, arguments.registers)


if __name__ == "__main__":
    main()
