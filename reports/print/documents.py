"""The printed documents: the report, a sheet per municipality, and all sheets in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reports.content.content import Content
from reports.content.lookup import Lookup
from reports.courses import cost, pathways, tenure, to_date
from reports.language.files import PLACE_FOLDER, page_file
from reports.municipality.page import each
from reports.municipality.sheet import sheet
from reports.print.setting import Document, set_pdf
from reports.told import changes, findings, map, method, ranking
from reports.told.blocks import Section
from reports.told.pages import country, practice, years
from reports.told.telling import Telling
from reports.told.trust import calibration, quality, sureness


def write_report(path: Path, content: Content, language: str) -> None:
    """Write the printed report of ``content`` in ``language`` to ``path``."""
    p = Telling(content, language)
    t, n, run = p.t, p.n, content.run
    scale = t("page.scale_real")
    if run.is_synthetic:
        scale = t("page.scale_synthetic", share=n.percent(run.scale))
    document = Document(
        t("page.heading"),
        (
            findings.findings(p),
            changes.changes(p),
            map.map_section(p, {}),
            ranking.ranking(p),
            *country.sections(p, is_short=True),
            *practice.sections(p),
            *years.sections(p),
            to_date.to_date(p),
            tenure.tenure(p),
            pathways.pathways(p),
            cost.cost(p),
            sureness.recovery(p),
            calibration.calibration(p),
            *_others(p),
            quality.quality(p),
            method.method(p),
            method.run(p),
            method.glossary(p),
        ),
        t("page.subheading", n=n.count(len(content.main.rows)), years=p.years),
        t("page.intro"),
        (
            (t("page.window"), p.years),
            (t("page.made"), n.moment(run.finished_at or run.started_at)),
            (t("page.run"), run.run_id),
            (t("page.scale"), scale),
            (t("method.run_version"), run.code_version),
        ),
        contents=t("pdf.contents"),
    )
    path.write_bytes(set_pdf(p, document))


def _others(p: Telling) -> Iterator[Section]:
    """Yield the rankings of the other outcomes under the main model."""
    main = p.content.main
    for view in p.content.views:
        if view.model == main.model and view is not main:
            title = p.t("pdf.other_ranking", outcome=p.outcome(view.outcome))
            yield Section(f"ranking-{view.key}", title, (ranking.ranking_table(p, view),))


def write_municipalities(path: Path, content: Content, language: str) -> None:
    """Write the sheets of all municipalities of ``content`` in ``language`` to ``path``."""
    p = Telling(content, language)
    own = each(Lookup(content), language)
    document = Document(
        p.t("pdf.places_title"),
        [sheet(one) for one in own],
        p.t("pdf.places_subheading", n=p.n.count(len(content.places)), years=p.years),
        p.t("pdf.places_lead"),
        is_sheets=True,
        contents=p.t("pdf.contents"),
    )
    path.write_bytes(set_pdf(p, document))


def write_sheets(folder: Path, content: Content, language: str) -> None:
    """Write one sheet per municipality into the folder of their pages under ``folder``."""
    (folder / PLACE_FOLDER).mkdir(exist_ok=True)
    for own in each(Lookup(content), language):
        title = own.t("pdf.sheet_title", name=own.place.name, years=own.years)
        document = Document(title, (sheet(own),), is_cover=False, is_sheets=True)
        name = page_file(own.place.code, language).replace(".html", ".pdf")
        (folder / PLACE_FOLDER / name).write_bytes(set_pdf(own, document))
