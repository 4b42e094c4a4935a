"""Checks of core and mart: each selects failing rows; all that stop a run are raised together.

A check is a file in ``sql/checks`` with ``severity: stop`` or ``severity: warn``. The first table
it reads is the one whose rows are counted as looked at. Uniqueness of the key that each core and
mart file declares is checked without a file, but where it follows from the keys of others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import duckdb

from pipeline.errors import CheckError
from pipeline.setting_values import ENVIRONMENT_PREFIX
from pipeline.warehouse.database.connection import count_keys, quote_identifier
from pipeline.warehouse.database.session import set_values
from pipeline.warehouse.database.sqlfiles import SqlFile, in_build_order, read_folder
from pipeline.warehouse.marts.increment import Plan, key_check
from pipeline.warehouse.marts.quality import finding, record
from pipeline.warehouse.marts.questions import Mart

_N_SAMPLES = 5
#: Key columns that name a person or lead to one; their values are never published.
_OF_PERSONS = frozenset({"person_id", "PNR", "family_id", "contact_id", "RECNUM", "DW_EK_KONTAKT"})
_COUNT_OF_PERSONS = "n_persons"
#: What the header of a check says of its source where a setting rules it.
_SETTING = "setting "
_IN_META = "in meta.check_sample"


@dataclass(frozen=True)
class CheckResult:
    """One check: what it looked at, how many rows failed, and how severe that is.

    ``setting`` is the one that says how much is too much, if there is one.
    """

    name: str
    about: str
    grain: str
    severity: str
    n_rows: int
    n_failing: int
    sample_keys: str | None = None
    setting: str | None = None

    @property
    def status(self) -> str:
        """``ok``, or the severity when a row failed."""
        return self.severity if self.n_failing else "ok"

    @property
    def finding(self) -> str:
        """What failing rows there are, in words that name nobody."""
        return f"{self.n_failing:,} failing rows ({self.grain}) in {self.n_rows:,} rows"


def run_checks(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    marts: Sequence[Mart],
    progress: Callable[[str], None] = lambda _: None,
) -> list[CheckResult]:
    """Return the result of every stale check of ``plan`` and ``marts``, after recording it.

    Results go to ``meta.data_quality``, samples of failing rows to ``meta.check_sample``; what
    checks that are not stale left there stays. Raises :class:`CheckError` naming every check with
    severity ``stop`` that failed.
    """
    progress("checking core and mart")
    stale = [name for name in sorted(plan.stale | plan.gone) if name.startswith("checks.")]
    _forget(connection, [_name(name) for name in stale])
    built = in_build_order(read_folder("core"))
    built += [file for mart in marts for file in mart.files]
    looked_at = LookedAt(connection)
    results = [
        _unique(connection, file, looked_at)
        for file in built
        if file.has_own_key and key_check(file) in plan.stale
    ]
    for mart in marts:
        set_values(connection, mart.variables)
        results += [
            _run(connection, file, looked_at) for file in mart.checks if file.object in plan.stale
        ]
    record(
        connection,
        [
            finding(
                result.about,
                result.name,
                severity=result.severity,
                n_rows=result.n_rows,
                n_failing=result.n_failing,
                status=result.status,
                detail=result.finding if result.n_failing else None,
                sample_keys=result.sample_keys,
            )
            for result in results
        ],
    )
    raise_stops(results)
    return results


def _forget(connection: duckdb.DuckDBPyConnection, checks: Sequence[str]) -> None:
    for table in ("data_quality", "check_sample"):
        connection.execute(
            f'DELETE FROM meta.{table} WHERE list_contains(CAST(? AS VARCHAR[]), "check")', [checks]
        )


def raise_stops(results: Sequence[CheckResult]) -> None:
    """Raise one :class:`CheckError` that lists all ``results`` with status ``stop``, if any."""
    stops = [result for result in results if result.status == "stop"]
    if stops:
        noun = "check" if len(stops) == 1 else "checks"
        raise CheckError(
            f"{len(stops)} {noun} failed; registers.duckdb was not replaced:\n"
            + "\n".join(
                f"  - {stop.about}: {stop.name}: {stop.finding}; {_shown(stop.sample_keys)}"
                for stop in stops
            ),
            expected="no failing rows",
            next_step="see the check's file in sql/checks, or the key in the header of the table."
            + _let_through(stops),
        )


def _let_through(stops: Sequence[CheckResult]) -> str:
    """Return how findings that are true changes are let through, of those that a setting rules."""
    ruled = [f"{ENVIRONMENT_PREFIX}{s.setting.upper()} ({s.name})" for s in stops if s.setting]
    if not ruled:
        return ""
    return (
        " Have the register delivered anew; a change that is true is let through by another "
        + ", ".join(ruled)
        + "."
    )


def _shown(samples: str | None) -> str:
    if samples is None or samples == _IN_META:
        # The database with the samples is not kept when the run stops.
        return "their keys name persons"
    return f"e.g. {samples}"


class LookedAt(dict[str, int]):
    """The number of rows of a table or view by its name, counted once: some views take seconds."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__()
        self._connection = connection

    def __missing__(self, name: str) -> int:
        self[name] = n_rows = _number(self._connection, f"SELECT count(*) FROM {name}")
        return n_rows


def _unique(
    connection: duckdb.DuckDBPyConnection, file: SqlFile, looked_at: LookedAt
) -> CheckResult:
    """Return whether rows share a key: their hashes tell whether it is worth looking for them."""
    key = ", ".join(quote_identifier(name) for name in file.key)
    looked_at[file.object], n_keys = count_keys(connection, file.object, file.key)
    name, grain = _name(key_check(file)), "one row per repeated key"
    if looked_at[file.object] == n_keys:
        return CheckResult(name, file.object, grain, "stop", n_keys, 0)
    repeated = f"SELECT {key}, count(*) AS n FROM {file.object} GROUP BY {key} HAVING count(*) > 1"
    return _result(connection, name, file.object, grain, "stop", file.key, repeated, looked_at)


def _run(connection: duckdb.DuckDBPyConnection, file: SqlFile, looked_at: LookedAt) -> CheckResult:
    severity, about = file.severity or "stop", file.reads[0]
    result = _result(
        *(connection, _name(file.object), about, file.grain, severity, file.key, file.text),
        looked_at,
    )
    of_setting = file.source.startswith(_SETTING)
    return replace(result, setting=file.source.removeprefix(_SETTING)) if of_setting else result


def _name(check: str) -> str:
    return check.removeprefix("checks.")


def _result(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    about: str,
    grain: str,
    severity: str,
    key: Sequence[str],
    failing_rows: str,
    looked_at: LookedAt,
) -> CheckResult:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE failing AS {failing_rows}")
    n_failing = _number(connection, "SELECT count(*) FROM failing")
    samples = None
    if n_failing:
        connection.execute(
            "INSERT INTO meta.check_sample SELECT ?, row_number() OVER (ORDER BY rowid),"
            " CAST(to_json(failing) AS VARCHAR) FROM failing ORDER BY rowid LIMIT ?",
            [name, _N_SAMPLES],
        )
        samples = _sample_keys(connection, key)
    connection.execute("DROP TABLE failing")
    return CheckResult(name, about, grain, severity, looked_at[about], n_failing, samples)


def _sample_keys(connection: duckdb.DuckDBPyConnection, key: Sequence[str]) -> str:
    """Return the first failing rows, or where they are when their keys name persons.

    A row is its key and in brackets what else the check says of it; never a count of persons.
    """
    if not key or _OF_PERSONS & set(key):
        return _IN_META
    cursor = connection.execute("SELECT * FROM failing ORDER BY rowid LIMIT ?", [_N_SAMPLES])
    names = [str(column[0]) for column in cursor.description]
    samples = []
    for row in cursor.fetchall():
        values = dict(zip(names, row, strict=True))
        about = " ".join(str(values[name]) for name in key)
        others = [
            f"{name} {value}"
            for name, value in values.items()
            if name not in {*key, *_OF_PERSONS, _COUNT_OF_PERSONS} and value is not None
        ]
        samples.append(f"{about} ({', '.join(others)})" if others else about)
    return "; ".join(samples)


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])
