"""Measures beside the benefits, written in the last digit of DREAM's codes.

They change no benefit and no grant: the histories are as they were, only the digit tells more.
Time is cut into turns of as many weeks as the municipality of residence uses; each turn on a
benefit with measures has one or has none, by a draw of the person and the turn.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from synthetic_data.events.benefits import HAS_MEASURES, TEXT_NUMBERS, is_among
from synthetic_data.ground.rng import Ints, Stream, to_uniform
from synthetic_data.ground.weeks import NEVER, Calendar
from synthetic_data.places.activity import PART_STARTS, PARTS, WEEKS_BEFORE, Activity

#: The draw of the kind is in the bits that the draw of the measure leaves.
_KIND_BITS = np.uint64(2047)


def write_measures(
    codes: NDArray[np.int8],
    municipality: Mapping[int, NDArray[np.int16]],
    decided: Ints,
    activity: Activity,
    stream: Stream,
    calendar: Calendar,
) -> None:
    """Let ``codes`` (weeks, persons) be places among ``DREAM_TEXTS`` from code numbers, in place.

    ``municipality`` has that of every person, by year; ``decided`` (2, persons) the week in which
    FP and FJ were granted, ``NEVER`` where not.
    """
    for year, lived in municipality.items():
        first, last = calendar.span(year)
        block = codes[first:last]
        week, row = np.nonzero(is_among(block, HAS_MEASURES))
        town = lived[row]
        week = week + first
        turn, place = np.divmod(week, activity.turn_weeks[town])
        part = part_of(week, decided[:, row])
        bits = stream.bits("measure", 0, row, turn)
        is_active = to_uniform(bits) < activity.chance_in(year)[town, part]
        is_active &= place < activity.turn_weeks[town] - 1
        is_placement = (bits & _KIND_BITS) < activity.placement_share[town] * (_KIND_BITS + 1)
        kind = np.where(is_active, 1 + is_placement, 0)
        texts = TEXT_NUMBERS[kind, block[week - first, row]]
        block[:] = TEXT_NUMBERS[0][block]
        block[week - first, row] = texts


def part_of(week: Ints, decided: Ints) -> Ints:
    """Return (n,) which part of the years before the next grant each ``week`` (n,) is in.

    ``decided`` (2, n) are weeks of grants; a week that has none in the five years after it is in
    the part after the last.
    """
    before = decided - week
    before = np.where((before > 0) & (before <= WEEKS_BEFORE), before, NEVER).min(axis=0)
    part = np.searchsorted(PART_STARTS, WEEKS_BEFORE - before, side="right")
    return np.where(before == NEVER, len(PARTS), part)
