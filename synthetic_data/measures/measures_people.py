"""Figures about who lives in a generated country, on 1 January 2007."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.codes import code_list
from synthetic_data.measures.generated import Generated, successors
from synthetic_data.measures.measured import Measure, Measured, count, share
from synthetic_data.places.residence import old_share

_YEAR = 2006  # registers are of 31 December


def _persons(country: Generated) -> Measured:
    return count(len(country.residents(_YEAR)))


def _share_aged(first: int, last: int) -> Measure:
    def measure(country: Generated) -> Measured:
        age = _YEAR - country.residents(_YEAR)["birth_year"]
        return share(int(((age >= first) & (age <= last)).sum()), len(age))

    return measure


def _women_aged(first: int) -> Measure:
    def measure(country: Generated) -> Measured:
        residents = country.residents(_YEAR)
        is_female = residents.loc[_YEAR - residents["birth_year"] >= first, "is_female"]
        return share(int(is_female.sum()), len(is_female))

    return measure


def _expected() -> pd.Series:
    frame = code_list("municipality").set_index("municipality_code")
    return frame["population_2007"].astype(int)


def _municipality(country: Generated) -> pd.Series:
    return country.residents(_YEAR)["municipality_code"].map(successors())


def _elsewhere(country: Generated) -> Measured:
    code = _municipality(country)
    population = _expected()
    share = code.value_counts(normalize=True).reindex(population.index, fill_value=0.0)
    expected = population / population.sum()
    by_chance = np.sqrt(expected * (1 - expected) / len(code)).sum() * np.sqrt(2 / np.pi) / 2
    return float((share - expected).abs().sum() / 2), float(by_chance)


def _old_by_municipality(country: Generated) -> Measured:
    """Return the mean difference in the share aged 65 or more, each resident counting once."""
    population = _expected()
    is_old = _YEAR - country.residents(_YEAR)["birth_year"] >= 65
    by_place = (
        is_old.groupby(_municipality(country)).agg(["mean", "size"]).reindex(population.index)
    )
    expected = old_share(list(population.index))
    weight = population / population.sum()
    chance = np.sqrt(expected * (1 - expected) / by_place["size"]) * np.sqrt(2 / np.pi)
    difference = (by_place["mean"] - expected).abs()
    return float((difference * weight).sum()), float((chance * weight).sum())


MEASURES: dict[str, Measure] = {
    "persons_2007": _persons,
    "municipality_shares_2007": _elsewhere,
    "under_18_2007": _share_aged(0, 17),
    "over_64_2007": _share_aged(65, 120),
    "over_79_2007": _share_aged(80, 120),
    "women_2007": _women_aged(0),
    "women_over_64_2007": _women_aged(65),
    "over_64_by_municipality_2007": _old_by_municipality,
}
