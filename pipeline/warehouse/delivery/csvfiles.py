"""CSV extracts: what delimiter they use, what their header says, and whether they are sound."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.warehouse.database.connection import file_pattern, quote_text
from pipeline.warehouse.delivery.encodings import NAMES

DELIMITERS = (";", ",", "\t", "|")
_DELIMITER_NAMES = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
#: A line Excel writes above the header to say which delimiter follows.
_EXCEL_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_HEADER_BYTES = 1 << 24


@dataclass(frozen=True)
class CsvLayout:
    """Delimiter, header names in file order as written, lines above the header, and encoding."""

    delimiter: str
    header: tuple[str, ...]
    lines_above: int = 0
    encoding: str = "utf-8"

    def relation(self) -> str:
        """Return the table function that reads the UTF-8 file given as ``?``, all as text."""
        columns = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in self.columns)
        return (
            f"read_csv(?, auto_detect = false, header = true, delim = {quote_text(self.delimiter)},"
            " hive_partitioning = false,"
            f""" quote = '"', escape = '"', columns = {{{columns}}}, skip = {self.lines_above},"""
            " max_line_size = 16777216, buffer_size = 33554432)"
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The header's names, each made unique (upper and lower case are the same)."""
        seen: set[str] = set()
        unique = []
        for n, name in enumerate(self.header, start=1):
            unique.append(f"{name} (column {n})" if name.upper() in seen else name)
            seen.add(name.upper())
        return tuple(unique)

    @property
    def form(self) -> str:
        """What was found, in words: ``CSV, semicolon, UTF-8``."""
        return f"CSV, {_DELIMITER_NAMES[self.delimiter]}, {NAMES[self.encoding]}"


def read_layout(path: Path, wanted: Collection[str], encoding: str = "utf-8") -> CsvLayout:
    """Return the layout of ``path``: the delimiter under which most ``wanted`` names appear.

    ``wanted`` are upper-case column names; ties go to the delimiter that comes first in
    ``DELIMITERS``. A first line ``sep=;`` decides and is no header. ``encoding`` is Python's.
    """
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        line = _line(file.readline(_HEADER_BYTES))
        told = _EXCEL_LINE.fullmatch(line)
        if told and told.group(1) in DELIMITERS:
            header = _split(_line(file.readline(_HEADER_BYTES)), told.group(1))
            return CsvLayout(told.group(1), header, 1, encoding)
    headers = {delimiter: _split(line, delimiter) for delimiter in DELIMITERS}
    best = max(
        DELIMITERS,
        key=lambda d: (sum(n.upper() in wanted for n in headers[d]), -DELIMITERS.index(d)),
    )
    return CsvLayout(best, headers[best], 0, encoding)


def _line(text: str) -> str:
    # A file with CR alone as line end comes as one line.
    return text.removeprefix("\ufeff").strip("\r\n").split("\r")[0]


def _split(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        names = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return ()
    return tuple(name.strip() or f"(column {n})" for n, name in enumerate(names, start=1))


def csv_to_parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, layout: CsvLayout, target: Path
) -> int:
    """Return the number of data rows after writing them, as text and in order, to ``target``.

    Raises ``ValueError`` naming the line that cannot be read; never what the line holds.
    """
    try:
        row = connection.execute(
            f"COPY (FROM {layout.relation()}) TO {quote_text(str(target))}"
            " (FORMAT parquet, COMPRESSION lz4_raw)",
            [file_pattern(path)],
        ).fetchone()
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
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
