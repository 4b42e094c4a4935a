"""Which register a file of an extracts folder belongs to, and of which year: by its name alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.registers import Register

#: Extensions of packed files.
_PACKED = (".gz", ".zip", ".bz2", ".xz", ".zst", ".7z", ".rar")
#: How a file is read, by its extension in lower case.
FORMATS = {
    ".parquet": "parquet",
    ".sas7bdat": "sas",
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
}


def is_hidden(path: Path) -> bool:
    """Return whether ``path`` is a hidden file, or one an editor keeps while it is open."""
    return path.name.startswith((".", "~"))


def register_of(path: Path, registers: Sequence[Register]) -> Register | None:
    """Return the register ``path`` belongs to, or None: another name or an unknown extension."""
    if path.suffix.lower() not in FORMATS:
        return None
    return register_called(path.stem, registers)


def unreadable_fault(path: Path, registers: Sequence[Register]) -> str | None:
    """Return why ``path``, called like a file of a register, cannot be read as one; else None."""
    if path.suffix.lower() in _PACKED and register_of(path.with_suffix(""), registers) is not None:
        return "is compressed; unpack it first"
    if register_of(path, registers) is None or path.is_file() or path.is_dir():
        return None
    if path.is_symlink() and not path.exists():
        return f"is a link to nothing ({path.readlink()})"
    return "is no file (a pipe, socket or device); expected a file"


def folder_register(path: Path, registers: Sequence[Register]) -> Register | None:
    """Return the register that the folder ``path`` is called after, with or without extension."""
    if path.suffix and path.suffix.lower() not in FORMATS:
        return None
    return register_called(path.stem, registers)


def register_called(name: str, registers: Sequence[Register]) -> Register | None:
    """Return the register that a file ``name`` without extension belongs to; None for none."""
    stem = re.sub(r"[0-9_]+$", "", name.lower())
    for register in registers:
        if stem in (register.name, *register.other_names):
            return register
    return None


def digits_of(path: Path) -> str:
    """Return the digits at the end of the file's name, without underscores; "" for none."""
    match = re.search(r"[0-9_]*$", path.stem)
    return match.group().replace("_", "") if match else ""


def year_of(path: Path) -> int | None:
    """Return the year in the file's name (1900-2100, four digits or six with the month)."""
    digits = digits_of(path)
    if len(digits) in (4, 6) and 1900 <= int(digits[:4]) <= 2100:
        return int(digits[:4])
    return None


def expected_name(register: Register) -> str:
    """Return the file name a user is told to deliver."""
    year = "_<year>" if register.has_file_year else "[_<year>]"
    return f"{register.name}{year}.parquet, .csv or .sas7bdat"
