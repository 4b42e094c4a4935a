"""What has become of those likely to be granted: who they are, and how many are in each state.

The cohort is the tenth of those at risk when the first year begins who are most likely to be
granted in it, by the benchmark's first stage: at national practice, wherever they live. Their
states one year and more later are counted by municipality, and expected by a multinomial first
stage: a logit of the state on all of the benchmark's own factors, without municipalities, fitted
to the whole cohort (:mod:`pipeline.model.logit.multinomial`). It is given the country's sums by
level and state as they are shown. Few of the cohort have some of the levels, and next to none some
of the states with them: no level is merged, but a ridge draws what is told by few persons towards
the country's distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import expit

from pipeline.codes import state_kinds
from pipeline.model.logit.multinomial import multinomial_shares
from pipeline.model.national.cells import CellTable
from pipeline.model.national.expected import Expected
from pipeline.model.national.protection import Protection, agreeing
from pipeline.model.tables.variants import place_rows

#: Part of those at risk who are the cohort.
COHORT_SHARE = 0.1
#: Years after the beginning of the first one, as columns ``state_after_<n>`` of the cells.
HORIZONS = (1, 2, 3, 5)
#: States by kind, in reporting order; work is told apart where a register tells it.
KINDS = state_kinds()
STATES = tuple(state for states in KINDS.values() for state in states)
#: Penalty of the multinomial first stage: slopes are about normal, with a variance of 1 / this.
RIDGE = 1.0


@dataclass(frozen=True)
class LaterCounts:
    """Persons of the cohort, as counted, after some years; never to be published as they are.

    Attributes
    ----------
    municipality_codes
        (M,) codes.
    persons, keys
        (M, 2, S) persons by municipality, half and state of :data:`STATES`, and sums of their
        record keys.
    codes
        (P, F) level numbers of the patterns of factors that the cohort has.
    place, pattern, cohort
        (n,) number of municipality and half together, pattern, and persons.
    by_level, by_level_keys
        Per factor (L, S) persons of the country by level and state, and sums of their record keys.
    """

    municipality_codes: tuple[str, ...]
    persons: np.ndarray
    keys: np.ndarray
    codes: np.ndarray
    place: np.ndarray
    pattern: np.ndarray
    cohort: np.ndarray
    by_level: tuple[np.ndarray, ...]
    by_level_keys: tuple[np.ndarray, ...]


def later_counts(
    table: CellTable, expected: Expected, cells: pd.DataFrame
) -> dict[int, LaterCounts]:
    """Return the counts of the cohort by years after the beginning; only years that are covered.

    ``cells`` are rows of ``mart.later_cell``, of persons of ``table``. The cohort is whole
    patterns of factors from the largest risk down until it has its share of the persons, so that
    it may have a pattern more than a tenth. Raises ``ValueError`` for a state of no kind.
    """
    if cells.empty:
        return {}
    rows = place_rows(table, cells, table.municipality_codes)
    persons = rows.counts["n_persons"]
    risk = expit(expected.log_odds)[rows.pattern]
    used = (risk >= _least_risk(risk, persons)) & (rows.unit >= 0)
    unit, half = rows.unit[used], cells["half"].to_numpy(dtype=np.int64)[used]
    n, key = persons[used], rows.counts["persons_key"][used]
    patterns, pattern = np.unique(rows.pattern[used], return_inverse=True)
    codes = table.pattern_codes[patterns].astype(np.int64)
    place = unit * 2 + half
    together, cell = np.unique(place * len(patterns) + pattern, return_inverse=True)
    cohort = np.bincount(cell, n, len(together)).astype(np.int64)
    size = 2 * len(table.municipality_codes)
    made = {}
    for years in HORIZONS:
        state = cells[f"state_after_{years}"].iloc[np.flatnonzero(used)]
        if state.isna().all():
            continue
        at = pd.Index(STATES).get_indexer(pd.Index(state.astype(object)))
        if (at < 0).any():
            unknown = sorted(set(state[at < 0].astype(str)))
            raise ValueError(f"later states of no kind: {', '.join(unknown)}")
        shape = (size, len(STATES))
        halves = (len(table.municipality_codes), 2, -1)
        made[years] = LaterCounts(
            tuple(table.municipality_codes),
            _table(place, at, n, shape).reshape(halves),
            _table(place, at, key, shape).reshape(halves),
            codes,
            together // len(patterns),
            together % len(patterns),
            cohort,
            *(
                tuple(
                    _table(of[pattern], at, values, (len(levels), len(STATES)))
                    for of, levels in zip(codes.T, table.levels.values(), strict=True)
                )
                for values in (n, key)
            ),
        )
    return made


def expected_states(of: LaterCounts, protection: Protection, ridge: float = RIDGE) -> np.ndarray:
    """Return (M, 2, S) persons to be expected in each state; they add up to the cohort.

    By the multinomial logit of the country's counts as ``protection`` shows them: its total of each
    state, in proportion, and those of each factor by level, brought to agree with them and with the
    persons of each level. Raises :class:`~pipeline.errors.ModelError` where it has no maximum.
    """
    n = np.bincount(of.pattern, of.cohort, len(of.codes)).astype(float)
    states = [values.sum(axis=(0, 1)) for values in (of.persons, of.keys)]
    totals = protection.shown(*states).astype(float)
    if not totals.any():
        return np.zeros(of.persons.shape)
    totals *= n.sum() / totals.sum()
    sums = []
    for place, (counts, keys) in enumerate(zip(of.by_level, of.by_level_keys, strict=True)):
        rows = np.bincount(of.codes[:, place], n, len(counts))
        sums.append(agreeing(protection.shown(counts, keys).astype(float), rows, totals))
    shares = multinomial_shares(of.codes, n, totals, sums, ridge)
    into = (of.cohort, (of.place, of.pattern))
    by_place = sparse.csr_array(into, shape=(2 * len(of.municipality_codes), len(n)))
    return np.asarray(by_place @ shares).reshape(of.persons.shape)


def _least_risk(risk: np.ndarray, persons: np.ndarray) -> float:
    """Return the risk from which on the cohort has its share of ``persons``."""
    order = np.argsort(-risk, kind="stable")
    until = np.cumsum(persons[order])
    last = np.searchsorted(until, COHORT_SHARE * until[-1])
    return float(risk[order[min(last, len(order) - 1)]])


def _table(
    rows: np.ndarray, columns: np.ndarray, values: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Return the (R, C) sums of ``values``, int64."""
    sums = np.zeros(shape, dtype=np.int64)
    np.add.at(sums, (rows, columns), values.astype(np.int64))
    return sums
