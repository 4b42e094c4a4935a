"""Structural faults: one message that lists them all, and nothing replaced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from extracts_fixture import ExtractsFolder

from pipeline.errors import ExtractError
from pipeline.settings import read_settings
from pipeline.warehouse.delivery.calendar import iso_week
from pipeline.warehouse.delivery.extracts import scan_extracts
from pipeline.warehouse.marts.load import load_extracts
from pipeline.warehouse.raw.pseudonymkey import KEY_FILE

YEARS = (2006, 2007)


@pytest.fixture
def extracts(tmp_path: Path) -> Path:
    return ExtractsFolder().with_background(n=20).write(tmp_path / "extracts")


def drop(name: str, *columns: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / name
        if path.suffix == ".csv":
            lines = path.read_text().splitlines()
            header = lines[0].split(",")
            keep = [i for i, column in enumerate(header) if column not in columns]
            kept = [",".join(line.split(",")[i] for i in keep) for line in lines]
            path.write_text("\n".join(kept) + "\n")
        else:
            pq.write_table(pq.read_table(path).drop_columns(list(columns)), path)

    return damage


def cut(name: str, share: float) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(len(content) * share)])

    return damage


def append(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        with (folder / name).open("ab") as file:
            file.write(content)

    return damage


def replace(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def remove(*names: str) -> Callable[[Path], None]:
    return lambda folder: [(folder / name).unlink() for name in names] and None


def copy(name: str, other: str) -> Callable[[Path], None]:
    return lambda folder: (folder / other).write_bytes((folder / name).read_bytes()) and None


def rename_column(name: str, column: str, other: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        table = pq.read_table(folder / name)
        names = [other if old == column else old for old in table.column_names]
        pq.write_table(table.rename_columns(names), folder / name)

    return damage


def add_column(name: str, column: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        table = pq.read_table(folder / name)
        pq.write_table(table.append_column(column, table["PNR"]), folder / name)

    return damage


def empty_parquet(name: str) -> Callable[[Path], None]:
    return lambda folder: pq.write_table(pq.read_table(folder / name).slice(0, 0), folder / name)


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "column missing": (drop("bef_2005.parquet", "KOM"), "bef_2005.parquet: lacks the column KOM"),
    "columns missing in csv": (
        drop("udda_2005.csv", "HFAUDD"),
        "udda_2005.csv: lacks the column HFAUDD or HFFSP; it has PNR",
    ),
    "no file of a register": (remove("sssy_2005.parquet"), "sssy: no file; expected sssy"),
    "no snapshot before a year at risk": (
        remove("bef_2006.parquet"),
        "bef: no file for 2006, which the year at risk 2007 needs",
    ),
    "no last week before a year at risk": (
        drop("dream.parquet", "y_0552"),
        "dream: no column for week 52 of 2005, which the year at risk 2006 needs",
    ),
    "truncated parquet": (cut("lmdb_2005.parquet", 0.6), "lmdb_2005.parquet: is not a whole"),
    "garbage in parquet": (replace("lmdb_2005.parquet", b"x" * 999), "lmdb_2005.parquet: is not"),
    "empty file": (replace("lpr_adm_2005.parquet", b""), "lpr_adm_2005.parquet: is empty"),
    "no rows in parquet": (
        empty_parquet("lpr_diag_2005.parquet"),
        "lpr_diag_2005.parquet: holds no",
    ),
    "no rows in csv": (replace("udda_2006.csv", b"PNR,HFAUDD\n"), "udda_2006.csv: holds no rows"),
    "two files for a year": (
        copy("bef_2005.parquet", "BEF2005.parquet"),
        "bef: BEF2005.parquet, bef_2005.parquet; expected one file for 2005",
    ),
    "two wide files": (copy("dream.parquet", "dream_2.parquet"), "dream.parquet, dream_2.parquet"),
    "no year in the name": (copy("udda_2005.csv", "udda.csv"), "udda.csv: has no year"),
    "two encodings in one file": (
        append("ankestyrelsen_2006.csv", "Bækgård;FP\n".encode() + "Bækgård\n".encode("cp1252")),
        "ankestyrelsen_2006.csv: mixes UTF-8 and Windows-1252 letters (UTF-8 in line 22)",
    ),
    "binary in csv": (append("udda_2005.csv", b"\0\0"), "udda_2005.csv: holds a NUL byte"),
    "too many fields": (
        append("udda_2005.csv", b"SecretPerson,3000,5\n"),
        "udda_2005.csv: line 22 has 3 fields; the header has 2",
    ),
    "column twice": (
        add_column("lmdb_2005.parquet", "atc"),
        "lmdb_2005.parquet: has the column ATC twice",
    ),
    "week that does not exist": (
        rename_column("dream.parquet", "y_0501", "y_0553"),
        "dream.parquet: has the column y_0553, which is not a week",
    ),
    "no weeks": (
        lambda folder: pq.write_table(
            pq.read_table(folder / "dream.parquet").select(["PNR"]), folder / "dream.parquet"
        ),
        "dream.parquet: has no week columns",
    ),
    "broken mark": (replace("synthetic.json", b"{"), "synthetic.json: is not a JSON object"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_structural_fault_is_named(extracts: Path, name: str) -> None:
    damage, expected = FAULTS[name]
    damage(extracts)
    with pytest.raises(ExtractError) as caught:
        scan_extracts(extracts, years_at_risk=YEARS)
    message = str(caught.value)
    assert expected in message
    assert message.startswith("1 structural fault "), message
    assert "SecretPerson" not in message
    assert "Background" not in message


def test_all_faults_come_in_one_message(extracts: Path) -> None:
    options = [
        "column missing",
        "truncated parquet",
        "two encodings in one file",
        "no file of a register",
    ]
    for name in options:
        FAULTS[name][0](extracts)
    with pytest.raises(ExtractError) as caught:
        scan_extracts(extracts, years_at_risk=YEARS)
    for name in options:
        assert FAULTS[name][1] in str(caught.value)
    assert str(caught.value).startswith("4 structural faults ")


def test_an_empty_and_a_missing_folder(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ExtractError, match="10 structural faults"):
        scan_extracts(tmp_path / "nothing")
    with pytest.raises(ExtractError, match="is not a folder"):
        scan_extracts(tmp_path / "missing")


def test_the_old_database_is_untouched_by_a_fault(extracts: Path, tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path, threads=1)
    load_extracts(extracts, settings.registers_path, settings=settings)
    before = settings.registers_path.read_bytes()
    cut("lmdb_2005.parquet", 0.6)(extracts)
    with pytest.raises(ExtractError):
        load_extracts(extracts, settings.registers_path, settings=settings)
    assert settings.registers_path.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("extracts", KEY_FILE, "registers.duckdb")
    ]


def test_damage_inside_a_parquet_file_is_found_when_its_rows_are_read(
    extracts: Path, tmp_path: Path
) -> None:
    path = extracts / "lmdb_2005.parquet"
    content = bytearray(path.read_bytes())
    content[8:200] = b"\xff" * 192
    path.write_bytes(bytes(content))
    settings = read_settings(home=tmp_path, threads=1)
    with pytest.raises(ExtractError, match=r"lmdb_2005\.parquet"):
        load_extracts(extracts, settings.registers_path, settings=settings)
    assert not settings.registers_path.exists()


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("0453", (2004, 53)),
        ("0553", None),
        ("9801", (1998, 1)),
        ("8952", (2089, 52)),
        ("0500", None),
        ("5", None),
        ("y_01", None),
    ],
)
def test_iso_weeks(text: str, week: tuple[int, int] | None) -> None:
    assert iso_week(text) == week
