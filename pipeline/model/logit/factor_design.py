"""Columns of a logit or Poisson model on packed factors, and what the data can carry.

A boolean level map per super-factor turns its joint codes into the columns of the model exactly:
into the linear predictor on the way in, and from tables of weights to X'WX on the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.logit.factor_packing import Packing

INTERCEPT = ("intercept", "reference")
#: The level name of a numeric covariate's column: its coefficient is per unit.
PER_UNIT = "per unit"


@dataclass(frozen=True)
class Numeric:
    """A numeric covariate; the fit works on (value - centre) / half_range, between -1 and 1."""

    name: str
    centre: float = 0.0
    half_range: float = 1.0


@dataclass(frozen=True)
class FactorDesign:
    """The K columns of a model: bases or the intercept, slopes of factors, numeric covariates.

    Attributes
    ----------
    columns
        (term, level) of each column.
    n_base
        How many base columns (1 with an intercept) come first; they add up to the constant.
    positions
        Per super-factor, (k,) numbers of the columns it carries.
    maps
        Per super-factor, (L, k) boolean map from joint codes to those columns.
    excluded
        Per super-factor, (L,) True where rows are outside the likelihood: a base without events.
    numeric
        The numeric covariates, the last columns.
    has_ceiling
        True for a logit of events out of trials, False for a Poisson model of counts.
    references
        Factor -> reference level in use.
    merged, absent, without_events
        (factor, level) merged into the reference; (factor, level) without persons; base levels
        that the likelihood leaves out because they have no events.
    """

    packing: Packing
    columns: tuple[tuple[str, str], ...]
    n_base: int
    positions: tuple[np.ndarray, ...]
    maps: tuple[np.ndarray, ...]
    excluded: tuple[np.ndarray, ...]
    numeric: tuple[Numeric, ...] = ()
    has_ceiling: bool = True
    references: dict[str, str] = field(default_factory=dict)
    merged: tuple[tuple[str, str], ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    without_events: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """A readable name per column, e.g. ``education = basic``."""
        return tuple(f"{term} = {level}" for term, level in self.columns)

    @property
    def n_factor_columns(self) -> int:
        """Columns before the numeric covariates."""
        return len(self.columns) - len(self.numeric)

    def look_ups(self, beta: np.ndarray) -> list[np.ndarray]:
        """Return per super-factor the (L,) part of the linear predictor; -inf where excluded."""
        parts = []
        for position, level_map, excluded in zip(
            self.positions, self.maps, self.excluded, strict=True
        ):
            # Not a matrix product: its rounding may depend on the number of threads.
            part = (level_map * beta[position]).sum(axis=1)
            part[excluded] = -np.inf
            parts.append(part)
        return parts


def build_factor_design(
    packing: Packing,
    trials: Sequence[np.ndarray],
    events: Sequence[np.ndarray],
    numeric: Sequence[Numeric] = (),
    separation: str = "merge",
    has_ceiling: bool = True,
) -> FactorDesign:
    """Return the columns that data with these counts per level can carry.

    ``trials`` and ``events`` are counts per level of each factor (for ``has_ceiling`` False,
    a Poisson model, trials are rows). Levels without persons get no column. A level where nobody
    (with a ceiling: or everybody) has the event has no finite coefficient: a base level without
    events leaves the likelihood, another is merged into the reference (``separation="merge"``)
    or refused (``"refuse"``). If the reference is such a level, the level with most events takes
    its place (ties: the first). Raises :class:`ModelError` naming the level.
    """
    columns: list[tuple[str, str]] = []
    column_of: list[np.ndarray] = [np.empty(0)] * len(packing.factors)
    references: dict[str, str] = {}
    merged: list[tuple[str, str]] = []
    absent: list[tuple[str, str]] = []
    without_events: list[str] = []
    base = next((p for p, f in enumerate(packing.factors) if f.reference is None), None)
    order = [p for p in range(len(packing.factors)) if p != base]
    if base is None:
        columns.append(INTERCEPT)
    else:
        factor, n, y = packing.factors[base], trials[base], events[base]
        everyone = [factor.levels[k] for k in np.flatnonzero((y == n) & (n > 0))]
        if everyone and has_ceiling:
            raise ModelError(
                f"{factor.name} {', '.join(everyone)}: everybody at risk has the event, "
                "its dummy has no finite value"
            )
        column_of[base] = np.where(y > 0, np.cumsum(y > 0) - 1, -1)
        columns += [(factor.name, factor.levels[k]) for k in np.flatnonzero(y > 0)]
        without_events = [factor.levels[k] for k in np.flatnonzero((y == 0) & (n > 0))]
    n_base = len(columns)
    for position in order:
        factor, n, y = packing.factors[position], trials[position], events[position]
        separated = (y == 0) | ((y == n) & has_ceiling)
        wanted = factor.levels.index(str(factor.reference))
        reference = int(np.argmax(np.where(separated, -1, y))) if separated[wanted] else wanted
        if separated[reference]:
            raise ModelError(f"{factor.name}: no level has both persons with and without an event")
        references[factor.name] = factor.levels[reference]
        numbers = np.full(len(factor.levels), -1)
        for k, level in enumerate(factor.levels):
            if n[k] == 0:
                absent.append((factor.name, level))
            elif separated[k]:
                merged.append((factor.name, level))
            elif k != reference:
                numbers[k] = len(columns)
                columns.append((factor.name, level))
        column_of[position] = numbers
    if merged and separation == "refuse":
        listed = ", ".join(f"{name} = {level}" for name, level in merged)
        raise ModelError(
            f"levels where nobody or everybody has the event: {listed}",
            next_step="merge the levels, or set separation = merge.",
        )
    positions, maps, excluded = _level_maps(packing, column_of, base)
    return FactorDesign(
        packing=packing,
        columns=(*columns, *((covariate.name, PER_UNIT) for covariate in numeric)),
        n_base=n_base,
        positions=positions,
        maps=maps,
        excluded=excluded,
        numeric=tuple(numeric),
        has_ceiling=has_ceiling,
        references=references,
        merged=tuple(merged),
        absent=tuple(absent),
        without_events=tuple(without_events),
    )


def unit_maps(design: FactorDesign) -> tuple[np.ndarray, np.ndarray]:
    """Return (K, K) maps of coefficients: from scaled covariates to per unit, and its inverse.

    Centring a covariate moves the base columns, which add up to the constant.
    """
    to_units, from_units = np.eye(len(design.columns)), np.eye(len(design.columns))
    for column, covariate in enumerate(design.numeric, start=design.n_factor_columns):
        to_units[column, column] = 1.0 / covariate.half_range
        to_units[: design.n_base, column] = -covariate.centre / covariate.half_range
        from_units[column, column] = covariate.half_range
        from_units[: design.n_base, column] = covariate.centre
    return to_units, from_units


def _level_maps(
    packing: Packing, column_of: Sequence[np.ndarray], base: int | None
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Return each super-factor's columns, level map and excluded joint codes."""
    positions, maps, excluded = [], [], []
    for number, (group, size) in enumerate(zip(packing.groups, packing.sizes, strict=True)):
        own = [
            column_of[p][levels] for p, levels in zip(group, packing.levels_of(number), strict=True)
        ]
        if base is None and number == 0:
            own.append(np.zeros(size, dtype=np.int64))
        carried = np.unique(np.concatenate(own))
        carried = carried[carried >= 0]
        level_map = np.zeros((size, len(carried)), dtype=bool)
        for columns in own:
            rows = np.flatnonzero(columns >= 0)
            level_map[rows, np.searchsorted(carried, columns[rows])] = True
        outside = np.zeros(size, dtype=bool)
        if base in group:
            outside = own[group.index(base)] < 0
        positions.append(carried)
        maps.append(level_map)
        excluded.append(outside)
    return tuple(positions), tuple(maps), tuple(excluded)
