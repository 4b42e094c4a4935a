"""Framework conditions of the municipalities, from published statistics rather than persons."""

from pipeline.registers.declaration import Column, Register


def _percent(name: str, description: str) -> Column:
    return Column(
        name, "DOUBLE", description, nullable=True, unit="percent", minimum=0, maximum=100
    )


RAMMEVILKAAR = Register(
    name="rammevilkaar",
    title="Kommunernes rammevilkår",
    description=(
        "Labour market and urbanity that a municipality works under: of its commuting area or its "
        "territory, never of the persons who are benchmarked. Without the register there is no "
        "model with framework conditions."
    ),
    grain="one row per municipality and year",
    key=("KOM", "AAR"),
    source="Statistics Denmark, Statistikbanken (compiled by the data team)",
    lookback="year_end_before",
    is_optional=True,
    absence_costs="the model with framework conditions",
    columns=(
        Column("KOM", "VARCHAR", "Municipality, three digits.", code_list="municipality"),
        Column("AAR", "INTEGER", "Year.", unit="years", minimum=1980, maximum=2030),
        _percent("LEDIG_PCT", "Unemployed among the labour force of the commuting area."),
        _percent("INDUSTRI_PCT", "Employed in manufacturing among the commuting area's employed."),
        _percent(
            "VIDUDD_PCT", "With a higher education among the commuting area's 25-64-year-olds."
        ),
        Column(
            "BEFTAET",
            "DOUBLE",
            "Residents per square kilometre of the municipality.",
            nullable=True,
            unit="persons per km2",
            minimum=0.1,
            maximum=30000,
        ),
    ),
)
