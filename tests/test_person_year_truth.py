"""mart.person_year equals the generator's truth, person by person.

The generator computes factors, risk set and events from its own state, without the warehouse's
SQL; the warehouse computes them from the register files. Two ways to the same rows.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from person_names import add_names
from synthetic_country import country
from test_synthetic_sickness import limits_met

from pipeline.codes.factors import factors
from pipeline.settings import read_settings
from pipeline.warehouse.marts.build import set_variables
from pipeline.warehouse.marts.load import LoadSummary, load_extracts
from pipeline.warehouse.raw.pseudonymkey import KEY_FILE
from synthetic_data.events.factors import PLANTED

COLUMNS = PLANTED
YEARS = (2006, 2007)


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> LoadSummary:
    home = tmp_path_factory.mktemp("truth")
    # Two threads: the second load has one.
    settings = read_settings(home=home, window="akf_2006_2007", threads=2)
    return load_extracts(country(), settings.registers_path, settings=settings)


@pytest.fixture(scope="module")
def connection(summary: LoadSummary):
    with duckdb.connect(str(summary.registers_path), read_only=True) as connection:
        files = [str(country() / "truth" / f"person_year_{year}.parquet") for year in YEARS]
        connection.execute("SET VARIABLE truth_files = ?", [files])
        # The truth has the numbers that the files have, the registers pseudonyms.
        numbers = connection.execute(
            "SELECT DISTINCT person_id FROM read_parquet(getvariable('truth_files'))"
        ).to_arrow_table()["person_id"]
        add_names(connection, summary.registers_path.parent, numbers.combine_chunks())
        connection.execute(
            "CREATE TEMP TABLE truth AS SELECT delivered.* REPLACE (person_name.person_id AS"
            " person_id) FROM read_parquet(getvariable('truth_files')) AS delivered"
            " JOIN person_name ON delivered.person_id = person_name.name"
        )
        yield connection


def test_the_risk_set_is_the_truth_s(connection) -> None:
    only_in_truth = connection.execute(
        "SELECT person_id, year FROM truth EXCEPT SELECT person_id, year FROM mart.person_year"
    ).fetchall()
    only_in_mart = connection.execute(
        "SELECT person_id, year FROM mart.person_year EXCEPT SELECT person_id, year FROM truth"
    ).fetchall()
    assert (only_in_truth, only_in_mart) == ([], [])


def test_only_an_unknown_part_of_a_divided_municipality_can_differ(connection) -> None:
    """Who left before the reform is counted in the largest part, or in the part they moved to."""
    compared, different, divided = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE truth.municipality_code <> m.municipality_code),"
        " count(*) FILTER (WHERE truth.municipality_code <> m.municipality_code AND EXISTS ("
        "  SELECT 1 FROM core.split_residence AS s JOIN core.person_snapshot AS p"
        "  ON s.person_id = p.person_id AND s.register_code = p.register_municipality_code"
        "  WHERE s.person_id = m.person_id AND p.snapshot_year = m.year - 1))"
        " FROM truth JOIN mart.person_year AS m USING (person_id, year)"
    ).fetchone()
    assert compared > 10_000
    assert different == divided < 0.001 * compared


@pytest.mark.parametrize("column", COLUMNS)
def test_every_person_has_the_true_value(connection, column: str) -> None:
    compared, different = connection.execute(
        f"SELECT count(*), count(*) FILTER (WHERE truth.{column} IS DISTINCT FROM mart.{column})"
        " FROM truth JOIN mart.person_year AS mart USING (person_id, year)"
    ).fetchone()
    assert compared > 10_000
    assert different == 0


@pytest.mark.parametrize("outcome", ["FP", "FJ"])
def test_every_person_is_truly_at_risk_and_has_the_true_event(connection, outcome: str) -> None:
    compared, risks, events = connection.execute(
        "SELECT count(*),"
        f" count(*) FILTER (WHERE truth.is_at_risk_{outcome.lower()}"
        "  <> (risk.outcome IS NOT NULL)),"
        f" count(*) FILTER (WHERE truth.event_{outcome.lower()}"
        "  <> coalesce(risk.is_event, FALSE))"
        " FROM truth LEFT JOIN (FROM mart.person_risk WHERE outcome = ?) AS risk"
        " USING (person_id, year)",
        [outcome],
    ).fetchone()
    assert compared > 10_000
    assert (risks, events) == (0, 0)


def test_every_factor_has_its_levels_and_one_row_per_person(connection) -> None:
    """Also those that no benchmark of this load names, on the same registers."""
    set_variables(connection, read_settings(window="akf_2006_2007"))
    for name, factor in factors().items():
        n, n_distinct, levels = connection.execute(
            "SELECT count(*), count(DISTINCT (person_id, year)), list(DISTINCT level)"
            f" FROM ({factor.query})"
        ).fetchone()
        assert n == n_distinct, name
        assert set(levels or ()) <= {level for level, _, _ in factor.levels}, name
        # Registers that the country does not have leave everyone without a row.
        assert n > 0 or name in ("income_band", "socio_status", "work_years_band"), name


def test_events_occur(summary: LoadSummary) -> None:
    assert summary.n_events["FP"] > 20
    assert summary.n_events["FJ"] > 10


def test_nothing_is_quarantined_and_the_mark_is_kept(summary: LoadSummary, connection) -> None:
    assert summary.n_quarantined == 0
    assert summary.n_read == summary.n_loaded > 100_000
    assert summary.is_synthetic
    assert str(summary).startswith("SYNTETISKE DATA")
    assert connection.execute("SELECT is_synthetic, seed FROM meta.source").fetchall() == [
        (True, 7)
    ]


def test_a_second_load_gives_the_same_mart(summary: LoadSummary, tmp_path: Path) -> None:
    key = summary.registers_path.with_name(KEY_FILE)
    settings = read_settings(
        home=tmp_path, window="akf_2006_2007", threads=1, pseudonym_key_file=key
    )
    again = load_extracts(country(), settings.registers_path, settings=settings)
    assert again.input_hash == summary.input_hash
    contents = []
    for path in (summary.registers_path, again.registers_path):
        with duckdb.connect(str(path), read_only=True) as connection:
            contents.append(
                [
                    connection.execute(f"SELECT * FROM {table}").fetchall()
                    for table in ("mart.model_cell", "mart.grant_cell")
                ]
                + [
                    connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()
                    for table in ("mart.person_year", "mart.risk_change", "mart.health_history")
                ]
            )
    assert contents[0] == contents[1]


def test_who_was_sick_beyond_the_limit_has_the_outcome(connection) -> None:
    cases = limits_met(country())
    beyond = set(cases.loc[cases["ran_on"] & cases["year"].isin(YEARS), "person_id"])
    named = connection.execute(
        "SELECT name FROM mart.person_outcome JOIN person_name USING (person_id)"
        " WHERE outcome = 'LONG_SICK'"
    ).fetchall()
    assert beyond
    assert beyond <= {name for (name,) in named}
