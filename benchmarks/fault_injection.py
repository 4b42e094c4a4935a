"""Kill, starve and feed damaged files to load, fit and report; count what was lost.

    python -m benchmarks.fault_injection --folder /big/disk/faults

Makes a small synthetic country in two deliveries that differ in several files, publishes the first
and then, in one home and while readers poll it:

- kills load, fit with publication, and report with SIGKILL at random instants, some of them drawn
  over the whole command and some from where it puts its output in place;
- kills them before each single change they make to the file system;
- runs them into a full disk (a tmpfs, which takes the right to mount);
- loads deliveries with truncated files and flipped bytes;
- starts two at once.

After each the home must hold the old content or the new one, whole; the next plain command must
end well and leave nothing behind. Prints the tables of `docs/faults.md`; every state that breaks
a promise is listed, and the exit code is then 1.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks import fault_home
from benchmarks.fault_country import Country
from benchmarks.fault_damage import corrupt_series, disk_series
from benchmarks.fault_home import Polls
from benchmarks.fault_kills import kill_fit, kill_load, kill_report, know_reports
from benchmarks.fault_process import in_child, run, start, wait
from benchmarks.fault_steps import step_load, step_publish, step_report
from benchmarks.fault_tally import HEADER, READER_HEADER, Tally, row

SERIES = (
    "load",
    "fit",
    "load-steps",
    "fit-steps",
    "report",
    "report-steps",
    "pairs",
    "damaged",
    "disks",
)
#: One outcome and model, few draws: what is published is small, how it is published is not.
_ENVIRONMENT = {
    "TILDELING_OUTCOMES": '["FP"]',
    "TILDELING_MODELS": '["within"]',
    "TILDELING_RANK_DRAWS": "1000",
    "TILDELING_LANGUAGES": '["da"]',
    "TILDELING_RELEASES_KEPT": "3",
}


def two_at_once(country: Country, n: int) -> Tally:
    """Start a second run while the first holds the home: it is told who does, or waits."""
    tally = Tally("two runs at once")
    second = country.folder / "second.log"
    country.use("A")
    for name in ["B", "A"] * ((n + 1) // 2):
        first = start([*country.load(name), "--full"], country.log)
        while str(first) not in (country.home / ".lock").read_text():
            time.sleep(0.01)
        code, _ = run(country.report, second)
        said = second.read_text()
        tally.count()
        if code == 14 and f"process {first} on" in said and "Traceback" not in said:
            tally.old += 1
        else:
            tally.note(f"the second run ended with {code}: {said}")
        os.environ["TILDELING_LOCK_WAIT_SECONDS"] = "600"
        waited, _ = run(country.load(name), second)
        del os.environ["TILDELING_LOCK_WAIT_SECONDS"]
        if wait(first) or waited or "waiting for" not in second.read_text():
            tally.note(f"the run that waits ended with {waited}: {second.read_text()[-400:]}")
        else:
            tally.next_run(waited)
        if in_child(fault_home.content_of, country.registers_path) != country.registers[name]:
            tally.note("the registers are not those of the delivery")
    return tally


class Readers:
    """Readers that go on from the first published release to the end of all faults."""

    def __init__(self, country: Country) -> None:
        self.stop = country.folder / "stop"
        self.stop.unlink(missing_ok=True)
        self.children = {}
        for name, function in (
            ("opens anew", fault_home.poll),
            ("kept open", fault_home.keep_open),
        ):
            out = country.folder / f"reader {name}.json"
            action = partial(function, country.home, self.stop, out)
            self.children[name] = (start(action, country.folder / f"reader {name}.log"), out)

    def end(self) -> dict[str, Polls]:
        self.stop.touch()
        result = {}
        for name, (child, out) in self.children.items():
            if wait(child):
                result[name] = Polls(errors=[f"the reader itself died, see its log {out}"])
            else:
                result[name] = Polls(**json.loads(out.read_text()))
        return result


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="folder to work in, emptied")
    parser.add_argument("--scale", type=float, default=0.003, help="share of the country")
    parser.add_argument("--seed", type=int, default=1, help="seed of the instants and the damage")
    parser.add_argument("--loads", type=int, default=100, help="loads to kill")
    parser.add_argument("--fits", type=int, default=60, help="fits with publication to kill")
    parser.add_argument("--reports", type=int, default=40, help="reports to kill")
    parser.add_argument("--steps", type=int, default=60, help="single changes to kill before, most")
    parser.add_argument("--full-disks", type=int, default=12, help="full disks per command")
    parser.add_argument("--damaged", type=int, default=150, help="damaged files to load")
    parser.add_argument("--pairs", type=int, default=4, help="pairs of runs at once")
    parser.add_argument(
        "--in-a-row", type=int, default=1, help="kills before the next command may end"
    )
    parser.add_argument("--again", action="store_true", help="use what lies in the folder")
    parser.add_argument("--only", nargs="+", choices=SERIES, default=SERIES, help="these series")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    rng = random.Random(options.seed)
    folder = options.folder.resolve()
    if not options.again:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    os.environ.update(_ENVIRONMENT, TILDELING_HOME=str(folder / "home"), TMPDIR=str(folder))
    os.chdir(folder)
    began = time.monotonic()
    country = Country(folder)
    if options.again:
        country.remember()
    else:
        country.make(options.scale)
    print({name: round(seconds, 1) for name, seconds in country.seconds.items()}, flush=True)
    readers = Readers(country)
    tallies: list[Tally] = []

    def done(tally: Tally) -> None:
        tallies.append(tally)
        print(f"{time.monotonic() - began:6.0f} s  {row(tally)}", flush=True)

    in_a_row = options.in_a_row
    if "load" in options.only:
        late, full = options.loads * 2 // 5, options.loads // 10
        done(kill_load(country, options.loads, late, full, in_a_row, rng))
    if "fit" in options.only:
        done(kill_fit(country, options.fits, options.fits // 2, in_a_row, rng))
    if "load-steps" in options.only:
        done(step_load(country, options.steps))
    if "fit-steps" in options.only:
        done(step_publish(country, options.steps))
    if {"report", "report-steps"} & set(options.only):
        names = know_reports(country)
        if "report" in options.only:
            late = options.reports // 2
            done(kill_report(country, options.reports, late, in_a_row, rng, names))
        if "report-steps" in options.only:
            done(step_report(country, options.steps // 2, names))
    if "pairs" in options.only:
        done(two_at_once(country, options.pairs))
    if "damaged" in options.only:
        done(corrupt_series(country, options.damaged, rng, Tally("damaged files")))
    result = readers.end()
    if "disks" in options.only:
        for tally in disk_series(country, options.full_disks, rng, Tally):
            done(tally)
    print(f"\n{HEADER}\n" + "\n".join(map(row, tallies)))
    print(f"\n{READER_HEADER}")
    for name, polls in result.items():
        print(
            f"| {name} | {polls.n:,} | {polls.n_full:,} | {polls.releases} | {len(polls.errors)}"
            f" | {len(polls.mixtures)} |"
        )
        print(*polls.errors[:5], *polls.mixtures[:5], sep="\n")
    print(f"\n{time.monotonic() - began:.0f} s in all, load {os.getloadavg()[0]:.1f}")
    return int(
        any(tally.broken for tally in tallies)
        or any(polls.errors or polls.mixtures for polls in result.values())
    )


if __name__ == "__main__":
    sys.exit(main())
