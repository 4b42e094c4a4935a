"""Specifications that are columns of other tables: the numbers are theirs, and nothing is new."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from pipeline.benchmarks.grid import SENSITIVITY
from pipeline.catalogue import columns
from pipeline.disclosure import summarise_sensitivity
from pipeline.model.followups.choices import DEFINITIONS, specification_frame, with_choices
from pipeline.model.numerics.intervals import normal_quantile

CODES = [str(code) for code in range(101, 121)]
OUTCOMES = ("FP", "FJ", "ANY")


def tables(seed: int = 1, outcomes: tuple[str, ...] = OUTCOMES) -> dict[str, pd.DataFrame]:
    """Return the tables of a run of twenty municipalities that choices are made of."""
    rng = np.random.default_rng(seed)
    parts: dict[str, list[pd.DataFrame]] = {}
    for outcome in outcomes:
        effect, se = 0.4 * rng.normal(size=20), rng.uniform(0.1, 0.4, 20)
        part, part_se = 0.3 * rng.normal(size=20), 0.05
        shrunk = effect * 0.16 / (0.16 + se**2)
        keys = pd.DataFrame({"outcome": outcome, "municipality_code": CODES})
        rank = pd.Series(effect).rank(method="min").astype(int)
        of_within = keys.assign(model="within")
        reach = normal_quantile(0.95) * np.hypot(se, part_se)
        part[0] = np.nan
        lasting = effect - part
        frames = {
            "benchmark": of_within.assign(
                practice_effect=effect,
                practice_effect_se=se,
                practice_effect_shrunk=shrunk,
                practice_effect_shrunk_se=se / 2,
            ),
            "prior_effect": of_within.assign(effect_free=shrunk + 0.05 * rng.normal(size=20)),
            "temporary": keys.assign(
                practice_effect=effect,
                temporary=part,
                lasting=lasting,
                lasting_low=lasting - reach,
                lasting_high=lasting + reach,
                rank_lasting=pd.Series(effect - np.nan_to_num(part)).rank(method="min").astype(int),
            ),
            "sensitivity": keys.assign(
                specification="base",
                practice_effect=effect,
                practice_effect_se=se,
                rank=rank,
                is_suppressed=False,
            )[[name for name in columns("sensitivity") if name != "run_id"]],
        }
        for name, frame in frames.items():
            parts.setdefault(name, []).append(frame)
    return {name: pd.concat(of, ignore_index=True) for name, of in parts.items()}


def of(frame: pd.DataFrame, specification: str, outcome: str) -> pd.DataFrame:
    rows = frame[(frame["specification"] == specification) & (frame["outcome"] == outcome)]
    return rows.set_index("municipality_code")


def test_numbers_are_those_of_the_tables_they_come_from() -> None:
    shown = tables()
    made = with_choices(shown, SENSITIVITY, 0.95)
    queue = of(made, "without_queue", "FP")
    source = shown["temporary"].query("outcome == 'FP'").set_index("municipality_code")
    assert (queue["rank"] == source["rank_lasting"]).all()
    # Whose queue is not known has its practice and its error as they are.
    base = of(made, "base", "FP")
    assert queue.loc["101", "practice_effect"] == base.loc["101", "practice_effect"]
    assert queue.loc["101", "practice_effect_se"] == base.loc["101", "practice_effect_se"]
    se = base["practice_effect_se"].iloc[1:].astype(float)
    assert queue["practice_effect_se"].iloc[1:].to_numpy() == pytest.approx(np.hypot(se, 0.05))
    shrunk = shown["benchmark"].query("outcome == 'FP'").set_index("municipality_code")
    normal, free = of(made, "prior_normal", "FP"), of(made, "prior_free", "FP")
    assert (normal["practice_effect"] == shrunk["practice_effect_shrunk"]).all()
    assert (normal["rank"] == normal["practice_effect"].rank(method="min")).all()
    assert (free["rank"] == free["practice_effect"].rank(method="min")).all()
    assert free["practice_effect_se"].isna().all()
    assert not made["is_suppressed"].any()
    assert list(made.columns) == list(shown["sensitivity"].columns)


def test_other_outcomes_are_the_base_of_the_other() -> None:
    made = with_choices(tables(), SENSITIVITY, 0.95)
    numbers = ["practice_effect", "practice_effect_se", "rank"]
    for own, name, other in (("ANY", "without_flexjob", "FP"), ("FP", "with_flexjob", "ANY")):
        pd.testing.assert_frame_equal(
            of(made, name, own)[numbers], of(made, "base", other)[numbers]
        )
    assert "paid" not in set(made["specification"])
    both = with_choices(tables(outcomes=("FP", "FP_PAID")), SENSITIVITY, 0.95)
    pd.testing.assert_frame_equal(
        of(both, "paid", "FP")[numbers], of(both, "base", "FP_PAID")[numbers]
    )
    alone = with_choices(tables(outcomes=("FP",)), SENSITIVITY, 0.95)
    assert not set(alone["specification"]) & {name for _, name, _ in DEFINITIONS}


def test_only_what_is_asked_and_known_is_added() -> None:
    shown = tables()
    assert with_choices(shown, (), 0.95).equals(shown["sensitivity"])
    unknown = {
        **shown,
        "temporary": shown["temporary"].assign(temporary=np.nan),
        "prior_effect": shown["prior_effect"].iloc[:0],
    }
    made = with_choices(unknown, ("without_queue", "prior"), 0.95)
    assert set(made["specification"]) == {"base"}


def test_the_country_is_told_how_far_each_choice_moves_ranks() -> None:
    made = with_choices(tables(), SENSITIVITY, 0.95)
    hidden = (made["specification"] == "prior_free") & (made["municipality_code"] < "105")
    made.loc[hidden, "rank"] = pd.NA
    frame = specification_frame(made, 20).set_index(["outcome", "specification"])
    assert "base" not in frame.index.get_level_values("specification")
    for (outcome, name), row in frame.iterrows():
        rank = of(made, str(name), str(outcome))["rank"].dropna().astype(float)
        base = of(made, "base", str(outcome))["rank"].astype(float)[rank.index]
        assert row["n_municipalities"] == (16 if name == "prior_free" else 20)
        assert row["correlation"] == pytest.approx(spearmanr(rank, base)[0])
        assert row["places_moved"] == (rank - base).abs().median()
        same = (np.ceil(rank / 4) == np.ceil(base / 4)).mean()
        assert row["share_same_quintile"] == pytest.approx(same)
    assert specification_frame(made[made["specification"] == "base"], 20).empty


def test_the_summary_counts_them_too() -> None:
    made = with_choices(tables(), SENSITIVITY, 0.95)
    summary = summarise_sensitivity(made, n_municipalities=20).set_index("outcome")
    # Base, queue, two priors and one other outcome; flexjobs have no other outcome.
    assert set(summary.loc["FP", "n_specifications"]) == {5}
    assert set(summary.loc["FJ", "n_specifications"]) == {4}
