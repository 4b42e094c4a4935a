"""What the days from application to decision go with: clarification, medical statements, queue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Ints, Stream
from synthetic_data.ground.scenario import Scenario
from synthetic_data.ground.weeks import days_in_year, year_start
from synthetic_data.places.country import Country

_SHORTEST_DAYS = 7


@dataclass(frozen=True)
class Waits:
    """Whole days of each case; a case without a medical statement waits 0 days for it."""

    clarification: Ints
    statement: Ints
    queue: Ints

    @property
    def days(self) -> Ints:
        """Days from application to decision."""
        return self.clarification + self.statement + self.queue


def draw_waits(
    name: str,
    year: int,
    person: Ints,
    municipality: Ints,
    decided: Ints,
    is_mental: NDArray[np.bool_],
    country: Country,
    scenario: Scenario,
    stream: Stream,
) -> Waits:
    """Return the waits of cases of outcome ``name``, decided on the days ``decided`` of ``year``.

    All arrays have one entry per case. Statements are asked for more often in mental disorders and
    take anything up to the scenario's longest; the queue is the municipality's in that month.
    """
    sizes = scenario.decisions
    asked_share = np.where(is_mental, sizes.statement_share_mental, sizes.statement_share)
    is_asked = stream.uniform(f"statement_asked_{name}", year, rows=person) < asked_share
    length = stream.uniform(f"statement_days_{name}", year, rows=person) ** 2
    statement = np.where(is_asked, np.rint(sizes.statement_longest_days * length), 0)
    usual = (sizes.statement_share + sizes.statement_share_mental) / 2
    usual *= sizes.statement_longest_days / 3
    spread = sizes.processing_days_case_spread
    deviation = spread * stream.normal(f"processing_{name}", year, rows=person) - spread**2 / 2
    clarification = (country.processing_days[municipality] - usual) * np.exp(deviation)
    month = ((decided - year_start(year)) * 12) // days_in_year(year)
    queue = country.backlog.wait_days[municipality, country.years.index(year), month]
    return Waits(
        clarification=np.maximum(np.rint(clarification), _SHORTEST_DAYS).astype(np.int64),
        statement=statement.astype(np.int64),
        queue=np.rint(queue).astype(np.int64),
    )
