"""SQL that turns a delivered value into its declared type: one rule for every format of file.

``source`` is SQL for the original value (:func:`given_expression`), ``physical`` the type it has in
the file: DuckDB's, or ``SAS_DAYS`` for a number without a date format in a column of dates.
"""

from __future__ import annotations

from pipeline.registers import ZONE, Column
from pipeline.registers.declaration import DATE_FORMS
from pipeline.warehouse.database.connection import quote_identifier, quote_text

#: Numbers of a SAS data set in a column declared as a date that has no date format.
SAS_DAYS = "SAS_DAYS"
INTEGERS = {
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
}
#: A number this small is a day counted from 1960 (1686-2233); YYYYMMDD has eight digits.
_MOST_DAYS = 100_000
_TIME = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
_ISO_MOMENT = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T]{_TIME}"
_OFFSET = " ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)"
#: Other forms of a date with a time after it, as ``strptime`` has them.
_MOMENT_FORMS = (
    *(f"%d{mark}%m{mark}%Y {time}" for mark in "-." for time in ("%H:%M", "%H:%M:%S")),
    *("%d%b%Y:%H:%M", "%d%b%Y:%H:%M:%S", "%d%b%Y:%H:%M:%S.%f", "%d%b%Y %H:%M:%S"),
    *("%Y%m%dT%H%M%S", "%Y%m%d %H:%M:%S"),
)


def given_expression(name: str, physical: str) -> str:
    """Return SQL for the original value of the file's column ``name``: blank text is missing."""
    column = quote_identifier(name)
    if physical == "VARCHAR":
        return f"nullif(trim({column}), '')"
    return column


def is_text(physical: str) -> bool:
    """Return whether values of the type ``physical`` are text."""
    return physical == "VARCHAR" or physical.startswith("ENUM")


def is_decimal(physical: str) -> bool:
    """Return whether numbers of the type ``physical`` may have decimals."""
    return physical in ("DOUBLE", "FLOAT", SAS_DAYS) or physical.startswith("DECIMAL")


def is_number(physical: str) -> bool:
    """Return whether values of the type ``physical`` are numbers."""
    return physical in INTEGERS or is_decimal(physical)


def has_zone(physical: str) -> bool:
    """Return whether values of the type ``physical`` are moments that say which clock is meant."""
    return physical in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")


def value_expression(source: str, physical: str, column: Column) -> str:
    """Return SQL that turns ``source`` into the type of ``column``, null where it does not parse.

    Whole numbers in a decimal column become text without decimals; a code of digits alone gets its
    leading zeros up to the column's ``digits``, in text as in numbers; text is never rounded to an
    integer; dates as text come in the forms of ``DATE_FORMS``, numbers as text with a decimal
    point or a decimal comma. A moment is the day it was in ``ZONE``.
    """
    declared = column.type
    if declared == "VARCHAR":
        return _padded(text_expression(source, physical), column.digits)
    if declared == physical:
        return f"CAST({source} AS {declared})"
    text = text_expression(source, physical)
    if declared == "DATE":
        return _date_expression(source, physical)
    if declared == "INTEGER":
        if physical in INTEGERS:
            return f"TRY_CAST({source} AS INTEGER)"
        if is_decimal(physical):
            return f"CASE WHEN {source} = trunc({source}) THEN TRY_CAST({source} AS INTEGER) END"
        whole = f"regexp_full_match({text}, '[+-]?[0-9]+')"
        return f"CASE WHEN {whole} THEN TRY_CAST({text} AS INTEGER) END"
    number = f"TRY_CAST({source} AS DOUBLE)"
    if is_text(physical):
        with_comma = f"regexp_full_match({text}, '[+-]?[0-9]*,[0-9]+')"
        number = (
            f"TRY_CAST(CASE WHEN {with_comma} THEN replace({text}, ',', '.') ELSE {text} END"
            " AS DOUBLE)"
        )
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def text_expression(source: str, physical: str) -> str:
    """Return SQL for ``source`` as text; a whole number in a decimal type has no decimals."""
    text = f"CAST({source} AS VARCHAR)"
    if not is_decimal(physical):
        return text
    as_whole = f"CAST(TRY_CAST({source} AS BIGINT) AS VARCHAR)"
    return f"CASE WHEN {source} = trunc({source}) THEN coalesce({as_whole}, {text}) ELSE {text} END"


def lacks_zeros(text: str, digits: int) -> str:
    """Return SQL that is true of a ``text`` of digits alone, fewer than ``digits``."""
    # What sorts before a colon begins with a digit, or a sign that the pattern refuses: most codes
    # with letters never come to the pattern.
    return f"(length({text}) < {digits} AND {text} < ':' AND regexp_full_match({text}, '[0-9]+'))"


def delivered_without_zeros(name: str, digits: int) -> str:
    """Return SQL as :func:`lacks_zeros` for the text column ``name`` as it stands in a file.

    One function of the column alone, which DuckDB asks once per entry of a Parquet dictionary.
    """
    # What `trim` takes off is what Unicode calls a space.
    pattern = rf"\p{{Zs}}*[0-9]{{1,{digits - 1}}}\p{{Zs}}*"
    return f"regexp_full_match({quote_identifier(name)}, '{pattern}')"


def _padded(text: str, digits: int | None) -> str:
    if digits is None:
        return text
    return f"CASE WHEN {lacks_zeros(text, digits)} THEN lpad({text}, {digits}, '0') ELSE {text} END"


def moment_expression(source: str, physical: str) -> str:
    """Return SQL for the TIMESTAMP on Danish clocks that ``source`` is; null where it has no time.

    Text is a moment when a time follows a date in one of ``DATE_FORMS``; after an ISO date the
    difference from UTC may follow. A moment without it is on Danish clocks already.
    """
    if has_zone(physical):
        return f"timezone({quote_text(ZONE)}, CAST({source} AS TIMESTAMPTZ))"
    if physical.startswith("TIMESTAMP"):
        return f"CAST({source} AS TIMESTAMP)"
    if not is_text(physical):
        return "CAST(NULL AS TIMESTAMP)"
    text = f"CAST({source} AS VARCHAR)"
    point = f"replace({text}, ',', '.')"
    # Written out in full: not every version of DuckDB reads one without seconds or colon.
    parts = "'^.{10}.([0-9:]{5})(:[0-9.]+)? ?(Z|UTC|[+-][0-9]{2}):?([0-9]{2})?$'"
    clock, seconds, hours, minutes = (
        f"regexp_extract({point}, {parts}, {group})" for group in range(1, 5)
    )
    in_full = (
        f"concat({text}[1:10], ' ', {clock}, coalesce(nullif({seconds}, ''), ':00'),"
        f" CASE WHEN {hours} IN ('Z', 'UTC') THEN '+00' ELSE {hours} END,"
        f" ':', coalesce(nullif({minutes}, ''), '00'))"
    )
    with_zone = f"timezone({quote_text(ZONE)}, TRY_CAST({in_full} AS TIMESTAMPTZ))"
    forms = ", ".join(map(quote_text, _MOMENT_FORMS))
    return (
        f"CASE WHEN length({text}) <= 10 THEN NULL"
        f" WHEN regexp_full_match({text}, '{_ISO_MOMENT}') THEN TRY_CAST({point} AS TIMESTAMP)"
        f" WHEN regexp_full_match({text}, '{_ISO_MOMENT}{_OFFSET}') THEN {with_zone}"
        f" ELSE try_strptime({text}, [{forms}]) END"
    )


def _date_expression(source: str, physical: str) -> str:
    """Return SQL for the date that ``source`` is, else null."""
    if physical.startswith("TIMESTAMP"):
        return f"CAST({moment_expression(source, physical)} AS DATE)"
    dated = _dated_text(text_expression(source, physical))
    if physical == SAS_DAYS:
        is_day = f"{source} = trunc({source}) AND abs({source}) < {_MOST_DAYS}"
        day = f"DATE '1960-01-01' + CAST({source} AS INTEGER)"
        return f"CASE WHEN {is_day} THEN {day} ELSE {dated} END"
    if not is_text(physical):
        return dated
    moment = f"CAST({moment_expression(source, physical)} AS DATE)"
    return f"CASE WHEN length(CAST({source} AS VARCHAR)) > 10 THEN {moment} ELSE {dated} END"


def _dated_text(text: str) -> str:
    """Return SQL for the date that ``text`` is in one of ``DATE_FORMS``, else null."""
    whens = []
    for form in DATE_FORMS:
        pattern = form.replace(".", "[.]").replace("MON", "[A-Za-z]{3}")
        for part in ("YYYY", "MM", "DD"):
            pattern = pattern.replace(part, f"[0-9]{{{len(part)}}}")
        if form == "YYYY-MM-DD":  # as DuckDB reads it, without taking it apart
            date = f"TRY_CAST({text} AS DATE)"
        elif "MON" in form:
            date = f"CAST(try_strptime({text}, '%d%b%Y') AS DATE)"
        else:
            parts = [
                f"{text}[{form.index(part) + 1}:{form.index(part) + len(part)}]"
                for part in ("YYYY", "MM", "DD")
            ]
            date = f"TRY_CAST(concat_ws('-', {', '.join(parts)}) AS DATE)"
        whens.append(f"WHEN regexp_full_match({text}, '{pattern}') THEN {date}")
    return f"CASE {' '.join(whens)} END"
