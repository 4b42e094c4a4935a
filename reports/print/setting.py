"""Setting: blocks as data, Typst's template, and PDF/UA-1 out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst

from reports.told.blocks import Section, as_plain
from reports.told.telling import Telling

_TEMPLATE = Path(__file__).parent / "report.typ"
#: The letters of the page: DejaVu, which matplotlib brings along.
_FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"


@dataclass(frozen=True)
class Document:
    """A printed document: title page (with ``is_cover``) or none, then sections.

    ``is_sheets``: every section is one page with a frame of its own.
    """

    title: str
    sections: Sequence[Section]
    subheading: str = ""
    lead: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    is_cover: bool = True
    is_sheets: bool = False
    contents: str = field(default="", kw_only=True)


def set_pdf(p: Telling, document: Document) -> bytes:
    """Return ``document`` as a PDF; the same content gives the same bytes.

    The date is that of the run, not of the setting.
    """
    run, t = p.content.run, p.t
    made = run.finished_at or run.started_at or datetime(1980, 1, 1, tzinfo=UTC)
    bands = []
    if run.is_synthetic:
        bands.append(f"{t('mark.short')}. {t('mark.band')}")
    if not p.content.choices.disclosure_control:
        bands.append(f"{t('disclosure.off_short')}. {t('disclosure.off')}")
    data = {
        **as_plain(document),
        "language": p.language,
        "mark": p.mark,
        "bands": bands,
        "imprint": t("pdf.run", run=run.run_id),
        "subject": t("pdf.subject", years=p.years),
        "source": p.source,
        "date": [made.year, made.month, made.day],
    }
    pdf: bytes = _compiler().compile(
        input=str(_TEMPLATE),
        format="pdf",
        sys_inputs={"report": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=int(made.replace(tzinfo=made.tzinfo or UTC).timestamp()),
    )
    return pdf


@cache
def _compiler() -> Any:
    return typst.Compiler(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
    )
