"""A generated country's folder, read in pieces: what the calibration measures it with."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.codes import code_list
from pipeline.errors import StorageError
from synthetic_data.events.benefits import STATE_OF_TEXT
from synthetic_data.ground.regimes import register_years
from synthetic_data.ground.rng import Ints
from synthetic_data.measures.dream_weeks import week_names, week_of

Kept = TypeVar("Kept")
#: Registers of contacts and of their diagnoses, key of a contact, and columns of code and type.
_CONTACTS = (
    ("lpr_adm", "lpr_diag", "RECNUM", "C_DIAG", "C_DIAGTYPE"),
    ("psyk_adm", "psyk_diag", "RECNUM", "C_DIAG", "C_DIAGTYPE"),
    ("lpr3_kontakter", "lpr3_diagnoser", "DW_EK_KONTAKT", "DIAGNOSEKODE", "DIAGNOSETYPE"),
)
_CSV_BLOCK = 1 << 25


@dataclass(frozen=True)
class Generated:
    """A folder that ``generate`` wrote; everything is read from its register files.

    Persons are numbers (the digits of PNR). Raises :class:`StorageError` for any other folder, and
    for one whose files cannot be read.
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

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return {}

    def kept(self, name: str, make: Callable[[], Kept]) -> Kept:
        """Return what ``make`` gives, made once for this object under ``name``."""
        if name not in self._kept:
            self._kept[name] = make()
        return cast("Kept", self._kept[name])

    def residents(self, year: int) -> pd.DataFrame:
        """Return the residents on 31 December of ``year``; the last two years read are kept.

        Columns are person, birth_year, is_female and municipality_code (KOM).
        """
        read: dict[int, pd.DataFrame] = self.kept("residents", dict)
        if year not in read:
            for earlier in list(read)[:-1]:
                del read[earlier]
            read[year] = self._residents(year)
        return read[year]

    def _residents(self, year: int) -> pd.DataFrame:
        table = self._read(f"bef_{year}", ["PNR", "KOEN", "FOED_DAG", "KOM"])
        born = pc.cast(table["FOED_DAG"], pa.date32()).to_numpy().astype("datetime64[Y]")
        return pd.DataFrame(
            {
                "person": _numbers(table["PNR"]),
                "birth_year": born.astype(np.int64) + 1970,
                "is_female": pc.equal(table["KOEN"].cast(pa.string()), "2").to_numpy(),
                "municipality_code": pd.Categorical(table["KOM"].to_pandas()),
            }
        )

    def parents(self, year: int) -> Ints:
        """Return mother and father of the residents of ``year``, in their order; -1 for unknown."""
        table = self._read(f"bef_{year}", ["MOR_ID", "FAR_ID"])
        return np.stack([_numbers(table[name]) for name in ("MOR_ID", "FAR_ID")], axis=1)

    @cached_property
    def grants(self) -> pd.DataFrame:
        """Return person, case (FP, FJ), day, year, diagnosis and municipality_code of all grants.

        As Ankestyrelsen's register has them: what was not reported is not there.
        """
        names = ["PNR", "SAGSART", "AFGOERELSE", "AFGDATO", "HOVEDDIAG", "KOM"]
        paths = sorted(self.folder.glob("ankestyrelsen_*.csv"))
        register = pa.concat_tables([self._read(path.stem, names) for path in paths]).to_pandas()
        register = register[register["AFGOERELSE"].str.startswith("TILKENDELSE")]
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
        residents = self.residents(year - 1).set_index("person")["birth_year"]
        born = residents.reindex(grants["person"]).to_numpy()
        return grants.assign(age_years=year - 1 - born)

    def treated(self, year: int, atc: tuple[str, ...]) -> Ints:
        """Return the persons with a prescription in ``year`` whose ATC code begins so."""
        table = self._read(f"lmdb_{year}", ["PNR", "ATC"])
        code = table["ATC"].cast(pa.string())
        wanted = functools.reduce(pc.or_, [pc.starts_with(code, start) for start in atc])
        return np.unique(_numbers(table["PNR"].filter(wanted)))

    def diagnoses(self, year: int, persons: Ints) -> pd.DataFrame:
        """Return person and diagnosis (ICD-10) of the hospital contacts of ``persons``.

        Main and secondary diagnoses of LPR2, psychiatry and LPR3, as far as ``year`` has them.
        """
        parts = []
        for contact, diagnosis, key, code, kind in _CONTACTS:
            if not any(self.folder.glob(f"{contact}_{year}.*")):
                continue
            contacts = self._read(f"{contact}_{year}", ["PNR", key])
            person = _numbers(contacts["PNR"])
            rows = np.isin(person, persons)
            here = pd.DataFrame({"person": person[rows]}).assign(
                key=contacts[key].filter(pa.array(rows)).to_pandas().astype(str).to_numpy()
            )
            records = self._read(f"{diagnosis}_{year}", [key, code, kind]).to_pandas().astype(str)
            records = records[records[kind].isin(["A", "B"])]
            joined = here.merge(records, left_on="key", right_on=key)
            parts.append(joined.assign(diagnosis=joined[code].str[1:])[["person", "diagnosis"]])
        return pd.concat(parts) if parts else pd.DataFrame(columns=["person", "diagnosis"])

    def weeks(self, columns: list[str]) -> Iterator[tuple[Ints, NDArray[np.int8]]]:
        """Yield person and state numbers (persons, weeks) of DREAM, one block at a time."""
        for table in self._dream(["PNR", *columns]):
            states = np.stack([_states(table[name]) for name in columns], axis=1)
            yield _numbers(table["PNR"]), states

    def states(self, column: str, persons: Ints) -> NDArray[np.int8]:
        """Return the state of each person in one week of DREAM; who has no row is at work."""

        def read() -> pd.Series[int]:
            blocks = list(self.weeks([column]))
            states = np.concatenate([history[:, 0] for _, history in blocks])
            return pd.Series(states, index=np.concatenate([person for person, _ in blocks]))

        history = self.kept(column, read).reindex(persons, fill_value=0)
        return np.asarray(history, dtype=np.int8)

    def weeks_before(self, persons: Ints, days: Ints, n_weeks: int) -> NDArray[np.int8]:
        """Return the states of each person in the weeks before a day, (persons, n_weeks).

        ``persons`` must differ. Weeks before DREAM or the period begins count as work.
        """
        if persons.size == 0:
            return np.zeros((0, n_weeks), dtype=np.int8)
        began = max(self.mark["first_year"], register_years()["dream"][0])
        first = max(_year_of(int(days.min()) - 7 * n_weeks), began)
        names = week_names(first, _year_of(int(days.max())))
        order = np.argsort(persons)
        history = np.zeros((persons.size, len(names)), dtype=np.int8)
        for table in self._dream(["PNR", *names]):
            person = _numbers(table["PNR"])
            rows = np.flatnonzero(np.isin(person, persons))
            if rows.size == 0:
                continue
            here = order[np.searchsorted(persons, person[rows], sorter=order)]
            of_persons = table.select(names).take(rows)
            for at, column in enumerate(of_persons.itercolumns()):
                history[here, at] = _states(column)
        week = week_of(days, first)[:, None] + np.arange(-n_weeks, 0)
        states = np.take_along_axis(history, np.maximum(week, 0), axis=1)
        return np.where(week >= 0, states, 0).astype(np.int8)

    def _dream(self, columns: list[str]) -> Iterator[pa.Table]:
        """Yield columns of DREAM, one block at a time."""
        path = self._path("dream")
        try:
            if path.suffix == ".parquet":
                file = pq.ParquetFile(path, read_dictionary=columns)
                for group in range(file.num_row_groups):
                    yield file.read_row_group(group, columns=columns)
            else:
                with pa_csv.open_csv(path, **_csv_options(columns, _CSV_BLOCK)) as reader:
                    for batch in reader:
                        yield pa.Table.from_batches([batch])
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(path, error) from None

    def _read(self, stem: str, columns: list[str]) -> pa.Table:
        path = self._path(stem)
        try:
            if path.suffix == ".parquet":
                return pq.read_table(path, columns=columns)
            return pa_csv.read_csv(path, **_csv_options(columns))
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(path, error) from None

    def _path(self, stem: str) -> Path:
        for suffix in (".parquet", ".csv"):
            path = self.folder / f"{stem}{suffix}"
            if path.is_file():
                return path
        raise StorageError(
            f"{self.folder} has no file {stem}.parquet or {stem}.csv.",
            next_step="generate the country anew.",
        )


def _unreadable(path: Path, error: Exception) -> StorageError:
    return StorageError(f"{path} cannot be read: {error}", next_step="generate the country anew.")


def _csv_options(columns: list[str], block_bytes: int | None = None) -> dict[str, Any]:
    return {
        "read_options": pa_csv.ReadOptions(block_size=block_bytes),
        "parse_options": pa_csv.ParseOptions(delimiter=";"),
        "convert_options": pa_csv.ConvertOptions(
            include_columns=columns, column_types=dict.fromkeys(columns, pa.string())
        ),
    }


def _year_of(day: int) -> int:
    return int(np.datetime64(day, "D").astype("datetime64[Y]").astype(np.int64)) + 1970


def successors() -> dict[str, str]:
    """Return the municipality of 2007 of every code; the largest part of a divided one."""
    history = code_list("municipality_history")
    share = history["successor_share"].astype(float)
    largest = history.loc[share.groupby(history["municipality_code"]).idxmax()]
    by_code = dict(zip(largest["municipality_code"], largest["successor_code"], strict=True))
    return by_code | {code: code for code in code_list("municipality")["municipality_code"]}


def _numbers(column: pa.ChunkedArray) -> Ints:
    """Return the numbers in a column of person numbers: what follows the letter; -1 for none."""
    digits = pc.utf8_slice_codeunits(column.cast(pa.string()), 1)
    numbers = pc.if_else(pc.equal(digits, ""), None, digits).cast(pa.int64())
    return np.asarray(numbers.fill_null(-1).to_numpy())


def _states(column: pa.ChunkedArray) -> NDArray[np.int8]:
    whole = column.combine_chunks()
    whole = whole.dictionary_encode() if not pa.types.is_dictionary(whole.type) else whole
    texts = whole.dictionary.to_pylist()
    states = np.array([*(STATE_OF_TEXT[text] for text in texts), 0], np.int8)
    return states[whole.indices.fill_null(len(states) - 1).to_numpy(zero_copy_only=False)]
