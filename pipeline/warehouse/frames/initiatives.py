"""What an initiative is studied on, out of the registers, read-only; counts go no further."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.codes import state_groups
from pipeline.initiatives.declaration import PERIODS, Initiative
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.database.session import set_values
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER, read_sql_file
from pipeline.warehouse.frames.query import limits_of
from pipeline.warehouse.raw.pseudonymkey import LETTERS

_PANEL = SQL_FOLDER / "initiative" / "panel.sql"


def panel_variables(initiative: Initiative) -> dict[str, object]:
    """Return what ``sql/initiative/panel.sql`` reads with ``getvariable``, by name."""
    first, last = initiative.years
    groups = state_groups()
    return {
        "first_year": first,
        "last_year": last,
        "age_first": initiative.ages.first,
        "age_last": initiative.ages.last,
        "periods_a_year": PERIODS[initiative.period],
        "benefit": list(groups["cash_benefit"]),
        "education": list(groups["education"]),
        "record_letters": LETTERS,
    }


def read_initiative_panel(
    registers: Path, settings: Settings, initiative: Initiative
) -> pd.DataFrame:
    """Return persons, weeks and grants by municipality and period, as the file declares them."""
    with connect(registers, read_only=True, **limits_of(settings)) as connection:
        set_values(connection, panel_variables(initiative))
        return connection.execute(read_sql_file(_PANEL).text).df()
