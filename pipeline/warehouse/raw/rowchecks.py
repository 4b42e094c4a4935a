"""What a declaration demands of each value, as SQL over one file.

A row fails at the first check, in column order, that it does not pass. Values of the declaration
are bound as parameters; only names are written into the SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.registers import Column
from pipeline.warehouse.database.connection import quote_identifier, quote_text
from pipeline.warehouse.delivery.extractfiles import ExtractFile

#: The column of each code list that holds its codes.
CODE_COLUMNS = {"municipality": "municipality_code"}
#: The view of each code list whose codes were not always valid: code, valid_from, valid_to,
#: is_current.
CODE_PERIODS = {"municipality": "municipality_period"}
_INTEGERS = {
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
}
_READABLE = {"DATE": "a date YYYY-MM-DD", "INTEGER": "a whole number", "DOUBLE": "a number"}


@dataclass(frozen=True)
class RowCheck:
    """One demand on one column: its name in data_quality and what was expected, in words.

    ``fails`` is SQL over ``given`` (the trimmed original) and ``value`` (of the declared type),
    true for a row that fails; ``parameters`` are bound to its ``?``, in order.
    """

    name: str
    column: str
    expected: str
    fails: str
    parameters: tuple[Any, ...] = ()


def row_checks(column: Column, file_year: int | None = None) -> list[RowCheck]:
    """Return the checks of ``column``: missing, type, range, values, pattern, code list, validity.

    ``file_year`` dates the rows of a column that is ``dated_by`` FILE_YEAR.
    """
    given, value = f'"given {column.name}"', f'"value {column.name}"'
    checks: list[RowCheck] = []

    def add(kind: str, expected: str, fails: str, *parameters: Any) -> None:
        checks.append(
            RowCheck(f"{column.name.lower()}_{kind}", column.name, expected, fails, parameters)
        )

    if not column.nullable:
        add("missing", "a value", f"{given} IS NULL")
    if column.type != "VARCHAR":
        readable = _READABLE[column.type]
        add("type", readable, f"{given} IS NOT NULL AND {value} IS NULL")
    for bound, sign, word in ((column.minimum, "<", "least"), (column.maximum, ">", "most")):
        if bound is not None:
            fails = f"{value} {sign} CAST(? AS {column.type})"
            add("minimum" if sign == "<" else "maximum", f"at {word} {bound}", fails, bound)
    if column.values is not None:
        fails = f"NOT list_contains(CAST(? AS VARCHAR[]), {value})"
        add("values", f"one of {', '.join(column.values)}", fails, list(column.values))
    if column.pattern is not None:
        fails = f"NOT regexp_full_match({value}, ?)"
        add("pattern", f"the form {column.pattern}", fails, column.pattern)
    if column.code_list is not None:
        table = CODE_PERIODS[column.code_list] if column.dated_by else column.code_list
        codes = f"SELECT {CODE_COLUMNS[column.code_list]} FROM codes.{table}"
        add("code_list", f"a code of the list {column.code_list}", _not_in(value, codes))
        if column.dated_by == "FILE_YEAR":
            snapshot = f"{file_year}-12-31"
            valid = (
                f"{codes} WHERE is_current OR CAST(? AS DATE) BETWEEN valid_from AND valid_to"
                " OR CAST(? AS DATE) + 1 BETWEEN valid_from AND valid_to"
            )
            expected = "a code valid on 31 December of the file's year"
            add("valid_at_date", expected, _not_in(value, valid), snapshot, snapshot)
        elif column.dated_by:
            date = f'"value {column.dated_by}"'
            valid = f"{codes} WHERE is_current OR {date} BETWEEN valid_from AND valid_to"
            add("valid_at_date", "a code valid on the row's date", _not_in(value, valid))
    return checks


def _not_in(value: str, codes: str) -> str:
    return f"{value} IS NOT NULL AND {value} NOT IN ({codes})"


def given_expression(name: str, physical: str) -> str:
    """Return SQL for the original value of the file's column ``name``: blank text is missing."""
    column = quote_identifier(name)
    if physical == "VARCHAR":
        return f"nullif(trim({column}), '')"
    return column


def value_expression(given: str, physical: str, column: Column) -> str:
    """Return SQL that turns ``given`` into the type of ``column``, null where it does not parse.

    Whole numbers in a decimal column become text without decimals, with leading zeros up to the
    column's ``digits``; text is never rounded to an integer; dates as text come in the forms of
    ``DATE_FORMS``, numbers as text with a decimal point or a decimal comma.
    """
    declared = column.type
    is_text = physical == "VARCHAR" or physical.startswith("ENUM")
    if declared == physical or (declared == "VARCHAR" and is_text):
        return f"CAST({given} AS {declared})"
    is_integer = physical in _INTEGERS
    is_decimal = physical in ("DOUBLE", "FLOAT") or physical.startswith("DECIMAL")
    text = f"CAST({given} AS VARCHAR)"
    if is_decimal and declared != "DOUBLE":
        whole = f"{given} = trunc({given})"
        as_whole = f"CAST(TRY_CAST({given} AS BIGINT) AS VARCHAR)"
        if declared == "INTEGER":
            return f"CASE WHEN {whole} THEN TRY_CAST({given} AS INTEGER) END"
        text = f"CASE WHEN {whole} THEN coalesce({as_whole}, {text}) ELSE {text} END"
    if declared == "VARCHAR":
        return _padded(text, column.digits) if is_integer or is_decimal else text
    if declared == "DATE":
        is_time = physical.startswith("TIMESTAMP")
        return f"TRY_CAST({given} AS DATE)" if is_time else _date_expression(text)
    if declared == "INTEGER":
        if is_integer:
            return f"TRY_CAST({given} AS INTEGER)"
        whole = f"regexp_full_match({text}, '[+-]?[0-9]+')"
        return f"CASE WHEN {whole} THEN TRY_CAST({text} AS INTEGER) END"
    number = f"TRY_CAST({given} AS DOUBLE)"
    if is_text:
        with_comma = f"regexp_full_match({text}, '[+-]?[0-9]*,[0-9]+')"
        number = (
            f"TRY_CAST(CASE WHEN {with_comma} THEN replace({text}, ',', '.') ELSE {text} END"
            " AS DOUBLE)"
        )
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _padded(text: str, digits: int | None) -> str:
    """Return SQL for ``text`` with leading zeros, where it is shorter than ``digits``."""
    if digits is None:
        return text
    return f"CASE WHEN length({text}) < {digits} THEN lpad({text}, {digits}, '0') ELSE {text} END"


def _date_expression(text: str) -> str:
    """Return SQL for the date that ``text`` is in one of ``DATE_FORMS``, else null.

    A time of midnight after an ISO date is no more than a date.
    """
    day, month, year = f"{text}[1:2]", f"{text}[4:5]", f"{text}[7:10]"
    cases = (
        ("[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00(:00([.]0+)?)?)?", f"{text}[1:10]"),
        ("[0-9]{8}", f"concat({text}[1:4], '-', {text}[5:6], '-', {text}[7:8])"),
        ("[0-9]{2}-[0-9]{2}-[0-9]{4}", f"concat({year}, '-', {month}, '-', {day})"),
        ("[0-9]{2}[.][0-9]{2}[.][0-9]{4}", f"concat({year}, '-', {month}, '-', {day})"),
    )
    whens = " ".join(
        f"WHEN regexp_full_match({text}, '{form}') THEN TRY_CAST({iso} AS DATE)"
        for form, iso in cases
    )
    named = f"CAST(try_strptime({text}, '%d%b%Y') AS DATE)"
    return (
        f"CASE {whens} WHEN regexp_full_match({text}, '[0-9]{{2}}[A-Za-z]{{3}}[0-9]{{4}}')"
        f" THEN {named} END"
    )


def checks_of(file: ExtractFile) -> list[RowCheck]:
    """Return all row checks of the file's register, in column order."""
    return [
        check for column in file.register.columns for check in row_checks(column, file.file_year)
    ]


def source_of(file: ExtractFile) -> str:
    """Return a relation over the file's columns and ``"row in file"``, from 1."""
    return (
        '(SELECT *, file_row_number + 1 AS "row in file" FROM read_parquet('
        f"{quote_text(str(file.parquet))}, hive_partitioning = false, file_row_number = true))"
    )


def parsed_rows(file: ExtractFile, source: str) -> tuple[str, list[Any]]:
    """Return a query over ``source`` (a relation with ``"row in file"``), and its parameters.

    Its columns: row_number, ``value <COLUMN>`` per declared column, and ``fault``: the 1-based
    position in :func:`checks_of` of the first check failed, or null.
    """
    declared = file.register.columns
    given, values = [], []
    for c in declared:
        name = file.columns.get(c.name)
        # An optional column that the file lacks.
        original, physical = "CAST(NULL AS VARCHAR)", "VARCHAR"
        if name is not None:
            physical = file.types[name]
            original = given_expression(name, physical)
        given.append(f'{original} AS "given {c.name}"')
        values.append(value_expression(f'"given {c.name}"', physical, c) + f' AS "value {c.name}"')
    checks = checks_of(file)
    cases = " ".join(f"WHEN {check.fails} THEN {n}" for n, check in enumerate(checks, start=1))
    kept = ["row_number", *(f'"value {c.name}"' for c in declared)]
    sql = (
        f"SELECT {', '.join(kept)}, CASE {cases} END AS fault FROM ("
        f"SELECT *, {', '.join(values)} FROM ("
        f'SELECT "row in file" AS row_number, {", ".join(given)} FROM {source}))'
    )
    return sql, [parameter for check in checks for parameter in check.parameters]


def original_json(file: ExtractFile, identifiers: Mapping[str, str]) -> str:
    """Return SQL for the JSON text of a row's declared values as they stood in the file, as text.

    ``identifiers`` is SQL for the columns that identify someone, by their name in the file. What
    may be a person number in another column is hidden: a row with a field too many has it there.
    """
    pairs = ", ".join(
        f"{quote_text(name)}: {identifiers.get(name) or _without_numbers(name)}"
        for name in file.columns.values()
    )
    return f"CAST(to_json({{{pairs}}}) AS VARCHAR)"


#: What may be a person number in a column of codes, dates or numbers: longer than any of them, or
#: a CPR number as it is usually written. Only in a value with a digit: words may be as long.
_NUMBERS = "[0-9A-Za-z]{10,}|[0-9]{6}[- ][0-9]{4}"
HIDDEN = "***"


def _without_numbers(name: str) -> str:
    text = f"CAST({quote_identifier(name)} AS VARCHAR)"
    hidden = f"regexp_replace({text}, '{_NUMBERS}', '{HIDDEN}', 'g')"
    return f"CASE WHEN regexp_matches({text}, '[0-9]') THEN {hidden} ELSE {text} END"
