"""Effects of an initiative that begins in some municipalities, by municipality and period.

Callaway, B. & Sant'Anna, P. (2021). Difference-in-differences with multiple time periods. Journal
of Econometrics 225, 200-230: each adopter's change since before it began is held against the same
change of those that have not begun, now or ever. Two-way fixed effects would also compare with
those that had begun before, and are wrong where effects grow or differ.

Everything is computed for many assignments at once: who adopts is permuted, when is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Panel:
    """An outcome by unit and period.

    Attributes
    ----------
    outcome
        (N, T) the outcome, none missing.
    weights
        (N,) what a unit counts, above 0: persons.
    sizes
        (N,) persons that would give the same error without noise; None for ``weights``.
    """

    outcome: np.ndarray
    weights: np.ndarray
    sizes: np.ndarray | None = None

    @property
    def of_error(self) -> np.ndarray:
        """(N,) the persons that an error falls with."""
        return self.weights if self.sizes is None else self.sizes


def group_time_effects(
    panel: Panel,
    starts: np.ndarray,
    assigned: np.ndarray,
    *,
    base_periods: int = 1,
    against_never: bool = False,
) -> np.ndarray:
    """Return (A, k, T) effects of k adopters in each of A assignments, on the outcome's scale.

    ``starts`` (k,) periods in which they begin, each at least ``base_periods``; ``assigned`` (A, k)
    units that adopt. An adopter's change since the mean of its last ``base_periods`` periods before
    is compared with the weighted mean change of all that have not begun by then; those that begin
    at the same time are never its controls. ``against_never`` leaves out all that ever begin. nan
    where nobody is left to compare with.
    """
    values, weights = panel.outcome, panel.weights
    n_periods = values.shape[1]
    effects = np.empty((*assigned.shape, n_periods))
    of_adopter = weights[assigned]
    for slot, start in enumerate(starts):
        change = values - values[:, start - base_periods : start].mean(axis=1, keepdims=True)
        until = np.maximum(np.arange(n_periods), start - 1)
        total = np.broadcast_to(weights @ change, (len(assigned), n_periods)).copy()
        weight = np.full((len(assigned), n_periods), weights.sum())
        for other, begins in enumerate(starts):
            is_out = (begins <= until) | (begins == start) | against_never
            out = of_adopter[:, [other]] * is_out
            total -= out * change[assigned[:, other]]
            weight -= out
        mean = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 1e-9)
        effects[:, slot] = change[assigned[:, slot]] - mean
    return effects


def after_weights(starts: np.ndarray, n_periods: int) -> np.ndarray:
    """Return (k, T) weights of the mean effect of each adopter over all its periods after."""
    is_after = np.arange(n_periods)[None, :] >= np.asarray(starts)[:, None]
    return is_after / is_after.sum(axis=1, keepdims=True)


def event_weights(starts: np.ndarray, n_periods: int, since: int) -> np.ndarray:
    """Return (k, T) weights of each adopter's effect ``since`` periods after it began.

    Below 0 before it; an adopter whose period is not there has none.
    """
    return (np.arange(n_periods)[None, :] == np.asarray(starts)[:, None] + since).astype(float)


def summed(effects: np.ndarray, of_adopter: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return (A,) one figure per assignment: over periods by ``weights``, adopters by theirs.

    ``effects`` (A, k, T), ``of_adopter`` (A, k) what each counts, ``weights`` (k, T), rows without
    any left out.
    """
    has_any = weights.any(axis=1)
    each = np.einsum("akt,kt->ak", np.where(weights > 0, effects, 0.0), weights)[:, has_any]
    share = of_adopter[:, has_any]
    return np.asarray((each * share).sum(axis=1) / share.sum(axis=1))


def clustered_error(
    panel: Panel,
    starts: np.ndarray,
    adopters: np.ndarray,
    weights: np.ndarray,
    *,
    base_periods: int = 1,
    against_never: bool = False,
) -> float:
    """Return the standard error of :func:`summed` for the units ``adopters`` (k,).

    From the influence of each unit with all its periods, so that they may be correlated in any
    way; what adopters count is taken as given. Where one unit alone begins at a date, nothing is
    known of the spread of adopters, and the error is too small.
    """
    values, of = panel.outcome, panel.weights
    n_units, n_periods = values.shape
    begins = np.full(n_units, n_periods + 1)
    begins[adopters] = starts
    has_any = weights.any(axis=1)
    share = of[adopters] * has_any / (of[adopters] * has_any).sum()
    influence = np.zeros(n_units)
    for start in np.unique(starts):
        change = values - values[:, start - base_periods : start].mean(axis=1, keepdims=True)
        part = (share[:, None] * weights)[starts == start].sum(axis=0)
        is_own = begins == start
        for period in np.flatnonzero(part):
            is_control = ~is_own & (begins > max(period, start - 1))
            if against_never:
                is_control = begins > n_periods
            for group, sign in ((is_own, 1.0), (is_control, -1.0)):
                mean = np.average(change[group, period], weights=of[group])
                own = of[group] / of[group].sum() * (change[group, period] - mean)
                influence[group] += sign * part[period] * own
    return float(np.sqrt((influence**2).sum()))
