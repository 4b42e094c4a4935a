"""The planted truth agrees with the files, measured anew from the definitions."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from synthetic_country import ARGUMENTS, FIRST_YEAR, RISK_YEARS, country, read

from pipeline.codes import code_list, factor_levels
from synthetic_data import generate
from synthetic_data.events.factors import PLANTED
from synthetic_data.ground.scenario import read_scenario
from synthetic_data.places.country import build_country, redraw_practice

SERIOUS = ("circulatory", "nervous", "neoplasm", "respiratory", "endocrine")
SHOWN = (2000, 2005, 2007)


@cache
def dream() -> pd.DataFrame:
    """Return benefit states by person and week; columns are (ISO year, week), '' is blank."""
    frame = read(country(), "dream").set_index("PNR")
    codes = code_list("benefit_code")
    state = {
        str(code): row.benefit_state
        for row in codes.itertuples()
        for code in range(int(row.code_first), int(row.code_last) + 1)
    }
    frame = frame.apply(lambda week: week.map(state)).fillna("").astype(str)
    names = frame.columns.str[2:]
    years = [int(name[:2]) + (1900 if int(name[:2]) >= 90 else 2000) for name in names]
    frame.columns = pd.MultiIndex.from_arrays([years, [int(name[2:]) for name in names]])
    return frame


@cache
def decisions() -> pd.DataFrame:
    frame = pd.concat([read(country(), "ankestyrelsen", year) for year in RISK_YEARS])
    return frame.assign(year=frame["AFGDATO"].str[:4].astype(int))


@cache
def grants(case: str) -> pd.DataFrame:
    frame = decisions()
    return frame[(frame["AFGOERELSE"].str.startswith("TILKENDELSE")) & (frame["SAGSART"] == case)]


@cache
def diagnoses() -> pd.DataFrame:
    """Return PNR, year, source and group of every A and B diagnosis."""
    ranges = code_list("diagnosis_range")
    parts = []
    for source in ("lpr", "psyk"):
        for year in range(FIRST_YEAR, RISK_YEARS.stop):
            adm, diag = (
                read(country(), f"{source}_adm", year),
                read(country(), f"{source}_diag", year),
            )
            both = adm.merge(diag, on="RECNUM", how="inner", validate="one_to_many")
            assert len(both) == len(diag)
            parts.append(both[both["C_DIAGTYPE"].isin(["A", "B"])].assign(source=source))
    frame = pd.concat(parts)
    icd = frame["C_DIAG"].str[1:4]
    frame["group"] = ""
    for row in ranges.itertuples():
        frame.loc[icd.between(row.icd10_first, row.icd10_last), "group"] = row.diagnosis_group
    frame["year"] = pd.to_datetime(frame["D_INDDTO"]).dt.year
    return frame[["PNR", "year", "source", "group"]]


@cache
def measure(year: int) -> pd.DataFrame:
    """Return factors and risk flags of risk ``year``, one row per person at risk of FP."""
    before = year - 1
    bef = read(country(), "bef", before).set_index("PNR")
    age = before - pd.to_datetime(bef["FOED_DAG"]).dt.year
    weeks = dream().reindex(bef.index, fill_value="")
    last_week = max(week for iso, week in weeks.columns if iso == before)
    last = weeks[before, last_week]
    out = pd.DataFrame({"register_code": bef["KOM"].astype(str), "year": year}, index=bef.index)
    out["age_band"] = pd.cut(
        age,
        [17, 24, 29, 39, 49, 59, 64],
        labels=["18-24", "25-29", "30-39", "40-49", "50-59", "60-64"],
    ).astype(str)
    out["sex"] = bef["KOEN"].map({"1": "male", "2": "female"})
    level = read(country(), "udda", before).set_index("PNR")["HFAUDD"].str[0]
    level = level.reindex(bef.index)
    out["education"] = level.map(
        {"1": "basic", "2": "upper_secondary", "3": "vocational", "9": "unknown"}
        | dict.fromkeys("45678", "higher")
    ).fillna("unknown")
    out["origin"] = bef["IE_TYPE"].map({"1": "danish", "2": "immigrant", "3": "descendant"})
    married = np.where(bef["CIVST"].isin(["G", "P"]), "married", "single")
    children = np.where(bef["ANTBOERNF"] > 0, "children", "no_children")
    out["family"] = [f"{m}_{c}" for m, c in zip(married, children, strict=True)]
    status = {
        "": "self_supporting",
        "student_grant": "self_supporting",
        "unemployment": "unemployment",
        "cash_benefit": "cash_benefit",
        "education_benefit": "cash_benefit",
        "sickness_benefit": "sickness",
        "rehabilitation": "rehabilitation",
        "flexjob": "flexjob",
        "flexjob_unemployment": "flexjob",
    }
    out["labour_status"] = last.map(status).fillna("other")
    iso_years = weeks.columns.get_level_values(0)
    look_back = weeks.loc[:, (iso_years >= year - 10) & (iso_years < year)]
    tenure = look_back.isin(["cash_benefit", "education_benefit"]).sum(axis=1) / 52
    out["tenure_band"] = np.select(
        [tenure == 0, tenure <= 1, tenure <= 2, tenure <= 5],
        ["none", "up_to_1", "1_to_2", "2_to_5"],
        "over_5",
    )
    sick = (weeks.loc[:, iso_years == before] == "sickness_benefit").sum(axis=1)
    out["sickness_weeks_band"] = np.select([sick == 0, sick <= 26], ["none", "up_to_26"], "over_26")
    recent = diagnoses()[diagnoses()["year"].between(year - 5, before)]
    drugs = read(country(), "lmdb", before)
    psychotropic = set(drugs.loc[drugs["ATC"].str[:3].isin(["N05", "N06"]), "PNR"])
    mental = set(recent.loc[recent["group"] == "mental", "PNR"])
    out["mental_health"] = np.select(
        [bef.index.isin(mental), bef.index.isin(psychotropic)],
        ["diagnosis", "psychotropic"],
        "none",
    )
    somatic = recent[recent["source"] == "lpr"]
    muscular = set(somatic.loc[somatic["group"] == "musculoskeletal", "PNR"])
    serious = set(somatic.loc[somatic["group"].isin(SERIOUS), "PNR"])
    out["somatic_health"] = np.select(
        [bef.index.isin(muscular), bef.index.isin(serious)],
        ["musculoskeletal", "other_serious"],
        "none",
    )
    visits = read(country(), "sysi" if before < 2005 else "sssy", before)
    visits = visits[visits["SPECIALE"].str[:2] == "80"].groupby("PNR")["YDLANT"].sum()
    visits = visits.reindex(bef.index, fill_value=0)
    out["gp_contacts_band"] = np.select([visits <= 3, visits <= 11], ["low", "medium"], "high")

    earlier = weeks.loc[:, iso_years < year]
    had_fp = (earlier == "disability_pension").any(axis=1)
    had_fj = earlier.isin(["flexjob", "flexjob_unemployment"]).any(axis=1)
    granted = {
        case: bef.index.isin(grants(case).loc[grants(case)["year"] < year, "PNR"])
        for case in ("FP", "FJ")
    }
    retired = last.isin(["early_retirement", "old_age_pension"])
    at_risk = age.between(18, 64) & ~had_fp & ~granted["FP"] & ~retired
    out["is_at_risk_fp"] = at_risk
    out["is_at_risk_fj"] = at_risk & ~had_fj & ~granted["FJ"]
    for case in ("FP", "FJ"):
        this_year = grants(case).loc[grants(case)["year"] == year, "PNR"]
        out[f"event_{case.lower()}"] = bef.index.isin(this_year)
    return out[at_risk].rename_axis("person_id").reset_index()


@cache
def truth(year: int) -> pd.DataFrame:
    return read(country() / "truth", "person_year", year)


@pytest.mark.parametrize("year", SHOWN)
def test_truth_equals_what_the_files_say_person_by_person(year: int) -> None:
    planted, measured = truth(year), measure(year)
    columns = ["person_id", "year", *PLANTED]
    columns += ["is_at_risk_fp", "is_at_risk_fj", "event_fp", "event_fj"]
    planted = planted[columns].sort_values("person_id", ignore_index=True)
    measured = measured[columns].sort_values("person_id", ignore_index=True)
    assert len(planted) > 10_000
    pd.testing.assert_frame_equal(planted, measured, check_dtype=False)


@pytest.mark.parametrize("year", SHOWN)
def test_the_registers_code_is_of_a_part_of_the_true_municipality(year: int) -> None:
    history = code_list("municipality_history")
    parts = set(history[["municipality_code", "successor_code"]].itertuples(index=False, name=None))
    parts |= {(code, code) for code in code_list("municipality")["municipality_code"]}
    both = truth(year).merge(measure(year)[["person_id", "register_code"]], on="person_id")
    result = set(both[["register_code", "municipality_code"]].astype(str).itertuples(index=False))
    assert len(both) == len(truth(year))
    assert {tuple(pair) for pair in result} <= parts
    assert len(result) > (98 if year == 2008 else 250)


def test_decisions_are_made_where_the_person_lived_when_the_year_began() -> None:
    """The same municipality in two registers, in the codes of two dates."""
    for year in (2003, 2006, 2007):
        decided = read(country(), "ankestyrelsen", year)[["PNR", "KOM"]].drop_duplicates()
        lived = truth(year)[["person_id", "municipality_code"]]
        lived = lived.merge(measure(year)[["person_id", "register_code"]], on="person_id")
        both = decided.merge(lived, left_on="PNR", right_on="person_id")
        assert len(both) == len(decided) > 30
        assert both["PNR"].is_unique
        now = both["municipality_code"] if year == 2007 else both["register_code"]
        changed = {"2003": ("400",), "2006": ("492",)}.get(str(year), ())
        assert (both["KOM"].eq(now.astype(str)) | both["KOM"].isin(changed)).all()


def test_every_level_of_every_factor_occurs() -> None:
    frame = pd.concat([truth(year) for year in RISK_YEARS])
    for factor in PLANTED:
        assert set(frame[factor]) == set(factor_levels()[factor]), factor


def test_planted_events_agree_with_their_probabilities() -> None:
    frame = pd.concat([truth(year) for year in RISK_YEARS])
    for outcome in ("fp", "fj"):
        p = frame[f"p_actual_{outcome}"]
        assert (p.isna() == ~frame[f"is_at_risk_{outcome}"]).all()
        events, p = frame[f"event_{outcome}"].to_numpy(), p.fillna(0).to_numpy()
        deviation = (events.sum() - p.sum()) / np.sqrt((p * (1 - p)).sum())
        assert abs(deviation) < 3.5, outcome
        assert p.max() < 0.7
        top = p >= np.quantile(p, 0.95)
        assert events[top].sum() > 0.3 * events.sum()


def diagnosis_mix(frame: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return the weights of the scenario's diagnosis groups for each person, as shares."""
    weights = read_scenario("default").diagnoses[outcome]
    mix = pd.DataFrame(weights["all"], index=frame.index)
    for name, applies in {
        "psychotropic": frame["mental_health"] == "psychotropic",
        "mental_diagnosis": frame["mental_health"] == "diagnosis",
        "musculoskeletal": frame["somatic_health"] == "musculoskeletal",
        "other_serious": frame["somatic_health"] == "other_serious",
        "under_40": frame["age_band"].isin(["18-24", "25-29", "30-39"]),
    }.items():
        for group, factor in weights[name].items():
            mix.loc[applies, group] *= factor
    return mix.div(mix.sum(axis=1), axis=0)


@pytest.mark.parametrize("year", [2005, 2007])
@pytest.mark.parametrize("outcome", ["FP", "FJ"])
def test_probabilities_differ_by_the_planted_practice_only(outcome: str, year: int) -> None:
    """Effect of the year, tilts and former municipality, put together from the truth tables."""
    planted = {}
    for name in (
        "municipality_practice",
        "former_municipality_practice",
        "diagnosis_practice",
        "route_practice",
        "tenure_practice",
    ):
        table = read(country() / "truth", name)
        planted[name] = table[table["outcome"] == outcome]
    assert len(planted["municipality_practice"]) == 98 * len(RISK_YEARS)
    frame = truth(year).dropna(subset=[f"p_actual_{outcome.lower()}"]).astype({"year": "int32"})
    place = ["municipality_code", "year"]
    effect = frame.merge(planted["municipality_practice"], on=place, how="left")
    former = frame.merge(
        planted["former_municipality_practice"],
        on=["former_municipality_code", *place],
        how="left",
        validate="many_to_one",
    )["deviation"]
    tenure = frame.merge(
        planted["tenure_practice"], on=["municipality_code", "tenure_band"], how="left"
    )["tilt"]
    route = frame.merge(
        planted["route_practice"], on=["municipality_code", "labour_status"], how="left"
    )["tilt"]
    tilts = planted["diagnosis_practice"].pivot(
        index="municipality_code", columns="diagnosis_group", values="tilt"
    )
    mix = diagnosis_mix(frame, outcome)[tilts.columns]
    diagnosis = np.log((mix.to_numpy() * np.exp(tilts.loc[frame["municipality_code"]])).sum(axis=1))
    whole = effect["practice_effect"].to_numpy() + former.to_numpy() + tenure.to_numpy()
    whole += route.to_numpy()
    actual = frame[f"p_actual_{outcome.lower()}"].to_numpy()
    national = frame[f"p_national_{outcome.lower()}"].to_numpy()
    gap = np.log(actual / (1 - actual)) - np.log(national / (1 - national))
    np.testing.assert_allclose(gap, whole + diagnosis.to_numpy(), atol=1e-9)


def test_parts_of_practice_add_up() -> None:
    practice = read(country() / "truth", "municipality_practice")
    assert not practice.duplicated(["municipality_code", "outcome", "year"]).any()
    parts = practice["conditions_effect"] + practice["own_effect"]
    np.testing.assert_allclose(parts, practice["practice_effect"], atol=1e-12)
    for outcome, spread in (("FP", 0.10), ("FJ", 0.08)):
        effects = practice.loc[practice["outcome"] == outcome, "consultant_effect"]
        assert effects.std() == pytest.approx(spread, rel=0.2), outcome
    assert 0.2 < practice["practice_effect"].std() < 0.6


def test_no_practice_plants_none(tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("none") / "out"
    years = {"first_year": 2005, "last_year": 2006}
    generate(out, **{**ARGUMENTS, **years, "scale": 0.001}, scenario="no_practice")
    planted = read(out / "truth", "municipality_practice")
    assert (planted[["practice_effect", "conditions_effect", "own_effect"]] == 0).all(axis=None)
    frame = read(out / "truth", "person_year", 2006)
    for outcome in ("fp", "fj"):
        np.testing.assert_array_equal(frame[f"p_actual_{outcome}"], frame[f"p_national_{outcome}"])


def test_nobody_is_granted_twice_and_flexjob_comes_first() -> None:
    for case in ("FP", "FJ"):
        assert not grants(case)["PNR"].duplicated().any()
    both = grants("FP").merge(grants("FJ"), on="PNR", suffixes=("_fp", "_fj"))
    assert len(both) > 0
    assert (both["AFGDATO_fj"] <= both["AFGDATO_fp"]).all()


def test_grants_go_to_people_at_risk_only() -> None:
    for case in ("FP", "FJ"):
        for year in RISK_YEARS:
            frame = truth(year)
            at_risk = frame.loc[frame[f"is_at_risk_{case.lower()}"], "person_id"]
            granted = grants(case).loc[grants(case)["year"] == year, "PNR"]
            assert granted.isin(at_risk).all()
            assert frame.loc[frame[f"event_{case.lower()}"], "person_id"].isin(granted).all()


def test_pension_begins_the_monday_after_the_grant_and_lasts() -> None:
    wide = read(country(), "dream").set_index("PNR")
    weeks = {name: number for number, name in enumerate(wide.columns)}
    codes = wide.to_numpy()
    position = {person: row for row, person in enumerate(wide.index)}
    checked = 0
    for person, decided in zip(grants("FP")["PNR"], grants("FP")["AFGDATO"], strict=True):
        day = pd.Timestamp(decided)
        monday = (day + pd.Timedelta(days=7 - day.weekday())).isocalendar()
        name = f"y_{monday.year % 100:02d}{monday.week:02d}"
        if name not in weeks:
            continue
        after = codes[position[person], weeks[name] :]
        before = codes[position[person], : weeks[name]]
        assert after[0] == "783"
        assert set(after) <= {"783", "998", "997", "999"}
        assert "783" not in set(before)
        checked += 1
    assert checked > 100


def test_dead_and_emigrated_vanish_from_the_population() -> None:
    wide = read(country(), "dream").set_index("PNR")
    for code in ("997", "999"):
        left = wide.index[wide["y_0401"] == code]
        assert len(left) > 0
        assert not read(country(), "bef", 2004)["PNR"].isin(left).any()
        assert (wide.loc[left, "y_0752"] == code).all()


def test_sickness_benefit_mostly_stops_at_the_limit_outside_flexjobs() -> None:
    weeks = dream() == "sickness_benefit"
    never_flexjob = ~dream().isin(["flexjob", "flexjob_unemployment"]).any(axis=1)
    frame = weeks[never_flexjob].to_numpy()
    run, longest = np.zeros(len(frame), dtype=int), np.zeros(len(frame), dtype=int)
    for week in frame.T:
        run = (run + 1) * week
        longest = np.maximum(longest, run)
    # What goes on beyond it is in test_synthetic_sickness.
    assert (longest == 52).sum() > 2 * (longest > 52).sum() > 0
    assert longest.max() <= 52 + 156


def test_practice_drawn_again_keeps_the_country() -> None:
    """Its own seed gives the planted practice, another seed another with the same spread."""
    scenario = read_scenario("default")
    planted = build_country(scenario, 3, (2006, 2007))
    assert np.array_equal(redraw_practice(planted, scenario, 3), planted.practice)
    other = redraw_practice(planted, scenario, 4)
    own, own_before = (p - planted.conditions_effect for p in (other, planted.practice))
    assert abs(np.corrcoef(own[:, 0, 0], own_before[:, 0, 0])[0, 1]) < 0.4
    together = np.corrcoef(other[:, 0].mean(axis=1), planted.deprivation)[0, 1]
    assert together == pytest.approx(scenario.practice.correlation_fp_deprivation, abs=0.08)
