"""Which years of which register a window of years at risk needs, from the declarations."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.registers.declaration import Register


def needed_years(
    register: Register, years_at_risk: Sequence[int], *, tenure_years: int, health_years: int
) -> tuple[int, ...]:
    """Return the years of ``register`` that the years at risk are made from, in order.

    ``tenure_years`` and ``health_years`` are the lengths of the look-backs. Years before the
    register began or after it ended are not among them, whether or not they are delivered.
    """
    before = {"tenure": tenure_years, "health": health_years, "year_before": 1}
    needed: set[int] = set()
    for year in years_at_risk:
        if register.lookback == "year_at_risk":
            needed.add(year)
        elif register.lookback == "year_end_before":
            needed.add(year - 1)
        elif register.lookback is not None:
            needed |= set(range(year - before[register.lookback], year))
    first = register.first_year or min(needed, default=0)
    last = register.last_year or max(needed, default=0)
    return tuple(sorted(year for year in needed if first <= year <= last))


def spans(years: Sequence[int]) -> str:
    """Return years in order as text: ``1996-2004, 2006``; nothing for none."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
