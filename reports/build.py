"""Building the report: self-contained pages per language, put in place whole."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pipeline.errors import SettingsError
from reports.assemble import content_from
from reports.documents import remove_stale, write_documents
from reports.read import read_previous, read_tables
from reports.render import FILES, render_site


def build_report(
    benchmark_path: Path,
    out: Path,
    *,
    languages: tuple[str, ...] = ("da", "en"),
    documents: bool = True,
) -> list[Path]:
    """Write the report of the release at ``benchmark_path`` into ``out``; return the front pages.

    Danish is ``index.html``, English ``index.en.html``; beside them stand ``explore`` and, in the
    folder ``kommune``, a page per municipality, and, with ``documents``, the workbook and the
    printed report (:mod:`reports.documents`). All pages are built beside ``out`` before the
    first is moved in place, the front pages last, so a failure leaves an earlier report as it was.
    The release published before, where there is one, is read to say what changed. Raises
    :class:`SettingsError` for an unknown language and :class:`StorageError` for a release that
    cannot be read.
    """
    unknown = [language for language in languages if language not in FILES]
    if unknown or not languages:
        raise SettingsError(
            f"the report cannot be written in {', '.join(unknown) or 'no language'}.",
            expected=", ".join(FILES),
        )
    tables = read_tables(benchmark_path)
    content = content_from(tables, read_previous(benchmark_path))
    out = out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        beside = Path(folder)
        built = []
        for language in languages:
            for name, text in render_site(content, language, languages):
                page = beside / name
                page.parent.mkdir(exist_ok=True)
                page.write_text(text, encoding="utf-8", newline="\n")
                built.append(name)
        if documents:
            built += write_documents(beside, tables, content, languages)
        fronts = [FILES[language] for language in languages]
        for name in [*(name for name in built if name not in fronts), *fronts]:
            (out / name).parent.mkdir(exist_ok=True)
            (beside / name).replace(out / name)
        if documents:
            remove_stale(out, built)
        return [out / name for name in fronts]
