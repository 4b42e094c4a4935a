"""Random damage to register files ends in a promised outcome; benchmarks/load_fuzz.py runs more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from extracts_fixture import ExtractsFolder
from load_fuzz import damage, outcome

from pipeline.warehouse.database.sqlfiles import read_folder, run_sql_files
from pipeline.warehouse.marts.build import build_codes
from pipeline.warehouse.raw.pseudonymkey import PseudonymKey
from pipeline.warehouse.raw.pseudonyms import pseudonymising

#: Beside the first forty, weeks of DREAM in another type than the week before (text, date, moment).
SEEDS = (*range(40), 131, 254, 347)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of twelve ordinary persons' undamaged files."""
    return ExtractsFolder().with_background(n=12).write(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with code lists and nothing loaded."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA raw")
        build_codes(connection)
        run_sql_files(connection, read_folder("meta"))
        with pseudonymising(connection, PseudonymKey(b"a key that is only for tests")):
            yield connection


def test_random_damage_is_refused_or_every_row_is_accounted_for(
    warehouse: duckdb.DuckDBPyConnection, sound: Path, tmp_path: Path
) -> None:
    ends = []
    for seed in SEEDS:
        folder, workspace = tmp_path / f"in{seed}", tmp_path / f"staged{seed}"
        folder.mkdir()
        workspace.mkdir()
        delivery = damage(sound, folder, seed)
        try:
            ends.append(outcome(warehouse, folder, workspace, delivery))
        except Exception as error:
            raise AssertionError(f"seed {seed}: {delivery}") from error
    assert ends.count("loaded") >= len(SEEDS) // 5
    assert ends.count("refused") >= len(SEEDS) // 5
