"""A delivery cut into parts by person: the same files in each part, with the rows of its persons.

A row without a person (diagnoses of a contact) goes where the contact's person does; what is about
municipalities goes to the first part, and so does a row whose person is missing.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.registers import REGISTERS, Register
from pipeline.warehouse.delivery.filenames import register_of

#: Registers of contacts and of their diagnoses, which have no person: whose contacts, by what.
_OF_CONTACTS = {
    "lpr_adm": ("lpr_adm", "RECNUM"),
    "lpr_diag": ("lpr_adm", "RECNUM"),
    "psyk_adm": ("psyk_adm", "RECNUM"),
    "psyk_diag": ("psyk_adm", "RECNUM"),
    "lpr3_kontakter": ("lpr3_kontakter", "DW_EK_KONTAKT"),
    "lpr3_diagnoser": ("lpr3_kontakter", "DW_EK_KONTAKT"),
}
_OF_NOBODY = ("rammevilkaar",)
_CSV = "delim = ';', header = true, all_varchar = true"


def split(extracts: Path, folders: list[Path], threads: int) -> dict[str, int]:
    """Write the rows of ``extracts`` to ``folders``, a part each; return the rows per register."""
    for folder in folders:
        folder.mkdir(parents=True)
        for mark in extracts.glob("*.json"):
            (folder / mark.name).write_bytes(mark.read_bytes())
    rows: dict[str, int] = {}
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {threads}")
        files = sorted(path for path in extracts.iterdir() if path.suffix in (".csv", ".parquet"))
        by_register: dict[str, list[Path]] = {}
        for path in files:
            by_register.setdefault(_register(path).name, []).append(path)
        for name, (contacts, key) in _OF_CONTACTS.items():
            if name == contacts and name in by_register:
                _note_contacts(connection, name, key, by_register[name], len(folders))
        for name in by_register:
            for path in by_register[name]:
                rows[name] = rows.get(name, 0) + _split_file(connection, name, path, folders)
    return rows


def _register(path: Path) -> Register:
    found = register_of(path, REGISTERS)
    assert found is not None
    return found


def part_of(person: str, n_parts: int) -> str:
    """Return SQL for the part of the person number ``person``, from 0: by its MD5."""
    return f"coalesce(CAST(md5_number({person}) % {n_parts} AS INTEGER), 0)"


def _note_contacts(
    connection: duckdb.DuckDBPyConnection, name: str, key: str, files: list[Path], n_parts: int
) -> None:
    """Make the table of the parts of contacts; of two with one number the first counts."""
    listed = " UNION ALL ".join(
        f"SELECT {key}, PNR, {number} AS file, row FROM ({_rows(path)})"
        for number, path in enumerate(files)
    )
    connection.execute(
        f"CREATE TABLE contact_{name} AS SELECT {key},"
        f" arg_min({part_of('PNR', n_parts)}, (file, row)) AS part FROM ({listed}) GROUP BY {key}"
    )


def _rows(path: Path) -> str:
    """Return SQL for the rows of ``path`` as they stand there, numbered."""
    if path.suffix == ".csv":
        return f"SELECT *, row_number() OVER () AS row FROM read_csv('{path}', {_CSV})"
    return (
        "SELECT * EXCLUDE (file_row_number), file_row_number AS row"
        f" FROM read_parquet('{path}', file_row_number = true)"
    )


def _split_file(
    connection: duckdb.DuckDBPyConnection, name: str, path: Path, folders: list[Path]
) -> int:
    part, joined = part_of("one.PNR", len(folders)), ""
    if name in _OF_CONTACTS:
        contacts, key = _OF_CONTACTS[name]
        part = "coalesce(contact.part, 0)"
        joined = f" LEFT JOIN contact_{contacts} AS contact ON one.{key} = contact.{key}"
    elif name in _OF_NOBODY:
        part, folders = "0", folders[:1]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE cut AS SELECT one.*, {part} AS part"
        f" FROM ({_rows(path)}) AS one{joined}"
    )
    form = "FORMAT csv, DELIMITER ';'" if path.suffix == ".csv" else "FORMAT parquet"
    for number, folder in enumerate(folders):
        selected = f"SELECT * EXCLUDE (row, part) FROM cut WHERE part = {number} ORDER BY row"
        connection.execute(f"COPY ({selected}) TO '{folder / path.name}' ({form})")
    counted = connection.execute("SELECT count(*) FROM cut").fetchone()
    return int(counted[0]) if counted else 0
