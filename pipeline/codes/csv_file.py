"""Reading a CSV file that a user writes: its header and rows, or why it cannot be read."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SettingsError


@dataclass(frozen=True)
class ListFile:
    """A list that an office keeps by hand: where it is, how messages call it, what it holds.

    ``grain`` says what a row is, ``next_step`` where a reader finds an example.
    """

    path: Path
    columns: tuple[str, ...]
    grain: str
    next_step: str
    title: str = ""

    @property
    def _name(self) -> str:
        return f"{self.title} {self.path}" if self.title else str(self.path)

    def rows(self) -> list[dict[str, str]]:
        """Return the rows; raise :class:`SettingsError` without them or with other columns."""
        try:
            named, rows = read_csv_file(self.path)
        except ValueError as error:
            raise SettingsError(f"{self._name} {error}", next_step=self.next_step) from error
        if named != list(self.columns):
            self.refuse([f"its columns are {', '.join(named) or 'none'}"])
        return rows

    def refuse(self, faults: Sequence[str]) -> None:
        """Raise :class:`SettingsError` that lists ``faults``, nothing where there are none."""
        if faults:
            raise SettingsError(
                f"{self._name} cannot be used:" + "".join(f"\n  - {fault}" for fault in faults),
                expected=f"columns {', '.join(self.columns)}; {self.grain}",
                next_step=self.next_step,
            )


def read_csv_file(
    path: Path, encoding: str = "utf-8-sig"
) -> tuple[list[str], list[dict[str, str]]]:
    """Return the header and the rows of the CSV file at ``path``, a byte order mark left out.

    With ``encoding`` "utf-8" a mark is part of the first name. An empty file has neither header nor
    rows. Raises ``ValueError`` that says why it cannot be read.
    """
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            return list(reader.fieldnames or ()), rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"cannot be read: {error}") from error
