"""What the readers promise of every format: days, numbers, formats and paths."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extracts_fixture import REGISTER, ExtractsFolder

from pipeline.registers import Column
from pipeline.warehouse.database.connection import MEMORY, connect, file_pattern
from pipeline.warehouse.delivery.extracts import scan_extracts
from pipeline.warehouse.delivery.sasformats import kind_of_format
from pipeline.warehouse.delivery.values import (
    SAS_DAYS,
    delivered_without_zeros,
    lacks_zeros,
    value_expression,
)

DAY = Column("DAY", "DATE", "A day.")
PERSON = Column("PNR", "VARCHAR", "A person.", digits=10)


def read(value: object, physical: str, column: Column) -> object:
    """Return what ``value``, of the type ``physical``, becomes in ``column``."""
    stored = "DOUBLE" if physical == SAS_DAYS else physical
    with connect(MEMORY, read_only=False) as connection:
        sql = value_expression("given", physical, column)
        row = connection.execute(
            f"SELECT {sql} FROM (SELECT CAST(? AS {stored}) AS given)", [value]
        ).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    "text",
    [
        *("2005-02-02", "20050202", "02-02-2005", "02.02.2005", "02FEB2005", "2005-02-02 13:45"),
        *("2005-02-02T00:00:00.000", "2005-02-02 13:45:10,5", "2005-02-01T23:00:00Z"),
        *("2005-02-01 23:00Z", "2005-02-01T23:00:00 UTC", "2005-02-02T00:30:00.5+01"),
        *("2005-02-02 00:00:00+01:00", "2005-02-02 00:30+0100", "02-02-2005 13:45:10"),
        *("02.02.2005 13:45", "02FEB2005:13:45:10", "02feb2005:13:45:10.25", "20050202T134510"),
    ],
)
def test_a_day_is_the_same_in_every_form_of_text(text: str) -> None:
    assert read(text, "VARCHAR", DAY) == date(2005, 2, 2)


@pytest.mark.parametrize(
    "text", ["2005-02-02 24:61", "2005-02-02 noon", "02/02/2005 13:45", "2005-02-30 00:00", "."]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert read(text, "VARCHAR", DAY) is None


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2005-02-01 23:00:00+00", date(2005, 2, 2)),
        ("2005-07-01 22:00:00+00", date(2005, 7, 2)),
        ("2005-07-01 21:59:59+00", date(2005, 7, 1)),
        ("1890-06-30 23:30:00+00", date(1890, 7, 1)),
    ],
)
def test_a_moment_is_its_day_in_denmark(moment: str, day: date) -> None:
    assert read(moment, "TIMESTAMP WITH TIME ZONE", DAY) == day
    assert read(moment, "VARCHAR", DAY) == day


def test_moments_without_a_zone_are_on_danish_clocks() -> None:
    assert read(datetime(2005, 2, 1, 23, 30), "TIMESTAMP", DAY) == date(2005, 2, 1)


@pytest.mark.parametrize(
    ("number", "day"),
    [
        (16469.0, date(2005, 2, 2)),
        (-1.0, date(1959, 12, 31)),
        (20050202.0, date(2005, 2, 2)),
        (16469.5, None),
        (123456.0, None),
    ],
)
def test_numbers_without_a_format_count_from_1960(number: float, day: date | None) -> None:
    assert read(number, SAS_DAYS, DAY) == day


@pytest.mark.parametrize(
    ("value", "physical", "person"),
    [
        (101701234, "BIGINT", "0101701234"),
        (101701234.0, "DOUBLE", "0101701234"),
        ("101701234", "VARCHAR", "0101701234"),
        ("0101701234", "VARCHAR", "0101701234"),
        ("P1701234", "VARCHAR", "P1701234"),
        ("012345678901", "VARCHAR", "012345678901"),
        (-5, "BIGINT", "-5"),
    ],
)
def test_codes_of_digits_get_their_zeros_back(value: object, physical: str, person: str) -> None:
    assert read(value, physical, PERSON) == person


@pytest.mark.parametrize(
    "text",
    ["", "7", "123", "1234", "12345", " 12 ", "\u00a012\u2003", "1 2", "12a", "-12", "+1", "12\t"],
)
def test_text_without_its_zeros_is_known_as_it_stands_in_a_file(text: str) -> None:
    """Two rules for one question, for the one is asked of a Parquet dictionary."""
    trimmed = lacks_zeros("nullif(trim(code), '')", 4)
    with connect(MEMORY, read_only=False) as connection:
        connection.execute("CREATE TABLE delivered AS SELECT CAST(? AS VARCHAR) AS code", [text])
        rules = (delivered_without_zeros("code", 4), trimmed)
        ((as_it_stands, as_read),) = connection.execute(
            f"SELECT {', '.join(f'coalesce({rule}, false)' for rule in rules)} FROM delivered"
        ).fetchall()
    assert as_it_stands == as_read


@pytest.mark.parametrize(
    ("kind", "formats"),
    [
        (
            "date",
            "DATE9. DATE YYMMDD10. YYMMDDN8. DDMMYY10. DDMMYYP10. DDMMYYD8. MMDDYYS8. E8601DA."
            " B8601DA8. IS8601DA. DANDFDD10. DANDFDE9. DANDFDN. DANDFDWN. DANDFMN. DANDFMY7."
            " DANDFWDX18. DANDFWKX. EURDFDD8. NLDATE. NLDATEW20. NLDATEMDL. WEEKDATX. WORDDATX20."
            " JULIAN7. MONYY7. YYMMN6. YYQ6. YYQZ4. WEEKV11. YEAR4. PDJULG4.",
        ),
        (
            "moment",
            "DATETIME20. DATETIME DATEAMPM. MDYAMPM. DTDATE9. DTMONYY. DTYYQC. E8601DT19."
            " E8601DN10. B8601DT. IS8601DT. NLDATM. NLDATMW30. DANDFDT20.3 EURDFDT.",
        ),
        ("utc_moment", "E8601DZ20. B8601DZ. E8601DX."),
        ("time", "TIME8. TIME TOD8. HHMM5. MMSS. E8601TM. NLTIME. NLTIMAP."),
        ("number", "BEST12. F8.2 8. COMMAX10.2 Z4. DOLLAR10. NUMX12. MYDATE. "),
    ],
)
def test_what_a_number_means_follows_from_its_sas_format(kind: str, formats: str) -> None:
    assert {text: kind_of_format(text) for text in formats.split()} == dict.fromkeys(
        formats.split(), kind
    )
    assert kind_of_format("") == "number"


def test_the_machines_zone_does_not_move_a_day(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"d": pa.array([datetime(2005, 2, 1, 23)], pa.timestamp("us", "UTC"))}),
        tmp_path / "t.parquet",
    )
    program = (
        "import sys; from pipeline.warehouse.database.connection import connect;"
        " from pipeline.warehouse.delivery.values import value_expression;"
        " from pipeline.registers import Column\n"
        "with connect(':memory:', read_only=False) as c:\n"
        " sql = value_expression('d', 'TIMESTAMP WITH TIME ZONE', Column('d', 'DATE', ''))\n"
        " print(*c.execute(f'SELECT {sql}, CAST(d AS DATE) FROM read_parquet(?)',"
        " [sys.argv[1]]).fetchone())"
    )
    for zone in ("UTC", "America/New_York"):
        run = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "t.parquet")],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == ["2005-02-02", "2005-02-02"]


@pytest.mark.parametrize("name", ["SAGSART=FP", "AAR=2006", "a*b", "a?b", "a[1]b"])
def test_the_path_of_a_file_never_changes_its_values(tmp_path: Path, name: str) -> None:
    for folder in (name, "axb", "a1b"):
        extracts = ExtractsFolder().with_background(n=12)
        extracts.write(tmp_path / folder / "in")
    delivery = scan_extracts(
        tmp_path / name / "in",
        registers=[REGISTER["ankestyrelsen"], REGISTER["bef"]],
        workspace=tmp_path / name,
    )
    files = [file for files in delivery.files.values() for file in files]
    assert [file.n_rows for file in files] == [12, 12, 12]
    with duckdb.connect() as connection:
        for file in files:
            rows = connection.execute(
                "SELECT * FROM read_parquet(?, hive_partitioning = false)",
                [file_pattern(str(file.parquet))],
            )
            assert len(rows.fetchall()) == 12
            assert [d[0] for d in rows.description or []] == list(file.types)
