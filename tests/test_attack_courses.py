"""Attacks on the tables of courses: who is on benefit each quarter, who comes and who goes.

Stock, inflow and outflow of a quarter add up to the next stock, states to all: an integer programme
over every count of a municipality looks for those that can be no other. Who also knows how people
come and go guesses them from all quarters together. The persons are invented.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from attackers import Count, Guesser, Node, determined, feasible
from planted_courses import STATES as COURSE_STATES
from planted_courses import planted_courses
from series_attackers import SeriesGuesser
from test_attack import BOUND, USUAL_BOUND, ByKey

from pipeline.disclosure import CellKey
from pipeline.disclosure.cell_key import MODULUS
from pipeline.model.courses.pathways import FEWEST, Courses, pathway_frames
from pipeline.model.courses.tenure import tenure_exit, tenure_flow, tenure_stock
from pipeline.model.national.protection import Protection, Unprotected

QUARTERS, STATES = 6, ("cash_benefit", "education_benefit")
GROUPS = ("disability_pension", "unemployment")
#: Persons of each municipality in all quarters together.
SIZES = {"101": 400, "825": 40, "563": 20}


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
            "age_group": rng.choice(["under_30", "30_and_over"], n),
            "tenure_year": rng.choice([0, 0, 1, 2, 4, 7], n),
            "first": first,
            "last": first + rng.integers(1, 6, n),
            "came_from": rng.choice(GROUPS, n),
            "went_to": rng.choice(GROUPS, n),
        }
    )


def cells(persons: pd.DataFrame, n_quarters: int = QUARTERS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the stock at each quarter's end and the flow in it, as the marts have them."""
    stock, flow = [], []
    for quarter in range(n_quarters):
        time = {"year": 2005 + quarter // 4, "quarter": quarter % 4 + 1}
        there = persons[(persons["first"] <= quarter) & (quarter < persons["last"])]
        stock.append(there.assign(**time))
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
    shown_stock = tenure_stock(stock, SIZES, protection)
    shown_flow = tenure_flow(flow, SIZES, protection)
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

    def add(name: tuple, n_persons: int, into: list[int], less: list[int]) -> None:
        n = round(truth[into].sum() - truth[less].sum())
        shown = None if pd.isna(n_persons) else int(n_persons)
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
        if quarter and row.state_group in ("all", *GROUPS):
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
    stock, flow = cells(make_persons())
    for made in (
        tenure_stock(stock, SIZES, CellKey())["n_persons"],
        tenure_flow(flow, SIZES, CellKey())["n_persons"],
    ):
        assert not made.dropna().between(1, 4).any()
        assert (made >= 5).any()


def by_key(frame: pd.DataFrame, *counts: str) -> pd.DataFrame:
    """Return ``frame`` with the counts themselves as the keys that decide what is shown."""
    return frame.assign(**{f"{name.removeprefix('n_')}_key": frame[name] for name in counts})


def test_courses_depend_on_counts_only_through_what_is_shown() -> None:
    """More persons than before who are shown as none: not a row, share or expectation differs."""
    rng = np.random.default_rng(4)
    stock, flow = cells(make_persons())
    exits = stock[stock["quarter"] == 1].drop(columns=["quarter", "benefit_state", "age_group"])
    exits = exits.groupby(["year", "municipality_code", "tenure_year"], as_index=False).sum()
    exits = exits.assign(n_exits=exits["n_persons"] // 2)

    def frames(extra: int) -> list[pd.DataFrame]:
        made = []
        for rows, counts, of in (
            (stock, ["n_persons"], tenure_stock),
            (flow, ["n_persons"], tenure_flow),
            (exits, ["n_persons", "n_exits"], lambda *one: tenure_exit(*one, 0.95)),
        ):
            keyed = by_key(rows, *counts)
            # Where nobody was, and where somebody was.
            keys = [f"{name.removeprefix('n_')}_key" for name in counts]
            new = keyed.head(extra).assign(municipality_code="563", **dict.fromkeys(keys, 0))
            whole = pd.concat([keyed, new.assign(**dict.fromkeys(counts, 1))])
            made.append(of(whole, SIZES, ByKey()))
        return made

    for one, other in zip(frames(0), frames(40), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)

    states, _ = planted_courses(FEWEST // 2, 9)
    n = len(states)
    grants = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": rng.choice(["101", "825"], n),
            "record_key": 1,
            "tenure_band": rng.choice(["none", "over_5"], n),
            "sex": rng.choice(["female", "male"], n),
        }
    )
    expected = grants.groupby(["outcome", "municipality_code", "tenure_band"]).size()
    expected = expected.rename("expected").reset_index().rename(columns={"tenure_band": "level"})

    def paths(extra: int) -> dict[str, pd.DataFrame]:
        more = grants.head(extra).assign(record_key=0, municipality_code="825", sex="male")
        return pathway_frames(
            Courses(
                pd.concat([grants, more], ignore_index=True),
                np.concatenate([states, states[:extra]]),
                COURSE_STATES,
            ),
            expected,
            {"101": "084", "825": "081"},
            "tenure_band",
            {"sex": ("female", "male")},
            ByKey(),
            level=0.95,
            seed=1,
        )

    first, second = paths(0), paths(60)
    for table, frame in first.items():
        pd.testing.assert_frame_equal(frame, second[table], check_exact=True, obj=table)


#: Persons on benefit that a municipality has at any time, and the share that leaves in a quarter.
LEVELS, EXIT_SHARE, LONG = np.geomspace(0.5, 40, 12), 0.25, 12


def make_history(seed: int = 2) -> pd.DataFrame:
    """Return persons of one municipality for each of :data:`LEVELS`, and of a large one."""
    rng = np.random.default_rng(seed)
    rows = []
    for code, level in (("101", 600.0), *((f"{700 + n}", x) for n, x in enumerate(LEVELS))):
        n = rng.poisson(level * (1 + EXIT_SHARE * (LONG - 1)))
        # Who is there at first, and who comes in each of the other quarters.
        first = rng.choice(
            np.arange(LONG),
            n,
            p=np.r_[1, [EXIT_SHARE] * (LONG - 1)] / (1 + EXIT_SHARE * (LONG - 1)),
        )
        stays = rng.geometric(EXIT_SHARE, n)
        part = pd.DataFrame({"municipality_code": code, "first": first, "last": first + stays})
        rows.append(part)
    persons = pd.concat(rows, ignore_index=True)
    n = len(persons)
    return persons.assign(
        record_key=rng.integers(0, MODULUS, n),
        benefit_state=rng.choice(STATES, n, p=[0.8, 0.2]),
        age_group=rng.choice(["under_30", "30_and_over"], n),
        tenure_year=rng.choice([0, 1, 2, 4, 7], n, p=[0.4, 0.3, 0.1, 0.1, 0.1]),
        came_from=rng.choice(GROUPS, n),
        went_to=rng.choice(GROUPS, n),
    )


def series_guesses(method: CellKey) -> pd.DataFrame:
    """Return the best guess of every count of stock and flow, its chance, and whether it is right.

    From the whole series of stock and flow together; and from a quarter's parts together.
    """
    persons = make_history()
    stock, flow = cells(persons, LONG)
    residents = {"101": 600.0, **{f"{700 + n}": level for n, level in enumerate(LEVELS)}}
    tables = {
        "stock": (tenure_stock(stock, residents, method), stock),
        "flow": (tenure_flow(flow, residents, method), flow),
    }
    shown, truth = {}, {}
    for table, (made, rows) in tables.items():
        names = ["dimension", "level"] if table == "stock" else ["direction", "state_group"]
        exact = by_key(rows, "n_persons")
        exact = (tenure_stock if table == "stock" else tenure_flow)(exact, residents, Unprotected())
        for kept, of in ((shown, made), (truth, exact)):
            quarter = (4 * (of["year"] - 2005) + of["quarter"] - 1).tolist()
            keys = zip(of["area_code"], *(of[name] for name in names), quarter, strict=True)
            values = (None if pd.isna(value) else int(value) for value in of["n_persons"])
            kept.update(zip(keys, values, strict=True))
    guesses = []

    def tell(name: tuple, chances: np.ndarray) -> None:
        guess = 1 + int(np.argmax(chances[1:5]))
        guesses.append((*name, shown[name] is None, chances[guess], truth[name] == guess))

    for number, level in enumerate(LEVELS):
        code, size = f"{700 + number}", int(2 * level) + 30
        of = {
            "stock": [(code, "all", "all", at) for at in range(LONG)],
            "come": [(code, "in", "all", at) for at in range(LONG)],
            "go": [(code, "out", "all", at) for at in range(LONG)],
        }
        guesser = SeriesGuesser(method, level * EXIT_SHARE, EXIT_SHARE, size)
        told = [[shown.get(name) for name in names] for names in of.values()]
        for kind, chances in guesser.chances(*told).items():
            for name, chance in list(zip(of[kind], chances, strict=True))[kind != "stock" :]:
                tell(name, chance)
        # A quarter's parts: bands and states of the stock; states of in- and outflow.
        parts_of = Guesser(method, size)
        for at in range(1, LONG):
            for root, splits in (
                (("all", "all", level), ("tenure_band", "benefit_state", "benefit_age")),
                (("in", "all", level * EXIT_SHARE), ("in",)),
                (("out", "all", level * EXIT_SHARE), ("out",)),
            ):
                top = Node((code, *root[:2], at), shown[code, *root[:2], at], root[2])
                for split in splits:
                    names = [
                        name
                        for name in shown
                        if name[0] == code and name[1] == split and name[3] == at
                        if name != top.name
                    ]
                    country = [truth["101", *name[1:]] for name in names]
                    share = np.maximum(country, 0.05) / np.maximum(country, 0.05).sum()
                    top.splits.append(
                        [
                            Node(name, shown[name], root[2] * part)
                            for name, part in zip(names, share, strict=True)
                        ]
                    )
                for name, chance in parts_of.chances(top).items():
                    if name != top.name:
                        tell(name, chance)
    columns = ["code", "of", "level", "quarter", "is_hidden", "chance", "is_right"]
    return pd.DataFrame(guesses, columns=columns)


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    return series_guesses(CellKey())


def test_no_small_count_of_a_series_is_guessed_more_often_than_the_bound(told) -> None:
    assert len(told) > 3_000
    assert (~told["is_hidden"]).sum() > 500
    assert told["chance"].max() <= USUAL_BOUND, told.nlargest(5, "chance")


def test_the_guesser_of_series_knows_what_it_claims_to(told) -> None:
    for low, high in ((0.1, 0.2), (0.2, 0.3), (0.3, 0.6)):
        part = told[told["chance"].between(low, high)]
        assert len(part) > 100
        assert part["is_right"].mean() == pytest.approx(
            part["chance"].mean(), abs=0.03 + 3 * np.sqrt(0.25 / len(part))
        )


def test_series_without_a_least_expected_are_guessed() -> None:
    """As they were shown before: somebody in one quarter beside nobody in all others."""
    told = series_guesses(CellKey(smallest_expected_part=0.0))
    assert told["chance"].max() > BOUND
    assert (told["chance"] > USUAL_BOUND).sum() > 20
