"""Cases on sickness benefit that run beyond the limit of 52 weeks, by municipality and month.

The state's refund to the municipality ends at the limit, so most cases are closed there. Where
clarification has low priority more of them run on: in municipalities that grant few, and while
undecided cases queue (AKF 2009, "Veje til førtidspension" 2012).
"""

from __future__ import annotations

from synthetic_data.ground.regimes import runs_on_shift
from synthetic_data.ground.rng import Floats, Stream, logistic
from synthetic_data.ground.scenario import Scenario
from synthetic_data.places.backlog import DAYS_PER_MONTH, Backlog


def runs_on(stream: Stream, scenario: Scenario, practice: Floats, backlog: Backlog) -> Floats:
    """Return the chance that a case at the limit runs on, (M, years, 12).

    ``practice`` (M, years) is that of FP, log odds, queues left out: they count by how long what
    is decided has waited.
    """
    sizes = scenario.sickness
    own = sizes.spread * stream.normal("sickness_runs_on")
    log_odds = sizes.runs_on + sizes.on_practice * practice + own[:, None]
    log_odds = log_odds + [runs_on_shift(year) for year in backlog.years]
    waited_months = backlog.wait_days / DAYS_PER_MONTH
    return logistic(log_odds[:, :, None] + sizes.on_month_waited * waited_months)
