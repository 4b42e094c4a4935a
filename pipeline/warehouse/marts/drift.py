"""What a load is held against: what earlier ones counted of the same years by the same rules.

``meta.share_reference`` has the rows about residents of each register and year, and the share of
each level of each factor in each year at risk. It goes from load to load; what stays within the
shipped tolerance stays as it was first counted, so that many small losses add up to one that stops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipeline.errors import StorageError
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.database.sqlfiles import SqlFile, read_folder
from pipeline.warehouse.marts.fingerprints import codes_fingerprint, contents_of, file_rules

if TYPE_CHECKING:
    from pipeline.warehouse.marts.questions import Mart

_MATCHES, _SHARES = "core.population_match", "mart.factor_share"
#: What tells one synthetic country from another; null of real registers, which are one country.
_COUNTRY = "is_synthetic, seed, scale, scenario, generator_version"
_COLUMNS = "rules, subject, level, year, n, share"
#: The shipped tolerance: whoever lets more through says so.
_UNASKED = Settings.model_fields["max_drift_share"].default


def drift_variables(
    settings: Settings, variables: Mapping[str, Any], files: Sequence[SqlFile]
) -> dict[str, str]:
    """Return the fingerprints of how matches and shares are counted, as variables of checks.

    ``variables`` and ``files`` are those of the mart of ``settings``. Loads are compared where
    they are equal; other SQL, another benchmark or other code lists begin anew. A window to
    measure change from has no shares, and an empty fingerprint of them.
    """
    core = read_folder("core")
    lists = codes_fingerprint(settings.codes_folder)
    below = {
        name: lists if name.startswith("codes.") else ""
        for file in (*core, *files)
        for name in file.reads
    }
    match = next(file for file in core if file.object == _MATCHES)
    return {
        "match_rules": file_rules(match, variables),
        "share_rules": contents_of([*core, *files], variables, below).get(_SHARES, ""),
    }


def take_over(
    connection: duckdb.DuckDBPyConnection,
    earlier: Path,
    marts: Sequence[Mart],
    progress: Callable[[str], None],
) -> None:
    """Fill ``meta.share_reference`` with that of the database ``earlier``, if there is one.

    ``meta.source`` must be that of the delivery. Of another synthetic country, and of a database
    of a version that kept none, nothing is taken over. What of it ``marts`` count by other rules is
    no reference any more: ``progress`` is told.
    """
    rows = _kept(earlier, connection.execute(f"SELECT {_COUNTRY} FROM meta.source").fetchone())
    connection.execute("TRUNCATE meta.share_reference")
    if rows:
        connection.executemany("INSERT INTO meta.share_reference VALUES (?, ?, ?, ?, ?, ?)", rows)
        for what in _begun_anew({rules for rules, *_ in rows}, marts):
            progress(
                f"drift: {what} cannot be held against the last load, which counted by other rules "
                "(version of Tildeling or DuckDB, benchmark, code lists, settings); what this load "
                "counts is the reference from now on"
            )


def _begun_anew(before: Set[str], marts: Sequence[Mart]) -> list[str]:
    """Return in words what of ``marts`` is counted by rules that are not among those ``before``."""
    anew = []
    if marts[0].variables["match_rules"] not in before:
        anew.append("the registers' rows about residents")
    anew += [
        f"the factors' shares of {mart.settings.question.name}"
        for mart in marts
        if mart.checks and mart.variables["share_rules"] not in before
    ]
    return anew


def _kept(earlier: Path, country: object) -> list[tuple[Any, ...]]:
    if not earlier.exists():
        return []
    try:
        with connect(earlier, read_only=True) as connection:
            if connection.execute(f"SELECT {_COUNTRY} FROM meta.source").fetchone() != country:
                return []
            return connection.execute(f"SELECT {_COLUMNS} FROM meta.share_reference").fetchall()
    except (duckdb.Error, StorageError):
        # As for the rest of an earlier load: what cannot be read is as if it were not there.
        return []


def keep(connection: duckdb.DuckDBPyConnection, marts: Sequence[Mart]) -> None:
    """Renew ``meta.share_reference`` after the checks have let a load through.

    What changed by more than the shipped ``max_drift_share`` was let through on purpose and becomes
    the reference, as does what was not counted before; other rows stay. What is not counted any
    more goes.
    """
    counted = {
        marts[0].variables["match_rules"]: "SELECT register AS subject, '(matched)' AS level, year,"
        f" n_matched AS n, match_share AS share, n_matched AS compared FROM {_MATCHES}"
    }
    for mart in marts:
        if mart.checks:
            counted.setdefault(
                mart.variables["share_rules"],
                "SELECT factor AS subject, level, year, n_persons AS n, share, share AS compared"
                f" FROM {mart.schema}.factor_share",
            )
    of_before = "CASE WHEN before.level = '(matched)' THEN before.n ELSE before.share END"
    for rules, query in counted.items():
        same = "before.rules = ? AND (before.subject, before.level, before.year)"
        connection.execute(
            "INSERT OR REPLACE INTO meta.share_reference"
            f" SELECT ?, subject, level, year, n, share FROM ({query}) AS now WHERE NOT EXISTS ("
            f"SELECT 1 FROM meta.share_reference AS before WHERE {same}"
            f" = (now.subject, now.level, now.year)"
            f" AND abs(now.compared - {of_before}) <= ? * greatest(now.compared, {of_before}))",
            [rules, rules, _UNASKED],
        )
        connection.execute(
            f"DELETE FROM meta.share_reference AS before WHERE {same}"
            f" NOT IN (SELECT (subject, level, year) FROM ({query}))",
            [rules],
        )
    connection.execute(
        "DELETE FROM meta.share_reference WHERE NOT list_contains(CAST(? AS VARCHAR[]), rules)",
        [list(counted)],
    )
