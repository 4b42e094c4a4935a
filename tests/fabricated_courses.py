"""Fabricated result tables about people's courses, beside ``fabricated_later``."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from pipeline.codes import state_groups
from pipeline.disclosure import CellKey
from pipeline.model.courses.tenure import tenure_exit, tenure_flow, tenure_stock

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
    protection = CellKey()
    return {
        "tenure_stock": tenure_stock(_keyed(stock, rng), protection),
        "tenure_flow": tenure_flow(_keyed(flow, rng), protection),
        "tenure_exit": tenure_exit(exits, protection, 0.95),
    }


def _keyed(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(persons_key=rng.integers(0, 62**4, len(frame)))
