"""What a load promises: rows accounted for, quarantine with reasons, files in any usual shape."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extracts_fixture import ExtractsFolder
from person_names import names, pseudonyms

from pipeline.errors import CheckError, StorageError
from pipeline.settings import read_settings
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.database.replacement import replacing
from pipeline.warehouse.delivery.extracts import scan_extracts
from pipeline.warehouse.frames import read
from pipeline.warehouse.marts.load import LoadSummary, load_extracts
from pipeline.warehouse.raw import quarantine as quarantine_room
from pipeline.warehouse.raw.pseudonymkey import KEY_FILE


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose folder ``extracts`` has 40 ordinary persons."""
    ExtractsFolder().with_background(n=40).write(tmp_path / "extracts")
    return tmp_path


def load(home: Path, **settings: object) -> LoadSummary:
    result = read_settings(home=home, threads=1, **settings)
    return load_extracts(home / "extracts", result.registers_path, settings=result)


def rows(home: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(home / "registers.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def quarantine(home: Path) -> list[tuple]:
    return rows(
        home,
        'SELECT register, file, row_number, column_name, "check", reason, original'
        " FROM meta.quarantine ORDER BY ALL",
    )


def change_parquet(path: Path, change) -> None:
    frame = pd.read_parquet(path)
    schema = pq.read_schema(path)
    change(frame)
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).cast(schema), path)


def as_text(path: Path, change) -> None:
    """Rewrite the Parquet file as CSV of the same name after ``change`` on its text columns."""
    frame = pd.read_parquet(path).astype("str").mask(pd.read_parquet(path).isna(), None)
    change(frame)
    frame.to_csv(path.with_suffix(".csv"), index=False, sep="|")
    path.unlink()


def test_a_clean_folder_loads_whole(home: Path) -> None:
    summary = load(home)
    assert summary.n_read == summary.n_loaded
    assert (summary.n_quarantined, summary.is_synthetic) == (0, False)
    assert summary.n_person_years == 80
    assert quarantine(home) == []
    source = read.read_source(home / "registers.duckdb")
    assert source.input_hash == summary.input_hash
    assert (source.years_at_risk, source.seed, source.scale) == ((2006, 2007), None, None)


def test_the_input_hash_follows_names_and_contents(home: Path) -> None:
    def input_hash() -> str:
        return scan_extracts(home / "extracts").input_hash

    first = input_hash()
    assert input_hash() == first
    (home / "extracts" / "lmdb_2005.parquet").rename(home / "extracts" / "lmdb_05.parquet")
    renamed = input_hash()
    change_parquet(
        home / "extracts" / "lmdb_05.parquet", lambda frame: frame.__setitem__("VOLUME", 3.0)
    )
    assert len({first, renamed, input_hash()}) == 3


BAD_VALUES: list[tuple[str, str, str | None, str, str]] = [
    ("bef_2005", "KOM", "999", "kom_code_list", "a code of the list municipality"),
    ("bef_2005", "KOEN", "3", "koen_values", "one of 1, 2"),
    ("bef_2005", "PNR", None, "pnr_missing", "a value"),
    ("bef_2005", "PNR", "   ", "pnr_missing", "a value"),
    ("bef_2005", "PNR", "a-b-c-d", "pnr_pattern", "the form [0-9A-Za-z]{6,64}"),
    ("bef_2005", "FOED_DAG", "yesterday", "foed_dag_type", "a date YYYY-MM-DD"),
    ("bef_2005", "FOED_DAG", "2001-02-30", "foed_dag_type", "a date YYYY-MM-DD"),
    ("bef_2005", "FOED_DAG", "31/12/1970", "foed_dag_type", "a date YYYY-MM-DD"),
    ("bef_2005", "FOED_DAG", "infinity", "foed_dag_type", "a date YYYY-MM-DD"),
    ("bef_2005", "FOED_DAG", "1799-01-01", "foed_dag_minimum", "at least 1880-01-01"),
    ("bef_2005", "ANTBOERNF", "1.5", "antboernf_type", "a whole number"),
    ("bef_2005", "ANTBOERNF", "-1", "antboernf_minimum", "at least 0"),
    ("bef_2005", "ANTBOERNF", "31", "antboernf_maximum", "at most 30"),
    ("lmdb_2005", "VOLUME", "nan", "volume_type", "a number"),
    ("lmdb_2005", "ATC", "n05", "atc_pattern", "the form [A-Z][0-9]{2}[A-Z]{0,2}[0-9]{0,2}"),
    ("sssy_2005", "YDLANT", "many", "ydlant_type", "a whole number"),
]


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home loaded from files in which data row n has the nth of ``BAD_VALUES``."""
    home = tmp_path_factory.mktemp("spoiled")
    extracts = ExtractsFolder().with_background(n=40).write(home / "extracts")
    for file in {case[0] for case in BAD_VALUES}:

        def spoil(frame: pd.DataFrame, file: str = file) -> None:
            for index, (in_file, column, bad, *_) in enumerate(BAD_VALUES):
                if in_file == file:
                    frame.loc[index, column] = bad

        as_text(extracts / f"{file}.parquet", spoil)
    load(home, max_quarantine_share=0.5)
    return home


@pytest.mark.parametrize("number", range(1, len(BAD_VALUES) + 1))
def test_a_bad_value_is_quarantined_with_its_row(spoiled: Path, number: int) -> None:
    file, column, bad, check, expected = BAD_VALUES[number - 1]
    (row,) = [row for row in quarantine(spoiled) if row[2] == number]
    assert row[:5] == (file.split("_")[0], f"{file}.csv", number, column, check)
    if column == "PNR" and bad is not None:
        pseudonym = pseudonyms(spoiled, [bad])[bad]
        bad = f"?{pseudonym}" if bad.strip() else None
        shown = f"'{bad}' (its pseudonym)" if bad else "missing"
    else:
        shown = "missing" if bad is None else f"'{bad}'"
    assert row[5] == f"{column} is {shown}; expected {expected}"
    assert json.loads(row[6])[column] == bad


def test_quarantined_rows_are_counted_by_check(spoiled: Path) -> None:
    counted = rows(
        spoiled,
        'SELECT "check", n_quarantined, status FROM meta.data_quality'
        " WHERE n_quarantined > 0 AND \"check\" <> 'rows_accounted_for'",
    )
    expected = Counter(case[3] for case in BAD_VALUES)
    assert sorted(counted) == sorted((name, n, "warn") for name, n in expected.items())


def test_a_repeated_key_keeps_the_first_row(home: Path) -> None:
    def repeat(frame: pd.DataFrame) -> None:
        frame.loc[7, "RECNUM"] = frame.loc[2, "RECNUM"]

    change_parquet(home / "extracts" / "lpr_adm_2005.parquet", repeat)
    load(home)
    (row,) = quarantine(home)
    assert row[:5] == ("lpr_adm", "lpr_adm_2005.parquet", 8, "RECNUM", "key_unique")
    assert "row 3 of lpr_adm_2005.parquet has it" in row[5]
    assert rows(home, "SELECT count(*) FROM raw.lpr_adm WHERE row_number = 3") == [(1,)]


def test_a_key_repeated_in_a_later_file_goes_there(home: Path) -> None:
    extracts = home / "extracts"
    table = pq.read_table(extracts / "lpr_adm_2005.parquet")
    pq.write_table(table.slice(5, 2), extracts / "lpr_adm_2004.parquet")
    load(home)
    assert [row[1:3] for row in quarantine(home)] == [
        ("lpr_adm_2005.parquet", 6),
        ("lpr_adm_2005.parquet", 7),
    ]


def test_a_row_kept_out_for_its_value_is_not_the_first_of_its_key(home: Path) -> None:
    def spoil(frame: pd.DataFrame) -> None:
        frame.loc[1, "PNR"] = frame.loc[0, "PNR"]
        frame.loc[0, "KOM"] = "000"

    change_parquet(home / "extracts" / "bef_2005.parquet", spoil)
    load(home)
    assert [row[2:5] for row in quarantine(home)] == [(1, "KOM", "kom_code_list")]


def test_an_unknown_week_code_costs_the_week_and_is_listed(home: Path) -> None:
    def spoil(frame: pd.DataFrame) -> None:
        frame.loc[4, ["y_0507", "y_0601"]] = "555"
        frame.loc[4, "y_0552"] = "  555 "
        frame.loc[9, "y_0630"] = "0783"
        frame.loc[8, "y_0620"] = "0101701234"

    change_parquet(home / "extracts" / "dream.parquet", spoil)
    load(home, max_unknown_week_share=1)
    assert quarantine(home) == []
    assert rows(home, "SELECT count(*) FROM raw.dream") == [(40,)]
    unknown = (
        "SELECT benefit_code, CAST(sum(n_weeks) AS INTEGER) FROM core.benefit_spell"
        " WHERE benefit_state = 'unknown' GROUP BY ALL ORDER BY ALL"
    )
    # What may be the number of a person is in no table.
    assert rows(home, unknown) == [("***", 1), ("0783", 1), ("555", 3)]
    quality = {
        check: (status, samples)
        for check, status, samples in rows(
            home, 'SELECT "check", status, sample_keys FROM meta.data_quality'
        )
    }
    assert quality["benefit_code_known"] == (
        "warn",
        "555 (n_weeks 3); *** (n_weeks 1); 0783 (n_weeks 1)",
    )
    assert quality["last_week_known"] == ("warn", "2006 555")
    assert quality["benefit_weeks_known"] == ("ok", None)
    gone = rows(home, "SELECT PNR FROM raw.dream WHERE row_number = 5")
    at_risk = f"SELECT year FROM mart.person_year WHERE person_id = '{gone[0][0]}'"
    assert [year for (year,) in rows(home, at_risk)] == [2007]


@pytest.mark.parametrize("order", [1, -1])
def test_a_grant_stands_beside_a_refusal_of_its_day_whatever_the_order(
    home: Path, order: int
) -> None:
    path = home / "extracts" / "ankestyrelsen_2006.csv"
    decisions = pd.read_csv(path, sep=";", dtype=str)
    granted = decisions.iloc[[0]].assign(AFGOERELSE="TILKENDELSE")
    pd.concat([decisions, granted]).iloc[::order].to_csv(path, sep=";", index=False)
    load(home)
    assert quarantine(home) == []
    of_core = "SELECT decision, count(*) FROM core.decision GROUP BY decision ORDER BY decision"
    assert rows(home, of_core) == [("grant", 1), ("refusal", 39)]
    assert rows(home, "SELECT count(*) FROM core.first_grant WHERE outcome = 'FP'") == [(1,)]
    said = "SELECT status FROM meta.data_quality WHERE \"check\" = 'one_decision_per_date'"
    assert rows(home, said) == [("warn",)]


def test_too_many_unknown_weeks_stop_the_load_and_are_named(home: Path) -> None:
    change_parquet(
        home / "extracts" / "dream.parquet",
        lambda frame: frame.__setitem__(
            [f"y_05{week:02d}" for week in range(1, 52)],
            "556",
        ),
    )
    with pytest.raises(CheckError) as caught:
        load(home)
    assert "benefit_weeks_known: 1 failing row" in caught.value.message
    assert "commonest_unknown_codes 556" in caught.value.message
    assert "e.g. 2005 (" in caught.value.message
    load(home, max_unknown_week_share=1)


def test_a_mark_of_the_load_within_a_week_makes_no_code_of_it(home: Path) -> None:
    def marked(frame: pd.DataFrame) -> None:
        frame.loc[4, "y_0507"], frame.loc[4, "y_0509"] = "7\x1e83", "7\x1f83"

    change_parquet(home / "extracts" / "dream.parquet", marked)
    load(home, max_unknown_week_share=1)
    weeks = "SELECT week_code, last_week FROM raw.dream_run WHERE row_number = 5 AND first_week"
    assert rows(home, f"{weeks} = 'y_0507'") == [("7?83", "y_0507")]
    assert rows(home, f"{weeks} = 'y_0509'") == [("7\x1f83", "y_0509")]


def test_rows_read_are_loaded_or_quarantined_in_every_file(home: Path) -> None:
    for file, column in (("bef_2006", "KOM"), ("psyk_diag_2005", "C_DIAG"), ("lmdb_2005", "ATC")):
        change_parquet(
            home / "extracts" / f"{file}.parquet",
            lambda frame, column=column: frame.__setitem__(
                column, frame[column].where(frame.index != 2, "!")
            ),
        )
    load(home)
    files = rows(home, "SELECT file, n_read, n_loaded, n_quarantined, sha256 FROM meta.load_file")
    assert {name for name, *_ in files} == {p.name for p in (home / "extracts").iterdir()}
    assert all(read == loaded + bad for _, read, loaded, bad, _ in files)
    assert sum(bad for *_, bad, _ in files) == 3 == len(quarantine(home))


def test_what_is_published_about_quality_names_nobody(home: Path) -> None:
    def spoil(frame: pd.DataFrame) -> None:
        frame.loc[0, "KOM"] = "999"

    change_parquet(home / "extracts" / "bef_2005.parquet", spoil)
    load(home)
    quality = read.read_data_quality(home / "registers.duckdb")
    assert not quality["detail"].fillna("").str.contains("Background").any()
    assert quality.duplicated(["register", "check"]).sum() == 0
    assert set(quality["status"]) == {"ok", "warn"}


def test_too_many_bad_rows_stop_the_load_and_leave_the_old_database(home: Path) -> None:
    load(home)
    before = (home / "registers.duckdb").read_bytes()
    for file, column in (("psyk_diag_2005", "C_DIAG"), ("lmdb_2005", "ATC")):
        change_parquet(
            home / "extracts" / f"{file}.parquet",
            lambda frame, column=column: frame.__setitem__(column, "??"),
        )
    with pytest.raises(CheckError) as caught:
        load(home)
    message = str(caught.value)
    assert "psyk_diag: 40 of 40 rows; C_DIAG (c_diag_pattern): 40" in message
    assert "lmdb: 40 of 40 rows; ATC (atc_pattern): 40" in message
    assert "lmdb_2005.parquet:1, lmdb_2005.parquet:2" in message
    assert "Background" not in message
    assert (home / "registers.duckdb").read_bytes() == before
    assert load(home, max_quarantine_share=1.0).n_quarantined == 80


def test_lower_case_names_other_delimiters_and_types_load_the_same(home: Path) -> None:
    load(home)
    before = rows(home, "SELECT * FROM mart.person_year")
    extracts = home / "extracts"
    bef = pd.read_parquet(extracts / "bef_2005.parquet")
    bef = bef.assign(KOM=bef["KOM"].astype("int32"), KOEN=bef["KOEN"].astype("float64"))
    bef = bef.assign(FOED_DAG=pd.to_datetime(bef["FOED_DAG"]), NOT_ASKED_FOR=1)
    bef.columns = bef.columns.str.lower()
    bef.to_parquet(extracts / "BEF2005.parquet", index=False)
    (extracts / "bef_2005.parquet").unlink()
    for path, separator in (("udda_2005", "\t"), ("udda_2006", "|"), ("ankestyrelsen_2006", ",")):
        frame = pd.read_csv(extracts / f"{path}.csv", dtype="str", sep=None, engine="python")
        frame.columns = frame.columns.str.lower()
        frame.to_csv(extracts / f"{path}.csv", sep=separator, index=False, encoding="utf-8-sig")
    dream = pd.read_parquet(extracts / "dream.parquet")
    weeks = [name for name in dream if name != "PNR"]
    dream[weeks] = dream[weeks].astype("float64")
    dream[["PNR", *weeks[::-1]]].to_parquet(extracts / "dream.parquet", index=False)
    (extracts / "readme.txt").write_text("hello")
    load(home)
    assert rows(home, "SELECT * FROM mart.person_year") == before
    assert quarantine(home) == []
    details = dict(
        rows(
            home,
            "SELECT register || ' ' || \"check\", detail FROM meta.data_quality"
            " WHERE \"check\" IN ('extra_columns', 'unknown_files')",
        )
    )
    assert "not_asked_for" in details["bef extra_columns"]
    assert "readme.txt" in details["extracts unknown_files"]


def test_row_numbers_of_a_large_csv_are_those_of_its_lines(home: Path) -> None:
    extracts, n = home / "extracts", 300_000
    people = [f"Person{number:07d}" for number in range(n)]
    frame = pd.DataFrame({"PNR": people, "HFAUDD": "1000", "row_number": 7, "rowid": 8})
    frame.loc[[0, 150_000, n - 1], "HFAUDD"] = "basic"
    frame.to_csv(extracts / "udda_2005.csv", index=False)
    # Nearly all of them are invented for this and live nowhere.
    settings = read_settings(
        home=home, threads=2, min_match_share=0, min_size_share=0, max_drift_share=1
    )
    load_extracts(extracts, settings.registers_path, settings=settings)
    assert [row[2] for row in quarantine(home)] == [1, 150_001, n]
    kept_out = [people[0], people[150_000], people[-1]]
    known = pseudonyms(home, people)
    assert [json.loads(row[6])["PNR"] for row in quarantine(home)] == [
        known[person] for person in kept_out
    ]
    loaded = rows(home, "SELECT PNR, row_number FROM raw.udda WHERE FILE_YEAR = 2005")
    expected = {(known[person], n) for n, person in enumerate(people, start=1)}
    assert set(loaded) == {row for row in expected if row[1] not in (1, 150_001, n)}


def test_the_synthetic_mark_is_kept(home: Path) -> None:
    mark = {"is_synthetic": True, "mark": "SYNTETISKE DATA", "seed": 5, "scale": 0.25}
    (home / "extracts" / "synthetic.json").write_text(json.dumps(mark))
    (home / "extracts" / "truth").mkdir()
    (home / "extracts" / "truth" / "bef_2005.parquet").write_text("never read")
    assert str(load(home)).startswith("SYNTETISKE DATA")
    source = read.read_source(home / "registers.duckdb")
    assert (source.is_synthetic, source.seed, source.scale) == (True, 5, 0.25)


def test_warnings_of_checks_keep_samples_in_meta_only(tmp_path: Path) -> None:
    folder = ExtractsFolder().with_background(n=3)
    folder.decided("NotAResident", "FP", "2006-04-04")
    folder.resident("DecidedEarly")
    folder.decided("DecidedEarly", "FP", "2006-04-04", applied="2006-05-05")
    folder.write(tmp_path / "extracts")
    load(tmp_path)
    samples = dict(rows(tmp_path, 'SELECT "check", failing_row FROM meta.check_sample'))
    known = names(tmp_path, ("NotAResident", "DecidedEarly"))
    for check, person in (
        ("grant_has_resident", "NotAResident"),
        ("decision_after_application", "DecidedEarly"),
    ):
        assert known[json.loads(samples[check])["person_id"]] == person
    quality = read.read_data_quality(tmp_path / "registers.duckdb").set_index("check")
    assert quality.loc["grant_has_resident", "status"] == "warn"
    assert quality.loc["person_year_key_unique", "status"] == "ok"


def test_cells_are_read_with_the_factors_levels(home: Path) -> None:
    load(home)
    registers = home / "registers.duckdb"
    cells = read.read_model_cells(registers, read_settings(home=home, outcomes=("FP",)))
    assert set(cells["outcome"]) == {"FP"}
    assert cells["n_persons"].sum() == 80
    assert list(cells["sex"].cat.categories) == ["male", "female"]
    assert len(read.read_municipalities(registers)) == 98
    assert read.read_grant_cells(registers, outcome="FJ").empty
    with pytest.raises(StorageError, match="2010"):
        read.read_model_cells(registers, read_settings(home=home, window="reform_2010_2012"))


def test_the_quarantine_is_exported_for_its_owner_only(home: Path) -> None:
    def spoil(frame: pd.DataFrame) -> None:
        frame.loc[0, "KOM"] = "999"

    change_parquet(home / "extracts" / "bef_2005.parquet", spoil)
    load(home)
    target = home / "quarantine.csv"
    assert read.export_quarantine(home / "registers.duckdb", target) == 1
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert pd.read_csv(target)["column_name"].tolist() == ["KOM"]


def test_the_registers_are_closed_to_others_and_nothing_is_left_beside(home: Path) -> None:
    load(home)
    assert stat.S_IMODE((home / "registers.duckdb").stat().st_mode) == 0o600
    assert sorted(path.name for path in home.iterdir()) == [
        "extracts",
        KEY_FILE,
        "registers.duckdb",
    ]


def test_leftovers_of_a_dead_process_are_removed_and_those_of_a_live_one_kept(
    tmp_path: Path,
) -> None:
    dead, live = (tmp_path / f"registers.next-{os.getpid()}-{name}" for name in ("abc", "def"))
    for folder in (dead, live):
        folder.mkdir()
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from pipeline.warehouse.database.scratch import held\n"
        f"with held(Path({str(live)!r})):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with replacing(tmp_path / "registers.duckdb") as unfinished:
            unfinished.write_bytes(b"new")
        assert not dead.exists()
        assert live.exists()
        holder.kill()
    assert (tmp_path / "registers.duckdb").read_bytes() == b"new"


def test_a_log_beside_the_database_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "registers.duckdb"
    target.write_bytes(b"old")
    (tmp_path / "registers.duckdb.wal").write_bytes(b"log")
    with pytest.raises(StorageError, match="write-ahead log"), replacing(target):
        pytest.fail("the block must not run")
    assert target.read_bytes() == b"old"


def test_a_lock_names_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "held.duckdb"
    program = (
        "import duckdb, sys, time\n"
        f"connection = duckdb.connect({str(path)!r})\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        time.sleep(0.05)
        with pytest.raises(StorageError, match=str(holder.pid)), connect(path, read_only=True):
            pytest.fail("the block must not run")
    finally:
        holder.kill()
        holder.wait()


def test_a_missing_database_and_a_file_that_is_none_are_user_errors(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database"):
        read.read_source(tmp_path / "registers.duckdb")
    (tmp_path / "registers.duckdb").write_text("not a database" * 1000)
    with pytest.raises(StorageError, match="cannot be opened"):
        read.read_source(tmp_path / "registers.duckdb")


def test_quarantined_rows_are_exported_in_pieces(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(frame: pd.DataFrame) -> None:
        frame.loc[:4, "KOM"] = "999"

    change_parquet(home / "extracts" / "bef_2005.parquet", spoil)
    load(home)
    monkeypatch.setattr(quarantine_room, "_EXPORT_ROWS", 2)
    target = home / "quarantine.csv"
    assert read.export_quarantine(home / "registers.duckdb", target) == 5
    assert pd.read_csv(target)["row_number"].tolist() == [1, 2, 3, 4, 5]
