"""How municipalities use measures before a grant: late, steadily, or little.

Nothing is drawn: who uses which goes by FP practice, so that the country shows what "Veje til
førtidspension" (2012) found. Municipalities that grant many are active all along; among those that
grant few one uses many short measures when the case is about to be decided, the next hardly any.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic_data.ground.regimes import measure_factor
from synthetic_data.ground.rng import Floats, Ints
from synthetic_data.ground.scenario import Scenario

#: Parts of the five years before a grant, and what is not among them.
PARTS = ("first", "middle", "last")
OTHERWISE = "otherwise"
#: Weeks before a grant that are looked at, and where among them the middle and last part begin.
WEEKS_BEFORE = 260
PART_STARTS = (87, 173)
#: Patterns by third of the municipalities, fewest granted first; taken in turn inside a third.
_BY_THIRD = (("late", "little"), ("late", "steady", "little"), ("steady",))
_MOST = 0.95


@dataclass(frozen=True)
class Activity:
    """How each municipality uses measures.

    ``pattern`` (M,) are names; ``turn_weeks`` (M,) weeks of a turn, of which a measure takes all
    but the last; ``placement_share`` (M,) of measures that are work placements; ``chance`` (M, 4)
    of a measure in a turn by part, before the law's factor: first, middle, last, otherwise.
    """

    pattern: tuple[str, ...]
    turn_weeks: Ints
    placement_share: Floats
    chance: Floats

    def chance_in(self, year: int) -> Floats:
        """Return (M, 4) the chance of a measure in a turn of ``year``."""
        return np.minimum(self.chance * measure_factor(year), _MOST)

    def share_active(self, year: int) -> Floats:
        """Return (M, 4) the share of weeks on a benefit with measures that are in one."""
        return self.chance_in(year) * ((self.turn_weeks - 1) / self.turn_weeks)[:, None]


def activity_of(scenario: Scenario, practice: Floats) -> Activity:
    """Return the use of measures by ``practice`` (M,), log odds of FP; ties as they stand."""
    order = np.argsort(practice, kind="stable")
    thirds = np.array_split(order, len(_BY_THIRD))
    names = [""] * len(practice)
    for patterns, members in zip(_BY_THIRD, thirds, strict=True):
        for place, municipality in enumerate(members):
            names[municipality] = patterns[place % len(patterns)]
    sizes = [scenario.activity[name] for name in names]
    return Activity(
        pattern=tuple(names),
        turn_weeks=np.array([of.turn_weeks for of in sizes]),
        placement_share=np.array([of.placement_share for of in sizes]),
        chance=np.array([[getattr(of, part) for part in (*PARTS, OTHERWISE)] for of in sizes]),
    )
