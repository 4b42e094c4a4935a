"""Findings, ranking, charts and what-if of the printed report."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Flowable, KeepTogether, PageBreak, Paragraph, Spacer, Table

from reports.content.content import View
from reports.content.findings import lowest_k
from reports.language.formatting import MISSING
from reports.print.charts import Caterpillar, Funnel, RankBar, ShareBar
from reports.print.context import Printed, plain
from reports.print.document import contents
from reports.print.style import (
    ALARM_BAND,
    BAND,
    CAPTION_LONG,
    CELL,
    CELL_BOLD,
    HEADLINE,
    LEAD,
    NOTE,
    NOTICE,
    PAGE_HEIGHT,
    SUBHEADING,
    SUBTITLE,
    TITLE,
    WIDTH,
    marked,
    table,
    text,
)
from reports.told.sentences import findings_in_words


def front(p: Printed) -> list[Flowable]:
    """Return title, mark, facts of the run and contents."""
    run, n = p.content.run, p.numbers
    parts: list[Flowable] = [
        Spacer(1, 26),
        text("Tildeling", CELL_BOLD),
        Spacer(1, 10),
        text(p.t("page.heading"), TITLE),
        text(
            p.t("page.subheading", n=n.count(len(p.content.main.rows)), years=p.years),
            SUBTITLE,
        ),
    ]
    if run.is_synthetic:
        parts.append(text(f"{p.t('mark.short')}. {p.t('mark.band')}", BAND))
    if not p.content.choices.disclosure_control:
        said = f"{p.t('disclosure.off_short')}. {p.t('disclosure.off')}"
        parts.append(text(said, ALARM_BAND))
    scale = p.t("page.scale_real")
    if run.is_synthetic:
        scale = p.t("page.scale_synthetic", share=n.percent(run.scale))
    facts = [
        (p.t("page.window"), p.years),
        (p.t("page.made"), n.moment(run.finished_at or run.started_at)),
        (p.t("page.run"), run.run_id),
        (p.t("page.scale"), scale),
        (p.t("method.run_version"), run.code_version),
    ]
    parts += [
        text(p.t("page.intro"), LEAD),
        Table(
            [[text(name, CELL), text(value, CELL_BOLD)] for name, value in facts],
            colWidths=[WIDTH * 0.22, WIDTH * 0.78],
            style=[("LEFTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 1)],
        ),
        Spacer(1, 16),
        text(p.t("pdf.contents"), SUBHEADING),
        contents(),
        PageBreak(),
    ]
    return parts


def findings(p: Printed) -> list[Flowable]:
    """Return the three findings, in the sentences of the front page."""
    parts: list[Flowable] = [p.section("findings", p.t("findings.title"))]
    for finding in findings_in_words(p.content, p.words, p.numbers):
        block: list[Flowable] = [text(finding.title, SUBHEADING)]
        if finding.headline:
            headline = f"{finding.headline} "
            block.append(
                Paragraph(
                    f"{plain(headline)}<font name='DejaVuSans' size='8.6' color='#54606d'>"
                    f"{plain(finding.unit)}</font>",
                    HEADLINE,
                )
            )
            block.append(Spacer(1, 4))
        block += [text(sentence) for sentence in finding.sentences]
        parts.append(KeepTogether(block))
    parts.append(text(p.t("findings.neutral"), NOTICE))
    return parts


def ranking(p: Printed) -> list[Flowable]:
    """Return the ranking of the main view, each rank drawn in its interval."""
    view, n = p.content.main, p.numbers
    total = n.count(len(view.rows))
    parts: list[Flowable] = [
        PageBreak(),
        p.section("ranking", p.t("ranking.title", n=total)),
        text(p.t("ranking.lead", n=total)),
    ]
    maybe = view.sureness.n_maybe_lowest
    if maybe is not None:
        every = maybe == len(view.rows)
        key = "ranking.lead_uncertain_all" if every else "ranking.lead_uncertain"
        values: dict[str, object] = {"k": n.count(p.content.lowest_k)}
        if not every:
            values["n_lowest"] = n.count(maybe)
        parts.append(text(f"{p.t(key, **values)} {p.t('ranking.rank_note')}"))
    return [*parts, *ranking_table(p, view)]


def ranking_table(p: Printed, view: View) -> list[Flowable]:
    """Return the table of one view, repeated heading, with its notes."""
    n, total = p.numbers, p.numbers.count(len(view.rows))
    caption = p.t(
        "ranking.caption",
        outcome=p.words.label("outcome", view.outcome),
        model=p.words.label("model", view.model),
        years=p.years,
    )
    heading = [
        p.t("ranking.municipality"),
        p.t("ranking.observed"),
        p.t("ranking.expected"),
        p.t("ranking.ratio"),
        p.t("ranking.ratio_interval"),
        f"{p.t('ranking.rank')} {p.t('ranking.rank_interval')}",
        f"{p.t('ranking.rank_drawn')}, {p.t('ranking.rank_range', n=total)}",
    ]
    widths = [22.0, 9, 10, 11, 14, 15, 26]
    bar = WIDTH * widths[-1] / sum(widths) - 8
    rows: list[list[Any]] = [
        [
            f"{row.name}{'†' if row.coverage < 1 else ''}",
            n.count(row.observed),
            n.number(row.expected),
            n.number(row.ratio, 2),
            n.interval(row.ratio_low, row.ratio_high),
            rank_text(row.rank, row.rank_low, row.rank_high),
            RankBar(row, len(view.rows), bar),
        ]
        for row in view.rows
    ]
    partly = [row for row in view.rows if row.coverage < 1]
    notes = [p.t("ranking.legend_drawn", n=total), p.t("ranking.legend_missing")]
    if partly:
        listed = ", ".join(
            p.t("ranking.coverage_one", name=row.name, share=n.percent(row.coverage))
            for row in partly
        )
        notes.insert(1, p.t("ranking.coverage", list=listed))
    return [
        marked(caption, p.mark, CAPTION_LONG),
        table(heading, rows, widths, left=(0, 6)),
        text(" ".join(notes), NOTE),
    ]


def charts(p: Printed) -> list[Flowable]:
    """Return caterpillar and funnel of the main view."""
    view, n = p.content.main, p.numbers
    name = p.t(
        "ranking.caption",
        outcome=p.words.label("outcome", view.outcome),
        model=p.model,
        years=p.years,
    )
    parts: list[Flowable] = [PageBreak(), p.section("charts", p.t("pdf.charts"))]
    parts += [text(p.t("chart.caterpillar_title"), SUBHEADING), marked(name, "")]
    known = [row for row in view.rows if row.odds is not None]
    if known:
        without = ", ".join(row.name for row in view.rows if row.odds is None)
        note = p.t("chart.caterpillar_note")
        if without:
            note += f" {p.t('chart.caterpillar_without', names=without)}"
        height = min(PAGE_HEIGHT - 265, 60 + 7.0 * len(known))
        axis = p.t("chart.caterpillar_axis")
        parts += [text(note, NOTE), Caterpillar(view, n, axis, p.mark, height)]
    else:
        parts.append(text(p.t("chart.caterpillar_missing"), NOTICE))
    if any(row.expected > 0 for row in view.rows):
        note, s = p.t("chart.funnel_note"), view.sureness
        if s.n_outside_95 is not None and s.n_outside_overdispersed is not None:
            counts = p.t(
                "chart.funnel_counts",
                outside=n.count(s.n_outside_95),
                n=n.count(len(view.rows)),
                chance=n.count(s.n_by_chance),
                overdispersed=n.count(s.n_outside_overdispersed),
            )
            note += f" {counts}"
        axes = (p.t("chart.funnel_axis_x"), p.t("chart.funnel_axis_y"))
        parts += [
            PageBreak(),
            text(p.t("chart.funnel_title"), SUBHEADING),
            marked(name, ""),
            Funnel(view, n, axes, p.mark),
            text(note, NOTE),
        ]
    return parts


def what_if(p: Printed) -> list[Flowable]:
    """Return the counterfactual, naive and corrected, each with its interval."""
    n, found, k = p.numbers, p.content.findings, p.numbers.count(p.content.lowest_k)
    lead = p.t(
        "what_if.lead",
        akf_year=found.akf_year,
        akf_fewer=n.count(found.akf_fewer),
        akf_share=n.percent(found.akf_share),
    )
    parts: list[Flowable] = [
        p.section("what_if", p.t("what_if.title", k=k)),
        text(lead),
    ]
    chosen = [r for r in p.content.counterfactuals if r.model == p.content.main.model]
    if not chosen:
        return [*parts, text(p.t("what_if.missing"), NOTICE)]
    order = [view.outcome for view in p.content.views]
    chosen.sort(key=lambda row: order.index(row.outcome) if row.outcome in order else 99)
    shares = [
        end / row.observed
        for row in chosen
        for end in (row.low, row.high, row.fewer)
        if row.observed and end is not None
    ]
    scale = min([0.0, *shares]), max([0.01, *shares])
    widths = [25.0, 18, 15, 11, 16, 10, 20]
    bar = WIDTH * widths[-1] / sum(widths) - 8
    rows: list[list[Any]] = []
    for row in chosen:
        standard = lowest_k(row.standard)
        ends = [None if e is None or not row.observed else e / row.observed
                for e in (row.low, row.high)]  # fmt: skip
        rows.append(
            [
                text(p.words.label("outcome", row.outcome), CELL),
                text(p.words.label("method_name", row.method), CELL),
                p.t("standard.lowest", k=n.count(standard)) if standard else row.standard,
                n.count(row.fewer),
                n.interval(row.low, row.high, 0),
                n.percent(row.share, 1),
                ShareBar(row.share, ends[0], ends[1], scale, bar),
            ]
        )
    names = ["outcome", "method", "standard", "fewer", "interval", "share"]
    heading = [*(p.t(f"what_if.{name}") for name in names), ""]
    caption = p.t("what_if.caption", years=p.years, model=p.model)
    parts += [marked(caption, p.mark), table(heading, rows, widths, left=(0, 1, 2, 6))]
    for name in ("naive", "empirical_bayes", "split_year"):
        told = p.words.label("method_note", name)
        named = plain(p.words.label("method_name", name))
        parts.append(Paragraph(f"<b>{named}.</b> {plain(told)}", NOTE))
    parts += [
        text(p.t("what_if.why_title"), SUBHEADING),
        text(p.t("what_if.why")),
        text(p.t("what_if.note"), NOTICE),
    ]
    return parts


def rank_text(rank: int | None, low: int | None, high: int | None) -> str:
    """Return ``12 (3–40)``; a rank without its interval is not shown."""
    return MISSING if rank is None or low is None or high is None else f"{rank} ({low}–{high})"
