"""The documents beside the pages: all written, linked where they stand, stale ones taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports import documents
from reports.documents import keep_others, write_documents
from reports.language.files import PLACES, REPORTS, WORKBOOKS, downloads


def test_every_document_is_written_in_every_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(path: Path, *of: object) -> None:
        if path != tmp_path:  # the sheets go into a folder below
            path.write_text(str(of[-1]), encoding="utf-8")

    for name in ("write_workbook", "write_report", "write_municipalities", "write_sheets"):
        monkeypatch.setattr(documents, name, write)
    for language in ("da", "en"):
        write_documents(tmp_path, None, None, language)  # type: ignore[arg-type]
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {*WORKBOOKS.values(), *REPORTS.values(), *PLACES.values()}
    for language in ("da", "en"):
        files = [file for _, file in downloads(language)]
        assert files[-1] == "data_quality.csv"
        for file in files[:-1]:
            assert (tmp_path / file).read_text(encoding="utf-8") == language


def test_a_report_is_of_one_release_and_keeps_what_others_put_there(tmp_path: Path) -> None:
    earlier, new = tmp_path / "report", tmp_path / "new"
    for folder in (earlier / "kommune", earlier / "own", new):
        folder.mkdir(parents=True)
    for name in (WORKBOOKS["en"], PLACES["da"], "index.en.html", "notes.txt", "own/x.html"):
        (earlier / name).write_text("x", encoding="utf-8")
    assert [path.name for path in keep_others(earlier, new)] == ["notes.txt", "own"]
    assert sorted(path.name for path in new.rglob("*")) == ["notes.txt", "own", "x.html"]
    assert keep_others(tmp_path / "none", new) == []
