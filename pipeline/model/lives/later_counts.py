"""What has become of those likely to be granted: who they are, and how many are in each state.

The cohort is the tenth of those at risk when the first year begins who are most likely to be
granted in it, by the benchmark's first stage: at national practice, wherever they live. Their
states one year and more later are counted by municipality, and expected from strata of the cohort:
benefit and age when the year begins and thirds of risk. Every stratum's distribution over the
states is the country's as it is shown, so that what is expected of an area follows from who its
people are alone (indirect standardisation). A softmax on the cells would have fifteen times the
first stage's parameters, next to no one in most of their levels within the cohort, and could say
less of how the present benefit decides the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from pipeline.codes import state_kinds
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
_STRATIFIED_BY = ("labour_status", "age_band")
_RISK_CLASSES = 3


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
    cohort
        (M, 2, H) persons by municipality, half and stratum.
    country, country_keys
        (H, S) persons by stratum and state, and sums of their record keys.
    """

    municipality_codes: tuple[str, ...]
    persons: np.ndarray
    keys: np.ndarray
    cohort: np.ndarray
    country: np.ndarray
    country_keys: np.ndarray


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
    stratum, n_strata = _strata(table, rows.pattern[used], risk[used], n)
    place = unit * 2 + half
    size = 2 * len(table.municipality_codes)
    cohort = _table(place, stratum, n, (size, n_strata))
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
            cohort.reshape(halves),
            _table(stratum, at, n, (n_strata, len(STATES))),
            _table(stratum, at, key, (n_strata, len(STATES))),
        )
    return made


def expected_states(of: LaterCounts, protection: Protection) -> np.ndarray:
    """Return (M, 2, S) persons to be expected in each state; they add up to the cohort.

    The distributions of the strata are those of the country's counts as ``protection`` shows them,
    brought to agree with the persons of each stratum and the country's shown total of each state.
    """
    rows = of.country.sum(axis=1).astype(float)
    there = rows > 0
    totals = protection.shown(of.country.sum(axis=0), of.country_keys.sum(axis=0)).astype(float)
    if not totals.any():
        return np.zeros(of.persons.shape)
    columns = totals * rows.sum() / totals.sum()
    shown = protection.shown(of.country[there], of.country_keys[there]).astype(float)
    share = np.zeros(of.country.shape)
    share[there] = agreeing(shown, rows[there], columns) / rows[there, None]
    return np.asarray(of.cohort @ share)


def _least_risk(risk: np.ndarray, persons: np.ndarray) -> float:
    """Return the risk from which on the cohort has its share of ``persons``."""
    order = np.argsort(-risk, kind="stable")
    until = np.cumsum(persons[order])
    last = np.searchsorted(until, COHORT_SHARE * until[-1])
    return float(risk[order[min(last, len(order) - 1)]])


def _strata(
    table: CellTable, pattern: np.ndarray, risk: np.ndarray, persons: np.ndarray
) -> tuple[np.ndarray, int]:
    """Return the stratum of each row, and how many there are: factors by thirds of risk."""
    order = np.argsort(risk, kind="stable")
    until = np.cumsum(persons[order])
    edges = risk[
        order[np.searchsorted(until, np.arange(1, _RISK_CLASSES) * until[-1] / _RISK_CLASSES)]
    ]
    stratum, size = np.searchsorted(edges, risk, side="left"), _RISK_CLASSES
    for position, (factor, levels) in enumerate(table.levels.items()):
        if factor in _STRATIFIED_BY:
            stratum = stratum * len(levels) + table.pattern_codes[pattern, position]
            size *= len(levels)
    return stratum.astype(np.int64), size


def _table(
    rows: np.ndarray, columns: np.ndarray, values: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Return the (R, C) sums of ``values``, int64."""
    sums = np.zeros(shape, dtype=np.int64)
    np.add.at(sums, (rows, columns), values.astype(np.int64))
    return sums
