"""The cells of other specifications, cut from the coded cells of one outcome.

A national table of two dozen factors has millions of cells: they are coded and sorted once, and
what a specification leaves out, moves or does without is taken from the numbers. Every table here
is the one that :func:`~pipeline.model.national.cells.code_cells` makes of the rows so changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.errors import ModelError
from pipeline.model.national.cells import COUNTS, CellTable, add_up, code_rows
from pipeline.model.national.specification import Specification
from pipeline.model.numerics.pattern_keys import level_numbers, pack_codes


@dataclass(frozen=True)
class Rows:
    """Rows of a frame in a table: (n,) numbers of pattern and municipality, and counts.

    ``unit`` numbers municipalities among all there are, -1 for others; ``counts`` as in
    :data:`~pipeline.model.national.cells.COUNTS`.
    """

    pattern: np.ndarray
    unit: np.ndarray
    counts: dict[str, np.ndarray]

    def moved(self, unit: np.ndarray, sign: int = 1) -> Rows:
        """Return the rows in other municipalities, with counts times ``sign``."""
        return Rows(self.pattern, unit, {name: sign * of for name, of in self.counts.items()})


def place_rows(table: CellTable, frame: pd.DataFrame, municipality_codes: Sequence[str]) -> Rows:
    """Return the rows of ``frame``, which has columns of ``mart.model_cell``, in ``table``.

    Counts that it lacks are 0. Raises :class:`ModelError` for a row whose factors nobody of
    the table has.
    """
    pattern = table.pattern_keys.find(code_rows(frame, table.levels))
    n_lost = int((pattern < 0).sum())
    if n_lost:
        raise ModelError(f"model cells: {n_lost} rows of persons who are in no cell")
    return Rows(
        pattern=pattern,
        unit=units_of(frame["municipality_code"], municipality_codes),
        counts={
            name: frame[name].to_numpy(dtype=np.int64)
            if name in frame
            else np.zeros(len(frame), dtype=np.int64)
            for name in COUNTS
        },
    )


def units_of(column: pd.Series, municipality_codes: Sequence[str]) -> np.ndarray:
    """Return (n,) the place of each code among the sorted ``municipality_codes``, -1 for others."""
    return level_numbers(column, sorted(municipality_codes))


def part_of(table: CellTable, is_kept: np.ndarray, specification: Specification) -> CellTable:
    """Return the cells of the patterns with ``is_kept`` (P,)."""
    kept = is_kept[table.pattern]
    return add_up(
        table.municipality_codes,
        table.levels,
        table.pattern_codes,
        table.pattern[kept],
        table.municipality[kept],
        {name: of[kept] for name, of in _counts(table).items()},
        specification,
    )


def with_rows(
    table: CellTable,
    rows: Sequence[Rows],
    municipality_codes: Sequence[str],
    specification: Specification,
) -> CellTable:
    """Return ``table`` with the counts of ``rows`` added; negative ones leave persons out."""
    known = sorted(municipality_codes)
    own = np.searchsorted(known, table.municipality_codes)[table.municipality]
    counts = [_counts(table), *(of.counts for of in rows)]
    return add_up(
        known,
        table.levels,
        table.pattern_codes,
        np.concatenate([table.pattern, *(of.pattern for of in rows)]),
        np.concatenate([own, *(of.unit for of in rows)]),
        {name: np.concatenate([of[name] for of in counts]) for name in COUNTS},
        specification,
    )


def without_factors(table: CellTable, specification: Specification) -> CellTable:
    """Return the table in the factors of ``specification``, some of those of ``table``."""
    kept = [0, *(table.factors.index(name) for name in specification.factors)]
    levels = {name: table.levels[name] for name in (table.factors[place] for place in kept)}
    codes = np.asfortranarray(table.pattern_codes[:, kept])
    key = pack_codes(codes, [len(known) for known in levels.values()])
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return add_up(
        table.municipality_codes,
        levels,
        codes[first],
        group[table.pattern],
        table.municipality,
        _counts(table),
        specification,
    )


def _counts(table: CellTable) -> dict[str, np.ndarray]:
    return {name: getattr(table, name) for name in COUNTS}
