"""Kinds of damage to register files, and what the load promises to do with each.

``KINDS`` is run by test_hostile_files.py and rendered to docs/hostile_files.md::

    python tests/hostile_files.py > docs/hostile_files.md
"""

from __future__ import annotations

import gzip
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sas_writer import PAGE, write_sas

Damage = Callable[[Path], object]
OUTCOMES = {
    "stop": "stops the load; the message names the file and the fault, nothing is replaced",
    "quarantine": "the row is kept out, with file, row number, reason and values; the rest loads",
    "warn": "loads, and data quality says how many rows fail",
    "accepted": "loads, with the values of the undamaged file",
}


@dataclass(frozen=True)
class Kind:
    """One kind of damage to one register's files in an undamaged folder.

    ``expected`` is part of the message (stop) or the name of the check (quarantine, warn).
    """

    name: str
    outcome: str
    register: str
    damage: Damage
    expected: str = ""


def parquet(name: str, change: Callable[[pd.DataFrame], object], keep: bool = True) -> Damage:
    """Return damage that changes the frame of a Parquet file, in its old types if ``keep``."""

    def damage(folder: Path) -> None:
        path = folder / f"{name}.parquet"
        frame, schema = pd.read_parquet(path), pq.read_schema(path)
        changed = change(frame)
        frame = frame if changed is None else changed
        table = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(table.cast(schema) if keep else table, path)

    return damage


def cell(name: str, column: str, value: object) -> Damage:
    """Return damage that puts text in the third row of a file, which becomes CSV."""
    return csv(
        name, lambda frame: frame.__setitem__(column, frame[column].where(_not_third, value))
    )


def _not_third(values: pd.Series) -> pd.Series:
    return pd.Series(values.index != 2, index=values.index)


def csv(
    name: str,
    change: Callable[[pd.DataFrame], object] = lambda frame: None,
    *,
    edit: Callable[[bytes], bytes] = lambda content: content,
    sep: str = ";",
    encoding: str = "utf-8",
    quoting: int = 0,
    suffix: str = ".csv",
) -> Damage:
    """Return damage that writes a file as CSV: ``change`` the text frame, ``edit`` the bytes."""

    def damage(folder: Path) -> None:
        frame = _taken(folder, name)
        changed = change(frame)
        frame = frame if changed is None else changed
        text = frame.to_csv(index=False, sep=sep, quoting=quoting, lineterminator="\n")
        (folder / f"{name}{suffix}").write_bytes(edit(text.encode(encoding)))

    return damage


def _taken(folder: Path, name: str) -> pd.DataFrame:
    """Return the rows of a file as text, after removing it."""
    path = folder / f"{name}.parquet"
    if path.exists():
        source = pd.read_parquet(path)
        frame = source.astype("str").astype(object).mask(source.isna(), None)
    else:
        path = folder / f"{name}.csv"
        sep = ";" if name.startswith("ankestyrelsen") else ","
        frame = pd.read_csv(path, dtype="str", sep=sep, keep_default_na=False)
    path.unlink()
    return frame


def sas(
    name: str,
    edit: Callable[[bytes], bytes] = lambda content: content,
    change: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
    **options: object,
) -> Damage:
    """Return damage that writes a Parquet file, after a ``change``, as SAS and edits its bytes."""

    def damage(folder: Path) -> None:
        frame = change(pd.read_parquet(folder / f"{name}.parquet"))
        (folder / f"{name}.parquet").unlink()
        write_sas(folder / f"{name}.sas7bdat", frame, **options)
        content = (folder / f"{name}.sas7bdat").read_bytes()
        (folder / f"{name}.sas7bdat").write_bytes(edit(content))

    return damage


def in_parts(name: str, *changes: Callable[[pa.Table], pa.Table], folder: str = "") -> Damage:
    """Return damage that delivers a Parquet file as a folder of parts, each after its change."""

    def damage(extracts: Path) -> None:
        table = pq.read_table(extracts / f"{name}.parquet")
        (extracts / f"{name}.parquet").unlink()
        target = extracts / (folder or f"{name}.parquet")
        target.mkdir()
        n_part = -(-table.num_rows // max(len(changes), 1))
        for number, change in enumerate(changes):
            part = change(table.slice(number * n_part, n_part))
            pq.write_table(part, target / f"part-{number:04d}.snappy.parquet")

    return damage


def same(table: pa.Table) -> pa.Table:
    """Return the table as it is."""
    return table


def beside(damage: Damage, name: str, text: str) -> Damage:
    """Return ``damage`` after which a file ``name`` of ``text`` lies there too."""
    return lambda folder: (damage(folder), (folder / name).write_text(text))


def content(name: str, edit: Callable[[bytes], bytes]) -> Damage:
    """Return damage that edits the bytes of a file."""
    return lambda folder: (folder / name).write_bytes(edit((folder / name).read_bytes()))


def copied(name: str, other: str) -> Damage:
    """Return damage that delivers a file under a second name too."""
    return lambda folder: (folder / other).write_bytes((folder / name).read_bytes())


def renamed(name: str, other: str) -> Damage:
    """Return damage that delivers a file under another name."""
    return lambda folder: (folder / name).rename(folder / other)


def removed(name: str) -> Damage:
    """Return damage that leaves a file out."""
    return lambda folder: (folder / name).unlink()


def columns(name: str, names: dict[str, str]) -> Damage:
    """Return damage that renames columns of a Parquet file."""

    def damage(folder: Path) -> None:
        table = pq.read_table(folder / name)
        pq.write_table(
            table.rename_columns([names.get(old, old) for old in table.column_names]),
            folder / name,
        )

    return damage


def added(name: str, column: str, value: object) -> Damage:
    """Return damage that adds a column of one value to a Parquet file."""

    def damage(folder: Path) -> None:
        table = pq.read_table(folder / name)
        values = pa.array([value] * table.num_rows)
        pq.write_table(table.append_column(column, values), folder / name)

    return damage


def of_type(name: str, column: str, convert: Callable[[pd.Series], object]) -> Damage:
    """Return damage that stores a column of a Parquet file in another type."""
    return parquet(name, lambda frame: frame.assign(**{column: convert(frame[column])}), keep=False)


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    """Return an edit of the lines of a file, each with its line end."""
    return lambda text: b"".join(change(text.splitlines(keepends=True)))


def dates(form: str) -> Callable[[pd.DataFrame], object]:
    """Return a change of the dates in EKSD to ``form``."""
    return lambda frame: frame.__setitem__(
        "EKSD", [f"{pd.Timestamp(day):{form}}".upper() for day in frame["EKSD"]]
    )


def lpr3(*names: str) -> Damage:
    """Return damage that delivers LPR3 contacts with these column names."""

    def damage(folder: Path) -> None:
        values = ("Person0001", "contact1", "2020-02-02", "Psykiatri", "Person0001")
        pd.DataFrame([values[: len(names)]], columns=list(names)).to_csv(
            folder / "kontakter.csv", index=False, sep=";"
        )

    return damage


LMDB, SSSY, UDDA, BEF = "lmdb_2005", "sssy_2005", "udda_2005", "bef_2005"
DECISIONS = "ankestyrelsen_2006"
_LPR3 = ("CPR", "DW_EK_KONTAKT", "DATO_START", "HOVEDSPECIALE_ANS")

STOPS = [
    Kind("a declared column is missing (Parquet)", "stop", "bef",
         parquet(BEF, lambda f: f.drop(columns="KOM"), keep=False), "lacks the column KOM"),
    Kind("a declared column is missing (CSV)", "stop", "udda",
         csv(UDDA, lambda f: f.drop(columns="HFAUDD")),
         "lacks the column HFAUDD or HFFSP; it has PNR"),
    Kind("a column's name is misspelt", "stop", "lmdb",
         columns("lmdb_2005.parquet", {"VOLUME": "VOLUMEN"}), "lacks the column VOLUME"),
    Kind("a column is there twice, once in lower case", "stop", "lmdb",
         added("lmdb_2005.parquet", "atc", "N05"), "has the column ATC twice"),
    Kind("a column is there twice in a CSV header", "stop", "udda",
         csv(UDDA, lambda f: f.assign(pnr="x")), "has the column PNR twice"),
    Kind("two columns mean the same (PNR and CPR)", "stop", "lpr3_kontakter",
         lpr3(*_LPR3, "PNR"), "which both mean PNR"),
    Kind("a Parquet file is cut off", "stop", "lmdb",
         content("lmdb_2005.parquet", lambda b: b[: len(b) // 2]), "is not a whole Parquet file"),
    Kind("a Parquet file lacks its beginning", "stop", "lmdb",
         content("lmdb_2005.parquet", lambda b: b[200:]), "cannot be read to the end"),
    Kind("a Parquet file is damaged inside", "stop", "lmdb",
         content("lmdb_2005.parquet", lambda b: b[:8] + b"\xff" * 192 + b[200:]),
         "cannot be read to the end"),
    Kind("bytes of no format are called .parquet", "stop", "lmdb",
         content("lmdb_2005.parquet", lambda b: b"x" * 999), "is not a whole Parquet file"),
    Kind("a CSV file is called .parquet", "stop", "lmdb",
         csv(LMDB, suffix=".parquet"), "is not a whole Parquet file"),
    Kind("a Parquet file is called .csv", "stop", "lmdb",
         renamed("lmdb_2005.parquet", "lmdb_2005.csv"),
         "lacks the columns PNR, EKSD, ATC, VOLUME; it has none of them"),
    Kind("a compressed CSV file is called .csv", "stop", "udda",
         csv(UDDA, edit=lambda b: gzip.compress(b, mtime=0)),
         "lacks the columns PNR, HFAUDD or HFFSP; it has none of them"),
    Kind("a workbook is called .csv", "stop", "udda",
         csv(UDDA, edit=lambda b: b"PK\x03\x04\x14\x00\x06\x00" + b), "lacks the column PNR"),
    Kind("a web page is called .csv", "stop", "udda",
         content("udda_2005.csv", lambda b: b"<html><body>Log in</body></html>\n"),
         "lacks the columns PNR, HFAUDD or HFFSP; it has none of them"),
    Kind("a file is empty", "stop", "lmdb",
         content("lmdb_2005.parquet", lambda b: b""), "is empty (0 bytes)"),
    Kind("a CSV file has a header only", "stop", "udda",
         content("udda_2005.csv", lambda b: b"PNR,HFAUDD\n"), "holds no rows"),
    Kind("a CSV file has blank lines only", "stop", "udda",
         content("udda_2005.csv", lambda b: b"\n\n\n"), "has no header"),
    Kind("a Parquet file has no rows", "stop", "lmdb",
         parquet(LMDB, lambda f: f.iloc[:0]), "holds no rows"),
    Kind("a SAS file has no rows", "stop", "lmdb",
         lambda folder: (parquet(LMDB, lambda f: f.iloc[:0])(folder), sas(LMDB)(folder)),
         "holds no rows"),
    Kind("the header of a CSV file is missing", "stop", "udda",
         csv(UDDA, edit=lines(lambda parts: parts[1:])),
         "lacks the columns PNR, HFAUDD or HFFSP; it has none of them"),
    Kind("a CSV file is delimited by colons", "stop", "udda",
         csv(UDDA, sep=":"), "lacks the columns PNR, HFAUDD or HFFSP; it has none of them"),
    Kind("a SAS file is cut off within a page", "stop", "lmdb",
         sas(LMDB, lambda b: b[: -PAGE // 2]), "is not a whole SAS data set"),
    Kind("a SAS file lacks its last page", "stop", "lmdb",
         sas(LMDB, lambda b: b[:-PAGE]), "is not a whole SAS data set"),
    Kind("a SAS file has another beginning", "stop", "lmdb",
         sas(LMDB, lambda b: b"\1" * 32 + b[32:]), "is not a whole SAS data set"),
    Kind("bytes of no format are called .sas7bdat", "stop", "lmdb",
         sas(LMDB, lambda b: b"x" * 5000), "is not a whole SAS data set"),
    Kind("UTF-8 and Windows-1252 are mixed in one file", "stop", "udda",
         csv(UDDA, lambda f: f.assign(NAVN="Bækgård"),
             edit=lambda b: b + "P0000001;3000;Bækgård\n".encode("cp1252")),
         "mixes UTF-8 and Windows-1252 letters"),
    Kind("a text file is UTF-32", "stop", "udda", csv(UDDA, encoding="utf-32"), "UTF-32"),
    Kind("a text file ends within a letter", "stop", "udda",
         csv(UDDA, edit=lambda b: b + b"P0000001;3000\xc3"), "ends within a character"),
    Kind("a text file holds NUL bytes", "stop", "udda",
         csv(UDDA, edit=lambda b: b + b"\0\0"), "holds a NUL byte"),
    Kind("a text file holds a byte of no known encoding", "stop", "udda",
         csv(UDDA, edit=lambda b: b + b"P0000001;3000\x81\n"), "undecodable bytes in line 14"),
    Kind("a row has a field too many", "stop", "udda",
         csv(UDDA, edit=lambda b: b + b"P0000001;3000;5\n"),
         "line 14 has 3 fields; the header has 2"),
    Kind("a row has a field too few", "stop", "udda",
         csv(UDDA, edit=lambda b: b + b"P0000001\n"), "line 14 has 1 fields; the header has 2"),
    Kind("a quote is never closed", "stop", "udda",
         csv(UDDA, edit=lambda b: b + b'P0000001;"3000\n'), "line 14 cannot be read"),
    Kind("text follows a closing quote", "stop", "udda",
         csv(UDDA, edit=lambda b: b + b'"P0000001"x;3000\n'), "line 14 cannot be read"),
    Kind("line ends of two kinds are mixed", "stop", "udda",
         csv(UDDA, edit=lines(lambda parts: [parts[0].replace(b"\n", b"\r\n"), *parts[1:]])),
         "cannot be read"),
    Kind("a year is delivered twice", "stop", "bef",
         copied("bef_2005.parquet", "BEF2005.parquet"), "expected one file for 2005"),
    Kind("a year is delivered as CSV and as Parquet", "stop", "udda",
         lambda folder: pq.write_table(
             pa.Table.from_pandas(pd.read_csv(folder / "udda_2005.csv", dtype="str")),
             folder / "udda_2005.parquet"), "expected one file for 2005"),
    Kind("two months of one year are delivered", "stop", "bef",
         copied("bef_2005.parquet", "bef_200506.parquet"), "expected one file for 2005"),
    Kind("a yearly file has no year in its name", "stop", "udda",
         renamed("udda_2005.csv", "udda.csv"), "has no year in its name"),
    Kind("a yearly file has a year that cannot be", "stop", "udda",
         renamed("udda_2005.csv", "udda_1066.csv"), "has no year in its name"),
    Kind("a register is missing", "stop", "sssy", removed("sssy_2005.parquet"), "sssy: no file"),
    Kind("the snapshot before a year at risk is missing", "stop", "bef",
         removed("bef_2006.parquet"), "no file for 2006, which the year at risk 2007 needs"),
    Kind("DREAM is delivered in two files", "stop", "dream",
         copied("dream.parquet", "dream_2.parquet"), "expected one file"),
    Kind("DREAM has no week columns", "stop", "dream",
         parquet("dream", lambda f: f[["PNR"]], keep=False), "has no week columns"),
    Kind("DREAM has a week the calendar has not", "stop", "dream",
         columns("dream.parquet", {"y_0501": "y_0553"}), "y_0553, which is not a week"),
    Kind("DREAM has a week twice, once in upper case", "stop", "dream",
         added("dream.parquet", "Y_0501", "111"), "twice"),
    Kind("DREAM lacks the last week before a year at risk", "stop", "dream",
         parquet("dream", lambda f: f.drop(columns="y_0552"), keep=False),
         "no column for week 52 of 2005"),
    Kind("a column holds lists", "stop", "lmdb",
         of_type(LMDB, "ATC", lambda s: [[value] for value in s]), "column ATC has type"),
    Kind("a column holds bytes", "stop", "lmdb",
         of_type(LMDB, "ATC", lambda s: [value.encode() for value in s]), "column ATC has type"),
    Kind("decimal commas and decimal points are mixed", "stop", "lmdb",
         csv(LMDB, lambda f: f.__setitem__("VOLUME", ["1.234", "12,5"] * 6)),
         "numbers with decimal comma and numbers with decimal point"),
    Kind("a column has marks that may stand between thousands", "stop", "lmdb",
         csv(LMDB, lambda f: f.__setitem__("VOLUME", ["10,400", "900"] * 6)),
         "column VOLUME has numbers whose mark may stand between thousands or before decimals"
         " (10,400 in row 1"),
    Kind("a column has points that may stand between thousands", "stop", "lmdb",
         csv(LMDB, lambda f: f.__setitem__("VOLUME", ["10.400", "900"] * 6)),
         "beside numbers without (900 in row 2"),
    Kind("a column has marks between thousands", "stop", "lmdb",
         csv(LMDB, lambda f: f.__setitem__("VOLUME", ["1,234,567", "900"] * 6)),
         "has numbers with a mark between thousands (VOLUME: 1,234,567 in row 1"),
    Kind("one column has decimal commas and another decimal points", "stop", "rammevilkaar",
         lambda folder: (folder / "rammevilkaar.csv").write_text(
             "KOM;AAR;LEDIG_PCT;INDUSTRI_PCT;VIDUDD_PCT;BEFTAET\n101;2006;4,5;15.5;20;100\n"),
         "the columns have numbers with decimal comma and numbers with decimal point"),
    Kind("midnight in Denmark is written in UTC, without a zone", "stop", "lmdb",
         of_type(LMDB, "EKSD", lambda s: pd.to_datetime(s) - pd.Timedelta(hours=1)),
         "column EKSD has 12 moments, all at 22:00 or 23:00"),
    Kind("persons are numbers of more than ten digits", "stop", "lmdb",
         of_type(LMDB, "PNR", lambda s: [10**11 + n for n in range(len(s))]),
         "column PNR holds persons as numbers, 12 of them of more than 10 digits"),
    Kind("a register's file is compressed", "stop", "udda",
         lambda folder: (folder / "udda_2004.csv.gz").write_bytes(b"x"), "is compressed"),
    Kind("a register's file is a link to nothing", "stop", "lmdb",
         lambda folder: (folder / "lmdb_2004.parquet").symlink_to("away/lmdb_2004.parquet"),
         "lmdb_2004.parquet: is a link to nothing (away/lmdb_2004.parquet)"),
    Kind("a register's file is a pipe", "stop", "lmdb",
         lambda folder: os.mkfifo(folder / "lmdb_2004.csv"), "lmdb_2004.csv: is no file (a pipe"),
    Kind("a folder called like a file is empty", "stop", "lmdb",
         lambda folder: (folder / "lmdb_2004.parquet").mkdir(),
         "lmdb_2004.parquet: is a folder without Parquet parts"),
    Kind("a folder of parts holds something else", "stop", "lmdb",
         beside(in_parts(LMDB, same), f"{LMDB}.parquet/more.csv", "x"),
         "is a folder that holds more.csv; expected Parquet parts alone"),
    Kind("a folder of a register holds its files", "stop", "bef",
         lambda folder: ((folder / "bef").mkdir(), renamed(
             "bef_2005.parquet", "bef/bef_2005.parquet")(folder)),
         "bef: is a folder that holds bef_2005.parquet, a register's file"),
    Kind("a part of a folder lacks a column", "stop", "lmdb",
         in_parts(LMDB, same, lambda t: t.drop_columns(["VOLUME"])),
         "lacks the column VOLUME in its part part-0001.snappy.parquet"),
    Kind("a part of a folder has a column of another kind", "stop", "lmdb",
         in_parts(LMDB, same, lambda t: t.set_column(
             t.column_names.index("VOLUME"), "VOLUME", t["VOLUME"].cast(pa.string()))),
         "column VOLUME is number in its part part-0000.snappy.parquet and text in part-0001"),
    Kind("a part of a folder is damaged", "stop", "lmdb",
         beside(in_parts(LMDB, same), f"{LMDB}.parquet/part-0001.parquet", "PAR1"),
         "is not a whole Parquet file"),
    Kind("a SAS file holds text that is not in its encoding", "stop", "lmdb",
         sas(LMDB, lambda b: b.replace(b"J01CA04", b"J01C\xc604", 1)),
         "holds text that is not UTF-8 in column ATC, 1 rows (1)"),
    Kind("a SAS file has times of day in a date column", "stop", "lmdb",
         sas(LMDB, date_format="TIME"), "column EKSD has the SAS format TIME, a time of day"),
    Kind("the mark of synthetic data is broken", "stop", "sssy",
         lambda folder: (folder / "synthetic.json").write_text("{"), "is not a JSON object"),
]  # fmt: skip

QUARANTINES = [
    Kind("text in a date", "quarantine", "lmdb", cell(LMDB, "EKSD", "i går"), "eksd_type"),
    Kind("30 February", "quarantine", "lmdb", cell(LMDB, "EKSD", "2005-02-30"), "eksd_type"),
    Kind("a date with slashes", "quarantine", "lmdb", cell(LMDB, "EKSD", "02/03/2005"),
         "eksd_type"),
    Kind("a year of two digits", "quarantine", "lmdb", cell(LMDB, "EKSD", "02-03-05"), "eksd_type"),
    Kind("a month before its day", "quarantine", "lmdb", cell(LMDB, "EKSD", "02-28-2005"),
         "eksd_type"),
    Kind("a spreadsheet's day number", "quarantine", "lmdb", cell(LMDB, "EKSD", "38385"),
         "eksd_type"),
    Kind("a date before the register began", "quarantine", "lmdb", cell(LMDB, "EKSD", "1899-12-31"),
         "eksd_minimum"),
    Kind("a date that means never", "quarantine", "lmdb", cell(LMDB, "EKSD", "9999-12-31"),
         "eksd_maximum"),
    Kind("a SAS date in the year 2.7 million", "quarantine", "lmdb",
         sas(LMDB, lambda b: b.replace(struct.pack("<d", 16469.0), struct.pack("<d", 1e9), 1)),
         "eksd_maximum"),
    Kind("a SAS date that is no number of days", "quarantine", "lmdb",
         sas(LMDB, lambda b: b.replace(struct.pack("<d", 16469.0), struct.pack("<d", 1e300), 1)),
         "eksd_maximum"),
    Kind("a time that no clock shows", "quarantine", "lmdb",
         cell(LMDB, "EKSD", "2005-02-02 25:61"), "eksd_type"),
    Kind("a municipality that never existed", "quarantine", "bef", cell(BEF, "KOM", "999"),
         "kom_code_list"),
    Kind("a municipality that no longer existed", "quarantine", "ankestyrelsen",
         csv(DECISIONS, lambda f: f.assign(
             KOM=f["KOM"].where(f.index != 2, "501"),
             AFGDATO=f["AFGDATO"].where(f.index != 2, "2009-05-05"))), "kom_valid_at_date"),
    Kind("a code the declaration does not list", "quarantine", "bef", cell(BEF, "KOEN", "3"),
         "koen_values"),
    Kind("a missing person number", "quarantine", "bef", cell(BEF, "PNR", None), "pnr_missing"),
    Kind("a blank person number", "quarantine", "bef", cell(BEF, "PNR", "  "), "pnr_missing"),
    Kind("a person number with a dash", "quarantine", "bef", cell(BEF, "PNR", "010170-1234"),
         "pnr_pattern"),
    Kind("decimals in a count", "quarantine", "bef", cell(BEF, "ANTBOERNF", "1.5"),
         "antboernf_type"),
    Kind("a count written as a power", "quarantine", "bef", cell(BEF, "ANTBOERNF", "1E1"),
         "antboernf_type"),
    Kind("a negative count", "quarantine", "bef", cell(BEF, "ANTBOERNF", "-1"),
         "antboernf_minimum"),
    Kind("a count that is too large", "quarantine", "bef", cell(BEF, "ANTBOERNF", "31"),
         "antboernf_maximum"),
    Kind("a mark between thousands", "quarantine", "lmdb",
         csv(LMDB, lambda f: f.__setitem__("VOLUME", ["28,0"] * 2 + ["1 234,5"] + ["28,0"] * 9)),
         "volume_type"),
    Kind("a number that is none (nan)", "quarantine", "lmdb", cell(LMDB, "VOLUME", "nan"),
         "volume_type"),
    Kind("an infinite number", "quarantine", "lmdb", cell(LMDB, "VOLUME", "inf"), "volume_type"),
    Kind("a spreadsheet's error", "quarantine", "lmdb", cell(LMDB, "ATC", "#N/A"), "atc_pattern"),
    Kind("the word NULL", "quarantine", "lmdb", cell(LMDB, "ATC", "NULL"), "atc_pattern"),
    Kind("SAS's missing number as text", "quarantine", "lmdb", cell(LMDB, "EKSD", "."),
         "eksd_type"),
    Kind("the letter O for a zero", "quarantine", "lmdb", cell(LMDB, "ATC", "NO5BA01"),
         "atc_pattern"),
    Kind("a code in lower case", "quarantine", "lmdb", cell(LMDB, "ATC", "n05ba01"), "atc_pattern"),
    Kind("a diagnosis without the Danish D", "quarantine", "lpr_diag",
         cell("lpr_diag_2005", "C_DIAG", "F329"), "c_diag_pattern"),
    Kind("a week 99", "quarantine", "sssy", cell(SSSY, "HONUGE", "0599"), "honuge_pattern"),
    Kind("a key that occurs again in the file", "quarantine", "lpr_adm",
         parquet("lpr_adm_2005", lambda f: f.__setitem__(
             "RECNUM", f["RECNUM"].where(f.index != 2, f["RECNUM"][0]))), "key_unique"),
    Kind("a key that occurs again in a later file", "quarantine", "lpr_adm",
         lambda folder: pq.write_table(
             pq.read_table(folder / "lpr_adm_2005.parquet").slice(2, 1),
             folder / "lpr_adm_2006.parquet"), "key_unique"),
    Kind("a person in two municipalities on one date", "quarantine", "bef",
         parquet(BEF, lambda f: f.__setitem__("PNR", f["PNR"].where(f.index != 2, f["PNR"][0]))),
         "key_unique"),
    Kind("the header repeated among the rows", "quarantine", "udda",
         csv(UDDA, edit=lines(lambda parts: [*parts[:3], parts[0], *parts[3:]])), "pnr_pattern"),
    Kind("a line of totals", "quarantine", "udda",
         csv(UDDA, edit=lines(lambda parts: [*parts[:3], b"I alt;12\n", *parts[3:]])),
         "pnr_pattern"),
]  # fmt: skip

ACCEPTED = [
    Kind("names in lower case", "accepted", "lmdb",
         columns("lmdb_2005.parquet", {n: n.lower() for n in ("PNR", "EKSD", "ATC", "VOLUME")})),
    Kind("columns in another order", "accepted", "lmdb",
         parquet(LMDB, lambda f: f[f.columns[::-1]], keep=False)),
    Kind("columns nobody declared", "accepted", "lmdb", added("lmdb_2005.parquet", "INDO", "x")),
    Kind("a column without a name", "accepted", "udda",
         csv(UDDA, edit=lines(lambda parts: [part[:-1] + b";\n" for part in parts]))),
    Kind("commas, tabs or bars between fields", "accepted", "udda", csv(UDDA, sep="\t")),
    Kind("a line sep=; above the header", "accepted", "udda",
         csv(UDDA, edit=lambda b: b"sep=;\n" + b)),
    Kind("every field in quotes", "accepted", "udda", csv(UDDA, quoting=1)),
    Kind("a line end within quotes", "accepted", "udda",
         csv(UDDA, lambda f: f.assign(NOTE="one\ntwo;three"))),
    Kind("a doubled quote within quotes", "accepted", "udda",
         csv(UDDA, lambda f: f.assign(NOTE='say "so"'))),
    Kind("spaces around values", "accepted", "udda",
         csv(UDDA, lambda f: f.__setitem__("HFAUDD", " " + f["HFAUDD"] + "  "))),
    Kind("a hard space after a code", "accepted", "udda",
         csv(UDDA, lambda f: f.__setitem__("HFAUDD", f["HFAUDD"] + "\u00a0"))),
    Kind("a byte order mark", "accepted", "udda", csv(UDDA, encoding="utf-8-sig")),
    Kind("UTF-16", "accepted", "udda", csv(UDDA, encoding="utf-16")),
    Kind("UTF-16 without a byte order mark", "accepted", "udda", csv(UDDA, encoding="utf-16-le")),
    Kind("Windows-1252 and Latin-1", "accepted", "udda",
         csv(UDDA, lambda f: f.assign(NAVN="Bækgård"), encoding="cp1252")),
    Kind("Windows line ends", "accepted", "udda",
         csv(UDDA, edit=lambda b: b.replace(b"\n", b"\r\n"))),
    Kind("old Macintosh line ends", "accepted", "udda",
         csv(UDDA, edit=lambda b: b.replace(b"\n", b"\r"))),
    Kind("no line end after the last row", "accepted", "udda", csv(UDDA, edit=lambda b: b[:-1])),
    Kind("blank lines after the last row", "accepted", "udda",
         csv(UDDA, edit=lambda b: b + b"\n\n")),
    Kind("an extension in upper case", "accepted", "udda", csv(UDDA, suffix=".CSV")),
    Kind("an extension .txt", "accepted", "udda", csv(UDDA, suffix=".txt", sep="\t")),
    Kind("dates as DD-MM-YYYY", "accepted", "lmdb", csv(LMDB, dates("%d-%m-%Y"))),
    Kind("dates as DD.MM.YYYY", "accepted", "lmdb", csv(LMDB, dates("%d.%m.%Y"))),
    Kind("dates as YYYYMMDD", "accepted", "lmdb", csv(LMDB, dates("%Y%m%d"))),
    Kind("dates as 02FEB2005", "accepted", "lmdb", csv(LMDB, dates("%d%b%Y"))),
    Kind("dates with midnight after them", "accepted", "lmdb",
         csv(LMDB, dates("%Y-%m-%d 00:00:00"))),
    Kind("dates as whole numbers YYYYMMDD", "accepted", "lmdb",
         of_type(LMDB, "EKSD", lambda s: [int(f"{day:%Y%m%d}") for day in s])),
    Kind("dates as moments", "accepted", "lmdb", of_type(LMDB, "EKSD", pd.to_datetime)),
    Kind("decimal commas", "accepted", "lmdb",
         csv(LMDB, lambda f: f.__setitem__("VOLUME", f["VOLUME"].str.replace(".", ",")))),
    Kind("codes as whole numbers", "accepted", "udda",
         lambda folder: (_taken(folder, UDDA).assign(HFAUDD=3000).to_parquet(
             folder / "udda_2005.parquet"))),
    Kind("codes as decimal numbers", "accepted", "bef",
         of_type(BEF, "KOM", lambda s: s.astype("float64"))),
    Kind("weeks that lost their leading zero, as numbers", "accepted", "sssy",
         of_type(SSSY, "HONUGE", lambda s: s.astype("int64"))),
    Kind("a week that lost its leading zero, as text", "accepted", "sssy",
         cell(SSSY, "HONUGE", "512")),
    Kind("a date with a time of day", "accepted", "lmdb", cell(LMDB, "EKSD", "2005-02-02 13:45")),
    Kind("moments with a time zone", "accepted", "lmdb",
         of_type(LMDB, "EKSD", lambda s: pd.to_datetime(s).dt.tz_localize("Europe/Copenhagen"))),
    Kind("moments in UTC that say so", "accepted", "lmdb",
         of_type(LMDB, "EKSD", lambda s: pd.to_datetime(s).dt.tz_localize(
             "Europe/Copenhagen").dt.tz_convert("UTC").astype("datetime64[ns, UTC]"))),
    Kind("moments with a time of day", "accepted", "lmdb",
         of_type(LMDB, "EKSD", lambda s: pd.to_datetime(s) + pd.Timedelta(hours=13, minutes=45))),
    Kind("moments as text, with their difference from UTC", "accepted", "lmdb",
         csv(LMDB, lambda f: f.__setitem__("EKSD", "2005-02-01T23:00:00Z"))),
    Kind("moments as SAS writes them in text", "accepted", "lmdb",
         csv(LMDB, dates("%d%b%Y:13:45:00"))),
    Kind("Danish dates with a time of day", "accepted", "lmdb",
         csv(LMDB, dates("%d-%m-%Y 13:45"))),
    Kind("a folder of Parquet parts", "accepted", "lmdb",
         beside(in_parts(LMDB, same, lambda t: t.select(t.column_names[::-1]), same),
                f"{LMDB}.parquet/_SUCCESS", "")),
    Kind("a folder of Parquet parts without an extension", "accepted", "lmdb",
         in_parts(LMDB, same, same, folder=LMDB)),
    Kind("a SAS data set with deleted rows", "accepted", "lmdb",
         sas(LMDB, change=lambda f: pd.concat([f.head(2), f]), deleted=(0, 1))),
    Kind("SAS dates in Danish formats", "accepted", "lmdb", sas(LMDB, date_format="DANDFDD")),
    Kind("SAS dates in ISO formats", "accepted", "lmdb", sas(LMDB, date_format="E8601DA")),
    Kind("SAS dates without a format", "accepted", "lmdb", sas(LMDB, date_format="")),
    Kind("SAS moments", "accepted", "lmdb",
         sas(LMDB, date_format="DATETIME", in_seconds=True)),
    Kind("an undeclared column of a SAS file that is not in its encoding", "accepted", "lmdb",
         sas(LMDB, lambda b: b.replace(b"Aeroe", b"\xc6r\xf8  ", 1),
             change=lambda f: f.assign(NAVN="Aeroe"))),
    Kind("text as categories", "accepted", "lmdb",
         of_type(LMDB, "ATC", lambda s: s.astype("category"))),
    Kind("a SAS data set", "accepted", "lmdb", sas(LMDB)),
    Kind("a SAS data set in place of a CSV file", "accepted", "udda",
         lambda folder: write_sas(folder / "udda_2005.sas7bdat", _taken(folder, UDDA))),
    Kind("files an editor keeps open", "accepted", "bef",
         copied("bef_2005.parquet", "~$bef_2005.parquet")),
    Kind("a register's file in a sub-folder", "accepted", "bef",
         lambda folder: ((folder / "old").mkdir(),
                         copied("bef_2005.parquet", "old/bef_2004.parquet")(folder))),
]  # fmt: skip

#: Damage whose check needs core: made together in one folder by the test.
WARNINGS = [
    Kind("a decision dated before its application", "warn", "ankestyrelsen",
         lambda folder: None, "decision_after_application"),
    Kind("a grant to a person no register of residents has", "warn", "ankestyrelsen",
         lambda folder: None, "grant_has_resident"),
    Kind("disability pension in DREAM without a grant", "warn", "dream",
         lambda folder: None, "disability_pension_follows_grant"),
    Kind("a diagnosis without its contact", "warn", "lpr_diag",
         lambda folder: None, "lpr_diagnosis_has_contact"),
    Kind("a psychiatric diagnosis without its contact", "warn", "psyk_diag",
         lambda folder: None, "psyk_diagnosis_has_contact"),
    Kind("a gap among DREAM's weeks", "warn", "dream", lambda folder: None, "weeks_without_gap"),
    Kind("a benefit code in a year before it existed", "warn", "dream",
         lambda folder: None, "benefit_code_of_its_time"),
    Kind("an unknown benefit code", "warn", "dream", lambda folder: None, "benefit_code_known"),
    Kind("an unknown benefit code in the last week before a year at risk", "warn", "dream",
         lambda folder: None, "last_week_known"),
    Kind("a file of no register", "warn", "extracts", lambda folder: None, "unknown_files"),
    Kind("no framework conditions", "warn", "rammevilkaar", lambda folder: None, "delivered"),
    Kind("the first years of the look-back without records", "warn", "all",
         lambda folder: None, "lookback_covered"),
    Kind("a municipality without residents", "warn", "bef",
         lambda folder: None, "every_municipality_present"),
]  # fmt: skip

KINDS = [*STOPS, *QUARANTINES, *WARNINGS, *ACCEPTED]


def page() -> str:
    """Return docs/hostile_files.md."""
    parts = [
        "# Damage to register files, and what becomes of it",
        f"{len(KINDS)} kinds of damage, each made to a sound folder and loaded by "
        "`tests/test_hostile_files.py`, from whose table this page is written. "
        "`tildeling check --extracts DIR` says beforehand what a folder's files would meet.",
    ]
    for outcome, meaning in OUTCOMES.items():
        kinds = [kind for kind in KINDS if kind.outcome == outcome]
        told = {"stop": "message", "quarantine": "check", "warn": "check"}.get(outcome)
        rows = ["| damage | register |" + (f" {told} |" if told else "")]
        rows.append("|---|---|" + ("---|" if told else ""))
        for kind in kinds:
            expected = kind.expected.strip(": ").replace("|", "\\|")
            rows.append(f"| {kind.name} | {kind.register} |" + (f" `{expected}` |" if told else ""))
        parts += [f"## {outcome.capitalize()}: {meaning}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(page(), end="")
