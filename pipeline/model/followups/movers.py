"""Do citizens who move take their risk with them, or meet the practice of where they come to?

The benchmark calls what is left after composition practice. Were it health that no register shows,
it would move with the citizens. Movers tell the two apart: among those who lived in another
municipality within the last five years, the logarithm of O/E is laid on the shrunken practice of
where they live and of where they came from, both measured on those who stayed. Practice alone gives
the slopes 1 and 0, health alone 0 and 1. The device is that of Finkelstein, A., Gentzkow, M. &
Williams, H. (2016). Sources of geographic variation in health care: evidence from patient
migration. Quarterly Journal of Economics 131, 1681-1726.

Movers are few, so that their grants are added up by groups of both practices, as they are shown.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from pipeline.catalogue import empty_frame
from pipeline.model.inference.cell_part import CellPart, ratio_slopes
from pipeline.model.national.cells import CellTable
from pipeline.model.national.expected import Expected
from pipeline.model.national.protection import Protection
from pipeline.model.numerics.shown_counts import EXACT
from pipeline.model.tables.frames import make_frame
from pipeline.model.tables.validity import LOOKED_AT
from pipeline.model.tables.variants import Rows, place_rows, units_of

#: Groups of municipalities by practice, as many as leave :data:`LEAST_IN_COUNT` grants a count:
#: movers are added up by the groups of both practices.
MOST_GROUPS, FEWEST_GROUPS, LEAST_IN_COUNT = 5, 3, 20.0
#: Grants of movers that two slopes need, and municipalities that groups need.
LEAST_EXPECTED, FEWEST = 100.0, 10


def mover_frame(
    outcome: str,
    model: str,
    table: CellTable,
    expected: Expected,
    movers: pd.DataFrame,
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return ``mover`` of one fit: one row, none where movers cannot say anything.

    ``movers`` are rows of ``mart.mover_cell`` of the outcome. Those from or to a municipality
    without practice of its own take no part. Empty for models other than ``within``, where fewer
    than :data:`LEAST_EXPECTED` grants of movers are expected, below :data:`FEWEST` municipalities
    and where practice does not differ beyond chance.
    """
    if model != LOOKED_AT or movers.empty or len(table.municipality_codes) < FEWEST:
        return empty_frame("mover")
    rows = place_rows(table, movers, table.municipality_codes)
    origin = units_of(movers["origin_municipality_code"], table.municipality_codes)
    log_odds = expected.log_odds[rows.pattern]
    if np.sum(rows.counts["n_persons"] * expit(log_odds)) < LEAST_EXPECTED:
        return empty_frame("mover")
    practice = _practice_of_stayers(table, expected, rows, protection)
    if practice is None:
        return empty_frame("mover")
    used = (rows.unit >= 0) & (origin >= 0)
    used[used] = ~np.isnan(practice[rows.unit[used]] + practice[origin[used]])
    persons, events, keys = (
        rows.counts[name][used] for name in ("n_persons", "n_events", "events_key")
    )
    to, came_from = practice[rows.unit[used]], practice[origin[used]]
    log_odds = log_odds[used]
    total = float(np.sum(persons * expit(log_odds)))
    if total < LEAST_EXPECTED:
        return empty_frame("mover")
    n_groups = int(np.clip(np.sqrt(total / LEAST_IN_COUNT), FEWEST_GROUPS, MOST_GROUPS))
    n_counts = n_groups**2
    group = _group(to, practice, n_groups) * n_groups + _group(came_from, practice, n_groups)
    shown = np.asarray(
        protection.shown(
            np.bincount(group, events, n_counts).astype(np.int64),
            np.bincount(group, keys, n_counts).astype(np.int64),
        ),
        dtype=float,
    )
    held = np.bincount(group, persons, n_counts) > 0
    if not 0 < shown.sum() < persons.sum() or held.sum() < 4:
        return empty_frame("mover")
    part = CellPart(group, persons, log_odds, shown)
    expected_at = np.column_stack([part.at_cells(to), part.at_cells(came_from)])
    slopes, errors, dispersion = ratio_slopes(
        shown[held],
        part.expected[held],
        np.log(expected_at[held] / part.expected[held, None]),
        protection.noise_variance(shown[held]),
    )
    reach = float(stats.t.ppf((1 + level) / 2, int(held.sum()) - 3)) * errors
    reach = reach * np.sqrt(max(1.0, dispersion))
    return make_frame(
        "mover",
        outcome,
        model,
        expected=[total],
        **{
            f"{name}_slope{end}": [slopes[n] + sign * reach[n]]
            for n, name in enumerate(("destination", "origin"))
            for end, sign in (("", 0), ("_low", -1), ("_high", 1))
        },
    )


def _practice_of_stayers(
    table: CellTable, expected: Expected, rows: Rows, protection: Protection
) -> np.ndarray | None:
    """Return the (M,) shrunken practice of those who did not move, log odds; nan if unknown.

    None where it does not differ beyond chance.
    """
    here = rows.unit >= 0
    place = rows.unit[here] * np.int64(len(table.pattern_codes)) + rows.pattern[here]
    # Cells are sorted by municipality and pattern.
    cells = table.municipality * np.int64(len(table.pattern_codes)) + table.pattern
    at = np.searchsorted(cells, place)
    left = {name: getattr(table, name).copy() for name in ("n_persons", "n_events", "events_key")}
    for name, counts in left.items():
        np.subtract.at(counts, at, rows.counts[name][here])
    events, keys, persons = (
        table.by_municipality(left[name]) for name in ("n_events", "events_key", "n_persons")
    )
    granted = np.asarray(
        protection.shown(events.astype(np.int64), keys.astype(np.int64)), dtype=float
    )
    granted[granted >= persons] = 0.0
    if not granted.any():
        return None
    part = CellPart(
        table.municipality, left["n_persons"], expected.log_odds[table.pattern], granted
    )
    is_exact = protection.transitions is EXACT
    return part.practice(
        protection.noise_variance(granted),
        part.expected > 0,
        None if is_exact else protection.transitions,
    )


def _group(practice: np.ndarray, of_all: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the group of municipalities, equally many in each, in which each practice lies."""
    edges = np.nanquantile(of_all, np.arange(1, n_groups) / n_groups)
    return np.searchsorted(edges, practice)
