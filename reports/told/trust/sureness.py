"""How well municipalities are told apart, and how well a planted truth is found again."""

from __future__ import annotations

from typing import Any

from reports.content.rows import RecoveryRow
from reports.language.formatting import MISSING
from reports.told.blocks import (
    Body,
    Bullets,
    Cell,
    Column,
    Heading,
    Row,
    Section,
    Table,
    Text,
    column,
)
from reports.told.telling import Telling

_KNOWN = ("rank_correlation", "coverage_95", "rank_set_coverage", "effect_rmse")


def sureness(p: Telling) -> Section:
    """Return how well each outcome and model tells municipalities apart, and what data cannot."""
    t, n = p.t, p.n
    half = n.number(0.5, 1)
    names = (
        *("reliability", "unreliable", "rank_width", "rank_width_simultaneous", "maybe_lowest"),
        *("outside", "overdispersed"),
    )
    blanks = {"unreliable": {"half": half}, "maybe_lowest": {"k": n.count(p.content.lowest_k)}}
    rows = []
    for view in p.content.views:
        s = view.sureness
        rows.append(
            Row(
                Cell(p.outcome(view.outcome), lines=(p.model(view.model),)),
                (
                    Cell(n.number(s.reliability, 2)),
                    *(Cell(n.count(value)) for value in (s.n_unreliable, s.rank_width)),
                    Cell(n.count(s.rank_width_simultaneous)),
                    Cell(n.count(s.n_maybe_lowest)),
                    Cell(f"{n.count(s.n_outside_95)} / {n.count(s.n_outside_998)}"),
                    Cell(n.count(s.n_outside_overdispersed)),
                ),
            )
        )
    table = Table(
        caption=t("sureness.caption", years=p.years),
        columns=(
            column(t("sureness.view"), width=24.0),
            *(Column(t(f"sureness.{name}", **blanks.get(name, {}))) for name in names),
        ),
        bodies=(Body(tuple(rows)),),
    )
    blocks: list[Any] = [
        Text(t("sureness.lead", half=half)),
        table,
        Heading(t("sureness.cannot_title")),
        Bullets(t.all("sureness.cannot")),
    ]
    return Section("sureness", t("sureness.title"), tuple(blocks))


def recovery(p: Telling) -> Section:
    """Return the recovery of the planted practice: measures down, outcomes and models across."""
    t, listed = p.t, p.content.recovery
    title = t("sureness.recovery_title")
    if not listed:
        return Section("recovery", title, (Text(t("sureness.recovery_none"), "notice"),))
    of = {(row.measure, row.outcome, row.model): row for row in listed}
    names = {row.measure for row in listed}
    measures = [name for name in _KNOWN if name in names] + sorted(names.difference(_KNOWN))
    blocks: list[Any] = [Text(t("sureness.recovery_lead"))]
    for outcome in dict.fromkeys(view.outcome for view in p.content.views):
        models = [
            view.model
            for view in p.content.views
            if view.outcome == outcome and any((m, outcome, view.model) in of for m in measures)
        ]
        if not models:
            continue
        rows = tuple(
            Row(
                Cell(t.label("measure", measure)),
                (
                    *(_score(p, of.get((measure, outcome, model))) for model in models),
                    _aim(p, measure, listed),
                ),
            )
            for measure in measures
            if any((measure, outcome, model) in of for model in models)
        )
        columns = (
            column(t("sureness.measure"), width=28.0),
            *(Column(t.label("model_short", model), width=20.0) for model in models),
            Column(t("sureness.aim"), width=10.0),
        )
        caption = f"{t('sureness.recovery_caption')} · {p.outcome(outcome)}"
        blocks.append(Table(caption=caption, columns=columns, bodies=(Body(rows),)))
    return Section("recovery", title, tuple(blocks))


def _is_share(measure: str) -> bool:
    return measure.startswith("counterfactual")


def _score(p: Telling, row: RecoveryRow | None) -> Cell:
    if row is None:
        return Cell(MISSING)
    if not _is_share(row.measure):
        return Cell(p.n.number(row.value, 2))
    true = () if row.truth is None else (p.t("sureness.truth", value=p.n.percent(row.truth)),)
    return Cell(p.n.percent(row.value), lines=true)


def _aim(p: Telling, measure: str, listed: tuple[RecoveryRow, ...]) -> Cell:
    if _is_share(measure):
        return Cell("", soft=p.t("sureness.truth_aim"))
    truth = next(row.truth for row in listed if row.measure == measure)
    return Cell("", soft=p.n.number(truth, 2))
