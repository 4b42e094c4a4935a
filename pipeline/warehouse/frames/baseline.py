"""Whether the registers reach the window that change is measured from."""

from __future__ import annotations

from pathlib import Path

from pipeline.registers import REGISTERS
from pipeline.registers.coverage import spans
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.frames.query import limits_of
from pipeline.warehouse.marts.build import needs_of
from pipeline.warehouse.marts.current import mart_of

#: A year with less than this part of a register's median year is not covered, as in
#: ``checks.lookback_covered``.
_HARDLY_ANY = 0.1


def why_not(registers: Path, settings: Settings, baseline: Settings) -> str | None:
    """Return why the window of ``baseline`` cannot be held against that of ``settings``, or None.

    Nobody was at risk in one of its years, or a register covers what the window looks back on and
    not what the baseline does: the two would not be measured alike.
    """
    years = baseline.question.years
    with connect(registers, read_only=True, **limits_of(settings)) as connection:
        at_risk = {
            year
            for (year,) in connection.execute(
                f"SELECT DISTINCT year FROM {mart_of(connection, baseline)}.model_cell"
            ).fetchall()
        }
        recorded = connection.execute(
            "SELECT register, year, n_records FROM core.register_year"
        ).fetchall()
    if missing := sorted(set(years) - at_risk):
        return f"nobody at risk in {spans(missing)}"
    n_records = {(register, year): int(n) for register, year, n in recorded}
    lacking = []
    for register in REGISTERS:
        counts = sorted(n for (name, _), n in n_records.items() if name == register.name)
        if not counts:
            continue
        least = _HARDLY_ANY * counts[len(counts) // 2]
        short = [
            [
                year
                for year in needs_of(register, one)
                if n_records.get((register.name, year), 0) < least
            ]
            for one in (settings, baseline)
        ]
        if short[1] and not short[0]:
            lacking.append(f"{register.name} {spans(short[1])}")
    return f"no records of {', '.join(lacking)}" if lacking else None
