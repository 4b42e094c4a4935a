"""The data dictionary: complete, from the declarations, and the committed copy is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.catalogue import catalogue
from pipeline.codes import NAMES
from pipeline.commands import cli
from pipeline.handbook import diagram as drawn
from pipeline.handbook.dictionary import FILE, Dictionary, dictionary, markdown, rule
from pipeline.registers import REGISTERS, Column
from pipeline.settings import Settings
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER

COMMITTED = Path(__file__).parent.parent / "docs" / FILE


@pytest.fixture(scope="module")
def entries() -> Dictionary:
    return dictionary()


def test_the_committed_dictionary_is_the_one_the_declarations_make(entries: Dictionary) -> None:
    assert COMMITTED.read_text(encoding="utf-8") == markdown(entries), (
        "docs/dictionary.md is not up to date; run `tildeling dictionary`"
    )


def test_the_committed_diagram_is_the_one_the_catalogue_makes() -> None:
    page = drawn.diagram()
    assert COMMITTED.with_name(drawn.FILE).read_text(encoding="utf-8") == page
    for name, entry in catalogue().items():
        assert f"    {name} {{" in page
        assert all(f" {column} PK" in page for column in entry.key)
    assert '    benchmark ||--o| ranking : "outcome, model, municipality_code"' in page


def test_every_register_column_type_and_key_is_listed(entries: Dictionary) -> None:
    assert [entry.name for entry in entries.registers] == [register.name for register in REGISTERS]
    for entry, register in zip(entries.registers, REGISTERS, strict=True):
        listed = {column.name: column for column in entry.columns}
        assert set(register.key) <= set(listed)
        for column in register.columns:
            assert (listed[column.name].type, listed[column.name].description) == (
                column.type,
                column.description,
            )
            if column.code_list:
                assert f"code list {column.code_list}" in listed[column.name].rule


def test_every_table_has_a_title_and_every_column_a_meaning(entries: Dictionary) -> None:
    tables = [table for _, listed in entries.schemas for table in listed]
    expected = {
        f"{path.parent.name}.{path.stem}"
        for schema in ("result", "mart", "core", "meta", "codes")
        for path in (SQL_FOLDER / schema).glob("*.sql")
    }
    assert expected <= {table.name for table in tables}
    for table in tables:
        assert table.title, table.name
        assert all(column.description for column in table.columns), table.name
        if table.name.split(".")[0] in ("result", "core", "mart"):
            assert set(table.key) <= {column.name for column in table.columns}, table.name


def test_types_of_declared_tables_are_read(entries: Dictionary) -> None:
    result = dict(entries.schemas)["result"]
    benchmark = next(table for table in result if table.name == "result.benchmark")
    types = {column.name: column.type for column in benchmark.columns}
    assert types["observed"] == "BIGINT"
    assert types["municipality_code"] == "VARCHAR"
    assert types["expected"] == "DOUBLE"
    for table in result:
        if table.columns and not table.title.casefold().startswith("view"):
            typed = [column for column in table.columns if column.type]
            assert not typed or len(typed) == len(table.columns), table.name


def test_code_lists_and_settings_are_all_there(entries: Dictionary) -> None:
    assert {codes.name for codes in entries.code_lists} == set(NAMES)
    municipality = next(codes for codes in entries.code_lists if codes.name == "municipality")
    assert (municipality.n_rows, municipality.rows) == (98, ())
    assert [setting.name for setting in entries.settings] == list(Settings.model_fields)
    threshold = next(s for s in entries.settings if s.name == "disclosure_threshold")
    assert threshold.default == "5"


def test_a_rule_says_what_a_value_must_be() -> None:
    column = Column("X", "INTEGER", "x", minimum=0, unit="children", nullable=True)
    assert rule(column) == "at least 0; unit children; may be blank"
    column = Column("Y", "VARCHAR", "y", values=("1", "2"), code_list="factor")
    assert rule(column) == "one of 1, 2; in code list factor; never blank"


def test_a_bar_in_a_text_does_not_break_the_table(entries: Dictionary) -> None:
    for line in markdown(entries).splitlines():
        if line.startswith("| ") and "pattern" not in line:
            assert line.endswith(" |")


def test_the_command_writes_the_file_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["dictionary", "--out", str(tmp_path / "docs")]) == 0
    assert capsys.readouterr().out.splitlines()[0] == str(tmp_path / "docs" / FILE)
    assert (tmp_path / "docs" / FILE).read_text(encoding="utf-8").startswith("# Data dictionary")
