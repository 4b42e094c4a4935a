"""The risk set's SQL with the factors put in: one query per factor made one query of them all.

A factor whose file only looks at the row that another table of mart has for the person and year
(``SELECT x.person_id, x.year, ... AS level FROM mart.x``) becomes a column over one join of that
table, however many factors read it. Any other query is joined as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.codes.factors import Factor, factors

_OF_A_ROW = re.compile(
    r"SELECT\s+(\w+)\.person_id,\s+\1\.year,\s+(.*)\s+AS level\s+FROM mart\.\1", re.DOTALL
)
_COLUMNS, _JOINS = "    -- factors: columns\n", "-- factors: joins\n"
#: The table with a row for everyone.
_EVERYONE = "resident_year"


def has_factors(text: str) -> bool:
    """Return whether the SQL ``text`` asks for factors to be put in."""
    return _COLUMNS in text and _JOINS in text


def with_factors(text: str, table: str, names: Sequence[str] | None = None) -> str:
    """Return the SQL ``text`` that makes ``table`` with the factors ``names``, in their order.

    All there are where none are named. Their columns have comments.
    """
    factors = _named(names)
    columns, joins = [], []
    joined = set(re.findall(r"LEFT JOIN mart\.(\w+)", text)) | {_EVERYONE}
    for factor in factors:
        otherwise = f"'{factor.otherwise}'"
        if of_row := _OF_A_ROW.fullmatch(factor.query):
            source, level = of_row[1], of_row[2]
            if source not in joined:
                joined.add(source)
                joins.append(_join(f"mart.{source}", source))
            if source != _EVERYONE:
                level = f"CASE WHEN {source}.person_id IS NULL THEN {otherwise} ELSE {level} END"
        else:
            source = f"of_{factor.name}"
            joins.append(_join(f"({factor.query}) AS {source}", source))
            level = f"coalesce({source}.level, {otherwise})"
        columns.append(f"    {level} AS {factor.name},\n")
    comments = [f"COMMENT ON COLUMN {table}.{f.name} IS '{_comment(f)}';\n" for f in factors]
    return text.replace(_COLUMNS, "".join(columns)).replace(_JOINS, "".join(joins)) + "".join(
        comments
    )


def factor_reads(reads: Sequence[str], names: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return ``reads`` and what the factors ``names`` read, each once."""
    return tuple(dict.fromkeys([*reads, *(read for f in _named(names) for read in f.reads)]))


def _named(names: Sequence[str] | None) -> list[Factor]:
    known = factors()
    return [known[name] for name in (known if names is None else names)]


def _join(what: str, alias: str) -> str:
    return (
        f"LEFT JOIN {what}\n    ON {_EVERYONE}.person_id = {alias}.person_id"
        f" AND {_EVERYONE}.year = {alias}.year\n"
    )


def _comment(factor: Factor) -> str:
    return f"{factor.title_en}: {factor.caveat}.".replace("'", "''")
