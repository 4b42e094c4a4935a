"""The catalogue of published tables: what it refuses, and that sql/result follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.catalogue import FORMATS, catalogue, columns, empty_frame, sheets, tables
from pipeline.catalogue.ddl import FOLDER, ddl
from pipeline.catalogue.fields import field_declarations
from pipeline.catalogue.tables import read_table
from pipeline.warehouse.database.sqlfiles import read_folder

PLAIN = """
title.da = "Prøve"
title.en = "Trial"
comment = "A trial."
grain = "one row per outcome"
key = ["run_id", "outcome"]
units = "grants"
source = "tests"
caveat = "none"
protection = "counts"
is_optional = true
fields = ["run_id", "outcome", "observed?"]
"""


@pytest.mark.parametrize("name", catalogue())
def test_sql_follows_from_the_catalogue(name: str) -> None:
    """``make catalogue`` writes the files anew."""
    assert (FOLDER / f"{name}.sql").read_text(encoding="utf-8") == ddl(catalogue()[name])


def test_every_file_of_sql_result_is_in_the_catalogue() -> None:
    files = read_folder("result")
    assert [file.object.removeprefix("result.") for file in files] == list(catalogue())
    assert all(file.disclosure in tables.PROTECTIONS for file in files)


def test_every_declared_field_stands_in_a_table() -> None:
    used = {field.name for table in catalogue().values() for field in table.fields}
    assert set(field_declarations()) == used


def test_no_table_repeats_what_its_field_says() -> None:
    for name, table in catalogue().items():
        text = (FOLDER.parents[1] / "pipeline/catalogue/tables" / f"{name}.toml").read_text()
        for field in table.fields:
            common = field_declarations().get(field.name)
            if common and f"[field.{field.name}]" in text:
                assert field != tables._fields(name, [field.name], {})[0]


def test_tables_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "trial.toml"
    path.write_text(PLAIN + "[field.observed]\nmeaning.en = 'Trials.'\n", encoding="utf-8")
    table = read_table(path)
    assert table.columns == ("run_id", "outcome", "observed")
    assert table.key_within_run == ("outcome",)
    observed = table.fields[2]
    assert (observed.is_nullable, observed.meaning.en, observed.meaning.da) == (
        True,
        "Trials.",
        field_declarations()["observed"]["meaning"]["da"],
    )


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('protection = "counts"', 'protection = "none"', "protection is 'none', expected one of"),
        ('protection = "counts"\n', "", "missing ['protection']"),
        ('"observed?"', '"oberved?"', "field 'oberved' is neither in fields.toml"),
        ('"observed?"', '"outcome"', "lists ['outcome'] twice"),
        ('"outcome"]\nunits', '"observed"]\nunits', "key has ['observed']"),
        ('title.en = "Trial"\n', "", "expected texts da and en"),
        ('caveat = "none"', 'caveat = "none"\ncolour = "red"', "unknown ['colour']"),
        ('"observed?"]', '"observed?"]\n[field.ratio]\nunit = "x"', "field.ratio is described"),
        ('"observed?"]', '"observed?"]\n[field.observed]\nformat = "odd"', "format is 'odd'"),
        (
            '"observed?"]',
            '"observed?"]\n[sheet]\norder = 1\nname.da = "x"\nname.en = "' + "y" * 32 + '"',
            "longer than 31",
        ),
    ],
)
def test_a_faulty_declaration_is_named(tmp_path: Path, before: str, after: str, fault: str) -> None:
    assert before in PLAIN
    path = tmp_path / "trial.toml"
    path.write_text(PLAIN.replace(before, after), encoding="utf-8")
    with pytest.raises(ValueError, match=r"tables/trial\.toml") as raised:
        read_table(path)
    assert fault in str(raised.value)


def test_sheets_are_in_order_and_each_has_its_own_name() -> None:
    orders = [table.sheet.order for table in sheets() if table.sheet]
    assert orders == sorted(set(orders))
    for language in ("da", "en"):
        names = [table.sheet.name[language] for table in sheets() if table.sheet]
        assert len(set(names)) == len(names)


def test_empty_frames_have_the_columns_and_kinds_of_their_table() -> None:
    frame = empty_frame("recovery")
    assert tuple(frame.columns) == columns("recovery")
    assert frame["value"].dtype == "float64"
    assert set(FORMATS) >= {
        field.format for table in catalogue().values() for field in table.fields
    }
