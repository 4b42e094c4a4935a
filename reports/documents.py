"""The files to take along: the workbook, the printed report, and a printed page per municipality.

They are written beside the site's pages, from the same tables and the same content.
"""

from __future__ import annotations

from pathlib import Path

from reports.content import Content
from reports.pdf import REPORTS, write_report
from reports.pdf_places import PLACES, write_places
from reports.read import ResultTables
from reports.workbook import WORKBOOKS, write_workbook


def write_documents(
    folder: Path, tables: ResultTables, content: Content, languages: tuple[str, ...]
) -> list[str]:
    """Return the names of the files written into ``folder``, language by language."""
    written = []
    for language in languages:
        write_workbook(folder / WORKBOOKS[language], tables, content, language)
        write_report(folder / REPORTS[language], content, language)
        write_places(folder / PLACES[language], content, language)
        written += [WORKBOOKS[language], REPORTS[language], PLACES[language]]
    return written


def remove_stale(folder: Path, written: list[str]) -> list[Path]:
    """Return the files of an earlier report in other languages, after removing them."""
    known = {*WORKBOOKS.values(), *REPORTS.values(), *PLACES.values()}
    stale = [folder / name for name in sorted(known.difference(written))]
    found = [path for path in stale if path.exists()]
    for path in found:
        path.unlink()
    return found
