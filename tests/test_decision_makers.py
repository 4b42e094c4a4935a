"""New decision-makers: levels move with them where that is planted, and not where it is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.codes import code_rows
from pipeline.codes.decision_makers import FEWEST, FILE, NewDecisionMakers, read_decision_makers
from pipeline.disclosure import CellKey
from pipeline.errors import SettingsError
from pipeline.model.years.adjusted import AdjustedYears
from pipeline.model.years.decision_maker_frames import decision_maker_frame, planted_dates
from pipeline.model.years.decision_makers import DecisionMakerSpread, decision_maker_spread
from pipeline.model.years.step_recovery import score_spread
from pipeline.model.years.steps import drawn_counts
from synthetic_data.ground.scenario import read_scenario
from synthetic_data.places.country import build_country

KEY = CellKey()
CODES = [row["municipality_code"] for row in code_rows("municipality")][:98]
YEARS = tuple(range(2000, 2008))
HEAD = "municipality_code,year,kind\n"


def _country(
    seed: int, middle: float, spread: float, variation: float = 0.05
) -> tuple[AdjustedYears, np.ndarray]:
    """Return grants as shown of a country with new decision-makers, 8 in 100 a year, and where."""
    rng = np.random.default_rng(seed)
    shape = (98, len(YEARS))
    is_new = rng.random(shape) < 0.08
    level = np.zeros(shape)
    of_now = rng.standard_normal(98)
    for at in range(len(YEARS)):
        of_now = np.where(is_new[:, at], rng.standard_normal(98), of_now)
        level[:, at] = spread * of_now
    expected = np.repeat(middle * np.exp(0.8 * rng.standard_normal((98, 1))), len(YEARS), axis=1)
    mean = expected * np.exp(0.4 * rng.standard_normal((98, 1)) + level)
    return _shown(drawn_counts(mean, variation, rng), expected, rng), is_new


def _shown(counts: np.ndarray, expected: np.ndarray, rng: np.random.Generator) -> AdjustedYears:
    shown = KEY.transitions.shown(counts, rng.random(counts.shape)).astype(float)
    hidden = KEY.is_hidden(expected)
    return AdjustedYears(
        YEARS,
        np.where(hidden, np.nan, shown),
        np.where(hidden, 0.0, expected * (shown.sum(axis=0) / expected.sum(axis=0))),
        np.where(hidden, 0.0, KEY.noise_variance(shown)),
    )


def _spreads(middle: float, spread: float, seeds: int) -> list[DecisionMakerSpread]:
    return [
        decision_maker_spread(*_country(seed, middle, spread), 0.95, seed) for seed in range(seeds)
    ]


#: Grants a year, planted spread, and the least share of countries in which it is beyond chance.
PLANTED = [(120, 0.1, 0.95), (30, 0.1, 0.45), (30, 0.3, 0.99), (10, 0.3, 0.85)]


@pytest.mark.parametrize(("middle", "spread", "power"), PLANTED)
def test_planted_spread_is_recovered(middle: float, spread: float, power: float) -> None:
    made = _spreads(middle, spread, 60)
    variance = np.array([one.between**2 for one in made])
    error = 3 * variance.std() / np.sqrt(len(made))
    # A change soon after another one is seen in part: the large spread comes out a little low.
    assert 0.85 * spread**2 - error <= variance.mean() <= spread**2 + error
    held = [one.between_low <= spread <= one.between_high for one in made]
    assert np.mean(held) >= 0.88
    assert np.mean([one.p_value < 0.05 for one in made]) >= power
    assert all(one.at_date >= one.elsewhere or one.between == 0 for one in made)


@pytest.mark.parametrize("middle", [10, 120])
def test_nothing_is_found_where_nobody_decides_differently(middle: float) -> None:
    """Levels that move from year to year in every municipality are no decision-makers."""
    made = _spreads(middle, 0.0, 100)
    # At a rate of one in twenty, 11 or fewer but for one time in 100.
    assert sum(one.p_value < 0.05 for one in made) <= 11
    assert sum(one.between_low > 0 for one in made) <= 8


def test_dates_of_others_are_no_dates() -> None:
    """The check can fail: with the dates of other municipalities the planted spread is not seen."""
    called = []
    for seed in range(40):
        history, is_new = _country(seed, 120, 0.2)
        other = np.random.default_rng(seed).permutation(is_new)
        called.append(decision_maker_spread(history, other, 0.95, seed).p_value < 0.05)
    assert np.mean(called) <= 0.2


def test_too_few_dates_say_nothing() -> None:
    history, is_new = _country(1, 120, 0.2)
    few = np.zeros_like(is_new)
    few[: FEWEST - 1, 4] = True
    made = decision_maker_spread(history, few, 0.95, 1)
    assert made.n_dates == FEWEST - 1
    assert np.isnan([made.between, made.p_value, made.at_date]).all()
    # Somebody new everywhere and always: nothing is left to hold the dates against.
    made = decision_maker_spread(history, np.ones_like(is_new), 0.95, 1)
    assert made.n_elsewhere == 0
    assert np.isnan(made.p_value)


def test_years_that_are_not_shown_take_no_part() -> None:
    history, is_new = _country(2, 120, 0.2)
    gone = AdjustedYears(
        YEARS,
        np.where(np.arange(8) == 5, np.nan, history.observed),
        np.where(np.arange(8) == 5, 0.0, history.expected),
        history.noise_variance,
    )
    # Of the years with two before and two from them on, only 2002 and 2003 are left.
    seen = decision_maker_spread(gone, is_new, 0.95, 1)
    assert seen.n_dates == is_new[:, 2:4].sum()


def test_consultants_of_the_generator_are_recovered() -> None:
    """Grants of a synthetic country by its own practice: queues, movement and conditions in it."""
    ratio = []
    for seed in range(12):
        country = build_country(read_scenario("default"), seed, YEARS)
        rng = np.random.default_rng(seed)
        expected = np.repeat(14_000 * country.share[:, None], len(YEARS), axis=1)
        history = _shown(rng.poisson(expected * np.exp(country.practice[:, 0])), expected, rng)
        keys = pd.DataFrame(
            {
                "outcome": "FP",
                "municipality_code": np.repeat(country.codes, len(YEARS)),
                "year": np.tile(YEARS, 98),
            }
        )
        planted = keys.assign(consultant_effect=country.consultant_effect[:, 0].ravel())
        ((outcome, dates, moves),) = planted_dates(planted)
        benchmark = pd.DataFrame(
            {
                "outcome": "FP",
                "municipality_code": country.codes,
                "expected": 2 * expected[:, 0],
            }
        )
        shown = keys.assign(
            residents=np.repeat(np.rint(3_300_000 * country.share), len(YEARS)),
            observed=history.observed.ravel(),
            noise_sd=np.sqrt(history.noise_variance).ravel(),
        )
        silent = pd.DataFrame({"municipality_code": [], "year": []})
        made = decision_maker_frame(shown, benchmark, silent, YEARS[-2:], [dates], 0.95, seed)
        scored = score_spread(made, moves, outcome, "within").iloc[0]
        assert scored["measure"] == "decision_maker_spread"
        assert scored["truth"] == pytest.approx(0.1, abs=0.03)
        ratio.append(float(scored["value"]) ** 2 / float(scored["truth"]) ** 2)
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.35)


def test_file_is_read_by_kind(tmp_path: Path) -> None:
    assert read_decision_makers(tmp_path) == ()
    rows = [f"{code},2004,consultant" for code in CODES[:12]]
    rows += [f"{code},2006,council" for code in CODES[:10]]
    (tmp_path / FILE).write_text(HEAD + "\n".join(rows) + "\n")
    consultant, council = read_decision_makers(tmp_path)
    assert consultant == NewDecisionMakers(
        "consultant", frozenset((code, 2004) for code in CODES[:12])
    )
    assert len(council.dates) == 10


FAULTS = [
    ("municipality_code;year;kind\n", "columns"),
    (HEAD, "no rows"),
    (f"{HEAD}{CODES[0]},2004,consultant\n", "consultant has 1 rows"),
    (f"{HEAD}999,2004,consultant\n", "row 2: no municipality '999'"),
    (f"{HEAD}{CODES[0]},1.2.2004,consultant\n", "row 2: year '1.2.2004'"),
    (f"{HEAD}{CODES[0]},2004,New Consultant\n", "row 2: kind"),
    (f"{HEAD}{CODES[0]},2004,a\n{CODES[0]},2004,a\n", "row 3: a of"),
]


@pytest.mark.parametrize(("text", "told"), FAULTS)
def test_faults_of_the_file_are_told_by_row(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SettingsError, match="cannot be used") as refused:
        read_decision_makers(tmp_path)
    assert told in str(refused.value)
