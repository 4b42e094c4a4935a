"""Anyone's table as cells of units, factors and covariates: checked, and in an order of its own.

Rows alike in unit, factors and covariates are added together, which loses nothing, and cells are
sorted by what they hold, so that no number depends on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.errors import CheckError, ExtractError, ModelError, SettingsError
from pipeline.model.profile.profile_values import (
    LARGEST_WHOLE,
    read_labels,
    read_numbers,
    where_wrong,
)

OUTCOME, EXPECTED, PROPORTION, RATE = "outcome", "expected", "proportion", "rate"
#: A smaller expected count or denominator is a fault of its unit of measure.
SMALLEST_SIZE = 1e-9


@dataclass(frozen=True)
class Columns:
    """Which columns of a table mean what: one of three ways to say what happened.

    ``outcome``, 0/1 per row; or ``observed`` and ``expected`` counts; or ``observed`` counts and
    their ``denominator``. ``factors`` are categorical and ``numeric`` numeric covariates. Raises
    :class:`SettingsError` for another combination or a column in two roles.
    """

    unit: str
    outcome: str | None = None
    observed: str | None = None
    expected: str | None = None
    denominator: str | None = None
    factors: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        modes = tuple(
            name
            for name in ("outcome", "observed", "expected", "denominator")
            if getattr(self, name) is not None
        )
        if modes not in (("outcome",), ("observed", "expected"), ("observed", "denominator")):
            raise SettingsError(
                "it must be said in one way what happened.",
                expected="--outcome, or --observed and --expected, or --observed and --denominator",
                found=" and ".join(f"--{name}" for name in modes) or "none of them",
            )
        if self.expected is not None and (self.factors or self.numeric):
            raise SettingsError(
                "--factors and --numeric need --outcome or --denominator.",
                found="--expected: the expected counts are ready-made",
            )
        twice = sorted({name for name in self.all if self.all.count(name) > 1})
        if twice:
            raise SettingsError(f"columns in two roles: {', '.join(twice)}")

    @property
    def all(self) -> tuple[str, ...]:
        """Every column that is used."""
        told = (self.unit, self.outcome, self.observed, self.expected, self.denominator)
        return (*(name for name in told if name is not None), *self.factors, *self.numeric)


@dataclass(frozen=True)
class Cells:
    """n cells of M units, sorted by unit, factors, covariates.

    Attributes
    ----------
    mode
        ``outcome``, ``expected``, ``proportion`` (counts out of trials) or ``rate`` (counts per
        exposure). The first and third are binomial, the others Poisson.
    units
        (M,) names, as spelled, in natural order.
    unit
        (n,) unit numbers.
    levels, codes
        Per factor, its levels in natural order and (n,) level numbers.
    numeric
        Per numeric covariate, (n,) values.
    events
        (n,) counts.
    size
        (n,) trials (binomial), expected counts (mode ``expected``) or exposure.
    n_rows
        Rows of the table behind the cells.
    """

    mode: str
    units: tuple[str, ...]
    unit: np.ndarray
    levels: dict[str, tuple[str, ...]]
    codes: tuple[np.ndarray, ...]
    numeric: dict[str, np.ndarray]
    events: np.ndarray
    size: np.ndarray
    n_rows: int

    @property
    def is_binomial(self) -> bool:
        """True for events out of trials, False for Poisson counts."""
        return self.mode in (OUTCOME, PROPORTION)

    def by_unit(self, values: np.ndarray) -> np.ndarray:
        """Return (M,) sums of (n,) values."""
        return np.bincount(self.unit, values, len(self.units))


def make_cells(frame: pd.DataFrame, columns: Columns) -> Cells:
    """Return the cells of a table with one row per person, or per group with counts.

    Counts with a denominator are a proportion if every denominator is a whole number not below
    its count, else a rate. Raises :class:`ExtractError` for columns that are not there,
    :class:`CheckError` listing all faults in values, and :class:`ModelError` for fewer than two
    units.
    """
    absent = [name for name in columns.all if name not in frame.columns]
    if absent:
        raise ExtractError(
            f"there is no column {', '.join(absent)}.",
            found=", ".join(str(name) for name in frame.columns),
        )
    twice = frame.columns[frame.columns.isin(columns.all) & frame.columns.duplicated()]
    if len(twice):
        raise ExtractError(f"the column {twice[0]} occurs more than once in the table.")
    if frame.empty:
        raise ModelError("the table has no rows.")
    faults: list[str] = []
    labelled = {name: read_labels(frame[name], faults) for name in (columns.unit, *columns.factors)}
    numbers = read_numbers(frame, [name for name in columns.all if name not in labelled], faults)
    events, size, mode = _counts(columns, numbers, len(frame), faults)
    if faults:
        raise CheckError(
            "the table cannot be used; rows are counted from 1, without a header:\n"
            + "\n".join(f"  - {fault}" for fault in faults),
            next_step="mend the rows, or leave them out yourself: no row is dropped here.",
        )
    units = labelled[columns.unit][1]
    if len(units) < 2:
        raise ModelError(
            f"{columns.unit}: there is one unit only, {units[0]}.", expected="two units or more"
        )
    return _collapse(
        mode,
        labelled[columns.unit],
        {name: labelled[name] for name in columns.factors},
        {name: numbers[name] for name in columns.numeric},
        events,
        size,
    )


def _counts(
    columns: Columns, numbers: dict[str, np.ndarray], n_rows: int, faults: list[str]
) -> tuple[np.ndarray, np.ndarray, str]:
    """Return events, trials (or expected, or exposure) of the rows, and the mode."""

    def refuse(wrong: np.ndarray, what: str) -> None:
        if wrong.any():
            faults.append(f"{what} in {where_wrong(wrong)}")

    if columns.outcome is not None:
        events = numbers[columns.outcome]
        refuse((events != 0) & (events != 1), f"{columns.outcome}: not 0 or 1")
        return events, np.ones(n_rows), OUTCOME
    assert columns.observed is not None
    events = numbers[columns.observed]
    refuse(events < 0, f"{columns.observed}: negative counts")
    refuse((events >= 0) & (events % 1 != 0), f"{columns.observed}: counts that are not whole")
    name = columns.expected or columns.denominator
    assert name is not None
    size = numbers[name]
    refuse(size < 0, f"{name}: negative values")
    refuse((size == 0) & (events > 0), f"{name}: 0 where {columns.observed} is above 0")
    small = f"{name}: values above 0 but below {SMALLEST_SIZE:g}, too small to compare with"
    refuse((size > 0) & (size < SMALLEST_SIZE), small)
    for column, total in ((columns.observed, events.sum()), (name, size.sum())):
        if total > LARGEST_WHOLE:
            faults.append(
                f"{column}: numbers too large (in all {total:.3g}; above {LARGEST_WHOLE:.2g} whole "
                "numbers are not told apart)"
            )
    if columns.expected is not None:
        return events, size, EXPECTED
    is_proportion = bool(((events <= size) & (size % 1 == 0)).all())
    return events, size, PROPORTION if is_proportion else RATE


def _collapse(
    mode: str,
    unit: tuple[np.ndarray, tuple[str, ...]],
    factors: dict[str, tuple[np.ndarray, tuple[str, ...]]],
    numeric: dict[str, np.ndarray],
    events: np.ndarray,
    size: np.ndarray,
) -> Cells:
    """Return the rows added up to cells; ``size`` too is added in an order of its own."""
    joint = unit[0]
    for codes, levels in factors.values():
        if int(joint.max()) > (2**62) // max(len(levels), 1):
            joint = np.unique(joint, return_inverse=True)[1]
        joint = joint * len(levels) + codes
    order = np.lexsort((size, *reversed(numeric.values()), joint))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = np.diff(joint[order]) != 0
    for values in numeric.values():
        is_first[1:] |= np.diff(values[order]) != 0
    starts = np.flatnonzero(is_first)
    total = np.add.reduceat(size[order], starts)
    kept = total > 0
    nothing = np.setdiff1d(np.arange(len(unit[1])), unit[0][order[starts]][kept])
    if len(nothing):
        raise CheckError(
            f"units without anything to compare with: {_some(unit[1], nothing)}.",
            expected="a denominator or expected count above 0 in every unit",
            next_step="leave these units out.",
        )
    first = order[starts][kept]
    return Cells(
        mode=mode,
        units=unit[1],
        unit=unit[0][first],
        levels={name: levels for name, (_, levels) in factors.items()},
        codes=tuple(codes[first] for codes, _ in factors.values()),
        numeric={name: values[first] for name, values in numeric.items()},
        events=np.add.reduceat(events[order], starts)[kept],
        size=total[kept],
        n_rows=len(order),
    )


def _some(names: Sequence[str], numbers: np.ndarray) -> str:
    shown = ", ".join(names[number] for number in numbers[:5])
    return shown + (f" and {len(numbers) - 5} more" if len(numbers) > 5 else "")
