"""Fabricated result tables about people's courses, beside ``fabricated_later``."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
from planted_courses import STATES, planted_courses

from pipeline.codes import region_codes, state_groups
from pipeline.disclosure import CellKey
from pipeline.model.courses.pathways import Courses, pathway_frames
from pipeline.model.courses.tenure import tenure_exit, tenure_flow, tenure_stock
from pipeline.model.courses.to_date import grant_quarter, pension_stock
from pipeline.model.followups.grant_cost import grant_state

QUARTERS = tuple((2005 + number // 4, 1 + number % 4) for number in range(3, 12))


def fabricate_courses(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return frames, without run_id, made by the model of invented cells of two municipalities."""
    stock = pd.DataFrame(
        [
            (*quarter, code, benefit, group, year, int(rng.integers(8, 60)))
            for quarter, code, benefit, group, year in product(
                QUARTERS,
                ("101", "751"),
                ("cash_benefit", "education_benefit"),
                ("under_30", "30_and_over"),
                range(11),
            )
        ],
        columns=[
            *("year", "quarter", "municipality_code", "benefit_state", "age_group"),
            *("tenure_year", "n_persons"),
        ],
    )
    flow = pd.DataFrame(
        [
            (*quarter, code, way, state, int(rng.integers(5, 40)))
            for quarter, code, way, state in product(
                QUARTERS[1:], ("101", "751"), ("in", "out"), [*state_groups(), "moved"]
            )
            if state != "cash_benefit"
        ],
        columns=[
            *("year", "quarter", "municipality_code", "direction", "state_group"),
            "n_persons",
        ],
    )
    exits = pd.DataFrame(
        [
            (year, code, tenure, int(rng.integers(40, 90)), int(rng.integers(5, 40)))
            for year, code, tenure in product((2006, 2007), ("101", "751"), range(11))
        ],
        columns=["year", "municipality_code", "tenure_year", "n_persons", "n_exits"],
    )
    exits = exits.assign(
        persons_key=rng.integers(0, 62**4, len(exits)), exits_key=rng.integers(0, 62**4, len(exits))
    )
    protection, residents = CellKey(), {"101": 40_000.0, "751": 30_000.0}
    return {
        **_pathways(),
        "tenure_stock": tenure_stock(_keyed(stock, rng), residents, protection),
        "tenure_flow": tenure_flow(_keyed(flow, rng), residents, protection),
        "tenure_exit": tenure_exit(exits, residents, protection, 0.95),
        "grant_quarter": _grant_quarters(rng),
        "pension_stock": _pension_stock(rng),
        "grant_state": grant_state(_grant_states(rng), protection, 0.95),
    }


def _grant_quarters(rng: np.random.Generator) -> pd.DataFrame:
    """Return grants of three years, the last of them known until its third quarter."""
    rows = [
        (outcome, code, year, quarter, int(rng.integers(150, 420)))
        for outcome, code, year, quarter in product(
            ("ANY", "FP", "FJ"), ("101", "751"), (2005, 2006, 2007), (1, 2, 3, 4)
        )
        if (year, quarter) != (2007, 4)
    ]
    names = ["outcome", "municipality_code", "year", "quarter", "n_persons"]
    residents = {"101": 40_000.0, "751": 30_000.0}
    frame = _keyed(pd.DataFrame(rows, columns=names), rng)
    return grant_quarter(frame, residents, region_codes(), CellKey(), 0.95)


def _pension_stock(rng: np.random.Generator) -> pd.DataFrame:
    """Return who is on a pension and in a flexjob at the end of three years."""
    rows = [
        (year, code, state, int(rng.integers(900, 4200)))
        for year, code, state in product(
            (2005, 2006, 2007), ("101", "751"), ("disability_pension", "flexjob")
        )
    ]
    names = ["year", "municipality_code", "benefit_state", "n_persons"]
    frame = _keyed(pd.DataFrame(rows, columns=names), rng)
    return pension_stock(frame, {"101": 40_000.0, "751": 30_000.0}, CellKey())


def _grant_states(rng: np.random.Generator) -> pd.DataFrame:
    """Return 4,000 grants of each outcome: some on cash benefit before, ever fewer on it after."""
    rows = []
    for outcome, benefit in (("FP", "disability_pension"), ("FJ", "flexjob")):
        rows += [(outcome, 0, "cash_benefit", 2400), (outcome, 0, "none", 1600)]
        for year in range(1, 11):
            on = round(4000 * 0.94**year)
            rows += [(outcome, year, benefit, on), (outcome, year, "dead", 4000 - on)]
    names = ["outcome", "years_since_grant", "benefit_state", "n_persons"]
    return _keyed(pd.DataFrame(rows, columns=names), rng)


def _keyed(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(persons_key=rng.integers(0, 62**4, len(frame)))


@cache
def _pathways() -> dict[str, pd.DataFrame]:
    """Return the pathways of planted courses by their rules, told as if they were clusters."""
    random = np.random.default_rng(9)
    states, _ = planted_courses(380, 9)
    grants = pd.DataFrame(
        {
            "outcome": np.where(np.arange(380) < 190, "FP", "FJ"),
            "municipality_code": random.choice(["101", "751"], 380),
            "record_key": random.integers(0, 62**4, 380),
            "tenure_band": random.choice(["none", "over_5"], 380),
            "sex": random.choice(["female", "male"], 380),
            "mental_health": random.choice(["none", "psychotropic", "diagnosis"], 380),
            "origin": random.choice(["danish", "immigrant"], 380),
        }
    )
    key = ["outcome", "municipality_code", "tenure_band"]
    expected = grants.groupby(key).size().rename("expected").reset_index()
    frames = pathway_frames(
        Courses(grants, states, STATES),
        expected.rename(columns={"tenure_band": "level"}),
        region_codes(),
        "tenure_band",
        {
            "sex": ("female", "male"),
            "mental_health": ("none", "psychotropic", "diagnosis"),
            "origin": ("danish", "immigrant", "descendant"),
        },
        CellKey(),
        level=0.95,
        seed=1,
    )
    quality = [(3, 0.51, 0.83, False), (4, 0.42, 0.74, False), (5, 0.44, 0.77, True)]
    table = pd.DataFrame(quality, columns=["n_types", "silhouette", "stability", "is_used"])
    used = np.where(table["is_used"], [[0.69]], np.nan).ravel()
    return {
        **frames,
        "pathway": pd.concat([frames["pathway"].assign(method="clusters"), frames["pathway"]]),
        "pathway_quality": table.assign(agreement=used, agreement_rand=used - 0.18),
    }
