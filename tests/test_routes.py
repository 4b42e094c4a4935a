"""Routes to the grant: levels add up to the benchmark, and to what every person is expected."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fabricated_cells import make_cells, make_specification, spread

from pipeline.errors import ModelError
from pipeline.model.followups.routes import DIMENSIONS, route_counts
from pipeline.model.national.cells import CellTable, code_cells
from pipeline.model.national.expected import Expected
from pipeline.model.national.fitted import fit_within


@pytest.fixture(scope="module")
def fitted() -> tuple[pd.DataFrame, CellTable, Expected]:
    cells = make_cells(spread(6)).assign(events_key=lambda frame: 7 * frame["n_events"])
    specification = make_specification()
    table = code_cells(cells, specification, sorted(set(cells["municipality_code"])))
    return cells, table, fit_within(table, specification).expected


def routes_of(cells: pd.DataFrame) -> pd.DataFrame:
    """Return a part of each cell's persons as having come by sickness or cash benefit."""
    parts = [
        cells.assign(
            n_persons=(cells["n_persons"] * share).astype(int),
            n_events=(cells["n_events"] * share).astype(int),
            events_key=0,
            last_benefit=benefit,
            sickness_duration=duration,
            ever_rehabilitation=tried,
            ever_resource_programme="no",
        )
        for share, benefit, duration, tried in (
            (0.3, "sickness_benefit", "over_52", "no"),
            (0.2, "cash_benefit", "none", "yes"),
        )
    ]
    return pd.concat(parts, ignore_index=True)


def test_levels_of_every_dimension_add_up_to_the_municipalitys_total(
    fitted: tuple[pd.DataFrame, CellTable, Expected],
) -> None:
    cells, table, expected = fitted
    counts = route_counts("FP", "within", table, expected, routes_of(cells))
    assert set(counts["dimension"]) == set(DIMENSIONS) - {"ever_resource_programme"}
    sums = counts.groupby(["dimension", "municipality_code"])[["observed", "expected"]].sum()
    for dimension in sums.index.unique("dimension"):
        of_dimension = sums.loc[dimension]
        assert of_dimension["observed"].to_list() == table.by_municipality(table.n_events).tolist()
        np.testing.assert_allclose(of_dimension["expected"], expected.expected, rtol=1e-12)
    assert (counts["expected"] >= 0).all()


def test_a_route_is_expected_what_its_persons_are(
    fitted: tuple[pd.DataFrame, CellTable, Expected],
) -> None:
    cells, table, expected = fitted
    routes = routes_of(cells)
    counts = route_counts("FP", "within", table, expected, routes)
    row = counts[(counts["municipality_code"] == "103") & (counts["level"] == "sickness_benefit")]
    risk = expected.expected_cells / table.n_persons
    key = pd.DataFrame(table.pattern_codes[table.pattern], columns=list(table.factors))
    names = {factor: dict(enumerate(levels)) for factor, levels in table.levels.items()}
    key = key.apply(lambda column: column.map(names[column.name]))
    key = key.assign(
        year=key["year"].astype(int),
        municipality_code=np.array(table.municipality_codes)[table.municipality],
        risk=risk,
    )
    persons = routes[routes["last_benefit"] == "sickness_benefit"].merge(key)
    persons = persons[persons["municipality_code"] == "103"]
    assert row["expected"].item() == pytest.approx((persons["n_persons"] * persons["risk"]).sum())
    assert row["observed"].item() == persons["n_events"].sum()


def test_persons_of_no_cell_and_unknown_levels_are_refused(
    fitted: tuple[pd.DataFrame, CellTable, Expected],
) -> None:
    cells, table, expected = fitted
    routes = routes_of(cells)
    with pytest.raises(ModelError, match="age_band: unknown level"):
        route_counts("FP", "within", table, expected, routes.assign(age_band="unheard"))
    with pytest.raises(ModelError, match="last_benefit"):
        route_counts("FP", "within", table, expected, routes.assign(last_benefit="unheard"))
