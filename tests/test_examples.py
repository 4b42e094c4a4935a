"""Example queries and the notebook: headers, listing, style. A night runs them (test_nightly)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest
from example_checks import CHECKS
from notebook_runner import NOTEBOOK, cells
from test_analysis import named_in

from pipeline.handbook.examples import DATABASES, Example, read_example, read_examples
from pipeline.warehouse.database.sqlfiles import analysis_files, read_folder

EXAMPLES = read_examples()
ANALYSTS = Path(__file__).parent.parent / "docs" / "analysts.md"


def listing() -> str:
    """Return the examples as a Markdown table per database, ending in a newline."""
    lines: list[str] = []
    for database in DATABASES:
        lines += ["", f"Of `{database}.duckdb`:", "", "| question | query |", "|---|---|"]
        lines += [
            f"| {example.question} | [{example.path.stem}](../sql/examples/{example.path.name}) |"
            for example in read_examples()
            if example.database == database
        ]
    return "\n".join(lines[1:]) + "\n"


def test_there_are_a_dozen_and_each_answer_is_checked() -> None:
    of_benchmark = [example for example in EXAMPLES if example.database == "benchmark"]
    assert len(of_benchmark) >= 12
    assert len(EXAMPLES) - len(of_benchmark) >= 3
    assert {example.path.stem for example in EXAMPLES} == set(CHECKS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path.stem)
def test_an_example_says_what_it_asks_and_reads(example: Example) -> None:
    assert example.question.endswith("?")
    read = {name.removeprefix("earlier.") for name in example.reads}
    assert read == named_in(example.text)
    there = {file.object for file in analysis_files(example.database)}
    schemas = {"benchmark": ("result",), "registers": ("core", "mart", "meta")}[example.database]
    there |= {file.object for schema in (*schemas, "codes") for file in read_folder(schema)}
    # Of several runs in a release an example is about the first.
    there = {name.replace("result.", "now.") for name in there}
    assert read <= there
    assert re.sub(r"--.*", "", example.text).count(";") == 1


def test_the_page_for_analysts_lists_them_all() -> None:
    assert listing() in ANALYSTS.read_text(encoding="utf-8"), (
        f"the tables of {ANALYSTS.name} are to be these:\n\n{listing()}"
    )


def test_the_page_for_analysts_names_every_view_and_macro() -> None:
    text = ANALYSTS.read_text(encoding="utf-8")
    for database in DATABASES:
        for file in analysis_files(database):
            name = file.object.removeprefix("analysis.")
            assert re.search(rf"(?:`|analysis\.){name}[`(]", text), file.object


def test_the_question_of_a_run_is_asked_for_without_quotes(main_release: Path) -> None:
    """``window`` is a reserved word; what we say and show has ``benchmark`` or the quotes."""
    said = ANALYSTS.read_text(encoding="utf-8")
    (asked,) = [sql for sql in queries(said) if "FROM result.run" in sql]
    with duckdb.connect(str(main_release), read_only=True) as connection:
        assert connection.execute(asked).fetchone()[1:] == ("akf_2006_2007", "2006, 2007")
        with pytest.raises(duckdb.ParserException):
            connection.execute("SELECT run_id, window FROM result.run")
        quoted = connection.execute('SELECT "window" FROM result.run').fetchall()
    assert quoted == [("akf_2006_2007",)]
    root = ANALYSTS.parent.parent
    shown = [
        *(path.read_text(encoding="utf-8") for path in sorted((root / "sql").rglob("*.sql"))),
        *(sql for path in (root / "docs").glob("*.md") for sql in queries(path.read_text("utf-8"))),
        *queries((root / "README.md").read_text(encoding="utf-8")),
        *("".join(cell["source"]) for cell in cells("code")),
    ]
    assert len(shown) > 200
    bare = [sql for sql in shown if re.search(r"\bwindow\b", without_quotes(sql))]
    assert not bare


def queries(markdown: str) -> list[str]:
    """Return the SQL shown in a page."""
    return re.findall(r"```sql\n(.*?)```", markdown, re.DOTALL)


def without_quotes(sql: str) -> str:
    """Return ``sql`` without comments, texts and quoted names."""
    return re.sub(r"--.*|'[^']*'|\"[^\"]*\"", "", sql)


def test_faults_of_a_header_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "wrong.sql"
    path.write_text("-- question: What?\n-- database: other\n-- colour: red\n\nSELECT 1;\n")
    with pytest.raises(ValueError, match="missing key 'reads'") as caught:
        read_example(path)
    for fault in ("returns", "caveat", "colour", "database is 'other'"):
        assert fault in str(caught.value)


def test_the_notebook_is_kept_without_output_and_compiles() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    for cell in cells("code"):
        assert (cell["outputs"], cell["execution_count"]) == ([], None)
        compile("".join(cell["source"]), NOTEBOOK.name, "exec")
    assert "SYNTETISKE DATA" in "".join(cells("markdown")[0]["source"])
    assert len(cells("code")) >= 5
