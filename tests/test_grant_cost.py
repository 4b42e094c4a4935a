"""What grants come to: a country of three persons by hand, prices an office may have, faults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.codes import state_groups
from pipeline.codes.prices import FILE, SHIPPED, Price, price_list, read_prices
from pipeline.disclosure import CellKey
from pipeline.errors import SettingsError
from pipeline.model.followups import grant_cost as module
from pipeline.model.followups.grant_cost import (
    benefit_groups,
    grant_cost,
    grant_state,
    what_if_cost,
)
from pipeline.model.national.protection import Unprotected

PRICES = (
    Price("disability_pension", 20_000.0, 0.8, "by hand"),
    Price("cash_benefit", 12_000.0, 0.5, "by hand"),
)


def _three_persons() -> pd.DataFrame:
    """Return the states of three who are granted a pension.

    Two came from cash benefit, one from no benefit; after a year all have the pension, after two
    years one of them has died.
    """
    rows = [
        ("FP", 0, "cash_benefit", 2),
        ("FP", 0, "none", 1),
        ("FP", 1, "disability_pension", 3),
        ("FP", 2, "disability_pension", 2),
        ("FP", 2, "dead", 1),
    ]
    names = ["outcome", "years_since_grant", "benefit_state", "n_persons"]
    return pd.DataFrame(rows, columns=names).assign(persons_key=1)


def test_three_persons_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEWEST_FOLLOWED", 1)
    costs = grant_cost(grant_state(_three_persons(), Unprotected(), 0.95), PRICES)
    # On the pension at 0, 1 and 2 years: 1, 1, 2/3. Persons: 1, then 1 + (1 + 2/3) / 2.
    assert costs["persons_per_grant"].to_list() == pytest.approx([1.0, 1 + 5 / 6])
    # 12 months of 20,000 each; before: two of three had 12,000.
    assert costs["kroner_per_grant"].to_list() == pytest.approx([240_000, 440_000])
    assert costs["municipal_kroner_per_grant"].to_list() == pytest.approx([192_000, 352_000])
    assert costs["net_kroner_per_grant"].to_list() == pytest.approx([144_000, 264_000])
    assert costs["net_municipal_kroner_per_grant"].to_list() == pytest.approx([144_000, 264_000])
    # In all: half of the first year's, and then the mean of both years'.
    assert costs["net_kroner_total_per_grant"].to_list() == pytest.approx([72_000, 276_000])

    change = pd.DataFrame(
        {
            "outcome": "FP",
            "standard": "country",
            "area_code": ["101"],
            "grants_change": -6.0,
            "grants_change_low": -9.0,
            "grants_change_high": 3.0,
        }
    )
    row = what_if_cost(change, costs).iloc[0]
    assert row["years_of_practice"] == 2
    assert row["persons_change"] == pytest.approx(-11.0)
    assert row["net_kroner_change"] == pytest.approx(-6 * 264_000)
    limits = row[["net_kroner_change_low", "net_kroner_change_high"]].to_list()
    assert limits == pytest.approx([-9 * 264_000, 3 * 264_000])


def test_limits_stay_in_order_where_a_grant_saves_money(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEWEST_FOLLOWED", 1)
    dear = (PRICES[0], replace(PRICES[1], kroner_a_month=90_000.0))
    costs = grant_cost(grant_state(_three_persons(), Unprotected(), 0.95), dear)
    assert (costs["net_kroner_per_grant"] < 0).all()
    change = {"grants_change": [2.0], "grants_change_low": [1.0], "grants_change_high": [3.0]}
    frame = pd.DataFrame({"outcome": "FP", "standard": "country", "area_code": "101", **change})
    row = what_if_cost(frame, costs).iloc[0]
    assert (
        row["net_kroner_change_low"] < row["net_kroner_change"] < row["net_kroner_change_high"] < 0
    )


def test_years_of_too_few_persons_say_nothing() -> None:
    states = _three_persons()
    assert grant_cost(grant_state(states, Unprotected(), 0.95), PRICES).empty
    many = states.assign(n_persons=states["n_persons"] * 1000)
    later = pd.DataFrame([("FP", 4, "disability_pension", 900)], columns=list(many)[:4]).assign(
        persons_key=1
    )
    costs = grant_cost(grant_state(pd.concat([many, later]), Unprotected(), 0.95), PRICES)
    # Nobody is followed three years: what is known of the fourth does not count.
    assert costs["years_of_practice"].to_list() == [1, 2]


def test_shares_are_of_all_followed_and_small_groups_are_not_shown() -> None:
    rng = np.random.default_rng(3)
    rows = [
        ("FP", year, state, n)
        for year in range(11)
        for state, n in (("disability_pension", 900), ("dead", 90), ("student_grant", 2))
    ]
    names = ["outcome", "years_since_grant", "benefit_state", "n_persons"]
    states = pd.DataFrame(rows, columns=names)
    states["persons_key"] = rng.integers(0, 62**4, len(states))
    made = grant_state(states, CellKey(), 0.95)
    assert len(made) == 11 * len(state_groups())
    assert set(made["n_persons"].dropna()) & {1, 2, 3, 4} == set()
    of = made.set_index(["state_group", "years_since_grant"])
    assert of.loc["education", "is_suppressed"].all()
    assert of.loc["education", "share"].isna().all()
    pension = of.loc["disability_pension"]
    assert pension["share"].between(0.88, 0.93).all()
    assert (pension["share_low"] < 900 / 992).all()
    assert (pension["share_high"] > 900 / 992).all()


def test_an_outcome_leads_to_the_benefits_of_its_states() -> None:
    assert benefit_groups("FP") == ("disability_pension",)
    assert benefit_groups("FJ") == ("flexjob_unemployment", "flexjob")
    assert set(benefit_groups("ANY")) == {*benefit_groups("FP"), *benefit_groups("FJ")}


def test_the_price_list_that_ships_is_whole_and_marked_as_an_example() -> None:
    prices = read_prices(SHIPPED)
    needed = {group for outcome in ("FP", "FJ") for group in benefit_groups(outcome)}
    assert needed <= {price.state_group for price in prices}
    assert all(price.source.startswith("Example") for price in prices)


def test_a_home_has_its_own_prices(tmp_path: Path) -> None:
    assert price_list(tmp_path) == SHIPPED
    own = tmp_path / FILE
    own.write_text(
        "state_group,kroner_a_month,municipal_share,source\ncash_benefit,9000,0.7,ours\n"
    )
    assert read_prices(price_list(tmp_path)) == (Price("cash_benefit", 9000.0, 0.7, "ours"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "its columns are"),
        ("state_group,kroner\n", "its columns are state_group, kroner"),
        ("state_group,kroner_a_month,municipal_share,source\n", "it has no rows"),
        (
            "state_group,kroner_a_month,municipal_share,source\npension,1,1,x\n",
            "row 2: state_group 'pension'",
        ),
        (
            "state_group,kroner_a_month,municipal_share,source\nflexjob,much,1,x\n",
            "row 2: flexjob: kroner_a_month and municipal_share must be numbers",
        ),
        (
            "state_group,kroner_a_month,municipal_share,source\nflexjob,-1,1,x\n",
            "kroner_a_month is -1",
        ),
        (
            "state_group,kroner_a_month,municipal_share,source\nflexjob,1,80,x\n",
            "municipal_share is 80",
        ),
        (
            "state_group,kroner_a_month,municipal_share,source\nflexjob,1,1,x\nflexjob,1,1,x\n",
            "row 3: flexjob stands twice",
        ),
    ],
)
def test_a_wrong_price_list_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / FILE
    path.write_text(text)
    with pytest.raises(SettingsError, match=FILE) as error:
        read_prices(path)
    assert said in str(error.value)
