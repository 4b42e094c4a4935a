"""The page of years: which years of which register each benchmark needs, from the declarations."""

from __future__ import annotations

from pathlib import Path

from pipeline.benchmarks.library import shipped
from pipeline.registers import REGISTERS
from pipeline.registers.coverage import spans
from pipeline.settings import read_settings
from pipeline.warehouse.marts.build import needs_of

FILE = "years.md"
_READ_FOR = {
    "tenure": "look-back of cash-benefit tenure",
    "health": "look-back of health",
    "year_before": "year before the year at risk",
    "year_end_before": "31 December before the year at risk",
    "year_at_risk": "the year at risk itself",
}


def markdown() -> str:
    """Return the page, ending in a newline: registers by benchmarks that ship."""
    asked = {name: read_settings(benchmark=name) for name in shipped()}
    lines = [
        "# Which years of which register a benchmark needs",
        "",
        "Made by `tildeling dictionary` from `pipeline/registers/`; do not",
        "edit by hand. `tildeling check --extracts DIR --benchmark NAME` lists what a folder",
        "lacks. On loading, a year without records stops the load where the register has earlier",
        "ones (check `lookback_without_gap`), and is a warning where it only begins later",
        "(`lookback_covered`); a missing snapshot (BEF, UDDA) or last week of DREAM stops it too.",
        "",
        f"| register | read for | covers | {' | '.join(f'`{name}`' for name in asked)} |",
        f"|---|---|---|{'---|' * len(asked)}",
    ]
    for register in REGISTERS:
        if register.lookback is None:
            continue
        ends = (register.first_year, register.last_year)
        covers = "-".join(str(year) if year else "" for year in ends) if any(ends) else "all years"
        needed = [spans(needs_of(register, settings)) or "none" for settings in asked.values()]
        name = f"{register.name} (optional)" if register.is_optional else register.name
        cells = [name, _READ_FOR[register.lookback], covers, *needed]
        lines.append(f"| {' | '.join(cells)} |")
    others = [register.name for register in REGISTERS if register.lookback is None]
    lines += ["", f"Needed for no published result: {', '.join(others)}; UDDF stands in for UDDA."]
    return "\n".join(lines) + "\n"


def write_years(folder: Path) -> Path:
    """Return ``years.md`` in ``folder`` after writing it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.write_text(markdown(), encoding="utf-8", newline="\n")
    return path
