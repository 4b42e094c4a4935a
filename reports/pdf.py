"""The report as a PDF for print: contents, findings, ranking, what-if, breakdown, method, glossary.

Every number and sentence comes from the content object and the texts the site uses.
"""

from __future__ import annotations

from pathlib import Path

from reports import pdf_breakdown, pdf_results, pdf_trust
from reports.content import Content
from reports.pdf_context import Printed
from reports.pdf_document import build
from reports.pdf_style import register_fonts

#: Files of the printed report by language.
REPORTS = {"da": "tildeling.pdf", "en": "tildeling.en.pdf"}
_PARTS = (
    *(pdf_results.front, pdf_results.findings, pdf_results.ranking, pdf_results.charts),
    *(pdf_results.what_if, pdf_breakdown.breakdown, pdf_trust.sureness),
    *(pdf_trust.other_rankings, pdf_trust.quality, pdf_trust.method, pdf_trust.glossary),
)


def write_report(path: Path, content: Content, language: str) -> None:
    """Write the printed report of ``content`` in ``language`` to ``path``."""
    register_fonts()
    printed = Printed(content, language, "page.heading")
    story = [flowable for part in _PARTS for flowable in part(printed)]
    build(path, printed.imprint, story)
