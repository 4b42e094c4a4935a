"""What a delivery is said to hold: a list of its files, and a mark that it is finished.

``delivery.json`` in the extracts folder is written by whoever delivers, last of all files:

    {"is_complete": true,
     "files": [{"name": "bef_2006.csv", "rows": 5427459, "sha256": "9f86d0..."}, ...]}

``rows`` and ``sha256`` may be left out. With the list a file that is missing, half copied, cut
short or left over from the last delivery is told from a sound one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONTRACT_FILE = "delivery.json"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEYS, _FILE_KEYS = {"is_complete", "files"}, {"name", "rows", "sha256"}


@dataclass(frozen=True)
class FileContent:
    """A file and what is in it, as the list has it or as it lies there; None where not known."""

    name: str
    n_rows: int | None
    sha256: str | None


def read_contract(
    folder: Path, faults: list[str], *, is_required: bool
) -> tuple[FileContent, ...] | None:
    """Return the files that the list of ``folder`` names, None without a sound list.

    What is wrong goes to ``faults``: no list where one ``is_required``, one that cannot be read, a
    delivery that is not finished.
    """
    path = folder / CONTRACT_FILE
    if not path.exists():
        if is_required:
            faults.append(
                f"{CONTRACT_FILE}: is not there; expected the list of what is delivered, which is "
                "written last (docs/loading.md)"
            )
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        faults.append(f"{CONTRACT_FILE}: cannot be read as JSON; is it still being written?")
        return None
    wrong = _wrong_form(content)
    if wrong:
        faults.append(f"{CONTRACT_FILE}: {wrong}; docs/loading.md has the form")
        return None
    if not content["is_complete"]:
        faults.append(f"{CONTRACT_FILE}: says that the delivery is not finished; wait for it")
        return None
    return tuple(
        FileContent(row["name"], row.get("rows"), row.get("sha256")) for row in content["files"]
    )


def contract_faults(listed: Iterable[FileContent], delivered: Iterable[FileContent]) -> list[str]:
    """Return in words where the files ``delivered`` are not those ``listed``, in order of name."""
    expected = {file.name: file for file in listed}
    there = {file.name: file for file in delivered}
    faults = [
        f"{name}: is in {CONTRACT_FILE}, but not in the folder" for name in expected.keys() - there
    ]
    faults += [
        f"{name}: is not in {CONTRACT_FILE}; is it left over from an earlier delivery?"
        for name in there.keys() - expected
    ]
    for name in expected.keys() & there:
        said, real = expected[name], there[name]
        if said.n_rows is not None and real.n_rows is not None and said.n_rows != real.n_rows:
            faults.append(
                f"{name}: holds {real.n_rows:,} rows, expected {said.n_rows:,} by {CONTRACT_FILE}"
            )
        elif said.sha256 is not None and real.sha256 is not None and said.sha256 != real.sha256:
            faults.append(
                f"{name}: has other content than {CONTRACT_FILE} says (SHA-256 {real.sha256[:12]}, "
                f"expected {said.sha256[:12]}); is it still being copied?"
            )
    return sorted(faults)


def _wrong_form(content: Any) -> str | None:
    """Return what is wrong with the form of a list, None if nothing is."""
    if not isinstance(content, dict) or set(content) != _KEYS:
        return "expected an object with is_complete and files"
    if not isinstance(content["is_complete"], bool):
        return "is_complete is neither true nor false"
    if not isinstance(content["files"], list):
        return "files is no list"
    names = set()
    for number, row in enumerate(content["files"], start=1):
        if not isinstance(row, dict) or not set(row) <= _FILE_KEYS:
            return f"file {number} is no object with name, rows and sha256"
        name, rows, sha256 = row.get("name"), row.get("rows"), row.get("sha256")
        if not isinstance(name, str) or not name or Path(name).name != name:
            return f"file {number} has no name without folders"
        if name in names:
            return f"{name} is listed twice"
        if rows is not None and (isinstance(rows, bool) or not isinstance(rows, int) or rows < 0):
            return f"rows of {name} is no whole number from 0 on"
        if sha256 is not None and not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
            return f"sha256 of {name} is no 64 hexadecimal digits in lower case"
        names.add(name)
    return None
