"""Estimates from counts as they are shown, and from nothing else that is known of the grants.

The likelihood of a logit on categorical factors depends on the grants through their sums by level
and by municipality alone. So a fit takes those sums as disclosure control shows them; where in the
country the grants of a level were made it never knows. Whatever is estimated gives back no other
count than one that is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.numerics.shown_counts import EXACT, Transitions

#: What a diagnosis counts as that is shown as 0 in the whole country, grants.
LEAST_SHOWN = 0.5
_ROUNDS, _TOLERANCE = 100, 1e-9


class Protection(Protocol):
    """What disclosure control does to counts; see :mod:`pipeline.disclosure.cell_key`."""

    @property
    def transitions(self) -> Transitions:
        """What counts are shown as, and how likely."""

    @property
    def total_transitions(self) -> Transitions:
        """What municipalities' totals of grants are shown as, and how likely."""

    def shown(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return whole numbers as they are shown, by the sums of the record keys of those counted.

        Same shape.
        """

    def shown_totals(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return municipalities' totals of grants as :meth:`shown`, or as the setting says."""

    def noise_variance(self, shown: np.ndarray) -> np.ndarray:
        """Return the variance of the noise of shown counts; nan for nan. Same shape."""

    def total_variance(self, shown: np.ndarray) -> np.ndarray:
        """Return the variance of the noise of shown totals. Same shape."""

    def is_hidden(
        self,
        expected: np.ndarray,
        counts: np.ndarray | None = None,
        *,
        is_first: bool | np.ndarray = False,
    ) -> np.ndarray:
        """Return where a count is not shown because too few are expected. Same shape.

        ``is_first`` for the splits that are shown first; with ``counts``, as counted, no large
        count is hidden.
        """


class Unprotected:
    """Counts as they are."""

    transitions = total_transitions = EXACT

    def shown(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return ``counts`` as whole numbers."""
        return np.asarray(counts).astype(np.int64)

    shown_totals = shown

    def noise_variance(self, shown: np.ndarray) -> np.ndarray:
        """Return 0, or nan where ``shown`` is."""
        return np.where(np.isnan(np.asarray(shown, dtype=float)), np.nan, 0.0)

    total_variance = noise_variance

    def is_hidden(
        self,
        expected: np.ndarray,
        counts: np.ndarray | None = None,
        *,
        is_first: bool | np.ndarray = False,
    ) -> np.ndarray:
        """Return False everywhere."""
        return np.zeros(np.shape(expected), dtype=bool)


@dataclass(frozen=True)
class ShownSums:
    """Grants by municipality and by level of each factor, as rows that have just these sums.

    Attributes
    ----------
    totals
        (M,) shown totals of municipalities, whole numbers as floats.
    municipality, codes
        (r,) municipality and (r, F) level numbers. Which levels stand together in a row says
        nothing: rows are cut from the sums laid side by side.
    events
        (r,) grants; they add up to the municipalities' shown totals exactly, and by level in the
        proportions of the shown counts.
    by_year
        (M, Y) shown counts by municipality and year, which need not add up to the totals.
    transitions
        What noise did to the totals.
    transitions_of_years
        What noise did to the counts by year.
    """

    totals: np.ndarray
    municipality: np.ndarray
    codes: np.ndarray
    events: np.ndarray
    by_year: np.ndarray
    transitions: Transitions = EXACT
    transitions_of_years: Transitions = EXACT


def shown_sums(
    counts: np.ndarray,
    keys: np.ndarray,
    groups: Sequence[np.ndarray],
    persons: Sequence[np.ndarray],
    protection: Protection,
) -> ShownSums:
    """Return the sums of ``counts`` (n,) as ``protection`` shows them.

    ``keys`` (n,) sums of record keys; each of ``groups`` (n,) numbers of levels, those of
    municipality first and of year second, with the persons at risk of each level in ``persons``.
    Rows without grants may be left out. Totals are the shown ones of municipalities; levels are
    scaled to them. A municipality where no fewer grants are shown than there are persons counts as
    one without grants. Raises :class:`ModelError` where no total is shown above 0.
    """
    sizes = [len(of_group) for of_group in persons]

    def shown_by(group: np.ndarray, size: int, *, is_total: bool = False) -> np.ndarray:
        sums, sums_of_keys = np.bincount(group, counts, size), np.bincount(group, keys, size)
        of = protection.shown_totals if is_total else protection.shown
        return np.asarray(of(sums, sums_of_keys), dtype=float)

    totals = shown_by(groups[0], sizes[0], is_total=True)
    totals[totals >= persons[0]] = 0.0
    if not totals.any():
        raise ModelError("model cells: too few grants to be shown, nothing can be expected")
    of_levels = [totals]
    for group, at_risk in zip(groups[1:], persons[1:], strict=True):
        shown = shown_by(group, len(at_risk))
        # A factor of which every level is shown as 0 is split as persons are.
        of_levels.append(shown if shown.any() else np.asarray(at_risk, dtype=float))
    places, events = _side_by_side(of_levels)
    n_years = sizes[1]
    return ShownSums(
        totals=totals,
        municipality=places[:, 0],
        codes=places[:, 1:],
        events=events,
        by_year=shown_by(groups[0] * n_years + groups[1], sizes[0] * n_years).reshape(-1, n_years),
        transitions=protection.total_transitions,
        transitions_of_years=protection.transitions,
    )


def agreeing(table: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return (L, D) shown counts ``table`` with the sums ``rows`` (L,) and ``columns`` (D,).

    Each in proportion, in turns (Deming & Stephan 1940, Annals of Mathematical Statistics 11). A
    row or column whose counts are all shown as 0 is split as the whole is. ``rows`` and ``columns``
    add up to the same; where zeros leave no such table, the rows' sums hold.
    """
    result = table.astype(float)
    result[:, result.sum(axis=0) == 0] = rows[:, None] / rows.sum()
    result[result.sum(axis=1) == 0] = columns / columns.sum()
    for _ in range(_ROUNDS):
        sums = result.sum(axis=0)
        result *= np.divide(columns, sums, out=np.zeros(len(sums)), where=sums > 0)
        sums = result.sum(axis=1)
        empty = (sums == 0) & (rows > 0)
        result[empty], sums[empty] = columns / columns.sum(), 1.0
        factor = np.divide(rows, sums, out=np.zeros(len(sums)), where=sums > 0)
        result *= factor[:, None]
        if np.abs(factor[rows > 0] - 1).max(initial=0.0) < _TOLERANCE:
            break
    return result


def _side_by_side(groups: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return (r, G) numbers of levels and (r,) weights with the sums of each of ``groups``.

    Each group's counts are scaled to the first's total and laid on a line one after another; a row
    is a piece of the line without an end of a level in it.
    """
    total = groups[0].sum()
    ends = [np.cumsum(counts) * (total / counts.sum()) for counts in groups]
    cuts = np.unique(np.concatenate([[0.0], *ends]).clip(0.0, total))
    # Ends that differ by rounding alone are one.
    cuts = cuts[np.append(np.diff(cuts) > _TOLERANCE * total, True)]
    cuts[0], cuts[-1] = 0.0, total
    middle = (cuts[1:] + cuts[:-1]) / 2
    places = [np.searchsorted(line, middle) for line in ends]
    return np.column_stack(places).astype(np.int64), np.diff(cuts)
