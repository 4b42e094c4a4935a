"""Queries with answers known without a database: by plain Python, or by a public report.

Needs nothing but `duckdb`, so that `benchmarks/duckdb_versions.py` can ask other versions the same.
`REPORTS` are wrong answers that others reported of some version of DuckDB. `wrong_answers` asks
every combination of a kind of join, what its right side holds, a condition, a grouping and an
order.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import NamedTuple

import duckdb

Rows = list[tuple]


@dataclass(frozen=True)
class Report:
    """A query, its right answer in any order, and the report of duckdb/duckdb that it is from."""

    number: int
    setup: str
    query: str
    answer: Rows


REPORTS = (
    Report(
        24540,
        "",
        """SELECT * FROM (VALUES (1), (2), (NULL)) AS a (x)
        LEFT JOIN (
            SELECT p.y, q.z FROM (VALUES (2), (3), (NULL)) AS p (y)
            LEFT JOIN (VALUES (1), (3), (NULL)) AS q (z) ON p.y <> q.z
        ) AS s ON a.x <> s.y
        WHERE s.z IS NULL""",
        [(None, None, None)],
    ),
    Report(
        24542,
        """CREATE TABLE l2 (a BIGINT, ak VARCHAR);
        CREATE TABLE r2 (b BIGINT, bk VARCHAR);
        INSERT INTO l2 VALUES (1, 'x'), (2, 'y'), (3, 'p');
        INSERT INTO r2 VALUES (10, 'p'), (11, 'q')""",
        """SELECT * FROM (
            SELECT l2.a, l2.ak, r2.b FROM l2 LEFT JOIN r2 ON l2.ak = r2.bk
            ORDER BY b DESC NULLS FIRST, a ASC NULLS LAST LIMIT 2
        ) AS s WHERE s.b <= 20""",
        [],
    ),
    Report(
        25046,
        """CREATE TABLE t0 (c0 INT, c1 BOOLEAN, c2 BOOLEAN, c3 VARCHAR);
        CREATE TABLE t1 (c0 INT, c1 BOOLEAN);
        INSERT INTO t0 (c0, c3, c1) VALUES (-189492252, 'hEC', true);
        INSERT INTO t1 (c1) VALUES (false), (false);
        INSERT INTO t0 (c2, c0, c1, c3) VALUES (false, 532905665, true, '');
        INSERT INTO t0 (c3, c1, c0) VALUES ('Kk', true, -1221488433);
        INSERT INTO t0 (c0, c1, c2, c3) VALUES (-946063236, false, false, '..');
        INSERT INTO t0 (c0, c2, c1) VALUES (-1316565506, true, NULL);
        INSERT INTO t1 (c0) VALUES (-366945483);
        UPDATE t1 SET c0 = -1665512872;
        INSERT INTO t1 (c1) VALUES (false), (true), (false)""",
        """SELECT t0.c2, t1.c0, t0.c3, t1.c1 FROM t0 LEFT JOIN t1
        ON t0.c2 != t1.c1 AND t0.c0 >= t1.c0 AND (CASE t0.c0 WHEN t0.c0 THEN t0.c2 END)""",
        [
            (None, None, "hEC", None),
            (False, None, "", None),
            (None, None, "Kk", None),
            (False, None, "..", None),
            (True, -1665512872, None, False),
            (True, -1665512872, None, False),
        ],
    ),
    Report(
        23688,
        """CREATE TABLE l (id INT, n INT);
        CREATE TABLE r (id INT, n INT);
        INSERT INTO l VALUES (1, NULL), (2, 2), (3, 3);
        INSERT INTO r VALUES (2, 2), (3, 99), (4, NULL)""",
        "SELECT count(*) FROM l LEFT JOIN r ON l.id = r.id WHERE l.n IS NOT DISTINCT FROM r.n",
        [(2,)],
    ),
    Report(
        23932,
        """CREATE TABLE l (k INTEGER, v INTEGER);
        CREATE TABLE r (k INTEGER, v INTEGER);
        INSERT INTO l VALUES (1, 1), (-1, 5), (2, 1);
        INSERT INTO r VALUES (1, 5), (-1, 0), (1, 1)""",
        "SELECT * FROM l ANTI JOIN r ON l.k = r.k AND l.v + r.v > 2",
        [(2, 1)],
    ),
    Report(
        23441,
        "",
        """SELECT sum(DISTINCT q) OVER (
            PARTITION BY 1 ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) FROM (VALUES (1, 1), (2, 1)) AS t (b, q)""",
        [(1,), (1,)],
    ),
    Report(
        24626,
        """CREATE TABLE f (k INTEGER, a INTEGER, b INTEGER);
        INSERT INTO f VALUES (0, 0, 1), (0, 1, 1), (1, 100, 1), (1, 101, 1);
        CREATE TABLE d (k INTEGER, g INTEGER);
        INSERT INTO d VALUES (0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (1, 0)""",
        """SELECT b, g, quantile_cont(a, 0.25), quantile_disc(a, 0.25), median(a), mad(a)
        FROM f JOIN d USING (k) GROUP BY b, g""",
        [(1, 0, 1.0, 1, 100.0, 1.0)],
    ),
    Report(
        24629,
        "",
        """SELECT sum(v) OVER (PARTITION BY a, a), sum(v) OVER (PARTITION BY a, b)
        FROM (VALUES (1, 1, 10), (1, 2, 20)) AS src (a, b, v)""",
        [(30, 10), (30, 20)],
    ),
    Report(
        23679,
        "CREATE TABLE t (a INT, b INT); INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)",
        """SELECT 'a' AS q, count(*) FROM t WHERE a > 1
        UNION ALL SELECT 'b', count(*) FROM t WHERE b > 1""",
        [("a", 2), ("b", 3)],
    ),
    Report(
        23691,
        """CREATE TABLE t AS
        SELECT i AS x, (i % 2 = 0) AS b, (i % 3 = 0) AS c FROM range(100) AS u (i)""",
        """SELECT * FROM (VALUES ((SELECT count(*) FROM t WHERE b)),
        ((SELECT count(*) FROM t WHERE c))) AS s (v)""",
        [(50,), (34,)],
    ),
    Report(
        24624,
        """CREATE TABLE t2 (c0 BOOLEAN); CREATE TABLE t0 (c1 VARCHAR);
        INSERT INTO t0 VALUES ('a'); INSERT INTO t2 VALUES (false)""",
        """SELECT * FROM t2 LEFT JOIN t0 ON true
        WHERE NOT ((NOT t2.c0) AND (substring(t0.c1 FROM -4294967296) <> t0.c1))
        UNION ALL SELECT * FROM t2 LEFT JOIN t0 ON true
        WHERE ((NOT t2.c0) AND (substring(t0.c1 FROM -4294967296) <> t0.c1)) IS NULL""",
        [(False, "a")],
    ),
    Report(
        24751,
        """CREATE TABLE t (i SMALLINT); INSERT INTO t VALUES (-23360), (29130);
        INSERT INTO t SELECT i FROM t ORDER BY i""",
        "SELECT i, count(*) FROM t GROUP BY i ORDER BY i",
        [(-23360, 2), (29130, 2)],
    ),
)

#: duckdb/duckdb 24985: over a window of one row each, a sum is that row; counts the wrong ones.
LARGE_WINDOW = """
SELECT count(*) FROM (
    SELECT c, sum(c) OVER (
        PARTITION BY a ORDER BY b RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS d
    FROM (SELECT i::VARCHAR AS a, 'abc' AS b, i::DOUBLE AS c FROM range(1, 1041749) AS u (i))
) WHERE c <> d
"""


class Left(NamedTuple):
    """A row of the table ``b``: a group, another, a number of few values, and one with nulls."""

    o: str
    m: str
    x: int
    y: int | None


class Right(NamedTuple):
    """A row of the table ``r``."""

    o: str
    m: str
    v: int


LEFT = [
    Left(f"o{i % 3}", "n" if i % 4 == 0 else "m", i % 20, None if i % 7 == 0 else i % 5 - 2)
    for i in range(300)
]
#: What the right side holds, by what it is.
RIGHT: dict[str, list[Right]] = {
    "empty": [],
    "nothing after the condition": [Right(f"o{i % 3}", "z", i) for i in range(5)],
    "no partner": [Right(f"q{i}", "m", i) for i in range(4)],
    "some partners": [Right("o1", "m", 7), Right("o1", "n", 9), Right("q1", "m", 3)],
    "all partners": [Right(f"o{i % 3}", "mn"[i % 2], i) for i in range(6)],
}
#: SQL and Python of which rows belong together; the third also narrows the right side.
ON: dict[str, Callable[[Left, Right], bool]] = {
    "b.o = r.o": lambda b, r: b.o == r.o,
    "b.o = r.o AND b.m = r.m": lambda b, r: (b.o, b.m) == (r.o, r.m),
    "b.o = r.o AND r.v > 100": lambda b, r: b.o == r.o and r.v > 100,
    "b.o = r.o AND b.x > r.v": lambda b, r: b.o == r.o and b.x > r.v,
}
WHERE: dict[str, Callable[[Left], bool]] = {
    "true": lambda b: True,
    "b.m = 'm'": lambda b: b.m == "m",
    "b.o <> 'zz'": lambda b: True,
    "b.x > 3 AND b.o IN ('o0', 'o1')": lambda b: b.x > 3 and b.o in ("o0", "o1"),
    "b.y IS NULL": lambda b: b.y is None,
}
_EMPTY = Right("", "", 0)._replace(o=None, m=None, v=None)  # type: ignore[arg-type]


def _left(b: list[Left], r: list[Right], on: Callable) -> Iterator[tuple]:
    for row in b:
        partners = [other for other in r if on(row, other)]
        yield from ((row, other) for other in partners or [_EMPTY])


def _inner(b: list[Left], r: list[Right], on: Callable) -> Iterator[tuple]:
    return ((row, other) for row in b for other in r if on(row, other))


def _semi(b: list[Left], r: list[Right], on: Callable) -> Iterator[tuple]:
    return ((row, _EMPTY) for row in b if any(on(row, other) for other in r))


def _anti(b: list[Left], r: list[Right], on: Callable) -> Iterator[tuple]:
    return ((row, _EMPTY) for row in b if not any(on(row, other) for other in r))


#: SQL of rows ``o, m, x, y, v`` by kind of join, with ``{on}`` and ``{where}``, and the same rows.
JOINS: dict[str, tuple[str, Callable]] = {
    "left": ("SELECT b.o, b.m, b.x, b.y, r.v FROM b LEFT JOIN r ON {on} WHERE {where}", _left),
    "right": ("SELECT b.o, b.m, b.x, b.y, r.v FROM r RIGHT JOIN b ON {on} WHERE {where}", _left),
    "inner": ("SELECT b.o, b.m, b.x, b.y, r.v FROM b JOIN r ON {on} WHERE {where}", _inner),
    "semi": (
        "SELECT b.o, b.m, b.x, b.y, NULL::BIGINT AS v FROM b SEMI JOIN r ON {on} WHERE {where}",
        _semi,
    ),
    "anti": (
        "SELECT b.o, b.m, b.x, b.y, NULL::BIGINT AS v FROM b ANTI JOIN r ON {on} WHERE {where}",
        _anti,
    ),
    "exists": (
        "SELECT b.o, b.m, b.x, b.y, NULL::BIGINT AS v FROM b"
        " WHERE {where} AND EXISTS (SELECT 1 FROM r WHERE {on})",
        _semi,
    ),
    "not exists": (
        "SELECT b.o, b.m, b.x, b.y, NULL::BIGINT AS v FROM b"
        " WHERE {where} AND NOT EXISTS (SELECT 1 FROM r WHERE {on})",
        _anti,
    ),
    "subquery": (
        "SELECT b.o, b.m, b.x, b.y, (SELECT max(r.v) FROM r WHERE {on}) AS v FROM b WHERE {where}",
        lambda b, r, on: (
            (row, max((other for other in r if on(row, other)), key=lambda o: o.v, default=_EMPTY))
            for row in b
        ),
    ),
    "lateral": (
        "SELECT b.o, b.m, b.x, b.y, s.v FROM b LEFT JOIN LATERAL"
        " (SELECT r.v FROM r WHERE {on}) AS s ON true WHERE {where}",
        _left,
    ),
    "narrowed": (
        "SELECT b.o, b.m, b.x, b.y, r.v FROM (SELECT * FROM b WHERE {where}) AS b"
        " LEFT JOIN (SELECT * FROM r WHERE r.v >= 0) AS r ON {on}",
        _left,
    ),
}
#: The sets of columns that rows are grouped by, by SQL of the grouping.
GROUPS: dict[str, list[tuple[str, ...]]] = {
    "GROUP BY o": [("o",)],
    "GROUP BY o, m": [("o", "m")],
    "GROUP BY ROLLUP (o, m)": [("o", "m"), ("o",), ()],
    "GROUP BY CUBE (o, m)": [("o", "m"), ("o",), ("m",), ()],
    "GROUP BY GROUPING SETS ((m), ())": [("m",), ()],
}
AGGREGATES = (
    "sum(x), sum(x::DECIMAL(9, 2)), sum(y), count(*), count(v), min(x), max(y), sum(v), max(v),"
    " count(DISTINCT x), count(*) FILTER (WHERE x > 10), sum(x) FILTER (WHERE m = 'n')"
)


def aggregates(rows: list[tuple[Left, Right]]) -> tuple:
    """Return what `AGGREGATES` is of joined rows; null where there is nothing to sum."""
    x = [b.x for b, _ in rows]
    y = [b.y for b, _ in rows if b.y is not None]
    v = [r.v for _, r in rows if r.v is not None]
    of_n = [b.x for b, _ in rows if b.m == "n"]
    return (
        *(sum(x) if x else None, Decimal(sum(x)) if x else None, sum(y) if y else None),
        *(len(rows), len(v), min(x, default=None), max(y, default=None)),
        *(sum(v) if v else None, max(v, default=None), len(set(x)), sum(n > 10 for n in x)),
        sum(of_n) if of_n else None,
    )


def grouped(rows: list[tuple[Left, Right]], sets: list[tuple[str, ...]]) -> Rows:
    """Return o, m and the aggregates of every group of every set, as GROUP BY does."""
    result: Rows = []
    for columns in sets:
        groups: dict[tuple, list] = defaultdict(list)
        for b, r in rows:
            groups[tuple(getattr(b, c) if c in columns else None for c in ("o", "m"))].append(
                (b, r)
            )
        if not columns and not rows:
            groups[None, None] = []
        result += [(*key, *aggregates(members)) for key, members in groups.items()]
    return result


def windowed(rows: list[tuple[Left, Right]]) -> Rows:
    """Return per row o, m, x and the sum of x and count of v of its o; ``sum(x)`` so far by x."""
    of: dict[str, list] = defaultdict(list)
    for b, r in rows:
        of[b.o].append((b, r))
    return [
        (
            *(b.o, b.m, b.x, sum(other.x for other, _ in of[b.o])),
            sum(other.v is not None for _, other in of[b.o]),
            sum(other.x for other, _ in of[b.o] if other.x <= b.x),
        )
        for b, _ in rows
    ]


#: Queries without groups over ``{joined}``, their answer, and whether it comes in order.
OTHERS: tuple[tuple[str, Callable[[list[tuple[Left, Right]]], Rows], bool], ...] = (
    (
        "SELECT o, m, x, sum(x) OVER (PARTITION BY o), count(v) OVER (PARTITION BY o),"
        " sum(x) OVER (PARTITION BY o ORDER BY x) FROM ({joined})",
        windowed,
        False,
    ),
    (f"SELECT {AGGREGATES} FROM ({{joined}})", lambda rows: [aggregates(rows)], False),
    (
        "SELECT DISTINCT o, v FROM ({joined}) ORDER BY ALL NULLS FIRST",
        lambda rows: list({(b.o, r.v) for b, r in rows}),
        True,
    ),
)


def in_order(rows: Rows) -> Rows:
    """Return ``rows`` sorted, nulls first in every column."""
    return sorted(rows, key=lambda row: [(v is not None, 0 if v is None else v) for v in row])


def fill(connection: duckdb.DuckDBPyConnection, right: list[Right]) -> None:
    """Make the tables ``b`` and ``r`` of `LEFT` and ``right``."""
    connection.execute(
        "CREATE OR REPLACE TABLE b (o VARCHAR, m VARCHAR, x BIGINT, y INTEGER);"
        "CREATE OR REPLACE TABLE r (o VARCHAR, m VARCHAR, v BIGINT)"
    )
    for name, table in (("b", LEFT), ("r", right)):
        values = ", ".join(
            "(" + ", ".join("NULL" if v is None else repr(v) for v in row) + ")" for row in table
        )
        if values:
            connection.execute(f"INSERT INTO {name} VALUES {values}")


def queries(kind: str, right: list[Right]) -> Iterator[tuple[str, Callable[[], Rows], bool]]:
    """Yield queries over one kind of join, what each should return, and whether in that order."""
    sql, join = JOINS[kind]
    for (on, belongs), (where, holds) in itertools.product(ON.items(), WHERE.items()):
        joined = sql.format(on=on, where=where)
        rows = cache(partial(_rows, join, holds, right, belongs))
        for group, sets in GROUPS.items():
            answer = cache(partial(lambda rows, sets: in_order(grouped(rows(), sets)), rows, sets))
            grouping = set(itertools.chain(*sets))
            shown = ", ".join(c if c in grouping else f"NULL AS {c}" for c in ("o", "m"))
            query = f"SELECT {shown}, {AGGREGATES} FROM ({joined}) {group}"
            yield query, answer, False
            yield f"{query} ORDER BY ALL NULLS FIRST", answer, True
            yield (
                f"{query} ORDER BY ALL NULLS FIRST LIMIT 2",
                partial(lambda answer: answer()[:2], answer),
                True,
            )
        for template, of_rows, is_ordered in OTHERS:
            answer = partial(lambda rows, of_rows: in_order(of_rows(rows())), rows, of_rows)
            yield template.format(joined=joined), answer, is_ordered


def _rows(
    join: Callable, holds: Callable[[Left], bool], right: list[Right], belongs: Callable
) -> list[tuple[Left, Right]]:
    return list(join([row for row in LEFT if holds(row)], right, belongs))


def answer_of(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    """Return the rows of a query, or the error as the only value of the only row."""
    try:
        return connection.execute(query).fetchall()
    except duckdb.Error as error:
        return [(str(error),)]


def wrong_answers(
    connection: duckdb.DuckDBPyConnection, kind: str, holding: str, *, every: int = 1
) -> tuple[int, list[tuple[str, Rows, Rows]]]:
    """Return how many queries were asked, and those answered wrongly with answer and right one.

    One of ``every`` queries is asked; a prime leaves none of what they combine out.
    """
    right = RIGHT[holding]
    fill(connection, right)
    n_asked, wrong = 0, []
    for query, answer, is_ordered in itertools.islice(queries(kind, right), 0, None, every):
        result = answer_of(connection, query)
        n_asked += 1
        if (result if is_ordered else in_order(result)) != answer():
            wrong.append((query, result, answer()))
    return n_asked, wrong


#: Joins written with USING, whose answer is that of the same join written with ON.
USING = {
    "SELECT o, sum(x), max(v) FROM b LEFT JOIN r USING (o) GROUP BY o ORDER BY o": (
        "b.o = r.o",
        _left,
    ),
    "SELECT o, sum(x), max(v) FROM b LEFT JOIN (SELECT * FROM r) USING (o, m) WHERE m <> 'zz'"
    " GROUP BY o ORDER BY o": ("b.o = r.o AND b.m = r.m", _left),
    "WITH narrowed AS (SELECT * FROM b WHERE m <> 'zz') SELECT o, sum(x), max(v) FROM narrowed"
    " LEFT JOIN r USING (o, m) GROUP BY o ORDER BY o": ("b.o = r.o AND b.m = r.m", _left),
    "SELECT o, sum(x), max(v) FROM b JOIN r USING (o, m) GROUP BY o ORDER BY o": (
        "b.o = r.o AND b.m = r.m",
        _inner,
    ),
}


def using_answer(query: str, right: list[Right]) -> Rows:
    """Return what a query of `USING` should return."""
    on, join = USING[query]
    of: dict[str, list] = defaultdict(list)
    for b, r in join(LEFT, right, ON[on]):
        of[b.o].append((b, r))
    return [
        (
            o,
            sum(b.x for b, _ in of[o]),
            max((r.v for _, r in of[o] if r.v is not None), default=None),
        )
        for o in sorted(of)
    ]


def report_answer(connection: duckdb.DuckDBPyConnection, report: Report) -> Rows:
    """Return what an empty database answers to the query of a report."""
    for statement in filter(str.strip, report.setup.split(";")):
        connection.execute(statement)
    return in_order(answer_of(connection, report.query))
