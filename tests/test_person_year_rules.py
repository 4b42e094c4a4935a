"""mart.person_year on persons named by the rule they test, among ordinary ones.

Everyone is a resident of 2005 unless the case says otherwise, so the year at risk is 2006. A case
says how the person's row differs from ORDINARY, or None for a person who must not be in it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from extracts_fixture import ExtractsFolder

from pipeline.codes import factor_levels
from pipeline.settings import read_settings
from pipeline.warehouse.load import load_extracts

ORDINARY = {
    "municipality_code": "101",
    "age_band": "30-39",
    "sex": "male",
    "education": "unknown",
    "origin": "danish",
    "family": "single_no_children",
    "labour_status": "self_supporting",
    "tenure_band": "none",
    "sickness_weeks_band": "none",
    "mental_health": "none",
    "somatic_health": "none",
    "gp_contacts_band": "low",
    "is_at_risk_fp": True,
    "is_at_risk_fj": True,
    "is_at_risk_any": True,
    "event_fp": False,
    "event_fj": False,
    "event_any": False,
    "diagnosis_fp": None,
    "diagnosis_fj": None,
    "diagnosis_any": None,
}
Setup = Callable[[ExtractsFolder, str], None]
OUT_OF_RISK_SET = None
NOT_FJ = {"is_at_risk_fj": False, "is_at_risk_any": False}


def resident(**changed: object) -> Setup:
    return lambda f, p: f.resident(p, **changed)


def benefit(code: str, last: str, n_weeks: int = 1) -> Setup:
    return lambda f, p: f.on_benefit(p, code, last, n_weeks)


def grant(case: str, day: str, **more: str | None) -> Setup:
    return lambda f, p: f.decided(p, case, day, **more)


def diagnosis(code: str, day: str, **more: str) -> Setup:
    return lambda f, p: f.diagnosed(p, code, day, **more)


def dispensed(atc: str, day: str) -> Setup:
    return lambda f, p: f.dispensed(p, atc, day)


def treated(n: int, week: str, speciality: str = "800001") -> Setup:
    return lambda f, p: f.treated(p, n, week, speciality)


def educated(code: str, year: int = 2005) -> Setup:
    return lambda f, p: f.educated(p, code, year)


def fp(group: str) -> dict:
    return {
        **{"event_fp": True, "event_any": True},
        **{"diagnosis_fp": group, "diagnosis_any": group},
    }


def fj(group: str) -> dict:
    return {
        **{"event_fj": True, "event_any": True},
        **{"diagnosis_fj": group, "diagnosis_any": group},
    }


CASES: dict[str, tuple[list[Setup], dict | None]] = {
    "NothingRecorded": ([], {}),
    # Residence and age on 31 December 2005
    "TurnsEighteenOnLastDay": ([resident(FOED_DAG=date(1987, 12, 31))], {"age_band": "18-24"}),
    "SeventeenUntilNewYear": ([resident(FOED_DAG=date(1988, 1, 1))], OUT_OF_RISK_SET),
    "StillTwentyFour": ([resident(FOED_DAG=date(1981, 1, 1))], {"age_band": "18-24"}),
    "JustTwentyFive": ([resident(FOED_DAG=date(1980, 12, 31))], {"age_band": "25-29"}),
    "JustThirty": ([resident(FOED_DAG=date(1975, 12, 31))], {"age_band": "30-39"}),
    "JustForty": ([resident(FOED_DAG=date(1965, 12, 31))], {"age_band": "40-49"}),
    "JustFifty": ([resident(FOED_DAG=date(1955, 12, 31))], {"age_band": "50-59"}),
    "JustSixty": ([resident(FOED_DAG=date(1945, 12, 31))], {"age_band": "60-64"}),
    "StillSixtyFour": ([resident(FOED_DAG=date(1941, 1, 1))], {"age_band": "60-64"}),
    "JustSixtyFive": ([resident(FOED_DAG=date(1940, 12, 31))], OUT_OF_RISK_SET),
    "ResidentOnlyInYearAtRisk": ([resident(years=(2006,))], OUT_OF_RISK_SET),
    "MovesInYearAtRisk": (
        [resident(years=(2005,), KOM="147"), resident(years=(2006,), KOM="461")],
        {"municipality_code": "147"},
    ),
    # Plain factors
    "AnyWoman": ([resident(KOEN="2")], {"sex": "female"}),
    "Immigrant": ([resident(IE_TYPE="2")], {"origin": "immigrant"}),
    "Descendant": ([resident(IE_TYPE="3")], {"origin": "descendant"}),
    "MarriedOneChild": ([resident(CIVST="G", ANTBOERNF=1)], {"family": "married_children"}),
    "MarriedNoChild": ([resident(CIVST="G")], {"family": "married_no_children"}),
    "RegisteredPartner": ([resident(CIVST="P")], {"family": "married_no_children"}),
    "DivorcedWithChild": ([resident(CIVST="F", ANTBOERNF=2)], {"family": "single_children"}),
    "WidowedIsNotMarried": ([resident(CIVST="E")], {}),
    "EducationBasicLast": ([educated("1999")], {"education": "basic"}),
    "EducationUpperFirst": ([educated("2000")], {"education": "upper_secondary"}),
    "EducationVocational": ([educated("3999")], {"education": "vocational"}),
    "EducationHigherLast": ([educated("8999")], {"education": "higher"}),
    "EducationNotStated": ([educated("9000")], {"education": "unknown"}),
    "EducationOfYearAtRisk": ([educated("4000", 2006)], {"education": "unknown"}),
    # Tenure: weeks in ISO years 1996-2005, a year is 52
    "TenureExactly52Weeks": ([benefit("130", "0540", 52)], {"tenure_band": "up_to_1"}),
    "TenureExactly53Weeks": ([benefit("138", "0540", 53)], {"tenure_band": "1_to_2"}),
    "TenureExactly104Weeks": ([benefit("730", "0540", 104)], {"tenure_band": "1_to_2"}),
    "TenureExactly105Weeks": ([benefit("730", "0540", 105)], {"tenure_band": "2_to_5"}),
    "TenureExactly260Weeks": ([benefit("730", "0540", 260)], {"tenure_band": "2_to_5"}),
    "TenureExactly261Weeks": ([benefit("730", "0540", 261)], {"tenure_band": "over_5"}),
    "TenureAddsUpOverSpells": (
        [benefit("130", "9740", 30), benefit("140", "0140", 20), benefit("720", "0440", 3)],
        {"tenure_band": "1_to_2"},
    ),
    "TenureCountsWeek53": ([benefit("130", "0453", 53)], {"tenure_band": "1_to_2"}),
    "TenureBeforeLookback": ([benefit("130", "9552", 40)], {}),
    "TenureHalfInLookback": ([benefit("130", "9601", 40)], {"tenure_band": "up_to_1"}),
    "TenureOfYearAtRisk": ([benefit("130", "0630", 30)], {}),
    "SicknessIsNotTenure": (
        [benefit("890", "0540", 27)],
        {"sickness_weeks_band": "over_26"},
    ),
    # Sickness in ISO year 2005
    "SicknessExactly26Weeks": ([benefit("899", "0530", 26)], {"sickness_weeks_band": "up_to_26"}),
    "SicknessYearBeforeLast": ([benefit("890", "0453", 40)], {}),
    "SicknessOverNewYear": ([benefit("890", "0526", 40)], {"sickness_weeks_band": "up_to_26"}),
    # Status in the last ISO week of 2005, week 52
    "UnemployedAtYearEnd": ([benefit("111", "0552", 3)], {"labour_status": "unemployment"}),
    "UnemployedUntilWeek51": ([benefit("111", "0551", 3)], {}),
    "UnemployedFromNewYear": ([benefit("111", "0601", 1)], {}),
    "StudentAtYearEnd": ([benefit("651", "0552")], {}),
    "CashBenefitAtYearEnd": (
        [benefit("130", "0552")],
        {"labour_status": "cash_benefit", "tenure_band": "up_to_1"},
    ),
    "EducationBenefitAtYearEnd": (
        [benefit("729", "0552")],
        {"labour_status": "cash_benefit", "tenure_band": "up_to_1"},
    ),
    "SickAtYearEnd": (
        [benefit("890", "0602", 3)],
        {"labour_status": "sickness", "sickness_weeks_band": "up_to_26"},
    ),
    "RehabilitationAtYearEnd": ([benefit("758", "0552")], {"labour_status": "rehabilitation"}),
    "ParentalLeaveAtYearEnd": ([benefit("881", "0552")], {"labour_status": "other"}),
    "ResourceProgrammeAtYearEnd": ([benefit("818", "0552")], {"labour_status": "other"}),
    "JobClarificationAtYearEnd": ([benefit("870", "0552")], {"labour_status": "other"}),
    "FlexjobAtYearEnd": ([benefit("771", "0552")], {"labour_status": "flexjob", **NOT_FJ}),
    "FlexjobBenefitAtYearEnd": ([benefit("748", "0552")], {"labour_status": "flexjob", **NOT_FJ}),
    # Who has left the risk set
    "FlexjobOneWeekLongAgo": ([benefit("774", "9501")], NOT_FJ),
    "FlexjobFromNewYear": ([benefit("771", "0601")], {}),
    "PensionOneWeekLongAgo": ([benefit("783", "9501")], OUT_OF_RISK_SET),
    "PensionerWithWageSubsidy": ([benefit("781", "0552")], OUT_OF_RISK_SET),
    "PensionFromNewYear": ([benefit("783", "0601")], {}),
    "EarlyRetiredAtYearEnd": ([benefit("611", "0552")], OUT_OF_RISK_SET),
    "FlexAllowanceAtYearEnd": ([benefit("622", "0552")], OUT_OF_RISK_SET),
    "EarlyRetiredUntilWeek51": ([benefit("611", "0551")], {}),
    "OldAgePensionAtYearEnd": ([benefit("998", "0552")], OUT_OF_RISK_SET),
    "FpGrantOnLastDayBefore": ([grant("FP", "2005-12-31")], OUT_OF_RISK_SET),
    "FjGrantOnLastDayBefore": ([grant("FJ", "2005-12-31")], NOT_FJ),
    "FpRefusedBefore": ([grant("FP", "2004-05-05", decision="AFSLAG")], {}),
    # Events of 2006
    "FpGrantOnFirstDay": ([grant("FP", "2006-01-01")], fp("mental")),
    "FpGrantOnLastDay": ([grant("FP", "2006-12-31", diagnosis="M545")], fp("musculoskeletal")),
    "FpGrantTheYearAfter": ([grant("FP", "2007-01-01")], {}),
    "FpRefusedInYear": ([grant("FP", "2006-06-06", decision="AFSLAG")], {}),
    "FpWithdrawnInYear": ([grant("FP", "2006-06-06", decision="ANDET")], {}),
    "FpRefusedThenGranted": (
        [grant("FP", "2006-02-02", decision="AFSLAG"), grant("FP", "2006-08-08")],
        fp("mental"),
    ),
    "FpGrantedTwiceInYear": (
        [grant("FP", "2006-08-08", diagnosis="C509"), grant("FP", "2006-02-02", diagnosis="I219")],
        fp("circulatory"),
    ),
    "FjGrantInYear": ([grant("FJ", "2006-06-06", diagnosis="G35")], fj("nervous")),
    "FjThenFpInYear": (
        [grant("FP", "2006-09-09", diagnosis="J449"), grant("FJ", "2006-03-03", diagnosis="E109")],
        {
            **fp("respiratory"),
            **fj("endocrine"),
        },
    ),
    "FpAndFjOnOneDate": (
        [grant("FJ", "2006-03-03", diagnosis="S720"), grant("FP", "2006-03-03", diagnosis="D48")],
        {**fj("injury"), **fp("neoplasm")},
    ),
    "FlexjobThenFpGrant": (
        [benefit("771", "0552", 5), grant("FP", "2006-06-06")],
        {
            **{"labour_status": "flexjob", **NOT_FJ},
            **{"event_fp": True, "diagnosis_fp": "mental"},
        },
    ),
    "FjGrantEarlierAndAgain": (
        [grant("FJ", "2003-03-03"), grant("FJ", "2006-03-03")],
        NOT_FJ,
    ),
    "PensionInDreamThenGrant": (
        [benefit("783", "0552"), grant("FP", "2006-03-03")],
        OUT_OF_RISK_SET,
    ),
    "GrantWithoutDiagnosis": ([grant("FP", "2006-06-06", diagnosis=None)], fp("other")),
    "GrantIntellectualDisability": (
        [grant("FP", "2006-06-06", diagnosis="F700")],
        fp("congenital"),
    ),
    "GrantBloodDisease": ([grant("FP", "2006-06-06", diagnosis="D500")], fp("other")),
    # Mental health: diagnoses 2001-2005, prescriptions 2005
    "MentalOnFirstDayOfLookback": (
        [diagnosis("DF329", "2001-01-01", register="psyk")],
        {"mental_health": "diagnosis"},
    ),
    "MentalOnDayBeforeLookback": ([diagnosis("DF329", "2000-12-31", register="psyk")], {}),
    "MentalOnSomaticWard": ([diagnosis("DF20", "2005-12-31")], {"mental_health": "diagnosis"}),
    "MentalAsSecondary": (
        [diagnosis("DF20", "2003-01-01", kind="B")],
        {"mental_health": "diagnosis"},
    ),
    "MentalAsReferralOnly": ([diagnosis("DF20", "2003-01-01", kind="H")], {}),
    "MentalInYearAtRisk": ([diagnosis("DF20", "2006-01-01", register="psyk")], {}),
    "IntellectualDisability": ([diagnosis("DF70", "2003-01-01", register="psyk")], {}),
    "PsychotropicN05LastDay": (
        [dispensed("N05AH04", "2005-12-31")],
        {"mental_health": "psychotropic"},
    ),
    "PsychotropicN06FirstDay": (
        [dispensed("N06AB04", "2005-01-01")],
        {"mental_health": "psychotropic"},
    ),
    "PsychotropicYearBefore": ([dispensed("N05AH04", "2004-12-31")], {}),
    "PainkillerIsNotPsychotropic": ([dispensed("N02BE01", "2005-06-06")], {}),
    "DiagnosisBeforePsychotropic": (
        [dispensed("N06AB04", "2005-06-06"), diagnosis("DF32", "2002-02-02", register="psyk")],
        {"mental_health": "diagnosis"},
    ),
    # Somatic health: LPR only
    "BackPain": ([diagnosis("DM545", "2002-02-02")], {"somatic_health": "musculoskeletal"}),
    "HeartDisease": ([diagnosis("DI21", "2002-02-02")], {"somatic_health": "other_serious"}),
    "BackPainAndHeartDisease": (
        [diagnosis("DI21", "2005-02-02"), diagnosis("DM545", "2001-02-02", kind="B")],
        {"somatic_health": "musculoskeletal"},
    ),
    "InjuryIsNotSerious": ([diagnosis("DS720", "2005-02-02")], {}),
    "BackPainInPsychiatry": ([diagnosis("DM545", "2002-02-02", register="psyk")], {}),
    # General practice in ISO year 2005
    "GpThreeServices": ([treated(3, "0510")], {}),
    "GpFourServices": ([treated(2, "0501"), treated(2, "0552")], {"gp_contacts_band": "medium"}),
    "GpElevenServices": ([treated(11, "0510")], {"gp_contacts_band": "medium"}),
    "GpTwelveServices": (
        [treated(6, "0510"), treated(6, "0510", "80")],
        {"gp_contacts_band": "high"},
    ),
    "SpecialistDoesNotCount": ([treated(20, "0510", "240000")], {}),
    "GpOfOtherYears": ([treated(20, "0453"), treated(20, "0601")], {}),
}


@pytest.fixture(scope="module")
def person_year(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """The rows of 2006 by person, without person and year."""
    home = tmp_path_factory.mktemp("rules")
    folder = ExtractsFolder(first_week_year=1995)
    for pnr, (setups, _) in CASES.items():
        if not any(setup.__qualname__.startswith("resident") for setup in setups):
            folder.resident(pnr)
        for setup in setups:
            setup(folder, pnr)
    folder.with_background(n=3).write(home / "extracts")
    return rows_of(load(home), 2006)


def load(home: Path) -> Path:
    load_extracts(
        home / "extracts", home / "registers.duckdb", settings=read_settings(home=home, threads=1)
    )
    return home / "registers.duckdb"


def rows_of(registers: Path, year: int) -> dict[str, dict]:
    with duckdb.connect(str(registers), read_only=True) as connection:
        rows = connection.execute("SELECT * FROM mart.person_year WHERE year = ?", [year])
        names = [column[0] for column in rows.description]
        found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return {row.pop("person_id"): row for row in found if row.pop("year")}


@pytest.mark.parametrize("pnr", CASES)
def test_person_has_the_row_the_rules_give(person_year: dict[str, dict], pnr: str) -> None:
    difference = CASES[pnr][1]
    if difference is OUT_OF_RISK_SET:
        assert pnr not in person_year
    else:
        assert person_year[pnr] == {**ORDINARY, **difference}


def test_nobody_else_is_at_risk(person_year: dict[str, dict]) -> None:
    expected = {pnr for pnr, (_, row) in CASES.items() if row is not OUT_OF_RISK_SET}
    background = {pnr for pnr in person_year if pnr.startswith("Background")}
    assert set(person_year) - background == expected
    assert len(background) == 3


def test_every_level_of_every_factor_has_a_case(person_year: dict[str, dict]) -> None:
    for factor, levels in factor_levels().items():
        assert {row[factor] for row in person_year.values()} == set(levels), factor
