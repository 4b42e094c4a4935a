"""What a series of faults did, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass, field

KILLED = -9


@dataclass
class Tally:
    """What a series of faults did: how often old or new content was found, and what broke."""

    name: str
    n: int = 0
    misses: int = 0
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

    def miss(self) -> None:
        """Count a command that had ended before its kill: no fault, another instant is drawn.

        Raises ``RuntimeError`` when that happens all the time: the instants are drawn wrongly.
        """
        self.misses += 1
        if self.misses > 20 + 2 * self.n:
            raise RuntimeError(f"{self.name}: {self.misses} commands ended before their kill")

    def next_run(self, code: int) -> None:
        """Count a command that was left alone after faults."""
        self.next_runs += 1
        self.next_ok += code == 0

    def note(self, fault: str) -> None:
        self.broken.append(fault)
        print(f"  BROKEN {self.name} {self.n}: {fault}", flush=True)


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
