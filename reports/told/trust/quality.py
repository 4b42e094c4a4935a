"""The checks of the release, a line of them for the front page, and how well the model fits."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from reports.content.rows import QualityRow, Validity
from reports.language.labels import crossing_label, stage_label
from reports.language.remarks import remark
from reports.told.blocks import Body, Cell, Column, Fold, Row, Section, Table, Text, column, folded
from reports.told.telling import Telling

#: Stages whose checks are of the model rather than of the registers.
MODEL_STAGES = frozenset({"model", "result"})
#: Share of false findings among what is called a departure of the model from its country.
_FALSE_SHARE = 0.05


def summary(p: Telling) -> str:
    """Return in one sentence how many checks went through."""
    t, n, checks = p.t, p.n, p.content.quality
    if not checks:
        return t("quality.missing")
    warn = sum(row.status != "ok" for row in checks)
    if not warn:
        return t("quality.summary_ok", n=n.count(len(checks)))
    counts = {"ok": len(checks) - warn, "n": len(checks), "warn": warn}
    return t("quality.summary", **{key: n.count(value) for key, value in counts.items()})


def quality(p: Telling) -> Section:
    """Return the checks: registers, those with a remark in full, those in order folded."""
    t, n = p.t, p.n
    title = t("quality.caption")
    if not p.content.quality:
        return Section("quality", title, (Text(t("quality.missing"), "notice"),))
    rows = tuple(
        Row(
            Cell(stage_label(row.register, t)),
            (
                Cell(n.count(row.n_checks)),
                Cell(n.count(row.n_rows)),
                Cell(n.count(row.n_quarantined)),
                status(p, row.status),
            ),
        )
        for row in p.content.registers
    )
    registers = Table(
        caption=t("quality.registers"),
        columns=(
            column(t("quality.register"), width=30.0),
            *(Column(t(f"quality.{name}")) for name in ("n_checks", "rows", "quarantined")),
            column(t("quality.status")),
        ),
        bodies=(Body(rows),),
        look="quality",
    )
    blocks: list[Any] = [Text(t("quality.lead")), Text(summary(p))]
    remarks = [row for row in p.content.quality if row.status != "ok"]
    passed = [row for row in p.content.quality if row.status == "ok"]
    if remarks:
        blocks.append(checks(p, remarks, t("quality.remarks")))
        blocks.append(Fold(t("quality.registers"), (registers,)))
    else:
        blocks.append(registers)
    if passed:
        said = t("quality.passed_open", n=n.count(len(passed)))
        table = checks(p, passed, t("quality.passed"))
        blocks.append(Fold(said, (table,), is_screen_only=True))
    return Section("quality", title, tuple(blocks))


def diagnostics(p: Telling) -> Section:
    """Return the checks of the model."""
    title = p.t("appendix.diagnostics_title")
    rows = [row for row in p.content.quality if row.register in MODEL_STAGES]
    if not rows:
        return Section("diagnostics", title, (Text(p.t("quality.missing"), "notice"),))
    caption = p.t("appendix.diagnostics_caption")
    whole = checks(p, rows, caption)
    names = tuple(
        Row(
            Cell(p.t.check(row.check) or row.check),
            (Cell(p.n.count(row.n_rows)), status(p, row.status)),
        )
        for row in rows
    )
    columns = (
        column(p.t("quality.check"), width=50.0),
        Column(p.t("quality.rows")),
        column(p.t("quality.status"), width=20.0),
    )
    short = Table(caption, columns, (Body(names),), look="small")
    return Section("diagnostics", title, (short, Fold(p.t("appendix.diagnostics_open"), (whole,))))


def validity(p: Telling) -> Section:
    """Return how far the grants lie from the fit where it was not made to meet them.

    Municipalities are crossed with every factor; of pairs of factors only those are listed that
    depart, and how many do not is said.
    """
    t = p.t
    title = t("validity.title")
    if not p.content.validity:
        return Section("validity", title, (Text(t("validity.missing"), "notice"),))
    blocks: list[Any] = [Text(paragraph) for paragraph in t.all("validity.lead")]
    for outcome, group in groupby(p.content.validity, key=lambda row: row.outcome):
        rows = list(group)
        pairs = [row for row in rows if row.across not in ("municipality", "country")]
        apart = [row for row in pairs if _departs(row)]
        listed = [row for row in rows if row not in pairs] + apart
        blocks += [Text(sentence) for sentence in _said_of_years(p, outcome, rows)]
        of_pairs = {"n": p.n.count(len(pairs)), "apart": p.n.count(len(apart))}
        key = "validity.pairs" if apart else "validity.pairs_none"
        made = [_crossings(p, outcome, listed), Text(t(key, **of_pairs), "note")]
        blocks += folded(outcome, p.main_outcome, p.outcome(outcome), made)
    return Section("validity", title, tuple(blocks))


def _departs(row: Validity) -> bool:
    return row.q_value < _FALSE_SHARE


def _said_of_years(p: Telling, outcome: str, rows: Iterable[Validity]) -> list[str]:
    """Return what an outcome's years say of whether practice lasts, as one sentence or none."""
    for row in rows:
        if (row.across, row.dimension) == ("municipality", "year"):
            key = "validity.years_apart" if _departs(row) else "validity.years_alike"
            sizes = {"sd": p.n.number(row.sd, 2), "high": p.n.number(row.sd_high, 2)}
            return [p.t(key, outcome=p.outcome(outcome), **sizes)]
    return []


def _crossings(p: Telling, outcome: str, rows: Iterable[Validity]) -> Table:
    t, n = p.t, p.n

    return Table(
        caption=t("validity.caption", outcome=p.outcome(outcome)),
        columns=(
            column(t("validity.crossing"), width=34.0),
            Column(t("validity.n_cells"), width=10.0),
            Column(t("validity.chi2"), width=14.0),
            Column(t("validity.sd"), width=20.0),
            column(t("validity.verdict"), width=22.0),
        ),
        bodies=(
            Body(
                tuple(
                    Row(
                        Cell(
                            f"{crossing_label(row.dimension, t)} × {crossing_label(row.across, t)}"
                        ),
                        (
                            Cell(n.count(row.n_cells)),
                            Cell(n.number(row.chi2_per_df, 2)),
                            Cell(n.number(row.sd, 2), f"({n.interval(row.sd_low, row.sd_high)})"),
                            Cell(t("validity.apart" if _departs(row) else "validity.alike")),
                        ),
                    )
                    for row in rows
                )
            ),
        ),
    )


def checks(p: Telling, rows: Iterable[QualityRow], caption: str) -> Table:
    """Return a table of checks with what each found."""
    t, n = p.t, p.n
    names = p.names
    return Table(
        caption=caption,
        columns=(
            column(t("quality.register"), width=18.0),
            column(t("quality.check"), width=24.0),
            Column(t("quality.rows"), width=10.0),
            Column(t("quality.quarantined"), width=10.0),
            column(t("quality.status"), width=12.0),
            column(t("quality.detail"), width=28.0),
        ),
        bodies=(
            Body(
                tuple(
                    Row(
                        Cell(stage_label(row.register, t)),
                        (
                            Cell(t.check(row.check) or row.check),
                            Cell(n.count(row.n_rows)),
                            Cell(n.count(row.n_quarantined)),
                            status(p, row.status),
                            Cell(remark(row.detail, t, names), look="detail"),
                        ),
                    )
                    for row in rows
                )
            ),
        ),
        look="quality",
    )


def status(p: Telling, name: str) -> Cell:
    """Return a status in words and shape; an unknown one is a remark."""
    known = name if name in ("ok", "warn", "stop") else "warn"
    return Cell(p.t.label("status", name), look=f"status {known}")
