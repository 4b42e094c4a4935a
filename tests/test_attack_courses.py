"""Attacks on the tables of courses: who is on benefit each quarter, who comes and who goes.

Stock, inflow and outflow of a quarter add up to the next stock, states to all: an integer programme
over every count of a municipality looks for those that can be no other. The persons are invented.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from attackers import Count, determined, feasible

from pipeline.disclosure import CellKey
from pipeline.disclosure.cell_key import MODULUS
from pipeline.model.courses.tenure import tenure_flow, tenure_stock
from pipeline.model.national.protection import Protection, Unprotected

QUARTERS, STATES, GROUPS = 6, ("kontanthjaelp", "uddannelseshjaelp"), ("job", "pension")
#: Persons of each municipality in all quarters together.
SIZES = {"101": 200, "825": 9, "563": 5}


def make_persons(seed: int = 1) -> pd.DataFrame:
    """Return persons with key, municipality, state, and the quarters they come and go in."""
    rng = np.random.default_rng(seed)
    n = sum(SIZES.values())
    first = rng.integers(-3, QUARTERS, n)
    return pd.DataFrame(
        {
            "municipality_code": np.repeat(list(SIZES), list(SIZES.values())),
            "record_key": rng.integers(0, MODULUS, n),
            "benefit_state": rng.choice(STATES, n),
            "first": first,
            "last": first + rng.integers(1, 6, n),
            "came_from": rng.choice(GROUPS, n),
            "went_to": rng.choice(GROUPS, n),
        }
    )


def cells(persons: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the stock at each quarter's end and the flow in it, as the marts have them."""
    stock, flow = [], []
    for quarter in range(QUARTERS):
        time = {"year": 2005 + quarter // 4, "quarter": quarter % 4 + 1}
        there = persons[(persons["first"] <= quarter) & (quarter < persons["last"])]
        stock.append(there.assign(**time, age_group="30_and_over", tenure_year=0))
        for direction, when, group in (("in", "first", "came_from"), ("out", "last", "went_to")):
            moved = persons[persons[when] == quarter]
            flow.append(moved.assign(**time, direction=direction, state_group=moved[group]))
    made = []
    for rows, names in (
        (stock, ["benefit_state", "age_group", "tenure_year"]),
        (flow, ["direction", "state_group"]),
    ):
        whole = pd.concat(rows, ignore_index=True).assign(n_persons=1)
        key = ["year", "quarter", "municipality_code", *names]
        sums = whole.groupby(key)[["n_persons", "record_key"]].sum().reset_index()
        made.append(sums.rename(columns={"record_key": "persons_key"}))
    return made[0], made[1]


def counts_to_solve(
    persons: pd.DataFrame, protection: Protection, method: CellKey | None, code: str
) -> tuple[list[Count], list[tuple], np.ndarray]:
    """Return all counts shown of a municipality, the small ones' names, and the unknowns.

    Unknown are the first stock by state and, each quarter, those who come by state and group and
    those who go. Without a ``method`` every count is shown as it is.
    """
    stock, flow = cells(persons)
    shown_stock, shown_flow = tenure_stock(stock, protection), tenure_flow(flow, protection)
    own = persons[persons["municipality_code"] == code]
    names = [("start", state) for state in STATES] + [
        (direction, quarter, state, group)
        for quarter in range(1, QUARTERS)
        for direction in ("in", "out")
        for state in STATES
        for group in GROUPS
    ]
    number = {name: n for n, name in enumerate(names)}
    truth = np.zeros(len(names))
    for person in own.itertuples():
        if person.first <= 0 < person.last:
            truth[number["start", person.benefit_state]] += 1
        for direction, quarter, group in (
            ("in", person.first, person.came_from),
            ("out", person.last, person.went_to),
        ):
            if 1 <= quarter < QUARTERS:
                truth[number[direction, quarter, person.benefit_state, group]] += 1
    counts: list[Count] = []

    def add(name: tuple, shown: int, into: list[int], less: list[int]) -> None:
        n = round(truth[into].sum() - truth[less].sum())
        low, high = (n, n) if method is None else feasible(method, shown, n + 40)
        counts.append(Count(name, tuple(into), low, high, tuple(less)))

    for row in shown_stock[shown_stock["area_code"] == code].itertuples():
        quarter = 4 * (row.year - 2005) + row.quarter - 1
        if row.dimension not in ("all", "benefit_state"):
            continue
        inside = [state for state in STATES if row.level in ("all", state)]
        into = [number["start", state] for state in inside]
        moves = [name for name in names if name[0] != "start" and name[1] <= quarter]
        into += [number[name] for name in moves if name[0] == "in" and name[2] in inside]
        less = [number[name] for name in moves if name[0] == "out" and name[2] in inside]
        add(("stock", row.dimension, row.level, quarter), row.n_persons, into, less)
    for row in shown_flow[shown_flow["area_code"] == code].itertuples():
        quarter = 4 * (row.year - 2005) + row.quarter - 1
        if quarter:
            groups = [group for group in GROUPS if row.state_group in ("all", group)]
            into = [number[row.direction, quarter, s, g] for s in STATES for g in groups]
            add((row.direction, row.state_group, quarter), row.n_persons, into, [])
    # Nobody needs to know more than that no number is without end.
    counts += [Count(("at most", *name), (n,), 0, 60) for name, n in number.items()]
    small = [
        count.name
        for count in counts
        if count.name[0] != "at most"
        and 1 <= truth[list(count.unknowns)].sum() - truth[list(count.less)].sum() <= 4
    ]
    return counts, small, truth


@pytest.mark.parametrize("code", ["825", "563"])
def test_no_small_count_is_determined_by_stock_and_flow_together(code: str) -> None:
    method = CellKey()
    counts, small, truth = counts_to_solve(make_persons(), method, method, code)
    assert len(small) > 10
    assert not determined(counts, small, len(truth), truth)


def test_every_small_count_is_determined_without_protection() -> None:
    counts, small, truth = counts_to_solve(make_persons(), Unprotected(), None, "825")
    assert determined(counts, small, len(truth), truth) == set(small)


def test_no_shown_count_of_persons_is_small() -> None:
    for made in (
        of(rows, CellKey())["n_persons"]
        for of, rows in zip((tenure_stock, tenure_flow), cells(make_persons()), strict=True)
    ):
        assert not made.between(1, 4).any()
        assert made.max() > 100 or (made >= 5).any()
