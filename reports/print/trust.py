"""How sure the printed report is: recovery, other outcomes, data quality, method, words."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Flowable, PageBreak

from reports.language.formatting import MISSING
from reports.print.context import Printed
from reports.print.results import ranking_table
from reports.print.style import (
    BULLET,
    CELL,
    CELL_BOLD,
    NOTICE,
    marked,
    table,
    text,
)
from reports.told.calibration import calibration_view
from reports.told.settings import shown


def sureness(p: Printed) -> list[Flowable]:
    """Return how well municipalities are told apart, and what data cannot say."""
    n, half = p.numbers, p.numbers.number(0.5, 1)
    names = ["view", "reliability", "unreliable", "rank_width", "rank_width_simultaneous"]
    names += ["maybe_lowest", "outside", "overdispersed"]
    k = n.count(p.content.lowest_k)
    heading = [p.t(f"sureness.{name}", **_blanks(name, half, k)) for name in names]
    rows = []
    for view in p.content.views:
        s = view.sureness
        outcome, model = (
            p.words.label("outcome", view.outcome),
            p.words.label("model_short", view.model),
        )
        rows.append(
            [
                text(f"{outcome} · {model}", CELL),
                n.number(s.reliability, 2),
                n.count(s.n_unreliable),
                n.count(s.rank_width),
                n.count(s.rank_width_simultaneous),
                n.count(s.n_maybe_lowest),
                f"{n.count(s.n_outside_95)} / {n.count(s.n_outside_998)}",
                n.count(s.n_outside_overdispersed),
            ]
        )
    parts: list[Flowable] = [
        PageBreak(),
        p.section("sureness", p.t("sureness.title")),
        text(p.t("sureness.lead", half=half)),
        marked(p.t("sureness.caption", years=p.years), p.mark),
        table(heading, rows, [20.0, 14, 14, 13, 13, 12, 11, 12]),
        *_recovery(p),
        *_calibration(p),
        p.part("cannot", p.t("sureness.cannot_title")),
    ]
    cannot = [text(line, BULLET, bulletText="•") for line in p.words.all("sureness.cannot")]
    return [*parts, *cannot]


def _recovery(p: Printed) -> list[Flowable]:
    n, rows = p.numbers, p.content.recovery
    chosen = [row for row in rows if row.model == p.content.main.model]
    if not chosen:
        return []
    outcomes = list(dict.fromkeys(view.outcome for view in p.content.views))
    found = {(row.measure, row.outcome): row for row in chosen}
    lines: list[list[Any]] = []
    for measure in dict.fromkeys(row.measure for row in chosen):
        is_share = measure.startswith("counterfactual")
        line: list[Any] = [text(p.words.label("measure", measure), CELL)]
        for outcome in outcomes:
            cell = found.get((measure, outcome))
            if cell is None:
                line.append(MISSING)
            elif is_share:
                true = p.t("sureness.truth", value=n.percent(cell.truth))
                line.append(f"{n.percent(cell.value)} ({true})")
            else:
                line.append(n.number(cell.value, 2))
        truth = next(row.truth for row in chosen if row.measure == measure)
        line.append(p.t("sureness.truth_aim") if is_share else n.number(truth, 2))
        lines.append(line)
    heading = [
        p.t("sureness.measure"),
        *(p.words.label("outcome", outcome) for outcome in outcomes),
        p.t("sureness.aim"),
    ]
    return [
        p.part("recovery", p.t("sureness.recovery_title")),
        text(p.t("sureness.recovery_lead")),
        marked(f"{p.t('sureness.recovery_caption')} · {p.model}", p.mark),
        table(heading, lines, [38.0] + [17.0] * len(outcomes) + [12.0]),
    ]


def _calibration(p: Printed) -> list[Flowable]:
    view = calibration_view(p.content.calibration, p.words, p.numbers)
    if view is None:
        return []
    names = ["figure", "target", "generated", "allowed", "verdict", "source"]
    rows: list[list[Any]] = [
        [
            text(line.label, CELL),
            *(line.target, line.generated, line.allowed, line.verdict),
            text(line.source, CELL),
        ]
        for line in view.lines
    ]
    return [
        p.part("calibration", p.t("calibration.title")),
        *(text(paragraph) for paragraph in p.words.all("calibration.lead")),
        text(view.summary),
        marked(p.t("calibration.caption"), p.mark),
        table(
            [p.t(f"calibration.{name}") for name in names], rows, [36.0, 11, 11, 17, 9, 20],
            left=(0, 4, 5),
        ),
    ]  # fmt: skip


def other_rankings(p: Printed) -> list[Flowable]:
    """Return the rankings of the other outcomes under the main model."""
    main = p.content.main
    others = [v for v in p.content.views if v.model == main.model and v is not main]
    if not others:
        return []
    parts: list[Flowable] = [
        PageBreak(),
        p.section("other_rankings", p.t("pdf.other_rankings")),
        text(p.t("pdf.other_rankings_lead")),
    ]
    for at, view in enumerate(others):
        if at:
            parts.append(PageBreak())
        name = p.words.label("outcome", view.outcome)
        parts += [p.part(f"ranking-{view.outcome}", name), *ranking_table(p, view)]
    return parts


def quality(p: Printed) -> list[Flowable]:
    """Return the checks, those with a remark in full."""
    n, quality = p.numbers, p.content.quality
    parts: list[Flowable] = [
        PageBreak(),
        p.section("quality", p.t("quality.title")),
        text(p.t("quality.lead")),
    ]
    if not quality:
        return [*parts, text(p.t("quality.missing"), NOTICE)]
    remarks = [row for row in quality if row.status != "ok"]
    passed = n.count(len(quality) - len(remarks))
    if remarks:
        parts.append(
            text(
                p.t(
                    "quality.summary",
                    ok=passed,
                    n=n.count(len(quality)),
                    warn=n.count(len(remarks)),
                )
            )
        )
    else:
        parts.append(text(p.t("quality.summary_ok", n=passed)))
    rows: list[list[Any]] = [
        [
            text(row.register, CELL),
            n.count(row.n_checks),
            n.count(row.n_rows),
            n.count(row.n_quarantined),
            p.words.label("status", row.status),
        ]
        for row in p.content.registers
    ]
    names = ["register", "n_checks", "rows", "quarantined", "status"]
    parts += [
        marked(p.t("quality.caption"), p.mark),
        table(
            [p.t(f"quality.{name}") for name in names], rows, [30.0, 14, 18, 14, 16],
            left=(0, 4),
        ),
    ]  # fmt: skip
    if remarks:
        names = ["register", "check", "quarantined", "detail"]
        rows = [
            [
                text(row.register, CELL),
                text(p.words.check(row.check) or row.check, CELL),
                n.count(row.n_quarantined),
                text(row.detail, CELL),
            ]
            for row in remarks
        ]
        parts += [
            marked(p.t("quality.remarks"), p.mark),
            table(
                [p.t(f"quality.{name}") for name in names], rows, [13.0, 28, 12, 38],
                left=(0, 1, 3),
            ),
        ]  # fmt: skip
    return parts


def method(p: Printed) -> list[Flowable]:
    """Return the method in words, references, and what makes the run traceable."""
    parts: list[Flowable] = [
        PageBreak(),
        p.section("method", p.t("method.title")),
        text(p.t("method.akf_note"), NOTICE),
    ]
    for name in ("risk", "model", "expected", "effect", "interval", "disclosure"):
        parts.append(p.part(f"method-{name}", p.t(f"method.{name}_title")))
        if name == "disclosure" and not p.content.choices.disclosure_control:
            parts.append(text(p.t("disclosure.off")))
        else:
            parts += [text(paragraph) for paragraph in p.words.all(f"method.{name}")]
    parts.append(p.part("references", p.t("method.references_title")))
    parts += [text(line, BULLET, bulletText="•") for line in p.words.all("method.references")]
    run, n = p.content.run, p.numbers
    facts = [
        ("run_id", run.run_id),
        ("run_started", n.moment(run.started_at)),
        ("run_finished", n.moment(run.finished_at)),
        ("run_version", run.code_version),
        ("run_seed", str(run.seed)),
        ("run_scale", n.percent(run.scale)),
        ("run_input", run.input_hash),
        ("run_settings", run.settings_hash),
    ]
    rows: list[list[Any]] = [
        [text(p.t(f"method.{name}"), CELL), text(value, CELL)] for name, value in facts
    ]
    for setting in p.content.settings:
        label = p.words.label("setting", setting.name)
        named = setting.description if label == setting.name else label
        rows.append([text(named, CELL), text(shown(setting, p.words, n), CELL)])
    parts += [
        p.part("run", p.t("method.run_title")),
        marked(p.t("method.run_caption"), p.mark),
        table([], rows, [40.0, 60.0], left=(0, 1)),
    ]
    return parts


def glossary(p: Printed) -> list[Flowable]:
    """Return the glossary."""
    names, looks = ("danish", "english", "meaning"), (CELL_BOLD, CELL, CELL)
    rows: list[list[Any]] = [
        [text(part, look) for part, look in zip(term.split(" | "), looks, strict=True)]
        for term in p.words.all("glossary.terms")
    ]
    return [
        PageBreak(),
        p.section("glossary", p.t("glossary.title")),
        table(
            [p.t(f"glossary.{name}") for name in names], rows, [26.0, 24, 50],
            left=(0, 1, 2),
        ),
    ]  # fmt: skip


def _blanks(name: str, half: str, k: str) -> dict[str, object]:
    return {"unreliable": {"half": half}, "maybe_lowest": {"k": k}}.get(name, {})  # type: ignore[return-value]
