"""Rows for the factor logit: numpy blocks or Arrow record batches, checked and packed.

Whatever the source, the sums see packed blocks of at most ``BLOCK_ROWS`` rows. A source is read
once per pass, so it must be possible to iterate over it again: a list, or :class:`ArrowBlocks`
around a function that opens a new reader. Nothing here knows where batches come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.logit.factor_packing import Factor, Packing

#: Rows worked on at a time: a few arrays of 8 bytes per row then stay in the cache.
BLOCK_ROWS = 65_536

#: Arrow's names of number types, and numpy's.
_NUMBERS = {
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    "float": "float32",
    "double": "float64",
}


@dataclass(frozen=True)
class RowBlock:
    """n rows of data.

    Attributes
    ----------
    codes
        F arrays (n,) of level numbers, one per factor; with ``is_packed`` the S joint codes of the
        packing, unsigned, in their place.
    events
        (n,) events: 0/1, counts out of ``trials``, or Poisson counts.
    trials
        (n,) persons behind each row; None for one each.
    offset
        (n,) known part of the linear predictor; None for 0.
    numeric
        One (n,) array per numeric covariate.
    cluster
        (n,) integers from 0: which rows belong together.
    is_weighted
        Whether events are weighted: any numbers from 0 on, perhaps above trials.
    is_packed
        Whether ``codes`` are joint codes.
    """

    codes: Sequence[np.ndarray]
    events: np.ndarray
    trials: np.ndarray | None = None
    offset: np.ndarray | None = None
    numeric: Sequence[np.ndarray] = ()
    cluster: np.ndarray | None = None
    is_weighted: bool = False
    is_packed: bool = False

    def slice(self, rows: slice) -> RowBlock:
        """Return some of the rows, without copying."""
        return RowBlock(
            codes=[column[rows] for column in self.codes],
            events=self.events[rows],
            trials=None if self.trials is None else self.trials[rows],
            offset=None if self.offset is None else self.offset[rows],
            numeric=[column[rows] for column in self.numeric],
            cluster=None if self.cluster is None else self.cluster[rows],
            is_weighted=self.is_weighted,
            is_packed=self.is_packed,
        )


@dataclass(frozen=True)
class PackedBlock:
    """A :class:`RowBlock` with one joint code per super-factor instead of the factors' codes."""

    joint: tuple[np.ndarray, ...]
    events: np.ndarray
    trials: np.ndarray | None
    offset: np.ndarray | None
    numeric: tuple[np.ndarray, ...]
    cluster: np.ndarray | None

    def __len__(self) -> int:
        return len(self.events)


@dataclass(frozen=True)
class ArrowBlocks:
    """Arrow record batches as row blocks, opened anew for every pass.

    Attributes
    ----------
    open_reader
        Returns an iterable of record batches, e.g.
        ``lambda: connection.execute(query).to_arrow_reader(131_072)``.
    factors
        Columns with level numbers (integers), or with level names (text or dictionary).
    events, trials, offset, numeric, cluster
        Names of the columns; ``trials``, ``offset`` and ``cluster`` may be None.
    """

    open_reader: Callable[[], Iterable[Any]]
    factors: Sequence[Factor]
    events: str
    trials: str | None = None
    offset: str | None = None
    numeric: Sequence[str] = ()
    cluster: str | None = None

    def __iter__(self) -> Iterator[RowBlock]:
        for batch in self.open_reader():
            yield RowBlock(
                codes=[_level_numbers(_column(batch, f.name), f) for f in self.factors],
                events=_values(batch, self.events),
                trials=None if self.trials is None else _values(batch, self.trials),
                offset=None if self.offset is None else _values(batch, self.offset),
                numeric=[_values(batch, name) for name in self.numeric],
                cluster=None if self.cluster is None else _values(batch, self.cluster),
            )


def packed_blocks(
    blocks: Iterable[RowBlock], packing: Packing, has_ceiling: bool
) -> Iterator[PackedBlock]:
    """Yield the rows packed, at most ``BLOCK_ROWS`` at a time, in the order they come.

    With ``has_ceiling`` events may not exceed trials, unless they are weighted. Raises
    :class:`ModelError` for values that are missing, negative, not whole (counts) or not finite.
    """
    for whole in blocks:
        for first in range(0, len(whole.events), BLOCK_ROWS):
            block = whole.slice(slice(first, first + BLOCK_ROWS))
            events = (_finite if block.is_weighted else _counts)(block.events, "events")
            trials = None if block.trials is None else _counts(block.trials, "trials")
            is_limited = has_ceiling and not block.is_weighted
            if is_limited and bool((events > (1 if trials is None else trials)).any()):
                raise ModelError("events above trials", expected="at most one event per trial")
            numeric = tuple(_finite(column, "a numeric covariate") for column in block.numeric)
            yield PackedBlock(
                joint=tuple(block.codes) if block.is_packed else packing.pack(block.codes),
                events=events,
                trials=trials,
                offset=None if block.offset is None else _finite(block.offset, "the offset"),
                numeric=numeric,
                cluster=block.cluster,
            )


class Passes:
    """Packed rows that can be passed over again; ``n`` counts the passes."""

    def __init__(self, open_rows: Callable[[], Iterable[PackedBlock]]) -> None:
        self._open_rows = open_rows
        self.n = 0

    def __iter__(self) -> Iterator[PackedBlock]:
        self.n += 1
        return iter(self._open_rows())


def open_passes(
    blocks: Iterable[RowBlock], packing: Packing, has_ceiling: bool, in_memory: bool
) -> Passes:
    """Return the rows packed, kept or opened anew for each pass."""
    if in_memory:
        kept = list(packed_blocks(blocks, packing, has_ceiling))
        return Passes(lambda: kept)
    if isinstance(blocks, Iterator):
        raise ModelError(
            "the blocks can be read only once",
            next_step="pass a list or ArrowBlocks, or in_memory=True.",
        )
    return Passes(lambda: packed_blocks(blocks, packing, has_ceiling))


def _column(batch: Any, name: str) -> Any:
    position = batch.schema.get_field_index(name)
    if position < 0:
        raise ModelError(f"no column {name}", found=", ".join(batch.schema.names))
    column = batch.column(position)
    if column.null_count:
        raise ModelError(
            f"{name}: {column.null_count} missing values in a block of {len(column)} rows",
            next_step="give missing information a level of its own before the model.",
        )
    return column


def _values(batch: Any, name: str) -> np.ndarray:
    return _numpy(_column(batch, name))


def _numpy(column: Any) -> np.ndarray:
    """Return an Arrow column without missing values; numbers as they lie in memory.

    Arrow's own conversion imports pandas, 40 MB that a streamed fit has no other use for.
    """
    kind = _NUMBERS.get(str(column.type))
    if kind is None or not len(column):
        return np.asarray(column.to_numpy(zero_copy_only=False))
    values = np.frombuffer(column.buffers()[1], dtype=kind)
    return values[column.offset : column.offset + len(column)]


def _level_numbers(column: Any, factor: Factor) -> np.ndarray:
    """Return level numbers from integers as they are, from text through the factor's levels."""
    if not hasattr(column, "indices"):
        numbers = _numpy(column)
        if numbers.dtype.kind in "iu":
            return numbers
        column = column.dictionary_encode()
    known = {level: number for number, level in enumerate(factor.levels)}
    used = [str(level) for level in column.dictionary.to_pylist()]
    number_of = np.array([known.get(level, -1) for level in used] or [-1], dtype=np.int64)
    numbers = number_of[_numpy(column.indices)]
    if len(numbers) and numbers.min() < 0:
        raise ModelError(
            f"{factor.name}: unknown level",
            expected=", ".join(factor.levels[:12]),
            found=", ".join([level for level in used if level not in known][:5]),
        )
    return numbers


def _counts(values: np.ndarray, what: str) -> np.ndarray:
    """Return whole numbers as given or, from floats, as int64."""
    if values.dtype.kind == "b":
        return values.view(np.uint8)
    if values.dtype.kind == "f":
        if not (np.isfinite(values).all() and (values % 1 == 0).all()):
            raise ModelError(f"{what}: a count is missing or not a whole number")
        values = values.astype(np.int64)
    if values.dtype.kind not in "iu" or (len(values) and values.min() < 0):
        raise ModelError(f"{what}: a count is negative or no number")
    return values


def _finite(values: np.ndarray, what: str) -> np.ndarray:
    values = np.ascontiguousarray(values, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ModelError(f"{what} is missing or infinite")
    return values
