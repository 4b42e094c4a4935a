"""The calibration as a page in Markdown: one table, and a sentence where one is owed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

#: Figures that nothing was measured for, by verdict: how the page calls them.
_LEFT_OUT = {
    "other_years": "Figures of years this country does not cover",
    "not_compared": "Figures that a country cannot be held to",
    "not_measured": "Figures that could not be measured",
}


def calibration_page(frame: pd.DataFrame, mark: Mapping[str, Any], command: str) -> str:
    """Return the page of a calibration made by ``calibrate``.

    ``mark`` is what the folder says of itself (scale, seed, years, scenario), ``command`` what made
    the page. The same arguments give the same text.
    """
    measured = frame[frame["verdict"].isin(["inside", "outside"])]
    n_outside = int((measured["verdict"] == "outside").sum())
    lines = [
        "# Calibration of the synthetic Denmark",
        "",
        "SYNTETISKE DATA. What a generated country shows beside the figures that sources state.",
        "Figures are at the size of the whole country. *Allowed* is the tolerance of",
        "`synthetic_data/calibration_figures.toml` with two standard errors of the generated",
        "figure added, because a small country is a small sample.",
        "",
        f"Country: scenario {mark['scenario']}, scale {mark['scale']:g}, seed {mark['seed']}, "
        f"{mark['first_year']}-{mark['last_year']}. {len(measured)} figures, "
        f"{len(measured) - n_outside} inside, {n_outside} outside.",
        "",
        f"Made by `tildeling generate --out DIR --scale {mark['scale']:g} --seed {mark['seed']} "
        f"--years {mark['first_year']}-{mark['last_year']}`",
        f"and `{command}`.",
        "",
        "| Figure | Target | Generated | Allowed | | Source |",
        "|---|---:|---:|---:|---|---|",
    ]
    for row in measured.to_dict("records"):
        allowed = _allowed(row["allowed_low"], row["allowed_high"])
        lines.append(
            f"| {row['label']} ({row['unit']}) | {_number(row['target'])} "
            f"| {_number(row['generated'])} | {allowed} | {row['verdict']} | {row['source']} |"
        )
    lines += ["", "## What to know about single figures", "", *_notes(measured)]
    for verdict, title in _LEFT_OUT.items():
        rows = frame[frame["verdict"] == verdict]
        if len(rows):
            lines += ["", f"## {title}", "", *(_left_out(row) for row in rows.to_dict("records"))]
    return "\n".join([*lines, ""])


def _notes(frame: pd.DataFrame) -> list[str]:
    """Return one line per note, with the figures it is about."""
    said = frame[frame["note"] != ""]
    return [
        f"- **{'; '.join(rows['label'])}.** {note}"
        for note, rows in said.groupby("note", sort=False)
    ]


def _left_out(row: Mapping[Any, Any]) -> str:
    line = f"- {row['label']}: {_number(row['target'])} {row['unit']}, {row['source']}."
    return f"{line} {row['note']}" if row["note"] else line


def _allowed(low: float, high: float) -> str:
    if math.isinf(high):
        return f"{_number(low)} or more"
    if math.isinf(low):
        return f"{_number(high)} or less"
    return f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    """Return the number with three significant digits or more, thousands apart."""
    if abs(value) >= 1000:
        return f"{round(value, -1):,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.3f}"
