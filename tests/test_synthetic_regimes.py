"""The law's regimes and the registers' years show in the generated files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from synthetic_country import country, read

from pipeline.codes import code_list
from synthetic_data import generate
from synthetic_data.files.progress import ProgressBar
from synthetic_data.ground.regimes import (
    CLOSED,
    cash_duration,
    closed_states,
    grant_shift,
    is_written,
    look_back_shift,
    regimes,
    revision_share,
)

YEARS = range(2012, 2021)


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A country through the reforms of 2013 and 2014 and the change to LPR3."""
    out = tmp_path_factory.mktemp("later") / "out"
    arguments = {"first_year": YEARS[0], "last_year": YEARS[-1], "workers": 1}
    generate(out, scale=0.0015, seed=11, **arguments)
    return out


def states(folder: Path) -> pd.DataFrame:
    """DREAM as (persons, weeks) of benefit states, '' for none, columns YYWW as text."""
    wide = read(folder, "dream").set_index("PNR")
    ranges = code_list("benefit_code")
    name = {"": ""} | {
        str(code): state
        for first, last, state in ranges[["code_first", "code_last", "benefit_state"]].to_numpy()
        for code in range(int(first), int(last) + 1)
    }
    wide.columns = [column.removeprefix("y_") for column in wide.columns]
    return wide.astype(object).fillna("").map(name.__getitem__)


def test_regimes_are_dated_and_open_what_they_say() -> None:
    assert [r.name for r in regimes()] == [r.name for r in sorted(regimes(), key=lambda r: r.first)]
    assert set(closed_states(2012)) == {
        *("resource_programme", "education_benefit", "job_clarification")
    }
    assert closed_states(2013) == ("education_benefit", "job_clarification")
    assert closed_states(2015) == ()
    assert cash_duration(2007) == 1.0
    assert cash_duration(2012) > 1.0 > cash_duration(2017)


def test_grants_fall_in_2013_most_below_40_and_rise_again() -> None:
    young, old = np.array([30]), np.array([50])
    on = np.zeros(1, dtype=bool)
    fp = {
        year: (grant_shift(year, young, on)[0, 0], grant_shift(year, old, on)[0, 0])
        for year in YEARS
    }
    assert fp[2013][0] < fp[2013][1] < 0 < fp[2012][0]
    assert fp[2013][0] < fp[2017][0] + 1e-9 < fp[2019][0]
    assert [look_back_shift(nth)[0, 0] > 0 for nth in (1, 5, 6)] == [True, True, False]
    assert grant_shift(1997, old, on)[1, 0] == CLOSED
    assert grant_shift(2006, old, on)[1, 0] == 0.0
    # Half a year under a regime counts by half.
    april = next(r for r in regimes() if r.name == "rise_2023")
    assert april.share_of(2023) == pytest.approx(275 / 365)
    assert (april.share_of(2022), april.share_of(2024)) == (0.0, 1.0)


def test_pensions_with_revision_are_few_and_come_with_their_law() -> None:
    first = np.datetime64("2023-04-01", "D").astype(np.int64)
    young, old = np.full(2, 30), np.full(2, 50)
    days = np.array([first - 1, first])
    assert revision_share(days, young).tolist() == [0.0, 0.05]
    assert revision_share(days, old).tolist() == [0.0, 0.01]
    law = next(r for r in regimes() if r.name == "fp_with_revision_2023")
    assert not any(shift.any() for shift in law.shift.values())


def test_some_pensions_of_2023_are_granted_with_revision(tmp_path: Path) -> None:
    generate(tmp_path, scale=0.01, seed=3, first_year=2021, last_year=2024, workers=1)
    granted = {
        year: read(tmp_path, "ankestyrelsen", year).query("AFGOERELSE != 'AFSLAG'")
        for year in (2022, 2023, 2024)
    }
    with_revision = {
        year: frame[frame["AFGOERELSE"] == "TILKENDELSE_REVISION"]
        for year, frame in granted.items()
    }
    assert with_revision[2022].empty
    later = pd.concat([with_revision[2023], with_revision[2024]])
    assert set(later["SAGSART"]) == {"FP"}
    assert pd.to_datetime(later["AFGDATO"]).min() >= pd.Timestamp("2023-04-01")
    every = pd.concat([granted[2023], granted[2024]])
    n_granted = (
        every["AFGOERELSE"].str.startswith("TILKENDELSE") & (every["SAGSART"] == "FP")
    ).sum()
    assert 0.002 < len(later) / n_granted < 0.05


def test_registers_have_files_in_their_years_only(later: Path) -> None:
    for register, name in (
        *(("lpr", "lpr_adm"), ("psyk", "psyk_adm"), ("lpr3", "lpr3_kontakter")),
        *(("sssy", "sssy"), ("sysi", "sysi"), ("lmdb", "lmdb")),
    ):
        for year in YEARS:
            exists = (later / f"{name}_{year}.parquet").exists()
            assert exists == is_written(register, year), (name, year)


def test_lpr3_takes_over_on_1_march_2019(later: Path) -> None:
    old = pd.concat([read(later, f"{name}_adm", 2019) for name in ("lpr", "psyk")])
    new = read(later, "lpr3_kontakter", 2019)
    assert len(old) > 50
    assert len(new) > 5 * len(old) / 2
    assert pd.to_datetime(old["D_INDDTO"]).max() < pd.Timestamp("2019-03-01")
    assert pd.to_datetime(new["DATO_START"]).min() >= pd.Timestamp("2019-03-01")
    assert set(new["HOVEDSPECIALE_ANS"]) == {"intern medicin", "psykiatri"}
    diagnoses = read(later, "lpr3_diagnoser", 2019)
    assert set(diagnoses["DW_EK_KONTAKT"]) == set(new["DW_EK_KONTAKT"])
    assert not new["DW_EK_KONTAKT"].duplicated().any()


def test_benefits_begin_with_their_reforms_and_education_benefit_ends_at_30(later: Path) -> None:
    weeks = states(later)
    first = {
        state: min(column for column in weeks if (weeks[column] == state).any())
        for state in ("resource_programme", "education_benefit", "job_clarification")
    }
    assert "13" <= first["resource_programme"][:2] <= "14"
    assert first["education_benefit"] == "1401"
    assert first["job_clarification"] >= "1401"
    born = pd.to_datetime(read(later, "bef", 2016).set_index("PNR")["FOED_DAG"]).dt.year
    january = weeks["1701"].reindex(born.index, fill_value="")
    age = 2017 - born
    assert (age[january == "education_benefit"] < 30).all()
    assert (january == "education_benefit").sum() > 10
    assert (january == "cash_benefit").sum() > 10


def test_nobody_lives_on_after_death_or_in_two_places(later: Path) -> None:
    weeks = states(later)
    for gone in ("dead", "emigrated"):
        first = (weeks == gone).to_numpy().argmax(axis=1)
        ever = (weeks == gone).any(axis=1).to_numpy()
        assert ever.sum() > 10
        tail = weeks.to_numpy()[ever]
        assert all((row[week:] == gone).all() for row, week in zip(tail, first[ever], strict=True))
        left = weeks.index[(weeks["1601"] == gone)]
        assert not read(later, "bef", 2016)["PNR"].isin(left).any()
    for year in YEARS:
        assert not read(later, "bef", year)["PNR"].duplicated().any()


def test_people_of_all_ages_live_and_die(later: Path) -> None:
    previous = None
    for year in YEARS:
        bef = read(later, "bef", year).set_index("PNR")
        age = year - pd.to_datetime(bef["FOED_DAG"]).dt.year
        assert age.min() == 0
        assert 95 <= age.max() <= 105
        assert 0.14 < (age >= 65).mean() < 0.23
        if previous is not None:
            arrived = age[~age.index.isin(previous)]
            assert ((arrived == 0) | arrived.between(19, 61)).all()
        previous = bef.index


def test_the_same_country_as_csv(tmp_path: Path) -> None:
    arguments = {"scale": 0.0003, "seed": 5, "first_year": 2004, "last_year": 2006, "workers": 1}
    generate(tmp_path / "parquet", **arguments)
    generate(tmp_path / "csv", **arguments, all_csv=True)
    files = {path.name for path in (tmp_path / "csv").iterdir()}
    assert {"dream.csv", "bef_2005.csv", "sssy_2006.csv", "synthetic.json"} <= files
    assert not list((tmp_path / "csv").glob("*.parquet"))
    for stem in ("dream", "bef_2005", "lmdb_2006", "lpr_diag_2004"):
        plain = pd.read_csv(tmp_path / "csv" / f"{stem}.csv", sep=";", dtype="string")
        stored = pq.read_table(tmp_path / "parquet" / f"{stem}.parquet").to_pandas()
        assert list(plain.columns) == list(stored.columns)
        assert len(plain) == len(stored)
        text = stored["PNR" if "PNR" in stored else "RECNUM"].astype("string")
        assert plain.iloc[:, 0].tolist() == text.tolist()


def test_the_bar_ends_on_a_line_of_its_own() -> None:
    stream = io.StringIO()
    bar = ProgressBar(stream)
    bar(50, 100, 4.0)
    bar(100, 100, 8.0)
    half, whole = stream.getvalue().split("\r")[1:]
    assert " 50%" in half
    assert "about 4 s left" in half
    assert whole.endswith("\n")
    assert "100%" in whole


def test_default_years_have_no_later_benefit() -> None:
    codes = pd.unique(read(country(), "dream").drop(columns="PNR").to_numpy().ravel())
    assert not {str(code)[:2] for code in codes if isinstance(code, str)} & {"81", "87", "14"}
