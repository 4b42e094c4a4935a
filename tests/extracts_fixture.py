"""A minimal folder of register files, written from hand-made rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.registers import REGISTERS
from pipeline.warehouse.delivery.calendar import weeks_in_iso_year

REGISTER = {register.name: register for register in REGISTERS}


def week_names(first_year: int, last_year: int) -> list[str]:
    """Return y_YYWW of every ISO week of the years."""
    return [
        f"y_{year % 100:02d}{week:02d}"
        for year in range(first_year, last_year + 1)
        for week in range(1, weeks_in_iso_year(year) + 1)
    ]


@dataclass
class ExtractsFolder:
    """Rows of every register; ``write`` makes the files. Everyone is a default unless told."""

    first_week_year: int = 2005
    last_week_year: int = 2006
    bef: list[dict] = field(default_factory=list)
    udda: list[dict] = field(default_factory=list)
    dream: dict[str, dict[str, str]] = field(default_factory=dict)
    ankestyrelsen: list[dict] = field(default_factory=list)
    lpr_adm: list[dict] = field(default_factory=list)
    lpr_diag: list[dict] = field(default_factory=list)
    psyk_adm: list[dict] = field(default_factory=list)
    psyk_diag: list[dict] = field(default_factory=list)
    lmdb: list[dict] = field(default_factory=list)
    sssy: list[dict] = field(default_factory=list)
    rammevilkaar: list[dict] = field(default_factory=list)

    def resident(self, pnr: str, *, years: tuple[int, ...] = (2005,), **changed: object) -> None:
        for year in years:
            row = {
                "PNR": pnr,
                "KOEN": "1",
                "FOED_DAG": date(1970, 6, 15),
                "KOM": "101",
                "CIVST": "U",
                "FAMILIE_ID": None,
                "ANTBOERNF": 0,
                "IE_TYPE": "1",
                "OPR_LAND": "5100",
            }
            self.bef.append({**row, **changed, "FILE_YEAR": year})

    def educated(self, pnr: str, code: str, year: int = 2005) -> None:
        self.udda.append({"PNR": pnr, "HFAUDD": code, "FILE_YEAR": year})

    def on_benefit(self, pnr: str, code: str, last: str, n_weeks: int = 1) -> None:
        """Give ``n_weeks`` consecutive weeks of ``code``, ending in week ``last`` (YYWW)."""
        names = week_names(self.first_week_year, self.last_week_year)
        end = names.index(f"y_{last}") + 1
        assert end >= n_weeks, "the weeks begin before the data"
        self.dream.setdefault(pnr, {}).update(dict.fromkeys(names[end - n_weeks : end], code))

    def decided(
        self,
        pnr: str,
        case: str,
        decided: str,
        *,
        decision: str = "TILKENDELSE",
        diagnosis: str | None = "F329",
        applied: str = "2005-01-03",
    ) -> None:
        self.ankestyrelsen.append(
            {
                "PNR": pnr,
                "SAGSART": case,
                "AFGOERELSE": decision,
                "STARTDATO": applied,
                "AFGDATO": decided,
                "GRUNDLAG": "1",
                "HOVEDDIAG": diagnosis,
                "KOM": "101",
            }
        )

    def diagnosed(
        self, pnr: str, code: str, day: str, *, register: str = "lpr", kind: str = "A"
    ) -> None:
        contacts, diagnoses = getattr(self, f"{register}_adm"), getattr(self, f"{register}_diag")
        recnum = f"{register}{len(contacts) + 1}"
        contacts.append(
            {
                "PNR": pnr,
                "RECNUM": recnum,
                "D_INDDTO": date.fromisoformat(day),
                "C_PATTYPE": "2",
            }
        )
        diagnoses.append({"RECNUM": recnum, "C_DIAG": code, "C_DIAGTYPE": kind})

    def dispensed(self, pnr: str, atc: str, day: str) -> None:
        self.lmdb.append({"PNR": pnr, "EKSD": date.fromisoformat(day), "ATC": atc, "VOLUME": 28.0})

    def treated(self, pnr: str, services: int, week: str, speciality: str = "800001") -> None:
        self.sssy.append({"PNR": pnr, "SPECIALE": speciality, "YDLANT": services, "HONUGE": week})

    def conditions(self, municipality: str, year: int, **values: float | None) -> None:
        row = {"LEDIG_PCT": 5.0, "INDUSTRI_PCT": 15.0, "VIDUDD_PCT": 20.0, "BEFTAET": 100.0}
        self.rammevilkaar.append({"KOM": municipality, "AAR": year, **row, **values})

    def with_background(self, n: int = 30) -> ExtractsFolder:
        """Add ``n`` ordinary persons so that every register has rows; return the folder."""
        for number in range(n):
            pnr = f"Background{number:03d}"
            self.resident(pnr, years=(2005, 2006), KOM="751")
            self.educated(pnr, "3000", 2005)
            self.educated(pnr, "3000", 2006)
            self.on_benefit(pnr, "111", "0510", 4)
            self.decided(pnr, "FP", "2006-05-05", decision="AFSLAG")
            self.diagnosed(pnr, "DS934", "2003-03-03")
            self.diagnosed(pnr, "DR45", "2003-03-03", register="psyk")
            self.dispensed(pnr, "J01CA04", "2005-02-02")
            self.treated(pnr, 1, "0512")
        return self

    def write(self, folder: Path) -> Path:
        """Return ``folder`` with one file per register (and year where the register has it)."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("lpr_adm", "lpr_diag", "psyk_adm", "psyk_diag", "lmdb", "sssy"):
            write_parquet(folder / f"{name}_2005.parquet", name, getattr(self, name))
        for year in (2005, 2006):
            of_year = [row for row in self.bef if row["FILE_YEAR"] == year]
            write_parquet(folder / f"bef_{year}.parquet", "bef", of_year)
            rows = pd.DataFrame([r for r in self.udda if r["FILE_YEAR"] == year])
            rows[["PNR", "HFAUDD"]].to_csv(folder / f"udda_{year}.csv", index=False)
        pd.DataFrame(self.ankestyrelsen).to_csv(
            folder / "ankestyrelsen_2006.csv", sep=";", index=False
        )
        if self.rammevilkaar:
            pd.DataFrame(self.rammevilkaar).to_csv(folder / "rammevilkaar.csv", index=False)
        weeks = week_names(self.first_week_year, self.last_week_year)
        table = {"PNR": pa.array(list(self.dream), pa.string())}
        for week in weeks:
            codes = [person.get(week) for person in self.dream.values()]
            table[week] = pa.array(codes, pa.string())
        pq.write_table(pa.table(table), folder / "dream.parquet")
        return folder


def with_one_grant() -> ExtractsFolder:
    """Return forty ordinary persons and one who is granted a pension in 2006, with early weeks."""
    people = ExtractsFolder(first_week_year=2000).with_background(n=40)
    people.resident("Granted1", years=(2005, 2006))
    people.decided("Granted1", "FP", "2006-05-05")
    return people


def write_parquet(path: Path, register: str, rows: list[dict]) -> None:
    """Write ``rows`` with the declared columns of ``register``, optional ones if a row has them."""
    types = {
        "VARCHAR": pa.string(),
        "DATE": pa.date32(),
        "INTEGER": pa.int32(),
        "DOUBLE": pa.float64(),
    }
    table = {
        c.name: pa.array(
            [row.get(c.name) if c.is_optional else row[c.name] for row in rows], types[c.type]
        )
        for c in REGISTER[register].columns
        if not c.is_optional or any(c.name in row for row in rows)
    }
    pq.write_table(pa.table(table), path)
