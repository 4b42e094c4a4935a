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
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import fault_home
from benchmarks.fault_damage import corrupt_series, deliveries, disk_series
from benchmarks.fault_home import Polls
from benchmarks.fault_process import in_child, kill_later, run, start, wait

#: One outcome and model, few draws: what is published is small, how it is published is not.
_ENVIRONMENT = {
    "TILDELING_OUTCOMES": '["FP"]',
    "TILDELING_MODELS": '["within"]',
    "TILDELING_RANK_DRAWS": "1000",
    "TILDELING_LANGUAGES": '["da"]',
    "TILDELING_RELEASES_KEPT": "3",
}
KILLED = -9


@dataclass
class Tally:
    """What a series of faults did: how often old or new content was found, and what broke."""

    name: str
    n: int = 0
    old: int = 0
    new: int = 0
    left_something: int = 0
    next_runs: int = 0
    next_ok: int = 0
    broken: list[str] = field(default_factory=list)

    def count(self) -> None:
        """Count one fault, and say so far every tenth."""
        if self.n and self.n % 10 == 0:
            print(f"  {row(self)}", flush=True)
        self.n += 1

    def next_run(self, code: int) -> None:
        """Count a command that was left alone after faults."""
        self.next_runs += 1
        self.next_ok += code == 0

    def note(self, fault: str) -> None:
        self.broken.append(fault)
        print(f"  BROKEN {self.name} {self.n}: {fault}", flush=True)


#: What a country is known by.
_KEPT = ("registers", "releases", "seconds")


class Country:
    """The home under test, its two deliveries, and what each gives when nothing goes wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.log = folder, folder / "home", folder / "command.log"
        self.extracts = {name: folder / name for name in "AB"}
        self.registers: dict[str, fault_home.Content] = {}
        self.releases: dict[str, fault_home.Content] = {}
        self.reports: dict[str, str] = {}
        self.seconds: dict[str, float] = {}

    def make(self, scale: float) -> None:
        """Make the deliveries, load and publish each, and keep what came out."""
        deliveries(self.folder, scale)
        for name in ("B", "A"):
            self.must("load", [*self.load(name), "--full"], key="load in full")
            self.registers[name] = in_child(fault_home.content_of, self.registers_path)
            shutil.copyfile(self.registers_path, self.folder / f"registers {name}")
            self.must("fit", self.fit)
            self.releases[name] = self.published().content
        self.must("report", self.report)
        self.must("load", self.load("B"))
        self.use("A")
        if self.registers["A"] == self.registers["B"] or self.releases["A"] == self.releases["B"]:
            raise SystemExit("the two deliveries came out the same")
        kept = {name: getattr(self, name) for name in _KEPT}
        (self.folder / "country.json").write_text(json.dumps(kept))

    def remember(self) -> None:
        """Take up what an earlier :meth:`make` in the same folder kept."""
        kept = json.loads((self.folder / "country.json").read_text())
        for name in _KEPT:
            setattr(self, name, kept[name])
        for known in (self.registers, self.releases):
            for content in known.values():
                content.update({table: tuple(value) for table, value in content.items()})
        self.use("A")

    @property
    def registers_path(self) -> Path:
        return (self.home / "registers.duckdb").resolve()

    def load(self, name: str) -> list[str]:
        return ["load", "--extracts", str(self.extracts[name])]

    fit = ("fit",)
    report = ("report",)

    def must(self, what: str, command: Any, key: str | None = None) -> None:
        code, seconds = run(command, self.log)
        if code:
            raise SystemExit(f"{command} ended with {code}:\n{self.log.read_text()}")
        self.seconds[key or what] = seconds

    def use(self, name: str) -> None:
        """Put the registers of delivery ``name`` in place, as its load left them."""
        beside = self.folder / "registers in use"
        shutil.copyfile(self.folder / f"registers {name}", beside)
        beside.chmod(0o600)
        beside.replace(self.registers_path)

    def published(self) -> fault_home.Published:
        return in_child(fault_home.published, self.home)

    def leftovers(self) -> list[str]:
        return fault_home.leftovers(self.home)


def other(name: str) -> str:
    return "B" if name == "A" else "A"


def which(found: Any, known: dict[str, Any]) -> str:
    """Return the name under which ``found`` is known, or a word for neither."""
    return next((name for name, value in known.items() if value == found), "neither")


def is_in(log: Path, text: str) -> Callable[[], bool]:
    return lambda: log.exists() and text in log.read_text(errors="replace")


def look(home: Path) -> tuple[fault_home.Content, fault_home.Published]:
    """Return the content of the registers and the release in place."""
    return fault_home.content_of(home / "registers.duckdb"), fault_home.published(home)


def look_at_rows(path: Path) -> tuple[fault_home.Content, tuple[int, int, int, int]]:
    """Return content and counts of the registers."""
    return fault_home.content_of(path), fault_home.rows_of(path)


def kill_load(
    country: Country, n: int, late: int, full: int, in_a_row: int, rng: random.Random
) -> Tally:
    """Kill ``n`` loads, ``late`` of them while they put the database in place, ``full`` --full."""
    tally = Tally("load")
    country.use("A")
    country.must("load", country.load("A"))
    release = country.published()
    now = "A"
    while tally.n < n:
        target = other(now)
        command = country.load(target)
        if tally.n < late:
            after, span = is_in(country.log, "checking core and mart"), country.seconds["load"] / 3
        elif tally.n < late + full:
            command.append("--full")
            after, span = (lambda: True), country.seconds["load in full"]
        else:
            after, span = (lambda: True), country.seconds["load"]
        code = kill_later(command, country.log, seconds=rng.uniform(0, span), after=after)
        if code != KILLED:
            # It had ended: no fault was injected, another is drawn.
            country.must("load", country.load(target))
            now = target
            continue
        content, shown = in_child(look, country.home)
        found = which(content, country.registers)
        tally.count()
        tally.old += found == now
        tally.new += found == target
        tally.left_something += bool(country.leftovers())
        if found == "neither":
            tally.note("registers.duckdb is neither the old nor the new")
        if shown != release or release.faults:
            tally.note(f"the release changed: {shown.faults}")
        if found == now and tally.n % in_a_row:
            continue
        code, seconds = run(country.load(target), country.log)
        tally.next_run(code)
        if code:
            tally.note(f"the next load ended with {code}: {country.log.read_text()[-600:]}")
        if found == now:
            country.seconds["load"] = seconds
        content, rows = in_child(look_at_rows, country.registers_path)
        if content != country.registers[target]:
            tally.note("the next load gave something else")
        read, loaded, kept_out, in_quarantine = rows
        listed = (country.home / "quarantine" / "quarantine.csv").read_text().count("\n") - 1
        if read != loaded + kept_out or not kept_out == in_quarantine == listed:
            tally.note(f"rows: {read} read, {loaded} loaded, {kept_out}, {in_quarantine}, {listed}")
        if left := country.leftovers():
            tally.note(f"left behind: {left}")
        now = target
    return tally


def kill_fit(country: Country, n: int, late: int, in_a_row: int, rng: random.Random) -> Tally:
    """Kill ``n`` fits with publication, ``late`` of them from the first file of the release."""
    tally = Tally("fit and publish")
    before = country.published()
    now = which(before.content, country.releases)
    publishing = lambda: any((country.home / "releases").glob("*.next"))  # noqa: E731
    while tally.n < n:
        target = other(now)
        country.use(target)
        if tally.n < late:
            after, span = publishing, country.seconds["fit"] / 5
        else:
            after, span = (lambda: True), country.seconds["fit"]
        code = kill_later(country.fit, country.log, seconds=rng.uniform(0, span), after=after)
        found = country.published()
        if code != KILLED:
            before, now = found, which(found.content, country.releases)
            continue
        tally.count()
        tally.left_something += bool(country.leftovers())
        if found.faults:
            tally.note("; ".join(found.faults))
        if found == before:
            tally.old += 1
        elif found.file > before.file and found.content == country.releases[target]:
            tally.new += 1
        else:
            tally.note(f"{found.file} is neither the old release nor the new")
        if found == before and tally.n % in_a_row:
            continue
        before, now = check_next_fit(country, target, tally), target
    return tally


def check_next_fit(country: Country, target: str, tally: Tally) -> fault_home.Published:
    """Return the release in place after the plain command, having looked at what it left."""
    code, seconds = run(country.fit, country.log)
    country.seconds["fit"] = seconds
    tally.next_run(code)
    if code:
        tally.note(f"the next fit ended with {code}: {country.log.read_text()[-600:]}")
    found = country.published()
    if found.content != country.releases[target] or found.faults:
        tally.note(f"the next fit gave something else: {found.faults}")
    if left := country.leftovers():
        tally.note(f"left behind: {left}")
    return found


def know_reports(country: Country) -> dict[str, str]:
    """Return the release names of two releases, put in place in turn to know their reports."""
    names = {}
    for name in ("A", "B"):
        country.use(name)
        country.must("fit", country.fit)
        names[name] = country.published().file.removesuffix(".duckdb")
    for name in ("B", "A"):
        country.must("rollback", ["rollback", names[name]])
        country.must("report", country.report)
        country.reports[name] = fault_home.tree_hash(country.home / "report")
    return names


def kill_report(
    country: Country,
    n: int,
    late: int,
    in_a_row: int,
    rng: random.Random,
    names: dict[str, str],
) -> Tally:
    """Kill ``n`` reports, ``late`` of them once the last document is written."""
    tally = Tally("report")
    now = which(fault_home.tree_hash(country.home / "report"), country.reports)
    written = lambda: any(country.home.glob(".report*/kommuner.pdf"))  # noqa: E731
    while tally.n < n:
        target = other(now)
        country.must("rollback", ["rollback", names[target]])
        if tally.n < late:
            after, span = written, country.seconds["report"] / 10
        else:
            after, span = (lambda: True), country.seconds["report"]
        code = kill_later(country.report, country.log, seconds=rng.uniform(0, span), after=after)
        found = which(fault_home.tree_hash(country.home / "report"), country.reports)
        if code != KILLED:
            now = target
            continue
        tally.count()
        tally.left_something += bool(country.leftovers())
        count_report(found, now, target, tally)
        if found == now and tally.n % in_a_row:
            continue
        check_next_report(country, target, tally)
        now = target
    return tally


def count_report(found: str, now: str, target: str, tally: Tally) -> None:
    """Count what a killed report left."""
    tally.old += found == now
    tally.new += found == target
    if found == "neither":
        tally.note("report/ is neither the old nor the new")


def check_next_report(country: Country, target: str, tally: Tally) -> None:
    """Run the plain command and look at what it left."""
    code, seconds = run(country.report, country.log)
    country.seconds["report"] = seconds
    tally.next_run(code)
    if code:
        tally.note(f"the next report ended with {code}: {country.log.read_text()[-600:]}")
    if fault_home.tree_hash(country.home / "report") != country.reports[target]:
        tally.note("the next report gave something else")
    if left := country.leftovers():
        tally.note(f"left behind: {left}")


def steps_of(country: Country, command: Any) -> int:
    """Return how many changes of the file system ``command`` makes, after running it whole."""
    if wait(start(command, country.log, step=0)):
        raise SystemExit(f"{command} failed:\n{country.log.read_text()}")
    return len(country.log.with_suffix(".steps").read_text().splitlines())


def chosen_steps(n: int, most: int) -> list[int]:
    """Return the steps from 1 to ``n``, or ``most`` of them evenly spread with the last ones."""
    if n <= most:
        return list(range(1, n + 1))
    spread = {1 + round(i * (n - 1) / (most // 2)) for i in range(most // 2)}
    return sorted(spread | set(range(n - most // 2 + 1, n + 1)))


def step_load(country: Country, most: int) -> Tally:
    """Kill a load before each change it makes."""
    tally = Tally("load, before each change")
    country.use("A")
    country.must("load", country.load("A"))
    country.use("A")
    n = steps_of(country, country.load("B"))
    for step in chosen_steps(n, most):
        country.use("A")
        code = wait(start(country.load("B"), country.log, step=step))
        if code != KILLED:
            tally.note(f"step {step} of {n} was not reached: {code}")
            continue
        tally.count()
        found = which(in_child(fault_home.content_of, country.registers_path), country.registers)
        tally.old += found == "A"
        tally.new += found == "B"
        tally.left_something += bool(country.leftovers())
        if found == "neither" or country.published().faults:
            tally.note(f"registers {found}, release {country.published().faults}")
        code, _ = run(country.load("B"), country.log)
        tally.next_run(code)
        if left := country.leftovers():
            tally.note(f"after step {step} left behind: {left}")
    return tally


def step_publish(country: Country, most: int) -> Tally:
    """Kill a fit with publication before each change it makes."""
    tally = Tally("fit and publish, before each change")
    country.use("A")
    country.must("fit", country.fit)
    country.use("B")
    n = steps_of(country, country.fit)
    now = "B"
    for step in chosen_steps(n, most):
        target = other(now)
        country.use(target)
        before = country.published()
        code = wait(start(country.fit, country.log, step=step))
        if code != KILLED:
            tally.note(f"step {step} of {n} was not reached: {code}")
            continue
        tally.count()
        found = country.published()
        tally.left_something += bool(country.leftovers())
        if found.faults:
            last = country.log.with_suffix(".steps").read_text().splitlines()[-1:]
            tally.note(f"step {step} of {n}, after {last}: {'; '.join(found.faults)}")
        tally.old += found.file == before.file and found.content == before.content
        tally.new += found.file > before.file and found.content == country.releases[target]
        check_next_fit(country, target, tally)
        now = target
    return tally


def step_report(country: Country, most: int, names: dict[str, str]) -> Tally:
    """Kill a report before each change it makes."""
    tally = Tally("report, before each change")
    now = which(fault_home.tree_hash(country.home / "report"), country.reports)
    country.must("rollback", ["rollback", names[now]])
    n = steps_of(country, country.report)
    for step in chosen_steps(n, most):
        target = other(now)
        country.must("rollback", ["rollback", names[target]])
        code = wait(start(country.report, country.log, step=step))
        if code != KILLED:
            tally.note(f"step {step} of {n} was not reached: {code}")
            continue
        tally.count()
        found = which(fault_home.tree_hash(country.home / "report"), country.reports)
        tally.left_something += bool(country.leftovers())
        count_report(found, now, target, tally)
        check_next_report(country, target, tally)
        now = target
    return tally


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
        found = {}
        for name, (child, out) in self.children.items():
            if wait(child):
                found[name] = Polls(errors=[f"the reader itself died, see its log {out}"])
            else:
                found[name] = Polls(**json.loads(out.read_text()))
        return found


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
    return parser.parse_args()


def main() -> int:
    chosen = arguments()
    rng = random.Random(chosen.seed)
    folder = chosen.folder.resolve()
    if not chosen.again:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    os.environ.update(_ENVIRONMENT, TILDELING_HOME=str(folder / "home"), TMPDIR=str(folder))
    os.chdir(folder)
    began = time.monotonic()
    country = Country(folder)
    if chosen.again:
        country.remember()
    else:
        country.make(chosen.scale)
    print({name: round(seconds, 1) for name, seconds in country.seconds.items()}, flush=True)
    readers = Readers(country)
    tallies: list[Tally] = []

    def done(tally: Tally) -> None:
        tallies.append(tally)
        print(f"{time.monotonic() - began:6.0f} s  {row(tally)}", flush=True)

    if chosen.loads:
        late, full = chosen.loads * 2 // 5, chosen.loads // 10
        done(kill_load(country, chosen.loads, late, full, chosen.in_a_row, rng))
    if chosen.fits:
        done(kill_fit(country, chosen.fits, chosen.fits // 2, chosen.in_a_row, rng))
    if chosen.steps:
        done(step_load(country, chosen.steps))
        done(step_publish(country, chosen.steps))
    if chosen.reports or chosen.steps:
        names = know_reports(country)
        late = chosen.reports // 2
        done(kill_report(country, chosen.reports, late, chosen.in_a_row, rng, names))
        done(step_report(country, chosen.steps // 2, names))
    if chosen.pairs:
        done(two_at_once(country, chosen.pairs))
    if chosen.damaged:
        done(corrupt_series(country, chosen.damaged, rng, Tally("damaged files")))
    found = readers.end()
    if chosen.full_disks:
        for tally in disk_series(country, chosen.full_disks, rng, Tally):
            done(tally)
    print(f"\n{HEADER}\n" + "\n".join(map(row, tallies)))
    print(f"\n{READER_HEADER}")
    for name, polls in found.items():
        print(
            f"| {name} | {polls.n:,} | {polls.n_full:,} | {polls.releases} | {len(polls.errors)}"
            f" | {len(polls.mixtures)} |"
        )
        print(*polls.errors[:5], *polls.mixtures[:5], sep="\n")
    print(f"\n{time.monotonic() - began:.0f} s in all, load {os.getloadavg()[0]:.1f}")
    return int(
        any(tally.broken for tally in tallies)
        or any(polls.errors or polls.mixtures for polls in found.values())
    )


HEADER = (
    "| fault | n | old content | new content | left something | next run ok | broken |\n"
    "|---|---|---|---|---|---|---|"
)
READER_HEADER = (
    "| reader | polls | of them in full | releases seen | errors | mixtures |\n"
    "|---|---|---|---|---|---|"
)


def row(tally: Tally) -> str:
    return (
        f"| {tally.name} | {tally.n} | {tally.old} | {tally.new} | {tally.left_something}"
        f" | {tally.next_ok} of {tally.next_runs} | {len(tally.broken)} |"
    )


if __name__ == "__main__":
    sys.exit(main())
