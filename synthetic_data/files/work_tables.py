"""Rows of IND and AKM of a block, which a country has where they are asked for."""

from __future__ import annotations

import pyarrow as pa

from synthetic_data.events import work
from synthetic_data.files.tables import once, text
from synthetic_data.ground.rng import Ints, Stream
from synthetic_data.people.population import People


def akm(
    year: int, weeks: Ints, rows: Ints, people: People, numbers: pa.Array, stream: Stream
) -> pa.Table:
    """Return AKM of ``year`` for ``rows``, whose ``weeks`` are by group of states."""
    place = work.main_attachment(weeks, year, people, stream, rows)
    return pa.table({"PNR": once(rows, numbers), "SOCIO13": text(place, work.attachments())})


def ind(
    year: int, weeks: Ints, rows: Ints, people: People, numbers: pa.Array, stream: Stream
) -> pa.Table:
    """Return IND of ``year`` for ``rows``, whose ``weeks`` are by group of states."""
    total, wage = work.incomes(weeks, year, people, stream, rows)
    return pa.table(
        {
            "PNR": once(rows, numbers),
            "PERINDKIALT_13": pa.array(total),
            "LOENMV_13": pa.array(wage),
        }
    )


#: What makes the registers that are made where they are asked for.
FURTHER = {"ind": ind, "akm": akm}
