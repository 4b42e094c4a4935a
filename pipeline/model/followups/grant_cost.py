"""What a grant more a year comes to: persons on the benefit and kroner, over the years after.

Of those granted a share S(k) is on the benefit k years later: the others have died, reached the age
of old-age pension, moved abroad or left it. Where municipalities grant one more every year, evenly
over the year, there are

    N(t) = integral of S(u) from 0 to t

persons more on the benefit t years later, by the trapezoid rule on whole years. Kroner a year are
N(t) times twelve months' price; kroner in all are their integral. Net of what the same persons
would have cost on what they had before: the mean price of the states of the last week before the
grant. That they would have stayed on it is an assumption, as is that S is the same for those who
are granted by another practice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from pipeline.catalogue import columns, empty_frame
from pipeline.codes import code_rows, state_groups
from pipeline.codes.prices import Price
from pipeline.model.courses.areas import COUNTRY, completed, is_rare, shown_counts, summed
from pipeline.model.courses.tenure import noisy_share
from pipeline.model.followups.what_if import WITHOUT_QUEUE
from pipeline.model.national.protection import Protection

#: Fewer persons than this that are followed for so many years say nothing.
FEWEST_FOLLOWED = 50
MONTHS = 12
_COUNTS = ("n_persons", "persons_key")
_MOMENT = ["outcome", "years_since_grant"]


def grant_state(states: pd.DataFrame, protection: Protection, level: float) -> pd.DataFrame:
    """Return ``result.grant_state``: on what those granted were before and years after, shares.

    ``states`` is ``mart.grant_state``: outcome, years_since_grant, benefit_state, n_persons,
    persons_key. By group of states, every group at every moment; counts of the country as
    ``protection`` shows them, missing where too few are expected. Limits at ``level``.
    """
    if states.empty:
        return empty_frame("grant_state")
    group_of = {state: group for group, of in state_groups().items() for state in of}
    named = states.assign(state_group=states["benefit_state"].map(group_of))
    followed = shown_counts(summed(named, _MOMENT, _COUNTS), protection)
    followed = followed.rename(columns={"n_persons": "n_followed"}).drop(columns="noise_sd")
    moments = named[_MOMENT].drop_duplicates().sort_values(_MOMENT)
    groups = pd.DataFrame({"state_group": list(state_groups())})
    counted = summed(named, [*_MOMENT, "state_group"], _COUNTS)
    counted = completed(counted, [moments, groups], _COUNTS).assign(area_code=COUNTRY)
    shown = shown_counts(counted, protection)
    by, time = ["outcome", "state_group"], ["years_since_grant"]
    hidden = is_rare(counted, shown["n_persons"], {"": 1.0}, by, time, protection)
    made = shown.merge(followed, on=_MOMENT, how="left", validate="many_to_one")
    share, low, high = noisy_share(
        made["n_persons"].to_numpy(dtype=float),
        made["n_followed"].to_numpy(dtype=float),
        made["noise_sd"].to_numpy(dtype=float),
        level,
    )
    made = made.assign(share=share, share_low=low, share_high=high, is_suppressed=hidden)
    made["n_persons"] = made["n_persons"].astype("Int64")
    for name in ("n_persons", "noise_sd", "share", "share_low", "share_high"):
        made[name] = made[name].mask(hidden)
    return made[list(columns("grant_state"))]


def grant_cost(states: pd.DataFrame, prices: Sequence[Price]) -> pd.DataFrame:
    """Return ``result.grant_cost``: persons and kroner of one grant more a year, by years of it.

    ``states`` is ``result.grant_state``. One row per outcome and year of the practice, as far as
    :data:`FEWEST_FOLLOWED` persons are followed; a share that is not shown counts as 0. None of an
    outcome whose first year nobody is followed.
    """
    month = {price.state_group: price.kroner_a_month for price in prices}
    share_left = {price.state_group: price.municipal_share for price in prices}
    frames = []
    for outcome, rows in states.groupby("outcome", sort=False):
        told = rows[rows["n_followed"] >= FEWEST_FOLLOWED]
        shares = told.pivot_table(
            index="years_since_grant", columns="state_group", values="share", aggfunc="first"
        ).fillna(0.0)
        years = _unbroken(shares.index.to_numpy(dtype=int))
        if years < 1:
            continue
        benefits = [group for group in benefit_groups(str(outcome)) if group in shares]
        on = shares.loc[1:years, benefits].to_numpy(dtype=float)
        first = on[0].sum()
        on = np.vstack([on[0] / first if first > 0 else on[0], on])
        persons = _integral(on)
        prices_on = np.array([month.get(group, 0.0) for group in benefits])
        left_on = prices_on * [share_left.get(group, 0.0) for group in benefits]
        before = shares.loc[0].to_numpy(dtype=float)
        named = [str(group) for group in shares]
        prices_before = np.array([month.get(group, 0.0) for group in named])
        left_before = prices_before @ (before * [share_left.get(group, 0.0) for group in named])
        price_before = prices_before @ before
        n = persons.sum(axis=1)
        kroner, municipal = (MONTHS * persons @ price for price in (prices_on, left_on))
        net = kroner - MONTHS * n * price_before
        frames.append(
            pd.DataFrame(
                {
                    "outcome": str(outcome),
                    "years_of_practice": np.arange(1, years + 1),
                    "persons_per_grant": n[1:],
                    "kroner_per_grant": kroner[1:],
                    "municipal_kroner_per_grant": municipal[1:],
                    "net_kroner_per_grant": net[1:],
                    "net_municipal_kroner_per_grant": (municipal - MONTHS * n * left_before)[1:],
                    "net_kroner_total_per_grant": _integral(net[:, None])[1:, 0],
                }
            )
        )
    if not frames:
        return empty_frame("grant_cost")
    return pd.concat(frames, ignore_index=True)[list(columns("grant_cost"))]


def what_if_cost(what_if: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """Return ``result.what_if_cost``: what each change of ``what_if`` comes to at the last year.

    ``costs`` is ``result.grant_cost``; the last year of each outcome is that it is known of. Limits
    are those of the change in grants: how long grants last is taken as known. A queue is no lasting
    change, so that it has no row.
    """
    last = costs.sort_values("years_of_practice").groupby("outcome", sort=False).tail(1)
    lasting = what_if[what_if["standard"] != WITHOUT_QUEUE]
    made = lasting.merge(last, on="outcome", how="inner", validate="many_to_one")
    change = made[["grants_change", "grants_change_low", "grants_change_high"]].to_numpy(float)
    result = made.copy()
    for name, per_grant in (
        ("persons_change", "persons_per_grant"),
        ("kroner_change", "kroner_per_grant"),
        ("net_kroner_change", "net_kroner_per_grant"),
        ("net_municipal_kroner_change", "net_municipal_kroner_per_grant"),
        ("net_kroner_total_change", "net_kroner_total_per_grant"),
    ):
        values = change * made[per_grant].to_numpy(dtype=float)[:, None]
        result[name] = values[:, 0]
        result[f"{name}_low"] = values[:, 1:].min(axis=1)
        result[f"{name}_high"] = values[:, 1:].max(axis=1)
    return result[list(columns("what_if_cost"))]


def price_frame(prices: Sequence[Price]) -> pd.DataFrame:
    """Return ``result.benefit_price``: the price list that costs are of."""
    return pd.DataFrame([asdict(price) for price in prices])[list(columns("benefit_price"))]


def benefit_groups(outcome: str) -> tuple[str, ...]:
    """Return the groups of states that ``outcome`` leads to, in the order of the list."""
    rows = {row["outcome"]: row for row in code_rows("outcome")}
    states = {
        state
        for name in [outcome, *rows[outcome]["parts"].split()]
        for state in rows[name]["states"].split()
    }
    return tuple(group for group, of in state_groups().items() if states & set(of))


def _unbroken(years: np.ndarray) -> int:
    """Return the last of ``years`` that every year from 0 on stands before, -1 without 0."""
    n = 0
    while n in years:
        n += 1
    return n - 1


def _integral(values: np.ndarray) -> np.ndarray:
    """Return the integrals of (T + 1, n) ``values`` from 0 to each year, by the trapezoid rule."""
    steps = (values[:-1] + values[1:]) / 2
    return np.vstack([np.zeros(values.shape[1]), np.cumsum(steps, axis=0)])
