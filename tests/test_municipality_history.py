"""Municipalities over time: the code list is whole, and every row is counted in one of the 98."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from extracts_fixture import ExtractsFolder, write_parquet
from hypothesis import given
from hypothesis import strategies as st
from person_names import add_names

from pipeline.codes import code_list
from pipeline.settings import read_settings
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER, read_sql_file
from pipeline.warehouse.marts.load import load_extracts

HISTORY = code_list("municipality_history")
CURRENT = set(code_list("municipality")["municipality_code"])
SPLIT = HISTORY[HISTORY["successor_share"].astype(float) < 1]


def valid_on(day: date) -> set[str]:
    on = day.isoformat()
    rows = HISTORY[(HISTORY["valid_from"] <= on) & (HISTORY["valid_to"] >= on)]
    return set(rows["municipality_code"]) if day < date(2007, 1, 1) else CURRENT


@pytest.mark.parametrize(
    ("day", "n"),
    [("2002-12-31", 275), ("2003-01-01", 271), ("2006-01-01", 270), ("2007-01-01", 98)],
)
def test_the_number_of_municipalities_is_the_known_one(day: str, n: int) -> None:
    assert len(valid_on(date.fromisoformat(day))) == n


def test_thirteen_were_split_and_all_shares_add_to_one() -> None:
    assert SPLIT["municipality_code"].nunique() == 13
    periods = HISTORY.assign(share=HISTORY["successor_share"].astype(float))
    totals = periods.groupby(["municipality_code", "valid_from"])["share"].sum()
    assert (totals - 1).abs().max() < 1e-9
    assert not HISTORY.duplicated(["municipality_code", "valid_from", "successor_code"]).any()
    assert set(HISTORY["successor_code"]) == CURRENT


def test_a_code_that_lived_on_is_its_own_successor() -> None:
    """What lets a code be mapped without a date."""
    both = HISTORY[HISTORY["municipality_code"].isin(CURRENT)]
    assert (both["municipality_code"] == both["successor_code"]).all()
    successors = HISTORY.groupby("municipality_code")["successor_code"].agg(set)
    periods = HISTORY.groupby(["municipality_code", "valid_from"])["successor_code"].agg(set)
    assert all(successors[code] == result for (code, _), result in periods.items())


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory):
    """Residents in every code of every time, some in parts that are known later."""
    folder = ExtractsFolder().with_background(n=40)
    for code in sorted({*HISTORY["municipality_code"], *CURRENT}):
        years = (2001, 2004, 2005, 2007)
        for year in years:
            folder.resident(f"Code{code}", years=(year,), KOM=code)
    for code, part in SPLIT[["municipality_code", "successor_code"]].itertuples(index=False):
        folder.resident(f"Stays{code}x{part}", years=(2004, 2005, 2006), KOM=code)
        folder.resident(f"Stays{code}x{part}", years=(2007,), KOM=part)
        folder.decided(f"Stays{code}x{part}", "FP", "2006-05-01")
        folder.ankestyrelsen[-1]["KOM"] = code
        folder.resident(f"Moved{code}x{part}", years=(2004, 2005), KOM=code)
        folder.resident(f"Moved{code}x{part}", years=(2006, 2007), KOM="101")
    for day in ("2006-12-31", "2007-01-01"):
        folder.decided(f"Slangerup{day[:4]}", "FP", day)
        folder.ankestyrelsen[-1]["KOM"] = "233"
    home = tmp_path_factory.mktemp("history")
    folder.write(home / "extracts")
    for year in (2001, 2004, 2007):
        rows = [row for row in folder.bef if row["FILE_YEAR"] == year]
        write_parquet(home / "extracts" / f"bef_{year}.parquet", "bef", rows)
    settings = read_settings(home=home, threads=1, max_quarantine_share=0.9)
    load_extracts(home / "extracts", settings.registers_path, settings=settings)
    with duckdb.connect(str(home / "registers.duckdb"), read_only=True) as connection:
        add_names(connection, home, [row["PNR"] for row in folder.bef])
        yield connection


@pytest.mark.parametrize("year", [2001, 2004, 2005, 2007])
def test_a_code_loads_in_the_years_in_which_it_was_valid(connection, year: int) -> None:
    """Codes of today load in any year, as earlier years are delivered in them too."""
    loaded = connection.execute(
        "SELECT register_municipality_code FROM core.person_snapshot JOIN person_name"
        " USING (person_id) WHERE snapshot_year = ? AND name LIKE 'Code%'",
        [year],
    ).fetchall()
    valid = valid_on(date(year, 12, 31)) | valid_on(date(year + 1, 1, 1)) | CURRENT
    assert {code for (code,) in loaded} == valid


def test_the_others_are_quarantined_with_the_reason(connection) -> None:
    reasons = connection.execute(
        'SELECT register, file, "check", count(*) FROM meta.quarantine GROUP BY ALL ORDER BY ALL'
    ).fetchall()
    bornholm, n_codes = 5, len({*HISTORY["municipality_code"], *CURRENT})
    assert reasons == [
        ("ankestyrelsen", "ankestyrelsen_2006.csv", "kom_valid_at_date", 1),
        ("bef", "bef_2004.parquet", "kom_valid_at_date", bornholm),
        ("bef", "bef_2005.parquet", "kom_valid_at_date", bornholm),
        ("bef", "bef_2007.parquet", "kom_valid_at_date", n_codes - 98),
    ]


def test_codes_of_today_in_earlier_years_are_reported(connection) -> None:
    check = read_sql_file(SQL_FOLDER / "checks" / "municipality_code_of_its_time.sql")
    early = {(row[1], row[2]) for row in connection.execute(check.text).fetchall()}
    expected = {
        (year, code)
        for year in (2001, 2004, 2005)
        for code in CURRENT - valid_on(date(year, 12, 31)) - valid_on(date(year + 1, 1, 1))
    }
    assert early == expected
    assert connection.execute(
        "SELECT status FROM meta.data_quality WHERE \"check\" = 'municipality_code_of_its_time'"
    ).fetchall() == [("warn",)]


def test_a_known_part_is_taken_and_otherwise_the_largest(connection) -> None:
    largest = SPLIT.assign(share=SPLIT["successor_share"].astype(float))
    largest = largest.sort_values("share").groupby("municipality_code")["successor_code"].last()
    for table, date_column in (("person_snapshot", "snapshot_year"), ("decision", "NULL")):
        rows = connection.execute(
            f"SELECT name, register_municipality_code, municipality_code FROM core.{table}"
            " JOIN person_name USING (person_id)"
            f" WHERE regexp_matches(name, '^(Stays|Moved)') AND {date_column} IS DISTINCT"
            " FROM 2007 AND register_municipality_code <> '101'"
        ).fetchall()
        assert len(rows) >= len(SPLIT)
        for person, code, result in rows:
            expected = person[-3:] if person.startswith("Stays") else largest[code]
            assert result == expected, (table, person)


@given(st.sampled_from(sorted({*HISTORY["municipality_code"], *CURRENT})))
def test_every_code_maps_to_one_of_the_98(connection, code: str) -> None:
    answer = connection.execute(
        "SELECT municipality_code, is_split FROM core.municipality_successor"
        " WHERE register_code = ? AND is_largest",
        [code],
    ).fetchall()
    assert len(answer) == 1
    assert answer[0][0] in CURRENT
    assert answer[0][1] == (code in set(SPLIT["municipality_code"]))
    if code in CURRENT:
        assert answer[0] == (code, False)
