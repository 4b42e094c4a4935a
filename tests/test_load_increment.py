"""A second load does only what changed, and comes out as a load of everything would."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extracts_fixture import ExtractsFolder

from pipeline.registers import REGISTERS
from pipeline.settings import read_settings
from pipeline.warehouse.marts import fingerprints, increment
from pipeline.warehouse.marts.load import LoadSummary, load_extracts


def load(home: Path, *, full: bool = False, **settings: object) -> LoadSummary:
    result = read_settings(home=home, threads=1, **settings)
    return load_extracts(home / "extracts", result.registers_path, settings=result, full=full)


def contents(home: Path) -> dict[str, tuple[int, int]]:
    """Return rows and an order-free hash of the content of every table and view."""
    with duckdb.connect(str(home / "registers.duckdb"), read_only=True) as connection:
        names = connection.execute(
            "SELECT concat(schema_name, '.', table_name) FROM duckdb_tables() UNION ALL"
            " SELECT concat(schema_name, '.', view_name) FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
        return {
            name: connection.execute(
                f"SELECT count(*), sum(CAST(hash(content) AS HUGEINT)) FROM {name} AS content"
            ).fetchone()
            for (name,) in sorted(names)
        }


def rows(home: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(home / "registers.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def change(path: Path, **columns: object) -> None:
    """Give the first row of a Parquet file other values."""
    frame, schema = pd.read_parquet(path), pq.read_schema(path)
    for column, value in columns.items():
        frame.loc[0, column] = value
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).cast(schema), path)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A loaded home; its extracts change from test to test, in the order of this file."""
    home = tmp_path_factory.mktemp("increment")
    folder = ExtractsFolder().with_background(n=12)
    folder.on_benefit("Background001", "130", "0552", 30)
    folder.write(home / "extracts")
    change(home / "extracts" / "lmdb_2005.parquet", ATC="wrong")
    table = pq.read_table(home / "extracts" / "lmdb_2005.parquet")
    pq.write_table(table.slice(3), home / "extracts" / "lmdb_2004.parquet")
    load(home, max_quarantine_share=0.5)
    return home


def test_nothing_is_done_when_nothing_changed(home: Path) -> None:
    before = (home / "registers.duckdb").stat()
    summary = load(home, max_quarantine_share=0.5)
    assert (summary.registers_loaded, summary.rebuilt) == ((), ())
    assert summary.n_files_kept == summary.n_files > 10
    assert summary.n_read == summary.n_loaded + 1
    assert "nothing changed" in str(summary)
    after = (home / "registers.duckdb").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_corrected_file_is_loaded_alone(home: Path) -> None:
    change(home / "extracts" / "lmdb_2005.parquet", ATC="N06AB04")
    summary = load(home)
    assert summary.registers_loaded == ("lmdb",)
    assert summary.n_files_kept == summary.n_files - 1
    assert summary.n_quarantined == 0
    assert "mart.health_history" in summary.rebuilt
    assert "core.prescription" in summary.rebuilt
    assert not {"core.benefit_spell", "mart.benefit_history", "core.decision"} & set(
        summary.rebuilt
    )
    assert "loaded anew: lmdb" in str(summary)
    answer = rows(home, "SELECT file, n_read, n_loaded FROM meta.load_file WHERE register = 'lmdb'")
    assert sorted(answer) == [("lmdb_2004.parquet", 9, 9), ("lmdb_2005.parquet", 12, 12)]
    psychotropic = "SELECT count(*) FROM mart.health_history WHERE has_psychotropic"
    assert rows(home, psychotropic) == [(1,)]


def test_what_was_kept_is_as_a_full_load_makes_it(home: Path) -> None:
    """Loads in three steps: a new bad row, a removed file, other files of one register."""
    extracts = home / "extracts"
    change(extracts / "bef_2005.parquet", KOM="999")
    (extracts / "lmdb_2004.parquet").unlink()
    load(home)
    contacts = pq.read_table(extracts / "lpr_adm_2005.parquet")
    pq.write_table(contacts.slice(4, 2), extracts / "lpr_adm_2004.parquet")
    summary = load(home, max_quarantine_share=0.5)
    assert summary.registers_loaded == ("lpr_adm",)
    step_by_step = contents(home)
    again = load(home, full=True, max_quarantine_share=0.5)
    assert again.n_files_kept == 0
    assert again.n_quarantined == 3
    assert contents(home) == step_by_step
    assert len(step_by_step) > 40


def test_a_load_that_ends_midway_leaves_the_old_database_whole(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(home / "extracts" / "sssy_2005.parquet", YDLANT=7)
    before = (home / "registers.duckdb").read_bytes()

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.warehouse.marts.load.record_built", end)
    with pytest.raises(KeyboardInterrupt):
        load(home, max_quarantine_share=0.5)
    assert (home / "registers.duckdb").read_bytes() == before
    assert not list(home.glob("*.next-*"))
    monkeypatch.undo()
    assert load(home, max_quarantine_share=0.5).registers_loaded == ("sssy",)


def test_another_window_rebuilds_only_what_depends_on_it(home: Path) -> None:
    options = {"tenure_lookback_years": 5, "max_quarantine_share": 0.5}
    summary = load(home, **options)
    assert summary.registers_loaded == ()
    assert "mart.benefit_history" in summary.rebuilt
    assert not any(name.startswith("core.") for name in summary.rebuilt)
    assert "mart.resident_year" not in summary.rebuilt


def test_changed_code_loads_everything(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "code_fingerprint", lambda: "other code")
    earlier = increment.read_earlier(home / "registers.duckdb")
    assert earlier.contents
    rules = increment.reading_rules(REGISTERS)
    assert earlier.known(REGISTERS, rules) == {}


def test_a_database_of_another_make_is_not_built_on(home: Path, tmp_path: Path) -> None:
    assert increment.read_earlier(tmp_path / "missing.duckdb").contents == {}
    (tmp_path / "broken.duckdb").write_bytes(b"no database" * 500)
    assert increment.read_earlier(tmp_path / "broken.duckdb").contents == {}
    with duckdb.connect(str(tmp_path / "other.duckdb")) as connection:
        connection.execute("CREATE SCHEMA meta; CREATE TABLE meta.built (object VARCHAR)")
    assert increment.read_earlier(tmp_path / "other.duckdb").contents == {}
