"""A home whose nights are killed: how far a night is, what a kill left, how it ends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks import fault_home
from benchmarks.fault_process import in_child
from benchmarks.night_server import Office, wait

ENDED = ("Completed", "Failed", "Crashed", "Silent", "Cancelled")
Content = fault_home.Content
#: What nights are known by.
_KEPT = ("contents", "registers", "plain")


class Night:
    """The home, its newest night as the journal and log tell it, and what stood before it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.pages = len(self._pages())
        self.released = (home / "benchmark.duckdb").resolve()
        self.n_ledger = len(self._ledger())
        self.report = _inode(home / "report")

    def _pages(self) -> list[Path]:
        return sorted((self.home / "journal").glob("night-*.json"))

    def _ledger(self) -> list[Path]:
        return list((self.home / "restricted" / "ledger").glob("*.sha256"))

    def page(self) -> dict[str, object]:
        """Return the journal's page of the night begun last; empty before one."""
        pages = self._pages()
        return json.loads(pages[-1].read_text()) if len(pages) > self.pages else {}

    def is_in(self, step: str) -> bool:
        steps = self.page().get("steps") or [{}]
        return bool(steps[-1].get("name") == step)

    def said(self, text: str) -> bool:
        logs = sorted((self.home / "logs").glob("nightly-*.log"))
        return bool(self.page()) and bool(logs) and text in logs[-1].read_text(errors="replace")

    def instants(self) -> dict[str, Callable[[], bool]]:
        """Return each part of a night with what tells that it has begun."""
        home = self.home
        return {
            "check the delivery": lambda: self.said("pseudonyms with the key"),
            "load, registers": lambda: self.said("loading "),
            "load, mart": lambda: self.said("building mart"),
            "load, checks": lambda: self.said("checking core and mart"),
            "fit": lambda: self.said("fit: "),
            "stage": lambda: (home / "unpublished").exists(),
            "score": lambda: self.is_in("score"),
            "protect": lambda: self.is_in("publish"),
            "gate passed": lambda: len(self._ledger()) > self.n_ledger,
            "publish, building": lambda: any((home / "releases").glob("*.next")),
            "publish, in place": lambda: (home / "benchmark.duckdb").resolve() != self.released,
            "report": lambda: self.is_in("report"),
            "announce": lambda: self.is_in("report") and _inode(home / "report") != self.report,
        }


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0


class Nights:
    """The home under test, its deliveries, and what each gives when nothing goes wrong."""

    def __init__(self, folder: Path, one: Office) -> None:
        self.folder, self.home, self.office = folder, folder / "home", one
        self.contents: dict[str, Content] = {}
        self.registers: dict[str, Content] = {}
        self.plain: dict[str, float] = {}
        self.now = ""
        self.broken: list[str] = []

    def deliver(self, name: str) -> None:
        """Put delivery ``name`` where nights look for theirs."""
        beside = self.folder / "delivery.next"
        beside.symlink_to(self.folder / name)
        beside.replace(self.folder / "delivery")

    def learn(self, deployment: str) -> None:
        """Keep what undisturbed nights of A and then B leave, and the steps of the second."""
        for name in ("A", "B"):
            self.deliver(name)
            run = self.office.run(deployment)
            wait(lambda run=run: self.office.state(run) in ENDED, "a night ends")
            if self.office.state(run) != "Completed":
                raise SystemExit(f"an undisturbed night is {self.office.state(run)}")
            registers, published = in_child(look, self.home)
            self.contents[name], self.registers[name], self.now = published.content, registers, name
            print(f"undisturbed: {name} {spent(self.home)}", flush=True)
        self.plain = spent(self.home)
        kept = {name: getattr(self, name) for name in _KEPT}
        (self.folder / "nights.json").write_text(json.dumps(kept))

    def remember(self) -> None:
        """Take up what :meth:`learn` kept in the same folder; either release may be in place."""
        for name, value in json.loads((self.folder / "nights.json").read_text()).items():
            setattr(self, name, value)
        for known in (self.contents, self.registers):
            for content in known.values():
                content.update({table: tuple(value) for table, value in content.items()})
        _, published = in_child(look, self.home)
        (self.now,) = (k for k, v in self.contents.items() if v == published.content)

    def next(self) -> str:
        """Return the delivery that the next night is to publish, put in place."""
        target = "B" if self.now == "A" else "A"
        self.deliver(target)
        return target

    def left(self) -> tuple[str, str, str]:
        """Return what a kill left: registers and release, each old, new or broken, and staged."""
        copy = self.folder / "left"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.home, copy, symlinks=True, ignore=shutil.ignore_patterns("report"))
        registers, published = in_child(look, copy)
        age = {self.now: "old", "B" if self.now == "A" else "A": "new"}
        of_registers = [age[name] for name, known in self.registers.items() if known == registers]
        of_release = [
            age[name] for name, known in self.contents.items() if known == published.content
        ]
        if published.faults or not of_release or not of_registers:
            self.broken.append(f"after a kill: {of_registers}, {of_release}, {published.faults}")
        staged = "whole" if (copy / "unpublished").exists() else "none"
        return (of_registers or ["BROKEN"])[0], (of_release or ["BROKEN"])[0], staged

    def check_end(self, target: str, what: str) -> None:
        """Note where the home does not hold ``target`` whole and nothing else."""
        registers, published = in_child(look, self.home)
        if published.content != self.contents[target] or published.faults:
            self.broken.append(f"{what}: not the new release in the end, {published.faults}")
        if registers != self.registers[target]:
            self.broken.append(f"{what}: not the new registers in the end")
        if found := fault_home.leftovers(self.home):
            self.broken.append(f"{what}: left behind {found}")
        self.now = target


def look(home: Path) -> tuple[Content, fault_home.Published]:
    """Return content of the registers and the release in place, by the links of a home or copy."""
    return (
        fault_home.content_of(home / "restricted" / "registers.duckdb"),
        fault_home.published(home),
    )


def spent(home: Path) -> dict[str, float]:
    """Return the processor seconds of the steps of the home's last night."""
    page = json.loads(max((home / "journal").glob("night-*.json")).read_text())
    return {step["name"]: step["processor_seconds"] for step in page["steps"]}
