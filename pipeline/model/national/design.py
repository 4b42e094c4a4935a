"""Columns of the first stage and the rows of its likelihood.

Both models are an indicator per *base* (one intercept for ``pooled``, one per municipality with
grants for ``within``) plus one indicator per non-reference level of each factor. Which levels the
data can carry is decided in :mod:`pipeline.model.logit.factor_design`; the design keeps the
numbers of the columns, not the matrix.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.logit.factor_checks import NoMaximumError
from pipeline.model.logit.factor_design import FactorDesign, build_factor_design
from pipeline.model.logit.factor_packing import Factor, Packing, pack_factors
from pipeline.model.logit.factor_rows import RowBlock
from pipeline.model.national.cells import CellTable
from pipeline.model.national.specification import Specification

MUNICIPALITY = "municipality"


@dataclass(frozen=True)
class LikelihoodRows:
    """The rows of one model's likelihood: the cells as they lie in the table.

    Cells of the municipalities with ``is_fitted`` (M,) for ``within``, whole patterns for
    ``pooled``, where it is None. Where counts are protected, rows of grants without persons that
    have the sums shown come before those of persons without grants. ``joint`` has the (P,) joint
    code of each pattern, per super-factor of ``packing``; ``together`` says which of them has
    municipalities packed with it, None for none.
    """

    table: CellTable
    is_fitted: np.ndarray | None
    packing: Packing
    joint: tuple[np.ndarray, ...]
    together: int | None

    def __len__(self) -> int:
        if self.is_fitted is None:
            return len(self.table.pattern_codes)
        return int(self.is_fitted[self.table.municipality].sum())

    @cached_property
    def joint_of_cells(self) -> tuple[np.ndarray, ...]:
        """(n,) the joint code of each cell's pattern, per super-factor."""
        return tuple(joint[self.table.pattern] for joint in self.joint)

    def __iter__(self) -> Iterator[RowBlock]:
        table, sums = self.table, self.table.sums
        if sums is not None:
            places = [] if self.is_fitted is None else [sums.municipality]
            yield RowBlock(
                codes=[*places, *sums.codes.T],
                events=sums.events,
                trials=np.zeros(len(sums.events), dtype=np.int64),
                is_weighted=True,
            )
        counted = table.n_events if sums is None else np.zeros(len(table.n_events))
        if self.is_fitted is None:
            yield RowBlock(
                codes=self.joint,
                events=table.by_pattern(counted),
                trials=table.by_pattern(table.n_persons),
                is_weighted=sums is not None,
                is_packed=True,
            )
            return
        codes = [*self.joint_of_cells]
        place = table.municipality.astype(np.uint32)
        if self.together is not None:
            place *= np.uint32(self.packing.sizes[self.together])
            place += codes.pop(self.together)
        codes, trials = [place, *codes], table.n_persons
        if not self.is_fitted.all():
            kept = self.is_fitted[table.municipality]
            codes, counted, trials = [of[kept] for of in codes], counted[kept], trials[kept]
        yield RowBlock(
            codes=codes,
            events=counted,
            trials=trials,
            is_weighted=sums is not None,
            is_packed=True,
        )


@dataclass(frozen=True)
class Design:
    """The first stage's K columns and its rows; F factors, M municipalities, P patterns.

    Attributes
    ----------
    columns
        (term, level) of each column, the ``n_base`` base columns first.
    base_columns
        (M,) base column of each municipality; K where it has none (no grants, ``within``).
    level_columns
        Per factor, the column of each level, K for none.
    packing, joint
        The factors packed together, and per super-factor the (P,) joint code of each pattern.
    factors, factor_design, rows
        The factors of the likelihood, the municipality first for ``within``, their columns as the
        factor logit has them, and its rows.
    references
        Factor -> reference level in use.
    merged, absent, without_events
        (factor, level) merged into the reference, (factor, level) without persons, and the codes
        of municipalities that the likelihood leaves out because they have no grants.
    """

    model: str
    columns: tuple[tuple[str, str], ...]
    n_base: int
    base_columns: np.ndarray
    level_columns: tuple[np.ndarray, ...]
    packing: Packing
    joint: tuple[np.ndarray, ...]
    factors: tuple[Factor, ...]
    factor_design: FactorDesign
    rows: LikelihoodRows
    references: dict[str, str]
    merged: tuple[tuple[str, str], ...]
    absent: tuple[tuple[str, str], ...]
    without_events: tuple[str, ...]
    _sums: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """A readable name per column, e.g. ``education = basic``."""
        return tuple(f"{term} = {level}" for term, level in self.columns)

    @property
    def factor_columns(self) -> np.ndarray:
        """(P, F) column of each pattern's level; K for the reference and for merged levels."""
        codes = self.rows.table.pattern_codes
        columns = np.empty(codes.shape, dtype=np.int64)
        for position, numbers in enumerate(self.level_columns):
            columns[:, position] = numbers[codes[:, position]]
        return columns

    def sum_over_factors(self, values: np.ndarray) -> np.ndarray:
        """Return (P,) sums of ``values`` (K + 1,), the last for no column, at the factor columns.

        One look-up per super-factor: with millions of patterns the columns themselves are
        gigabytes. The last sums are kept: the slopes of a fit are asked for by all that follows it.
        """
        key = values.tobytes()
        if self._sums.get("key") == key:
            return self._sums["total"]
        total = np.zeros(len(self.rows.table.pattern_codes))
        for number, joint in enumerate(self.joint):
            group, levels = self.packing.groups[number], self.packing.levels_of(number)
            of_group = sum(
                values[self.level_columns[position]][of_code]
                for position, of_code in zip(group, levels, strict=True)
            )
            total += np.asarray(of_group)[joint]
        total.flags.writeable = False
        self._sums.update(key=key, total=total)
        return total


def build_design(
    table: CellTable,
    model: str,
    specification: Specification,
    also_merged: Collection[tuple[str, str]] = (),
) -> Design:
    """Return the design of ``pooled`` or ``within``.

    Levels without persons get no column. A level where nobody (or everybody) has the event is
    merged into the reference or refused, as ``specification.separation`` says; if the reference
    itself is such a level, the level with most grants takes its place (ties: the first). A
    municipality without grants leaves the likelihood of ``within``, and so do its persons from
    these counts. ``also_merged`` are (factor, level) to merge whatever their counts. Raises
    :class:`ModelError` naming the levels.
    """
    n_units = len(table.municipality_codes)
    is_fitted = table.observed > 0 if model == "within" else np.ones(n_units, dtype=bool)
    factors = [
        Factor(name, known, specification.references.get(name, known[0]))
        for name, known in table.levels.items()
    ]
    inside = is_fitted[table.municipality]
    persons = table.by_pattern(np.where(inside, table.n_persons, 0))
    packing = pack_factors(factors)
    joint = packing.pack(list(table.pattern_codes.T))
    n_persons, n_patterns = (
        packing.by_factor(
            [
                np.bincount(code, of_pattern, size).astype(np.int64)
                for code, size in zip(joint, packing.sizes, strict=True)
            ]
        )
        for of_pattern in (persons, None)
    )
    trials_of, events_of = [], []
    for position, factor in enumerate(factors):
        # A level with persons, but none of them in the likelihood, is merged and not absent.
        trials_of.append(np.maximum(n_persons[position], n_patterns[position] > 0))
        events = table.events_by_level(position)
        if table.sums is not None:
            # Noise may show more grants than there are persons.
            events = np.minimum(events, trials_of[-1])
        forced = [(factor.name, level) in also_merged for level in factor.levels]
        events_of.append(np.where(forced, 0, events))
    of_likelihood, together = packing, None
    if model == "within":
        of_likelihood, together = packing.after(Factor(MUNICIPALITY, table.municipality_codes))
        trials_of.insert(0, table.n_at_risk)
        events_of.insert(0, table.observed)
    with errors_of(model):
        design = build_factor_design(
            of_likelihood, trials_of, events_of, separation=specification.separation
        )

    column_of = {column: number for number, column in enumerate(design.columns)}
    none = len(design.columns)
    base_columns = np.zeros(n_units, dtype=np.int64)
    if model == "within":
        base_columns = _numbers(column_of, MUNICIPALITY, table.municipality_codes, none)
    level_columns = [_numbers(column_of, name, known, none) for name, known in table.levels.items()]
    return Design(
        model=model,
        columns=design.columns,
        n_base=design.n_base,
        base_columns=base_columns,
        level_columns=tuple(level_columns),
        packing=packing,
        joint=joint,
        factors=of_likelihood.factors,
        factor_design=design,
        rows=LikelihoodRows(
            table, is_fitted if model == "within" else None, packing, joint, together
        ),
        references=design.references,
        merged=design.merged,
        absent=design.absent,
        without_events=design.without_events,
    )


@contextmanager
def errors_of(model: str) -> Iterator[None]:
    """Put the name of a model or an outcome before what a :class:`ModelError` inside says."""
    try:
        yield
    except ModelError as error:
        named = type(error)(
            f"{model}: {error.problem}",
            expected=error.expected,
            found=error.found,
            next_step=error.next_step,
        )
        if isinstance(error, NoMaximumError) and isinstance(named, NoMaximumError):
            named.columns = error.columns
        raise named from None


def _numbers(
    column_of: dict[tuple[str, str], int], term: str, levels: tuple[str, ...], none: int
) -> np.ndarray:
    """Return the column number of each level, ``none`` where it has no column."""
    return np.array([column_of.get((term, level), none) for level in levels], dtype=np.int64)
