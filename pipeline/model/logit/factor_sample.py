"""A small weighted sample of rows that gives the national fit its start.

With a rare outcome almost all information is in the rows with events. All of them and a sixteenth
of the others, each counted sixteen times, make a table fifteen times smaller whose maximum is a
fraction of a standard error from the whole one's (case-control sampling: Prentice & Pyke 1979,
Biometrika 66). Only the start comes from it, so the result does not depend on it.

A row is chosen by a hash of its own levels and covariates, so the order of rows does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.model.logit.factor_rows import BLOCK_ROWS, PackedBlock

#: One in this many rows without events is kept. A power of two.
SAMPLE_WEIGHT = 16
#: Smaller tables start without a sample.
SMALLEST_TABLE = 400_000
#: A sample with more rows than this has a common outcome, and is not worth its memory.
LARGEST_SAMPLE = 1_500_000
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - (SAMPLE_WEIGHT.bit_length() - 1))


@dataclass
class Sample:
    """Rows collected while others read them: of each block its own, until there are too many."""

    parts: list[PackedBlock] = field(default_factory=list)
    n_rows: int = 0

    def collect(self, rows: Iterable[PackedBlock]) -> Iterator[PackedBlock]:
        """Yield ``rows`` unchanged, keeping the sample of each block."""
        for block in rows:
            if self.n_rows <= LARGEST_SAMPLE:
                kept = _sample(block)
                self.n_rows += len(kept)
                self.parts.append(kept)
            yield block

    def is_useful(self, n_rows: int) -> bool:
        """Return whether to start from the sample of a table of ``n_rows``."""
        return n_rows >= SMALLEST_TABLE and self.n_rows <= min(LARGEST_SAMPLE, n_rows // 4)

    @property
    def n_trials(self) -> int:
        """Trials of the sample, weights included."""
        return sum(int(block.trials.sum()) for block in self.parts if block.trials is not None)

    def blocks(self) -> list[PackedBlock]:
        """Return the rows in blocks of up to ``BLOCK_ROWS``: every block of a pass has its cost."""
        blocks: list[PackedBlock] = []
        together: list[PackedBlock] = []
        n_rows = 0
        for part in self.parts:
            if n_rows + len(part) > BLOCK_ROWS:
                blocks.append(_joined(together))
                together, n_rows = [], 0
            together.append(part)
            n_rows += len(part)
        return [*blocks, _joined(together)]


def _joined(parts: Sequence[PackedBlock]) -> PackedBlock:
    """Return the rows of ``parts``, samples all of them, as one block."""

    def rows(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    first = parts[0]
    return PackedBlock(
        joint=tuple(map(np.concatenate, zip(*(part.joint for part in parts), strict=True))),
        events=rows("events"),
        trials=rows("trials"),
        offset=None if first.offset is None else rows("offset"),
        numeric=tuple(map(np.concatenate, zip(*(part.numeric for part in parts), strict=True))),
        cluster=None,
    )


def _sample(block: PackedBlock) -> PackedBlock:
    """Return the rows with events, and those chosen by hash with their trials multiplied."""
    code = np.zeros(len(block), dtype=np.uint64)
    numbers = [*block.numeric, *([] if block.offset is None else [block.offset])]
    for part in (*block.joint, *(values.view(np.uint64) for values in numbers)):
        code += part
        code *= _MULTIPLIER
        code ^= code >> np.uint64(29)
    code *= _MULTIPLIER
    happened = block.events > 0
    rows = np.flatnonzero(happened | (code >> _SHIFT == 0))
    weights = np.where(happened[rows], 1, SAMPLE_WEIGHT)
    if block.trials is not None:
        weights = weights * block.trials[rows].astype(np.int64)
    return PackedBlock(
        joint=tuple(joint[rows] for joint in block.joint),
        events=block.events[rows],
        trials=weights,
        offset=None if block.offset is None else block.offset[rows],
        numeric=tuple(values[rows] for values in block.numeric),
        cluster=None,
    )
