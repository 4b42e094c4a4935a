"""Building the report: one self-contained page per language, put in place whole."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pipeline.errors import SettingsError
from reports.assemble import content_from
from reports.read import read_previous, read_tables
from reports.render import FILES, render


def build_report(
    benchmark_path: Path, out: Path, *, languages: tuple[str, ...] = ("da", "en")
) -> list[Path]:
    """Write the report of the release at ``benchmark_path`` into folder ``out``; return the pages.

    Danish is ``index.html``, English ``index.en.html``. All pages are built beside ``out`` before
    the first is moved in place, so a failure leaves an earlier report as it was. Raises
    :class:`SettingsError` for an unknown language and :class:`StorageError` for a release that
    cannot be read.
    """
    unknown = [language for language in languages if language not in FILES]
    if unknown or not languages:
        raise SettingsError(
            f"the report cannot be written in {', '.join(unknown) or 'no language'}.",
            expected=", ".join(FILES),
        )
    content = content_from(read_tables(benchmark_path), read_previous(benchmark_path))
    out = out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        built = []
        for language in languages:
            page = Path(folder) / FILES[language]
            page.write_text(render(content, language, languages), encoding="utf-8", newline="\n")
            built.append(page)
        return [page.replace(out / page.name) for page in built]
