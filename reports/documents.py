"""The files to take along: the workbook, the printed report, and a printed page per municipality.

They are written beside the site's pages, from the same tables and the same content.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from reports.content.content import Content
from reports.content.read import ResultTables
from reports.language.files import FILES, PLACE_FOLDER, PLACES, QUALITY, REPORTS, WORKBOOKS
from reports.print.documents import write_municipalities, write_report, write_sheets
from reports.workbook.workbook import write_workbook


def write_documents(folder: Path, tables: ResultTables, content: Content, language: str) -> None:
    """Write workbook, printed report and sheets of ``language`` into ``folder``."""
    write_workbook(folder / WORKBOOKS[language], tables, content, language)
    write_report(folder / REPORTS[language], content, language)
    write_municipalities(folder / PLACES[language], content, language)
    write_sheets(folder, content, language)


def keep_others(earlier: Path, folder: Path) -> list[Path]:
    """Return what others put into the folder ``earlier``, after copying it to ``folder``.

    Pages and documents are not kept, in whatever language: they would be of another release. Nor
    is a folder with the report of a question, which has a front page.
    """
    ours = {*WORKBOOKS.values(), *REPORTS.values(), *PLACES.values(), QUALITY, PLACE_FOLDER}
    kept = [
        path
        for path in (sorted(earlier.iterdir()) if earlier.is_dir() else [])
        if path.name not in ours
        and path.suffix != ".html"
        and not any((path / front).exists() for front in FILES.values())
    ]
    for path in kept:
        target = folder / path.name
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, target, symlinks=True)
        else:
            shutil.copy2(path, target, follow_symlinks=False)
    return kept
