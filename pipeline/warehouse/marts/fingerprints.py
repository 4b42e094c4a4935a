"""What every table is made from, as hashes: the reason to make it again, or to keep it.

The fingerprint of a register is that of its declaration, the code lists it uses, the code that
reads it and its files; that of a table in core or mart is that of its SQL, the settings it reads
and the fingerprints of what it reads, as its header says. Equal fingerprints mean equal content.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline import codes
from pipeline.codes.units import list_path
from pipeline.registers import Register
from pipeline.warehouse.database.session import session_files
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER, SqlFile, in_build_order

_WAREHOUSE = Path(__file__).parents[1]
#: The rooms whose code decides what a register's files become.
_READING_ROOMS = ("database", "delivery", "raw")
#: Between a check and the benchmark that it was made of, where that is not the first.
OF_BENCHMARK = "@"
_VARIABLE = re.compile(r"getvariable\('([a-z_]+)'\)")


def fingerprint(*parts: str) -> str:
    """Return the SHA-256, in hexadecimal, of ``parts`` in order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode()).digest())
    return digest.hexdigest()


@cache
def code_fingerprint() -> str:
    """Return the fingerprint of the code that reads registers, and of the packages it uses.

    Whole rooms: a list of modules would be forgotten when code moves.
    """
    paths = [path for room in _READING_ROOMS for path in sorted((_WAREHOUSE / room).glob("*.py"))]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    return fingerprint(duckdb.__version__, pd.__version__, *sources)


def codes_fingerprint(folder: Path | None = None) -> str:
    """Return the fingerprint of all code lists and their tables; those in ``folder`` come last."""
    if folder is None:
        return _shipped_codes()
    own = [(path.name, path.read_bytes().hex()) for path in sorted(folder.glob("*.csv"))]
    return fingerprint(_shipped_codes(), *(part for file in own for part in file))


@cache
def _shipped_codes() -> str:
    lists = [list_path(path.stem) for path in sorted(codes.FOLDER.glob("*.csv"))]
    tables = sorted((SQL_FOLDER / "codes").glob("*.sql"))
    return fingerprint(*(p.name + p.read_text(encoding="utf-8") for p in [*lists, *tables]))


def factors_fingerprint(name: str) -> str:
    """Return the fingerprint of what files of factors say in the code list ``name``, if anything.

    No register is read by it: a new factor leaves every register as it is.
    """
    return repr(codes.code_rows(name)) if name in codes.OF_FACTORS else ""


def register_rules(register: Register, key: str, codes_folder: Path | None = None) -> str:
    """Return the fingerprint of how files of ``register`` are read; ``key``: how persons are named.

    ``key`` stands for what else decides the loaded values, such as a pseudonymisation key's hash.
    """
    lists = [column.code_list for column in register.columns]
    has_codes = any(lists) or register.weeks is not None
    parts = (
        repr(register),
        code_fingerprint(),
        key,
        codes_fingerprint(codes_folder) if has_codes else "",
    )
    return fingerprint(*parts)


def register_content(rules: str, files: Iterable[tuple[str, str]]) -> str:
    """Return the fingerprint of a register read by ``rules`` from ``files``: (name, SHA-256)."""
    return fingerprint(rules, *(part for file in sorted(files) for part in file))


def file_rules(file: SqlFile, variables: Mapping[str, Any]) -> str:
    """Return the fingerprint of an SQL file, and of the ``variables`` and macros that it reads."""
    used = sorted(set(_VARIABLE.findall(file.text)))
    values = [f"{name}={variables[name]!r}" for name in used]
    macros = [one.text for one in session_files() if f"{one.path.stem}(" in file.text]
    return fingerprint(duckdb.__version__, file.text, *values, *macros)


def contents_of(
    files: Sequence[SqlFile], variables: Mapping[str, Any], contents: Mapping[str, str]
) -> dict[str, str]:
    """Return ``contents`` (by object) with the fingerprint of each of ``files`` added.

    ``contents`` holds raw and codes. What a file reads and nobody knows raises ``KeyError``.
    """
    known = dict(contents)
    for file in in_build_order(list(files)):
        reads = [known[name] for name in file.reads]
        known[file.object] = fingerprint(file_rules(file, variables), *reads)
    return known
