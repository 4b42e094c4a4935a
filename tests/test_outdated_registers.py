"""A fit on registers that an older version or other settings made says what to do."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipeline.commands import cli
from pipeline.errors import StorageError
from pipeline.settings import read_settings
from pipeline.warehouse.database.sqlfiles import read_folder
from pipeline.warehouse.marts.current import refuse_outdated
from pipeline.warehouse.marts.fingerprints import file_rules
from pipeline.warehouse.marts.questions import marts_of


@pytest.fixture
def registers(tmp_path: Path) -> Path:
    """Return a database that says it was built as this version does, with the default settings."""
    path = tmp_path / "registers.duckdb"
    marts = marts_of(read_settings())
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA meta")
        connection.execute("CREATE TABLE meta.built (object VARCHAR, rules VARCHAR)")
        connection.executemany(
            "INSERT INTO meta.built VALUES (?, ?)",
            [
                *(
                    [file.object, file_rules(file, marts[0].variables)]
                    for file in read_folder("core")
                ),
                *([name, rules] for mart in marts for name, rules in mart.rules.items()),
            ],
        )
        connection.execute("CREATE TABLE meta.benchmark (benchmark VARCHAR, schema_name VARCHAR)")
        connection.executemany(
            "INSERT INTO meta.benchmark VALUES (?, ?)",
            [[mart.settings.question.name, mart.schema] for mart in marts],
        )
    return path


def change(registers: Path, sql: str) -> None:
    with duckdb.connect(str(registers)) as connection:
        connection.execute(sql)


def test_registers_of_this_version_and_these_settings_pass(registers: Path) -> None:
    refuse_outdated(registers, read_settings())


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM meta.built WHERE object = 'mart.completeness'",
        "UPDATE meta.built SET rules = 'older' WHERE object = 'mart.completeness'",
    ],
)
def test_a_table_that_is_missing_or_made_otherwise_is_named(registers: Path, sql: str) -> None:
    change(registers, sql)
    with pytest.raises(StorageError, match=r"made in another way: mart\.completeness\n"):
        refuse_outdated(registers, read_settings())


def test_registers_loaded_with_other_settings_are_refused(registers: Path) -> None:
    with pytest.raises(StorageError, match=r"made in another way: mart\."):
        refuse_outdated(registers, read_settings(age_last=59))


def test_the_command_says_load_again_without_a_traceback(
    registers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(registers, "DROP TABLE meta.built")
    assert cli.main(["fit", "--home", str(registers.parent)]) == StorageError.exit_code
    said = capsys.readouterr().err
    assert "run `tildeling load --extracts DIR` again" in said
    assert " more\n" in said
    assert "Traceback" not in said
