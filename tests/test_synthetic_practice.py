"""Planted practice: its spread, and what framework conditions have to do with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.codes import code_list
from pipeline.errors import SettingsError
from pipeline.model.tables.recovery import true_effects
from synthetic_data.files import tables
from synthetic_data.ground.scenario import OUTCOMES, Scenario, known_scenarios, read_scenario
from synthetic_data.places.country import Country, build_country

YEARS = (2006, 2007)
SEEDS = range(5)


def steady(scenario: Scenario) -> Scenario:
    """Return ``scenario`` without what changes from year to year."""
    still = {name: replace(sizes, drift=0.0) for name, sizes in scenario.conditions.items()}
    return replace(
        scenario,
        conditions=still,
        practice=replace(
            scenario.practice, wobble=0.0, consultant_spread_fp=0.0, consultant_spread_fj=0.0
        ),
        backlog=replace(scenario.backlog, dip_merged=0.0, dip_unmerged=0.0, clearing_share=0.0),
    )


def built(name: str, seed: int) -> tuple[Scenario, Country]:
    scenario = steady(read_scenario(name))
    return scenario, build_country(scenario, seed, YEARS)


@pytest.mark.parametrize(
    "name", [name for name in known_scenarios() if not read_scenario(name).practice.is_free]
)
@pytest.mark.parametrize("seed", SEEDS)
def test_spread_and_correlations_are_the_scenario_s(name: str, seed: int) -> None:
    scenario, country = built(name, seed)
    sizes = scenario.practice
    fp, fj = country.practice[:, 0, 0], country.practice[:, 1, 0]
    assert fp.std() == pytest.approx(sizes.spread_fp, abs=1e-9)
    assert fj.std() == pytest.approx(sizes.spread_fj, abs=1e-9)
    np.testing.assert_allclose(country.share @ country.practice[:, :, 0], 0.0, atol=1e-12)
    if sizes.spread_fp > 0:
        with_deprivation = np.corrcoef(fp, country.deprivation)[0, 1]
        assert with_deprivation == pytest.approx(sizes.correlation_fp_deprivation, abs=1e-9)
        assert np.corrcoef(fp, fj)[0, 1] == pytest.approx(sizes.correlation_fp_fj, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_regression_on_the_conditions_gives_the_planted_effects(seed: int) -> None:
    """What a second stage should find: the effects per standard deviation, exactly."""
    scenario, country = built("default", seed)
    levels = np.stack([np.ones(98), *country.condition_levels.values()], axis=1)
    for o, outcome in enumerate(OUTCOMES):
        slopes = np.linalg.lstsq(levels, country.practice[:, o, 0], rcond=None)[0][1:]
        planted = [sizes.effect[outcome] for sizes in scenario.conditions.values()]
        np.testing.assert_allclose(slopes, planted, atol=1e-9)


def test_the_register_shows_the_conditions_on_their_scale() -> None:
    scenario = read_scenario("default")
    country = build_country(scenario, 2, tuple(range(1996, 2008)))
    frame = tables.framework_conditions(country, scenario).to_pandas()
    assert list(frame["AAR"].unique()) == list(range(1995, 2008))
    assert not frame.duplicated(["KOM", "AAR"]).any()
    listed = code_list("framework_condition").set_index("condition")
    for name, column in zip(listed.index, frame.columns[2:], strict=True):
        shown = frame[frame["AAR"] == 2006].set_index("KOM")[column].reindex(country.codes)
        shown = np.log(shown) if listed.loc[name, "transform"] == "log" else shown
        planted = country.conditions[name][:, 2006 - 1995]
        assert np.corrcoef(shown, planted)[0, 1] > 0.999, name
        assert scenario.conditions[name].is_log == (listed.loc[name, "transform"] == "log")
    assert set(scenario.conditions) == set(listed.index)


def test_conditions_are_shared_by_neighbours_and_go_with_deprivation() -> None:
    scenario, country = built("default", 1)
    level = country.condition_levels["area_unemployment_share"]
    with_deprivation = np.corrcoef(level, country.deprivation)[0, 1]
    sizes = scenario.conditions["area_unemployment_share"]
    between = np.corrcoef(country.deprivation, country.urbanity)[0, 1]
    planned = sizes.on_deprivation + sizes.on_urbanity * between
    assert with_deprivation == pytest.approx(planned, abs=1e-9)
    gap = np.abs(np.diff(level))
    assert np.median(gap) < 0.8 * np.median(np.abs(level[:, None] - level))


def test_too_much_explained_is_refused() -> None:
    default = read_scenario("default")
    tight = replace(default, practice=replace(default.practice, spread_fp=0.1))
    with pytest.raises(SettingsError, match="FP practice is to be spread"):
        build_country(tight, 1, YEARS)
    name = "population_density"
    wild = {**default.conditions, name: replace(default.conditions[name], on_urbanity=1.2)}
    with pytest.raises(SettingsError, match=name):
        build_country(replace(default, conditions=wild), 1, YEARS)


def test_the_true_own_effect_is_what_is_left_of_practice_without_conditions() -> None:
    """Planted with equal risks: total, conditions and own are known but for a common level."""
    rng = np.random.default_rng(5)
    codes = [f"{number}" for number in range(101, 107)]
    conditions, own = rng.normal(0, 0.3, (2, 2, 6))
    people, planted = [], []
    for m, code in enumerate(codes):
        risk = rng.uniform(0.001, 0.2, (2, 400))
        for year in YEARS:
            frame = pd.DataFrame({"municipality_code": code, "year": year}, index=range(200))
            for o, outcome in enumerate(("fp", "fj")):
                national = risk[o, :200] if year == YEARS[0] else risk[o, 200:]
                odds = national / (1 - national) * np.exp(conditions[o, m] + own[o, m])
                frame[f"is_at_risk_{outcome}"] = True
                frame[f"p_national_{outcome}"] = national
                frame[f"p_actual_{outcome}"] = odds / (1 + odds)
                planted.append((code, outcome.upper(), year, conditions[o, m]))
            people.append(frame)
    columns = ["municipality_code", "outcome", "year", "conditions_effect"]
    persons = pd.concat(people, ignore_index=True)
    truth = true_effects(persons, pd.DataFrame(planted, columns=columns)).set_index("outcome")
    for o, outcome in enumerate(("FP", "FJ")):
        result = truth.loc[outcome]
        for column, effect in (
            ("true_own_effect", own[o]),
            ("true_effect", own[o] + conditions[o]),
        ):
            shift = result[column].to_numpy() - effect
            np.testing.assert_allclose(shift, shift[0], atol=1e-8)
    total = truth.groupby(level=0)[["true_observed", "true_expected_conditions"]].sum()
    np.testing.assert_allclose(total["true_observed"], total["true_expected_conditions"])
    alone = true_effects(persons).set_index("outcome")
    np.testing.assert_array_equal(alone["true_own_effect"], alone["true_effect"])
