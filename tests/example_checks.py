"""What an example query's answer must hold on a night's databases, beyond having its columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd

from pipeline.handbook.examples import Example
from pipeline.warehouse.database.connection import quote_text

Value = Callable[[str], float]
Check = Callable[[pd.DataFrame, Value], bool]


def answer(home: Path, example: Example) -> tuple[pd.DataFrame, Value]:
    """Return the example's answer, and a way to ask its database for one number."""
    with duckdb.connect(str(home / f"{example.database}.duckdb"), read_only=True) as connection:
        if any(name.startswith("earlier.") for name in example.reads):
            release = quote_text(str((home / "benchmark.duckdb").resolve()))
            connection.execute(f"ATTACH {release} AS earlier (READ_ONLY)")
        frame = connection.execute(example.text).df()

    def value(sql: str) -> float:
        with duckdb.connect(str(home / f"{example.database}.duckdb"), read_only=True) as asked:
            ((result,),) = asked.execute(sql).fetchall()
        return result

    return frame, value


def adds_up(frame: pd.DataFrame, value: Value) -> bool:
    """Whether observed and expected of the groups are those of the country."""
    total = value("SELECT sum(observed) FROM result.benchmark WHERE model = 'within'")
    expected = value("SELECT sum(expected) FROM result.benchmark WHERE model = 'within'")
    return frame["observed"].sum() == total and abs(frame["expected"].sum() - expected) < 1e-6


def parts_add_up(frame: pd.DataFrame, _: Value) -> bool:
    wide = frame.pivot_table(index="outcome", columns="component", values="per_1000")
    parts = wide.drop(columns="total").sum(axis=1)
    # Shares are published to a millionth.
    return wide.shape[1] == 4 and (abs(parts - wide["total"]) <= 4 * 0.0005).all()


def of_residents(frame: pd.DataFrame, value: Value) -> bool:
    residents = value(
        "SELECT count(*) FROM core.person_snapshot"
        " WHERE snapshot_year = 2005 AND age_years BETWEEN 18 AND 64"
    )
    shares = frame.groupby("region_name")["share_of_region"].sum()
    return (
        frame["n_persons"].sum() == residents
        and len(shares) == 5
        and (abs(shares - 1) < 1e-9).all()
    )


def within_limits(frame: pd.DataFrame, low: str, middle: str, high: str) -> bool:
    known = frame.dropna(subset=[low, middle, high])
    return bool(((known[low] <= known[middle]) & (known[middle] <= known[high])).all())


#: Expected counts and differences are published to this.
ROUNDED = 0.01

CHECKS: dict[str, Check] = {
    "by_degree_of_merging": lambda f, _: (
        set(f["level"]) <= {"not_merged", "merged_2_3", "merged_4_more"}
        and f.groupby(["outcome", "measure"])["p_value"].nunique().le(1).all()
        and within_limits(f, "low", "value", "high")
    ),
    "case_municipalities_by_change": lambda f, value: (
        # The default question has no baseline.
        len(f) == value("SELECT count(*) FROM result.case_study_change WHERE standing != 'out'")
        and within_limits(f, "change_factor_low", "change_factor", "change_factor_high")
    ),
    "does_the_model_fit": lambda f, _: (
        f["q_value"].between(0, 1).all() and within_limits(f, "sd_low", "sd", "sd_high")
    ),
    "former_municipalities": lambda f, _: (
        f.groupby(["outcome", "municipality_name"])["is_largest"].sum().le(1).all()
        and within_limits(f, "ratio_shrunk_low", "ratio_shrunk", "ratio_shrunk_high")
    ),
    "how_far_municipalities_differ": lambda f, _: within_limits(f, "sd_low", "sd", "sd_high"),
    "pensions_with_revision": lambda f, _: (
        f["year"].is_monotonic_increasing
        and f.loc[f["year"] < 2023, "n_with_revision"].eq(0).all()
        and f["n_granted"].gt(0).all()
    ),
    "queue_or_practice": lambda f, _: (
        f.groupby("outcome")["municipality_name"].nunique().eq(98).all()
        and within_limits(f, "temporary_low", "temporary", "temporary_high")
    ),
    "rank_by_specification": lambda f, _: (
        f.duplicated(["outcome", "specification"]).sum() == 0
        and f["rank"].dropna().between(1, 98).all()
    ),
    "where_a_municipality_differs": lambda f, _: (
        f.duplicated(["outcome", "dimension", "level"]).sum() == 0
        and within_limits(f, "deviation_low", "deviation", "deviation_high")
    ),
    "who_is_on_cash_benefit": lambda f, value: (
        f["tenure_band"].nunique() >= 5
        and f["n_persons"].sum()
        >= 0.9
        * value(
            "SELECT sum(n_persons) FROM result.tenure_stock"
            " WHERE area_code = '000' AND dimension = 'all'"
        )
    ),
    "can_the_data_be_trusted": lambda f, value: (
        (f["finding"] == "rows_accounted_for").sum()
        == value("SELECT count(*) FROM result.data_quality WHERE \"check\" = 'rows_accounted_for'")
        and (f["finding"] == "coverage").sum() == 1
    ),
    "compare_two_municipalities": lambda f, _: (
        set(f["municipality"]) == {"Aarhus"}
        and within_limits(f, "odds_ratio_low", "odds_ratio", "odds_ratio_high")
        and (f["is_different"] == ((f["odds_ratio_low"] > 1) | (f["odds_ratio_high"] < 1))).all()
    ),
    "development_of_a_municipality": lambda f, _: {2006, 2007} <= set(f["year"]),
    "diagnosis_by_tenure": lambda f, value: (
        len(f) == 50
        and abs(
            f["expected"].sum()
            - value(
                "SELECT sum(expected) FROM result.benchmark"
                " WHERE outcome = 'FP' AND model = 'within'"
            )
        )
        < (len(f) + 98) * ROUNDED / 2
        and f["observed"].isna().eq(f["is_suppressed"]).all()
    ),
    "five_years_before_the_grant": lambda f, value: (
        f["n_persons"].sum()
        >= value(
            "SELECT count(*) FROM core.first_grant WHERE outcome = 'FP'"
            " AND grant_year BETWEEN 2006 AND 2007"
        )
        and f["mean_weeks"].between(0, 262).all()
    ),
    "flags_that_hold": lambda f, _: (f.loc[f["stands_out"], "q_value"] <= 0.05).all(),
    "grants_by_region": lambda f, value: adds_up(f, value) and f["group_value"].nunique() == 5,
    "grants_by_unemployment": lambda f, value: (
        adds_up(f, value) and f.groupby("outcome")["n_municipalities"].sum().eq(98).all()
    ),
    "how_sure_are_the_ranks": lambda f, _: (
        within_limits(f, "narrowest", "mean_width", "widest") and f["widest"].le(98).all()
    ),
    "if_all_granted_like_the_lowest": lambda f, _: (
        # A tenth of a grant, and a thousandth of those observed.
        (
            abs(f["fewer_share"] * f["observed"] - f["fewer_grants"])
            < 0.05 + 0.0005 * f["observed"]
        ).all()
        and set(f["method"]) >= {"naive", "empirical_bayes"}
    ),
    "if_all_had_another_practice": lambda f, _: (
        (f["grants_if"] - f["grants_now"] - f["grants_change"]).abs().le(0.016).all()
        and within_limits(f, "grants_change_low", "grants_change", "grants_change_high")
    ),
    "the_year_to_date": lambda f, _: (
        f["quarter"].nunique() == 1
        and within_limits(f.dropna(), "to_date_change_low", "to_date_change", "to_date_change_high")
    ),
    "what_grants_come_to": lambda f, _: (
        # One more a year is at most a person more each year, and the longer the more.
        f["persons_per_grant"].le(f["years_of_practice"]).all()
        and f.groupby("outcome")["persons_per_grant"].diff().dropna().gt(0).all()
        and f["kroner_per_grant"].gt(0).all()
    ),
    "what_an_initiative_did": lambda f, _: (
        within_limits(f, "effect_low", "effect", "effect_high")
        and f["verdict"].isin(["fall", "rise", "no_change", "cannot_tell"]).all()
        and f.loc[f["p_value"].le(0.05), "verdict"].isin(["fall", "rise"]).all()
    ),
    "what_instead_of_a_grant": lambda f, _: (
        set(f["level"]) == {"granted", "waiting", "self_supporting", "elsewhere"}
        and set(f["instead"].dropna())
        <= {"not_low", "waiting", "self_supporting", "both", "unknown"}
    ),
    "contested_diagnoses": lambda f, _: (
        set(f["diagnosis_kind"]) == {"contested", "mental", "somatic"}
        and f.groupby("outcome").size().nunique() == 1
        and f["p_value"].dropna().between(0, 1).all()
    ),
    "measures_before_the_grant": lambda f, _: (
        f["area_code"].eq("000").sum() == f["outcome"].nunique()
        and f[["any_measure", "weeks_active", "weeks_first", "weeks_last"]]
        .stack()
        .dropna()
        .between(0, 1)
        .all()
        and set(f["timing"].dropna()) <= {"late", "early", "untold"}
    ),
    "risk_over_a_life": lambda f, _: (
        f["until_age"].eq(65).all()
        and f["area_code"].eq("000").sum() == f["outcome"].nunique()
        and within_limits(f, "risk_low", "risk", "risk_high")
    ),
    "may_be_among_10_lowest": lambda f, _: (
        f.groupby("outcome").size().ge(10).all()
        and within_limits(f, "rank_low", "rank", "rank_high")
    ),
    "case_municipalities": lambda f, _: (
        f["municipality_name"].is_unique
        and f.loc[f["standing"] == "near", "failed"].notna().all()
        and f.loc[f["set_number"] == 1, "standing"].eq("chosen").all()
    ),
    "pathways_to_pension": lambda f, _: (
        {"000", "751"} == set(f["area_code"])
        and within_limits(f, "share_low", "share", "share_high")
        and within_limits(f, "ratio_low", "ratio", "ratio_high")
    ),
    "rank_under_other_choices": lambda f, _: (
        (f["rank_lowest"] <= f["rank_highest"]).all() and f["municipality_name"].nunique() == 98
    ),
    "routes_to_the_grant": lambda f, _: (
        f["municipality_name"].is_unique and within_limits(f, "ratio_low", "ratio", "ratio_high")
    ),
    "speed_and_refusals": lambda f, _: set(f["granting"]) == {"fewest", "middle", "most"},
    "tenure_of_residents": of_residents,
    "was_planted_practice_found": lambda f, _: set(f["data"]) == {"SYNTETISKE DATA"},
    "what_a_release_changed": lambda f, value: (
        (f["moved"] == 0).all() and len(f) == value("SELECT count(*) FROM analysis.ranking_now")
    ),
    "one_benefit_against_the_other": lambda f, _: (
        len(f) == 10
        and f["probability"].is_monotonic_decreasing
        and f["probability"].between(0, 1).all()
        and (f["outcome"] != f["other_outcome"]).all()
    ),
    "what_goes_with_practice": lambda f, _: (
        f[["outcome", "measure"]].duplicated().sum() == 0
        and within_limits(f, "slope_low", "slope", "slope_high")
        and f["p_value"].dropna().between(0, 1).all()
    ),
    "what_went_to_quarantine": lambda f, _: (
        (f["n_read"] == f["n_loaded"] + f["n_quarantined"]).all()
        and f["reasons"].notna().eq(f["n_quarantined"] > 0).all()
    ),
    "where_do_they_go": lambda f, _: abs(f["share"].sum() - 1) < 1e-9,
    "who_leaves_cash_benefit": lambda f, _: (
        set(f["area"]) == {"Danmark", "Aarhus"}
        and within_limits(f, "exit_share_low", "exit_share", "exit_share_high")
    ),
    "what_merged_municipalities_follow": lambda f, _: (
        f["n_former"].ge(2).all()
        and f[["p_mean", "p_largest", "p_strictest"]].sum(axis=1).sub(1).abs().le(0.0016).all()
    ),
    "when_granting_changed_level": lambda f, _: (
        f.groupby("outcome").size().le(5).all()
        and within_limits(f, "step_year_low", "step_year", "step_year_high")
        and within_limits(f, "step_factor_low", "step_factor", "step_factor_high")
        and f["is_step"].eq(f["q_value"] < 0.05).all()
    ),
    "why_a_municipality_differs": parts_add_up,
}


def check_example(home: Path, example: Example) -> None:
    """Assert that the example has an answer on the databases of ``home``, and a right one."""
    frame, value = answer(home, example)
    assert tuple(frame.columns) == example.returns
    # A home without an initiative, or a question without a baseline, has none to tell of.
    assert len(frame) or example.path.stem in {
        "what_an_initiative_did",
        "case_municipalities_by_change",
    }
    assert CHECKS[example.path.stem](frame, value)
