"""A load that lost a tenth of a register's matches stops; ordinary and accepted ones do not."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extracts_fixture import ExtractsFolder

from pipeline.errors import CheckError
from pipeline.settings import read_settings
from pipeline.warehouse.marts.load import load_extracts

CHECKS = Path(__file__).parents[1] / "sql" / "checks"
PERSONS = 1000
REFERENCE = "rules VARCHAR, subject VARCHAR, level VARCHAR, year INTEGER, n BIGINT, share DOUBLE"


def failing(
    check: str, tables: dict[str, tuple[str, list[tuple]]], drift: float = 0.05
) -> list[tuple]:
    """Return the rows that ``check`` selects from ``tables`` (name: columns and rows)."""
    with duckdb.connect() as connection:
        for schema in ("core", "mart", "meta"):
            connection.execute(f"CREATE SCHEMA {schema}")
        for name, (columns, rows) in tables.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        connection.execute(f"SET VARIABLE max_drift_share = {drift}")
        connection.execute("SET VARIABLE share_rules = 'now'")
        connection.execute("SET VARIABLE match_rules = 'now'")
        return connection.execute((CHECKS / f"{check}.sql").read_text("utf-8")).fetchall()


def matches(
    shares: dict[int, float], n: int = 10_000, before: dict[int, float] | None = None
) -> dict[str, tuple[str, list[tuple]]]:
    """Return the matches of one register with the share matched by year, now and before."""
    rows = [("lmdb", year, n, round(n * share), share) for year, share in shares.items()]
    columns = "register VARCHAR, year INTEGER, n_rows BIGINT, n_matched BIGINT, match_share DOUBLE"
    kept = [("now", "lmdb", "(matched)", year, n, of) for year, of in (before or {}).items()]
    return {"core.population_match": (columns, rows), "meta.share_reference": (REFERENCE, kept)}


def shares(
    now: dict[str, int], before: dict[str, int], rules: str = "now"
) -> dict[str, tuple[str, list[tuple]]]:
    """Return a factor's shares of 2006, now and in the reference, of persons by level."""
    n_now, n_before = sum(now.values()), sum(before.values())
    return {
        "mart.factor_share": (
            "year INTEGER, factor VARCHAR, level VARCHAR, n_persons BIGINT, share DOUBLE",
            [(2006, "health", level, n, n / n_now) for level, n in now.items()],
        ),
        "meta.share_reference": (
            REFERENCE,
            [(rules, "health", level, 2006, n, n / n_before) for level, n in before.items()],
        ),
    }


def test_a_year_that_matches_less_than_the_others_is_named() -> None:
    steady = dict.fromkeys(range(1999, 2008), 0.985) | {1999: 0.96, 2007: 0.955}
    assert failing("register_keeps_its_matches", matches(steady)) == []
    lost = matches(steady | {2004: 0.89})
    assert failing("register_keeps_its_matches", lost) == [("lmdb", 2004, 89.0, 98.5)]
    assert failing("register_keeps_its_matches", lost, drift=0.2) == []
    let_through = matches(steady | {2004: 0.89}, before=steady | {2004: 0.9})
    assert failing("register_keeps_its_matches", let_through) == []
    few = matches(steady | {2004: 0.89}, n=100)
    assert failing("register_keeps_its_matches", few) == []


def test_the_share_of_a_level_is_held_against_the_same_year_of_an_earlier_load() -> None:
    before = {"none": 9000, "drug": 1000}
    check = "factor_shares_as_before"
    assert failing(check, shares({"none": 9030, "drug": 970}, before)) == []
    lost = shares({"none": 9100, "drug": 900}, before)
    assert failing(check, lost) == [("health", "drug", 2006, -10.0, 9.0, 10.0)]
    assert failing(check, lost, drift=0.2) == []
    # Gained counts as much; another country of a tenth more people has the same shares.
    assert failing(check, shares({"none": 8900, "drug": 1100}, before))[0][:2] == ("health", "drug")
    assert failing(check, shares({"none": 9900, "drug": 1100}, before)) == []


def test_levels_that_come_go_or_are_rare() -> None:
    check, before = "factor_shares_as_before", {"none": 9000, "drug": 1000}
    assert [row[1] for row in failing(check, shares({"none": 10_000}, before))] == ["drug", "none"]
    new = failing(check, shares({"none": 8000, "drug": 1000, "(null)": 1000}, before))
    assert [row[1] for row in new] == ["(null)", "none"]
    rare = {"none": 9900, "drug": 100}
    assert failing(check, shares({"none": 9919, "drug": 81}, rare)) == []
    assert failing(check, shares({"none": 9995, "drug": 5}, {"none": 10_000})) == []


def test_other_rules_and_a_first_load_have_nothing_to_be_held_against() -> None:
    check, now = "factor_shares_as_before", {"none": 5000, "drug": 5000}
    assert failing(check, shares(now, {"none": 9000, "drug": 1000}, rules="other")) == []
    assert failing(check, shares(now, {})) == []


def test_a_factor_that_jumps_from_year_to_year_is_told() -> None:
    def over_years(n_drug: int, n: int = 10_000) -> list[tuple]:
        rows = [(2006, "health", "drug", n // 10, 0.1), (2007, "health", "drug", 1, n_drug / n)]
        columns = "year INTEGER, factor VARCHAR, level VARCHAR, n_persons BIGINT, share DOUBLE"
        return failing("factor_shares_over_years", {"mart.factor_share": (columns, rows)})

    assert over_years(1200) == over_years(800) == []
    assert over_years(700) == [("health", "drug", 2007, -30.0)]
    assert over_years(7, n=100) == []


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery of 2,000 persons, half of them with a psychotropic drug in 2005."""
    folder = ExtractsFolder().with_background(n=12)
    folder.lmdb.clear()
    for number in range(2 * PERSONS):
        pnr = f"Person{number:04d}"
        folder.resident(pnr, years=(2005, 2006), KOM="751")
        folder.educated(pnr, "3000", 2005)
        folder.educated(pnr, "3000", 2006)
        if number < PERSONS:
            folder.dispensed(pnr, "N06AB04", "2005-02-02")
            folder.dispensed(pnr, "J01CA04", "2006-02-02")
    return folder.write(tmp_path_factory.mktemp("drift") / "extracts")


@pytest.fixture(scope="module")
def loaded(delivered: Path) -> Path:
    """A home with that delivery, loaded: copy it before changing it."""
    load(delivered.parent)
    return delivered.parent


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    """A home with a delivery of its own, loaded."""
    return Path(shutil.copytree(loaded, tmp_path / "home", symlinks=True))


def load(home: Path, *, full: bool = False, **settings: object) -> list[str]:
    """Return what a load said of drift."""
    asked = read_settings(home=home, threads=1, **settings)
    said: list[str] = []
    load_extracts(
        home / "extracts", asked.registers_path, settings=asked, full=full, progress=said.append
    )
    return [line for line in said if line.startswith("drift: ")]


def lose(home: Path, n_persons: int) -> None:
    """Give the first persons of LMDB numbers that nobody has."""
    path = home / "extracts" / "lmdb_2005.parquet"
    table = pq.read_table(path)
    lost = {f"Person{number:04d}" for number in range(n_persons)}
    persons = [f"X{person}" if person in lost else person for person in table["PNR"].to_pylist()]
    at = table.column_names.index("PNR")
    pq.write_table(table.set_column(at, "PNR", pa.array(persons)), path)


def reference(home: Path, subject: str) -> list[tuple]:
    with duckdb.connect(str(home / "registers.duckdb"), read_only=True) as connection:
        return connection.execute(
            'SELECT "level", year, n FROM meta.share_reference WHERE subject = ? ORDER BY ALL',
            [subject],
        ).fetchall()


def kept(n: int) -> list[tuple]:
    return [("(matched)", year, n) for year in (2005, 2006)]


@pytest.mark.parametrize("full", [False, True])
def test_a_tenth_of_a_register_s_matches_lost_stops_and_is_told(home: Path, full: bool) -> None:
    before = (home / "registers.duckdb").read_bytes()
    lose(home, PERSONS // 10)
    with pytest.raises(CheckError) as caught:
        load(home, full=full)
    said = str(caught.value)
    assert "register_matches_as_before: 3 failing rows" in said
    assert "lmdb 2005 (change_percent -10.0, percent_matched 90.0, percent_before 100.0)" in said
    assert "factor_shares_as_before" in said
    assert "mental_health" in said
    assert "TILDELING_MAX_DRIFT_SHARE (" in said
    assert "registers.duckdb was not replaced" in said
    assert (home / "registers.duckdb").read_bytes() == before


def test_a_change_that_is_true_is_let_through_once(home: Path) -> None:
    lose(home, PERSONS // 10)
    load(home, max_drift_share=1)
    assert reference(home, "lmdb") == kept(PERSONS - PERSONS // 10)
    load(home)
    lose(home, PERSONS // 5)
    with pytest.raises(CheckError, match="register_matches_as_before"):
        load(home)


def test_many_small_losses_add_up(home: Path) -> None:
    lose(home, PERSONS // 25)
    load(home)
    assert reference(home, "lmdb") == kept(PERSONS)
    lose(home, 2 * PERSONS // 25)
    with pytest.raises(CheckError, match=r"lmdb 2005 \(change_percent -8.0"):
        load(home)


def test_every_factor_has_its_shares(home: Path) -> None:
    with duckdb.connect(str(home / "registers.duckdb"), read_only=True) as connection:
        factors, whole = connection.execute(
            "SELECT count(DISTINCT factor), bool_and(share BETWEEN 0.999999 AND 1.000001) FROM"
            " (SELECT factor, sum(share) AS share FROM mart.factor_share GROUP BY year, factor)"
        ).fetchone()
        declared = connection.execute(
            "SELECT count(DISTINCT factor) FROM mart.factor_level"
        ).fetchone()
    assert (factors, whole) == (*declared, True)


def test_another_question_begins_anew_and_it_is_said(home: Path) -> None:
    (said,) = load(home, age_first=30)
    assert "drift: the factors' shares of akf_2006_2007 cannot be held against" in said
    assert reference(home, "mental_health")
    assert load(home, age_first=30) == []
    load(home)


def test_an_upgrade_begins_anew_and_it_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(home, full=True) == []
    lose(home, PERSONS // 10)
    monkeypatch.setattr(duckdb, "__version__", "another")
    said = load(home)
    assert len(said) == 2
    assert "the registers' rows about residents" in said[0]
    assert "the factors' shares of" in said[1]
    assert all("version of Tildeling or DuckDB" in line for line in said)
    assert reference(home, "lmdb") == kept(PERSONS - PERSONS // 10)


def test_another_synthetic_country_begins_anew(home: Path) -> None:
    for seed in (1, 2):
        lose(home, PERSONS // 10 * seed)
        mark = f'{{"is_synthetic": true, "seed": {seed}, "scale": 0.1}}'
        (home / "extracts" / "synthetic.json").write_text(mark)
        load(home)
        assert reference(home, "lmdb") == kept(PERSONS - PERSONS // 10 * seed)
