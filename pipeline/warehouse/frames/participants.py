"""Those who took part in an initiative, and people like them elsewhere; counts go no further."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from pipeline.codes import state_groups
from pipeline.initiatives.declaration import Adopter, Initiative
from pipeline.model.initiatives.participants import Participants
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.database.session import set_values
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER, read_sql_file
from pipeline.warehouse.frames.query import limits_of
from pipeline.warehouse.raw.participants import (
    Participant,
    read_participants_file,
    refuse_rows,
)
from pipeline.warehouse.raw.pseudonymkey import LETTERS, kept_key

_CELLS = SQL_FOLDER / "initiative" / "participants.sql"
_RESIDENCE = SQL_FOLDER / "initiative" / "residence.sql"
Named = list[tuple[Adopter, Participant]]


def read_participants(
    registers: Path, settings: Settings, initiative: Initiative, folder: Path
) -> Participants | None:
    """Return those who took part, by cell with others like them; None where no file names them.

    Files are beside the declaration, in ``folder``. Their numbers become pseudonyms by the key of
    the registers. Raises one :class:`SettingsError` per file that cannot be used, which names rows
    and no person: malformed numbers and dates, persons twice, no residents, of other ages.
    """
    adopters = _naming(initiative)
    if not adopters:
        return None
    with connect(registers, read_only=True, **limits_of(settings)) as connection:
        named, persons = _named(connection, registers, settings, initiative, adopters, folder)
        months = sorted({one.starts.replace(day=1) for _, one in named})
        cells = [_cells(connection, initiative, month, named) for month in months]
    return Participants(persons, pd.concat(cells, ignore_index=True))


def read_persons(
    registers: Path, settings: Settings, initiative: Initiative, folder: Path
) -> pd.DataFrame | None:
    """Return municipality_code and record_key of those who took part, as above, and no others."""
    adopters = _naming(initiative)
    if not adopters:
        return None
    with connect(registers, read_only=True, **limits_of(settings)) as connection:
        return _named(connection, registers, settings, initiative, adopters, folder)[1]


def _naming(initiative: Initiative) -> list[Adopter]:
    """Return the adopters of which a file says who took part."""
    return [adopter for adopter in initiative.adopters if adopter.persons is not None]


def _named(
    connection: duckdb.DuckDBPyConnection,
    registers: Path,
    settings: Settings,
    initiative: Initiative,
    adopters: Sequence[Adopter],
    folder: Path,
) -> tuple[Named, pd.DataFrame]:
    """Return who is named with each of ``adopters``, and their municipality_code and record_key."""
    key = kept_key(settings, registers.resolve().parent)
    named: Named = []
    persons = []
    for adopter in adopters:
        path = folder / str(adopter.persons)
        read = read_participants_file(path, key, adopter.starts)
        persons.append(_residents(connection, initiative, adopter, path, read, named))
        named += [(adopter, one) for one in read]
    return named, pd.concat(persons, ignore_index=True)


def _residents(
    connection: duckdb.DuckDBPyConnection,
    initiative: Initiative,
    adopter: Adopter,
    path: Path,
    read: Sequence[Participant],
    earlier: Named,
) -> pd.DataFrame:
    """Return municipality_code and record_key of who took part in one municipality."""
    set_values(
        connection,
        {
            "participants": [one.pseudonym for one in read],
            "participant_adopters": [adopter.municipality] * len(read),
            "participant_years": [one.starts.year for one in read],
            "record_letters": LETTERS,
        },
    )
    found = connection.execute(read_sql_file(_RESIDENCE).text).df()
    ages = initiative.ages
    known = {one.pseudonym for _, one in earlier}
    is_resident = found["is_resident"].to_numpy(dtype=bool)
    age = found["age_years"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    is_of_age = (ages.first <= age) & (age <= ages.last)
    wrong = {
        "the person is in another file": np.array([one.pseudonym in known for one in read]),
        f"no resident of {adopter.municipality} when the person began": ~is_resident,
        f"not {ages.first} to {ages.last} years old when the person began": is_resident
        & ~is_of_age,
    }
    rows = np.array([one.row for one in read])
    faults = {what: rows[is_wrong].tolist() for what, is_wrong in wrong.items()}
    refuse_rows(path, {what: rows for what, rows in faults.items() if rows})
    return pd.DataFrame(
        {
            "municipality_code": adopter.municipality,
            "record_key": found["record_key"].astype("int64"),
        }
    )


def _cells(
    connection: duckdb.DuckDBPyConnection, initiative: Initiative, month: dt.date, named: Named
) -> pd.DataFrame:
    """Return those who began in the month that starts on ``month``, and all others, by cell."""
    groups = state_groups()
    began = [(adopter, one) for adopter, one in named if one.starts.replace(day=1) == month]
    set_values(
        connection,
        {
            "month_start": month,
            "years_after": initiative.years_after,
            "age_first": initiative.ages.first,
            "age_last": initiative.ages.last,
            "participants": [one.pseudonym for _, one in began],
            "participant_adopters": [adopter.municipality for adopter, _ in began],
            "all_participants": [one.pseudonym for _, one in named],
            "adopters": [adopter.municipality for adopter in initiative.adopters],
            "benefit": list(groups["cash_benefit"]),
            "education": list(groups["education"]),
            "record_letters": LETTERS,
        },
    )
    made = connection.execute(read_sql_file(_CELLS).text).df()
    return made.assign(month=month.isoformat(), year=month.year)
