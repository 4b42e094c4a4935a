"""One printed page per municipality, in alphabetical order, behind a list of them all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reportlab.platypus import Flowable, KeepInFrame, PageBreak, Paragraph, Spacer

from reports.content.content import Content, MunicipalityResult, View
from reports.content.municipality import Place, Slice
from reports.print.charts import RankBar, ShareBar
from reports.print.context import Printed, plain
from reports.print.document import Section, build
from reports.print.place_parts import cells_of, sentences_of, slices_of
from reports.print.results import rank_text
from reports.print.style import (
    ALARM_BAND,
    BAND,
    BOTTOM,
    CELL,
    HEADING,
    LEAD,
    NOTE,
    PAGE_HEIGHT,
    SUBTITLE,
    TITLE,
    TOP,
    WIDTH,
    marked,
    register_fonts,
    table,
    text,
)

_COLUMNS = 3
#: The list of municipalities is the first page; each of them has one of its own after it.
_FIRST = 2


def write_places(path: Path, content: Content, language: str) -> None:
    """Write the pages of all municipalities of ``content`` in ``language`` to ``path``."""
    register_fonts()
    p = Printed(content, language, "pdf.places_title")
    results: dict[str, list[tuple[View, MunicipalityResult]]] = {}
    for view in content.views:
        for row in view.rows:
            results.setdefault(row.code, []).append((view, row))
    cells = {table.code: table.cells for table in content.municipal
             if table.outcome == content.main.outcome}  # fmt: skip
    years, ages = _by_code(content.years), _by_code(content.ages)
    story = _front(p)
    for place in content.places:
        story += [PageBreak(), Section(place.name, 0, f"place-{place.code}", HEADING)]
        parts = [
            *_notes(p, place, results[place.code]),
            *_results(p, results[place.code]),
            *_split(p, place),
            *cells_of(p, cells.get(place.code, ())),
            *slices_of(p, years.get(place.code, []), "pdf.place_years", "year"),
            *slices_of(p, ages.get(place.code, []), "pdf.place_ages", "age_band"),
            *sentences_of(p, place),
        ]
        room = PAGE_HEIGHT - TOP - BOTTOM - 40
        story.append(KeepInFrame(WIDTH, room, parts, mode="shrink"))
    build(path, p.imprint, story, n_pages=1 + len(content.places))


def _by_code(slices: Iterable[Slice]) -> dict[str, list[Slice]]:
    found: dict[str, list[Slice]] = {}
    for part in slices:
        found.setdefault(part.code, []).append(part)
    return found


def _front(p: Printed) -> list[Flowable]:
    places = p.content.places
    n = p.numbers.count(len(places))
    parts: list[Flowable] = [
        text(p.t("pdf.places_title"), TITLE),
        text(p.t("pdf.places_subheading", n=n, years=p.years), SUBTITLE),
    ]
    if p.content.run.is_synthetic:
        parts.append(text(f"{p.t('mark.short')}. {p.t('mark.band')}", BAND))
    if not p.content.choices.disclosure_control:
        said = f"{p.t('disclosure.off_short')}. {p.t('disclosure.off')}"
        parts.append(text(said, ALARM_BAND))
    parts += [text(p.t("pdf.places_lead"), LEAD), Spacer(1, 6)]
    lines = -(-len(places) // _COLUMNS)
    rows: list[list[Any]] = [[""] * (2 * _COLUMNS) for _ in range(lines)]
    for at, place in enumerate(places):
        column, line = divmod(at, lines)
        link = f'<a href="#place-{place.code}">{plain(place.name)}</a>'
        rows[line][2 * column] = Paragraph(link, CELL)
        rows[line][2 * column + 1] = str(_FIRST + at)
    plain_rows = [
        ("LINEBELOW", (0, 0), (-1, -1), 0, "white"),
        ("RIGHTPADDING", (1, 0), (-1, -1), 14),
    ]
    even = [("ALIGN", (at, 0), (at, -1), "RIGHT") for at in range(1, 2 * _COLUMNS, 2)]
    parts.append(table([], rows, [27.0, 6.0] * _COLUMNS, *plain_rows, *even, left=(0, 2, 4)))
    return parts


def _notes(
    p: Printed, place: Place, results: list[tuple[View, MunicipalityResult]]
) -> list[Flowable]:
    parts: list[Flowable] = []
    if place.region:
        parts.append(text(place.region, CELL))
    parts.append(text(p.t("pdf.place_note"), NOTE))
    coverage = min((row.coverage for _, row in results), default=1.0)
    if coverage < 1:
        parts.append(text(p.t("pdf.place_coverage", share=p.numbers.percent(coverage)), CELL))
    return parts


def _results(p: Printed, results: list[tuple[View, MunicipalityResult]]) -> list[Flowable]:
    n = p.numbers
    total = n.count(len(p.content.main.rows))
    heading = [
        p.t("pdf.place_outcome"),
        p.t("ranking.observed"),
        p.t("ranking.expected"),
        p.t("ranking.ratio"),
        p.t("ranking.ratio_interval"),
        p.t("ranking.rank"),
        p.t("ranking.rank_range", n=total),
    ]
    widths = [38.0, 9, 10, 11, 14, 13, 22]
    bar = WIDTH * widths[-1] / sum(widths) - 8
    rows: list[list[Any]] = [
        [
            f"{p.words.label('outcome', view.outcome)} · {_short(p, view.model)}",
            n.count(row.observed),
            n.number(row.expected),
            n.number(row.ratio, 2),
            n.interval(row.ratio_low, row.ratio_high),
            rank_text(row.rank, row.rank_low, row.rank_high),
            RankBar(row, len(view.rows), bar),
        ]
        for view, row in results
    ]
    return [
        marked(f"{p.t('pdf.place_results')}, {p.years}", p.mark),
        table(heading, rows, widths, left=(0, 6)),
    ]


def _short(p: Printed, model: str) -> str:
    return p.words.label("model_short", model)


def _split(p: Printed, place: Place) -> list[Flowable]:
    n = p.numbers
    chosen = [part for part in place.components if part.outcome == p.content.main.outcome]
    if not chosen:
        return []
    ends = [
        end for part in chosen for end in (part.share, part.low, part.high, 0.0) if end is not None
    ]
    widths = [30.0, 12, 18, 18, 32]
    bar = WIDTH * widths[-1] / sum(widths) - 8
    rows: list[list[Any]] = [
        [
            p.words.label("component", part.component),
            n.signed(1000 * part.share, 2),
            n.interval(_thousand(part.low), _thousand(part.high)),
            n.signed(part.grants),
            ShareBar(part.share, part.low, part.high, (min(ends), max(ends)), bar),
        ]
        for part in chosen
    ]
    heading = [
        p.t("pdf.place_split_part"),
        p.t("pdf.place_split_share"),
        p.t("ranking.ratio_interval"),
        p.t("pdf.place_split_grants"),
        p.t("pdf.place_split_drawn"),
    ]
    outcome = p.words.label("outcome", p.content.main.outcome)
    return [
        marked(f"{p.t('pdf.place_split')} · {outcome}", p.mark),
        table(heading, rows, widths, left=(0, 4)),
    ]


def _thousand(share: float | None) -> float | None:
    return None if share is None else 1000 * share
