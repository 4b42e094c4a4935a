"""What if municipalities had another practice: grants a year, with what is sure of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipeline.errors import ModelError, SettingsError
from pipeline.model.courses.areas import COUNTRY
from pipeline.model.followups.what_if import (
    CONDITIONS,
    STANDARDS,
    WITHOUT_QUEUE,
    answer,
    practices,
    what_if_frame,
    with_own,
)
from pipeline.night.questions import what_if as night
from pipeline.night.questions.what_if import _of_levels
from pipeline.settings import read_settings

NO_QUEUE = pd.DataFrame()


def _counts(
    seed: int, *, spread: float = 0.3, noise_sd: float = 2.0
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return counts of 98 municipalities, and their true ratios."""
    rng = np.random.default_rng(seed)
    expected = rng.lognormal(4.5, 0.8, 98)
    shape = 1 / spread**2
    truth = rng.gamma(shape, 1 / shape, 98)
    observed = rng.poisson(truth * expected) + np.rint(rng.normal(0, noise_sd, 98))
    frame = pd.DataFrame(
        {
            "outcome": "FP",
            "model": "within",
            "municipality_code": [f"{code:03d}" for code in range(101, 199)],
            "observed": np.maximum(observed, 0).astype(int),
            "expected": expected,
            "noise_sd": noise_sd,
        }
    )
    return frame, truth


def test_the_country_s_practice_returns_what_is_expected_exactly() -> None:
    counts, _ = _counts(1)
    made = what_if_frame(counts, NO_QUEUE, 2, 0.95, 1).query("standard == 'country'")
    made = made.set_index("area_code")["grants_if"]
    expected = counts.set_index("municipality_code")["expected"] / 2
    assert np.allclose(made[expected.index], expected, rtol=1e-12)
    assert made[COUNTRY] == pytest.approx(expected.sum(), rel=1e-12)


def test_every_standard_and_area_has_a_row_and_the_country_is_the_sum() -> None:
    counts, _ = _counts(2)
    made = what_if_frame(counts, NO_QUEUE, 2, 0.95, 1)
    assert len(made) == len(STANDARDS) * 99
    for _, rows in made.groupby("standard"):
        is_country = rows["area_code"] == COUNTRY
        for name in ("grants_now", "grants_if", "grants_change"):
            total = rows.loc[is_country, name].iloc[0]
            assert rows.loc[~is_country, name].sum() == pytest.approx(total, rel=1e-9)
        assert np.all(rows["grants_change_low"] <= rows["grants_change_high"])
    by = made[made["area_code"] == COUNTRY].set_index("standard")["grants_if"]
    assert by["lowest_fifth"] < by["quantile_25"] < by["quantile_75"] < by["highest_fifth"]


def test_the_same_seed_gives_the_same_numbers() -> None:
    counts, _ = _counts(3)
    first, second = (what_if_frame(counts, NO_QUEUE, 2, 0.95, 7) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_planted_changes_lie_within_their_limits_as_often_as_is_said() -> None:
    inside, all_inside = [], []
    for seed in range(30):
        counts, truth = _counts(seed)
        of = practices(counts, seed, 1000)
        codes = list(counts["municipality_code"])
        made = answer(of, "country", codes, 1, 0.95)
        change = counts["expected"].to_numpy() * (1 - truth)
        inside.append((made.low[1:] <= change) & (change <= made.high[1:]))
        made = answer(of, f"municipality_{codes[5]}", codes, 1, 0.95)
        total = (counts["expected"].to_numpy() * (truth[5] - truth)).sum()
        all_inside.append(made.low[0] <= total <= made.high[0])
    assert 0.935 < np.mean(inside) < 0.965
    assert np.mean(all_inside) > 0.85


def test_the_lowest_fifth_does_not_promise_what_chance_gave() -> None:
    """With nothing but chance between municipalities nobody's practice is worth much."""
    counts, _ = _counts(4, spread=1e-3, noise_sd=0.0)
    ratio = counts["observed"] / counts["expected"]
    lowest = ratio.nsmallest(19).index
    naive = (
        counts["observed"].sum()
        - (counts["observed"][lowest].sum() / counts["expected"][lowest].sum())
        * counts["expected"].sum()
    )
    made = what_if_frame(counts, NO_QUEUE, 1, 0.95, 1).query("standard == 'lowest_fifth'")
    fewer = -made.set_index("area_code")["grants_change"][COUNTRY]
    assert fewer < 0.5 * naive


def test_noise_of_protection_widens_limits() -> None:
    counts, _ = _counts(5)
    widths = []
    for noise_sd in (0.0, 20.0):
        made = what_if_frame(counts.assign(noise_sd=noise_sd), NO_QUEUE, 1, 0.95, 1)
        made = made[(made["standard"] == "country") & (made["area_code"] != COUNTRY)]
        widths.append((made["grants_change_high"] - made["grants_change_low"]).mean())
    assert widths[1] > 1.2 * widths[0]


def test_a_count_that_is_not_shown_is_that_of_anyone() -> None:
    counts, _ = _counts(6)
    counts["observed"] = counts["observed"].astype("Int64")
    counts.loc[3, "observed"] = pd.NA
    of = practices(counts, 1, 500)
    assert of.ratio[3] == pytest.approx(1.0, abs=0.1)
    assert of.drawn[3].std() > 0.2


def test_own_practice_changes_nothing_and_unknown_names_are_refused() -> None:
    counts, _ = _counts(7)
    of = practices(counts, 1, 500)
    made = answer(of, "municipality_101", ["101", "150"], 2, 0.95)
    assert made.change[1] == made.low[1] == made.high[1] == 0
    for standard, asked in (
        ("municipality_999", ["101"]),
        ("lowest", ["101"]),
        ("country", ["999"]),
    ):
        with pytest.raises(ModelError):
            answer(of, standard, asked, 2, 0.95)


def test_too_few_municipalities_with_counts_are_refused_and_leave_no_rows() -> None:
    counts, _ = _counts(8)
    with pytest.raises(ModelError, match="larger groups"):
        practices(counts.head(4), 1)
    assert what_if_frame(counts.head(4), NO_QUEUE, 2, 0.95, 1).empty


def test_levels_are_added_up_and_what_is_not_shown_stays_so() -> None:
    profile = pd.DataFrame(
        {
            "municipality_code": ["101", "101", "101", "151", "151", "151"],
            "dimension": "diagnosis_group",
            "level": ["mental", "injury", "other"] * 2,
            "observed": [10, 5, 7, 8, None, 9],
            "expected": [9.0, 4.0, 6.0, 8.0, 3.0, 5.0],
            "noise_sd": [3.0, 4.0, 1.0, 3.0, None, 1.0],
        }
    )
    made = _of_levels(profile, "diagnosis_group=mental,injury").set_index("municipality_code")
    assert made.loc["101", "observed"] == 15
    assert np.isnan(made.loc["151", "observed"])
    assert list(made["expected"]) == [13.0, 11.0]
    assert made.loc["101", "noise_sd"] == 5.0
    for only in ("diagnosis_group=unheard", "diagnosis_group=", "tenure=mental"):
        with pytest.raises(SettingsError, match="--only"):
            _of_levels(profile, only)


def test_the_practice_of_ones_conditions_gives_what_that_model_expects() -> None:
    counts, _ = _counts(9)
    expected = counts["expected"] * np.linspace(0.8, 1.2, 98)
    both = pd.concat([counts, counts.assign(model=CONDITIONS, expected=expected)])
    made = what_if_frame(both, NO_QUEUE, 2, 0.95, 1).query("standard == 'conditions'")
    of_place = made[made["area_code"] != COUNTRY]
    assert of_place["grants_if"].to_numpy() == pytest.approx(expected.to_numpy() / 2)
    # What is not sure is one's own practice.
    assert (of_place["grants_change_low"] < of_place["grants_change"]).all()
    assert (of_place["grants_change_high"] > of_place["grants_change"]).all()


def test_without_a_queue_grants_are_what_the_queue_did_not_make() -> None:
    counts, _ = _counts(10)
    queues = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": ["101", "102", "103"],
            "temporary": [0.2, -0.1, None],
            "temporary_low": [0.1, -0.2, None],
            "temporary_high": [0.3, 0.0, None],
        }
    )
    of = with_own(practices(counts, 1), "FP", counts, queues, 0.95, 1)
    made = answer(of, WITHOUT_QUEUE, ["101", "102", "103", "150"], 2, 0.95)
    assert made.then[1:] / made.now[1:] == pytest.approx([np.exp(-0.2), np.exp(0.1), 1, 1])
    assert made.change[3] == made.low[3] == made.high[3] == 0
    # A queue cleared made grants that do not come again: its error is in the limits.
    assert made.high[1] < 0
    now, low, high = made.now[1], made.low[1], made.high[1]
    assert low == pytest.approx(now * np.expm1(-0.3), rel=0.35)
    assert high == pytest.approx(now * np.expm1(-0.1), rel=0.35)
    assert with_own(practices(counts, 1), "FP", counts, NO_QUEUE, 0.95, 1).own == {}


def test_a_release_from_before_queues_were_told_answers_all_but_theirs(
    main_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a fabricated release says of its settings is not enough to fit by."""
    settings = read_settings(home=tmp_path)
    monkeypatch.setattr(night, "read_settings", lambda *_: settings)
    older = tmp_path / "benchmark.duckdb"
    shutil.copyfile(main_release, older)
    with duckdb.connect(str(older)) as connection:
        connection.execute("DROP TABLE result.temporary")
    asked = (settings, "lowest_fifth", "ANY", (), None)
    assert night.answered(older, *asked).equals(night.answered(main_release, *asked))
    with pytest.raises(ModelError, match="without_queue"):
        night.answered(older, settings, "without_queue", "ANY", (), None)
