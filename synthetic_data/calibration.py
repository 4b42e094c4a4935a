"""A generated country beside the sources' figures: what it shows, and whether it is near enough."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from pipeline.codes import code_list
from synthetic_data.benefits import state_number
from synthetic_data.generated import Generated, successors, week_names, week_of
from synthetic_data.pathways import FLEXJOB, SHORT_CASH, WEEKS, pathways
from synthetic_data.weeks import weeks_in_iso_year

FIGURES = Path(__file__).with_name("calibration_figures.toml")
COLUMNS = (
    *("figure", "label", "unit", "target", "tolerance", "generated", "allowed_low"),
    *("allowed_high", "verdict", "source", "note"),
)
#: The value of a figure, at the scale generated, and its standard error.
Measured = tuple[float, float]
_RATE_RESIDENTS = 15_000
_CASH, _EDUCATION = state_number("cash_benefit"), state_number("education_benefit")
_RESOURCE, _FP = state_number("resource_programme"), state_number("disability_pension")
_FLEXJOBS = [state_number(s) for s in ("flexjob", "flexjob_unemployment", "flexjob_sickness")]


def calibrate(folder: Path) -> pd.DataFrame:
    """Return one row per figure that the years in ``folder`` can show, in the file's order.

    Columns are ``COLUMNS``: target and generated at scale 1.0, the tolerance as stated, the limits
    it gives with two standard errors of the generated figure added, ``verdict`` inside or outside,
    and a note, empty or one sentence. Raises :class:`~pipeline.errors.StorageError` when the
    folder is not a generated country.
    """
    country = Generated(folder)
    rows = []
    for figure in tomllib.loads(FIGURES.read_text(encoding="utf-8"))["figure"]:
        if country.has_years(figure["from"], figure["until"]):
            value, error = MEASURES[figure["name"]](country)
            factor = 1 / country.scale if figure.get("scales") else 1.0
            rows.append(_row(figure, value * factor, error * factor))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(figure: dict, value: float, error: float) -> dict:
    target, tolerance = float(figure["target"]), float(figure["tolerance"])
    slack = (tolerance if figure.get("absolute") else tolerance * target) + 2 * error
    low = -np.inf if figure.get("at_most") else target - slack
    high = np.inf if figure.get("at_least") else target + slack
    return {
        "figure": figure["name"],
        "label": figure["label"],
        "unit": figure["unit"],
        "target": target,
        "tolerance": tolerance,
        "generated": value,
        "allowed_low": low,
        "allowed_high": high,
        "verdict": "inside" if low <= value <= high else "outside",
        "source": figure["source"],
        "note": figure.get("because", ""),
    }


def _count(n: float) -> Measured:
    return float(n), float(np.sqrt(n))


def _share(part: float, whole: float) -> Measured:
    share = part / max(whole, 1)
    return share, float(np.sqrt(max(share * (1 - share), 0.0) / max(whole, 1)))


def _persons(country: Generated) -> Measured:
    return _count(len(country.residents(2006)))


def _municipality_shares(country: Generated) -> Measured:
    code = country.residents(2006)["municipality_code"].astype(str).map(successors())
    frame = code_list("municipality").set_index("municipality_code")["population_2007"].astype(int)
    found = code.value_counts(normalize=True).reindex(frame.index, fill_value=0.0)
    expected = frame / frame.sum()
    by_chance = np.sqrt(expected * (1 - expected) / len(code)).sum() * np.sqrt(2 / np.pi) / 2
    return float((found - expected).abs().sum() / 2), float(by_chance)


def _grants(case: str | None, *years: int) -> Callable[[Generated], Measured]:
    def measure(country: Generated) -> Measured:
        grants = country.grants[country.grants["year"].isin(years)]
        n = len(grants) if case is None else int((grants["case"] == case).sum())
        return _count(n)

    return measure


def _fp_a_year(country: Generated) -> Measured:
    years = range(max(1998, country.mark["first_year"] + 1), 2007)
    value, error = _grants("FP", *years)(country)
    return value / len(years), error / len(years)


def _fp_under_40(country: Generated) -> Measured:
    return _count(int((country.grants_with_age("FP", 2023)["age_years"] < 40).sum()))


def _mental_under_40(country: Generated) -> Measured:
    grants = country.grants_with_age("FP", 2022)
    grants = grants[(grants["age_years"] < 40) & (grants["diagnosis"] != "")]
    # F70-F79 are intellectual disability, a group of its own.
    mental = grants["diagnosis"].str.match(r"F[0-689]")
    return _share(int(mental.sum()), len(grants))


def _naive_reduction(country: Generated) -> Measured:
    """Return the share fewer if all had the ten lowest ratios of planted to national practice.

    From the true probabilities, which a small country has as exactly as a large one.
    """
    columns = ["municipality_code", "is_at_risk_fj"] + [
        f"{what}_{case}" for case in ("fp", "fj") for what in ("p_national", "p_actual")
    ]
    parts = [
        pq.read_table(
            country.folder / "truth" / f"person_year_{year}.parquet", columns=columns
        ).to_pandas()
        for year in (2006, 2007)
    ]
    frame = pd.concat(parts)
    frame = frame[frame["is_at_risk_fj"]]
    expected = 1 - (1 - frame["p_national_fp"]) * (1 - frame["p_national_fj"])
    observed = 1 - (1 - frame["p_actual_fp"]) * (1 - frame["p_actual_fj"])
    sums = (
        pd.DataFrame({"municipality": frame["municipality_code"], "o": observed, "e": expected})
        .groupby("municipality", observed=True)[["o", "e"]]
        .sum()
    )
    lowest = (sums["o"] / sums["e"]).nsmallest(10).index
    low = sums.loc[lowest]
    ratio, level = low["o"].sum() / low["e"].sum(), sums["o"].sum() / sums["e"].sum()
    return float(1 - ratio / level), 0.0


def _rates_2017(country: Generated) -> tuple[pd.DataFrame, pd.DataFrame]:
    residents = country.residents(2016)
    age = 2016 - residents["birth_year"]
    adults = residents[(age >= 18) & (age <= 64)]
    population = adults["municipality_code"].astype(str).value_counts()
    grants = country.grants[(country.grants["case"] == "FP") & (country.grants["year"] == 2017)]
    frame = pd.DataFrame({"persons": population}).assign(
        grants=grants["municipality_code"].value_counts()
    )
    frame["grants"] = frame["grants"].fillna(0).astype(float)
    all_ages = residents["municipality_code"].astype(str).value_counts() / country.scale
    return frame, frame[all_ages.reindex(frame.index) >= _RATE_RESIDENTS]


def _rate_2017(country: Generated) -> Measured:
    frame, _ = _rates_2017(country)
    value, error = _count(frame["grants"].sum())
    return 1e4 * value / frame["persons"].sum(), 1e4 * error / frame["persons"].sum()


def _extreme_rate(largest: bool) -> Callable[[Generated], Measured]:
    def measure(country: Generated) -> Measured:
        _, frame = _rates_2017(country)
        rate = 1e4 * frame["grants"] / frame["persons"]
        at = int(rate.to_numpy().argmax() if largest else rate.to_numpy().argmin())
        grants, persons = (frame[name].to_numpy(dtype=float)[at] for name in ("grants", "persons"))
        return float(rate.iloc[at]), float(1e4 * np.sqrt(max(grants, 1.0)) / persons)

    return measure


def _stock(states: list[int], first_age: int, last_age: int) -> Callable[[Generated], Measured]:
    def measure(country: Generated) -> Measured:
        years = range(2008, 2013)
        on, persons = 0, 0
        for year in years:
            born = country.birth_years(year)
            age = np.where(born > 0, year - born, -1)
            is_of_age = (age >= first_age) & (age <= last_age)
            persons += int(is_of_age.sum())
            column = f"y_{year % 100:02d}{weeks_in_iso_year(year):02d}"
            for person, weeks in country.weeks([column]):
                here = person[np.isin(weeks[:, 0], states)]
                on += int(is_of_age[here[here < born.size]].sum())
        # The same persons are met in five years.
        return 1e3 * on / persons, 1e3 * np.sqrt(on / len(years)) / (persons / len(years))

    return measure


def _cash_benefit(year: int) -> Callable[[Generated], Measured]:
    def measure(country: Generated) -> Measured:
        names = week_names(year, year)
        weeks = sum(int((states == _CASH).sum()) for _, states in country.weeks(names))
        return _count(weeks / len(names))

    return measure


def _histories(country: Generated, years: tuple[int, ...]) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the FP grants of ``years`` and their states in the weeks before, (grants, WEEKS)."""
    first = min(years) - 5
    names = week_names(first, max(years))
    grants = country.grants
    grants = grants[(grants["case"] == "FP") & grants["year"].isin(years)].set_index("person")
    kept, found = [], []
    for person, states in country.weeks(names):
        rows = np.flatnonzero(np.isin(person, grants.index))
        week = week_of(grants.loc[person[rows], "day"].to_numpy(), first)
        window = week[:, None] + np.arange(-WEEKS, 0)[None, :]
        whole = window[:, 0] >= 0
        kept.append(person[rows][whole])
        found.append(states[rows[whole][:, None], window[whole]])
    return grants.loc[np.concatenate(kept)].reset_index(), np.concatenate(found)


def _three_pathways(country: Generated) -> Measured:
    _, states = _histories(country, (2006, 2007))
    found = pathways(states)
    return _share(int((~np.isin(found, [SHORT_CASH, FLEXJOB])).sum()), found.size)


def _last_benefit(state: int) -> Callable[[Generated], Measured]:
    def measure(country: Generated) -> Measured:
        grants, states = _histories(country, (2021, 2022, 2023))
        born = country.birth_years(2020)
        age = grants["year"].to_numpy() - 1 - born[np.minimum(grants["person"], born.size - 1)]
        young = (age >= 17) & (age <= 39)
        return _share(int((states[young, -1] == state).sum()), int(young.sum()))

    return measure


MEASURES: dict[str, Callable[[Generated], Measured]] = {
    "persons_2007": _persons,
    "municipality_shares_2007": _municipality_shares,
    "grants_akf_base": _grants(None, 2006, 2007),
    "naive_reduction": _naive_reduction,
    "fp_a_year_1998_2006": _fp_a_year,
    "fp_2008": _grants("FP", 2008),
    "fp_2009": _grants("FP", 2009),
    "fp_2023": _grants("FP", 2023),
    "fp_2023_under_40": _fp_under_40,
    "fp_rate_2017": _rate_2017,
    "fp_rate_2017_lowest": _extreme_rate(largest=False),
    "fp_rate_2017_highest": _extreme_rate(largest=True),
    "fp_stock_25_39": _stock([_FP], 25, 39),
    "fp_stock_40_49": _stock([_FP], 40, 49),
    "fp_stock_50_59": _stock([_FP], 50, 59),
    "fj_stock_25_39": _stock(_FLEXJOBS, 25, 39),
    "fj_stock_40_49": _stock(_FLEXJOBS, 40, 49),
    "fj_stock_50_59": _stock(_FLEXJOBS, 50, 59),
    "mental_share_under_40_2022": _mental_under_40,
    "cash_benefit_2015": _cash_benefit(2015),
    "cash_benefit_2021": _cash_benefit(2021),
    "three_pathways": _three_pathways,
    "last_benefit_education_2023": _last_benefit(_EDUCATION),
    "last_benefit_resource_2023": _last_benefit(_RESOURCE),
}
