"""An office's own attributes: read with what is wrong of them, and recovered where planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.codes import code_rows
from pipeline.codes.attributes import FILE, Attribute, read_attributes
from pipeline.disclosure import CellKey
from pipeline.errors import SettingsError
from pipeline.model.followups.attributes import SLOPE, attribute_frame

CODES = [row["municipality_code"] for row in code_rows("municipality")][:98]
HEAD = "municipality_code,attribute,value\n"


def _country(
    seed: int, *, slope: float = 0.0, groups: dict[str, float] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Attribute, ...]]:
    """Return effects of 98 municipalities, one condition, and a number and groups they go with.

    The number is correlated with the condition, which has a slope of .2 by itself.
    """
    rng = np.random.default_rng(seed)
    condition = rng.standard_normal(98)
    number = 40 + 5 * (0.6 * condition + 0.8 * rng.standard_normal(98))
    of_group = groups or {"board": 0.0, "manager": 0.0}
    group = rng.choice(list(of_group), 98)
    expected = rng.uniform(0.05, 0.3, 98) ** -2
    truth = (
        0.2 * condition
        + slope * (number - number.mean()) / number.std()
        + np.array([of_group[name] for name in group])
        + 0.2 * rng.standard_normal(98)
    )
    benchmark = _shown(expected, rng.poisson(expected * np.exp(truth)))
    conditions = pd.DataFrame(
        {"municipality_code": CODES, "condition": "density", "standardised": condition}
    )
    attributes = (
        Attribute("case_load", dict(zip(CODES, number, strict=True)), is_number=True),
        Attribute("decides", dict(zip(CODES, map(str, group), strict=True)), is_number=False),
    )
    return benchmark, conditions, attributes


def _shown(expected: np.ndarray, observed: np.ndarray, noise_sd: float = 0.0) -> pd.DataFrame:
    """Return rows of the benchmark; who has no grants shown has no effect."""
    seen = observed > 0
    size = np.where(seen, observed, 1)
    return pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": CODES,
            "observed": observed,
            "expected": expected,
            "noise_sd": noise_sd,
            "practice_effect": np.where(seen, np.log(size / expected), np.nan),
            "practice_effect_se": np.where(
                seen, np.sqrt(1 / size + (noise_sd / size) ** 2), np.nan
            ),
        }
    )


def _row(made: pd.DataFrame, attribute: str, level: str, adjusted_for: str) -> pd.Series:
    key = ["attribute", "level", "adjusted_for"]
    return made.set_index(key).loc[(attribute, level, adjusted_for)]


def test_planted_slopes_and_groups_are_recovered_beside_the_conditions() -> None:
    held: dict[str, list[bool]] = {"case_load": [], "decides": []}
    confounded = []
    for seed in range(60):
        country = _country(seed, slope=0.15, groups={"board": 0.1, "manager": -0.2})
        made = attribute_frame(*country, 0.95)
        of = _row(made, "case_load", SLOPE, "conditions")
        held["case_load"].append(bool(of["low"] <= 0.15 <= of["high"]))
        confounded.append(_row(made, "case_load", SLOPE, "nothing")["estimate"])
        group = pd.Series(country[2][1].by_code)
        # Practice of who is decided for by a board, less that of all.
        share = (group == "board").mean()
        truth = 0.1 - (0.1 * share - 0.2 * (1 - share))
        of = _row(made, "decides", "board", "nothing")
        held["decides"].append(bool(of["low"] <= truth <= of["high"]))
    for name, within in held.items():
        assert 0.89 <= np.mean(within) <= 0.99, name
    # Alone the number has what goes with the condition too: 0.15 + 0.2 * 0.6.
    assert np.mean(confounded) == pytest.approx(0.27, abs=0.02)


def test_nothing_planted_is_said_of_one_in_twenty() -> None:
    below = []
    for seed in range(60):
        made = attribute_frame(*_country(1000 + seed), 0.95)
        below.append(_row(made, "decides", "board", "conditions")["p_value"] < 0.05)
    assert 0.01 <= np.mean(below) <= 0.11


def test_groups_weigh_to_nothing_in_all_and_have_one_test() -> None:
    groups = {"board": 0.1, "manager": -0.2, "both": 0.3}
    made = attribute_frame(*_country(5, groups=groups), 0.95)
    rows = made[(made["attribute"] == "decides") & (made["adjusted_for"] == "nothing")]
    assert rows["n_municipalities"].sum() == 98
    assert (rows["n_municipalities"] * rows["estimate"]).sum() == pytest.approx(0, abs=1e-9)
    assert rows["p_value"].nunique() == 1
    # Two groups: the test is the slope's own.
    two = attribute_frame(*_country(6), 0.95)
    one = _row(two, "decides", "board", "nothing")
    assert one["p_value"] == pytest.approx(_row(two, "decides", "manager", "nothing")["p_value"])


def test_municipalities_without_grants_shown_take_part_with_what_their_count_says() -> None:
    """Two groups of small municipalities, the one granting half as much as the other."""
    transitions = CellKey().transitions
    estimates, held, whole = [], [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        group = rng.permutation(np.repeat([0, 1], 49))
        expected = rng.uniform(4, 14, 98)
        truth = np.where(group == 1, np.log(0.5), 0.0) + 0.2 * rng.standard_normal(98)
        true = rng.poisson(expected * np.exp(truth))
        shown = _shown(expected, transitions.shown(true, rng.random(98)), noise_sd=2.0)
        names = dict(zip(CODES, np.where(group == 1, "low", "high"), strict=True))
        one = Attribute("decides", names, is_number=False)
        none = pd.DataFrame(columns=["municipality_code", "condition", "standardised"])
        of = _row(
            attribute_frame(shown, none, (one,), 0.95, transitions), "decides", "low", "nothing"
        )
        estimates.append(of["estimate"])
        held.append(of["low"] <= np.log(0.5) / 2 <= of["high"])
        whole.append(of["n_municipalities"] == 49)
        assert shown["practice_effect"].isna().any()
    assert all(whole)
    assert np.mean(estimates) == pytest.approx(np.log(0.5) / 2, abs=0.04)
    assert np.mean(held) >= 0.88


def test_too_few_or_all_of_a_kind_are_not_estimated() -> None:
    benchmark, conditions, (number, _) = _country(7)
    few = benchmark.assign(expected=benchmark["expected"].where(benchmark.index < 11, 0.0))
    made = attribute_frame(few, conditions, (number,), 0.95)
    assert made["estimate"].isna().all()
    assert made["n_municipalities"].tolist() == [11, 11]
    alike = Attribute("case_load", {**number.by_code, CODES[0]: 9.0}, is_number=True)
    same = Attribute("case_load", {c: float(c == CODES[97]) for c in CODES}, is_number=True)
    made = attribute_frame(benchmark.iloc[:60], conditions, (same,), 0.95)
    assert made["estimate"].isna().all()
    assert attribute_frame(benchmark, conditions, (alike,), 0.95)["estimate"].notna().all()
    assert attribute_frame(benchmark, conditions, (), 0.95).empty


def test_a_home_without_the_file_asks_nothing(tmp_path: Path) -> None:
    assert read_attributes(tmp_path) == ()


def test_numbers_and_groups_are_told_apart(tmp_path: Path) -> None:
    rows = [f"{code},case_load,{40 + at}" for at, code in enumerate(CODES[:20])]
    rows += [f"{code},decides,{'board' if at % 2 else 'manager'}" for at, code in enumerate(CODES)]
    rows.append(f"{CODES[30]},case_load,")
    (tmp_path / FILE).write_text(HEAD + "\n".join(rows) + "\n")
    number, groups = read_attributes(tmp_path)
    assert (number.name, number.is_number, len(number.by_code)) == ("case_load", True, 20)
    assert (groups.name, groups.is_number, len(groups.by_code)) == ("decides", False, 98)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["999,case_load,1"], "row 2: no municipality '999'"),
        (["101,Case Load,1"], "row 2: attribute 'Case Load'"),
        (["101,case_load,1", "101,case_load,2"], "row 3: case_load of 101 stands twice"),
        ([f"{code},case_load,1" for code in CODES[:5]], "known of 5 municipalities"),
        ([f"{code},case_load,1" for code in CODES[:50]], "case_load is the same everywhere"),
        ([f"{code},who,Name {code}" for code in CODES[:50]], "who has 50 groups"),
        ([f"{code},case_load,{'inf' if c else 1}" for c, code in enumerate(CODES[:12])], "finite"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, rows: list[str], said: str) -> None:
    (tmp_path / FILE).write_text(HEAD + "\n".join(rows) + "\n")
    with pytest.raises(SettingsError, match=FILE) as error:
        read_attributes(tmp_path)
    assert said in str(error.value)


def test_other_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("code,value\n101,1\n")
    with pytest.raises(SettingsError, match="its columns are code, value"):
        read_attributes(tmp_path)
