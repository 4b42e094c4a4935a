"""Diagnosis by cash-benefit tenure, as numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Axes:
    """The dimensions of a table of cells, each with its levels in reporting order."""

    rows: tuple[str, tuple[str, ...]]
    columns: tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class NationalCell:
    """A cell or margin of the country; ``observed`` and the ratio are None where hidden.

    A margin that is summed up has the ratio of its sums and no interval.
    """

    observed: int | None
    expected: float
    ratio: float | None
    ratio_low: float | None = None
    ratio_high: float | None = None


@dataclass(frozen=True)
class NationalTable:
    """Diagnosis (rows) by tenure (columns) for the country; last column and row are margins."""

    outcome: str
    diagnoses: tuple[str, ...]
    tenures: tuple[str, ...]
    cells: tuple[tuple[NationalCell, ...], ...]
    n_suppressed: int
    n_cells: int


@dataclass(frozen=True)
class Cell:
    """A municipal cell; a suppressed one has neither count nor ratio."""

    observed: int | None
    expected: float
    ratio_low: float | None
    ratio_high: float | None
    is_suppressed: bool
    ratio: float | None = None


@dataclass(frozen=True)
class MunicipalCells:
    """Diagnosis by tenure, row by row, of an outcome, model and municipality; "" is the country."""

    outcome: str
    model: str
    code: str
    cells: tuple[Cell, ...]
