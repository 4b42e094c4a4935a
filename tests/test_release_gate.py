"""The release gate: what is staged and what goes out beside earlier releases."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.disclosure import ledger
from pipeline.disclosure.cell_key import MODULUS

RULE = {"smallest": 5, "batch": 300}


def grants(seed: int = 1, n: int = 4_000) -> pd.DataFrame:
    """Return one row per grant of an invented country."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "municipality_code": rng.choice([f"{code}" for code in range(101, 199)], n),
            "year": rng.choice([2006, 2007], n),
            "diagnosis_group": rng.choice(list("abcdefghij"), n),
            "age_years": rng.integers(18, 65, n),
            "n_events": 1,
            "events_key": rng.integers(0, MODULUS, n),
        }
    )


def entry(rows: pd.DataFrame) -> pd.DataFrame:
    return ledger.entry({"FP grants": (rows, "n_events", "events_key")})


def refusals(before: list[pd.DataFrame], after: pd.DataFrame) -> list[str]:
    releases = {f"release {n}": entry(rows) for n, rows in enumerate(before)}
    return ledger.refusals(releases, entry(after), **RULE)


def test_five_nights_that_differ_by_one_late_decision_are_each_staged() -> None:
    night = grants()
    published = [night]
    late = grants(seed=2, n=5)
    for n in range(5):
        night = pd.concat([night, late.iloc[[n]]])
        assert refusals(published, night), n


def test_the_same_night_again_changes_nothing() -> None:
    assert not refusals([grants()], grants().sample(frac=1, random_state=1))


def test_one_person_for_another_is_seen_by_the_key() -> None:
    swapped = grants()
    swapped.loc[17, "events_key"] += 1
    assert refusals([grants()], swapped)


def test_another_age_limit_is_staged() -> None:
    assert refusals([grants()], grants().query("age_years < 64"))


def test_a_window_of_other_years_has_nothing_in_common() -> None:
    assert not refusals([grants()], grants().assign(year=lambda rows: rows["year"] + 4))


def test_a_window_that_shares_a_year_is_held_against_that_year() -> None:
    one_year = grants().query("year == 2007")
    assert not refusals([grants()], one_year)
    assert refusals([grants()], one_year.iloc[1:])


def test_a_quarter_of_decisions_goes_out() -> None:
    assert not refusals([grants()], pd.concat([grants(), grants(seed=3, n=500)]))


def test_a_rollback_does_not_make_the_gate_forget() -> None:
    quarter = pd.concat([grants(), grants(seed=3, n=500)])
    assert refusals([grants(), quarter], quarter.iloc[:-1])


def test_other_record_keys_are_staged() -> None:
    assert "record keys" in refusals([grants()], grants().assign(events_key=5))[0]
