"""What readers see has not changed unless somebody meant it to."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from golden_texts import FOLDER, UPDATE, golden_texts, html_text
from test_nightly import NUMBERS
from test_report_sources import KEPT as SOURCES

LARGEST_BYTES = 95_000


@pytest.fixture(scope="module")
def made(main_release: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return dict(golden_texts(main_release, tmp_path_factory.mktemp("golden")))


def difference(name: str, kept: str, result: str) -> str:
    """Return a unified diff of the golden file ``name`` and what is made now, empty when equal."""
    lines = difflib.unified_diff(
        kept.splitlines(), result.splitlines(), f"golden/{name}", "now", lineterm="", n=1
    )
    return "\n".join(lines)


def test_outputs_are_as_kept(made: dict[str, str]) -> None:
    kept = {
        path.name: path.read_text(encoding="utf-8")
        for path in FOLDER.glob("*.txt")
        if path not in (NUMBERS, SOURCES)
    }
    assert set(kept) == set(made), f"run `{UPDATE}` and read the diff"
    differing = [difference(name, kept[name], text) for name, text in made.items()]
    together = "\n\n".join(diff for diff in differing if diff)
    assert not together, f"{together}\n\nIf this is meant, run `{UPDATE}` and commit the diff."


def test_golden_files_are_small_enough_to_read() -> None:
    for path in FOLDER.glob("*.txt"):
        assert path.stat().st_size < LARGEST_BYTES, path.name


def test_a_difference_is_shown_line_by_line() -> None:
    assert difference("a.txt", "one\ntwo\n", "one\ntwo\n") == ""
    shown = difference("a.txt", "one\ntwo\n", "one\nthree\n")
    assert "-two" in shown
    assert "+three" in shown


def test_text_of_a_page_is_its_words_in_order() -> None:
    page = "<main><h2>Å</h2><script>x</script><table><tr><th>a</th><td>1</td></tr></table></main>"
    assert html_text(page) == "## Å\na | 1\n"
