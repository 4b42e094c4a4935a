"""Where the registers do not show all there is: what is planted, and that it arrives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from synthetic_data import generate
from synthetic_data.ground.scenario import known_scenarios, read_scenario
from synthetic_data.places.country import Country, build_country

YEARS = (2006, 2007)
COUNTRY = {"scale": 0.004, "seed": 2, "first_year": 2000, "last_year": 2006, "workers": 1}


def person_years(folder: Path, scenario: str) -> pd.DataFrame:
    generate(folder / scenario, **COUNTRY, scenario=scenario)
    return pd.read_parquet(folder / scenario / "truth" / "person_year_2006.parquet")


def country_of(scenario: str) -> Country:
    return build_country(read_scenario(scenario), COUNTRY["seed"], tuple(range(2000, 2007)))


def by_third(frame: pd.DataFrame, values: np.ndarray, country: Country, name: str) -> np.ndarray:
    """Return the means of ``values`` in the municipalities lowest and highest in ``name``."""
    place = frame["municipality_code"].map({code: i for i, code in enumerate(country.codes)})
    size = getattr(country, name)
    size = (size if size.ndim == 1 else size.mean(axis=1))[place.to_numpy()]
    low, high = np.quantile(size, [1 / 3, 2 / 3])
    return np.array([values[size <= low].mean(), values[size >= high].mean()])


@pytest.mark.parametrize("name", known_scenarios())
def test_what_is_unseen_is_the_scenario_s(name: str) -> None:
    scenario = read_scenario(name)
    country, sizes = build_country(scenario, 3, YEARS), scenario.unseen
    assert country.hidden_health.std() == pytest.approx(sizes.health_spread, abs=1e-12)
    assert country.hidden_health.mean() == pytest.approx(0.0, abs=1e-12)
    if sizes.health_spread:
        with_practice = np.corrcoef(country.hidden_health, country.practice[:, 0].mean(axis=1))
        assert with_practice[0, 1] == pytest.approx(sizes.health_on_practice, abs=1e-9)
    if sizes.recorded_share < 1:
        assert 0.2 < country.recorded_share.min() < country.recorded_share.max() < 1
    else:
        assert (country.recorded_share == 1).all()
    strict = -country.practice[:, 0]
    np.testing.assert_allclose(
        np.log(country.cash_factor), sizes.cash_weeks_on_strictness * strict, atol=1e-12
    )


def test_hidden_health_is_no_practice(tmp_path: Path) -> None:
    """It raises the risk under national practice as much as under the municipality's own."""
    plain, hidden = (person_years(tmp_path, name) for name in ("default", "hidden_health"))
    country = country_of("hidden_health")
    first = logit(plain["p_national_fp"]).groupby(plain["municipality_code"]).mean()
    second = logit(hidden["p_national_fp"]).groupby(hidden["municipality_code"]).mean()
    moved = (second - first)[list(country.codes)].to_numpy()
    # The grants of earlier years make small differences in who is left.
    assert np.corrcoef(moved, country.hidden_health)[0, 1] > 0.8
    assert np.polyfit(country.hidden_health, moved, 1)[0] == pytest.approx(1.0, abs=0.15)


def test_what_is_not_recorded_is_missing_where_little_is_recorded(tmp_path: Path) -> None:
    plain, frame = (person_years(tmp_path, name) for name in ("default", "recording"))
    country = country_of("recording")
    has_diagnosis = (frame["mental_health"] == "diagnosis").to_numpy(float)
    little, much = by_third(frame, has_diagnosis, country, "recorded_share")
    assert little < 0.9 * much
    # Who is ill and has nothing recorded is as likely to be granted as before.
    both = plain.merge(frame, on="person_id", suffixes=("", "_recorded"))
    lost = both["mental_health"].eq("diagnosis") & both["mental_health_recorded"].ne("diagnosis")
    assert lost.sum() > 30
    moved = logit(both["p_national_fp_recorded"]) - logit(both["p_national_fp"])
    assert moved[lost].median() == pytest.approx(0.0)
    contacts, diagnoses = (
        pd.read_parquet(tmp_path / "recording" / f"psyk_{part}_2005.parquet")
        for part in ("adm", "diag")
    )
    assert 0.05 < 1 - contacts["RECNUM"].isin(diagnoses["RECNUM"]).mean() < 0.6


def test_the_strict_keep_people_on_cash_benefit(tmp_path: Path) -> None:
    frame = person_years(tmp_path, "spillover")
    long = frame["tenure_band"].isin(["2_to_5", "over_5"]).to_numpy(float)
    lenient, strict = by_third(frame, long, country_of("spillover"), "cash_factor")
    assert strict > 1.15 * lenient


def test_an_interaction_raises_whom_it_names_and_nobody_else(tmp_path: Path) -> None:
    plain, crossed = (person_years(tmp_path, name) for name in ("default", "interaction"))
    both = plain.merge(crossed, on="person_id", suffixes=("", "_crossed"))
    both = both[(both["mental_health"] == both["mental_health_crossed"])]
    moved = logit(both["p_national_fp_crossed"]) - logit(both["p_national_fp"])
    named = (both["mental_health"] == "diagnosis") & both["age_band"].isin(
        ["18-24", "25-29", "30-39"]
    )
    assert moved[named].median() == pytest.approx(0.6)
    assert moved[~named].median() == pytest.approx(0.0)


def test_free_practice_goes_with_conditions_by_chance() -> None:
    slopes = []
    for seed in range(1, 41):
        country = build_country(read_scenario("free_practice"), seed, YEARS)
        own = country.practice - country.conditions_effect - country.backlog_effect[:, None, :]
        level = next(iter(country.condition_levels.values()))
        slopes.append(np.corrcoef(own[:, 0].mean(axis=1), level)[0, 1])
    # Of 98 municipalities a correlation has a standard error of 0.1.
    assert np.std(slopes) == pytest.approx(0.1, abs=0.04)
    assert np.mean(slopes) == pytest.approx(0.0, abs=0.05)


def test_grants_are_drawn_independently(tmp_path: Path) -> None:
    """Counts of municipalities lie as far from their risks' sums as independent draws do."""
    squares: dict[str, list[pd.Series]] = {"fp": [], "fj": []}
    for seed in (1, 2):
        generate(tmp_path / str(seed), **{**COUNTRY, "seed": seed, "scale": 0.01})
        for year in range(2002, 2007):
            frame = pd.read_parquet(tmp_path / str(seed) / "truth" / f"person_year_{year}.parquet")
            for outcome, parts in squares.items():
                rows = frame[frame[f"is_at_risk_{outcome}"]]
                risk, by = rows[f"p_actual_{outcome}"], rows["municipality_code"].astype(str)
                away = (rows[f"event_{outcome}"] - risk).groupby(by).sum()
                parts.append(away**2 / (risk * (1 - risk)).groupby(by).sum())
    for parts in squares.values():
        of_all = pd.concat(parts)
        error = of_all.std() / np.sqrt(len(of_all))
        assert of_all.mean() == pytest.approx(1.0, abs=3 * error)
        assert error < 0.1
