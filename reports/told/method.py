"""The method in words and tables: factors, second stage, coefficients, run, references, words."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from pipeline.codes import factor_levels, reference_levels
from reports.content.rows import Coefficient, SecondStage
from reports.language.formatting import MISSING, SUPPRESSED
from reports.language.labels import second_stage_term
from reports.language.terms import term_key
from reports.told.blocks import (
    Body,
    Bullets,
    Cell,
    Column,
    Fold,
    Heading,
    Row,
    Section,
    Table,
    Text,
    column,
    line,
)
from reports.told.settings import shown
from reports.told.telling import Telling

_PARTS = ("risk", "model", "expected", "effect", "interval", "disclosure")


def method(p: Telling) -> Section:
    """Return the method in words, and the literature."""
    t = p.t
    blocks: list[Any] = [Text(t("method.akf_note"), "notice")]
    for name in _PARTS:
        blocks.append(Heading(t(f"method.{name}_title")))
        if name == "disclosure" and not p.content.choices.disclosure_control:
            blocks.append(Text(f"{t('disclosure.off_short')}. {t('disclosure.off')}", "alarm"))
        else:
            blocks += [Text(paragraph) for paragraph in t.all(_key(p, name))]
    blocks += [Heading(t("method.references_title")), Bullets(t.all("method.references"))]
    return Section("method", t("method.title"), tuple(blocks))


def _key(p: Telling, name: str) -> str:
    return p.protected("method.disclosure") if name == "disclosure" else f"method.{name}"


def specification(p: Telling) -> Section:
    """Return the factors of the model with their levels."""
    t, reference = p.t, reference_levels()
    rows = []
    known = factor_levels()
    told = next((s.value for s in p.content.settings if s.name == "factors"), tuple(known))
    for factor in told if isinstance(told, tuple) else (str(told),):
        levels = known.get(factor, ())
        named = (
            t("appendix.reference", level=t.level(factor, level))
            if reference.get(factor) == level
            else t.level(factor, level)
            for level in levels
        )
        rows.append(line(t.label("factor", factor), ", ".join(named)))
    table = Table(
        caption=t("appendix.factors_caption"),
        columns=(
            column(t("appendix.factor"), width=26.0),
            column(t("appendix.levels"), width=74.0),
        ),
        bodies=(Body(tuple(rows)),),
    )
    paragraphs = (Text(paragraph) for paragraph in t.all("appendix.specification"))
    return Section("specification", t("appendix.specification_title"), (*paragraphs, table))


def second_stage(p: Telling) -> Section:
    """Return the regression on framework conditions, a table per outcome."""
    t, listed = p.t, p.content.second_stage
    blocks: list[Any] = [Text(paragraph) for paragraph in t.all("appendix.second")]
    if not listed:
        blocks.append(Text(t("appendix.second_missing"), "notice"))
    for outcome, group in groupby(listed, key=lambda row: row.outcome):
        of = {(row.term, row.method): row for row in group}
        methods = list(dict.fromkeys(name for _, name in of))
        terms = list(dict.fromkeys(term for term, _ in of))
        terms.sort(key=lambda term: {"constant": 0, "tau2": 2}.get(term, 1))
        rows = tuple(
            Row(
                Cell(second_stage_term(term, t)),
                tuple(_estimate(p, of.get((term, name))) for name in methods),
            )
            for term in terms
        )
        columns = (
            column(t("appendix.second_term"), width=34.0),
            *(Column(t.label("estimator", name), width=22.0) for name in methods),
        )
        caption = t("appendix.second_caption", outcome=p.outcome(outcome))
        blocks.append(Table(caption, columns, (Body(rows),)))
    return Section("second", t("appendix.second_title"), tuple(blocks))


def _estimate(p: Telling, row: SecondStage | None) -> Cell:
    if row is None:
        return Cell(MISSING)
    # The limits of the spread are of the main estimator: of another they may not hold it.
    is_within = row.low is not None and row.high is not None and row.low <= row.estimate <= row.high
    soft = f"({p.n.interval(row.low, row.high, 3)})" if is_within else f"({MISSING})"
    return Cell(p.n.number(row.estimate, 3), soft=soft)


def coefficients(p: Telling) -> Section:
    """Return the coefficients, an outcome's folded: log odds with standard errors."""
    t = p.t
    title = t("method.coefficients_title")
    if not p.content.coefficients:
        return Section("coefficients", title, (Text(t("method.coefficients_missing"), "notice"),))
    blocks: list[Any] = [Text(t("method.coefficients_note"))]
    for outcome, rows in p.content.coefficients:
        models = list(dict.fromkeys(v.model for v in p.content.views if v.outcome == outcome))
        columns = (
            column(t("method.level"), width=30.0),
            Column(t("method.events"), width=10.0),
            *(Column(t.label("model_short", model), width=15.0) for model in models),
        )
        bodies = tuple(
            Body(tuple(_coefficient(p, row, models) for row in of), t.label("factor", term))
            for term, of in groupby(rows, key=lambda row: row.term)
        )
        name = p.outcome(outcome)
        caption = t("method.coefficients_caption", outcome=name, years=p.years)
        table = Table(caption, columns, bodies, look="coefficients")
        said = t("method.coefficients_open", outcome=name)
        blocks.append(Fold(said, (table,), is_screen_only=True))
    return Section("coefficients", title, tuple(blocks))


def _coefficient(p: Telling, row: Coefficient, models: list[str]) -> Row:
    t, n = p.t, p.n
    events = SUPPRESSED if row.n_events is None else n.count(row.n_events)
    by_model = {model: (estimate, error) for model, estimate, error in row.estimates}
    cells = [Cell(events)]
    for model in models:
        estimate, error = by_model.get(model, (None, None))
        if estimate is None:
            cells.append(Cell(MISSING))
        elif error is None and estimate == 0:
            cells.append(Cell("", soft=t("method.reference")))
        else:
            cells.append(Cell(n.number(estimate, 3), soft=f"({n.number(error, 3)})"))
    return Row(Cell(t.level(row.term, row.level) or t("method.intercept")), tuple(cells))


def run(p: Telling) -> Section:
    """Return what makes the run traceable, and the settings behind its numbers."""
    t, n, run = p.t, p.n, p.content.run
    window = t("page.window_value", years=p.years, name=t.label("window", run.window))
    facts = (
        ("run_id", run.run_id),
        ("run_window", window),
        ("run_started", n.moment(run.started_at)),
        ("run_finished", n.moment(run.finished_at)),
        ("run_version", run.code_version),
        ("run_seed", str(run.seed)),
        ("run_scale", n.percent(run.scale)),
        ("run_input", run.input_hash),
        ("run_settings", run.settings_hash),
        ("run_status", t.label("run_status", run.status)),
    )
    named = (column(t("method.run_what"), width=34.0), column(t("method.run_value"), width=66.0))
    rows = tuple(line(t(f"method.{name}"), Cell(value, look="hash")) for name, value in facts)
    settings = tuple(
        Row(
            Cell(t.label("setting", setting.name), lines=(setting.name,)),
            (Cell(shown(setting, t, n)),),
        )
        for setting in p.content.settings
    )
    return Section(
        "run",
        t("method.run_title"),
        (
            Table(t("method.run_caption"), named, (Body(rows),), look="run"),
            Table(t("settings.caption"), named, (Body(settings),), look="run"),
        ),
    )


def glossary(p: Telling) -> Section:
    """Return the words of the report in both languages with their meaning."""
    t = p.t
    columns = tuple(
        column(t(f"glossary.{name}"), width=width)
        for name, width in (("danish", 26.0), ("english", 24.0), ("meaning", 50.0))
    )
    listed = [term.split(" | ") for term in t.all("glossary.terms")]
    rows = tuple(replace(line(*told), key=term_key(told[0])) for told in listed)
    table = Table(t("glossary.caption"), columns, (Body(rows),), is_marked=False)
    return Section("glossary", t("glossary.title"), (table,))
