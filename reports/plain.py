"""Sections as plain text, for the command line."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import SettingsError
from reports.build import asked
from reports.content.assemble import content_from
from reports.content.followups.initiatives import initiatives_from
from reports.content.read import ResultTables, of_run, read_tables
from reports.content.run import questions_from
from reports.language.files import FILES
from reports.language.formatting import Numbers
from reports.language.words import Words
from reports.told.blocks import Cell, Figure, Section, Table
from reports.told.followups.cases import cases
from reports.told.followups.initiatives import initiatives
from reports.told.telling import Telling
from reports.told.years.change_cases import change_cases

_WIDTH = 100


def case_study_texts(
    benchmark_path: Path,
    select: Callable[[Mapping[str, pd.DataFrame]], Mapping[str, pd.DataFrame]],
    *,
    languages: tuple[str, ...],
    benchmark: str | None = None,
) -> list[str]:
    """Return the section of case municipalities, by level or by change, in each language as text.

    ``select`` makes the tables of the selection from those of the release at ``benchmark_path``, of
    the run of ``benchmark``, the first unless told. Nothing where it makes none. Raises
    :class:`SettingsError` for an unknown language or benchmark.
    """
    unknown = [language for language in languages if language not in FILES]
    if unknown:
        raise SettingsError(
            f"nothing can be said in {', '.join(unknown)}.", expected=", ".join(FILES)
        )
    release = read_tables(benchmark_path)
    question = asked(questions_from(release.run), () if benchmark is None else (benchmark,))[0]
    tables = of_run(release, question.run_id)
    made = select(tables.frames)
    if all(frame.empty for frame in made.values()):
        return []
    tables = ResultTables({**tables.frames, **made})
    content = content_from(tables, None, ())
    told = [Telling(content, language) for language in languages]
    if "case_study_change" in made:
        return [text_of(section) for one in told for section in change_cases(one)]
    return [text_of(cases(one)) for one in told]


def initiative_texts(
    frames: Mapping[str, pd.DataFrame], *, languages: tuple[str, ...]
) -> list[str]:
    """Return what the tables ``initiative`` and ``initiative_event`` say, in each language."""
    held = initiatives_from(frames["initiative"], frames["initiative_event"])
    return [
        text_of(initiatives(Words(language), Numbers(language), held)) for language in languages
    ]


def text_of(section: Section) -> str:
    """Return a section as text of at most 100 characters a line, tables with aligned columns.

    Drawings are left out.
    """
    lines = [section.title, "=" * len(section.title)]
    for block in section.blocks:
        if isinstance(block, Figure):
            continue
        lines += ["", *_lines(block)]
    return "\n".join(lines)


def _lines(block: Any) -> Iterator[str]:
    if isinstance(block, Table):
        yield block.caption
        rows = [[(column.heading + " " + column.note).strip() for column in block.columns]]
        for body in block.bodies:
            if body.heading:
                rows.append([body.heading])
            rows += [[_said(cell) for cell in (row.head, *row.cells)] for row in body.rows]
        yield from _aligned(rows)
    elif hasattr(block, "blocks"):
        yield block.summary
        for inner in block.blocks:
            yield from _lines(inner)
    else:
        yield from textwrap.wrap(block.text, _WIDTH)


def _said(cell: Cell) -> str:
    return " ".join(part for part in (cell.text, cell.soft, *cell.lines) if part)


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    whole = [row for row in rows if len(row) > 1]
    widths = [max(len(row[at]) for row in whole) for at in range(len(whole[0]))]
    for row in rows:
        padded = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        yield ("  " + "  ".join(padded) if len(row) > 1 else " " + row[0]).rstrip()
