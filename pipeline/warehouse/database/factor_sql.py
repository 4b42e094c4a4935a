"""The risk set's SQL with the factors put in, a few queries at a time.

A factor whose file only looks at the row that another table of mart has for the person and year
(``SELECT x.person_id, x.year, ... AS level FROM mart.x``) becomes a column over one join of that
table, however many factors read it. Any other query is joined as it stands. Each step makes the
table of who is at risk anew with some more factors: joined in one statement, all that 22 of them
read would be in memory at once (a whole country did not fit in 4 GB). The last step is what the
table with all factors is made from, and is not stored before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.codes.factors import Factor, factors

_OF_A_ROW = re.compile(
    r"SELECT\s+(\w+)\.person_id,\s+\1\.year,\s+(.*)\s+AS level\s+FROM mart\.\1", re.DOTALL
)
_COLUMNS, _STEPS = "    -- factors: columns\n", "-- factors: steps\n"
_LAST_STEP = "-- factors: last step\nFROM person_at_risk;\n"
#: The table that has a row for everyone, and who of them is at risk.
_EVERYONE, _AT_RISK = "resident_year", "person_at_risk"
#: Queries that one step joins.
_QUERIES_AT_ONCE = 3


def has_factors(text: str) -> bool:
    """Return whether the SQL ``text`` asks for factors to be put in."""
    return _COLUMNS in text and _STEPS in text


def with_factors(text: str, table: str, names: Sequence[str] | None = None) -> str:
    """Return the SQL ``text`` that makes ``table`` with the factors ``names``, in their order.

    All there are where none are named. Their columns have comments.
    """
    factors = _named(names)
    of_rows = {f.name: m for f in factors if (m := _OF_A_ROW.fullmatch(f.query))}
    queries = [factor for factor in factors if factor.name not in of_rows]
    steps = [_row_step(factors, of_rows)] if of_rows else []
    steps += [
        _query_step(queries[first : first + _QUERIES_AT_ONCE])
        for first in range(0, len(queries), _QUERIES_AT_ONCE)
    ]
    columns = [f"    {_AT_RISK}.{factor.name},\n" for factor in factors]
    comments = [f"COMMENT ON COLUMN {table}.{f.name} IS '{_comment(f)}';\n" for f in factors]
    stored = [f"CREATE OR REPLACE TEMP TABLE {_AT_RISK} AS\n{step};\n" for step in steps[:-1]]
    if steps:
        text = text.replace(_LAST_STEP, f"FROM (\n{steps[-1]}) AS {_AT_RISK};\n")
    text = text.replace(_COLUMNS, "".join(columns)).replace(_STEPS, "\n".join(stored))
    return text + "".join(comments)


def factor_reads(reads: Sequence[str], names: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return ``reads`` and what the factors ``names`` read, each once."""
    return tuple(dict.fromkeys([*reads, *(read for f in _named(names) for read in f.reads)]))


def _named(names: Sequence[str] | None) -> list[Factor]:
    known = factors()
    return [known[name] for name in (known if names is None else names)]


def _row_step(factors: Sequence[Factor], of_rows: dict[str, re.Match[str]]) -> str:
    """Return the step of the factors that stand in a row of mart, each table joined once."""
    columns = {}
    for factor in factors:
        if factor.name in of_rows:
            source, level = of_rows[factor.name].groups()
            columns[factor.name] = (
                level
                if source == _EVERYONE
                else f"CASE WHEN {source}.person_id IS NULL THEN '{factor.otherwise}'"
                f" ELSE {level} END"
            )
    tables = dict.fromkeys(match[1] for match in of_rows.values())
    return _step(columns, [(f"mart.{source}", source) for source in tables])


def _query_step(factors: Sequence[Factor]) -> str:
    """Return the step of ``factors`` whose queries are joined as they stand."""
    columns = {
        factor.name: f"coalesce(of_{factor.name}.level, '{factor.otherwise}')" for factor in factors
    }
    joined = [(f"({factor.query}) AS of_{factor.name}", f"of_{factor.name}") for factor in factors]
    return _step(columns, joined)


def _step(columns: dict[str, str], joined: Sequence[tuple[str, str]]) -> str:
    """Return the query that adds ``columns`` (name: SQL) over the tables (SQL, alias)."""
    added = "".join(f",\n    {level} AS {name}" for name, level in columns.items())
    joins = "".join(
        f"LEFT JOIN {what}\n    ON {_AT_RISK}.person_id = {alias}.person_id"
        f" AND {_AT_RISK}.year = {alias}.year\n"
        for what, alias in joined
    )
    return f"SELECT\n    {_AT_RISK}.*{added}\nFROM {_AT_RISK}\n{joins}"


def _comment(factor: Factor) -> str:
    return f"{factor.title_en}: {factor.caveat}.".replace("'", "''")
