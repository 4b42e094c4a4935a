"""Figures about grants: how many, to whom, by which pathway, and how far municipalities differ."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from synthetic_data.events.benefits import state_number
from synthetic_data.events.pathways import COMMUTER, FLEXJOB, SHORT_CASH, WEEKS, pathways
from synthetic_data.measures.dream_weeks import last_week
from synthetic_data.measures.generated import Generated
from synthetic_data.measures.measured import Measure, Measured, count, share

_AKF_YEARS = (2006, 2007)
_RATE_RESIDENTS = 15_000
_RISK_AGES = (18, 64)
_YOUNG = 40
_FP = state_number("disability_pension")


def _grants(case: str | None, *years: int) -> Measure:
    def measure(country: Generated) -> Measured:
        return count(len(_of(country, case, years)))

    return measure


def _of(country: Generated, case: str | None, years: Iterable[int]) -> pd.DataFrame:
    grants = country.grants[country.grants["year"].isin(list(years))]
    return grants if case is None else grants[grants["case"] == case]


def _fp_a_year(country: Generated) -> Measured:
    years = range(max(1998, country.mark["first_year"] + 1), 2007)
    value, error = count(len(_of(country, "FP", years)))
    return value / len(years), error / len(years)


def _fp_under_40(country: Generated) -> Measured:
    return count(int((country.grants_with_age("FP", 2023)["age_years"] < 40).sum()))


def _against_the_years_before(country: Generated) -> Measured:
    """Return the FP grants of 2023 over those of the year with most from 2005 to 2022."""
    by_year = _of(country, "FP", range(2005, 2024))["year"].value_counts()
    most, last = by_year.drop(2023).max(), by_year[2023]
    return float(last / most), float(last / most * np.sqrt(1 / last + 1 / most))


def _mental_under_40(country: Generated) -> Measured:
    grants = country.grants_with_age("FP", 2022)
    grants = grants[(grants["age_years"] < 40) & (grants["diagnosis"] != "")]
    # F70-F79 are intellectual disability, a group of its own.
    mental = grants["diagnosis"].str.match(r"F[0-689]")
    return share(int(mental.sum()), len(grants))


def _naive_share(country: Generated) -> float:
    return country.kept("naive_share", lambda: _read_naive_share(country))


def _read_naive_share(country: Generated) -> float:
    """Return the share fewer if all had the ten lowest ratios of planted to national practice.

    From the true probabilities, which a small country has as exactly as a large one.
    """
    columns = ["municipality_code", "is_at_risk_fj"] + [
        f"{what}_{case}" for case in ("fp", "fj") for what in ("p_national", "p_actual")
    ]
    sums = pd.DataFrame()
    for year in _AKF_YEARS:
        path = country.folder / "truth" / f"person_year_{year}.parquet"
        frame = pq.read_table(path, columns=columns).to_pandas()
        frame = frame[frame["is_at_risk_fj"]]
        expected = 1 - (1 - frame["p_national_fp"]) * (1 - frame["p_national_fj"])
        observed = 1 - (1 - frame["p_actual_fp"]) * (1 - frame["p_actual_fj"])
        of_year = pd.DataFrame({"m": frame["municipality_code"], "o": observed, "e": expected})
        sums = sums.add(of_year.groupby("m", observed=True)[["o", "e"]].sum(), fill_value=0.0)
    lowest = (sums["o"] / sums["e"]).nsmallest(10).index
    low = sums.loc[lowest]
    ratio, level = low["o"].sum() / low["e"].sum(), sums["o"].sum() / sums["e"].sum()
    return float(1 - ratio / level)


def _naive_reduction(country: Generated) -> Measured:
    return _naive_share(country), 0.0


def _naive_grants(country: Generated) -> Measured:
    value, error = _grants(None, *_AKF_YEARS)(country)
    fewer = _naive_share(country)
    return value * fewer, error * fewer


def _rates_2017(country: Generated) -> tuple[pd.DataFrame, pd.DataFrame]:
    residents = country.residents(2016)
    age = 2016 - residents["birth_year"]
    adults = residents[(age >= _RISK_AGES[0]) & (age <= _RISK_AGES[1])]
    population = adults["municipality_code"].astype(str).value_counts()
    frame = pd.DataFrame({"persons": population}).assign(
        grants=_of(country, "FP", [2017])["municipality_code"].value_counts()
    )
    frame["grants"] = frame["grants"].fillna(0).astype(float)
    all_ages = residents["municipality_code"].astype(str).value_counts() / country.scale
    return frame, frame[all_ages.reindex(frame.index) >= _RATE_RESIDENTS]


def _rate_2017(country: Generated) -> Measured:
    frame, _ = _rates_2017(country)
    value, error = count(frame["grants"].sum())
    return 1e4 * value / frame["persons"].sum(), 1e4 * error / frame["persons"].sum()


def _extreme_rate(largest: bool) -> Measure:
    def measure(country: Generated) -> Measured:
        _, frame = _rates_2017(country)
        rate = 1e4 * frame["grants"] / frame["persons"]
        at = int(rate.to_numpy().argmax() if largest else rate.to_numpy().argmin())
        grants, persons = (frame[name].to_numpy(dtype=float)[at] for name in ("grants", "persons"))
        return float(rate.iloc[at]), float(1e4 * np.sqrt(max(grants, 1.0)) / persons)

    return measure


def _pathways(country: Generated) -> np.ndarray:
    """Return the pathway of each FP grant of the AKF years with five years behind it."""

    def find() -> np.ndarray:
        grants = _of(country, "FP", _AKF_YEARS)
        person, day = grants["person"].to_numpy(), grants["day"].to_numpy()
        return pathways(country.weeks_before(person, day, WEEKS))

    return country.kept("pathways", find)


def _three_pathways(country: Generated) -> Measured:
    pathways = _pathways(country)
    return share(int((~np.isin(pathways, [SHORT_CASH, FLEXJOB])).sum()), pathways.size)


def _two_pathways(country: Generated) -> Measured:
    three, error = _three_pathways(country)
    return 1 - three, error


def _commuters(country: Generated) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the first grants of the pathways' years, and which of them are of commuters."""
    return _of(country, "FP", _AKF_YEARS), _pathways(country) == COMMUTER


def _commuters_women(country: Generated) -> Measured:
    grants, is_commuter = _commuters(country)
    women = 0
    for year in _AKF_YEARS:
        residents = country.residents(year - 1)
        of_year = (grants["year"] == year).to_numpy() & is_commuter
        persons = grants.loc[of_year, "person"]
        women += int(residents.loc[residents["person"].isin(persons), "is_female"].sum())
    return share(women, int(is_commuter.sum()))


def _commuters_psychotropics(country: Generated) -> Measured:
    """Return the share with psychotropics the year before, commuters' over that of the others."""
    grants, is_commuter = _commuters(country)
    treated = np.zeros(len(grants), dtype=bool)
    for year in _AKF_YEARS:
        of_year = (grants["year"] == year).to_numpy()
        persons = country.treated(year - 1, ("N05", "N06"))
        treated[of_year] = np.isin(grants["person"].to_numpy()[of_year], persons)
    own, others = treated[is_commuter], treated[~is_commuter]
    ratio = own.mean() / others.mean() if own.size and others.any() else 0.0
    n = max(int(own.sum()), 1), max(int(others.sum()), 1)
    return float(ratio), float(ratio * np.sqrt(1 / n[0] + 1 / n[1]))


def _psychotropics(country: Generated) -> Measured:
    """Return the share with psychotropics the year before among the granted over that of all."""
    n_granted, with_drugs, n_all, all_with_drugs = 0, 0, 0, 0
    for year in _AKF_YEARS:
        residents = country.residents(year - 1)
        age = year - 1 - residents["birth_year"]
        is_adult = (age >= _RISK_AGES[0]) & (age <= _RISK_AGES[1])
        adults = residents.loc[is_adult, "person"].to_numpy()
        treated = country.treated(year - 1, ("N05", "N06"))
        granted = _of(country, "FP", [year])["person"].to_numpy()
        n_granted += granted.size
        with_drugs += int(np.isin(granted, treated).sum())
        n_all += adults.size
        all_with_drugs += int(np.isin(adults, treated).sum())
    ratio = (with_drugs / max(n_granted, 1)) / (all_with_drugs / max(n_all, 1))
    return ratio, float(ratio * np.sqrt(1 / max(with_drugs, 1) + 1 / max(all_with_drugs, 1)))


def _parents(country: Generated) -> Measured:
    """Return the share with a parent on FP among those granted below 40, over that of all.

    Of people aged 18-39 with a parent in the register, at the end of the year before.
    """
    n_granted, granted_with, n_all, all_with = 0, 0, 0, 0
    for year in _AKF_YEARS:
        residents = country.residents(year - 1)
        parents = country.parents(year - 1)
        age = year - 1 - residents["birth_year"].to_numpy()
        is_known = (parents >= 0).any(axis=1) & (age >= _RISK_AGES[0]) & (age < _YOUNG)
        states = country.states(last_week(year - 1), np.maximum(parents[is_known], 0).ravel())
        on_fp = (states == _FP).reshape(-1, 2) & (parents[is_known] >= 0)
        has_parent = on_fp.any(axis=1)
        person = residents["person"].to_numpy()[is_known]
        is_granted = np.isin(person, _of(country, "FP", [year])["person"].to_numpy())
        n_granted += int(is_granted.sum())
        granted_with += int(has_parent[is_granted].sum())
        n_all += person.size
        all_with += int(has_parent.sum())
    ratio = (granted_with / max(n_granted, 1)) / (max(all_with, 1) / max(n_all, 1))
    return ratio, float(ratio / np.sqrt(max(granted_with, 1)))


MEASURES: dict[str, Measure] = {
    "grants_akf_base": _grants(None, *_AKF_YEARS),
    "naive_reduction": _naive_reduction,
    "naive_grants": _naive_grants,
    "fp_a_year_1998_2006": _fp_a_year,
    "fp_2008": _grants("FP", 2008),
    "fp_2009": _grants("FP", 2009),
    "fp_2023": _grants("FP", 2023),
    "fp_2023_under_40": _fp_under_40,
    "fp_2023_highest": _against_the_years_before,
    "fp_rate_2017": _rate_2017,
    "fp_rate_2017_lowest": _extreme_rate(largest=False),
    "fp_rate_2017_highest": _extreme_rate(largest=True),
    "mental_share_under_40_2022": _mental_under_40,
    "three_pathways": _three_pathways,
    "two_pathways": _two_pathways,
    "commuters_women": _commuters_women,
    "commuters_psychotropics": _commuters_psychotropics,
    "psychotropics_before_fp": _psychotropics,
    "parents_on_fp": _parents,
}
