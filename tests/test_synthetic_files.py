"""The generated files keep what the register declarations promise."""

import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
from synthetic_country import FIRST_YEAR, LAST_YEAR, RISK_YEARS, country, read

from pipeline.codes import code_list
from pipeline.registers import REGISTERS, Register
from synthetic_data.ground.catalogue import ICD_BY_GROUP
from synthetic_data.ground.regimes import register_years
from synthetic_data.ground.weeks import Calendar


def years_of(register: str) -> list[int]:
    """The years in which the country writes ``register``; none for one it does not write."""
    source = register.removesuffix("_adm").removesuffix("_diag")
    first, last = register_years().get(source, (LAST_YEAR + 1, LAST_YEAR))
    return list(range(max(first, FIRST_YEAR), min(last, LAST_YEAR) + 1))


FILES = [
    (register, year)
    for register in REGISTERS
    for year in (
        [None]
        if register.name in ("dream", "rammevilkaar")
        else RISK_YEARS
        if register.name == "ankestyrelsen"
        else years_of(register.name)
    )
]


def valid_codes(name: str) -> set[str]:
    frame = code_list(name)
    if "code_first" not in frame:
        return set(frame[f"{name}_code"])
    return {
        str(code)
        for first, last in zip(frame["code_first"], frame["code_last"], strict=True)
        for code in range(int(first), int(last) + 1)
    }


def municipalities_of(year: int) -> set[str]:
    """The codes valid all through ``year``; municipalities changed on 1 January only."""
    history = code_list("municipality_history")
    valid = (history["valid_from"] <= f"{year}-01-01") & (history["valid_to"] >= f"{year}-12-31")
    return (
        set(history.loc[valid, "municipality_code"]) if year < 2007 else valid_codes("municipality")
    )


@pytest.mark.parametrize(
    ("register", "year"), FILES, ids=[f"{register.name}-{year}" for register, year in FILES]
)
def test_file_satisfies_its_declaration(register: Register, year: int | None) -> None:
    frame = read(country(), register.name, year)
    written = [column for column in register.columns if column.name in frame]
    assert all(column.is_optional for column in register.columns if column not in written)
    if register.weeks is None:
        assert list(frame.columns) == [column.name for column in written]
    for column in written:
        values = frame[column.name]
        if column.type in ("INTEGER", "DOUBLE"):
            values = values.astype(float)
        if not column.nullable:
            assert values.notna().all(), column.name
        text = values.dropna().astype(str)
        if column.values:  # noqa: PD011
            assert set(text) <= set(column.values), column.name
        if column.dated_by:
            assert column.code_list == "municipality"
            assert set(text) <= municipalities_of(year), column.name
        elif column.code_list:
            assert set(text) <= valid_codes(column.code_list), column.name
        if column.pattern:
            assert text.str.fullmatch(column.pattern).all(), column.name
        if column.type == "DATE":
            assert text.between(str(column.minimum), str(column.maximum)).all(), column.name
        elif column.minimum is not None:
            assert (values.dropna() >= column.minimum).all(), column.name
        if column.maximum is not None and column.type != "DATE":
            assert (values.dropna() <= column.maximum).all(), column.name
    key = [name for name in register.key if name != "FILE_YEAR"]
    if key:
        assert not frame.duplicated(key).any()


def test_contact_numbers_are_unique_over_all_years() -> None:
    for register in ("lpr_adm", "psyk_adm"):
        years = range(FIRST_YEAR, LAST_YEAR + 1)
        numbers = pd.concat([read(country(), register, year)["RECNUM"] for year in years])
        assert not numbers.duplicated().any()


def test_dates_lie_in_the_year_of_the_file() -> None:
    for register, column in (("lpr_adm", "D_INDDTO"), ("psyk_adm", "D_INDDTO"), ("lmdb", "EKSD")):
        dates = pd.to_datetime(read(country(), register, 2004)[column])
        assert set(dates.dt.year) == {2004}
    decisions = read(country(), "ankestyrelsen", 2004)
    assert set(decisions["AFGDATO"].str[:4]) == {"2004"}
    assert (decisions["STARTDATO"] < decisions["AFGDATO"]).all()
    assert set(read(country(), "sysi", 2004)["HONUGE"].str[:2]) == {"04"}


def test_both_registers_of_services_report_2005_and_the_same() -> None:
    assert read(country(), "sysi", 2005).equals(read(country(), "sssy", 2005))
    assert not list(country().glob("sssy_2004*"))
    assert not list(country().glob("sysi_2006*"))


def test_dream_has_one_column_for_every_iso_week() -> None:
    columns = list(read(country(), "dream").columns)
    mondays = pd.date_range("1997-12-29", "2007-12-24", freq="7D")
    weeks = [monday.isocalendar() for monday in mondays]
    assert columns == ["PNR", *(f"y_{week.year % 100:02d}{week.week:02d}" for week in weeks)]
    assert "y_9853" in columns
    assert "y_0453" in columns
    assert "y_0553" not in columns


def test_dream_codes_are_declared_and_rows_are_of_people_with_a_benefit() -> None:
    dream = read(country(), "dream").set_index("PNR")
    codes = pd.unique(dream.to_numpy().ravel())
    result = {code for code in codes if isinstance(code, str)}
    assert result <= valid_codes("benefit_code")
    expected = {"111", "651", "740", "771", "783", "611", "881", "997", "998", "999"}
    assert expected <= result
    is_benefit = dream.notna() & ~dream.isin(["997", "999"])
    assert is_benefit.any(axis=1).all()


def test_week_after_is_the_first_monday_strictly_after() -> None:
    calendar = Calendar(2003, 2010)
    names = calendar.column_names
    for day in pd.date_range("2003-12-20", "2005-01-12").union(
        pd.date_range("2008-12-20", "2010-01-12")
    ):
        number = (day - pd.Timestamp("1970-01-01")).days
        monday = day + pd.Timedelta(days=7 - day.weekday())
        name = names[int(calendar.week_after(number))]
        iso = monday.isocalendar()
        assert name == f"y_{iso.year % 100:02d}{iso.week:02d}"


def test_catalogue_knows_the_group_of_each_diagnosis() -> None:
    ranges = code_list("diagnosis_range")
    for group, codes in ICD_BY_GROUP.items():
        for code in codes:
            hit = ranges[(ranges["icd10_first"] <= code[:3]) & (ranges["icd10_last"] >= code[:3])]
            # O-codes (pregnancy) lie within N00-P96, group other.
            assert list(hit["diagnosis_group"]) == [group], code


def test_files_carry_the_synthetic_mark() -> None:
    for path in sorted(country().rglob("*.parquet")):
        metadata = pq.read_schema(path).metadata
        assert metadata[b"mark"] == b"SYNTETISKE DATA", path
        assert metadata[b"seed"] == b"7"


def test_person_numbers_cannot_be_taken_for_cpr_numbers() -> None:
    numbers = read(country(), "bef", 2006)["PNR"]
    assert not numbers.map(lambda number: re.fullmatch(r"[0-9]{6}-?[0-9]{4}", number)).any()


def test_municipalities_have_their_share_of_the_population() -> None:
    bef = read(country(), "bef", 2007)
    shares = bef["KOM"].astype(str).value_counts(normalize=True)
    frame = code_list("municipality").set_index("municipality_code")["population_2007"].astype(int)
    expected = frame / frame.sum()
    assert set(shares.index) <= set(expected.index)
    n, families = len(bef), bef["FAMILIE_ID"].nunique()
    # Families live in one place: there are as many chances as families.
    error = (shares.reindex(expected.index, fill_value=0) - expected) / (expected / families) ** 0.5
    assert error.abs().max() < 4.5
    assert 0.95 < n / (0.004 * frame.sum()) < 1.05
