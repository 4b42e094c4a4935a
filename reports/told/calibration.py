"""The synthetic country beside the sources' figures, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from reports.content.content import CalibrationRow
from reports.language.formatting import Numbers
from reports.language.words import Words

_MEASURED = ("inside", "outside")


@dataclass(frozen=True)
class CalibrationLine:
    """One figure as it is printed; ``note`` is empty or a sentence."""

    label: str
    target: str
    generated: str
    allowed: str
    verdict: str
    is_outside: bool
    source: str
    note: str


@dataclass(frozen=True)
class CalibrationView:
    """What is printed of the calibration: a sentence, a table, and what could not be measured.

    ``left_out`` has per reason the figures not measured, as label, target and source.
    """

    summary: str
    lines: tuple[CalibrationLine, ...]
    left_out: tuple[tuple[str, tuple[CalibrationLine, ...]], ...]


def calibration_view(
    rows: tuple[CalibrationRow, ...], words: Words, numbers: Numbers
) -> CalibrationView | None:
    """Return the calibration in words and numbers, None where the run has none."""
    if not rows:
        return None
    measured = [row for row in rows if row.verdict in _MEASURED]
    n_outside = sum(row.verdict == "outside" for row in measured)
    others = sorted((row for row in rows if row.verdict not in _MEASURED), key=lambda r: r.verdict)
    return CalibrationView(
        summary=words(
            "calibration.summary",
            n=numbers.count(len(measured)),
            inside=numbers.count(len(measured) - n_outside),
            outside=numbers.count(n_outside),
        ),
        lines=tuple(_line(row, words, numbers) for row in measured),
        left_out=tuple(
            (words(f"calibration.left_out_{verdict}"), tuple(_line(r, words, numbers) for r in of))
            for verdict, of in groupby(others, key=lambda row: row.verdict)
        ),
    )


def told(family: str, figure: str, otherwise: str, words: Words) -> str:
    """Return label or note of ``figure`` in the reader's language; without one, ``otherwise``."""
    found = words.label(f"calibration_{family}", figure)
    return otherwise if found == figure else found


def _line(row: CalibrationRow, words: Words, numbers: Numbers) -> CalibrationLine:
    unit = words.label("calibration_unit", row.unit)
    return CalibrationLine(
        label=f"{told('figure', row.figure, row.label, words)} ({unit})",
        target=_number(row.target, row.unit, numbers),
        generated=_number(row.generated, row.unit, numbers),
        allowed=_allowed(row, words, numbers),
        verdict=words.label("calibration_verdict", row.verdict),
        is_outside=row.verdict == "outside",
        source=words.label("calibration_source", row.source),
        note=told("note", row.figure, row.note, words),
    )


def _allowed(row: CalibrationRow, words: Words, numbers: Numbers) -> str:
    low, high = (_number(end, row.unit, numbers) for end in (row.allowed_low, row.allowed_high))
    if row.allowed_low is None and row.allowed_high is None:
        return ""
    if row.allowed_high is None:
        return words("calibration.at_least", low=low)
    if row.allowed_low is None or row.allowed_low <= 0:
        return words("calibration.at_most", high=high)
    return f"{low}–{high}"


def _number(value: float | None, unit: str, numbers: Numbers) -> str:
    if unit == "share":
        return numbers.percent(value, 1)
    if unit in ("persons", "grants", "grants a year"):
        # The last digits of a small country blown up are noise.
        return numbers.count(None if value is None else round(value, -1) if value > 1000 else value)
    return numbers.number(value, 2 if unit == "ratio" else 1)
