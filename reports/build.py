"""Building the report: self-contained pages per language, put in place whole."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.folders import replacing_folder
from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.read import ResultTables, read_previous, read_tables
from reports.documents import keep_others, write_documents
from reports.language.files import FILES, QUALITY
from reports.site.render import render_site


def build_report(
    benchmark_path: Path,
    out: Path,
    *,
    languages: tuple[str, ...] = ("da", "en"),
    documents: bool = True,
    workers: int = 1,
) -> list[Path]:
    """Write the report of the release at ``benchmark_path`` into ``out``; return the front pages.

    Danish is ``index.html``, English ``index.en.html``; beside them stand ``explore`` and, in the
    folder ``kommune``, a page per municipality, and, with ``documents``, the workbook and the
    printed report (:mod:`reports.documents`) and the checks of the release as
    ``data_quality.csv``. All of it is built beside ``out`` and takes its place in one step, so
    whoever looks finds an earlier report or this one, whole; other files in ``out`` stay. With
    ``workers`` above 1 every language but the first is written by a process of its own.
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
    with replacing_folder(out) as beside:
        write = partial(_write, beside, tables if documents else None, content, languages)
        if workers > 1 and len(languages) > 1:
            # Started afresh: forking a process with DuckDB's threads may deadlock.
            spawn = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(min(workers, len(languages)) - 1, spawn) as pool:
                others = [pool.submit(write, language) for language in languages[1:]]
                write(languages[0])
                for other in others:
                    other.result()
        else:
            for language in languages:
                write(language)
        if documents:
            tables.data_quality.drop(columns="run_id").to_csv(beside / QUALITY, index=False)
        keep_others(out, beside)
    return [out / FILES[language] for language in languages]


def _write(
    folder: Path,
    tables: ResultTables | None,
    content: Content,
    languages: tuple[str, ...],
    language: str,
) -> None:
    """Write the pages of ``language`` into ``folder``, and with ``tables`` its documents."""
    for name, text in render_site(content, language, languages):
        page = folder / name
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, encoding="utf-8", newline="\n")
    if tables is not None:
        write_documents(folder, tables, content, language)
