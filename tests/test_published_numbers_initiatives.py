"""Effects of initiatives against figures of other packages on their own example data.

Teen employment in 500 US counties, 2003-2007, of which 191 raised their minimum wage (Callaway &
Sant'Anna 2021): figures of csdid 0.4.3, est_method="reg", base_period="universal", bstrap=False;
without weights they are those of the R package did. Cigarette sales in 39 US states, 1970-2000,
California's Proposition 99 from 1989 (Abadie, Diamond & Hainmueller 2010): Arkhangelsky et al.
2021, table 1, and the R package synthdid.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.model.initiatives.group_time import (
    Panel,
    after_weights,
    clustered_error,
    event_weights,
    group_time_effects,
    summed,
)
from pipeline.model.initiatives.synthetic import mixture, penalty, synthetic_effects

DATA = Path(__file__).parent / "published"
COUNTIES = pd.read_csv(DATA / "county_employment.csv", comment="#")
STATES = pd.read_csv(DATA / "cigarette_sales.csv", comment="#", index_col="State")
CALIFORNIA, BEGIN = list(STATES.index).index("California"), 19
ADOPTERS = np.flatnonzero(COUNTIES["first_treat"] > 0)
STARTS = COUNTIES["first_treat"].to_numpy()[ADOPTERS] - 2003

# fmt: off
# Controls, weighted by lpop: effects by first year (2004, 2006, 2007) and year 2003-2007, their
# standard errors, effect and error by first year over the years after, the mean of these by
# adopters, and effects by years since, -4 to 3.
CSDID = {
    ("never", False): (
        [[0, -0.010503246, -0.070423158, -0.137258739, -0.100811363],
         [-0.003769294, 0.002750819, 0, -0.004594607, -0.041224472],
         [0.003306357, 0.033813012, 0.031087119, 0, -0.026054411]],
        [[np.nan, 0.023251036, 0.030984767, 0.036435664, 0.034359226],
         [0.031342028, 0.019558561, np.nan, 0.017755197, 0.020229181],
         [0.024451873, 0.021129175, 0.017877511, np.nan, 0.016655435]],
        [-0.079749127, -0.022909539, -0.026054411], [0.026367799, 0.016703330, 0.016655435],
        -0.031018282,
        [0.003306357, 0.025021830, 0.024458745, 0, -0.019931817, -0.050957367, -0.137258739,
         -0.100811363],
    ),
    ("not yet", False): (
        [[0, -0.019372364, -0.078319099, -0.136274346, -0.100811363],
         [0.004501797, 0.001939246, 0, 0.004660876, -0.041224472],
         [0.003306357, 0.033813012, 0.031087119, 0, -0.026054411]],
        [[np.nan, 0.022310113, 0.030390229, 0.035403385, 0.034359226],
         [0.030857848, 0.019042159, np.nan, 0.016335584, 0.020229181],
         [0.024451873, 0.021129175, 0.017877511, np.nan, 0.016655435]],
        [-0.083694293, -0.018281798, -0.026054411], [0.025701600, 0.015922236, 0.016655435],
        -0.030462228,
        [0.003306357, 0.026956588, 0.024268903, 0, -0.018922199, -0.053589347, -0.136274346,
         -0.100811363],
    ),
    ("not yet", True): (
        [[0, -0.017513577, -0.067139937, -0.112836441, -0.097674304],
         [0.002223604, -0.002550625, 0, 0.016191161, -0.031483350],
         [0.007932802, 0.030059891, 0.029340838, 0, -0.036001114]],
        [[np.nan, 0.016606230, 0.026320900, 0.030194812, 0.027253988],
         [0.029949624, 0.017948487, np.nan, 0.016117302, 0.018305729],
         [0.021069389, 0.018627266, 0.016005994, np.nan, 0.012214440]],
        [-0.073791065, -0.007646094, -0.036001114], [0.021831697, 0.015633253, 0.012214440],
        -0.033577666,
        [0.007932802, 0.023130715, 0.021402222, 0, -0.022441162, -0.042767947, -0.112836441,
         -0.097674304],
    ),
}
# fmt: on


@pytest.mark.parametrize(("controls", "is_weighted"), list(CSDID))
def test_group_time_effects_are_those_of_csdid(controls: str, is_weighted: bool) -> None:
    by_group, errors, over_years, their_errors, overall, by_event = CSDID[controls, is_weighted]
    weights = COUNTIES["lpop"].to_numpy() if is_weighted else np.ones(len(COUNTIES))
    outcome = COUNTIES[[f"lemp_{year}" for year in range(2003, 2008)]].to_numpy()
    panel = Panel(outcome, weights)
    never = controls == "never"
    effects = group_time_effects(panel, STARTS, ADOPTERS[None], against_never=never)
    own = weights[ADOPTERS][None]
    for place, start in enumerate((1, 3, 4)):
        of_group = start == STARTS
        for year in range(5):
            cell = np.zeros((len(STARTS), 5))
            cell[of_group, year] = 1.0
            assert summed(effects, own, cell)[0] == pytest.approx(by_group[place][year], abs=1e-9)
            se = clustered_error(panel, STARTS, ADOPTERS, cell, against_never=never)
            expected = errors[place][year]
            assert se == pytest.approx(0.0 if np.isnan(expected) else expected, abs=1e-9)
        after = after_weights(STARTS, 5) * of_group[:, None]
        assert summed(effects, own, after)[0] == pytest.approx(over_years[place], abs=1e-9)
        se = clustered_error(panel, STARTS, ADOPTERS, after, against_never=never)
        assert se == pytest.approx(their_errors[place], abs=1e-9)
    assert summed(effects, own, after_weights(STARTS, 5))[0] == pytest.approx(overall, abs=1e-9)
    found = [summed(effects, own, event_weights(STARTS, 5, since))[0] for since in range(-4, 4)]
    assert found == pytest.approx(by_event, abs=1e-9)


def california() -> tuple[np.ndarray, np.ndarray]:
    sales = STATES.to_numpy()
    return sales[CALIFORNIA], np.delete(sales, CALIFORNIA, axis=0)


def test_mixtures_are_those_of_the_synthetic_difference_in_differences() -> None:
    own, others = california()
    before = others[:, :BEGIN]
    tiny = 1e-12 * float(np.diff(before, axis=1).var(ddof=1))
    # Of the outcome alone: -19.5 (Abadie's authors' solver stops before the optimum: -19.6).
    weights = mixture(own[:BEGIN], before, tiny, has_level=False)
    assert (own - weights @ others)[BEGIN:].mean() == pytest.approx(-19.5, abs=0.05)
    # With a level of its own: -11.1.
    gap = own - mixture(own[:BEGIN], before, tiny) @ others
    assert gap[BEGIN:].mean() - gap[:BEGIN].mean() == pytest.approx(-11.1, abs=0.05)
    # Synthetic difference in differences: -15.604 (the package), with years weighted as well.
    weights = mixture(own[:BEGIN], before, penalty(before, sales_after := len(own) - BEGIN))
    names = STATES.index.delete(CALIFORNIA)
    largest = {names[at]: round(weights[at], 3) for at in np.argsort(-weights)[:4]}
    assert largest == {"Nevada": 0.124, "New Hampshire": 0.105, "Connecticut": 0.078,
                       "Delaware": 0.07}  # fmt: skip
    years = mixture(others[:, BEGIN:].mean(axis=1), before.T, tiny)
    gap = own - weights @ others
    assert gap[BEGIN:].mean() - years @ gap[:BEGIN] == pytest.approx(-15.604, abs=0.005)
    assert sales_after == 12


def test_the_effect_on_each_state_is_that_of_its_own_mixture() -> None:
    effects = synthetic_effects(STATES.to_numpy(), BEGIN)
    own, others = california()
    # Had the penalty been of all states' changes, as where anybody may have begun.
    ridge = penalty(STATES.to_numpy()[:, :BEGIN], len(own) - BEGIN)
    gap = own - mixture(own[:BEGIN], others[:, :BEGIN], ridge) @ others
    assert effects[CALIFORNIA] == pytest.approx(gap - gap[:BEGIN].mean(), abs=1e-9)
    assert np.abs(effects[:, :BEGIN].mean(axis=1)).max() < 1e-9
