"""What goes with practice: figures of the fifths of municipalities, and their trends, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.content.followups.figures import (
    CROSS_FITTED,
    N_FIFTHS,
    SAME_WINDOW,
    GroupFigure,
    GroupTrend,
)
from reports.language.formatting import MISSING
from reports.told.blocks import Body, Cell, Column, Fold, Row, Section, Table, Text, column
from reports.told.telling import Telling

#: The outcome whose cases AKF described.
AKF_OUTCOME = "FP"
_FIRST = (
    *("practice", "processing_days", "waiting_days", "grants_per_refusal"),
    "refusals_per_expected",
    *("mental_share", "over_52_weeks_share"),
)
#: A test below this says more than chance.
BEYOND_CHANCE = 0.05


def goes_with(p: Telling) -> Section:
    """Return the section of figures by fifth, the outcome that AKF described first."""
    t = p.t
    title = t("goes_with.heading")
    outcomes = outcomes_of(p)
    if not outcomes:
        return Section("goes_with", title, (Text(t("goes_with.missing"), "notice"),))
    blocks: list[Any] = [Text(t("goes_with.lead")), *(Text(line) for line in sentences(p))]
    for at, outcome in enumerate(outcomes):
        made = [
            _table(p, outcome, CROSS_FITTED),
            Text(t("goes_with.note"), "note"),
            Fold(
                t("goes_with.same"),
                (Text(t("goes_with.same_note")), _table(p, outcome, SAME_WINDOW)),
            ),
        ]
        blocks += made if not at else [Fold(p.outcome(outcome), tuple(made))]
    blocks.append(Text(t("goes_with.not_because"), "notice"))
    return Section("goes_with", title, tuple(blocks))


def outcomes_of(p: Telling) -> list[str]:
    """Return the outcomes with figures by fifth, the one that AKF described first."""
    outcomes = dict.fromkeys(row.outcome for row in p.content.followups.groups)
    return sorted(outcomes, key=lambda outcome: outcome != AKF_OUTCOME)


def sentences(p: Telling) -> list[str]:
    """Return AKF's results in two sentences; none where the release lacks a figure of them."""
    outcomes = outcomes_of(p)
    if not outcomes:
        return []
    outcome, values = outcomes[0], {}
    for name in ("processing_days", "grants_per_refusal", "mental_share"):
        figures = p.content.followups.figures(outcome, CROSS_FITTED, name)
        if len(figures) != N_FIFTHS or figures[0].value is None or figures[-1].value is None:
            return []
        values[f"{name}_first"] = _value(p, figures[0])
        values[f"{name}_last"] = _value(p, figures[-1])
        line = p.content.followups.trend(outcome, CROSS_FITTED, name)
        values[f"{name}_judged"] = p.t(f"goes_with.{_judged(line)}")
    values["outcome"] = p.outcome(outcome)
    return [p.t("goes_with.cases", **values), p.t("goes_with.mental", **values)]


def _judged(line: GroupTrend | None) -> str:
    if line is None or line.p_value is None:
        return "untested"
    return "beyond" if line.p_value < BEYOND_CHANCE else "chance"


def _table(p: Telling, outcome: str, group_basis: str) -> Table:
    t = p.t
    rows = []
    for name in in_order(row.measure for row in p.content.followups.groups):
        figures = p.content.followups.figures(outcome, group_basis, name)
        if not figures or all(figure.value is None for figure in figures):
            continue
        line = p.content.followups.trend(outcome, group_basis, name)
        cells = [
            Cell(
                _value(p, figure),
                lines=(limits(p, name, figure.low, figure.high),) if figure.low is not None else (),
            )
            for figure in figures
        ]
        rows.append(Row(Cell(t(f"measure.{name}")), (*cells, _trend(p, line))))
    columns = (
        column(t("goes_with.measure"), width=26.0),
        *(
            Column(p.n.count(fifth), t(f"goes_with.fifth_{fifth}") if fifth in (1, 5) else "")
            for fifth in range(1, N_FIFTHS + 1)
        ),
        Column(t("goes_with.trend"), t("goes_with.trend_note"), width=16.0),
    )
    caption = t(f"goes_with.caption_{group_basis}", outcome=p.outcome(outcome), years=p.years)
    return Table(caption, columns, (Body(tuple(rows)),), look="small")


def _trend(p: Telling, line: GroupTrend | None) -> Cell:
    if line is None or line.p_value is None:
        return Cell(MISSING)
    said = p.t(f"goes_with.{_judged(line)}", p=p.n.number(line.p_value, 3))
    if line.slope is None or line.slope_low is None:
        return Cell(said)
    ends = p.n.interval(line.slope_low, line.slope_high)
    return Cell(said, lines=(f"{p.n.number(line.slope, 2)} ({ends})",))


def _value(p: Telling, figure: GroupFigure) -> str:
    return written(p, figure.measure, figure.value)


def limits(p: Telling, measure: str, low: float | None, high: float | None) -> str:
    """Return the limits of a measure."""
    if _is_share(measure):
        return p.n.percents(low, high)
    return "–".join(written(p, measure, value) for value in (low, high))


def in_order(measures: Iterable[str]) -> list[str]:
    """Return ``measures``, each once, those that AKF told of first."""
    listed = list(dict.fromkeys(measures))
    return [*(m for m in _FIRST if m in listed), *(m for m in listed if m not in _FIRST)]


def _is_share(measure: str) -> bool:
    return measure.endswith("_share") or measure.startswith("route_")


def written(p: Telling, measure: str, value: float | None) -> str:
    """Return a figure of a measure: days, a share as per cent, or a ratio."""
    if measure in ("processing_days", "waiting_days"):
        return p.n.count(value)
    if _is_share(measure):
        return p.n.percent(value)
    return p.n.number(value, 1 if measure == "grants_per_refusal" else 2)
