"""What a declaration demands of each value, as SQL over one file.

A row fails at the first check, in column order, that it does not pass. Values of the declaration
are bound as parameters; only names are written into the SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.registers import Column
from pipeline.warehouse.database.connection import file_pattern, quote_identifier, quote_text
from pipeline.warehouse.delivery.extractfiles import ExtractFile
from pipeline.warehouse.delivery.values import (
    given_expression,
    text_expression,
    value_expression,
)

#: The column of each code list that holds its codes.
CODE_COLUMNS = {"municipality": "municipality_code"}
#: The view of each code list whose codes were not always valid: code, valid_from, valid_to,
#: is_current.
CODE_PERIODS = {"municipality": "municipality_period"}
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
    source, value = f'"given {column.name}"', f'"value {column.name}"'
    checks: list[RowCheck] = []

    def add(kind: str, expected: str, fails: str, *parameters: Any) -> None:
        checks.append(
            RowCheck(f"{column.name.lower()}_{kind}", column.name, expected, fails, parameters)
        )

    if not column.nullable:
        add("missing", "a value", f"{source} IS NULL")
    if column.type != "VARCHAR":
        readable = _READABLE[column.type]
        add("type", readable, f"{source} IS NOT NULL AND {value} IS NULL")
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


def checks_of(file: ExtractFile) -> list[RowCheck]:
    """Return all row checks of the file's register, in column order."""
    return [
        check for column in file.register.columns for check in row_checks(column, file.file_year)
    ]


def source_of(file: ExtractFile) -> str:
    """Return a relation over the file's columns and ``"row in file"``, from 1."""
    return (
        '(SELECT *, file_row_number + 1 AS "row in file" FROM read_parquet('
        f"{quote_text(file_pattern(str(file.parquet)))}, hive_partitioning = false,"
        " file_row_number = true))"
    )


def parsed_rows(
    file: ExtractFile,
    source: str,
    *,
    with_values: bool = False,
    unchecked: Mapping[str, str] | None = None,
) -> tuple[str, list[Any]]:
    """Return a query over ``source`` (a relation with ``"row in file"``), and its parameters.

    Its columns: row_number, ``value <COLUMN>`` per declared column, and ``fault``: the 1-based
    position in :func:`checks_of` of the first check failed, or null. ``with_values``, also
    ``fault_value``: the value that failed, as it may be shown (:func:`_shown_value`). ``unchecked``
    has SQL over the file for columns that are to be that and are not checked.
    """
    declared = file.register.columns
    unchecked = unchecked or {}
    sources, values, shown = [], [], {}
    for c in declared:
        if c.name in unchecked:
            sources.append(f'{unchecked[c.name]} AS "given {c.name}"')
            values.append(f'"given {c.name}" AS "value {c.name}"')
            continue
        name = file.columns.get(c.name)
        # An optional column that the file lacks.
        original, physical = "CAST(NULL AS VARCHAR)", "VARCHAR"
        if name is not None:
            physical = file.types[name]
            original = given_expression(name, physical)
        sources.append(f'{original} AS "given {c.name}"')
        values.append(value_expression(f'"given {c.name}"', physical, c) + f' AS "value {c.name}"')
        shown[c.name] = _shown_value(text_expression(f'"given {c.name}"', physical), c)
    checks = [(n, c) for n, c in enumerate(checks_of(file), 1) if c.column not in unchecked]
    # A condition first that no row meets: a register may have nothing else to check.
    cases = " ".join(["WHEN false THEN 0", *(f"WHEN {c.fails} THEN {n}" for n, c in checks)])
    kept = ["row_number", *(f'"value {c.name}"' for c in declared)]
    sql = (
        f"SELECT {', '.join(kept)}, CASE {cases} END AS fault FROM ("
        f"SELECT *, {', '.join(values)} FROM ("
        f'SELECT "row in file" AS row_number, {", ".join(sources)} FROM {source}))'
    )
    if with_values:
        of_column = " ".join(f"WHEN {n} THEN {shown[check.column]}" for n, check in checks)
        sql = sql.replace(" AS fault FROM (", " AS fault, * FROM (", 1)
        kept.append(f"fault, CASE fault {of_column} END AS fault_value")
        sql = f"SELECT {', '.join(kept)} FROM ({sql})"
    return sql, [parameter for _, check in checks for parameter in check.parameters]


def _shown_value(text: str, column: Column) -> str:
    """Return SQL for a value as it may stand in a message.

    Of what identifies somebody only the form: 9 for a digit and A for a letter.
    """
    if column.identifies is None:
        return _hidden(text)
    digits = f"regexp_replace({text}, '[0-9]', '9', 'g')"
    return f"regexp_replace({digits}, '[A-Za-zÆØÅæøå]', 'A', 'g')"


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
    return _hidden(f"CAST({quote_identifier(name)} AS VARCHAR)")


def _hidden(text: str) -> str:
    hidden = f"regexp_replace({text}, '{_NUMBERS}', '{HIDDEN}', 'g')"
    return f"CASE WHEN regexp_matches({text}, '[0-9]') THEN {hidden} ELSE {text} END"
