"""What was planted, as tidy tables: one file each in ``truth/``, described in the documentation.

Effects are log odds. Keys come first and rows are in their order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipeline.codes import factor_levels
from synthetic_data.events.decisions import GRANT, WITH_REVISION, Decisions
from synthetic_data.ground.rng import Floats
from synthetic_data.ground.scenario import OUTCOMES, Scenario
from synthetic_data.places.activity import PARTS, Activity
from synthetic_data.places.areas import Areas
from synthetic_data.places.backlog import degree_of_merging
from synthetic_data.places.country import Country
from synthetic_data.places.diagnoses import CONTESTED, GROUPS

_DECISIONS = ("grant", "refusal", "other")


def country_truth(
    country: Country, areas: Areas, former: Floats, activity: Activity, scenario: Scenario
) -> dict[str, pa.Table]:
    """Return every truth table that is not about persons, by file name without ``.parquet``.

    ``former`` is :func:`~synthetic_data.places.merging.former_practice`.
    """
    return {
        "municipality": _municipality(country),
        "municipality_practice": municipality_practice(country),
        "former_municipality_practice": _former(country, areas, former),
        "diagnosis_practice": _tilt(country, "diagnosis_group", GROUPS, country.diagnosis_tilt),
        "contested_practice": _tilt(
            country, "diagnosis_subgroup", CONTESTED, country.contested_tilt
        ),
        "route_practice": _tilt(
            country, "labour_status", factor_levels()["labour_status"], country.route_tilt
        ),
        "tenure_practice": _tilt(
            country, "tenure_band", factor_levels()["tenure_band"], country.tenure_tilt
        ),
        "framework_condition": _conditions(country),
        "condition_effect": _condition_effects(scenario),
        "backlog_month": _backlog(country),
        "underreported": _underreported(country),
        "measure_practice": _measures(country, activity),
        "sickness_limit": _sickness_limit(country),
    }


def municipality_practice(country: Country) -> pa.Table:
    """Return practice effects and their parts: one row per municipality, outcome and year."""
    whole = country.practice
    return _long(
        {"municipality_code": country.codes, "outcome": OUTCOMES, "year": country.years},
        {
            "practice_effect": whole,
            "conditions_effect": country.conditions_effect,
            "own_effect": whole - country.conditions_effect,
            "consultant_effect": country.consultant_effect,
            "backlog_effect": np.broadcast_to(country.backlog_effect[:, None, :], whole.shape),
        },
    )


def decision(
    year: int, decisions: Decisions, numbers: pa.Array, municipality: np.ndarray, country: Country
) -> pa.Table:
    """Return every decision of ``year``, reported or not, with what its days went with."""
    rows = decisions.person
    # A grant with revision is a grant.
    decided = np.where(decisions.outcome == WITH_REVISION, GRANT, decisions.outcome)
    return pa.table(
        {
            "person_id": numbers.take(pa.array(rows)),
            "outcome": _names(decisions.case, OUTCOMES),
            "year": pa.array(np.full(rows.size, year, dtype=np.int32)),
            "municipality_code": _names(municipality[rows], country.codes),
            "decision": _names(decided.astype(np.int8), _DECISIONS),
            "clarification_days": pa.array(decisions.waits.clarification.astype(np.int32)),
            "statement_days": pa.array(decisions.waits.statement.astype(np.int32)),
            "queue_days": pa.array(decisions.waits.queue.astype(np.int32)),
            "is_reported": pa.array(decisions.is_reported),
        }
    )


def _municipality(country: Country) -> pa.Table:
    return _sorted(
        {
            "municipality_code": pa.array(country.codes),
            "deprivation": pa.array(country.deprivation),
            "urbanity": pa.array(country.urbanity),
            "is_decentral": pa.array(country.is_decentral),
            "degree_of_merging": pa.array(degree_of_merging(country.codes)),
            "processing_days": pa.array(country.processing_days),
        },
        1,
    )


def _former(country: Country, areas: Areas, former: Floats) -> pa.Table:
    """Areas are named by their first code and by the municipality of 2007 that they are in."""
    n_areas, _, n_years = former.shape
    codes = [areas.names[number] for number in areas.code[0]]
    current = [country.codes[number] for number in areas.municipality]
    each = len(OUTCOMES) * n_years
    return _sorted(
        {
            "former_municipality_code": pa.array(np.repeat(codes, each)),
            "municipality_code": pa.array(np.repeat(current, each)),
            "outcome": pa.array(np.tile(np.repeat(OUTCOMES, n_years), n_areas)),
            "year": pa.array(np.tile(country.years, n_areas * len(OUTCOMES)).astype(np.int32)),
            "deviation": pa.array(former.reshape(-1)),
        },
        4,
    )


def _tilt(country: Country, name: str, levels: Sequence[str], tilt: Floats) -> pa.Table:
    return _long(
        {"municipality_code": country.codes, "outcome": OUTCOMES, name: levels}, {"tilt": tilt}
    )


def _conditions(country: Country) -> pa.Table:
    names = tuple(country.condition_levels)
    levels = np.stack([country.condition_levels[name] for name in names], axis=1)
    return _long({"municipality_code": country.codes, "condition": names}, {"level": levels})


def _condition_effects(scenario: Scenario) -> pa.Table:
    names = tuple(scenario.conditions)
    effects = np.array(
        [[scenario.conditions[name].effect[outcome] for outcome in OUTCOMES] for name in names]
    )
    return _long({"condition": names, "outcome": OUTCOMES}, {"effect": effects})


def _backlog(country: Country) -> pa.Table:
    queues = country.backlog
    return _long(
        {
            "municipality_code": country.codes,
            "year": country.years,
            "month": tuple(range(1, 13)),
        },
        {
            "capacity": queues.capacity,
            "decided": queues.decided,
            "waiting": queues.waiting,
            "wait_days": queues.wait_days,
        },
    )


def _sickness_limit(country: Country) -> pa.Table:
    """Return the chance that a case at the limit runs on; months are twelfths of the year."""
    return _long(
        {
            "municipality_code": country.codes,
            "year": country.years,
            "month": tuple(range(1, 13)),
        },
        {"runs_on_chance": country.runs_on},
    )


def _underreported(country: Country) -> pa.Table:
    silent, year = np.nonzero(country.reported_share < 1.0)
    return _sorted(
        {
            "municipality_code": pa.array([country.codes[m] for m in silent], pa.string()),
            "year": pa.array([country.years[y] for y in year], pa.int32()),
            "reported_share": pa.array(country.reported_share[silent, year]),
        },
        2,
    )


def _measures(country: Country, activity: Activity) -> pa.Table:
    """Return how measures are used before a grant, by part of the five years."""
    shares = [activity.share_active(year)[:, : len(PARTS)] for year in country.years]
    table = _long(
        {"municipality_code": country.codes, "year": country.years, "part": PARTS},
        {
            "share_active": np.stack(shares, axis=1)
            if shares
            else np.empty((len(country.codes), 0, 3))
        },
    )
    place = [country.codes.index(code) for code in table["municipality_code"].to_pylist()]
    of_place = {
        "pattern": pa.array([activity.pattern[at] for at in place], pa.string()),
        "turn_weeks": pa.array(activity.turn_weeks[place].astype(np.int32)),
        "placement_share": pa.array(activity.placement_share[place]),
    }
    for name, values in of_place.items():
        table = table.append_column(name, values)
    return table


def _names(index: np.ndarray, values: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), list(values))


def _long(keys: dict[str, Sequence], values: dict[str, np.ndarray]) -> pa.Table:
    """Return one row per cell of the arrays ``values``, whose axes are ``keys``, in key order."""
    shape = tuple(len(levels) for levels in keys.values())
    columns = {}
    for axis, (name, levels) in enumerate(keys.items()):
        place = np.indices(shape, sparse=True)[axis]
        index = np.broadcast_to(place, shape).reshape(-1)
        kind = pa.string() if isinstance(levels[0], str) else pa.int32()
        columns[name] = pa.array(list(levels), kind).take(pa.array(index))
    columns |= {name: pa.array(array.reshape(-1)) for name, array in values.items()}
    return _sorted(columns, len(keys))


def _sorted(columns: dict[str, pa.Array], n_keys: int) -> pa.Table:
    table = pa.table(columns)
    return table.sort_by([(name, "ascending") for name in table.column_names[:n_keys]])
