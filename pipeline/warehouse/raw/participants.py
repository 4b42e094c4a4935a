"""Who took part in an initiative: person numbers of a file, which become pseudonyms as it is read.

No number goes further than this module: not into a message, a log line or a table. What is wrong
with a file is told by the numbers of its rows, the head being row 1.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline.errors import SettingsError
from pipeline.registers.declaration import PERSON_NUMBER
from pipeline.secret_file import read_secret_file
from pipeline.warehouse.raw.pseudonymkey import PseudonymKey

NUMBER, STARTS = "pnr", "starts"
_MOST_ROWS_TOLD = 20
_DELIMITERS = ";,\t|"
_NEXT = "mend the file. See docs/initiatives.md."


@dataclass(frozen=True)
class Participant:
    """Who took part from when: a pseudonym, and the row of the file that says so."""

    pseudonym: str
    starts: dt.date
    row: int


def read_participants_file(
    path: Path, key: PseudonymKey, starts: dt.date
) -> tuple[Participant, ...]:
    """Return who took part by the file ``path``, in its order, from ``starts`` unless told.

    The file has a head and a column PNR with numbers as in the registers, and may have a column
    starts with dates as YYYY-MM-DD, no earlier than ``starts``. Raises one :class:`SettingsError`
    with every fault, which names rows and no person.
    """
    rows = _rows(path)
    faults: dict[str, list[int]] = {}
    read: list[tuple[str, dt.date, int]] = []
    seen: set[str] = set()
    for row, given in rows:
        number, told = (str(given.get(name) or "").strip() for name in (NUMBER, STARTS))
        day = _day(told) if told else starts
        if re.fullmatch(PERSON_NUMBER, number) is None:
            faults.setdefault("PNR is no person number as in the registers", []).append(row)
        elif number in seen:
            faults.setdefault("the person is in an earlier row", []).append(row)
        elif day is None:
            faults.setdefault("starts is no date; allowed: YYYY-MM-DD", []).append(row)
        elif day < starts:
            faults.setdefault(f"starts is before {starts.isoformat()}", []).append(row)
        else:
            read.append((number, day, row))
        seen.add(number)
    refuse_rows(path, faults)
    if not read:
        raise SettingsError(f"{path} names nobody", expected="a row per person", next_step=_NEXT)
    pseudonyms = key.pseudonyms(pa.array([number for number, _, _ in read])).to_pylist()
    return tuple(
        Participant(pseudonym, day, row)
        for pseudonym, (_, day, row) in zip(pseudonyms, read, strict=True)
    )


def refuse_rows(path: Path, faults: Mapping[str, Sequence[int]]) -> None:
    """Raise one :class:`SettingsError` that lists what is wrong in which rows, if anything is."""
    if faults:
        noun = "fault" if len(faults) == 1 else "faults"
        listed = "\n".join(f"  - {what}: {_listed(rows)}" for what, rows in faults.items())
        raise SettingsError(
            f"{path} cannot be used, {len(faults)} {noun}:\n{listed}", next_step=_NEXT
        )


def _listed(rows: Sequence[int]) -> str:
    told = ", ".join(map(str, rows[:_MOST_ROWS_TOLD]))
    more = f" and {len(rows) - _MOST_ROWS_TOLD} more" if len(rows) > _MOST_ROWS_TOLD else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {told}{more}"


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of the file that are not empty, by column in small letters, numbered."""
    content = read_secret_file(
        path,
        "the list of who took part",
        expected="a file with a column PNR beside the declaration",
        next_step=_NEXT,
    )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not text in UTF-8", next_step=_NEXT) from None
    lines = text.splitlines()
    head = lines[0] if lines else ""
    delimiter = next((mark for mark in _DELIMITERS if mark in head), ",")
    names = [name.strip().strip('"').lower() for name in head.split(delimiter)]
    # What stands in place of a head may be a person number: it is not repeated.
    if sorted(names) not in ([NUMBER], sorted([NUMBER, STARTS])):
        raise SettingsError(
            f"{path} has no head that can be used",
            expected="in row 1 PNR, or PNR and starts",
            next_step=_NEXT,
        )
    reader = csv.DictReader(lines[1:], fieldnames=names, delimiter=delimiter)
    found = [(1 + reader.line_num, row) for row in reader]
    refuse_rows(
        path,
        {"more fields than columns": wide}
        if (wide := [number for number, row in found if None in row])
        else {},
    )
    return found


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None
