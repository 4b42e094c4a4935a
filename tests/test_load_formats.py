"""Files as data teams have them: SAS, CSV of any usual kind, and registers that stand in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from extracts_fixture import ExtractsFolder
from person_names import names, pseudonyms
from sas_writer import write_sas

from pipeline.settings import read_settings
from pipeline.warehouse.delivery.encodings import find_encoding, transcode
from pipeline.warehouse.delivery.sasfiles import sas_header, sas_to_parquet
from pipeline.warehouse.marts.load import load_extracts
from pipeline.warehouse.raw.pseudonymkey import KEY_FILE


def rows(home: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(home / "registers.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def load(home: Path) -> Path:
    settings = read_settings(home=home, threads=1)
    # One key, so that a person has one pseudonym in both homes.
    key = home / KEY_FILE
    key.write_text("the same key in every home of this module")
    key.chmod(0o600)
    load_extracts(home / "extracts", settings.registers_path, settings=settings)
    return home


def ordinary() -> ExtractsFolder:
    folder = ExtractsFolder().with_background(n=12)
    folder.resident("SpellsAllWeeks")
    folder.on_benefit("SpellsAllWeeks", "130", "0552", 52)
    folder.decided("SpellsAllWeeks", "FP", "2006-11-05")
    folder.treated("SpellsAllWeeks", 14, "0501")
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home loaded from ISO dates, decimal points, UTF-8 and Parquet."""
    home = tmp_path_factory.mktemp("plain")
    ordinary().write(home / "extracts")
    return load(home)


@pytest.fixture(scope="module")
def motley(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home loaded from the same rows in files of every other kind."""
    home = tmp_path_factory.mktemp("motley")
    folder = ordinary().write(home / "extracts")

    def taken(name: str) -> pd.DataFrame:
        path = folder / f"{name}.parquet"
        frame = pd.read_parquet(path)
        path.unlink()
        return frame

    bef = taken("bef_2005")
    bef["KOEN"], bef["KOM"] = bef["KOEN"].astype(float), bef["KOM"].astype(float)
    bef = bef.assign(KOMNAVN="Ærø").rename(columns=str.lower)
    write_sas(folder / "BEF200512.sas7bdat", bef, encoding="cp1252", date_format="DDMMYY")
    write_sas(folder / "dream.sas7bdat", taken("dream"))
    bef = taken("bef_2006")
    bef["FOED_DAG"] = [f"{day:%d-%m-%Y}" for day in bef["FOED_DAG"]]
    bef.to_csv(folder / "bef_2006.txt", sep="\t", index=False, encoding="utf-16")
    lmdb = taken("lmdb_2005")
    lmdb["EKSD"] = [f"{day:%Y%m%d}" for day in lmdb["EKSD"]]
    lmdb["VOLUME"] = [f"{volume:.1f}".replace(".", ",") for volume in lmdb["VOLUME"]]
    lmdb["NAVN"] = "Æblegrød\r\nog fløde"
    with (folder / "lmdb_2005.csv").open("w", encoding="cp1252", newline="") as file:
        file.write("sep=;\r\n")
        lmdb.to_csv(file, sep=";", index=False, lineterminator="\r\n")
    sssy = taken("sssy_2005")
    sssy["HONUGE"] = sssy["HONUGE"].astype(int)
    sssy.to_parquet(folder / "sssy_2005.parquet", index=False)
    decisions = pd.read_csv(folder / "ankestyrelsen_2006.csv", sep=";", dtype="str")
    for column, form in (("STARTDATO", "%d.%m.%Y"), ("AFGDATO", "%d%b%Y")):
        decisions[column] = [f"{pd.Timestamp(day):{form}}".upper() for day in decisions[column]]
    decisions.to_csv(folder / "ankestyrelsen_2006.csv", sep="|", index=False)
    return load(home)


@pytest.mark.parametrize("table", ["mart.person_year", "mart.model_cell", "core.prescription"])
def test_the_form_of_the_files_makes_no_difference(plain: Path, motley: Path, table: str) -> None:
    answer = rows(motley, f"SELECT * FROM {table} ORDER BY ALL")
    assert answer == rows(plain, f"SELECT * FROM {table} ORDER BY ALL")
    assert answer


def test_the_form_of_each_file_is_kept(motley: Path) -> None:
    forms = dict(rows(motley, "SELECT file, form FROM meta.load_file"))
    assert forms["BEF200512.sas7bdat"] == "SAS"
    assert forms["bef_2006.txt"] == "CSV, tab, UTF-16"
    assert forms["lmdb_2005.csv"] == "CSV, semicolon, Windows-1252"
    assert forms["ankestyrelsen_2006.csv"] == "CSV, bar, UTF-8"
    assert forms["lpr_adm_2005.parquet"] == "Parquet"
    assert rows(motley, "SELECT count(*) FROM meta.quarantine") == [(0,)]


PERSONS = ("Background000", "Background001")


@pytest.fixture(scope="module")
def standing_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home loaded from UDDF, LPR3, SYSI beside SSSY, IND and AKM; without UDDA and LPR2."""
    home = tmp_path_factory.mktemp("standing-in")
    folder = ordinary().write(home / "extracts")
    for pattern in ("udda_*", "lpr_*", "psyk_*"):
        for path in folder.glob(pattern):
            path.unlink()
    pd.DataFrame(
        [
            ("Background000", "1000", "1990-06-20"),
            ("Background000", "3000", "2005-12-31"),
            ("Background000", "5000", "2006-06-20"),
            ("Background001", "3000", "2006-01-01"),
        ],
        columns=["PNR", "HFAUDD", "HF_VFRA"],
    ).to_csv(folder / "uddf.csv", index=False)
    pd.DataFrame(
        [
            ("Background000", "contact1", "2004-05-05", "Psykiatri"),
            ("Background001", "contact2", "2004-05-05", "Ortopædisk kirurgi"),
        ],
        columns=["cpr", "dw_ek_kontakt", "dato_start", "hovedspeciale_ans"],
    ).to_csv(folder / "kontakter.csv", index=False, sep=";", encoding="cp1252")
    pd.DataFrame(
        [
            ("contact1", "DF329", "A", "Nej"),
            ("contact2", "DM545", "A", None),
            ("contact2", "DC509", "B", "Ja"),
            ("nobody", "DC509", "A", "Nej"),
        ],
        columns=["DW_EK_KONTAKT", "DIAGNOSEKODE", "DIAGNOSETYPE", "SENERE_AFKRAEFTET"],
    ).to_csv(folder / "diagnoser.csv", index=False, sep=";")
    pd.DataFrame(
        [("Background000", "80", n, week) for n, week in ((1, "0440"), (100, "0512"))],
        columns=["PNR", "SPECIALE", "YDLANT", "HONUGE"],
    ).to_csv(folder / "sysi.csv", index=False)
    pd.DataFrame(
        {"PNR": ["Background000"], "PERINDKIALT_13": [-1500.5], "LOENMV_13": [None]}
    ).to_parquet(folder / "ind_2005.parquet", index=False)
    pd.DataFrame({"PNR": ["Background000"], "SOCIO13": [321]}).to_parquet(
        folder / "akm_2005.parquet", index=False
    )
    return load(home)


def test_uddf_stands_in_as_it_held_on_31_december(standing_in: Path) -> None:
    answer = rows(
        standing_in,
        "SELECT person_id, snapshot_year, education FROM core.education",
    )
    known = names(standing_in, PERSONS)
    assert sorted((known[person], *rest) for person, *rest in answer) == [
        ("Background000", 2005, "vocational"),
        ("Background000", 2006, "higher"),
        ("Background001", 2006, "vocational"),
    ]


def test_lpr3_gives_diagnoses_but_not_those_found_not_to_hold(standing_in: Path) -> None:
    answer = rows(
        standing_in,
        "SELECT person_id, is_psychiatric, diagnosis_code, diagnosis_group, source_register"
        " FROM core.hospital_diagnosis",
    )
    known = names(standing_in, PERSONS)
    assert sorted((known[person], *rest) for person, *rest in answer) == [
        ("Background000", True, "F329", "mental", "lpr3"),
        ("Background001", False, "M545", "musculoskeletal", "lpr3"),
    ]
    counted = "SELECT status FROM meta.data_quality WHERE \"check\" = 'lpr3_diagnosis_has_contact'"
    assert rows(standing_in, counted) == [("warn",)]


def test_a_year_in_both_sysi_and_sssy_is_counted_once(standing_in: Path) -> None:
    answer = rows(
        standing_in,
        "SELECT iso_year, sum(n_services) FROM core.primary_care_contact"
        f" WHERE person_id = '{pseudonyms(standing_in, PERSONS)['Background000']}'"
        " GROUP BY iso_year ORDER BY iso_year",
    )
    assert answer == [(2004, 1), (2005, 1)]


def test_income_and_labour_market_status_load_when_delivered(
    standing_in: Path, plain: Path
) -> None:
    assert rows(standing_in, "SELECT total_income_dkk, wage_income_dkk FROM core.income") == [
        (-1500.5, None)
    ]
    status = "SELECT labour_market_status FROM core.labour_market_status"
    assert rows(standing_in, status) == [("disability_pension",)]
    absent = rows(
        plain, "SELECT register, status FROM meta.data_quality WHERE \"check\" = 'delivered'"
    )
    assert ("ind", "ok") in absent
    assert ("rammevilkaar", "warn") in absent


def test_sas_keeps_missing_values_and_is_read_in_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame(
        {
            "A": ["æ", None, "x" * 40] * 2000,
            "N": [1.5, None, -2.0] * 2000,
            "D": [date(1970, 6, 15), None, date(1959, 12, 31)] * 2000,
        }
    )
    write_sas(tmp_path / "t.sas7bdat", frame)
    monkeypatch.setattr("pipeline.warehouse.delivery.sasfiles._CHUNK_VALUES", 2100)
    header = sas_header(tmp_path / "t.sas7bdat")
    assert (header.n_rows, header.n_deleted) == (6000, 0)
    types = sas_to_parquet(
        tmp_path / "t.sas7bdat", header, {"A", "N", "D"}, {"D"}, tmp_path / "t.parquet"
    )
    assert types == {"A": "VARCHAR", "N": "DOUBLE", "D": "DATE"}
    read = pd.read_parquet(tmp_path / "t.parquet")
    assert [None if pd.isna(value) else value for value in read["A"]] == [
        "æ",
        None,
        "x" * 40,
    ] * 2000
    pd.testing.assert_series_equal(read["N"], frame["N"])
    days = [None if pd.isna(day) else day for day in read["D"]]
    assert days == [date(1970, 6, 15), None, date(1959, 12, 31)] * 2000


@pytest.mark.parametrize(
    ("content", "encoding", "fault"),
    [
        (b"plain", "utf-8", None),
        ("Bækgård".encode(), "utf-8", None),
        ("Bækgård".encode("utf-8-sig"), "utf-8-sig", None),
        ("Bækgård".encode("utf-16"), "utf-16-le", None),
        ("A;B\n1;2\n".encode("utf-16-be"), "utf-16-be", None),
        ("Bækgård".encode("latin-1"), "cp1252", None),
        ("5 €".encode("cp1252"), "cp1252", None),
        ("æ\nø\n".encode() + "å\n".encode("cp1252"), "cp1252", "mixes UTF-8 and Windows-1252"),
        (b"\n\x81", "cp1252", "undecodable bytes in line 2"),
        ("æ".encode()[:1], "", "ends within a character in line 1"),
        (b"a\n\0b", "", "NUL byte in line 2"),
        ("a".encode("utf-32"), "", "UTF-32"),
    ],
)
def test_the_encoding_is_found_from_the_whole_file(
    tmp_path: Path, content: bytes, encoding: str, fault: str | None
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    result = find_encoding(path)
    assert result.encoding == encoding
    assert (fault or "None") in str(result.fault)
    if fault is None:
        transcode(path, encoding, tmp_path / "t.utf8")
        text = content.decode("utf-16" if content[:2] == b"\xff\xfe" else encoding)
        assert (tmp_path / "t.utf8").read_text(encoding="utf-8") == text
