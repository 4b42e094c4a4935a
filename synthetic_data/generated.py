"""A generated country's folder, read in pieces: what the calibration measures it with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.codes import code_list
from pipeline.errors import StorageError
from synthetic_data.benefits import CODES_BY_STATE, STATES, state_number
from synthetic_data.rng import Ints
from synthetic_data.weeks import weeks_in_iso_year, year_start


@dataclass(frozen=True)
class Generated:
    """A folder that ``generate`` wrote; everything is read from its register files.

    Persons are numbers (the digits of PNR). Raises :class:`StorageError` for any other folder.
    """

    folder: Path

    @cached_property
    def mark(self) -> dict:
        """What the folder says of itself: seed, scale, years, scenario."""
        path = self.folder / "synthetic.json"
        if not path.is_file():
            raise StorageError(
                f"{self.folder} is not a generated country: it has no synthetic.json.",
                next_step="name a folder that `tildeling generate` wrote.",
            )
        return dict(json.loads(path.read_text(encoding="utf-8")))

    @property
    def scale(self) -> float:
        """Share of the country that was generated."""
        return float(self.mark["scale"])

    def has_years(self, first: int, last: int) -> bool:
        """Return whether the registers cover ``first`` to ``last``."""
        return self.mark["first_year"] <= first and last <= self.mark["last_year"]

    def residents(self, year: int) -> pd.DataFrame:
        """Return person, birth_year and municipality_code (KOM) on 31 December of ``year``."""
        table = pq.read_table(
            self.folder / f"bef_{year}.parquet", columns=["PNR", "FOED_DAG", "KOM"]
        )
        born = table["FOED_DAG"].to_numpy().astype("datetime64[Y]").astype(np.int64) + 1970
        return pd.DataFrame(
            {
                "person": _numbers(table["PNR"]),
                "birth_year": born,
                "municipality_code": pd.Categorical(table["KOM"].to_pandas()),
            }
        )

    def birth_years(self, year: int) -> Ints:
        """Return the birth year by person number, 0 for those not resident at the year's end."""
        residents = self.residents(year)
        years = np.zeros(int(residents["person"].max()) + 1, dtype=np.int64)
        years[residents["person"]] = residents["birth_year"]
        return years

    @cached_property
    def grants(self) -> pd.DataFrame:
        """Return person, case (FP, FJ), day, year, diagnosis and municipality_code of all grants.

        As Ankestyrelsen's register has them: what was not reported is not there.
        """
        paths = sorted(self.folder.glob("ankestyrelsen_*.csv"))
        register = pd.concat(
            [pd.read_csv(path, sep=";", dtype="string", keep_default_na=False) for path in paths]
        )
        register = register[register["AFGOERELSE"] == "TILKENDELSE"]
        day = register["AFGDATO"].to_numpy(dtype="datetime64[D]")
        return pd.DataFrame(
            {
                "person": register["PNR"].str[1:].astype(np.int64).to_numpy(),
                "case": register["SAGSART"].to_numpy(),
                "day": day.astype(np.int64),
                "year": day.astype("datetime64[Y]").astype(np.int64) + 1970,
                "diagnosis": register["HOVEDDIAG"].to_numpy(),
                "municipality_code": register["KOM"].to_numpy(),
            }
        )

    def grants_with_age(self, case: str, year: int) -> pd.DataFrame:
        """Return the grants of ``case`` in ``year``, with the age_years of the year-end before."""
        grants = self.grants
        grants = grants[(grants["case"] == case) & (grants["year"] == year)]
        born = self.birth_years(year - 1)[grants["person"]]
        return grants.assign(age_years=year - 1 - born)

    def weeks(self, columns: list[str]) -> Iterator[tuple[Ints, NDArray[np.int8]]]:
        """Yield person and state numbers (persons, weeks) of DREAM, one block at a time."""
        path = self.folder / "dream.parquet"
        names = ["PNR", *columns]
        file = pq.ParquetFile(path, read_dictionary=columns)
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=names)
            states = np.stack([_states(table[name]) for name in columns], axis=1)
            yield _numbers(table["PNR"]), states


def week_names(first_year: int, last_year: int) -> list[str]:
    """Return DREAM's columns of the ISO years, in order."""
    return [
        f"y_{year % 100:02d}{week:02d}"
        for year in range(first_year, last_year + 1)
        for week in range(1, weeks_in_iso_year(year) + 1)
    ]


def week_of(days: Ints, first_year: int) -> Ints:
    """Return the position among :func:`week_names` from ``first_year`` of the week of each day."""
    first_monday = year_start(first_year)
    # 4 January is always in ISO week 1; day 0, 1 January 1970, was a Thursday.
    first_monday = first_monday + 3 - (first_monday + 3 + 3) % 7
    return (days - first_monday) // 7


def successors() -> dict[str, str]:
    """Return the municipality of 2007 of every code; the largest part of a divided one."""
    history = code_list("municipality_history")
    share = history["successor_share"].astype(float)
    largest = history.loc[share.groupby(history["municipality_code"]).idxmax()]
    found = dict(zip(largest["municipality_code"], largest["successor_code"], strict=True))
    return found | {code: code for code in code_list("municipality")["municipality_code"]}


def _numbers(column: pa.ChunkedArray) -> Ints:
    return column.combine_chunks().cast(pa.string()).to_pandas().str[1:].astype(np.int64).to_numpy()


def _states(column: pa.ChunkedArray) -> NDArray[np.int8]:
    whole = column.combine_chunks()
    whole = whole.dictionary_encode() if not pa.types.is_dictionary(whole.type) else whole
    of_code = {code: STATES.index(name) for name, codes in CODES_BY_STATE.items() for code in codes}
    # Sickness in a flexjob has the codes of sickness outside one.
    of_code |= dict.fromkeys(CODES_BY_STATE["sickness"], state_number("sickness"))
    states = np.array([*(of_code[code] for code in whole.dictionary.to_pylist()), 0], np.int8)
    return states[whole.indices.fill_null(len(states) - 1).to_numpy(zero_copy_only=False)]
