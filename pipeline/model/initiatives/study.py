"""One outcome of an initiative: its effect by period and over all, with what chance would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pipeline.model.initiatives.chance import Scaled, assignments, scaled
from pipeline.model.initiatives.group_time import (
    Panel,
    after_weights,
    clustered_error,
    event_weights,
    group_time_effects,
)
from pipeline.model.initiatives.synthetic import mixtures_before, synthetic_effects

GROUP_TIME, SYNTHETIC = "group_time", "synthetic"
#: Adopters from whom on the clustered standard error is given: of fewer it is too small.
FEWEST_CLUSTERED = 10
#: Effects (A, k, T) and alone, k of (N, T), of a panel and of when each begins.
Effects = tuple[np.ndarray, list[np.ndarray]]


@dataclass(frozen=True)
class Design:
    """Who began what when.

    Attributes
    ----------
    adopters
        (k,) units.
    starts
        (k,) first periods after.
    base_periods
        Periods before, of which the mean is compared with.
    """

    adopters: np.ndarray
    starts: np.ndarray
    base_periods: int


@dataclass(frozen=True)
class EventEffect:
    """The effect ``since`` periods after the beginning, below 0 before it; limits as of Study."""

    since: int
    n_adopters: int
    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Study:
    """What one method says of one outcome.

    Attributes
    ----------
    method
        ``group_time`` or ``synthetic``.
    before
        Level of the adopters in the base periods, by persons.
    estimate, low, high
        Mean effect over all periods after; limits hold what the test would not refuse.
    clustered_se
        None for few adopters.
    p_value
        By randomisation; of no effect at all.
    detectable
        Smallest effect that would be found in four of five cases.
    placebo, placebo_p
        Effect of a date before, on periods before alone; nan where too few are there.
    n_assignments, is_exact
        How many, and whether they are all there are.
    events
        In order.
    """

    method: str
    before: float
    estimate: float
    low: float
    high: float
    clustered_se: float | None
    p_value: float
    detectable: float
    placebo: float
    placebo_p: float
    n_assignments: int
    is_exact: bool
    events: tuple[EventEffect, ...]


def studies(panel: Panel, design: Design, level: float, seed: int) -> tuple[Study, ...]:
    """Return what each method says: group-time effects, and for one adopter a synthetic control.

    ``level`` of limits and test (0.95). Every adopter begins after ``base_periods`` and at least
    two periods, and before the last period ends.
    """
    assigned, is_exact = assignments(design.adopters, design.starts, len(panel.weights), seed)

    def by_group_time(of: Panel, starts: np.ndarray) -> Effects:
        return group_time_of(of, starts, assigned, design.base_periods)

    # What is before a start is the same whether or not an effect is taken away after it.
    known: dict[int, np.ndarray] = {}

    def by_mixture(of: Panel, starts: np.ndarray) -> Effects:
        start = int(starts[0])
        if start not in known:
            known[start] = mixtures_before(of.outcome, start)
        alone = synthetic_effects(of.outcome, start, known[start])
        return alone[assigned], [alone]

    methods = {GROUP_TIME: by_group_time}
    if len(design.adopters) == 1:
        methods[SYNTHETIC] = by_mixture
    return tuple(
        _study(name, effects_of, panel, design, assigned, is_exact, level)
        for name, effects_of in methods.items()
    )


def group_time_of(
    panel: Panel, starts: np.ndarray, assigned: np.ndarray, base_periods: int
) -> Effects:
    """Return group-time effects of all assignments, and of each unit alone at each start."""
    each = np.arange(len(panel.weights))[:, None]
    of_start = {
        start: group_time_effects(panel, np.array([start]), each, base_periods=base_periods)[:, 0]
        for start in set(starts.tolist())
    }
    if assigned.shape[1] == 1:
        effects = of_start[int(starts[0])][assigned]
    else:
        effects = group_time_effects(panel, starts, assigned, base_periods=base_periods)
    return effects, [of_start[start] for start in starts.tolist()]


def _study(
    name: str,
    effects_of: Callable[[Panel, np.ndarray], Effects],
    panel: Panel,
    design: Design,
    assigned: np.ndarray,
    is_exact: bool,
    level: float,
) -> Study:
    n_periods = panel.outcome.shape[1]
    starts, persons = design.starts, panel.weights

    def held(effects: Effects, weights: np.ndarray) -> Scaled:
        return scaled(*effects, weights, panel, assigned)

    after = after_weights(starts, n_periods)
    found = effects_of(panel, starts)
    as_found = held(found, after)
    estimate = float(as_found.effects[0])
    # What chance does is known best where the effect is taken away.
    without = panel.outcome.copy()
    for unit, start in zip(design.adopters, starts, strict=True):
        without[unit, start:] -= estimate
    none = effects_of(replace(panel, outcome=without), starts)
    of_chance = held(none, after)
    reach = of_chance.critical(level) * of_chance.errors[0]
    events = []
    for since in range(-int(starts.min()), n_periods - int(starts.min())):
        weights = event_weights(starts, n_periods, since)
        one = held(found, weights)
        chance = held(none, weights)
        far = float(chance.critical(level) * chance.errors[0])
        value = float(one.effects[0])
        n_adopters = int(weights.any(axis=1).sum())
        events.append(EventEffect(since, n_adopters, value, value - far, value + far))
    se = None
    if name == GROUP_TIME and len(design.adopters) >= FEWEST_CLUSTERED:
        se = clustered_error(
            panel, starts, design.adopters, after, base_periods=design.base_periods
        )
    placebo = _placebo(effects_of, panel, design, assigned)
    base = [
        panel.outcome[unit, start - design.base_periods : start].mean()
        for unit, start in zip(design.adopters, starts, strict=True)
    ]
    return Study(
        method=name,
        before=float(np.average(base, weights=persons[design.adopters])),
        estimate=estimate,
        low=estimate - reach,
        high=estimate + reach,
        clustered_se=se,
        p_value=as_found.p_value(),
        detectable=of_chance.detectable(level),
        placebo=float("nan") if placebo is None else float(placebo.effects[0]),
        placebo_p=float("nan") if placebo is None else placebo.p_value(),
        n_assignments=len(assigned),
        is_exact=is_exact,
        events=tuple(events),
    )


def _placebo(
    effects_of: Callable[[Panel, np.ndarray], Effects],
    panel: Panel,
    design: Design,
    assigned: np.ndarray,
) -> Scaled | None:
    """Return the effect had each begun earlier, in the periods until it did; None without room.

    As many periods earlier as are compared with, or as there is room for; at least two before.
    """
    least = max(design.base_periods, 2)
    earlier = min(design.base_periods, int(design.starts.min()) - least)
    if earlier < 1:
        return None
    last = int(design.starts.max())
    before = replace(panel, outcome=panel.outcome[:, :last])
    starts = design.starts - earlier
    period = np.arange(last)[None, :]
    is_between = (period >= starts[:, None]) & (period < design.starts[:, None])
    weights = is_between / is_between.sum(axis=1, keepdims=True)
    return scaled(*effects_of(before, starts), weights, panel, assigned)
