"""Reading a CSV file that a user writes: its header and rows, or why it cannot be read."""

from __future__ import annotations

import csv
from pathlib import Path


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
