"""The list of what is delivered: what it names is there, whole, and finished."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from extracts_fixture import ExtractsFolder

from pipeline.errors import ExtractError
from pipeline.settings import read_settings
from pipeline.warehouse.delivery.contract import CONTRACT_FILE
from pipeline.warehouse.delivery.extracts import file_sha256, scan_extracts
from pipeline.warehouse.marts.inspection import inspect_extracts
from pipeline.warehouse.marts.load import load_extracts

YEARS = (2006, 2007)


@pytest.fixture
def extracts(tmp_path: Path) -> Path:
    folder = ExtractsFolder().with_background(n=20).write(tmp_path / "extracts")
    write(folder, contract_of(folder))
    return folder


def contract_of(folder: Path) -> dict[str, Any]:
    """Return the list of the sound files of ``folder``, rows as another program counts them."""
    files = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".csv", ".parquet"):
            continue
        rows = (
            pq.read_metadata(path).num_rows
            if path.suffix == ".parquet"
            else len(path.read_text().splitlines()) - 1
        )
        files.append({"name": path.name, "rows": rows, "sha256": file_sha256(path)})
    return {"is_complete": True, "files": files}


def write(folder: Path, content: dict[str, Any]) -> None:
    (folder / CONTRACT_FILE).write_text(json.dumps(content))


def changed(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = contract_of(folder)
        change(content)
        write(folder, content)

    return damage


def cut_a_row(folder: Path) -> None:
    lines = (folder / "udda_2005.csv").read_text().splitlines()
    (folder / "udda_2005.csv").write_text("\n".join(lines[:-1]) + "\n")


def swap_a_letter(folder: Path) -> None:
    """Another content with as many rows, as a file of the delivery before has."""
    text = (folder / "udda_2005.csv").read_text().splitlines()
    (folder / "udda_2005.csv").write_text("\n".join([text[0], *reversed(text[1:])]) + "\n")


def set_of(name: str, key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        next(row for row in content["files"] if row["name"] == name)[key] = value

    return change


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "not finished": (
        changed(lambda content: content.update(is_complete=False)),
        "delivery.json: says that the delivery is not finished; wait for it",
    ),
    "half written": (
        lambda folder: (folder / CONTRACT_FILE).write_text('{"is_complete": tr') and None,
        "delivery.json: cannot be read as JSON; is it still being written?",
    ),
    "cut at a row": (cut_a_row, "udda_2005.csv: holds 19 rows, expected 20 by delivery.json"),
    "other content": (swap_a_letter, "udda_2005.csv: has other content than delivery.json says"),
    "missing": (
        changed(lambda content: content["files"].append({"name": "lmdb_2004.parquet"})),
        "lmdb_2004.parquet: is in delivery.json, but not in the folder",
    ),
    "left over": (
        changed(lambda content: content["files"].pop(0)),
        "is not in delivery.json; is it left over from an earlier delivery?",
    ),
    "no object": (
        lambda folder: (folder / CONTRACT_FILE).write_text("[]") and None,
        "delivery.json: expected an object with is_complete and files",
    ),
    "no flag": (
        changed(lambda content: content.update(is_complete="yes")),
        "delivery.json: is_complete is neither true nor false",
    ),
    "no name": (
        changed(lambda content: content["files"].append({"rows": 1})),
        "has no name without folders",
    ),
    "a folder in a name": (
        changed(set_of("udda_2005.csv", "name", "../udda_2005.csv")),
        "has no name without folders",
    ),
    "twice": (
        changed(lambda content: content["files"].append({"name": "udda_2005.csv"})),
        "udda_2005.csv is listed twice",
    ),
    "rows in words": (
        changed(set_of("udda_2005.csv", "rows", "twenty")),
        "rows of udda_2005.csv is no whole number from 0 on",
    ),
    "hash too short": (
        changed(set_of("udda_2005.csv", "sha256", "abc")),
        "sha256 of udda_2005.csv is no 64 hexadecimal digits",
    ),
    "unknown key": (
        changed(set_of("udda_2005.csv", "size", 5)),
        "is no object with name, rows and sha256",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_delivery_that_is_not_as_listed_is_refused(extracts: Path, name: str) -> None:
    damage, expected = FAULTS[name]
    damage(extracts)
    with pytest.raises(ExtractError) as caught:
        scan_extracts(extracts, years_at_risk=YEARS)
    message = str(caught.value)
    assert expected in message
    assert message.startswith("1 structural fault "), message


def test_a_sound_list_loads_and_counts_as_no_register(extracts: Path) -> None:
    delivery = scan_extracts(extracts, years_at_risk=YEARS)
    assert delivery.faults == ()
    assert CONTRACT_FILE not in delivery.unknown
    without = contract_of(extracts)
    for row in without["files"]:
        del row["rows"], row["sha256"]
    write(extracts, without)
    assert scan_extracts(extracts, years_at_risk=YEARS).input_hash == delivery.input_hash


def test_the_list_may_be_a_must(extracts: Path, tmp_path: Path) -> None:
    """Without it the load ends at once, with nothing written; `check` says so with all else."""
    (extracts / CONTRACT_FILE).unlink()
    assert scan_extracts(extracts, years_at_risk=YEARS).faults == ()
    settings = read_settings(home=tmp_path, threads=1, delivery_contract="required")
    with pytest.raises(ExtractError, match=r"delivery\.json: is not there") as caught:
        load_extracts(extracts, tmp_path / "registers.duckdb", settings=settings)
    assert caught.value.exit_code == ExtractError("").exit_code
    assert not (tmp_path / "registers.duckdb").exists()
    (extracts / "udda_2006.csv").unlink()
    faults = inspect_extracts(extracts, settings).extracts.faults
    assert any(fault.startswith("delivery.json") for fault in faults)
    assert len(faults) > 1


def test_a_damaged_file_is_told_once(extracts: Path) -> None:
    """What cannot be read is said for itself, not again as other content than listed."""
    path = extracts / "lmdb_2005.parquet"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ExtractError) as caught:
        scan_extracts(extracts, years_at_risk=YEARS)
    assert str(caught.value).startswith("1 structural fault ")
    assert "lmdb_2005.parquet: is not a whole" in str(caught.value)
