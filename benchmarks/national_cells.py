"""A synthetic ``registers.duckdb`` of national size: only what the model reads.

    python -m benchmarks.national_cells FILE [--rows 6800000]

The night's own factors, levels and municipalities, on the person-years of ``national_table.py``:
``mart.model_cell`` and ``mart.grant_cell`` of one outcome, and the tables about them. Numbers are
draws and mean nothing.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import duckdb

from benchmarks.national_table import FACTORS, OUTCOME, UNIT, TableSize, write_table
from pipeline.codes import code_list, diagnosis_groups, factor_levels

YEARS = (2006, 2007)
#: The night's factors -> those of ``national_table`` whose place among the traits they take.
TRAITS = {
    "age_band": "age_band",
    "sex": "sex",
    "education": "education",
    "origin": "origin",
    "family": "family",
    "labour_status": "labour_status",
    "tenure_band": "tenure_band",
    "sickness_weeks_band": "sickness_weeks",
    "mental_health": "mental_health",
    "somatic_health": "somatic_health",
    "gp_contacts_band": "gp_contacts",
}


def table_size(n_rows: int) -> TableSize:
    """Return a table of the night's factors and municipalities."""
    factors = {
        "year": (len(YEARS), *FACTORS["year"][1:]),
        **{
            name: (len(levels), *FACTORS[TRAITS[name]][1:])
            for name, levels in factor_levels().items()
        },
    }
    return TableSize(n_rows, len(code_list(UNIT)), len(factors), factors)


def write_registers(path: Path, n_rows: int) -> None:
    """Write the database ``path``, readable by its owner only, as the night's own."""
    size = table_size(n_rows)
    with tempfile.TemporaryDirectory(prefix="tildeling-cells-", dir=path.parent) as folder:
        parquet = Path(folder) / "person_year.parquet"
        write_table(parquet, size)
        with duckdb.connect(str(path)) as connection:
            connection.execute("SET threads = 2")
            connection.execute("SET memory_limit = '2GB'")
            _write_tables(connection, parquet)
    path.chmod(0o600)


def _write_tables(connection: duckdb.DuckDBPyConnection, parquet: Path) -> None:
    levels, codes = factor_levels(), tuple(code_list(UNIT)["municipality_code"])
    for schema in ("mart", "codes", "meta"):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(
        "CREATE TABLE codes.municipality AS SELECT unnest(?::VARCHAR[]) AS municipality_code, "
        "unnest(?::VARCHAR[]) AS municipality_name",
        [list(codes), [f"By {code}" for code in codes]],
    )
    connection.execute(
        "CREATE TABLE meta.source AS SELECT true AS is_synthetic, 'none' AS input_hash, "
        f"{list(YEARS)} AS years_at_risk, 1 AS seed, 1.0 AS scale, 'default' AS scenario"
    )
    keys = [f"({YEARS[0]} + year)::INTEGER AS year"]
    keys.append(f"{_names(codes)}[{UNIT} + 1] AS municipality_code")
    keys += [f"{_names(known)}[{name} + 1] AS {name}" for name, known in levels.items()]
    connection.execute(
        f"CREATE TABLE mart.model_cell AS SELECT 'ANY' AS outcome, {', '.join(keys)}, "
        f"count(*) AS n_persons, sum({OUTCOME})::BIGINT AS n_events "
        f"FROM read_parquet('{parquet}') GROUP BY ALL ORDER BY ALL"
    )
    groups = diagnosis_groups()
    # Neighbouring rows get different groups: a mix that has nothing to do with the factors.
    connection.execute(
        "CREATE TABLE mart.grant_cell AS SELECT * EXCLUDE (n_persons, n_events), "
        f"{_names(groups)}[1 + rowid % {len(groups)}] AS diagnosis_group, n_events "
        "FROM mart.model_cell WHERE n_events > 0 ORDER BY ALL"
    )


def _names(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{value}'" for value in values) + "]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, default=6_800_000)
    options = parser.parse_args()
    write_registers(options.file, options.rows)


if __name__ == "__main__":
    main()
