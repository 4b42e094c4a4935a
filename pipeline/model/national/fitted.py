"""The models of one outcome, fitted one after another: each starts where the last one ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from pipeline.model.logit.factor_checks import NoMaximumError
from pipeline.model.national.cells import CellTable
from pipeline.model.national.conditions import (
    Adjustment,
    Conditions,
    adjust,
    expect_given_conditions,
)
from pipeline.model.national.design import Design, build_design
from pipeline.model.national.expected import Expected, expect
from pipeline.model.national.first_stage import FitResult, fit_logit, start_near, start_within
from pipeline.model.national.specification import Specification


@dataclass(frozen=True)
class FittedModel:
    """One model's name, first stage and expectation; ``conditions`` shares ``within``'s fit."""

    model: str
    design: Design
    fit: FitResult
    expected: Expected


@dataclass(frozen=True)
class FittedOutcome:
    """The models asked for, in order, and what conditions explain where they are known."""

    models: tuple[FittedModel, ...]
    within: FittedModel | None
    adjustment: Adjustment | None


def fit_models(
    table: CellTable, specification: Specification, conditions: Conditions | None
) -> FittedOutcome:
    """Return the models of ``specification`` fitted to ``table``, but for ``no_health``.

    ``pooled`` starts ``within``; ``conditions`` needs ``within`` and is left out where the
    conditions are not known. Raises :class:`ModelError` when a model cannot be fitted.
    """
    pooled = _fit_pooled(table, specification)
    asked = specification.models
    if not {"within", "conditions"} & set(asked):
        return FittedOutcome((pooled,) if "pooled" in asked else (), None, None)
    within = _fit_within(table, specification, pooled)
    known = {"pooled": pooled, "within": within}
    adjustment = None
    if conditions is not None:
        adjustment = adjust(
            within.design, within.fit, within.expected, conditions, specification.level
        )
        if "conditions" in asked:
            expected = expect_given_conditions(
                table, within.design, within.fit, within.expected, adjustment
            )
            known["conditions"] = FittedModel("conditions", within.design, within.fit, expected)
    models = tuple(known[name] for name in asked if name in known)
    return FittedOutcome(models, within, adjustment)


def fit_within(
    table: CellTable, specification: Specification, near: FittedModel | None = None
) -> FittedModel:
    """Return the ``within`` model of ``table`` alone, the numbers of :func:`fit_models`.

    ``near`` is that of other cells, or in other factors, which the first stage starts from.
    """
    start = partial(start_near, near.fit) if near else None
    return _fit(table, "within", specification, start)


def _fit_pooled(table: CellTable, specification: Specification) -> FittedModel:
    return _fit(table, "pooled", specification)


def _fit_within(table: CellTable, specification: Specification, pooled: FittedModel) -> FittedModel:
    def start(design: Design) -> np.ndarray:
        return start_within(
            design, pooled.design, pooled.fit, table.observed, pooled.expected.expected
        )

    return _fit(table, "within", specification, start)


def _fit(
    table: CellTable,
    model: str,
    specification: Specification,
    start: Callable[[Design], np.ndarray] | None = None,
) -> FittedModel:
    """Return one model fitted from ``start``.

    Sums with noise may be such that no finite coefficients have them, as where a level is shown
    with more grants than another that holds it. Levels on their way to infinity are then merged
    into their references, as those without grants are.
    """
    merged: set[tuple[str, str]] = set()
    while True:
        design = build_design(table, model, specification, merged)
        try:
            fit = fit_logit(design, start(design) if start else None)
        except NoMaximumError as error:
            levels = zip(design.names, design.columns, strict=True)
            more = {column for name, column in levels if name in error.columns}
            more &= set(design.columns[design.n_base :])
            if table.sums is None or not more:
                raise
            merged |= more
        else:
            return FittedModel(model, design, fit, expect(table, design, fit))
