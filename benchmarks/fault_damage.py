"""Deliveries to load, damaged ones, and disks without room."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks import fault_home
from benchmarks.fault_process import in_child, run
from synthetic_data import generate

_YEARS = {"first_year": 1998, "last_year": 2007}
#: What a load of damaged files may end in: nothing wrong or rows in quarantine, faults, checks.
_PROMISED = {0: "loaded", 10: "structural fault", 11: "data check"}


def deliveries(folder: Path, scale: float) -> dict[str, Path]:
    """Return two deliveries of one country; B differs in five files, both have bad rows."""
    first, second = folder / "A", folder / "B"
    generate(first, scale=scale, seed=1, workers=1, **_YEARS)
    for name, line in (("ankestyrelsen_2005.csv", 3), ("ankestyrelsen_2006.csv", 5)):
        _spoil_dates(first / name, line, 2)
    shutil.copytree(first, second, copy_function=os.link)
    for name in ("lmdb_2004", "lmdb_2005", "sssy_2006"):
        path = second / f"{name}.parquet"
        table = pq.read_table(path)
        path.unlink()
        pq.write_table(table.slice(table.num_rows // 50), path)
    for name, line in (("ankestyrelsen_2006.csv", 9), ("ankestyrelsen_2007.csv", 4)):
        path = second / name
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        _spoil_dates(path, line, 3)
    return {"A": first, "B": second}


def _spoil_dates(path: Path, line: int, n: int) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    column = lines[0].split(";").index("AFGDATO")
    for i in range(line, line + n):
        fields = lines[i].split(";")
        fields[column] = "i morgen"
        lines[i] = ";".join(fields)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _damage(content: bytes, rng: random.Random) -> tuple[str, bytes]:
    """Return a kind of damage in a word and the damaged content."""
    kind = rng.choice(["truncated", "flipped", "zeroed", "overwritten", "repeated"])
    at = rng.randrange(len(content))
    damaged = bytearray(content)
    if kind == "truncated":
        return kind, content[:at]
    if kind == "flipped":
        for _ in range(rng.choice([1, 1, 2, 8, 64])):
            damaged[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif kind == "zeroed":
        n = rng.choice([1, 16, 512, 4096])
        damaged[at : at + n] = bytes(len(damaged[at : at + n]))
    elif kind == "overwritten":
        n = rng.choice([4, 64, 512])
        damaged[at : at + n] = rng.randbytes(len(damaged[at : at + n]))
    else:
        damaged[at:at] = damaged[at : at + rng.choice([1, 100, 5000])]
    return kind, bytes(damaged)


def corrupt_series(country: Any, n: int, rng: random.Random, tally: Any) -> Any:
    """Load ``n`` deliveries with one damaged file each, every file in turn."""
    folder = country.folder / "damaged"
    files = sorted(path.name for path in country.extracts["A"].iterdir() if path.is_file())
    rng.shuffle(files)
    country.use("A")
    country.must("load", country.load("A"))
    release = country.published()
    outcomes: dict[str, int] = {}
    for i in range(n):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(country.extracts["A"], folder, copy_function=os.link)
        path = folder / files[i % len(files)]
        kind, content = _damage(path.read_bytes(), rng)
        path.unlink()
        path.write_bytes(content)
        code, _ = run(["load", "--extracts", str(folder)], country.log)
        said = country.log.read_text(errors="replace")
        tally.count()
        outcome = _PROMISED.get(code, f"exit code {code}")
        outcomes[f"{kind}: {outcome}"] = outcomes.get(f"{kind}: {outcome}", 0) + 1
        if code not in _PROMISED or "Traceback" in said:
            tally.note(f"{path.name} {kind}: {code}\n{said[-2500:]}")
            shutil.copyfile(path, country.folder / f"broken {tally.n} {path.name}")
        is_old = in_child(fault_home.content_of, country.registers_path) == country.registers["A"]
        tally.old += is_old
        tally.new += not is_old
        if code and not is_old:
            tally.note(f"{path.name} {kind}: ended with {code} and changed the registers")
        if code == 10 and path.name not in said:
            tally.note(f"{path.name} {kind}: not named in\n{said[-600:]}")
        read, loaded, kept_out, in_quarantine = in_child(fault_home.rows_of, country.registers_path)
        if read != loaded + kept_out or kept_out != in_quarantine:
            tally.note(f"{path.name} {kind}: {read} {loaded} {kept_out} {in_quarantine}")
        if country.published() != release:
            tally.note("the release changed")
        if left := country.leftovers():
            tally.note(f"left behind: {left}")
        if not is_old:
            country.use("A")
    code, _ = run(country.load("A"), country.log)
    tally.next_run(code)
    for outcome, count in sorted(outcomes.items()):
        print(f"  {outcome}: {count}")
    return tally


def disk_series(
    country: Any, n: int, rng: random.Random, new_tally: Callable[[str], Any]
) -> Iterator[Any]:
    """Yield the tally of ``n`` full disks for each of load, fit and report."""
    disk = country.folder / "disk"
    disk.mkdir()
    size = 150_000_000
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], check=False
    )
    if mounted.returncode:
        print("full disk: not run, a tmpfs cannot be mounted here")
        return
    there = country.home
    try:
        country.use("A")
        country.must("fit", country.fit)
        country.must("report", country.report)
        shutil.copytree(country.home, disk / "home", symlinks=True)
        country.home = disk / "home"
        os.environ["TILDELING_HOME"] = str(country.home)
        for name, command, most in (
            ("load", [*country.load("B"), "--full"], 60_000_000),
            ("fit", country.fit, 9_000_000),
            ("report", country.report, 9_000_000),
        ):
            yield _full_disks(country, disk, n, rng, new_tally(f"full disk, {name}"), command, most)
    finally:
        country.home = there
        os.environ["TILDELING_HOME"] = str(there)
        subprocess.run(["umount", str(disk)], check=True)


def _full_disks(
    country: Any, disk: Path, n: int, rng: random.Random, tally: Any, command: Any, most: int
) -> Any:
    filler = disk / "filler"
    while tally.n < n:
        registers = in_child(fault_home.content_of, country.registers_path)
        before, pages = country.published(), fault_home.tree_hash(country.home / "report")
        free = rng.randrange(most) if tally.n else 0
        _fill(filler, free)
        code, _ = run(command, country.log)
        said = country.log.read_text()
        filler.unlink()
        if code == 0:
            # There was room; less is tried.
            most = free
            continue
        tally.count()
        if code != 14 or "Traceback" in said:
            tally.note(f"{free:,} bytes free: ended with {code}: {said[-3000:]}")
        tally.left_something += bool(country.leftovers())
        is_old = (
            in_child(fault_home.content_of, country.registers_path) == registers
            and country.published() == before
            and fault_home.tree_hash(country.home / "report") == pages
        )
        tally.old += is_old
        if not is_old:
            tally.note(f"{free:,} bytes free: something changed: {country.published().faults}")
        if left := country.leftovers():
            tally.note(f"{free:,} bytes free: left behind: {left}")
    code, _ = run(command, country.log)
    tally.next_run(code)
    if code or country.leftovers():
        tally.note(f"with room again: {code}, {country.leftovers()}: {country.log.read_text()}")
    return tally


def _fill(filler: Path, free: int) -> None:
    """Write ``filler`` until only ``free`` bytes of its disk are left."""
    room = shutil.disk_usage(filler.parent).free
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(room - free, 1))
