"""A register that lost rows against the years beside it stops a load, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

CHECK = Path(__file__).parents[1] / "sql" / "checks" / "register_keeps_its_size.sql"


def faults(
    rows: dict[tuple[str, int], int], share: float = 0.9, needed: range = range(1999, 2007)
) -> list[tuple[str, int]]:
    """Return the registers and years that the check names."""
    need = [{"register": name, "year": year} for name, _ in rows for year in needed]
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA core")
        connection.execute(
            "CREATE TABLE core.population_match (register VARCHAR, year INTEGER, n_rows BIGINT)"
        )
        connection.executemany(
            "INSERT INTO core.population_match VALUES (?, ?, ?)",
            [(name, year, n) for (name, year), n in rows.items()],
        )
        connection.execute(f"SET VARIABLE min_size_share = {share}")
        connection.execute("SET VARIABLE lookback_need = ?", [need])
        named = connection.execute(CHECK.read_text(encoding="utf-8")).fetchall()
    return [(name, year) for name, year, *_ in named]


def steady(name: str, size: int = 100_000) -> dict[tuple[str, int], int]:
    """Return rows of 1998-2007 that grow by 2 % a year."""
    return {(name, year): round(size * 1.02 ** (year - 1998)) for year in range(1998, 2008)}


def test_a_year_that_lost_a_tenth_is_named() -> None:
    rows = steady("lmdb") | steady("sssy")
    assert faults(rows) == []
    rows["lmdb", 2004] = round(0.88 * rows["lmdb", 2003])
    assert faults(rows) == [("lmdb", 2004)]
    assert faults(rows, share=0.8) == []


def test_the_last_year_is_held_against_the_one_before() -> None:
    rows = {key: n for key, n in steady("bef").items() if key[1] <= 2006}
    rows["bef", 2006] //= 2
    assert faults(rows) == [("bef", 2006)]
    # A register that another follows ends within a year.
    ended = {("lpr_adm", year): n for (_, year), n in rows.items()}
    assert faults(ended) == []


@pytest.mark.parametrize("register", ["ankestyrelsen", "uddf", "dream"])
def test_what_follows_the_law_may_fall(register: str) -> None:
    rows = steady(register)
    rows[register, 2004] //= 3
    assert faults(rows) == []


def test_chance_and_years_nobody_needs_say_nothing() -> None:
    few = steady("psyk_adm", 400)
    few["psyk_adm", 2003] = 300
    assert faults(few) == []
    cut = steady("lmdb")
    cut["lmdb", 2004] //= 2
    assert faults(cut, needed=range(2005, 2007)) == []
