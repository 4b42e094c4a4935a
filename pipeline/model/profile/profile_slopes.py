"""The slope columns of a profile's first stage: levels as 0/1, numbers centred and scaled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from pipeline.errors import ModelError
from pipeline.model.logit.factor_design import PER_UNIT
from pipeline.model.profile.profile_cells import Cells


@dataclass(frozen=True)
class Slopes:
    """The K slope columns of n cells; the largest level of a factor is its reference.

    Attributes
    ----------
    columns: (n, K) sparse; 0/1 for a level, standard deviations from the mean for a number.
    keys: (covariate, level or ``per unit``) of each column.
    centre, scale: (K,) what was taken from a number and what it was divided by; 0 and 1 for levels.
    """

    columns: sparse.csr_array
    keys: tuple[tuple[str, str], ...]
    centre: np.ndarray
    scale: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """How the columns are called in messages."""
        return tuple(
            name if level == PER_UNIT else f"{name} = {level}" for name, level in self.keys
        )


def make_slopes(cells: Cells, inside: np.ndarray) -> Slopes:
    """Return the slope columns; references, centres and scales are those of cells ``inside``."""
    size = cells.size[inside]
    parts, keys = [], []
    rows = np.arange(len(cells.unit))
    for (name, levels), codes in zip(cells.levels.items(), cells.codes, strict=True):
        largest = int(np.argmax(np.bincount(codes[inside], size, len(levels))))
        place = np.delete(np.arange(len(levels)), largest)
        all_levels = sparse.csr_array((np.ones(len(rows)), (rows, codes)), (len(rows), len(levels)))
        parts.append(all_levels[:, place])
        keys += [(name, levels[level]) for level in place]
    centre, scale = [0.0] * len(keys), [1.0] * len(keys)
    for name, values in cells.numeric.items():
        # Divided first: squares of very large or very small numbers are no numbers.
        largest_value = float(np.abs(values).max()) or 1.0
        relative = values / largest_value
        mean = float(np.average(relative[inside], weights=size))
        spread = float(np.sqrt(np.average((relative[inside] - mean) ** 2, weights=size)))
        if not spread > 1e-12 * abs(mean):
            raise ModelError(
                f"{name} has the same value in all rows, as far as its digits go.",
                next_step="leave the column out, or take its mean from it first.",
            )
        parts.append(sparse.csr_array(((relative - mean) / spread)[:, None]))
        keys.append((name, PER_UNIT))
        centre.append(mean * largest_value)
        scale.append(spread * largest_value)
    empty = sparse.csr_array((len(rows), 0))
    return Slopes(
        columns=sparse.csr_array(sparse.hstack(parts)) if parts else empty,
        keys=tuple(keys),
        centre=np.array(centre),
        scale=np.array(scale),
    )


def refuse_empty_levels(cells: Cells, inside: np.ndarray) -> None:
    """Raise :class:`ModelError` for levels where nobody or everybody ``inside`` has the event."""
    faults: list[str] = []
    for (name, levels), codes in zip(cells.levels.items(), cells.codes, strict=True):
        size = np.bincount(codes[inside], cells.size[inside], len(levels))
        events = np.bincount(codes[inside], cells.events[inside], len(levels))
        separated = (events == 0) | ((events == size) & cells.is_binomial)
        faults += [f"{name} = {levels[level]}" for level in np.flatnonzero(separated)]
    if faults:
        raise ModelError(
            f"levels in which nobody or everybody has the event: {listed(faults)}",
            expected="both people with and without the event at each level of a factor, not "
            "counting units without events",
            next_step="merge the levels with others, or leave the factor out.",
        )


def listed(names: list[str], most: int = 12) -> str:
    """Return ``names`` in one line, at most ``most`` of them."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
