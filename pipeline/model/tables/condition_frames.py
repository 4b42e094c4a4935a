"""Result frames of the second stage: conditions, their regression, the three-way split."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.model.national.cells import CellTable
from pipeline.model.national.conditions import Adjustment, Conditions
from pipeline.model.national.fitted import FittedOutcome
from pipeline.model.national.specification import Specification
from pipeline.model.national.three_way import COMPONENTS, TOTAL, ThreeWay, three_way
from pipeline.model.tables.frames import make_frame, shown_at_risk


def frames_of_conditions(
    outcome: str,
    table: CellTable,
    fitted: FittedOutcome,
    conditions: Conditions,
    specification: Specification,
) -> dict[str, pd.DataFrame]:
    """Return the second stage's frames; none where only ``pooled`` is fitted."""
    if fitted.within is None or fitted.adjustment is None:
        return {}
    within = fitted.within
    split = three_way(
        table, within.design, within.fit, within.expected, fitted.adjustment, specification.level
    )
    return {
        "framework_condition": framework_condition_frame(table.municipality_codes, conditions),
        "second_stage": second_stage_frame(outcome, conditions, fitted.adjustment),
        "decomposition": decomposition_frame(
            outcome, table, split, shown_at_risk(table, specification)
        ),
    }


def framework_condition_frame(
    municipality_codes: tuple[str, ...], conditions: Conditions
) -> pd.DataFrame:
    """Return ``framework_condition``: every municipality x condition."""
    n_units, n_conditions = conditions.level.shape
    return make_frame(
        "framework_condition",
        municipality_code=np.repeat(list(municipality_codes), n_conditions),
        condition=np.tile(conditions.names, n_units),
        value=conditions.level.ravel(),
        country_value=np.tile(conditions.country, n_units),
        standardised=conditions.centred.ravel(),
    )


def second_stage_frame(
    outcome: str, conditions: Conditions, adjustment: Adjustment
) -> pd.DataFrame:
    """Return ``second_stage`` of one outcome: every estimator's regression, tau2 last.

    The interval of tau2 is that of the counts' restricted likelihood, the same for every estimator.
    """
    interval = adjustment.tau2_low, adjustment.tau2_high
    frames = []
    for method, stage in adjustment.stages.items():
        frames.append(
            make_frame(
                "second_stage",
                outcome,
                method=method,
                term=["constant", *conditions.names, "tau2"],
                estimate=[*stage.coefficients, stage.tau2],
                se=[*stage.se, np.nan],
                low=[*stage.low, interval[0]],
                high=[*stage.high, interval[1]],
            )
        )
    return pd.concat(frames, ignore_index=True)


def decomposition_frame(
    outcome: str, table: CellTable, split: ThreeWay, n_at_risk: np.ndarray
) -> pd.DataFrame:
    """Return ``decomposition`` of one outcome: every municipality x component, the total last.

    Shares are of the person-years at risk, ``n_at_risk``, as they are shown (M,).
    """
    at_risk = table.n_at_risk / np.maximum(n_at_risk, 1)
    names = [*COMPONENTS, TOTAL]
    return make_frame(
        "decomposition",
        outcome,
        municipality_code=np.repeat(list(table.municipality_codes), len(names)),
        component=np.tile(names, len(table.municipality_codes)),
        difference_share=(split.part * at_risk[:, None]).ravel(),
        low=(split.low * at_risk[:, None]).ravel(),
        high=(split.high * at_risk[:, None]).ravel(),
        difference_grants=(split.part * table.n_at_risk[:, None]).ravel(),
    )
