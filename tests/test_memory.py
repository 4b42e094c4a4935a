"""The memory limit is that of the process: how it is read, and what DuckDB gets of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.setting_values import bytes_of
from pipeline.settings import read_settings
from pipeline.warehouse.database import memory
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.database.memory import duckdb_bytes, held_bytes


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("4GB", 4 * 10**9),
        (" 800 mb ", 800 * 10**6),
        ("3.5GiB", 3584 * 2**20),
        ("512MiB", 2**29),
        ("1TB", 10**12),
    ],
)
def test_sizes_are_read_with_their_unit(size: str, expected: int) -> None:
    assert bytes_of(size) == expected


@pytest.mark.parametrize("size", ["4", "80%", "-4GB", "4 GB RAM", "999MB", "", "fourGB"])
def test_a_limit_that_is_no_size_or_too_small_is_refused(size: str) -> None:
    with pytest.raises(SettingsError, match="memory_limit"):
        read_settings(memory_limit=size)


def test_duckdb_gets_what_the_process_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "held_bytes", lambda: 300 * 10**6)
    # Less 0.3 held, 0.1 for code and, for memory freed late, 15 % of 1 GB and 33 % of 3 GB.
    assert duckdb_bytes("4GB") == 2460 * 10**6
    # Little is left, and a quarter is the least.
    assert duckdb_bytes("600MB") == 150 * 10**6


def test_what_is_held_is_what_the_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    before = held_bytes()
    more = bytearray(64 * 2**20)
    more[:: 2**12] = b"x" * len(more[:: 2**12])
    assert 60 * 2**20 < held_bytes() - before < 80 * 2**20
    monkeypatch.setattr(memory, "_STATUS", Path("/nowhere"))
    assert held_bytes() == 200 * 10**6


def test_a_connection_has_that_share_and_a_second_one_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "held_bytes", lambda: 2**30)
    monkeypatch.setattr(memory, "RESERVED_BYTES", 0)
    monkeypatch.setattr(memory, "RESERVED_SHARE", 0)
    monkeypatch.setattr(memory, "RESERVED_SHARE_ABOVE", 0)
    path = tmp_path / "some.duckdb"
    with connect(path, read_only=False, memory_limit="2GiB") as first:
        assert first.execute("SELECT current_setting('memory_limit')").fetchone() == ("1.0 GiB",)
        with connect(path, read_only=False, memory_limit="3GiB") as second:
            assert second.execute("SELECT 1").fetchone() == (1,)
        assert first.execute("SELECT current_setting('memory_limit')").fetchone() == ("2.0 GiB",)
