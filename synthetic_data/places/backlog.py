"""Queues of undecided cases: what the reform of 2007 does to capacity, and what follows from it.

Work is counted in a normal month's applications. Applications come evenly; each month a
municipality decides what it has capacity for, oldest first. Merging takes capacity away for a
while, the more former municipalities are put together; then more than usual is decided until the
queue is gone. A scenario may spare some that merge, and let others that stand alone build a queue
and clear it suddenly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.codes import code_list
from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.scenario import Scenario

DAYS_PER_MONTH = 365.25 / 12
_LAST_DAY_BEFORE = "2006-12-31"
_MOST_MERGED = 5  # former municipalities that make a full merger
_START_YEAR = 2004  # nothing waits before


@dataclass(frozen=True)
class Backlog:
    """The queue of each municipality in each month of ``years``, arrays (M, years, 12).

    ``capacity`` is what could be decided, ``decided`` what was, ``waiting`` what is left at the end
    of the month, all in normal months of applications. ``wait_days`` is how long what is decided
    in a month has waited: oldest first, as long as all that waits took to come in.
    """

    years: tuple[int, ...]
    capacity: Floats
    decided: Floats
    waiting: Floats

    @property
    def wait_days(self) -> Floats:
        """Days in the queue of cases decided in the month, the mean of its beginning and end."""
        before = self.waiting - 1.0 + self.decided
        return (before + self.waiting) / 2 * DAYS_PER_MONTH

    @property
    def effect(self) -> Floats:
        """What the queue adds to the log odds of a grant in a year, (M, years)."""
        return np.log(self.decided.mean(axis=2))

    def decision_share(self, year: int) -> Floats:
        """Return the cumulative share of the year's decisions by month, (M, 13) from 0 to 1."""
        decided = self.decided[:, self.years.index(year)]
        cumulative = np.cumsum(decided, axis=1) / decided.sum(axis=1, keepdims=True)
        cumulative[:, -1] = 1.0
        return np.concatenate([np.zeros((decided.shape[0], 1)), cumulative], axis=1)


def run_queues(
    stream: Stream, scenario: Scenario, merged: Floats, years: tuple[int, ...]
) -> Backlog:
    """Return the queues of ``years``; ``merged`` (M,) is 0 for untouched, 1 for fully merged."""
    shape = (merged.size, len(years), 12)
    capacity, decided, waiting = np.ones(shape), np.ones(shape), np.zeros(shape)
    queue = np.zeros(merged.size)
    dip = _reform_dip(stream, scenario, merged)
    cleared = _clearing_month(stream, scenario, merged)
    for year in range(_START_YEAR, max(years, default=0) + 1):
        for month in range(12):
            able = _capacity(scenario, f"{year}-{month + 1:02d}", dip, cleared)
            done = np.minimum(queue + 1.0, able)
            queue = queue + 1.0 - done
            if year in years:
                y = years.index(year)
                capacity[:, y, month], decided[:, y, month] = able, done
                waiting[:, y, month] = queue
    return Backlog(years, capacity, decided, waiting)


def _capacity(scenario: Scenario, month: str, dip: Floats, cleared: Floats) -> Floats:
    """Return what each municipality can decide in ``month``, written 2006-07."""
    sizes = scenario.backlog
    able = np.full(dip.size, 1.0 + sizes.extra_capacity)
    if month < sizes.dip_from:
        able[:] = 1.0
    elif month <= sizes.dip_to:
        able = 1.0 - dip
    if month >= sizes.clearing_from:
        is_clear = _month_number(month) >= cleared
        of_clearing = np.where(is_clear, 1.0 + sizes.clearing_capacity, 1.0 - sizes.clearing_dip)
        able = np.where(np.isfinite(cleared), of_clearing, able)
    return able


def _reform_dip(stream: Stream, scenario: Scenario, merged: Floats) -> Floats:
    """Return the share of its capacity that each municipality loses around the reform."""
    sizes = scenario.backlog
    variation = np.exp(sizes.dip_spread * stream.normal("reform_dip"))
    dip = (sizes.dip_unmerged + (sizes.dip_merged - sizes.dip_unmerged) * merged) * variation
    is_skipped = (stream.uniform("reform_skipped") < sizes.skipped_share) & (merged > 0)
    return np.where(is_skipped, 0.0, np.minimum(dip, sizes.dip_largest))


def _clearing_month(stream: Stream, scenario: Scenario, merged: Floats) -> Floats:
    """Return the month, by number, in which a queue that has nothing to do with the reform goes.

    Infinite where there is none; of the municipalities that were not merged alone.
    """
    sizes = scenario.backlog
    first, last = (
        _month_number(month) for month in (sizes.clearing_earliest, sizes.clearing_latest)
    )
    month = first + np.floor(stream.uniform("clearing_month") * (last - first + 1))
    has_queue = (stream.uniform("clearing") < sizes.clearing_share) & (merged == 0)
    return np.where(has_queue, month, np.inf)


def _month_number(month: str) -> int:
    """Return the number of a month written 2006-07, one more from each to the next."""
    return 12 * int(month[:4]) + int(month[5:]) - 1


def degree_of_merging(codes: tuple[str, ...]) -> Floats:
    """Return how much each municipality was merged in 2007, 0 (alone) to 1 (five or more)."""
    frame = code_list("municipality_history")
    last = frame[frame["valid_to"] == _LAST_DAY_BEFORE]
    n_former = last["successor_code"].value_counts().reindex(list(codes)).to_numpy(dtype=float)
    return np.clip((n_former - 1) / (_MOST_MERGED - 1), 0.0, 1.0)


def decision_day(
    uniform: Floats, share: Floats, municipality: Ints, days_open: Ints, n_days: int
) -> Ints:
    """Return the day of the year (from 0) of each decision, before ``days_open`` are over.

    ``share`` is :meth:`Backlog.decision_share` of the year; within a month days are equally likely.
    """
    months = share.shape[1] - 1
    end = days_open / n_days * months
    whole = np.minimum(end.astype(np.int64), months - 1)
    low, high = share[municipality, whole], share[municipality, whole + 1]
    reach = uniform * (low + (end - whole) * (high - low))
    month = np.minimum((share[municipality, 1:] <= reach[:, None]).sum(axis=1), months - 1)
    low, high = share[municipality, month], share[municipality, month + 1]
    day = (month + (reach - low) / (high - low)) / months * n_days
    return np.minimum(day.astype(np.int64), days_open - 1)
