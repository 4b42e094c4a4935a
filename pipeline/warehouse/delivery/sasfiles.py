"""SAS data sets (``.sas7bdat``): read in chunks with pyreadstat, written on as Parquet.

pyreadstat (ReadStat) leaves out the rows that SAS has marked as deleted, in compressed data sets
too, and says why it cannot read one. Each chunk is a pass of its own over the pages before it,
which costs next to nothing: it decodes none of their values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

from pipeline.warehouse.delivery.sasformats import kind_of_format
from pipeline.warehouse.delivery.values import SAS_DAYS

#: Values held at a time, some 60 bytes each.
_CHUNK_VALUES = 500_000
_UNREADABLE = "is not a whole SAS data set (truncated, damaged or encrypted)"
#: Days and seconds from SAS's 1 January 1960 to that of 1970.
_EPOCH_DAYS = 3653
#: The last days and microseconds that DuckDB's dates and moments reach: what is beyond stands
#: there, and fails as any date does that is out of its range.
_LAST_DAY, _LAST_MICROSECOND = 2**31 - 2, 2**63 - 2


@dataclass(frozen=True)
class SasHeader:
    """Column names in file order, the kind of each, the rows there are, and what they are in.

    ``kinds`` are ``text``, ``number``, ``date``, ``moment``, ``utc_moment`` or ``time``, by the
    column's type and format. ``n_rows`` does not count the ``n_deleted`` rows that SAS has marked.
    """

    names: tuple[str, ...]
    kinds: Mapping[str, str]
    formats: Mapping[str, str]
    n_rows: int
    n_deleted: int
    encoding: str


def sas_header(path: Path) -> SasHeader:
    """Return the header of the data set ``path``.

    Raises ``ValueError``, in words that quote nothing from the file, when it cannot be read.
    """
    _, meta = _read(path, metadataonly=True)
    formats = {name: str(text or "") for name, text in meta.original_variable_types.items()}
    kinds = {
        name: "text" if kind == "string" else kind_of_format(formats[name])
        for name, kind in meta.readstat_variable_types.items()
    }
    n_rows = int(meta.number_rows)
    return SasHeader(
        names=tuple(str(name) for name in meta.column_names),
        kinds=kinds,
        formats=formats,
        n_rows=n_rows,
        n_deleted=_rows_with_deleted(path, n_rows) - n_rows,
        encoding=str(meta.file_encoding or "UTF-8"),
    )


def _rows_with_deleted(path: Path, n_rows: int) -> int:
    """Return how many rows the data set has, those that are marked as deleted among them."""
    try:
        # pyreadstat takes them off the number in the header; pandas does not know of them.
        reader: Any = pd.read_sas(path, format="sas7bdat", chunksize=1, encoding="infer")
        with reader:
            return int(reader.row_count)
    except OSError:
        raise
    except Exception:
        # pandas reads fewer kinds of data sets. The rows are left out all the same.
        return n_rows


def sas_to_parquet(
    path: Path, header: SasHeader, used: Collection[str], dates: Collection[str], target: Path
) -> dict[str, str]:
    """Return the type of every column after writing those ``used`` to ``target``, rows in order.

    ``dates`` are the columns declared as dates. Text, numbers (DOUBLE), dates (DATE) and moments
    (TIMESTAMP) keep their kind; SAS's missing values are null; a number without a date format in
    one of ``dates`` is of type ``SAS_DAYS``. Raises ``ValueError`` when the file is damaged, ends
    before its last row, holds text in another encoding than it says, or times of day as dates.
    """
    names = [name for name in header.names if name in used]
    for name in names:
        if name in dates and header.kinds[name] == "time":
            raise ValueError(
                f"column {name} has the SAS format {header.formats[name]}, a time of day; expected"
                " a date"
            )
    n_chunk = max(_CHUNK_VALUES // max(len(names), 1), 1)
    n_read = 0
    schema = pa.schema([(name, _ARROW[header.kinds[name]]) for name in names])
    with pq.ParquetWriter(target, schema, compression="lz4") as writer:
        while n_read < header.n_rows:
            try:
                values, _ = _read(path, usecols=names, row_offset=n_read, row_limit=n_chunk)
            except UnicodeError:
                raise ValueError(_undecodable(path, header, names)) from None
            arrays = [_arrow(values[name], header.kinds[name]) for name in names]
            if not len(arrays[0]):
                break
            writer.write_table(pa.table(arrays, schema=schema))
            n_read += len(arrays[0])
    if n_read != header.n_rows:
        raise ValueError(
            f"has {n_read:,} rows where its header promises {header.n_rows:,} (truncated)"
        )
    types = dict.fromkeys(header.names, "VARCHAR")
    for name in names:
        is_days = name in dates and header.kinds[name] == "number"
        types[name] = SAS_DAYS if is_days else _DUCKDB[header.kinds[name]]
    return types


_ARROW = {
    "text": pa.string(),
    "number": pa.float64(),
    "time": pa.float64(),
    "date": pa.date32(),
    "moment": pa.timestamp("us"),
    "utc_moment": pa.timestamp("us", "UTC"),
}
_DUCKDB = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "time": "DOUBLE",
    "date": "DATE",
    "moment": "TIMESTAMP",
    "utc_moment": "TIMESTAMP WITH TIME ZONE",
}


def _read(path: Path, *, encoding: str | None = None, **options: Any) -> tuple[Any, Any]:
    """Return what pyreadstat reads: a list per column, dates as numbers; and the metadata.

    Raises ``UnicodeError`` when text is not in the file's encoding, ``ValueError`` when the file
    cannot be read.
    """
    try:
        return pyreadstat.read_sas7bdat(
            path,
            output_format="dict",
            disable_datetime_conversion=True,
            encoding=encoding,
            **options,
        )
    except pyreadstat.ReadstatError as error:
        if "convert string" in str(error):
            raise UnicodeError from None
        if "character set" in str(error):
            raise ValueError("is in a character set that cannot be read; expected UTF-8") from None
        raise ValueError(_UNREADABLE) from None
    except UnicodeError:
        if "metadataonly" in options:
            raise ValueError(_UNREADABLE) from None
        raise


def _undecodable(path: Path, header: SasHeader, names: Sequence[str]) -> str:
    """Return which text column, in which rows, is not in the encoding that the file says."""
    for name in (name for name in names if header.kinds[name] == "text"):
        try:
            _read(path, usecols=[name])
        except UnicodeError:
            # Latin-1 has a letter for every byte, so the bytes come out as they are.
            values, _ = _read(path, usecols=[name], encoding="ISO-8859-1")
            rows = [
                number
                for number, value in enumerate(values[name], start=1)
                if not _is_text(value.encode("latin-1"), header.encoding)
            ]
            shown = ", ".join(f"{row:,}" for row in rows[:5]) + (", ..." if len(rows) > 5 else "")
            return (
                f"holds text that is not {header.encoding} in column {name}, {len(rows):,} rows"
                f" ({shown}); its header says {header.encoding}"
            )
    return f"holds text that is not {header.encoding}, as its header says"


def _is_text(value: bytes, encoding: str) -> bool:
    try:
        value.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _arrow(values: Sequence[Any], kind: str) -> pa.Array:
    """Return the values of one column: numbers count days or seconds where the kind says so."""
    if kind == "text":
        return pa.array([value or None for value in values], pa.string())
    numbers = np.asarray(values, dtype=np.float64)
    missing = np.isnan(numbers)
    if kind in ("number", "time"):
        return pa.array(numbers, mask=missing)
    if kind == "date":
        days = np.floor(np.where(missing, 0, numbers)) - _EPOCH_DAYS
        clipped = np.clip(days, -_LAST_DAY, _LAST_DAY).astype(np.int32)
        return pa.array(clipped, mask=missing).view(pa.date32())
    # Seconds and microseconds apart: together they would lose digits.
    whole = np.floor(np.where(missing, 0, numbers))
    fraction = np.where(missing, 0, numbers) - whole
    far = np.abs(whole) >= _LAST_MICROSECOND // 10**6 - 86_400 * _EPOCH_DAYS
    seconds = np.where(far, 0, whole).astype(np.int64) - 86_400 * _EPOCH_DAYS
    micros = seconds * 10**6 + np.floor(fraction * 10**6).astype(np.int64)
    ends = np.where(numbers > 0, _LAST_MICROSECOND, -_LAST_MICROSECOND).astype(np.int64)
    return pa.array(np.where(far, ends, micros), mask=missing).view(_ARROW[kind])
