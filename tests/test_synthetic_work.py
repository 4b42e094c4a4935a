"""IND and AKM of a synthetic country: of the same weeks as DREAM, and only where asked for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.commands.cli import main
from pipeline.night.synthetic import registers_read
from pipeline.registers import REGISTERS
from pipeline.settings import read_settings
from synthetic_data import generate

YEARS = {"first_year": 2004, "last_year": 2006}


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("work") / "country"
    generate(out, scale=0.001, seed=3, workers=1, further=("ind", "akm"), **YEARS)
    return out


def test_they_are_made_where_a_factor_reads_them(country: Path, tmp_path: Path) -> None:
    assert registers_read(read_settings(benchmark="ministry")) == ("ind", "akm")
    assert registers_read(read_settings()) == ()
    generate(tmp_path / "plain", scale=0.001, seed=3, workers=1, **YEARS)
    plain = {path.name for path in (tmp_path / "plain").iterdir()}
    both = {path.name for path in country.iterdir()}
    assert both - plain == {f"{name}_{year}.parquet" for name in ("ind", "akm") for year in
                            (2004, 2005, 2006)}  # fmt: skip
    same = ("bef_2005.parquet", "dream.parquet", "ankestyrelsen_2006.csv")
    for name in same:
        assert (tmp_path / "plain" / name).read_bytes() == (country / name).read_bytes()
    assert main(["generate", "--out", str(tmp_path / "x"), "--registers", "ind,sst"]) == 3


def test_their_columns_are_as_declared(country: Path) -> None:
    for register in REGISTERS:
        if register.name in ("ind", "akm"):
            frame = pd.read_parquet(country / f"{register.name}_2005.parquet")
            assert list(frame) == [column.name for column in register.columns]
            assert frame["PNR"].is_unique
            assert not frame.isna().any(axis=None)


def test_the_main_attachment_is_that_of_most_weeks_in_dream(country: Path) -> None:
    status = pd.read_parquet(country / "akm_2005.parquet").set_index("PNR")["SOCIO13"]
    dream = pd.read_parquet(country / "dream.parquet").set_index("PNR")
    weeks = dream[[name for name in dream if str(name).startswith("y_05")]]
    on_pension = (weeks == "783").sum(axis=1) > 26
    assert (status.reindex(weeks.index[on_pension]).dropna() == "321").all()
    on_cash = weeks.isin(["130", "131", "132", "730", "731", "733"]).sum(axis=1) > 26
    assert on_cash.sum() > 20
    assert (status.reindex(weeks.index[on_cash]).dropna() == "330").all()
    never = status[~status.index.isin(dream.index)]
    assert set(never.astype(str).str[0]) == {"1"}


def test_income_follows_work_and_education(country: Path) -> None:
    status = pd.read_parquet(country / "akm_2005.parquet").set_index("PNR")["SOCIO13"]
    income = pd.read_parquet(country / "ind_2005.parquet").set_index("PNR")
    assert (income["LOENMV_13"] <= income["PERINDKIALT_13"]).all()
    mean = income["PERINDKIALT_13"].groupby(status.astype(str)).mean()
    assert 100_000 < mean["330"] < mean["134"]
    assert mean["132"] > mean["134"] > mean["321"] > 100_000
