"""The files of an extracts folder: which register each belongs to, and whether it is whole.

Everything here happens before a row is loaded. Faults are collected over all files, so that one
delivery gets one list.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import ExtractError
from pipeline.registers import REGISTERS, Register
from pipeline.warehouse.database.connection import MEMORY, connect
from pipeline.warehouse.delivery.columnmatch import match_columns, type_faults, wanted_names
from pipeline.warehouse.delivery.contract import (
    CONTRACT_FILE,
    FileContent,
    contract_faults,
    read_contract,
)
from pipeline.warehouse.delivery.coverage import missing_files, repeated_files, uncovered_years
from pipeline.warehouse.delivery.extractfiles import ExtractFile, Extracts, KnownFile
from pipeline.warehouse.delivery.filenames import (
    expected_name,
    folder_register,
    is_hidden,
    register_of,
    unreadable_fault,
    year_of,
)
from pipeline.warehouse.delivery.partfolders import parts_of
from pipeline.warehouse.delivery.staging import Header, Staged, read_header, stage
from pipeline.warehouse.delivery.valuefaults import value_faults

MARK_FILE = "synthetic.json"


def scan_extracts(
    folder: Path,
    *,
    years_at_risk: Sequence[int] = (),
    registers: Sequence[Register] = REGISTERS,
    workspace: Path | None = None,
    known: Mapping[str, Mapping[str, KnownFile]] | None = None,
    refuse: bool = True,
    is_contract_required: bool = False,
    memory_limit: str = "4GB",
    threads: int = 2,
    progress: Callable[[str], None] = lambda _: None,
) -> Extracts:
    """Return the files of ``folder`` (not its sub-folders) matched to ``registers``.

    With ``years_at_risk`` the yearly snapshots and the benefit weeks of each year's eve must be
    there. Copies of CSV and SAS files go to ``workspace``; without one they are gone on return.
    Files that are ``known`` (by register and name) with the same content are not read again where
    the others can be loaded without them. What ``delivery.json`` says of the files must be so, and
    where ``is_contract_required`` it must be there. Raises :class:`ExtractError` listing every
    structural fault of every file, unless ``refuse`` is false.
    """
    if not folder.is_dir():
        raise ExtractError(
            f"{folder} is not a folder", next_step="name the folder that holds the register files."
        )
    if workspace is None:
        with tempfile.TemporaryDirectory(prefix="tildeling-") as passing:
            return scan_extracts(
                folder,
                years_at_risk=years_at_risk,
                registers=registers,
                workspace=Path(passing),
                known=known,
                refuse=refuse,
                is_contract_required=is_contract_required,
                memory_limit=memory_limit,
                threads=threads,
                progress=progress,
            )
    faults: list[str] = []
    listed = read_contract(folder, faults, is_required=is_contract_required)
    if faults and refuse:
        # What is not finished has other faults, and they say nothing.
        raise ExtractError.from_faults(str(folder), faults)
    matched, unknown = _match_entries(folder, registers, faults)
    files: dict[str, tuple[ExtractFile, ...]] = {}
    delivered = [name for name, paths in matched.items() if paths]
    with connect(MEMORY, read_only=False, memory_limit=memory_limit, threads=threads) as connection:
        for register in registers:
            paths = matched[register.name]
            faults += missing_files(register, delivered)
            if paths:
                progress(f"scanning {register.name} ({len(paths)} files)")
            earlier = (known or {}).get(register.name, {})
            read = _scan_register(connection, register, paths, earlier, workspace, faults)
            weeks = [week for file in read for week in file.week_columns]
            if not any(name in delivered for name in register.stand_ins):
                faults += uncovered_years(register, paths, weeks, years_at_risk)
            files[register.name] = read
    if listed is not None:
        faults += contract_faults(listed, _delivered(matched, files))
    mark = _read_mark(folder / MARK_FILE, faults)
    if faults and refuse:
        raise ExtractError.from_faults(str(folder), faults)
    return Extracts(folder, files, tuple(unknown), mark, tuple(faults))


def _delivered(
    matched: Mapping[str, Sequence[Path]], files: Mapping[str, Sequence[ExtractFile]]
) -> list[FileContent]:
    """Return the files of registers as they lie there, sound or not."""
    sound = {file.path.name: file for of_register in files.values() for file in of_register}
    result = []
    for path in (path for paths in matched.values() for path in paths):
        file = sound.get(path.name)
        if file is None:
            result.append(FileContent(path.name, None, None))
        else:
            result.append(FileContent(path.name, file.n_rows + file.n_deleted, file.sha256))
    return result


def _match_entries(
    folder: Path, registers: Sequence[Register], faults: list[str]
) -> tuple[dict[str, list[Path]], list[str]]:
    """Return the files of each register, and the names of files that belong to none.

    A folder that is called like a file is one. What else is called like one goes to ``faults``:
    were it passed over, rows would be missing without a word.
    """
    matched: dict[str, list[Path]] = defaultdict(list)
    unknown: list[str] = []
    for path in sorted(path for path in folder.iterdir() if not is_hidden(path)):
        if path.is_dir():
            register = folder_register(path, registers)
            if register is not None:
                matched[register.name].append(path)
            continue
        fault = unreadable_fault(path, registers)
        register = register_of(path, registers)
        if fault is not None:
            faults.append(f"{path.name}: {fault}")
        elif register is not None:
            matched[register.name].append(path)
        elif path.name not in (MARK_FILE, CONTRACT_FILE):
            unknown.append(path.name)
    return matched, unknown


def _scan_register(
    connection: duckdb.DuckDBPyConnection,
    register: Register,
    paths: Sequence[Path],
    known: Mapping[str, KnownFile],
    workspace: Path,
    faults: list[str],
) -> tuple[ExtractFile, ...]:
    """Return the register's sound files, after adding what is wrong with others to ``faults``."""
    hashes: dict[Path, str] = {}
    for path in paths:
        try:
            hashes[path] = file_sha256(path)
        except ValueError as error:
            faults.append(f"{path.name}: {error}")
        except OSError as error:
            faults.append(f"{path.name}: cannot be read ({error.strerror})")
    kept = _kept_files(register, hashes, known)
    read = [
        _scan_file(
            *(connection, register, path, workspace, faults),
            sha256=sha256,
            kept=kept.get(path.name),
        )
        for path, sha256 in hashes.items()
    ]
    faults += repeated_files(register, paths)
    return tuple(file for file in read if file is not None)


def _kept_files(
    register: Register, hashes: Mapping[Path, str], known: Mapping[str, KnownFile]
) -> dict[str, KnownFile]:
    """Return the known files whose rows can stay as they were loaded, by name."""
    same = {
        path.name: known[path.name]
        for path, sha256 in hashes.items()
        if path.name in known and known[path.name].sha256 == sha256
    }
    if register.files_are_independent or len(same) == len(hashes) == len(known):
        return same
    return {}


def _scan_file(
    connection: duckdb.DuckDBPyConnection,
    register: Register,
    path: Path,
    workspace: Path,
    faults: list[str],
    *,
    sha256: str,
    kept: KnownFile | None,
) -> ExtractFile | None:
    """Return the file, or None after adding what is wrong with it to ``faults``."""
    faults_here: list[str] = []
    year = year_of(path)
    if year is None and register.has_file_year:
        faults_here.append(f"has no year in its name; expected {expected_name(register)}")
    file: ExtractFile | None = None
    try:
        header = read_header(connection, path, wanted_names(register))
        columns = match_columns(register, header.names, faults_here)
        if kept is not None and not faults_here:
            types = dict.fromkeys(header.names, "VARCHAR")
            return ExtractFile(
                *(register, path, sha256, kept.n_rows, columns, types, year, kept.form)
            )
        staged = _stage_sound(connection, register, path, header, columns, workspace, faults_here)
        if staged is not None:
            file = ExtractFile(
                *(register, path, sha256, staged.n_rows, columns, staged.types, year),
                *(staged.form, staged.parquet, staged.n_deleted),
            )
    except ValueError as error:
        faults_here.append(str(error))
    faults += [f"{path.name}: {fault}" for fault in faults_here]
    return None if faults_here else file


def _stage_sound(
    connection: duckdb.DuckDBPyConnection,
    register: Register,
    path: Path,
    header: Header,
    columns: Mapping[str, str],
    workspace: Path,
    faults_here: list[str],
) -> Staged | None:
    """Return the staged file, or None after adding what is wrong to ``faults_here``."""
    if faults_here:
        return None
    dates = [columns[c.name] for c in register.columns if c.type == "DATE" and c.name in columns]
    staged = stage(connection, path, header, workspace, set(columns.values()), dates)
    if staged.n_rows == 0:
        faults_here.append("holds no rows")
        return None
    faults_here += type_faults(staged.types, columns.values())
    if not faults_here:
        faults_here += value_faults(connection, register, columns, staged.types, staged.parquet)
    return staged


def _read_mark(path: Path, faults: list[str]) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        mark = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        mark = None
    if not isinstance(mark, dict):
        faults.append(f"{path.name}: is not a JSON object; expected the generator's mark")
        return {}
    return mark


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of the content of ``path``, in hexadecimal.

    That of a folder of parts is over the name and the SHA-256 of each.
    """
    if path.is_dir():
        named = [f"{part.relative_to(path)}\0{file_sha256(part)}\n" for part in parts_of(path)]
        return hashlib.sha256("".join(named).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
