"""A small writer of uncompressed ``.sas7bdat`` files, for tests: no open library writes them.

The layout (32-bit, little endian) follows the public descriptions of the format: a header, one
page of column metadata, pages of fixed-width rows. Two independent readers agree on its files.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

MAGIC = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
HEADER, PAGE = 1024, 65536
#: SAS numbers of the encodings used here.
ENCODINGS = {"utf-8": 20, "latin-1": 29, "cp1252": 62}
_EPOCH = np.datetime64("1960-01-01")
_MISSING = np.frombuffer(bytes.fromhex("0000000000feffff"), dtype="<f8")[0]
_ROW_SIZE, _COLUMN_SIZE = b"\xf7" * 4, b"\xf6" * 4
_TEXT, _NAME = b"\xfd\xff\xff\xff", b"\xff" * 4
_ATTRIBUTES, _FORMAT = b"\xfc\xff\xff\xff", b"\xfe\xfb\xff\xff"


def write_sas(
    path: Path,
    frame: pd.DataFrame,
    *,
    encoding: str = "utf-8",
    date_format: str = "YYMMDD",
    in_seconds: bool = False,
    deleted: Sequence[int] = (),
) -> None:
    """Write ``frame`` to ``path``: text, numbers (float64) and dates; missing stays missing.

    Dates are days, or moments ``in_seconds``. The rows ``deleted`` (from 0, on the last page) are
    marked as PROC SQL's DELETE does.
    """
    per_day = 86_400 if in_seconds else 1
    columns = [_column(frame[name], encoding, date_format, per_day) for name in frame]
    starts = np.cumsum([0, *(values.dtype.itemsize for values, _ in columns)])
    rows = np.zeros((len(frame), max(int(starts[-1]), 1)), dtype=np.uint8)
    for (values, _), start in zip(columns, starts, strict=False):
        width = values.dtype.itemsize
        rows[:, start : start + width] = values.view(np.uint8).reshape(len(frame), width)
    per_page = (PAGE - 24) // rows.shape[1]
    pages = [_metadata(list(frame), columns, starts, len(frame), rows.shape[1], per_page)]
    for first in range(0, len(frame), per_page):
        block = rows[first : first + per_page]
        head = bytes(16) + struct.pack("<HHHH", 0x0100, len(block), 0, 0)
        pages.append((head + block.tobytes()).ljust(PAGE, b"\0"))
    if deleted:
        _mark_deleted(pages, rows.shape[1], [n - (len(frame) - len(block)) for n in deleted])
    path.write_bytes(_header(path.stem, encoding, len(pages)) + b"".join(pages))


def _mark_deleted(pages: list[bytes], row_length: int, deleted: list[int]) -> None:
    """Set the bits after the rows of the last page, its type, and the number in the header."""
    head, page = bytearray(pages[0]), bytearray(pages[-1])
    struct.pack_into("<I", head, head.index(_ROW_SIZE) + 28, len(deleted))
    struct.pack_into("<H", page, 16, 0x0180)
    n_rows = struct.unpack_from("<H", page, 18)[0]
    flags = bytearray((n_rows + 7) // 8)
    for row in deleted:
        flags[row // 8] |= 0x80 >> (row % 8)
    start = 24 + n_rows * row_length
    assert start + len(flags) <= PAGE, "the last page is full"
    page[start : start + len(flags)] = flags
    pages[0], pages[-1] = bytes(head), bytes(page)


def _column(
    series: pd.Series, encoding: str, date_format: str, per_day: int
) -> tuple[np.ndarray, str]:
    """Return the stored values of a column, and the name of its format ("" for none)."""
    present = series.dropna()
    if len(present) and isinstance(present.iloc[0], date):
        days = pd.to_datetime(series).to_numpy().astype("datetime64[D]") - _EPOCH
        numbers = np.where(series.isna(), _MISSING, days.astype("float64") * per_day)
        return numbers.astype("<f8"), date_format
    if pd.api.types.is_numeric_dtype(series):
        numbers = series.to_numpy(dtype="float64", na_value=np.nan)
        return np.where(np.isnan(numbers), _MISSING, numbers).astype("<f8"), ""
    encoded = [b"" if pd.isna(value) else str(value).encode(encoding) for value in series]
    width = max([len(value) for value in encoded], default=1) or 1
    return np.array([value.ljust(width) for value in encoded], dtype=f"S{width}"), ""


def _header(name: str, encoding: str, n_pages: int) -> bytes:
    header = bytearray(HEADER)
    header[:32] = MAGIC
    header[32], header[35], header[37], header[39] = 0x22, 0x22, 1, 0x31
    header[70] = ENCODINGS[encoding]
    header[84:92] = b"SAS FILE"
    header[92:156] = name.encode("ascii", "replace")[:64].ljust(64)
    header[156:164] = b"DATA    "
    struct.pack_into("<dd", header, 164, 0.0, 0.0)
    struct.pack_into("<III", header, 196, HEADER, PAGE, n_pages)
    header[216:224] = b"9.0401M6"
    return bytes(header)


def _metadata(
    names: list[str],
    columns: list[tuple[np.ndarray, str]],
    starts: np.ndarray,
    n_rows: int,
    row_length: int,
    per_page: int,
) -> bytes:
    n = len(names)
    row_size = bytearray(480)
    row_size[:4] = _ROW_SIZE
    struct.pack_into("<II", row_size, 20, row_length, n_rows)
    struct.pack_into("<II", row_size, 36, n, 0)
    struct.pack_into("<I", row_size, 52, PAGE)
    text, places = bytearray(28), {}
    for word in [*names, *{name for _, name in columns}]:
        places[word] = (len(text), len(word.encode()))
        text += word.encode().ljust(-(-len(word.encode()) // 4) * 4, b"\0")
    struct.pack_into("<H", text, 0, len(text))
    name_part, attributes = bytearray(20 + 8 * n), bytearray(20 + 12 * n)
    name_part[:4], attributes[:4] = _NAME, _ATTRIBUTES
    struct.pack_into("<H", name_part, 4, len(name_part) - 12)
    struct.pack_into("<H", attributes, 4, len(attributes) - 12)
    formats = []
    for i, (name, (values, format_name)) in enumerate(zip(names, columns, strict=True)):
        struct.pack_into("<HHH", name_part, 12 + 8 * i, 0, *places[name])
        kind = 1 if values.dtype.kind == "f" else 2
        struct.pack_into(
            *("<IIHBB", attributes, 12 + 12 * i),
            *(int(starts[i]), values.dtype.itemsize, 4, kind, 0),
        )
        part = bytearray(52)
        part[:4] = _FORMAT
        if format_name:
            struct.pack_into("<HHH", part, 34, 0, *places[format_name])
        formats.append(bytes(part))
    parts = [
        bytes(row_size),
        _COLUMN_SIZE + struct.pack("<II", n, 0),
        _TEXT + bytes(text) + bytes(8),
        bytes(name_part),
        bytes(attributes),
        *formats,
    ]
    page = bytearray(PAGE)
    struct.pack_into("<HHH", page, 16, 0x0000, len(parts), len(parts))
    end = PAGE
    for i, part in enumerate(parts):
        end -= -(-len(part) // 8) * 8
        page[end : end + len(part)] = part
        struct.pack_into("<IIBB", page, 24 + 12 * i, end, len(part), 0, 0)
    assert 24 + 12 * len(parts) <= end, "the metadata do not fit on one page"
    return bytes(page)
