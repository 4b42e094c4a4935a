"""How long a tenure DREAM lets be seen, and how a quarter is named."""

from __future__ import annotations

import math
import re

from reports.told.blocks import Text
from reports.told.telling import Telling

Quarter = tuple[int, int]
#: The check of DREAM whose finding begins with its first week, as 1998-W01.
_CHECK = ("dream", "weeks_without_gap")
_WEEKS_A_QUARTER = 13


def reach_of_dream(p: Telling, first: Quarter, last: Quarter) -> list[Text]:
    """Return how long a tenure can be at the end of two quarters; nothing where it is not known."""
    found = (one.detail for one in p.content.quality if (one.register, one.check) == _CHECK)
    begin = re.match(r"(\d{4})-W(\d{2})", next(found, ""))
    if begin is None:
        return []
    year, week = int(begin[1]), int(begin[2])

    def most(quarter: Quarter) -> str:
        passed = 4 * (quarter[0] - year) + quarter[1] - (week - 1) // _WEEKS_A_QUARTER
        return p.n.count(math.ceil(passed / 4))

    said = p.t(
        "tenure.since",
        year=year,
        first=named(p, first),
        most_first=most(first),
        last=named(p, last),
        most_last=most(last),
    )
    return [Text(said, "note")]


def named(p: Telling, quarter: Quarter) -> str:
    """Return a quarter in words."""
    return p.t("tenure.quarter", year=quarter[0], quarter=quarter[1])
