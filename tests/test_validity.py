"""Whether a fit describes its country: nothing is said of sound ones, planted faults are found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fabricated_cells import LEVELS, SLOPES, make_cells, make_specification
from scipy.special import expit, logit

from pipeline.disclosure import CellKey
from pipeline.model.national.cells import code_cells
from pipeline.model.national.fitted import fit_within
from pipeline.model.tables.validity import departure, validity_frame

N_UNITS, PERSONS = 30, 6_000
NOISE = CellKey()


def validity(cells: pd.DataFrame, protection: CellKey | None = None) -> pd.DataFrame:
    """Return ``validity`` of ``cells`` by across and dimension."""
    more = {} if protection is None else {"protection": protection}
    specification = make_specification(**more)
    table = code_cells(cells, specification, sorted(set(cells["municipality_code"])))
    frame = validity_frame("FP", fit_within(table, specification), table, specification)
    return frame.set_index(["across", "dimension"])


def country(seed: int, **planted: float) -> pd.DataFrame:
    """Return cells with practice of sd .2, and what is ``planted`` beside it (sd or log odds)."""
    rng = np.random.default_rng([7, seed])
    cells = make_cells(rng.normal(0, 0.2, N_UNITS), seed=seed, persons=PERSONS)
    unit = cells["municipality_code"].astype(int).to_numpy() - 100
    score = sum(
        cells[name].map(dict(zip(levels, SLOPES[name], strict=True)))
        for name, levels in LEVELS.items()
    ).to_numpy(float)
    effect = rng.normal(0, 0.2, N_UNITS)
    log_odds = -3.0 + score + effect[unit]
    if sd := planted.get("wobble"):
        log_odds += rng.normal(0, sd, (N_UNITS, 2))[unit, cells["year"] - 2006]
    if sd := planted.get("tilt"):
        tilt = rng.normal(0, sd, N_UNITS)
        log_odds += tilt[unit] * (cells["mental_health"] == "some")
    if size := planted.get("interaction"):
        log_odds += size * ((cells["mental_health"] == "some") & (cells["age_band"] == "old"))
    cells["n_events"] = rng.binomial(cells["n_persons"], expit(log_odds))
    cells["persons_key"] = rng.integers(0, 62**4, len(cells))
    cells["events_key"] = rng.integers(0, 62**4, len(cells))
    return cells


def test_a_sound_country_is_told_so() -> None:
    """p-values of sound countries are even: 5 % are below .05, in every kind of crossing."""
    p = pd.concat([validity(country(seed))["p_value"] for seed in range(40)])
    kind = p.index.get_level_values("across")
    for across in ("municipality", "country"):
        below = (p[kind == across] < 0.05).mean()
        n = (kind == across).sum()
        assert below < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n), across
    pairs = ~kind.isin(["municipality", "country"])
    assert (p[pairs] < 0.05).mean() < 0.09
    assert 0.4 < p.mean() < 0.6


def test_noise_of_protection_is_no_fault() -> None:
    p = pd.concat([validity(country(seed), NOISE)["p_value"] for seed in range(20)])
    assert (p < 0.05).mean() < 0.08


@pytest.mark.parametrize(
    ("planted", "place", "sd"),
    [
        ({"wobble": 0.15}, ("municipality", "year"), 0.15),
        ({"tilt": 0.3}, ("municipality", "mental_health"), None),
        ({"interaction": 0.4}, ("age_band", "mental_health"), None),
    ],
)
def test_what_is_planted_is_found_where_it_is(
    planted: dict[str, float], place: tuple[str, str], sd: float | None
) -> None:
    frames = [validity(country(seed, **planted)) for seed in range(12)]
    at_place = pd.DataFrame([frame.loc[place] for frame in frames])
    assert (at_place["q_value"] < 0.05).mean() >= 0.9
    if sd is not None:
        # Two years of a municipality share its level, which the fit takes: the rest says the sd.
        assert at_place["sd"].mean() == pytest.approx(sd, rel=0.2)
        covered = (at_place["sd_low"] <= sd) & (sd <= at_place["sd_high"])
        assert covered.mean() >= 0.8
    # What crosses with it is moved along, and less.
    strongest = [frame["chi2_per_df"].idxmax() == place for frame in frames]
    assert np.mean(strongest) >= 0.9


def test_a_departure_by_hand() -> None:
    twenty = np.full(8, 20.0)
    observed = np.tile([30.0, 10.0], 4)
    one = departure(observed, twenty, twenty, np.zeros(8), np.full(8, 0.5))
    assert one is not None
    assert one.chi2_per_df == pytest.approx(100 / 10)
    assert one.degrees_of_freedom == pytest.approx(4.0)
    # E (O - E)^2 = V / 2 + s^2 V^2 / 2: 100 = 10 + 200 s^2.
    assert one.sd == pytest.approx(np.sqrt(0.45))
    assert one.sd_low < one.sd < one.sd_high


def test_few_degrees_of_freedom_say_no_limits() -> None:
    few = np.full(2, 20.0)
    one = departure(np.array([30.0, 10.0]), few, few, few * 0, few * 0 + 0.5)
    assert one is not None
    assert np.isnan(one.sd_high)
    assert departure(few, few, few, few * 0, few * 0 + 0.4) is None


def test_small_cells_say_nothing() -> None:
    few = np.full(4, 4.9)
    assert departure(few, few, few, few * 0, few * 0 + 0.5) is None


def test_order_of_rows_does_not_matter() -> None:
    cells = country(1)
    first, second = validity(cells), validity(cells.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_a_risk_that_is_no_straight_line_shows_by_tenths() -> None:
    """Risk planted as a curve of the score: neither factors nor pairs are asked for it."""
    cells = country(2)
    share = cells["n_events"].sum() / cells["n_persons"].sum()
    score = logit(share) + 0.8 * (cells["age_band"] == "old") * (cells["tenure_band"] == "long")
    cells["n_events"] = np.random.default_rng(5).binomial(cells["n_persons"], expit(score))
    assert validity(cells).loc[("country", "risk_tenth"), "q_value"] < 0.05
