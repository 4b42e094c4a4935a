"""How a home stands: its last night, what is in place, what is staged and why, and its disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.errors import INTERRUPTED, StorageError
from pipeline.journal import Night, last_night
from pipeline.warehouse.publication.approval import LEDGER, Approval, read_approval
from pipeline.warehouse.publication.leftovers import UNPUBLISHED
from pipeline.warehouse.publication.lock import holder
from pipeline.warehouse.publication.releases import Release, current_release, list_releases


@dataclass(frozen=True)
class Status:
    """How a home stands. Sizes are bytes; ``holder`` is who writes in the home now, if anybody."""

    home: Path
    night: Night | None
    holder: str | None
    release: Release | None
    approval: Approval | None
    n_releases: int
    staged_since: datetime | None
    sizes: dict[str, int]
    free: int

    def __str__(self) -> str:
        lines = [
            ("Home", str(self.home.absolute())),
            *self._night_lines(),
            ("Release", self._release_text()),
            ("Staged", self._staged_text()),
            ("Disk", self._disk_text()),
        ]
        return "\n".join(f"{label:<11} {text}" for label, text in lines)

    def _night_lines(self) -> list[tuple[str, str]]:
        night = self.night
        if night is None:
            held = f"none noted; {self.holder} writes here now" if self.holder else "none noted"
            return [("Last night", held)]
        ended = (night.ended_at or night.started_at).replace("T", " ").replace("+00:00", " UTC")
        if night.exit_code is None:
            at = night.steps[-1].name if night.steps else "its start"
            how = (
                f"runs since {ended}, in: {at}"
                if self.holder
                else (f"began {ended} and was killed in: {at}; the next night goes on from there")
            )
        elif night.exit_code == 0:
            how = f"ended {ended}, {_duration(night.seconds)}, {night.benchmark}"
        elif night.exit_code == INTERRUPTED:
            at = night.steps[-1].name if night.steps else "its start"
            how = f"was stopped {ended} in: {at}; the next night goes on from there"
        else:
            first = (night.message or "").splitlines()[0]
            how = f"failed {ended} with exit code {night.exit_code}: {first}"
        lines = [("Last night", how)]
        lines += [
            ("", f"{step.name}: {step.state}, {step.seconds:.1f} s, "
             f"{step.processor_seconds:.1f} s of processor, to {_size(step.peak_memory_bytes)}"
             + (f", {step.rows:,} rows" if step.rows is not None else ""))
            for step in night.steps
        ]  # fmt: skip
        return lines

    def _release_text(self) -> str:
        if self.release is None:
            return "none published yet"
        state = "" if self.release.is_whole else "; NOT as it was published, see `rollback`"
        kept = f"{self.n_releases} kept" if self.n_releases > 1 else "the only one"
        approved = f", {self.approval}" if self.approval else ""
        return f"{self.release.name} ({kept}{approved}){state}"

    def _staged_text(self) -> str:
        if self.staged_since is None:
            return "nothing"
        since = f"results of {self.staged_since:%Y-%m-%d %H:%M} UTC"
        night = self.night
        if night is not None and night.exit_code and night.message:
            return f"{since}; the last night left them: {night.message.splitlines()[0]}"
        return f"{since}, which `tildeling publish` puts out"

    def _disk_text(self) -> str:
        parts = ", ".join(f"{name} {_size(size)}" for name, size in self.sizes.items() if size)
        return f"{_size(sum(self.sizes.values()))} ({parts}); {_size(self.free)} free"


def status(home: Path) -> Status:
    """Return how ``home`` stands; nothing is changed or waited for."""
    if not home.is_dir():
        raise StorageError(
            f"{home} is no folder.", next_step="name a home with --home, or run a night first."
        )
    # A folder per run of the fit; the first began first.
    staged = next(iter(sorted((home / UNPUBLISHED).glob("*/started_at"))), None)
    release = current_release(home)
    ledger = (home / "registers.duckdb").resolve().parent / LEDGER
    return Status(
        home=home,
        night=last_night(home),
        holder=holder(home),
        release=release,
        approval=read_approval(ledger, release.name) if release else None,
        n_releases=len(list_releases(home)),
        staged_since=datetime.fromisoformat(staged.read_text()) if staged else None,
        sizes={path.name: _bytes_of(path) for path in sorted(home.iterdir())
               if not path.is_symlink() and path.is_dir()},
        free=shutil.disk_usage(home).free,
    )  # fmt: skip


def _bytes_of(folder: Path) -> int:
    """Return the size of the files below ``folder``; one that goes meanwhile counts as nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += 0 if path.is_dir() else path.lstat().st_size
        except OSError:
            continue
    return total


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.1f} MB"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
