"""Thirty nights in a row with a small change a day: what grows, and what a night takes.

    python -m benchmarks.thirty_nights --folder /big/disk/thirty

A small synthetic country whose latest decisions arrive late: a part of the last year's is held back
and comes a batch a day, and every fifth day brings nothing new. Nights run on Prefect's server and
worker as ``deploy/`` sets them up. Prints a row a night with what it published, its steps and the
sizes of what it leaves; exit code 1 where something that is promised to be flat has grown. With
``--some`` it stops after so many nights, and ``--again`` goes on with the next.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.fault_night_home import ENDED
from benchmarks.fault_nights import SMALL
from benchmarks.night_server import Office, office, wait
from synthetic_data import generate

#: Decisions of the last year, of which ``_LATE_SHARE`` come one batch a day.
_DECISIONS, _LATE_SHARE = "ankestyrelsen_2007.csv", 0.5
#: Every so many days nothing changes.
_QUIET_DAYS = 5
_RELEASES_KEPT = 5
#: What may not be larger in the last ten nights than in the ten before by more than this.
_FLAT, _FLAT_SHARE = ("registers", "releases", "report"), 0.1
_MB = 1e6


@dataclass(frozen=True)
class Row:
    """A night: what it published, seconds by the clock and of processor, and sizes in bytes."""

    number: int
    published: str
    seconds: float
    steps: dict[str, float]
    n_releases: int
    sizes: dict[str, int]

    def __str__(self) -> str:
        steps = " | ".join(f"{self.steps.get(name, 0):.1f}" for name in _STEPS)
        sizes = " | ".join(f"{self.sizes[name] / _MB:.2f}" for name in _PLACES)
        return (
            f"| {self.number} | {self.published} | {self.seconds:.0f} | {steps}"
            f" | {self.n_releases} | {sizes} |"
        )


_STEPS = ("load", "fit", "publish", "report")
_PLACES = ("registers", "releases", "archive", "report", "logs", "journal", "ledger", "Prefect")


def sizes_of(home: Path, prefect: Path) -> dict[str, int]:
    """Return the bytes of each place of a home, and of Prefect's database."""
    places = {name: home / name for name in ("releases", "archive", "report", "logs", "journal")}
    sizes = {name: _bytes(path.rglob("*")) for name, path in places.items()}
    sizes["ledger"] = _bytes((home / "restricted" / "ledger").rglob("*"))
    sizes["registers"] = (home / "restricted" / "registers.duckdb").stat().st_size
    sizes["Prefect"] = _bytes(prefect.glob("prefect.db*"))
    return sizes


def _bytes(paths: object) -> int:
    return sum(path.lstat().st_size for path in paths if path.is_file() and not path.is_symlink())  # type: ignore[attr-defined]


class Deliveries:
    """A delivery that has more decisions every day."""

    def __init__(self, folder: Path, scale: float, n_days: int) -> None:
        self.folder, self.n_days = folder, n_days
        whole = folder.with_name(_DECISIONS)
        if not whole.exists():
            generate(folder, scale=scale, seed=1, first_year=1998, last_year=2007, workers=1)
            # A delivery of an office has no planted truth beside it.
            shutil.rmtree(folder / "truth")
            shutil.copyfile(folder / _DECISIONS, whole)
        self.lines = whole.read_text(encoding="utf-8").splitlines()

    def of_day(self, day: int) -> int:
        """Return how many decisions the delivery of ``day``, from 1, has, after writing it."""
        n_rows = len(self.lines) - 1
        n_late = round(n_rows * _LATE_SHARE)
        arrived = day - day // _QUIET_DAYS
        n = n_rows - n_late + round(n_late * arrived / (self.n_days - self.n_days // _QUIET_DAYS))
        beside = self.folder / f"{_DECISIONS}.part"
        beside.write_text("\n".join(self.lines[: n + 1]) + "\n", encoding="utf-8")
        if beside.read_bytes() == (self.folder / _DECISIONS).read_bytes():
            beside.unlink()
        else:
            beside.replace(self.folder / _DECISIONS)
        return n


def one_night(one: Office, deployment: str, home: Path, number: int) -> Row:
    """Return what night ``number`` did; ``SystemExit`` where it did not end well."""
    before = (home / "benchmark.duckdb").resolve()
    began = time.monotonic()
    run = one.run(deployment)
    wait(lambda: one.state(run) in ENDED, "a night ends")
    seconds = time.monotonic() - began
    if (state := one.state(run)) != "Completed":
        raise SystemExit(f"night {number} is {state}: {home / 'logs'}")
    page = json.loads(max((home / "journal").glob("night-*.json")).read_text())
    return Row(
        number,
        "unchanged" if (home / "benchmark.duckdb").resolve() == before else "a release",
        seconds,
        {step["name"]: step["processor_seconds"] for step in page["steps"]},
        len(list((home / "releases").glob("benchmark-*.json"))),
        sizes_of(home, one.folder),
    )


def grown(rows: Sequence[Row]) -> list[str]:
    """Return what is promised to be flat and is not, over the last ten nights."""
    faults = [f"night {row.number} keeps {row.n_releases}" for row in rows
              if row.n_releases > _RELEASES_KEPT]  # fmt: skip
    late, early = rows[-10:], rows[-20:-10]
    for name in _FLAT if early else ():
        now, then = (max(row.sizes[name] for row in part) for part in (late, early))
        if now > then * (1 + _FLAT_SHARE):
            faults.append(f"{name}: {then:,} bytes at most, then {now:,}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="folder to work in, emptied")
    parser.add_argument("--scale", type=float, default=0.003, help="share of the country")
    parser.add_argument("--nights", type=int, default=30, help="nights in a row")
    parser.add_argument("--some", type=int, default=10**6, help="nights to run now, most")
    parser.add_argument("--again", action="store_true", help="go on in the folder")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if not options.again:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    deliveries = Deliveries(folder / "delivery", options.scale, options.nights)
    variables = {
        **SMALL,
        "TILDELING_RELEASES_KEPT": str(_RELEASES_KEPT),
        "TILDELING_HOME": str(folder / "home"),
        "EXTRACTS": str(folder / "delivery"),
    }
    kept = folder / "rows.json"
    rows = [Row(**row) for row in json.loads(kept.read_text())] if kept.exists() else []
    began = time.monotonic()
    head = ["night", "published", "s", *(f"{name}, s of processor" for name in _STEPS), "releases"]
    head += [f"{name}, MB" for name in _PLACES]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", *rows, sep="\n", flush=True)
    with office(folder / "prefect", variables) as one:
        deployment = one.deploy()["nightly"]
        one.start("worker")
        first = len(rows) + 1
        for number in range(first, min(options.nights, first + options.some - 1) + 1):
            deliveries.of_day(number)
            rows.append(one_night(one, deployment, folder / "home", number))
            print(rows[-1], flush=True)
            kept.write_text(json.dumps([asdict(row) for row in rows]))
    faults = grown(rows)
    print(*faults, sep="\n")
    spent = os.times()
    print(f"\n{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}, children "
          f"{spent.children_user:.0f} s of processor")  # fmt: skip
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
