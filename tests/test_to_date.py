"""Grants of the year so far and who is on benefit: sums, changes, limits, what is not shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.codes import region_codes
from pipeline.disclosure import CellKey
from pipeline.model.courses.to_date import grant_quarter, pension_stock, with_change
from pipeline.model.national.protection import Unprotected

RESIDENTS = {"101": 60_000.0, "147": 20_000.0, "751": 40_000.0}
LEVEL = 0.95


def _grants(rng: np.random.Generator, mean: float, last: tuple[int, int]) -> pd.DataFrame:
    """Return Poisson counts of three municipalities and two years until the quarter ``last``."""
    rows = [
        (outcome, code, year, quarter, int(rng.poisson(mean)))
        for outcome in ("FP", "FJ")
        for code in RESIDENTS
        for year in (2006, 2007)
        for quarter in (1, 2, 3, 4)
        if (year, quarter) <= last
    ]
    names = ["outcome", "municipality_code", "year", "quarter", "n_persons"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(persons_key=rng.integers(0, 62**4, len(frame)))


def test_the_year_to_date_is_the_sum_of_its_quarters_and_areas_add_up() -> None:
    grants = _grants(np.random.default_rng(1), 40.0, (2007, 3))
    made = grant_quarter(grants, RESIDENTS, region_codes(), Unprotected(), LEVEL)
    by = ["outcome", "area_code", "year"]
    assert (made.groupby(by)["n_persons"].cumsum() == made["n_to_date"]).all()
    assert set(made["area_code"]) == {"000", *region_codes().values()}
    is_country = made["area_code"] == "000"
    key = ["outcome", "year", "quarter"]
    country = made[is_country].set_index(key)["n_persons"]
    assert country.sum() == grants["n_persons"].sum()
    assert made[~is_country].groupby(key)["n_persons"].sum().equals(country.sort_index())
    # Quarters are those from the first to the last with a grant, of every outcome and area.
    assert made.groupby(["outcome", "area_code"]).size().eq(7).all()


def test_the_change_is_from_the_same_quarters_of_the_year_before() -> None:
    grants = _grants(np.random.default_rng(2), 100.0, (2007, 3))
    made = grant_quarter(grants, RESIDENTS, region_codes(), Unprotected(), LEVEL)
    row = made.set_index(["outcome", "area_code", "year", "quarter"]).loc[("FP", "000", 2007, 3)]
    of = grants[(grants["outcome"] == "FP") & (grants["quarter"] <= 3)]
    now, before = (of.loc[of["year"] == year, "n_persons"].sum() for year in (2007, 2006))
    assert row["to_date_change"] == pytest.approx(now / before - 1)
    assert row["to_date_change_low"] < row["to_date_change"] < row["to_date_change_high"]
    assert made.loc[made["year"] == 2006, "to_date_change"].isna().all()


@pytest.mark.parametrize(("mean", "most"), [(8.0, 1.0), (200.0, 0.965)])
def test_limits_hold_no_change_as_often_as_they_say(mean: float, most: float) -> None:
    """4,000 areas in which nothing changed, their counts as shown; of few grants they are wide."""
    rng = np.random.default_rng(3)
    n = 4000
    counts = rng.poisson(mean, 2 * n)
    shown = CellKey().shown(counts, rng.integers(0, 62**4, 2 * n))
    frame = pd.DataFrame(
        {
            "outcome": "FP",
            "area_code": np.tile(np.arange(n).astype(str), 2),
            "year": np.repeat([2006, 2007], n),
            "quarter": 3,
            "n_to_date": pd.array(shown, dtype="Int64"),
            "to_date_noise_sd": np.sqrt(CellKey().noise_variance(shown.astype(float))),
        }
    )
    made = with_change(frame, LEVEL).dropna(subset=["to_date_change"])
    held = made["to_date_change_low"].le(0) & made["to_date_change_high"].ge(0)
    assert len(held) > 0.9 * n
    assert 0.94 <= held.mean() <= most, held.mean()


def test_regions_with_few_grants_are_not_shown() -> None:
    grants = _grants(np.random.default_rng(4), 0.05, (2007, 4))
    made = grant_quarter(grants, RESIDENTS, region_codes(), CellKey(), LEVEL)
    hidden = made[made["is_suppressed"]]
    assert len(hidden) > 0.9 * len(made)
    assert hidden[["n_persons", "n_to_date", "to_date_change"]].isna().all(axis=None)


def test_who_is_on_benefit_adds_up_and_every_year_has_every_benefit() -> None:
    rng = np.random.default_rng(5)
    stock = pd.DataFrame(
        [
            (year, code, "disability_pension", int(rng.integers(500, 900)))
            for year in (2005, 2006)
            for code in RESIDENTS
        ],
        columns=["year", "municipality_code", "benefit_state", "n_persons"],
    ).assign(persons_key=7)
    made = pension_stock(stock, RESIDENTS, Unprotected())
    whole = made.set_index(["area_code", "year", "state_group"])["n_persons"]
    assert len(whole) == 4 * 2 * 2
    by_year = stock.groupby("year")["n_persons"].sum()
    assert whole.loc["000", 2006, "disability_pension"] == by_year[2006]
    assert whole.xs("flexjob", level="state_group").eq(0).all()
    noisy = pension_stock(stock, RESIDENTS, CellKey()).set_index(
        ["area_code", "year", "state_group"]
    )
    known = noisy["n_persons"].dropna()
    assert (known - whole[known.index]).abs().max() <= 8
    # A municipality where nobody is on a benefit is not shown to be so where few are expected.
    assert noisy.xs("flexjob", level="state_group")["is_suppressed"].any()
