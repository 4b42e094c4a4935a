"""The journal of a home's nights: what each step took, one JSON file per night.

The file is written anew before and after every step, so that a night that was killed leaves how far
it came. ``metrics.prom`` beside the last one says its numbers as OpenMetrics text, for a collector
that reads files (node_exporter's textfile collector).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import INTERRUPTED, TildelingError

FOLDER = "journal"
METRICS = "metrics.prom"
#: Nights kept: somewhat more than a year of them.
NIGHTS_KEPT = 400
_DEFECT = 70


@dataclass
class Step:
    """One step of a night: seconds by the clock and of processor, and the memory high-water mark.

    ``peak_memory_bytes`` is that of the process since it started; ``state`` is running, done or
    failed. ``rows`` are those it read or made, None where nobody counts them.
    """

    name: str
    started_at: str
    state: str = "running"
    seconds: float = 0.0
    processor_seconds: float = 0.0
    peak_memory_bytes: int = 0
    rows: int | None = None


@dataclass
class Night:
    """One night: when, what it was to do, its steps, and how it ended.

    ``exit_code`` and ``ended_at`` are None while it runs, and stay so where it was killed.
    ``message`` is that of the error that ended it, ``release`` the release in place after it.
    """

    started_at: str
    process: int
    benchmark: str
    steps: list[Step] = field(default_factory=list)
    ended_at: str | None = None
    exit_code: int | None = None
    message: str | None = None
    release: str | None = None

    @property
    def seconds(self) -> float:
        """Seconds by the clock that the steps took together."""
        return sum(step.seconds for step in self.steps)


class Journal:
    """A night's own page of the journal of ``home``, while the night runs."""

    def __init__(self, home: Path, benchmark: str) -> None:
        self._folder = home / FOLDER
        self._folder.mkdir(parents=True, exist_ok=True)
        # Messages name files and values of a delivery, as the logs do.
        if self._folder.stat().st_uid == os.getuid():
            self._folder.chmod(0o700)
        now = datetime.now(UTC)
        self._path = self._folder / f"night-{now:%Y%m%dT%H%M%S.%fZ}.json"
        self.night = Night(_text(now), os.getpid(), benchmark)
        self._write()
        for path in sorted(self._folder.glob("night-*.json"))[:-NIGHTS_KEPT]:
            path.unlink(missing_ok=True)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Note what the step ``name`` takes while the block runs; one that raises has failed.

        The block may say the rows of the step it is given.
        """
        step = Step(name, _text(datetime.now(UTC)))
        self.night.steps.append(step)
        self._write()
        clock, processor = time.monotonic(), _processor_seconds()

        def finish(state: str) -> None:
            step.state = state
            step.seconds = round(time.monotonic() - clock, 2)
            step.processor_seconds = round(_processor_seconds() - processor, 2)
            step.peak_memory_bytes = _peak_memory_bytes()
            self._write()

        try:
            yield step
        except BaseException:
            # What ended the step is what is told, also where the disk takes no note of it.
            with suppress(OSError):
                finish("failed")
            raise
        finish("done")

    def end(self, release: str | None, error: BaseException | None = None) -> None:
        """Note how the night ended: with ``error`` or without, and the ``release`` in place."""
        self.night.ended_at = _text(datetime.now(UTC))
        self.night.release = release
        self.night.exit_code = 0
        if isinstance(error, TildelingError):
            self.night.exit_code, self.night.message = error.exit_code, error.message
        elif error is not None and not isinstance(error, Exception):
            # Ctrl-C or SIGTERM, under whatever name Prefect raises it.
            self.night.exit_code, self.night.message = INTERRUPTED, "stopped from outside"
        elif error is not None:
            self.night.exit_code = _DEFECT
            self.night.message = f"{type(error).__name__}: {error}"
        self._write()
        _replace(self._folder / METRICS, metrics_of(self.night))

    def _write(self) -> None:
        _replace(self._path, json.dumps(asdict(self.night), indent=2, ensure_ascii=False) + "\n")


def last_night(home: Path) -> Night | None:
    """Return the last night that the journal of ``home`` knows, or None without one.

    A page that cannot be read is passed over for the one before it.
    """
    for path in sorted((home / FOLDER).glob("night-*.json"), reverse=True):
        try:
            text = json.loads(path.read_text(encoding="utf-8"))
            return Night(**{**text, "steps": [Step(**step) for step in text["steps"]]})
        except (OSError, ValueError, TypeError, KeyError):
            continue
    return None


def metrics_of(night: Night) -> str:
    """Return the numbers of ``night`` as OpenMetrics text, ending in ``# EOF``."""
    families = {
        "tildeling_step_seconds": ("Seconds of each step by the clock.", "seconds"),
        "tildeling_step_processor_seconds": ("Processor seconds of each step.", "seconds"),
        "tildeling_step_peak_memory_bytes": ("Memory high-water mark after each step.", "bytes"),
        "tildeling_step_rows": ("Rows that the step read or made.", "rows"),
    }
    lines = []
    for name, (meaning, unit) in families.items():
        lines += [f"# TYPE {name} gauge", f"# UNIT {name} {unit}", f"# HELP {name} {meaning}"]
        attribute = name.removeprefix("tildeling_step_")
        values = {step.name: getattr(step, attribute) for step in night.steps}
        lines += [f'{name}{{step="{s}"}} {v}' for s, v in values.items() if v is not None]
    ended = datetime.fromisoformat(night.ended_at or night.started_at).timestamp()
    for name, meaning, value in (
        ("tildeling_night_exit_code", "Exit code of the last night; 0 is done.", night.exit_code),
        ("tildeling_night_end_timestamp_seconds", "When the last night ended.", ended),
    ):
        lines += [f"# TYPE {name} gauge", f"# HELP {name} {meaning}", f"{name} {value}"]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.next")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _processor_seconds() -> float:
    """Return the processor seconds of this process and of its children that have ended."""
    own, children = (resource.getrusage(who) for who in _WHOSE)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak_memory_bytes() -> int:
    # Kibibytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return max(resource.getrusage(who).ru_maxrss for who in _WHOSE) * unit


_WHOSE = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
