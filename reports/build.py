"""Building the report: self-contained pages per language, put in place whole."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.folders import replacing_folder
from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.read import ResultTables, of_run, read_previous, read_tables
from reports.content.run import Question, folder_of, questions_from
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
    benchmarks: tuple[str, ...] = (),
) -> list[Path]:
    """Write the report of the release at ``benchmark_path`` into ``out``; return the front pages.

    Danish is ``index.html``, English ``index.en.html``; beside them stand ``explore`` and, in the
    folder ``kommune``, a page per municipality, and, with ``documents``, the workbook and the
    printed report (:mod:`reports.documents`) and the checks of the release as ``data_quality.csv``.
    Where the release answers several questions, those after the first have a report of their own in
    a folder named after the benchmark, and the page ``benchmarks`` leads to each; ``benchmarks``
    names those to be told, the first of them at the front. All of it is built beside ``out`` and
    takes its place in one step, so whoever looks finds an earlier report or this one, whole; other
    files in ``out`` stay. With ``workers`` above 1 every report and language but the first is
    written by another process. The release published before, where there is one, is read to say
    what changed. Raises :class:`SettingsError` for an unknown language and :class:`StorageError`
    for a release that cannot be read.
    """
    unknown = [language for language in languages if language not in FILES]
    if unknown or not languages:
        raise SettingsError(
            f"the report cannot be written in {', '.join(unknown) or 'no language'}.",
            expected=", ".join(FILES),
        )
    release = read_tables(benchmark_path)
    questions = asked(questions_from(release.run), benchmarks)
    out = out.resolve()
    with replacing_folder(out) as beside:
        writes = []
        for question in questions:
            tables = of_run(release, question.run_id)
            is_front = not question.folder
            earlier = read_previous(benchmark_path, tables.run.iloc[0], or_first=is_front)
            content = content_from(tables, earlier, questions if len(questions) > 1 else ())
            folder = beside / question.folder
            folder.mkdir(exist_ok=True)
            if documents:
                tables.data_quality.drop(columns="run_id").to_csv(folder / QUALITY, index=False)
            write = partial(_write, folder, tables if documents else None, content, languages)
            writes += [partial(write, language) for language in languages]
        if workers > 1 and len(writes) > 1:
            # Started afresh: forking a process with DuckDB's threads may deadlock.
            spawn = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(min(workers, len(writes)) - 1, spawn) as pool:
                others = [pool.submit(write) for write in writes[1:]]
                writes[0]()
                for other in others:
                    other.result()
        else:
            for write in writes:
                write()
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


def asked(questions: tuple[Question, ...], benchmarks: tuple[str, ...]) -> tuple[Question, ...]:
    """Return the ``questions`` of ``benchmarks`` in their order, the first without a folder.

    Where no benchmark is named the first, and all others but years of a backfill. Raises
    :class:`SettingsError` for one not in the release.
    """
    if not benchmarks:
        return tuple(q for at, q in enumerate(questions) if not (at and q.is_backfilled))
    there = [question.benchmark for question in questions]
    missing = [name for name in benchmarks if name not in there]
    if missing:
        raise SettingsError(
            f"the release does not answer {', '.join(missing)}.",
            expected=f"one of {', '.join(dict.fromkeys(there))}",
            next_step="run `tildeling nightly --benchmark` with it.",
        )
    matching = [q for name in benchmarks for q in questions if q.benchmark == name]
    first, *others = matching
    named = {question.run_id: folder_of(question, there) for question in others}
    return (
        replace(first, folder=""),
        *(replace(question, folder=named[question.run_id]) for question in others),
    )
