"""What is known of the files of an extracts folder, once they were scanned."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.registers import Register


@dataclass(frozen=True)
class KnownFile:
    """A file loaded before: its content, its data rows and its form in words."""

    sha256: str
    n_rows: int
    form: str


@dataclass(frozen=True)
class ExtractFile:
    """One sound file of a register.

    ``columns`` maps each declared column (and week column ``y_YYWW``, in order of time) to its
    name in the file; ``types`` maps each name in the file to its type (see ``values``; VARCHAR in
    CSV). ``n_rows`` counts data rows, ``form`` says what the file is written in. ``parquet`` is
    what the load reads: the file itself or a copy of it; None when the file was loaded before and
    stays. ``n_deleted`` rows besides were left out: SAS has marked them as deleted.
    """

    register: Register
    path: Path
    sha256: str
    n_rows: int
    columns: Mapping[str, str]
    types: Mapping[str, str]
    file_year: int | None = None
    form: str = ""
    parquet: Path | None = None
    n_deleted: int = 0

    @property
    def week_columns(self) -> tuple[str, ...]:
        """The register's week columns ``y_YYWW`` in order of time; empty when it has none."""
        declared = {column.name for column in self.register.columns}
        return tuple(name for name in self.columns if name not in declared)

    @property
    def extra_columns(self) -> tuple[str, ...]:
        """Names in the file that the declaration does not know."""
        known = set(self.columns.values())
        return tuple(name for name in self.types if name not in known)


@dataclass(frozen=True)
class Extracts:
    """The sound files of a folder by register, what else lies there, and the synthetic mark.

    ``faults`` are the structural faults found, one line each; empty unless asked for.
    """

    folder: Path
    files: Mapping[str, tuple[ExtractFile, ...]]
    unknown: tuple[str, ...] = ()
    mark: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def input_hash(self) -> str:
        """SHA-256 over the sorted names and SHA-256 of the register files."""
        listed = sorted((f.path.name, f.sha256) for files in self.files.values() for f in files)
        return hashlib.sha256("".join(f"{n}\0{h}\n" for n, h in listed).encode()).hexdigest()
