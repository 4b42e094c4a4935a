"""Case municipalities by change: every proposal meets its criteria, and no set lies wider."""

from __future__ import annotations

import shutil
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.cases.declaration import Change, ChangeSelection
from pipeline.cases.library import BY_CHANGE, read_selection
from pipeline.catalogue import columns
from pipeline.commands.cli import main
from pipeline.errors import ModelError, SettingsError
from pipeline.model.cases.change_selection import TABLE, case_change_frames
from reports.content.read import read_tables

Frames = dict[str, pd.DataFrame]
TITLE = {"da": "Prøve", "en": "Trial"}
SIDES = ("rising", "falling", "unchanged")


def country(seed: int, n: int = 98, n_regions: int = 5) -> Frames:
    """Return published tables of ``n`` municipalities with drawn changes, sizes and gaps."""
    rng = np.random.default_rng([165, seed])
    codes = [f"{101 + at}" for at in range(n)]
    effect, half = rng.normal(0, 0.3, n), rng.uniform(0.05, 0.5, n)
    change = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": codes,
            "expected": rng.uniform(1, 60, n),
            "baseline_expected": rng.uniform(1, 60, n),
            "change_effect_shrunk": effect,
            "change_effect_shrunk_low": effect - half,
            "change_effect_shrunk_high": effect + half,
            "rank": pd.Series(effect + rng.normal(0, 0.1, n)).rank().astype(int),
        }
    )
    return {
        "benchmark": change[["outcome", "municipality_code"]],
        "change": change,
        "completeness": pd.DataFrame(
            [(code, year, rng.random() > 0.03) for code in codes for year in (2021, 2022)],
            columns=["municipality_code", "year", "is_reported"],
        ),
        "municipality": pd.DataFrame(
            {
                "municipality_code": codes,
                "region_name": [f"r{one}" for one in rng.integers(0, n_regions, n)],
                "population_2007": rng.integers(2_000, 90_000, n),
            }
        ),
    }


def asked_for(**values: Any) -> ChangeSelection:
    return ChangeSelection(name="trial", title=TITLE, change=Change(**values))


def made_of(tables: Frames, asked: ChangeSelection) -> pd.DataFrame:
    frame = case_change_frames(tables, asked)[TABLE]
    more = tables["municipality"][["municipality_code", "region_name"]]
    own = tables["change"][["municipality_code", "expected", "baseline_expected"]]
    return frame.merge(more, on="municipality_code").merge(own, on="municipality_code")


@hypothesis_settings(max_examples=60, phases=[Phase.explicit, Phase.generate])
@given(
    st.integers(0, 10**6),
    st.integers(1, 12),
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 3)),
    st.sampled_from([0, 20_000, 70_000]),
    st.sampled_from([0.0, 10.0, 40.0]),
    st.booleans(),
)
def test_every_proposal_meets_every_criterion(
    seed: int,
    among: int,
    numbers: tuple[int, int, int],
    least_residents: int,
    least_expected: float,
    is_reported: bool,
) -> None:
    wanted = dict(zip(SIDES, (min(number, among) for number in numbers), strict=True))
    limits = {"least_residents": least_residents, "least_expected": least_expected}
    tables = country(seed)
    frame = made_of(tables, asked_for(among=among, is_reported=is_reported, **wanted, **limits))
    silent = set(tables["completeness"].query("not is_reported")["municipality_code"])
    able = frame[
        (frame["population_2007"] >= least_residents)
        & (frame[["expected", "baseline_expected"]].min(axis=1) >= least_expected)
        & ~(frame["municipality_code"].isin(silent) & is_reported)
    ]
    assert able["failed"].isna().all()
    assert frame.drop(able.index)["failed"].notna().all()
    assert set(frame.drop(able.index)["standing"]) <= {"near", "out"}
    rose = able[able["change_effect_shrunk"] > 0].nlargest(among, "rank")
    fell = able[able["change_effect_shrunk"] <= 0].nsmallest(among, "rank")
    assert set(frame.index[frame["side"] == "rising"]) == set(rose.index)
    assert set(frame.index[frame["side"] == "falling"]) == set(fell.index)
    still = frame[frame["side"] == "unchanged"]
    assert (still["change_effect_shrunk_low"] <= 0).all()
    assert (still["change_effect_shrunk_high"] >= 0).all()
    proposed = frame[frame["standing"] == "chosen"]
    for side, number in wanted.items():
        n_there = (frame["side"] == side).sum()
        assert (proposed["side"] == side).sum() == min(number, n_there)
    between = frame["standing"] == "between"
    assert frame.loc[between, "side"].isna().all()


@pytest.mark.parametrize("seed", range(8))
def test_no_set_lies_in_more_regions_or_is_better_told(seed: int) -> None:
    """Against every set of a small country."""
    tables = country(seed, n=24, n_regions=6)
    frame = made_of(tables, asked_for(among=5, rising=2, falling=2, unchanged=1))
    by_side = [frame[frame["side"] == side] for side in SIDES]
    every = [
        list(combinations(rows.index, number))
        for rows, number in zip(by_side, (2, 2, 1), strict=True)
    ]
    regions = frame["region_name"]
    widest = max(regions.loc[[*a, *b, *c]].nunique() for a, b, c in product(*every))
    proposed = frame[frame["standing"] == "chosen"]
    assert len(proposed) == 5
    assert proposed["region_name"].nunique() == widest
    # One of a side that is told better may take no other's place without a region being lost.
    size = frame["change_effect_shrunk"].abs()
    for index, row in proposed[proposed["side"] != "unchanged"].iterrows():
        others = frame[(frame["side"] == row["side"]) & (frame["standing"] == "not_best")]
        for other in others.index[size[others.index] > size[index]]:
            assert regions.loc[[*proposed.index.drop(index), other]].nunique() < widest


def test_the_order_of_rows_does_not_choose() -> None:
    tables, asked = country(3), asked_for()
    turned = {name: frame.sample(frac=1, random_state=2) for name, frame in tables.items()}
    frame = case_change_frames(tables, asked)[TABLE]
    assert tuple(frame) == columns(TABLE)
    pd.testing.assert_frame_equal(case_change_frames(turned, asked)[TABLE], frame)


def test_one_that_goes_silent_is_out_and_says_so() -> None:
    tables, asked = country(5), asked_for()
    for code in made_of(tables, asked).query("standing == 'chosen'")["municipality_code"]:
        planted = {**tables, "completeness": tables["completeness"].copy()}
        own = planted["completeness"]["municipality_code"] == code
        planted["completeness"].loc[own, "is_reported"] = False
        row = made_of(planted, asked).set_index("municipality_code").loc[code]
        assert (row["standing"], row["failed"]) == ("near", "reported")


def test_without_change_nothing_is_proposed_and_another_outcome_is_refused() -> None:
    tables = country(0)
    bare = {**tables, "change": tables["change"].iloc[:0]}
    assert case_change_frames(bare, asked_for())[TABLE].empty
    asked = asked_for().model_copy(update={"outcome": "RES"})
    with pytest.raises(ModelError, match="Expected: one of FP"):
        case_change_frames(tables, asked)


def test_faults_of_a_declaration_are_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = BY_CHANGE.read_text(encoding="utf-8")
    path.write_text(text.replace("rising = 4", "rising = -1\nbest = 2"), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_selection(path)
    assert "change.rising: -1: " in str(caught.value)
    assert "change.best: no such key" in str(caught.value)
    path.write_text(text.replace("rising = 4", "rising = 11"), encoding="utf-8")
    with pytest.raises(SettingsError, match="at most among"):
        read_selection(path)


def test_the_command_says_why_each_is_in_or_out(
    main_release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(main_release, tmp_path / "benchmark.duckdb")
    assert main(["select", str(BY_CHANGE), "--home", str(tmp_path), "--lang", "da,en"]) == 0
    danish, _, english = capsys.readouterr().out.partition("Municipalities to visit")
    held = read_tables(main_release).case_study_change
    proposed = held[held["standing"] == "chosen"]
    assert set(proposed["side"]) == set(SIDES)
    names = read_tables(main_release).municipality.set_index("municipality_code")
    for code in held["municipality_code"]:
        assert names.loc[code, "municipality_name"] in danish
        assert names.loc[code, "municipality_name"] in english
    assert "is proposed" in english
