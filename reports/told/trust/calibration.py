"""The synthetic country beside the sources' figures, in the reader's language."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from reports.content.rows import CalibrationRow
from reports.language.formatting import Numbers
from reports.language.words import Words
from reports.told.blocks import Body, Bullets, Cell, Column, Fold, Row, Section, Table, Text, column
from reports.told.telling import Telling

_MEASURED = ("inside", "outside")


def calibration(p: Telling) -> Section:
    """Return target, allowed and generated figures, and what could not be measured, folded."""
    t, n = p.t, p.n
    rows, title = p.content.calibration, t("calibration.title")
    if not rows:
        return Section("calibration", title, (Text(t("calibration.none"), "notice"),))
    measured = [row for row in rows if row.verdict in _MEASURED]
    n_outside = sum(row.verdict == "outside" for row in measured)
    counts = {"n": len(measured), "inside": len(measured) - n_outside, "outside": n_outside}
    table = Table(
        caption=t("calibration.caption"),
        columns=(
            column(t("calibration.figure"), width=36.0),
            Column(t("calibration.target"), width=11.0),
            Column(t("calibration.generated"), width=11.0),
            Column(t("calibration.allowed"), width=17.0),
            column(t("calibration.verdict"), width=11.0),
            column(t("calibration.source"), width=20.0),
        ),
        bodies=(Body(tuple(_row(row, t, n) for row in measured)),),
    )
    blocks: list[Any] = [
        *(Text(paragraph) for paragraph in t.all("calibration.lead")),
        Text(t("calibration.summary", **{key: n.count(value) for key, value in counts.items()})),
        table,
    ]
    others = sorted((row for row in rows if row.verdict not in _MEASURED), key=lambda r: r.verdict)
    for verdict, group in groupby(others, key=lambda row: row.verdict):
        lines = tuple(_left_out(row, t, n) for row in group)
        said = f"{t(f'calibration.left_out_{verdict}')} ({n.count(len(lines))})"
        blocks.append(Fold(said, (Bullets(lines),), is_screen_only=True))
    return Section("calibration", title, tuple(blocks))


def told(family: str, figure: str, otherwise: str, words: Words) -> str:
    """Return label or note of ``figure`` in the reader's language; without one, ``otherwise``."""
    sentence = words.label(f"calibration_{family}", figure)
    return otherwise if sentence == figure else sentence


def _figure(row: CalibrationRow, words: Words) -> str:
    unit = words.label("calibration_unit", row.unit)
    return f"{told('figure', row.figure, row.label, words)} ({unit})"


def _row(row: CalibrationRow, words: Words, numbers: Numbers) -> Row:
    note = told("note", row.figure, row.note, words)
    return Row(
        Cell(_figure(row, words), lines=(note,) if note else ()),
        (
            Cell(_number(row.target, row.unit, numbers)),
            Cell(_number(row.generated, row.unit, numbers)),
            Cell(_allowed(row, words, numbers)),
            Cell(
                words.label("calibration_verdict", row.verdict),
                look="status warn" if row.verdict == "outside" else "status ok",
            ),
            Cell(words.label("calibration_source", row.source)),
        ),
    )


def _left_out(row: CalibrationRow, words: Words, numbers: Numbers) -> str:
    target = _number(row.target, row.unit, numbers)
    source = words.label("calibration_source", row.source)
    note = told("note", row.figure, row.note, words)
    return f"{_figure(row, words)}: {target}. {source}.{f' {note}' if note else ''}"


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
