"""One printed page per municipality, in alphabetical order, behind a list of them all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reportlab.platypus import Flowable, KeepInFrame, PageBreak, Paragraph, Spacer

from reports.charts import direction
from reports.content import Cell, Content, MunicipalityResult, View
from reports.formatting import MISSING, SUPPRESSED
from reports.municipality import Place, Slice
from reports.pdf_charts import RankBar, ShareBar
from reports.pdf_context import Printed, plain
from reports.pdf_document import Section, build
from reports.pdf_results import rank_text
from reports.pdf_style import (
    ALARM_BAND,
    BAND,
    BOTTOM,
    CELL,
    FEWER_PALE,
    HEADING,
    LEAD,
    MORE_PALE,
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

#: Files of the municipalities' pages by language.
PLACES = {"da": "kommuner.pdf", "en": "municipalities.en.pdf"}
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
            *_cells(p, cells.get(place.code, ())),
            *_slices(p, years.get(place.code, []), "pdf.place_years", "year"),
            *_slices(p, ages.get(place.code, []), "pdf.place_ages", "age_band"),
            *_sentences(p, place),
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


def _cells(p: Printed, cells: tuple[Cell, ...]) -> list[Flowable]:
    tenures, diagnoses = p.content.tenures, p.content.diagnoses
    if not cells:
        return []
    rows: list[list[Any]] = []
    shades: list[tuple[Any, ...]] = []
    for line, group in enumerate(diagnoses):
        found = cells[line * len(tenures) : (line + 1) * len(tenures)]
        rows.append([p.words.diagnosis(group), *(_figure(p, cell) for cell in found)])
        for at, cell in enumerate(found, start=1):
            way = direction(cell.ratio_low, cell.ratio_high)
            if way != "within":
                shade = FEWER_PALE if way == "low" else MORE_PALE
                shades.append(("BACKGROUND", (at, line + 1), (at, line + 1), shade))
    heading = [
        p.t("breakdown.diagnosis"),
        *(p.words.level("tenure_band", band) for band in tenures),
    ]
    outcome = p.words.label("outcome", p.content.main.outcome)
    return [
        marked(f"{p.t('pdf.place_cells')} · {outcome}, {p.model}", p.mark),
        table(heading, rows, [34.0] + [15.0] * len(tenures), *shades),
    ]


def _figure(p: Printed, cell: Cell) -> str:
    if cell.observed is None and not cell.is_suppressed:
        return MISSING
    count = SUPPRESSED if cell.observed is None else p.numbers.count(cell.observed)
    sign = {"low": "▾", "high": "▴"}.get(direction(cell.ratio_low, cell.ratio_high), "")
    expected = p.numbers.number(cell.expected)
    return p.t("pdf.actual_expected", observed=f"{count}{sign}", expected=expected)


def _slices(p: Printed, slices: list[Slice], title: str, kind: str) -> list[Flowable]:
    main = p.content.main
    chosen = [part for part in slices if part.model == main.model]
    if kind == "age_band":
        chosen = [part for part in chosen if part.outcome == main.outcome]
    parts = list(dict.fromkeys(part.part for part in chosen))
    if not parts:
        return []
    found = {(part.outcome, part.part): part for part in chosen}
    rows: list[list[Any]] = [
        [
            p.words.label("outcome", outcome),
            *(_slice(p, found.get((outcome, part))) for part in parts),
        ]
        for outcome in dict.fromkeys(view.outcome for view in p.content.views)
        if any(part.outcome == outcome for part in chosen)
    ]
    names = [part if kind == "year" else p.words.level(kind, part) for part in parts]
    heading = [p.t("what_if.outcome"), *names]
    return [
        marked(f"{p.t(title)} · {p.model}", p.mark),
        table(heading, rows, [34.0] + [75.0 / len(parts)] * len(parts)),
    ]


def _slice(p: Printed, part: Slice | None) -> str:
    if part is None:
        return MISSING
    count = SUPPRESSED if part.observed is None else p.numbers.count(part.observed)
    sign = {"low": "▾", "high": "▴"}.get(direction(part.ratio_low, part.ratio_high), "")
    expected = p.numbers.number(part.expected)
    return p.t("pdf.actual_expected", observed=f"{count}{sign}", expected=expected)


def _sentences(p: Printed, place: Place) -> list[Flowable]:
    n, parts = p.numbers, []
    for found in place.ranges:
        if found.outcome == p.content.main.outcome:
            parts.append(
                p.t(
                    "pdf.place_sensitivity",
                    n=n.count(found.n_specifications),
                    low=n.count(found.lowest),
                    high=n.count(found.highest),
                    outcome=p.words.label("outcome", found.outcome),
                )
            )
    for cases in place.cases:
        if cases.median_days is not None:
            parts.append(
                p.t(
                    "pdf.place_cases",
                    outcome=p.words.label("outcome", cases.outcome).casefold(),
                    days=n.count(cases.median_days),
                    days_interval=n.interval(cases.median_low, cases.median_high, 0),
                    per_refusal=n.number(cases.grants_per_refusal),
                    per_refusal_interval=n.interval(
                        cases.grants_per_refusal_low, cases.grants_per_refusal_high, 1
                    ),
                    mental=n.percent(cases.mental_share),
                    mental_interval=_percents(p, cases.mental_share_low, cases.mental_share_high),
                )
            )
    return [Spacer(1, 5), *(text(sentence, CELL) for sentence in parts)]


def _percents(p: Printed, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return MISSING
    return f"{p.numbers.percent(low)}–{p.numbers.percent(high)}"
