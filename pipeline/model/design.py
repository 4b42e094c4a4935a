"""Columns of the first stage, and the checks that come before a fit.

Both models are an indicator per *base* (one intercept for ``pooled``, one per municipality with
grants for ``within``) plus one indicator per non-reference level of each factor. A row therefore
has at most F + 1 ones; the design keeps their column numbers, not the matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.cells import CellTable
from pipeline.model.specification import Specification

MUNICIPALITY = "municipality"
INTERCEPT = ("intercept", "reference")

#: An eigenvalue of the scaled Gram matrix below this is a collinearity, not rounding.
RANK_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Design:
    """The first stage's K columns and R rows; F factors, M municipalities, P patterns.

    Attributes
    ----------
    columns
        (term, level) of each column, the ``n_base`` base columns first.
    base_columns
        (M,) base column of each municipality; K where it has none (no grants, ``within``).
    factor_columns
        (P, F) column of each pattern's level; K for the reference and for merged levels.
    rows
        (R, F + 1) columns of each row of the likelihood, the base first, K meaning none; sorted
        by base.
    n_persons, n_events
        (R,) counts of the rows.
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
    factor_columns: np.ndarray
    rows: np.ndarray
    n_persons: np.ndarray
    n_events: np.ndarray
    references: dict[str, str]
    merged: tuple[tuple[str, str], ...]
    absent: tuple[tuple[str, str], ...]
    without_events: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """A readable name per column, e.g. ``education = basic``."""
        return tuple(f"{term} = {level}" for term, level in self.columns)


def build_design(table: CellTable, model: str, specification: Specification) -> Design:
    """Return the design of ``pooled`` or ``within``, checked.

    Levels without persons get no column. A level where nobody (or everybody) has the event is
    merged into the reference or refused, as ``specification.separation`` says; if the reference
    itself is such a level, the level with most grants takes its place (ties: the first). Raises
    :class:`ModelError` naming levels and, for collinear columns, the columns.
    """
    observed, at_risk = table.observed, table.n_at_risk
    if model == "pooled":
        fitted = np.ones(len(table.pattern), dtype=bool)
        bases = [INTERCEPT]
        base_columns = np.zeros(len(observed), dtype=np.int64)
    else:
        everyone = [table.municipality_codes[m] for m in np.flatnonzero(observed == at_risk)]
        if everyone:
            raise ModelError(
                f"municipality {', '.join(everyone)}: everybody at risk has the event, "
                "its dummy has no finite value"
            )
        has_events = observed > 0
        fitted = has_events[table.municipality]
        bases = [(MUNICIPALITY, table.municipality_codes[m]) for m in np.flatnonzero(has_events)]
        base_columns = np.where(has_events, np.cumsum(has_events) - 1, -1)

    columns = list(bases)
    factor_columns = np.full(table.pattern_codes.shape, -1, dtype=np.int64)
    references: dict[str, str] = {}
    merged: list[tuple[str, str]] = []
    absent: list[tuple[str, str]] = []
    persons = np.bincount(table.pattern[fitted], table.n_persons[fitted], len(table.pattern_codes))
    events = np.bincount(table.pattern[fitted], table.n_events[fitted], len(table.pattern_codes))
    for position, (factor, levels) in enumerate(table.levels.items()):
        codes = table.pattern_codes[:, position]
        n = np.bincount(codes, persons, len(levels))
        y = np.bincount(codes, events, len(levels))
        separated = (y == 0) | (y == n)
        wanted = levels.index(specification.references.get(factor, levels[0]))
        reference = int(np.argmax(np.where(separated, -1, y))) if separated[wanted] else wanted
        if separated[reference]:
            raise ModelError(f"{factor}: no level has both persons with and without a grant")
        references[factor] = levels[reference]
        column_of = np.full(len(levels), -1, dtype=np.int64)
        nobody = np.bincount(codes, minlength=len(levels)) == 0
        for number, level in enumerate(levels):
            if nobody[number]:
                absent.append((factor, level))
            elif separated[number]:
                merged.append((factor, level))
            elif number != reference:
                column_of[number] = len(columns)
                columns.append((factor, level))
        factor_columns[:, position] = column_of[codes]
    if merged and specification.separation == "refuse":
        raise ModelError(
            f"{model}: levels where nobody or everybody has the event: {_listed(merged)}",
            next_step="merge the levels, or set separation = merge.",
        )

    none = len(columns)
    factor_columns[factor_columns < 0] = none
    base_columns = np.where(base_columns < 0, none, base_columns)
    rows, n_persons, n_events = _likelihood_rows(table, model, fitted, base_columns, factor_columns)
    design = Design(
        model=model,
        columns=tuple(columns),
        n_base=len(bases),
        base_columns=base_columns,
        factor_columns=factor_columns,
        rows=rows,
        n_persons=n_persons,
        n_events=n_events,
        references=references,
        merged=tuple(merged),
        absent=tuple(absent),
        without_events=tuple(
            code
            for code, column in zip(table.municipality_codes, base_columns, strict=True)
            if column == none
        ),
    )
    check_rank(design)
    return design


def _likelihood_rows(
    table: CellTable,
    model: str,
    fitted: np.ndarray,
    base_columns: np.ndarray,
    factor_columns: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rows' columns and counts: patterns for ``pooled``, cells for ``within``."""
    if model == "pooled":
        base = np.zeros((len(factor_columns), 1), dtype=np.int64)
        persons, events = table.by_pattern(table.n_persons), table.by_pattern(table.n_events)
        return np.hstack([base, factor_columns]), persons, events
    base = base_columns[table.municipality[fitted], None]
    rows = np.hstack([base, factor_columns[table.pattern[fitted]]])
    return rows, table.n_persons[fitted].astype(float), table.n_events[fitted].astype(float)


def cross_table(columns: np.ndarray, weights: np.ndarray, n_columns: int) -> np.ndarray:
    """Return X' diag(weights) X, (K, K), from the (R, F) ``columns`` of each row's ones.

    Column number ``n_columns`` means no column. Sums run in row order, one pair of factors at a
    time, so the result does not depend on the number of threads.
    """
    size = n_columns + 1
    total = np.zeros((size, size))
    for i in range(columns.shape[1]):
        total += np.diag(np.bincount(columns[:, i], weights, size))
        for j in range(i):
            pair = np.bincount(columns[:, i] * size + columns[:, j], weights, size * size)
            pair = pair.reshape(size, size)
            total += pair + pair.T
    return total[:n_columns, :n_columns]


def check_rank(design: Design) -> None:
    """Raise :class:`ModelError` naming the columns that are linearly dependent."""
    gram = cross_table(design.rows, np.ones(len(design.rows)), len(design.columns))
    scale = np.sqrt(np.diag(gram))
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    null = vectors[:, values < RANK_TOLERANCE * values[-1]]
    if null.shape[1]:
        involved = np.abs(null).max(axis=1) > 1e-6
        names = [name for name, is_in in zip(design.names, involved, strict=True) if is_in]
        shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
        raise ModelError(
            f"{design.model}: {null.shape[1]} linear dependence(s) among the columns {shown}",
            next_step="drop a factor or merge levels that always go together.",
        )


def _listed(levels: list[tuple[str, str]]) -> str:
    return ", ".join(f"{factor} = {level}" for factor, level in levels)
