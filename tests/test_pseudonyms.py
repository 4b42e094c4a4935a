"""Pseudonyms: one per person under a key, in every register; no person number left in a home."""

from __future__ import annotations

import logging
import os
import re
import shutil
import stat
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from extracts_fixture import ExtractsFolder
from person_names import key_of, pseudonyms
from sas_writer import write_sas

from pipeline.errors import SettingsError, StorageError
from pipeline.night import steps
from pipeline.registers import IDENTIFIED, REGISTERS
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.frames import read
from pipeline.warehouse.marts.inspection import inspect_extracts
from pipeline.warehouse.raw.pseudonymkey import (
    KEY_FILE,
    MIN_LENGTH,
    VARIABLE,
    PseudonymKey,
    find_key,
    given_key,
)
from pipeline.warehouse.raw.rowchecks import row_checks

#: What of a frame depends on the key: the sums of persons' record keys.
RECORD_KEYS = (
    *("persons_key", "events_key", "observed_key", "record_key"),
    *("register_key", "dream_key"),
)
SECRET = "4f9d1c7be2a83065d7c41f0e9b62a85c"
OTHER = "other-" + SECRET
#: Numbers of everybody delivered: residents, families, and who is only in damaged rows.
PEOPLE = [f"Background{n:03d}" for n in range(12)]
FAMILIES = [f"Familie{n:05d}" for n in range(3)]
DAMAGED = ["ShiftedRow0001", "010170-1234", "OnlyInBadRow77", "ExtraNumber001"]


@pytest.fixture(autouse=True)
def _no_key_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("TILDELING_PSEUDONYM_KEY_FILE", raising=False)


def write_extracts(folder: Path) -> None:
    """Write files of every format, some rows of which are damaged, one with an undeclared id."""
    rows = ExtractsFolder().with_background(n=len(PEOPLE))
    for number, row in enumerate(rows.bef):
        row["FAMILIE_ID"] = FAMILIES[number % 3]
    rows.on_benefit("Background002", "555", "0510", 2)
    rows.write(folder)
    bef = pd.read_parquet(folder / "bef_2005.parquet")
    bef["AEGTE_ID"] = "ExtraMother001"
    bef.loc[3, "KOM"] = "999"
    bef.to_csv(folder / "bef_2005.csv", index=False, sep=";")
    (folder / "bef_2005.parquet").unlink()
    lmdb = pd.read_parquet(folder / "lmdb_2005.parquet")
    lmdb.loc[1, ["PNR", "ATC"]] = ["OnlyInBadRow77", "wrong"]
    lmdb.loc[2, "PNR"] = "010170-1234"
    write_sas(folder / "lmdb_2005.sas7bdat", lmdb)
    (folder / "lmdb_2005.parquet").unlink()
    with (folder / "udda_2005.csv").open("a") as file:
        file.write("3000,ShiftedRow0001\n")
    contacts = pd.DataFrame(
        [("Background001", "contact1", "2004-05-05", "Psykiatri")],
        columns=["CPR", "DW_EK_KONTAKT", "DATO_START", "HOVEDSPECIALE_ANS"],
    )
    contacts.to_csv(folder / "kontakter.csv", index=False, sep=";")


def load(home: Path, extracts: Path, **options: object) -> steps.LoadSummary:
    home.mkdir(exist_ok=True)
    settings = read_settings(
        home=home, threads=1, max_quarantine_share=0.5, max_unknown_week_share=1, **options
    )
    return steps.load(settings, extracts)


def key_file(path: Path, secret: str, mode: int = 0o600) -> Path:
    path.write_text(secret + "\n")
    path.chmod(mode)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pseudonyms")
    write_extracts(folder / "extracts")
    return folder


@pytest.fixture(scope="module")
def log(folder: Path) -> str:
    """What the load of ``home``, with a key of its own, and that of ``other`` logged."""
    path = folder / "load.log"
    handler = logging.FileHandler(path)
    logging.getLogger("tildeling").addHandler(handler)
    logging.getLogger("tildeling").setLevel(logging.INFO)
    keys = key_file(folder / "key", SECRET)
    load(folder / "home", folder / "extracts", pseudonym_key_file=keys)
    load(folder / "other", folder / "extracts")
    logging.getLogger("tildeling").removeHandler(handler)
    handler.close()
    return path.read_text()


@pytest.fixture(scope="module")
def home(folder: Path, log: str) -> Path:
    return folder / "home"


@pytest.fixture(scope="module")
def other(folder: Path, log: str) -> Path:
    return folder / "other"


def rows(home: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(home / "registers.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def texts(home: Path) -> dict[str, set[str]]:
    """Return the different texts of every text column of every table, by schema.table.column."""
    with duckdb.connect(str(home / "registers.duckdb"), read_only=True) as connection:
        columns = connection.execute(
            "SELECT concat(schema_name, '.', table_name), column_name FROM duckdb_columns()"
            " WHERE data_type LIKE 'VARCHAR%' AND NOT internal"
        ).fetchall()
        return {
            f"{table}.{column}": {
                str(value)
                for (value,) in connection.execute(
                    f'SELECT DISTINCT "{column}" FROM {table} WHERE "{column}" IS NOT NULL'
                ).fetchall()
            }
            for table, column in columns
        }


def contents(home: Path) -> dict[str, tuple]:
    """Return rows and an order-free hash of every table."""
    with duckdb.connect(str(home / "registers.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "SELECT concat(schema_name, '.', table_name) FROM duckdb_tables() ORDER BY ALL"
        ).fetchall()
        return {
            name: connection.execute(
                f"SELECT count(*), sum(CAST(hash(content) AS HUGEINT)) FROM {name} AS content"
            ).fetchone()
            for (name,) in tables
        }


def test_pseudonyms_are_those_of_the_key() -> None:
    """They must not change from version to version: joined data would come apart."""
    key = PseudonymKey(SECRET.encode())
    made = key.pseudonyms(pa.array(["Background001", "0101701234", "æøå"])).to_pylist()
    assert made == ["tkUoGV5ZSoRB", "CicMIRfnehP0", "faROtBwSOEf9"]
    assert key.fingerprint == "ef093460"
    assert SECRET not in repr(key)


def test_pseudonyms_are_twelve_characters_and_differ_between_persons_and_keys() -> None:
    people = pa.array([f"P{n:09d}" for n in range(50_000)])
    one, two = (PseudonymKey(s.encode()).pseudonyms(people).to_pylist() for s in (SECRET, OTHER))
    assert len(set(one) | set(two)) == 100_000
    assert all(re.fullmatch("[0-9A-Za-z]{12}", pseudonym) for pseudonym in one)
    counts = pd.Series(list("".join(one))).value_counts()
    assert len(counts) == 62
    expected = 600_000 / 62
    assert ((counts - expected) ** 2 / expected).sum() < 120


def test_every_column_that_names_a_person_is_declared_so() -> None:
    named = {"PNR", "CPR", "CPRNR", "FAMILIE_ID", "AEGTE_ID", "FAR_ID", "PNRM", "PNRF"}
    result = {kind: set() for kind in IDENTIFIED}
    forms = {kind: set() for kind in IDENTIFIED}
    for register in REGISTERS:
        for column in register.columns:
            if column.identifies is None:
                assert not named & {column.name, *column.other_names}, (register.name, column.name)
                assert "person number" not in column.description.lower()
            else:
                result[column.identifies].add(register.name)
                assert column.type == "VARCHAR"
                forms[column.identifies].add((column.pattern, column.digits))
                # A load asks of a number, once, whether it is missing and of that form: no more.
                kinds = {check.name.rsplit("_", 1)[1] for check in row_checks(column)}
                assert kinds <= {"missing", "pattern"}
    assert all(len(of_kind) == 1 for of_kind in forms.values())
    assert result["family"] == {"bef"}
    assert result["person"] == {r.name for r in REGISTERS} - {
        *("lpr_diag", "psyk_diag", "lpr3_diagnoser", "rammevilkaar")
    }


def test_no_number_of_a_person_is_left_in_a_home(home: Path, log: str) -> None:
    numbers = [*PEOPLE, *FAMILIES, *DAMAGED]
    result = texts(home)
    assert len(result) > 100
    for column, values in result.items():
        for value in values:
            assert not [number for number in numbers if number in value], (column, value)
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {"registers.duckdb", "quarantine.csv"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        assert not [number for number in numbers if number.encode() in content], path
    assert not [number for number in numbers if number in log]


def test_the_key_is_nowhere_in_a_home_or_log_but_its_fingerprint_is(home: Path, log: str) -> None:
    for path in home.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
    assert SECRET not in log
    assert PseudonymKey(SECRET.encode()).fingerprint in log
    settings = read_settings(home=home, pseudonym_key_file=home.with_name("key"))
    assert SECRET not in repr(settings)
    assert "pseudonym_key_file" not in {row["setting"] for row in settings.published()}


def test_a_person_has_one_pseudonym_in_every_register(home: Path) -> None:
    known = set(PseudonymKey(SECRET.encode()).pseudonyms(pa.array(PEOPLE)).to_pylist())
    for table, n in (
        *(("bef", 12), ("udda", 12), ("dream", 12), ("dream_run", 12), ("ankestyrelsen", 12)),
        *(("lpr_adm", 12), ("psyk_adm", 12), ("lmdb", 10), ("sssy", 12), ("lpr3_kontakter", 1)),
    ):
        answer = {person for (person,) in rows(home, f"SELECT PNR FROM raw.{table}")}
        assert answer <= known, table
        assert len(answer) == n, table
    families = PseudonymKey(SECRET.encode()).pseudonyms(pa.array(FAMILIES)).to_pylist()
    assert {f for (f,) in rows(home, "SELECT FAMILIE_ID FROM raw.bef")} == set(families)
    joined = "SELECT count(*) FROM raw.dream_run JOIN raw.dream USING (PNR, row_number)"
    assert rows(home, joined) == rows(home, "SELECT count(*) FROM raw.dream_run")


def test_bad_rows_are_kept_with_pseudonyms_and_found_by_file_and_row(home: Path) -> None:
    result = {
        (file, number): (check, reason, original)
        for file, number, check, reason, original in rows(
            home, 'SELECT file, row_number, "check", reason, original FROM meta.quarantine'
        )
    }
    assert {place: row[0] for place, row in result.items()} == {
        ("bef_2005.csv", 4): "kom_code_list",
        ("lmdb_2005.sas7bdat", 2): "atc_pattern",
        ("lmdb_2005.sas7bdat", 3): "pnr_pattern",
        ("udda_2005.csv", 13): "hfaudd_pattern",  # 3000 may be a person number without its zeros
    }
    key = PseudonymKey(SECRET.encode())
    (dashed,) = key.pseudonyms(pa.array(["010170-1234"])).to_pylist()
    assert f"PNR is '?{dashed}' (its pseudonym)" in result["lmdb_2005.sas7bdat", 3][1]
    assert '"HFAUDD":"***"' in result["udda_2005.csv", 13][2]
    assert "AEGTE_ID" not in result["bef_2005.csv", 4][2]
    assert key.pseudonyms(pa.array([PEOPLE[3]])).to_pylist()[0] in result["bef_2005.csv", 4][2]


def test_what_a_fit_reads_depends_on_the_key_in_record_keys_only(home: Path, other: Path) -> None:
    """The key decides the noise of protected counts, through record keys, and nothing else."""
    assert contents(home)["raw.bef"] != contents(other)["raw.bef"]
    settings = read_settings(home=home)
    for function, arguments in (
        (read.read_model_cells, (settings,)),
        (read.read_grant_cells, (settings,)),
        (read.read_mover_cells, (settings,)),
        (read.read_grant_history, (settings,)),
        (read.read_decisions, (settings,)),
        (read.read_completeness, ()),
        (read.read_framework_conditions, (settings,)),
        (read.read_data_quality, ()),
    ):
        one, two = (
            function(at / "registers.duckdb", *arguments).drop(
                columns=list(RECORD_KEYS), errors="ignore"
            )
            for at in (home, other)
        )
        pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert len(read.read_model_cells(home / "registers.duckdb", settings)) > 0


def test_another_key_loads_everything_and_gives_what_it_gives_from_nothing(
    home: Path, other: Path, folder: Path
) -> None:
    pseudonym = PseudonymKey(SECRET.encode()).pseudonyms(pa.array(PEOPLE[:1])).to_pylist()[0]
    assert pseudonym in texts(home)["raw.bef.PNR"]
    copy = folder / "copy"
    shutil.copytree(home, copy, symlinks=True)
    assert load(copy, folder / "extracts", pseudonym_key_file=folder / "key").rebuilt == ()
    made = other / "restricted" / KEY_FILE
    changed = load(copy, folder / "extracts", pseudonym_key_file=made)
    assert changed.n_files_kept == 0
    assert "bef" in changed.registers_loaded
    assert contents(copy) == contents(other)
    assert not [column for column, values in texts(copy).items() if pseudonym in values]
    assert pseudonym.encode() not in (copy / "registers.duckdb").read_bytes()


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    restricted, workspace = tmp_path / "restricted", tmp_path / "work"
    restricted.mkdir()
    workspace.mkdir()
    made = find_key(settings, restricted, workspace)
    assert stat.S_IMODE((restricted / KEY_FILE).stat().st_mode) == 0o600
    assert len(made.secret) >= MIN_LENGTH
    assert find_key(settings, restricted, workspace) == made
    assert [path.name for path in (*restricted.iterdir(), *workspace.iterdir())] == [KEY_FILE]
    (tmp_path / "b").mkdir()
    assert find_key(settings, tmp_path / "b", workspace).fingerprint != made.fingerprint
    with pytest.raises(StorageError, match="no key for pseudonyms can be written"):
        find_key(settings, tmp_path / "missing", workspace)


def test_the_key_may_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, f" {SECRET}\n")
    key = find_key(read_settings(home=tmp_path), tmp_path, tmp_path)
    assert key.secret == SECRET.encode()
    assert not list(tmp_path.iterdir())
    file = key_file(tmp_path / "key", SECRET)
    with pytest.raises(SettingsError, match="two keys") as caught:
        given_key(read_settings(home=tmp_path, pseudonym_key_file=file))
    assert SECRET not in str(caught.value)


def with_key(path: Path) -> Settings:
    return read_settings(pseudonym_key_file=path)


@pytest.mark.parametrize(
    ("secret", "mode", "expected"),
    [
        ("", 0o600, "Found: nothing"),
        (SECRET[:-1], 0o600, "Found: 31 characters"),
        ("ab" * 40, 0o600, "few different characters"),
        (SECRET, 0o640, "Found: mode 0640"),
        (SECRET, 0o604, "chmod 600"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused(
    tmp_path: Path, secret: str, mode: int, expected: str
) -> None:
    settings = with_key(key_file(tmp_path / "key", secret, mode))
    with pytest.raises(SettingsError) as caught:
        given_key(settings)
    assert expected in str(caught.value)
    assert "Next: " in str(caught.value)
    assert not secret or secret not in str(caught.value)
    with pytest.raises(SettingsError):
        inspect_extracts(tmp_path, settings)


def test_a_key_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read"):
            given_key(with_key(path))
    if os.getuid() != 0:
        with pytest.raises(SettingsError, match="cannot be read"):
            given_key(with_key(key_file(tmp_path / "closed", SECRET, 0)))


def test_a_key_that_cannot_be_used_leaves_the_old_database(home: Path, folder: Path) -> None:
    before = (home / "registers.duckdb").read_bytes()
    with pytest.raises(SettingsError):
        load(home, folder / "extracts", pseudonym_key_file=key_file(folder / "short", "short"))
    assert (home / "registers.duckdb").read_bytes() == before


def test_a_key_among_the_settings_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tildeling.toml").write_text(f'pseudonym_key = "{SECRET}"\n')
    with pytest.raises(SettingsError, match="pseudonym_key") as caught:
        read_settings()
    assert SECRET not in str(caught.value)


def test_the_key_made_by_a_load_is_closed_with_the_registers(other: Path) -> None:
    key = other / "restricted" / KEY_FILE
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    known = pseudonyms(other, PEOPLE)
    answer = {person for (person,) in rows(other, "SELECT PNR FROM raw.bef")}
    assert answer == set(known.values())
    assert key_of(other).secret.decode() not in str(texts(other))
