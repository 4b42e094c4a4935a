"""Register rows of a block as Arrow tables, with the columns and types of the declarations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic_data.events.benefits import CODES_BY_STATE, DREAM_TEXTS
from synthetic_data.events.decisions import Grants
from synthetic_data.events.factors import LEVELS, Levels
from synthetic_data.events.health import ALL_CODES, DIAGNOSIS_TYPES
from synthetic_data.events.health_records import Contacts
from synthetic_data.ground import catalogue
from synthetic_data.ground.regimes import register_years
from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.scenario import Scenario
from synthetic_data.ground.weeks import Calendar, weeks_in_iso_year, year_start
from synthetic_data.people.population import ORIGIN_COUNTRIES, People
from synthetic_data.people.year_end import YearEnd
from synthetic_data.places.conditions import register_value
from synthetic_data.places.country import Country

#: Four-digit education codes by level, in the order of factor.csv; the last is "not stated".
_EDUCATION_CODES = (
    ("1006", "1009", "1010"),
    ("2010", "2015", "2019"),
    ("3040", "3075", "3095"),
    ("5089", "6090", "7010"),
    ("9999",),
)
#: Condition -> its column in the register, the column's unit in the condition's, and decimals.
_CONDITION_COLUMNS = {
    "area_unemployment_share": ("LEDIG_PCT", 0.01, 2),
    "area_industry_share": ("INDUSTRI_PCT", 0.01, 2),
    "area_higher_education_share": ("VIDUDD_PCT", 0.01, 2),
    "population_density": ("BEFTAET", 1.0, 1),
}
_DRUGS = catalogue.PSYCHOTROPICS.values + catalogue.OTHER_DRUGS.values
_SPECIALITIES = catalogue.GENERAL_PRACTICE.values + catalogue.SPECIALISTS.values
#: Responsible units in LPR3: of somatic and of psychiatric contacts.
_LPR3_UNITS = ("intern medicin", "psykiatri")
_NO_BENEFIT = np.isin(DREAM_TEXTS, [*CODES_BY_STATE["emigrated"], *CODES_BY_STATE["dead"], ""])


def text(
    index: NDArray, values: Sequence[str] | pa.Array, missing: NDArray | None = None
) -> pa.Array:
    """Return a dictionary-encoded text column: ``values[index]``, null where ``missing``."""
    return pa.DictionaryArray.from_arrays(
        pa.array(index, mask=missing), values if isinstance(values, pa.Array) else list(values)
    )


def once(rows: NDArray[np.integer], numbers: pa.Array) -> pa.Array:
    """Return a plain text column of numbers that hardly repeat, null where ``rows`` is negative.

    A dictionary of them would take longer to write and to read.
    """
    return numbers.take(pa.array(rows, mask=rows < 0))


def days(numbers: Ints) -> pa.Array:
    """Return a date column from day numbers."""
    return pa.array(numbers.astype(np.int32)).view(pa.date32())


def bef(
    rows: Ints,
    people: People,
    numbers: pa.Array,
    families: pa.Array,
    municipality: pa.DictionaryArray,
    year_end: YearEnd,
) -> pa.Table:
    """Return BEF for the persons ``rows`` at ``year_end``.

    ``municipality`` is the column of codes as of 31 December, one entry per person.
    """
    return pa.table(
        {
            "PNR": once(rows, numbers),
            "KOEN": text(people.is_female[rows].astype(np.int8), ["1", "2"]),
            "FOED_DAG": days(people.birthday(0)[rows]),
            "KOM": municipality.take(pa.array(rows)),
            "CIVST": text(year_end.civil_status[rows], ["U", "G", "F", "E", "P", "O", "L"]),
            "FAMILIE_ID": once(year_end.family[rows], families),
            "ANTBOERNF": pa.array(year_end.children[rows].astype(np.int32)),
            "IE_TYPE": text((people.origin[rows] - 1).astype(np.int8), ["1", "2", "3"]),
            "OPR_LAND": text(people.origin_country[rows], ORIGIN_COUNTRIES),
            "MOR_ID": once(people.mother[rows], numbers),
            "FAR_ID": once(people.father[rows], numbers),
        }
    )


def udda(year: int, rows: Ints, people: People, numbers: pa.Array, stream: Stream) -> pa.Table:
    """Return UDDA of ``year`` for those of ``rows`` that have a row in it."""
    rows = rows[people.has_education_row[rows]]
    level = people.education(year)[rows]
    n_codes = np.array([len(codes) for codes in _EDUCATION_CODES])
    first = np.cumsum(n_codes) - n_codes
    pick = (stream.uniform("education_code", rows=rows) * n_codes[level]).astype(np.int64)
    flat = [code for codes in _EDUCATION_CODES for code in codes]
    return pa.table(
        {
            "PNR": text(rows.astype(np.int32), numbers),
            "HFAUDD": text((first[level] + pick).astype(np.int8), flat),
        }
    )


def contacts(register: str, year: int, visits: Contacts, people: People, numbers: pa.Array) -> dict:
    """Return the two tables of hospital ``register`` (lpr, psyk) for ``year``."""
    number = _contact_numbers(register, year, visits, people)
    adm = pa.table(
        {
            "PNR": once(visits.person, numbers),
            "RECNUM": number,
            "D_INDDTO": days(year_start(year) + visits.day),
            "C_PATTYPE": text(visits.patient_type, ["0", "1", "2", "3"]),
        }
    )
    diag = pa.table(
        {
            "RECNUM": number.take(pa.array(visits.diagnosis_contact)),
            "C_DIAG": text(visits.diagnosis, ["D" + code for code in ALL_CODES]),
            "C_DIAGTYPE": text(visits.diagnosis_type, DIAGNOSIS_TYPES),
        }
    )
    return {f"{register}_adm": adm, f"{register}_diag": diag}


def lpr3(
    year: int, by_register: Mapping[str, Contacts], people: People, numbers: pa.Array
) -> dict[str, pa.Table]:
    """Return the two tables of LPR3 for ``year``; ``by_register`` has contacts by old register."""
    contact, diagnosis = [], []
    for register, contacts in by_register.items():
        number = _contact_numbers(register, year, contacts, people)
        unit = np.full(contacts.person.size, register == "psyk", dtype=np.int8)
        contact.append(
            {
                "PNR": text(contacts.person.astype(np.int32), numbers),
                "DW_EK_KONTAKT": number,
                "DATO_START": days(year_start(year) + contacts.day),
                "HOVEDSPECIALE_ANS": text(unit, _LPR3_UNITS),
            }
        )
        diagnosis.append(
            {
                "DW_EK_KONTAKT": number.take(pa.array(contacts.diagnosis_contact)),
                "DIAGNOSEKODE": text(contacts.diagnosis, ["D" + code for code in ALL_CODES]),
                "DIAGNOSETYPE": text(contacts.diagnosis_type, DIAGNOSIS_TYPES),
                "SENERE_AFKRAEFTET": text(contacts.diagnosis_type // 2, ["Nej", "Ja"]),
            }
        )
    return {
        name: pa.concat_tables([pa.table(columns) for columns in parts]).combine_chunks()
        for name, parts in (("lpr3_kontakter", contact), ("lpr3_diagnoser", diagnosis))
    }


def _contact_numbers(register: str, year: int, visits: Contacts, people: People) -> pa.Array:
    number = people.ids[visits.person] * 10_000 + (year - 1970) * 100 + visits.kind
    return pa.array(number + (5 if register == "psyk" else 0)).cast(pa.string())


def lmdb(
    year: int, rows: tuple[Ints, Ints, NDArray[np.int16], Floats], numbers: pa.Array
) -> pa.Table:
    """Return LMDB of ``year``; the smallest volume is left blank, as volumes sometimes are."""
    person, day, drug, volume = rows
    return pa.table(
        {
            "PNR": text(person.astype(np.int32), numbers),
            "EKSD": days(year_start(year) + day),
            "ATC": text(drug.astype(np.int8), _DRUGS),
            "VOLUME": pa.array(volume, mask=volume <= 10.0),
        }
    )


def services(
    year: int, rows: tuple[Ints, Ints, NDArray[np.int16], Ints], numbers: pa.Array
) -> pa.Table:
    """Return SYSI or SSSY of ISO year ``year``."""
    person, week, speciality, amount = rows
    weeks = [f"{year % 100:02d}{week + 1:02d}" for week in range(weeks_in_iso_year(year))]
    return pa.table(
        {
            "PNR": text(person.astype(np.int32), numbers),
            "SPECIALE": text(speciality.astype(np.int8), _SPECIALITIES),
            "YDLANT": pa.array(amount.astype(np.int32)),
            "HONUGE": text(week.astype(np.int8), weeks),
        }
    )


def dream(
    codes: NDArray[np.int8], is_known: NDArray[np.bool_], numbers: pa.Array, calendar: Calendar
) -> pa.Table:
    """Return DREAM in its wide layout: persons with a benefit in any week, blank weeks null.

    ``codes`` (weeks, persons) are places among ``DREAM_TEXTS``. Of those who are ``is_known`` only.
    """
    n_unwritten = calendar.weeks_before(register_years()["dream"][0])
    codes, names = codes[n_unwritten:], calendar.column_names[n_unwritten:]
    had_benefit = ~_NO_BENEFIT[codes].all(axis=0)
    rows = np.flatnonzero(had_benefit & is_known)
    values = pa.array(DREAM_TEXTS[1:])
    columns: dict[str, pa.Array] = {"PNR": text(rows.astype(np.int32), numbers)}
    for name, week in zip(names, codes, strict=True):
        index = week[rows] - np.int8(1)
        columns[name] = text(index, values, missing=index < 0)
    return pa.table(columns)


def truth(
    year: int,
    levels: Levels,
    grants: Grants,
    numbers: pa.Array,
    municipality: NDArray[np.int16],
    former: pa.DictionaryArray,
    country: Country,
) -> pa.Table:
    """Return the planted truth of risk year ``year``: one row per person at risk of anything.

    ``former`` is the first code of the former municipality each person lives in.
    """
    rows = np.flatnonzero(grants.at_risk[0])
    columns = {
        "person_id": once(rows, numbers),
        "year": pa.array(np.full(rows.size, year, dtype=np.int32)),
        "municipality_code": text(municipality[rows], country.codes),
        "former_municipality_code": former.take(pa.array(rows)),
    }
    for factor, values in levels.items():
        columns[factor] = text(values[rows], LEVELS[factor])
    for o, outcome in enumerate(("fp", "fj")):
        columns[f"is_at_risk_{outcome}"] = pa.array(grants.at_risk[o, rows])
    for o, outcome in enumerate(("fp", "fj")):
        columns[f"p_actual_{outcome}"] = pa.array(grants.p_actual[o, rows])
        columns[f"p_national_{outcome}"] = pa.array(grants.p_national[o, rows])
    for o, outcome in enumerate(("fp", "fj")):
        columns[f"event_{outcome}"] = pa.array(grants.event[o, rows])
    return pa.table(columns)


def framework_conditions(country: Country, scenario: Scenario) -> pa.Table:
    """Return the register of framework conditions: one row per municipality and year."""
    years = (country.years[0] - 1, *country.years)
    columns: dict[str, pa.Array] = {
        "KOM": pa.array(np.repeat(country.codes, len(years))),
        "AAR": pa.array(np.tile(years, len(country.codes)).astype(np.int32)),
    }
    for name, (column, unit, decimals) in _CONDITION_COLUMNS.items():
        values = np.stack(
            [
                register_value(scenario.conditions[name], country.conditions[name][:, y], year)
                for y, year in enumerate(years)
            ],
            axis=1,
        )
        columns[column] = pa.array(np.round(values.reshape(-1) / unit, decimals))
    return pa.table(columns).sort_by([("KOM", "ascending"), ("AAR", "ascending")])
