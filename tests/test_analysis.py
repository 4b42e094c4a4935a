"""Views and macros for analysts: what they read is said, and what they count is right."""

from __future__ import annotations

import re
from datetime import date

import duckdb
import pytest
from rule_runner import warehouse

from pipeline.warehouse.database.sqlfiles import analysis_files, read_folder
from pipeline.warehouse.marts.build import build_analysis

FILES = read_folder("analysis")
_NAMED = re.compile(r"\b(?:raw|codes|core|mart|meta|result|now|analysis)\.\w+")


def named_in(sql: str) -> set[str]:
    """Return the tables, views and macros that a statement names, comments left out."""
    code = re.sub(r"--.*", "", sql)
    return set(_NAMED.findall(code.split("COMMENT ON")[0]))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.object)
def test_a_file_reads_what_it_says_and_says_where_it_is(file) -> None:
    assert named_in(file.text) - {file.object} == set(file.reads)
    assert set(file.databases) <= {"benchmark", "registers"}
    assert file.databases
    for database in file.databases:
        there = {other.object for other in analysis_files(database)}
        assert {name for name in file.reads if name.startswith("analysis.")} <= there


@pytest.fixture
def registers():
    """An empty warehouse with the analysts' schema, and one person's weeks."""
    connection = warehouse()
    connection.execute("BEGIN")
    build_analysis(connection)
    yield connection
    connection.execute("ROLLBACK")


def spells(connection: duckdb.DuckDBPyConnection, *rows: tuple[str, str, date, int]) -> None:
    """Insert spells of (person, state, first Monday, weeks)."""
    for person, state, monday, weeks in rows:
        connection.execute(
            "INSERT INTO core.benefit_spell SELECT ?, '000', ?, 1, ?, ?, ?::DATE + 7 * (? - 1), ?",
            [person, state, weeks, monday, monday, weeks, weeks],
        )


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple]:
    return sorted(connection.execute(sql).fetchall())


def test_everything_for_analysts_has_a_comment(registers) -> None:
    without = registers.execute(
        "SELECT function_name FROM duckdb_functions()"
        " WHERE schema_name = 'analysis' AND comment IS NULL"
        " UNION ALL SELECT concat_ws('.', table_name, column_name) FROM duckdb_columns()"
        " WHERE schema_name = 'analysis' AND comment IS NULL"
        " UNION ALL SELECT view_name FROM duckdb_views()"
        " WHERE schema_name = 'analysis' AND comment IS NULL"
    ).fetchall()
    assert without == []


@pytest.mark.parametrize(
    ("from_date", "until_date", "weeks"),
    [
        ("2006-01-02", "2006-01-30", 4),
        ("2006-01-03", "2006-01-30", 3),
        ("2006-01-02", "2006-01-29", 4),
        ("2006-01-02", "2006-01-23", 3),
        ("2006-01-09", "2006-01-10", 1),
        ("2006-01-10", "2006-01-16", 0),
        ("2005-01-01", "2006-01-02", 0),
        ("2006-01-30", "2007-01-01", 0),
    ],
)
def test_a_week_is_of_the_day_on_which_it_begins(registers, from_date, until_date, weeks) -> None:
    """A spell of the four weeks that begin on 2, 9, 16 and 23 January 2006."""
    answer = registers.execute(
        "SELECT analysis.weeks_between(DATE '2006-01-02', DATE '2006-01-23', ?::DATE, ?::DATE)",
        [from_date, until_date],
    ).fetchone()
    assert answer == (weeks,)


def test_the_state_on_a_day_is_that_of_its_week(registers) -> None:
    spells(
        registers,
        ("UntilSunday", "cash_benefit", date(2006, 1, 2), 1),
        ("FromMonday", "flexjob", date(2006, 1, 9), 2),
    )
    for day, expected in (
        ("2006-01-01", []),
        ("2006-01-02", ["UntilSunday"]),
        ("2006-01-08", ["UntilSunday"]),
        ("2006-01-09", ["FromMonday"]),
        ("2006-01-22", ["FromMonday"]),
        ("2006-01-23", []),
    ):
        answer = rows(registers, f"SELECT person_id FROM analysis.state_on(DATE '{day}')")
        assert answer == [(person,) for person in expected], day


def test_a_look_back_counts_weeks_before_the_day_and_no_others(registers) -> None:
    spells(
        registers,
        ("InAndBefore", "cash_benefit", date(2000, 12, 4), 10),
        ("InAndBefore", "cash_benefit", date(2004, 3, 1), 6),
        ("InAndBefore", "sickness_benefit", date(2005, 12, 26), 3),
        ("OnlyAfter", "cash_benefit", date(2006, 1, 2), 9),
        ("OnlyBefore", "cash_benefit", date(1995, 1, 2), 40),
        ("Student", "student_grant", date(2003, 1, 6), 30),
    )
    assert rows(registers, "SELECT * FROM analysis.lookback(DATE '2006-01-01')") == [
        ("InAndBefore", "cash_benefit", 6 + 6),
        ("InAndBefore", "sickness_benefit", 1),
        ("Student", "student_grant", 30),
    ]
    tenure = rows(registers, "SELECT * FROM analysis.tenure_on(DATE '2006-01-01')")
    assert tenure == [
        ("InAndBefore", 16, "up_to_1", 17, "0_to_2"),
        ("OnlyAfter", 0, "none", 0, "0_to_2"),
        ("OnlyBefore", 0, "none", 0, "0_to_2"),
        ("Student", 0, "none", 0, "0_to_2"),
    ]


def test_a_grant_is_looked_back_from_its_own_date(registers) -> None:
    spells(
        registers,
        ("Granted", "cash_benefit", date(2006, 5, 1), 6),
        ("GrantedTheYearAfter", "cash_benefit", date(2006, 5, 1), 6),
    )
    registers.executemany(
        "INSERT INTO core.first_grant VALUES (?, ?, 'FP', ?, ?, 'mental', '101')",
        [
            ["Granted", "FP", "2006-05-20", 2006],
            ["GrantedFromNothing", "FP", "2007-02-02", 2007],
            ["GrantedTheYearAfter", "FP", "2008-02-02", 2008],
            ["AnotherOutcome", "ANY", "2006-05-20", 2006],
        ],
    )
    answer = rows(registers, "SELECT * FROM analysis.lookback_of_grants('FP', 2006, 2007)")
    assert answer == [
        ("Granted", date(2006, 5, 20), "cash_benefit", 3),
        ("GrantedFromNothing", date(2007, 2, 2), "none", 0),
    ]


@pytest.mark.parametrize(
    ("weeks", "tenure", "support"),
    [
        (0, "none", "0_to_2"),
        (1, "up_to_1", "0_to_2"),
        (52, "up_to_1", "0_to_2"),
        (104, "1_to_2", "0_to_2"),
        (105, "2_to_5", "3_to_5"),
        (260, "2_to_5", "3_to_5"),
        (261, "over_5", "6_to_10"),
        (521, "over_5", "over_10"),
        (None, None, None),
    ],
)
def test_limits_belong_to_the_lower_band(registers, weeks, tenure, support) -> None:
    answer = registers.execute(
        "SELECT analysis.tenure_band($1::INTEGER), analysis.support_band($1::INTEGER)", [weeks]
    ).fetchone()
    assert answer == (tenure, support)


def test_a_person_s_history_is_in_order_of_time(registers) -> None:
    spells(registers, ("P", "sickness_benefit", date(2005, 10, 3), 4))
    registers.execute(
        "INSERT INTO core.decision BY NAME SELECT 'P' AS person_id, 'FP' AS case_type,"
        " 'refusal' AS decision, 'mental' AS diagnosis_group, DATE '2005-09-01' AS"
        " application_date, DATE '2006-02-01' AS decision_date"
    )
    assert registers.execute("SELECT * FROM analysis.person_history('P')").fetchall() == [
        (date(2005, 9, 1), date(2006, 2, 1), "decision", "FP refusal, mental"),
        (date(2005, 10, 3), date(2005, 10, 30), "benefit", "sickness_benefit (000), 4 weeks"),
    ]
