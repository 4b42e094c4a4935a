"""The pages of the site: what each holds, before it is set as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reports.content.lookup import Lookup
from reports.courses import cost, pathways, tenure, to_date
from reports.language.csv_text import csv_text, data_link
from reports.language.files import PLACE_FOLDER, page_file
from reports.municipality import drawn, page, verdict
from reports.site import reference
from reports.told import (
    changes,
    findings,
    guide,
    map,
    method,
    questions,
    ranking,
    what_if,
)
from reports.told.blocks import Heading, Links, Section, told_once
from reports.told.pages import country, practice, years
from reports.told.pages.leads import KEY, lead
from reports.told.telling import Telling
from reports.told.trust import assumptions, calibration, quality, sureness

#: Pages of the site's menu by key among the texts: the file's name without language.
MENU = {
    "index": "index",
    "country": "country",
    "practice": "practice",
    "years": "years",
    "courses": "courses",
    "explore": "explore",
    "guide": "guide",
    "appendix": "method",
    "quality": "quality",
    "dictionary": "dictionary",
}

#: Pages about the whole country by name, which is theirs among the texts too.
_NATIONAL = {"country": country, "practice": practice, "years": years}


@dataclass(frozen=True)
class Page:
    """A page: its file's name without language, head, sections, template, and what else it has."""

    name: str
    title: str
    heading: str
    sections: tuple[Section, ...] = ()
    subheading: str = ""
    intro: str = ""
    template: str = "page.html"
    scripts: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    #: Pages beside this one whose sections stand in its contents: name and title, and of each
    #: section address and title.
    beside: tuple[tuple[str, str, list[tuple[str, str]]], ...] = ()

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Address and title of each section."""
        return [(section.key, section.title) for section in self.sections]


def front(p: Telling, pages: Mapping[str, str]) -> Page:
    """Return the front page: who stands out, the map, the findings; then the ranking."""
    t, n = p.t, p.n
    total = n.count(len(p.content.main.rows))
    out = map.standing_out(p)
    n_out = len(out["low"]) + len(out["high"])
    others = (questions.beside(p),) if p.content.questions else ()
    told, ranked = told_once((findings.findings_of_front(p), ranking.ranking(p)))
    asked = questions.title(p)
    return Page(
        "index",
        asked or t("page.title", n=total),
        asked or t("page.heading"),
        (
            changes.changes(p),
            ranked,
            _everyone(p, pages),
            *others,
            Section("take_along", t("take_along.title"), (guide.files(p),)),
        ),
        t("page.subheading", n=total, years=p.years),
        t("page.intro"),
        "front.html",
        ("sort.js",),
        {
            "findings": told,
            "map": map.map_blocks(p, pages),
            "out": out,
            "out_lead": t(
                "front.stand_out" if n_out else "front.stand_out_nobody",
                out=n.count(n_out),
                n=total,
            ),
            "quality": quality.summary(p),
            "csv": data_link(_csv(p)),
            "csv_name": csv_name(p),
        },
    )


def _everyone(p: Telling, pages: Mapping[str, str]) -> Section:
    """Return every municipality by region, both in alphabetical order."""
    rows = sorted(p.content.main.rows, key=lambda row: row.alphabetical)
    blocks: list[Any] = []
    for region in p.content.regions:
        blocks.append(Heading(region))
        blocks.append(Links(tuple((r.name, pages[r.code]) for r in rows if r.region == region)))
    left = tuple((row.name, pages[row.code]) for row in rows if row.region is None)
    if left:
        blocks.append(Links(left))
    return Section("places", p.t("places.title"), tuple(blocks))


def csv_name(p: Telling) -> str:
    """Return the name of a download; synthetic data carry their mark in it."""
    mark = f"-{p.mark.replace(' · ', '-').replace(' ', '-')}" if p.mark else ""
    return f"{p.t('explore.csv_name')}{mark}.csv"


def _csv(p: Telling) -> str:
    view = p.content.main
    what = f"{p.outcome(view.outcome)} · {p.model(view.model)}"
    rows = [
        (
            *(row.code, row.name, row.region or "", row.observed, row.expected),
            *(row.ratio, row.ratio_low, row.ratio_high, row.rank, row.rank_low, row.rank_high),
            *(what, p.mark),
        )
        for row in view.rows
    ]
    return csv_text(p.t.all("explore.csv_header"), rows, p.n)


def benchmarks(p: Telling) -> Page:
    """Return the page that leads to the report of every question of the release."""
    t = p.t
    sections = questions.questions(p)
    title = t("benchmarks.title")
    return Page("benchmarks", title, title, sections, "", t("benchmarks.intro"))


def national(p: Telling) -> Iterator[Page]:
    """Yield the pages about the whole country; the first leads to the sections of the others."""
    made = [
        Page(
            name,
            p.t(f"{name}.title"),
            p.t(f"{name}.title"),
            told_once((*lead(p, of.in_words(p)), *of.sections(p))),
            p.t(f"{name}.subheading", years=p.years),
            p.t(f"{name}.intro"),
        )
        for name, of in _NATIONAL.items()
    ]
    first, *others = made
    beside = tuple(
        (other.name, other.title, [pair for pair in other.contents if pair[0] != KEY])
        for other in others
    )
    yield replace(first, beside=beside)
    yield from others


def courses(p: Telling) -> Page:
    """Return the page about people's courses over time."""
    t = p.t
    tellers = (to_date.to_date, tenure.tenure, pathways.pathways, cost.cost)
    return Page(
        "courses",
        t("courses.title"),
        t("courses.title"),
        told_once((*lead(p, _of_courses(p)), *(tell(p) for tell in tellers))),
        t("courses.subheading", years=p.years),
        t("courses.intro"),
    )


def _of_courses(p: Telling) -> Iterator[str]:
    for of in (to_date, tenure, pathways, cost):
        yield from of.short(p)


def guides(p: Telling, files: Mapping[str, str]) -> tuple[Page, ...]:
    """Return how to read it, the method, the checks and the dictionary."""
    t = p.t

    def titled(name: str, key: str, sections: tuple[Section, ...], **more: Any) -> Page:
        title, subheading = t(f"{key}.title"), t(f"{key}.subheading")
        return Page(name, title, title, sections, subheading, t(f"{key}.intro"), **more)

    why = Section("what_if", t("appendix.what_if_title"), tuple(what_if.why(p)))
    appendix = (
        method.method(p),
        method.specification(p),
        method.second_stage(p),
        why,
        quality.diagnostics(p),
        sureness.recovery(p),
        calibration.calibration(p),
        method.coefficients(p),
        method.run(p),
    )
    checks = Page(
        "quality",
        t("quality.title"),
        t("quality.title"),
        (quality.quality(p), quality.validity(p), assumptions.assumptions(p)),
        intro=t("quality.intro"),
    )
    return (
        titled("guide", "guide", (*guide.guide(p, files), method.glossary(p))),
        titled("method", "appendix", appendix),
        checks,
        titled(
            "dictionary",
            "dictionary",
            (),
            template="dictionary.html",
            extra=reference.dictionary_of(p),
        ),
    )


def municipalities(p: Telling) -> Iterator[Page]:
    """Yield the page of each municipality."""
    t, lookup = p.t, Lookup(p.content)
    listed = list(page.each(lookup, p.language))
    for at, own in enumerate(listed):
        place = own.place
        yield Page(
            f"{PLACE_FOLDER}/{place.code}",
            t("place.title", name=place.name, years=p.years),
            place.name,
            told_once(page.sections(own)),
            t("place.subheading", region=place.region or "", years=p.years).strip(" ·"),
            template="place.html",
            extra={
                "place": place,
                "locator": drawn.locator(own),
                "sheet": page_file(place.code, p.language).replace(".html", ".pdf"),
                "before": listed[at - 1].place if at else None,
                "after": listed[at + 1].place if at + 1 < len(listed) else None,
            },
        )


def sought(p: Telling, pages: Mapping[str, str]) -> list[list[str]]:
    """Return what the search looks in: code, name, address and verdict of every municipality."""
    return [
        [
            row.code,
            row.name,
            pages[row.code],
            p.t(f"verdict_name.{step}") if (step := verdict.verdict(row)) else "",
        ]
        for row in sorted(p.content.main.rows, key=lambda row: row.alphabetical)
    ]
