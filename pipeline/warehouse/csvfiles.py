"""CSV extracts: what delimiter they use, what their header says, and whether they are sound."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.warehouse.connection import quote_text

DELIMITERS = (";", ",", "\t", "|")
_BLOCK = 1 << 22


@dataclass(frozen=True)
class CsvLayout:
    """Delimiter and header names, in file order, as written."""

    delimiter: str
    header: tuple[str, ...]

    def relation(self) -> str:
        """Return the table function that reads the file given as ``?``, every column as text."""
        columns = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in self.header)
        return (
            f"read_csv(?, auto_detect = false, header = true, delim = {quote_text(self.delimiter)},"
            f""" quote = '"', escape = '"', columns = {{{columns}}}, max_line_size = 16777216)"""
        )


def read_layout(path: Path, wanted: Collection[str]) -> CsvLayout:
    """Return the layout of ``path``: the delimiter under which most ``wanted`` names appear.

    ``wanted`` are upper-case column names; ties go to the delimiter that comes first in
    ``DELIMITERS``. The file must be UTF-8 (see :func:`text_fault`).
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        line = file.readline()
    headers = {
        delimiter: tuple(
            name.strip() for name in next(csv.reader([line.strip("\r\n")], delimiter=delimiter), [])
        )
        for delimiter in DELIMITERS
    }
    best = max(
        DELIMITERS,
        key=lambda d: (sum(n.upper() in wanted for n in headers[d]), -DELIMITERS.index(d)),
    )
    return CsvLayout(best, headers[best])


def text_fault(path: Path) -> str | None:
    """Return why ``path`` is not UTF-8 text (with the line), or None when it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    n_lines = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if b"\0" in block:
                n_lines += block[: block.index(b"\0")].count(b"\n")
                return f"holds a NUL byte in line {n_lines + 1:,}; expected UTF-8 text"
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                n_lines += block[: max(error.start, 0)].count(b"\n")
                return f"is not UTF-8 text: undecodable bytes in line {n_lines + 1:,}"
            n_lines += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return f"is not UTF-8 text: it ends within a character in line {n_lines + 1:,}"
    return None


def count_rows(connection: duckdb.DuckDBPyConnection, path: Path, layout: CsvLayout) -> int:
    """Return the number of data rows. Raises ``ValueError`` naming the line that cannot be read.

    The message never repeats what the line holds.
    """
    sql = f"SELECT count(*), count(COLUMNS(*)) FROM {layout.relation()}"
    try:
        row = connection.execute(sql, [str(path)]).fetchone()
    except duckdb.Error as error:
        raise ValueError(parse_fault(error)) from None
    assert row is not None
    return int(row[0])


def parse_fault(error: duckdb.Error) -> str:
    """Return a DuckDB CSV error in words that quote nothing from the file."""
    text = str(error)
    line = re.search(r"CSV Error on Line: (\d+)", text)
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    where = f"line {int(line.group(1)):,}" if line else "some line"
    if counts:
        return f"{where} has {counts.group(2)} fields; the header has {counts.group(1)}"
    return f"{where} cannot be read (quotes or line ends are broken)"
