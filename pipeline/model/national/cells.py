"""Cells of persons and grants, checked and turned from text into integer codes.

A *pattern* is one combination of year and citizen factors; a *cell* is a pattern in one
municipality. Slopes act on patterns, municipalities on cells, so most work is done once per
pattern. Everything is sorted here: the order of the rows that come in cannot matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from pipeline.errors import ModelError
from pipeline.model.national.protection import Protection, ShownSums, shown_sums
from pipeline.model.national.specification import Specification
from pipeline.model.numerics.pattern_keys import PatternKeys, level_numbers, pack_codes
from pipeline.model.numerics.shown_counts import EXACT, Transitions

YEAR = "year"
COUNTS = ("n_persons", "n_events", "persons_key", "events_key")
NO_GRANTS = "model cells: no grants in the window, nothing can be expected"
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class CellTable:
    """Person-years and grants of one outcome.

    Attributes
    ----------
    municipality_codes
        The M municipalities with persons at risk, sorted.
    levels
        The F factors, ``year`` first, each with its levels in order (years as text).
    pattern_codes
        (P, F) level number of each factor, small integers, patterns sorted.
    pattern, municipality
        (n,) pattern and municipality number of each cell, cells sorted by both.
    n_persons
        (n,) integers: person-years at risk.
    n_events, persons_key, events_key
        (n,) integers: grants as counted, and the sums of the record keys of ``n_persons`` and of
        ``n_events``; without them 0.
    noise_variance
        (M,) variance of the noise in ``observed``, 0 without protection.
    sums
        What models are fitted to in place of ``n_events`` where counts are protected, else None.
    """

    municipality_codes: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    pattern_codes: np.ndarray
    pattern: np.ndarray
    municipality: np.ndarray
    n_persons: np.ndarray
    n_events: np.ndarray
    persons_key: np.ndarray = field(default_factory=lambda: _NONE)
    events_key: np.ndarray = field(default_factory=lambda: _NONE)
    noise_variance: np.ndarray = field(default_factory=lambda: _NONE)
    sums: ShownSums | None = None
    _kinds: dict[tuple[str, ...], tuple[np.ndarray, np.ndarray]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        """Fill in what a table without protection leaves out."""
        zeros = np.zeros(len(self.n_persons), dtype=np.int64)
        for name, values in (
            ("persons_key", zeros),
            ("events_key", zeros),
            ("noise_variance", np.zeros(len(self.municipality_codes))),
        ):
            if getattr(self, name) is _NONE:
                object.__setattr__(self, name, values)

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors in the order of ``pattern_codes``' columns."""
        return tuple(self.levels)

    @property
    def n_at_risk(self) -> np.ndarray:
        """(M,) person-years at risk, whole numbers as floats."""
        return self.by_municipality(self.n_persons)

    @property
    def observed(self) -> np.ndarray:
        """(M,) grants as shown, whole numbers as floats."""
        return self.by_municipality(self.n_events) if self.sums is None else self.sums.totals

    @property
    def observed_by_year(self) -> np.ndarray:
        """(M, Y) grants as shown; their sums need not be the totals as shown."""
        if self.sums is not None:
            return self.sums.by_year
        return self.grants_by_level(YEAR)[0]

    @property
    def transitions(self) -> tuple[Transitions, Transitions]:
        """What noise did to the municipalities' totals, and to their counts by year."""
        if self.sums is None:
            return EXACT, EXACT
        return self.sums.transitions, self.sums.transitions_of_years

    def events_by_level(self, position: int) -> np.ndarray:
        """Return (L,) grants that models are fitted to, by level of the factor at ``position``."""
        size = len(self.levels[self.factors[position]])
        if self.sums is not None:
            return np.bincount(self.sums.codes[:, position], self.sums.events, size)
        codes = self.granted_codes(self.factors[position])
        return np.bincount(codes, self.n_events[self.granted], size)

    @cached_property
    def granted(self) -> np.ndarray:
        """(g,) the cells with grants, which are few."""
        return np.flatnonzero(self.n_events)

    @cached_property
    def pattern_keys(self) -> PatternKeys:
        """The numbers of the patterns, by which others are found among them."""
        return PatternKeys.of(self.pattern_codes, [len(known) for known in self.levels.values()])

    @cached_property
    def _first_cells(self) -> np.ndarray:
        return np.searchsorted(self.municipality, np.arange(len(self.municipality_codes)))

    def by_municipality(self, values: np.ndarray) -> np.ndarray:
        """Return the (M,) sums of a cell quantity, as floats."""
        return np.add.reduceat(values, self._first_cells).astype(np.float64)

    def by_level(self, factor: str, *values: np.ndarray) -> list[np.ndarray]:
        """Return the (M, L) sums of each cell quantity by municipality and level of ``factor``."""
        codes, size = self.codes(factor), len(self.levels[factor])
        return [self.by_unit_and(codes, of, size) for of in values]

    def kinds(self, factors: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the (G, F') distinct patterns of some ``factors``, and the kind (n,) of each cell.

        They are kept: each model of an outcome asks for them.
        """
        names = tuple(factors)
        if names not in self._kinds:
            codes = self.pattern_codes[:, [self.factors.index(name) for name in names]]
            key = pack_codes(codes, [len(self.levels[name]) for name in names])
            _, first, kind = np.unique(key, return_index=True, return_inverse=True)
            self._kinds[names] = codes[first].astype(np.int64), kind[self.pattern]
        return self._kinds[names]

    def by_unit_and(self, codes: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
        """Return the (M, size) sums of a cell quantity by municipality and ``codes`` (n,)."""
        ends = np.append(self._first_cells, len(codes))
        return np.array(
            [
                np.bincount(codes[first:end], values[first:end], size)
                for first, end in pairwise(ends)
            ]
        )

    def grants_by_level(self, factor: str) -> tuple[np.ndarray, np.ndarray]:
        """Return (M, L) grants as counted, and the sums of their record keys, as floats."""
        shape = len(self.municipality_codes), len(self.levels[factor])
        place = self.municipality[self.granted] * shape[1] + self.granted_codes(factor)
        events, keys = (
            np.bincount(place, of[self.granted], shape[0] * shape[1]).reshape(shape)
            for of in (self.n_events, self.events_key)
        )
        return events, keys

    def by_pattern(self, values: np.ndarray) -> np.ndarray:
        """Return the (P,) sums of a cell quantity."""
        return np.bincount(self.pattern, values, len(self.pattern_codes))

    def codes(self, factor: str) -> np.ndarray:
        """Return the (n,) level numbers of ``factor``."""
        return self.pattern_codes[:, self.factors.index(factor)][self.pattern]

    def granted_codes(self, factor: str) -> np.ndarray:
        """Return the (g,) level numbers of ``factor`` of the cells with grants."""
        return self.pattern_codes[:, self.factors.index(factor)][self.pattern[self.granted]]


@dataclass(frozen=True)
class GrantTable:
    """Grants of one outcome: (g,) municipality, main diagnosis, count and sum of record keys.

    ``factor_codes`` (g, F') are the levels of ``factors``.
    """

    factors: tuple[str, ...]
    factor_codes: np.ndarray
    municipality: np.ndarray
    diagnosis: np.ndarray
    n_events: np.ndarray
    events_key: np.ndarray


def code_cells(
    frame: pd.DataFrame, specification: Specification, municipality_codes: Sequence[str]
) -> CellTable:
    """Return the cell table of one outcome from rows of ``mart.model_cell``.

    ``municipality_codes`` are the known municipalities; those without persons at risk are left
    out of the table. Rows with the same key are added; rows without persons are dropped. With a
    protection in ``specification`` the frame has ``persons_key`` and ``events_key``. Raises
    :class:`ModelError` for missing values, unknown levels or municipalities, and counts that
    cannot be.
    """
    counts = _integer_counts(frame, ("n_persons", "n_events"))
    if (counts["n_events"] > counts["n_persons"]).any():
        raise ModelError("model cells: n_events above n_persons")
    kept = counts["n_persons"] > 0
    if not kept.all():
        frame, counts = frame.loc[kept], {name: of[kept] for name, of in counts.items()}
    counts |= {name: _keys(frame, name) for name in ("persons_key", "events_key")}
    if not counts["n_events"].any():
        raise ModelError(NO_GRANTS)
    _refuse_missing(frame, ("municipality_code", YEAR, *specification.factors))
    levels = {YEAR: tuple(str(year) for year in sorted(set(frame[YEAR].astype(int))))}
    levels |= {name: tuple(specification.levels[name]) for name in specification.factors}
    codes = code_rows(frame, levels)
    known = tuple(sorted(municipality_codes))
    unit = _code(frame["municipality_code"], known).astype(np.int64)
    key = pack_codes(codes, [len(of) for of in levels.values()])
    _, first, pattern = np.unique(key, return_index=True, return_inverse=True)
    return add_up(known, levels, codes[first], pattern, unit, counts, specification)


def code_rows(frame: pd.DataFrame, levels: Mapping[str, tuple[str, ...]]) -> np.ndarray:
    """Return (n, F) numbers of each row's levels, in the smallest integers that hold them.

    Raises :class:`ModelError` for a level that is not among ``levels``.
    """
    text = frame.assign(**{YEAR: _text_years(frame[YEAR])})
    columns = [_code(text[name], known) for name, known in levels.items()]
    # Factor by factor in memory, as they are read.
    codes = np.empty((len(frame), len(columns)), np.result_type(*columns), order="F")
    for position, column in enumerate(columns):
        codes[:, position] = column
    return codes


def add_up(
    known: Sequence[str],
    levels: Mapping[str, tuple[str, ...]],
    pattern_codes: np.ndarray,
    pattern: np.ndarray,
    unit: np.ndarray,
    counts: Mapping[str, np.ndarray],
    specification: Specification,
) -> CellTable:
    """Return the table of rows whose patterns and municipalities have numbers.

    ``unit`` (n,) numbers municipalities among ``known``, sorted; ``pattern`` (n,) rows of
    ``pattern_codes``, sorted; ``counts`` are the four (n,) of :data:`COUNTS`, which are added by
    cell. Cells without persons go, and so do patterns, years and municipalities without cells.
    Raises :class:`ModelError` where there are no grants.
    """
    key = unit * np.int64(len(pattern_codes)) + pattern
    # Rows that come nearly in order, as cells with a few others behind them, are sorted at once.
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    of_cells = {name: np.add.reduceat(counts[name][order], first) for name in COUNTS}
    place, pattern = unit[order[first]], pattern[order[first]]
    kept = of_cells["n_persons"] > 0
    if not kept.all():
        place, pattern = place[kept], pattern[kept]
        of_cells = {name: values[kept] for name, values in of_cells.items()}
    if not of_cells["n_events"].any():
        raise ModelError(NO_GRANTS)
    present, place = _renumbered(place, len(known))
    patterns, pattern = _renumbered(pattern, len(pattern_codes))
    codes = pattern_codes if len(patterns) == len(pattern_codes) else pattern_codes[patterns]
    years, year = _renumbered(codes[:, 0], len(levels[YEAR]))
    if len(years) < len(levels[YEAR]):
        levels = {**levels, YEAR: tuple(levels[YEAR][n] for n in years)}
        codes = np.column_stack([year.astype(codes.dtype), codes[:, 1:]])
    table = CellTable(
        municipality_codes=tuple(known[n] for n in present),
        levels=dict(levels),
        # Factor by factor in memory, as they are read.
        pattern_codes=np.asfortranarray(codes),
        pattern=pattern,
        municipality=place,
        n_persons=of_cells["n_persons"],
        n_events=of_cells["n_events"],
        persons_key=of_cells["persons_key"],
        events_key=of_cells["events_key"],
    )
    return as_shown(table, specification.protection) if specification.is_protected else table


def _renumbered(numbers: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which numbers below ``size`` occur, in order, and ``numbers`` as places among them."""
    occurs = np.zeros(size, dtype=bool)
    occurs[numbers] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[numbers]


def as_shown(table: CellTable, protection: Protection) -> CellTable:
    """Return ``table`` with the sums that models are fitted to, as ``protection`` shows them."""
    granted = table.granted
    persons = table.by_pattern(table.n_persons)
    sums = shown_sums(
        table.n_events[granted],
        table.events_key[granted],
        [table.municipality[granted], *map(table.granted_codes, table.factors)],
        [
            table.n_at_risk,
            *(
                np.bincount(codes, persons, len(known))
                for codes, known in zip(table.pattern_codes.T, table.levels.values(), strict=True)
            ),
        ],
        protection,
    )
    return replace(table, sums=sums, noise_variance=protection.total_variance(sums.totals))


def code_grants(
    frame: pd.DataFrame, specification: Specification, municipality_codes: Sequence[str]
) -> GrantTable:
    """Return the grants of one outcome from rows of ``mart.grant_cell``, coded and sorted.

    ``municipality_codes`` are those of the cell table; a grant elsewhere is an error, since it
    has no person at risk behind it. Factors are the specification's diagnosis factors and tenure.
    """
    events = _integer_counts(frame, ("n_events",))["n_events"]
    factors = tuple(dict.fromkeys((*specification.diagnosis_factors, specification.tenure_factor)))
    _refuse_missing(frame, ("municipality_code", "diagnosis_group", *factors))
    columns = {
        "municipality_code": tuple(municipality_codes),
        "diagnosis_group": specification.diagnosis_groups,
        **{name: tuple(specification.levels[name]) for name in factors},
    }
    codes = np.column_stack([_code(frame[name], known) for name, known in columns.items()])
    key = pack_codes(codes, [len(known) for known in columns.values()])
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    codes = codes[first].astype(np.int64)
    events_key = np.bincount(group, _keys(frame, "events_key"), len(first)).astype(np.int64)
    return GrantTable(
        factors=factors,
        factor_codes=codes[:, 2:],
        municipality=codes[:, 0],
        diagnosis=codes[:, 1],
        n_events=np.bincount(group, events, len(first)).astype(np.int64),
        events_key=events_key,
    )


def _code(column: pd.Series, known: Sequence[str]) -> np.ndarray:
    """Return the position of each value among ``known``; refuse values that are not there."""
    codes = level_numbers(column, known)
    if (codes < 0).any():
        unknown = column[codes < 0]
        names = ", ".join(sorted({str(value) for value in unknown})[:5])
        raise ModelError(
            f"{column.name}: unknown level in {len(unknown)} rows",
            expected=", ".join(map(str, known[:12])) + (" ..." if len(known) > 12 else ""),
            found=names,
        )
    # The smallest integers: a national table has millions of rows of a dozen factors.
    return codes.astype(np.min_scalar_type(-len(known) - 1))


def _text_years(years: pd.Series) -> pd.Series:
    codes, distinct = pd.factorize(years.astype(int))
    named = pd.Categorical.from_codes(
        codes, pd.Index([str(year) for year in distinct], dtype=object)
    )
    return pd.Series(named, years.index, name=years.name)


def _refuse_missing(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise one error that counts the missing values of every column."""
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise ModelError(f"model cells: no column {', '.join(absent)}")
    missing = {name: int(frame[name].isna().sum()) for name in columns}
    faults = [f"{name} in {count} rows" for name, count in missing.items() if count]
    if faults:
        raise ModelError(
            f"missing values in {', '.join(faults)}",
            next_step="give missing information a level of its own before the model.",
        )


def _keys(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Return the (n,) sums of record keys, 0 where the frame has none."""
    return frame[name].to_numpy(dtype=np.int64) if name in frame else np.zeros(len(frame), int)


def _integer_counts(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the count columns as integers; refuse missing, negative and broken numbers."""
    _refuse_missing(frame, columns)
    counts = {}
    for name in columns:
        values = frame[name].to_numpy(dtype=float)
        if not (np.isfinite(values).all() and (values >= 0).all() and (values % 1 == 0).all()):
            raise ModelError(f"{name}: a count is negative or not a whole number")
        counts[name] = values.astype(np.int64)
    return counts
