"""The home under test, its two deliveries, and what each gives when nothing goes wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import fault_home
from benchmarks.fault_damage import deliveries
from benchmarks.fault_process import in_child, run

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
            self.must("load in full", [*self.load(name), "--full"])
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

    fit = ("fit", "--full")
    report = ("report",)

    def must(self, what: str, command: Any) -> None:
        """Run ``command``, which has to end well, and remember how long ``what`` takes."""
        code, seconds = run(command, self.log)
        if code:
            raise SystemExit(f"{command} ended with {code}:\n{self.log.read_text()}")
        self.seconds[what] = seconds

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


def which(result: Any, known: dict[str, Any]) -> str:
    """Return the name under which ``result`` is known, or a word for neither."""
    return next((name for name, value in known.items() if value == result), "neither")


def is_in(log: Path, text: str) -> Callable[[], bool]:
    return lambda: log.exists() and text in log.read_text(errors="replace")


def look(home: Path) -> tuple[fault_home.Content, fault_home.Published]:
    """Return the content of the registers and the release in place."""
    return fault_home.content_of(home / "registers.duckdb"), fault_home.published(home)


def look_at_rows(path: Path) -> tuple[fault_home.Content, tuple[int, int, int, int]]:
    """Return content and counts of the registers."""
    return fault_home.content_of(path), fault_home.rows_of(path)
