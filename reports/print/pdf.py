"""The report as a PDF for print: contents, findings, ranking, what-if, breakdown, method, glossary.

Every number and sentence comes from the content object and the texts the site uses.
"""

from __future__ import annotations

from pathlib import Path

from reports.content.content import Content
from reports.print import breakdown as pdf_breakdown
from reports.print import results as pdf_results
from reports.print import trust as pdf_trust
from reports.print.context import Printed
from reports.print.document import build
from reports.print.style import register_fonts

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
