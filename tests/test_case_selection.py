"""Case-study selection: every result meets its criteria, and the best is the best there is."""

from __future__ import annotations

import shutil
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.cases.declaration import Clusters, Municipalities, Selection
from pipeline.cases.library import DEFAULT, read_selection
from pipeline.catalogue import columns
from pipeline.codes import code_rows
from pipeline.commands.cli import main
from pipeline.descriptives.municipality import municipality_table
from pipeline.errors import ModelError, SettingsError
from pipeline.model.cases.criteria import declared_value, with_values
from pipeline.model.cases.selection import SOURCES, case_study_frames
from reports.content.read import read_tables

Frames = dict[str, pd.DataFrame]
LABOUR = ("area_unemployment_share", "area_industry_share")
TITLE = {"da": "Prøve", "en": "Trial"}
CODES = sorted(str(row["municipality_code"]) for row in code_rows("municipality"))


@cache
def places_of(codes: tuple[str, ...]) -> pd.DataFrame:
    return municipality_table(list(codes), pd.DataFrame())


def country(seed: int, codes: list[str] | None = None, n_specifications: int = 8) -> Frames:
    """Return published tables of municipalities with drawn ranks, conditions, gaps and queues."""
    rng = np.random.default_rng([15, seed])
    codes = codes or CODES
    effect = rng.normal(size=len(codes))
    keys = pd.DataFrame({"outcome": "FP", "model": "within", "municipality_code": codes})
    specifications = []
    for name in range(n_specifications):
        noisy = pd.Series(effect + rng.normal(0, 0.4, len(codes)))
        rank = noisy.rank().astype("Int64").mask(pd.Series(rng.random(len(codes)) < 0.05))
        specifications.append(keys.assign(specification=f"s{name}", rank=rank))
    conditions = pd.DataFrame(
        [(code, name, rng.normal()) for code in codes for name in LABOUR],
        columns=["municipality_code", "condition", "standardised"],
    )
    return {
        "benchmark": keys,
        "ranking": keys.assign(rank=pd.Series(effect).rank().astype("Int64")),
        "sensitivity": pd.concat(specifications, ignore_index=True),
        "completeness": pd.DataFrame(
            [(code, year, rng.random() > 0.02) for code in codes for year in (2006, 2007)],
            columns=["municipality_code", "year", "is_reported"],
        ),
        "temporary": keys.assign(is_temporary=rng.random(len(codes)) < 0.1),
        # Which are similar is no criterion, and takes longest to tell.
        "municipality": places_of(tuple(codes)).copy(),
        "framework_condition": conditions,
    }


requests = st.builds(
    lambda seed, least, share, shown, number, few, many, regions, once, merging, apart: (
        seed,
        Selection(
            name="trial",
            title=TITLE,
            municipalities=Municipalities(
                least_residents=least,
                least_share_of_specifications=share,
                least_specifications=shown,
            ),
            clusters=Clusters(
                number=number,
                few_granting=few,
                many_granting=many,
                most_regions=regions,
                is_region_used_once=once,
                most_merging_difference=merging,
                labour_market=LABOUR,
                most_labour_distance=apart,
            ),
        ),
    ),
    st.integers(0, 10**6),
    st.sampled_from([0, 20_000, 40_000, 400_000]),
    st.sampled_from([0.0, 0.5, 0.9]),
    st.integers(1, 8),
    st.integers(1, 4),
    st.integers(1, 2),
    st.integers(1, 2),
    st.integers(1, 2),
    st.booleans(),
    st.integers(0, 3),
    st.sampled_from([0.3, 1.0, 2.0]),
)


def facts(tables: Frames) -> dict[str, dict[str, Any]]:
    """Return by municipality what the tables say of it, told without the code under test."""
    by_code = {
        name: frame.set_index("municipality_code")
        for name, frame in tables.items()
        if name != "benchmark"
    }
    rank, grid = by_code["ranking"]["rank"], by_code["sensitivity"]["rank"].dropna()
    n, places = len(rank), by_code["municipality"].to_dict("index")
    shares = {
        side: is_there.groupby(level=0).mean().astype(float)
        for side, is_there in (("few", grid <= n / 5), ("many", grid > n - n / 5))
    }
    shown = grid.groupby(level=0).size()
    reported = by_code["completeness"]["is_reported"].groupby(level=0).all()
    wide = tables["framework_condition"].pivot(
        index="municipality_code", columns="condition", values="standardised"
    )
    labour = dict(zip(wide.index, wide[list(LABOUR)].to_numpy(), strict=True))
    queues = by_code["temporary"]["is_temporary"]
    return {
        code: {
            "rank": int(rank[code]),
            "few": shares["few"].get(code, 0.0),
            "many": shares["many"].get(code, 0.0),
            "n": shown.get(code, 0),
            "residents": place["population_2007"],
            "former": len(place["former_municipalities"].split(", ")),
            "region": place["region_name"],
            "reported": reported[code],
            "queue": bool(queues[code]),
            "labour": labour[code],
        }
        for code, place in places.items()
    }


@hypothesis_settings(max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(requests)
def test_every_set_meets_every_criterion(request: tuple[int, Selection]) -> None:
    seed, asked = request
    tables = country(seed)
    made = case_study_frames(tables, asked)
    told, n = facts(tables), len(CODES)
    wanted, of_clusters = asked.municipalities, asked.clusters
    sets = made["case_study_set"]
    assert set(sets["is_whole"]) <= {
        len(sets) > 0 and sets["cluster_number"].max() == of_clusters.number
    }
    for _, chosen in sets.groupby("set_number"):
        assert chosen["municipality_code"].is_unique
        regions: list[object] = []
        for _, cluster in chosen.groupby("cluster_number"):
            sides = cluster["side"].value_counts().to_dict()
            assert sides == {"few": of_clusters.few_granting, "many": of_clusters.many_granting}
            members = [told[code] for code in cluster["municipality_code"]]
            for member, side in zip(members, cluster["side"], strict=True):
                assert member["rank"] <= n / 5 if side == "few" else member["rank"] > n - n / 5
                assert member[side] >= wanted.least_share_of_specifications
                assert member["n"] >= wanted.least_specifications
                assert member["residents"] >= wanted.least_residents
                assert member["reported"]
                assert not member["queue"]
            for one, other in combinations(members, 2):
                assert abs(one["former"] - other["former"]) <= of_clusters.most_merging_difference
                apart = np.abs(one["labour"] - other["labour"]).max()
                assert apart <= of_clusters.most_labour_distance
                assert apart <= cluster["labour_distance"].iloc[0] + 1e-9
            assert len({member["region"] for member in members}) <= of_clusters.most_regions
            regions += list({member["region"] for member in members})
        if of_clusters.is_region_used_once:
            assert len(regions) == len(set(regions))
    standing = made["case_study"].set_index("municipality_code")
    assert set(standing.index[standing["standing"] == "chosen"]) == set(
        sets.loc[sets["set_number"] == 1, "municipality_code"]
    )
    is_out = standing["standing"].isin(["near", "out"])
    assert standing.loc[is_out, "failed"].notna().all()
    assert (
        standing["standing"].isin(["chosen", "other_set", "not_best"]) <= standing["failed"].isna()
    ).all()


@pytest.mark.parametrize("seed", range(6))
def test_the_best_set_is_the_best_of_all(seed: int) -> None:
    """Against every choice of disjoint clusters of a small country."""
    tables = country(seed, CODES[:40])
    asked = trial(number=2, few_granting=1, most_labour_distance=2.0, most_regions=2)
    asked = asked.model_copy(
        update={
            "municipalities": Municipalities(
                share_of_ranks=0.3, least_residents=0, least_specifications=1
            )
        }
    )
    made = case_study_frames(tables, asked)["case_study_set"]
    told = facts(tables)
    n = len(told)

    def share(code: str, side: str) -> float:
        grid = tables["sensitivity"].query("municipality_code == @code")["rank"].dropna()
        inside = grid <= 0.3 * n + 1e-9 if side == "few" else grid > n - 0.3 * n
        return float(inside.mean())

    able = {
        side: [
            code
            for code, one in told.items()
            if one["reported"]
            and not one["queue"]
            and share(code, side) >= 0.5
            and (one["rank"] <= 0.3 * n if side == "few" else one["rank"] > n - 0.3 * n)
        ]
        for side in ("few", "many")
    }
    clusters = {}
    for few in able["few"]:
        for many in able["many"]:
            one, other = told[few], told[many]
            apart = float(np.abs(one["labour"] - other["labour"]).max())
            if apart <= 2.0 and abs(one["former"] - other["former"]) <= 2:
                clusters[few, many] = (share(few, "few") + share(many, "many")) / 2 - 0.25 * apart
    pairs = [
        (clusters[a] + clusters[b]) / 2 for a, b in combinations(clusters, 2) if not set(a) & set(b)
    ]
    assert pairs, "the country is too small for the request"
    scores = made.groupby("set_number")["set_score"].first()
    assert scores.tolist() == pytest.approx(sorted(pairs, reverse=True)[: len(scores)])


def trial(**clusters: object) -> Selection:
    values = {"labour_market": LABOUR, "most_labour_distance": 2.0, **clusters}
    return Selection(name="trial", title=TITLE, clusters=Clusters(**values))


def test_a_silent_municipality_and_a_queue_are_never_chosen() -> None:
    """Each of those chosen at first goes silent or gets a queue: it is out, and why is said."""
    n_planted = 0
    for seed in range(2):
        tables, asked = country(seed), trial(number=2, most_regions=2)
        chosen = case_study_frames(tables, asked)["case_study_set"]["municipality_code"].unique()
        for at, code in enumerate(chosen):
            planted = {name: frame.copy() for name, frame in tables.items()}
            if at % 2:
                own = planted["completeness"]["municipality_code"] == code
                own &= planted["completeness"]["year"] == 2007
                planted["completeness"].loc[own, "is_reported"] = False
            else:
                own = planted["temporary"]["municipality_code"] == code
                planted["temporary"].loc[own, "is_temporary"] = True
            made = case_study_frames(planted, asked)
            assert code not in set(made["case_study_set"]["municipality_code"])
            row = made["case_study"].set_index("municipality_code").loc[code]
            assert (row["standing"], row["failed"]) == ("near", "reported" if at % 2 else "lasting")
            n_planted += 1
    assert n_planted >= 12


@pytest.mark.parametrize("seed", range(5))
def test_an_impossible_request_says_what_to_relax(seed: int) -> None:
    """What it says makes the request possible, and a little less does not."""
    tables, asked = country(seed), trial(number=4, most_labour_distance=0.8)
    made = case_study_frames(tables, asked)
    judged = made["case_study_criterion"].set_index("criterion")
    most = judged.loc["number", "relaxed_to"]
    assert most < 4
    assert made["case_study_set"]["cluster_number"].max() == most or not most
    alone = judged.drop("number")["relaxed_to"].dropna()
    pairs = judged["possible_with"].dropna()
    assert len(alone) or len(pairs)
    assert not (len(alone) and len(pairs))
    for criterion, value in alone.items():
        sets = case_study_frames(tables, with_values(asked, {criterion: value}))["case_study_set"]
        assert sets["cluster_number"].max() == 4
        assert judged.loc[criterion, "is_binding"]
        now = declared_value(asked, str(criterion))
        if not isinstance(now, bool):
            # Told to two or three decimals, or whole.
            step = {"ranks": 1.01e-3, "labour_market": 0.0101}.get(str(criterion))
            nearly = value - ((value - now) * 1e-3 if step is None else step)
            less = case_study_frames(tables, with_values(asked, {criterion: nearly}))
            assert (
                less["case_study_set"]["cluster_number"].max() < 4 or less["case_study_set"].empty
            )


def test_the_order_of_rows_does_not_choose() -> None:
    tables, asked = country(3), trial(number=2, most_regions=2)
    turned = {name: frame.sample(frac=1, random_state=2) for name, frame in tables.items()}
    for name, frame in case_study_frames(tables, asked).items():
        pd.testing.assert_frame_equal(case_study_frames(turned, asked)[name], frame)
        assert tuple(frame) == columns(name)


def test_the_shipped_selection_is_made_of_a_release(main_release: Path) -> None:
    tables = read_tables(main_release)
    made = case_study_frames({name: getattr(tables, name) for name in SOURCES}, read_selection())
    assert len(made["case_study"]) == 98
    row = made["case_study"].set_index("municipality_code").loc["219"]
    assert "reported" in row["failed"]


def test_the_command_says_why_each_is_in_or_out(
    main_release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(main_release, tmp_path / "benchmark.duckdb")
    assert main(["select", "--home", str(tmp_path), "--lang", "da,en"]) == 0
    said = capsys.readouterr().out
    danish, _, english = said.partition("Municipalities to interview")
    names = [str(row["municipality_name"]) for row in code_rows("municipality")]
    for name in names:
        assert name in danish
        assert name in english
    (hillerod,) = (line for line in english.splitlines() if line.startswith("  Hillerød"))
    assert "it did not report all grants" in hillerod
    mine = tmp_path / "mine.toml"
    text = DEFAULT.read_text(encoding="utf-8").replace("number = 3", "number = 1")
    mine.write_text(text, encoding="utf-8")
    assert main(["select", str(mine), "--home", str(tmp_path), "--lang", "en"]) == 0
    assert "It can be done: 1 clusters meet all criteria." in capsys.readouterr().out
    assert main(["select", "--home", str(tmp_path), "--lang", "fr"]) == 3
    assert main(["select", "--home", str(tmp_path), "--benchmark", "none"]) == 3
    assert main(["select", str(tmp_path / "none.toml"), "--home", str(tmp_path)]) == 3


def test_an_outcome_that_is_not_answered_is_refused() -> None:
    asked = trial().model_copy(update={"outcome": "LONG_CASH"})
    with pytest.raises(ModelError, match="Expected: one of FP"):
        case_study_frames(country(0), asked)


def test_faults_of_a_declaration_are_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = DEFAULT.read_text(encoding="utf-8")
    path.write_text(text.replace("number = 3", "number = 0\nbest = 2"), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_selection(path)
    assert "clusters.number: 0: " in str(caught.value)
    assert "clusters.best: no such key" in str(caught.value)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_selection(tmp_path / "none.toml")


def test_what_akf_chose_by_what_does_not_hang_on_grants() -> None:
    """AKF's nine: large enough and alike in merging; the third cluster lies in two regions."""
    names = {
        str(row["municipality_name"]): str(row["municipality_code"])
        for row in code_rows("municipality")
    }
    asked = read_selection()
    table = municipality_table(CODES, pd.DataFrame()).set_index("municipality_code")
    regions = []
    for cluster in (
        ("Gladsaxe", "Helsingør", "Hillerød"),
        ("Horsens", "Hedensted", "Silkeborg"),
        ("Skive", "Frederikshavn", "Hjørring"),
    ):
        own = table.loc[[names[name] for name in cluster]]
        assert (own["population_2007"] >= asked.municipalities.least_residents).all()
        former = own["former_municipalities"].map(lambda said: len(said.split(", ")))
        assert np.ptp(former) <= asked.clusters.most_merging_difference
        regions.append(own["region_name"].nunique())
    assert regions == [1, 1, 2]
