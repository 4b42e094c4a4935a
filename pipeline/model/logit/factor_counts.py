"""The first pass over the rows: counts per level, ranges, and sums that no step changes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from pipeline.errors import ModelError
from pipeline.model.logit.factor_design import FactorDesign, Numeric
from pipeline.model.logit.factor_packing import Packing
from pipeline.model.logit.factor_rows import PackedBlock
from pipeline.model.numerics.exact_sums import fixed_point, scale_for, sum_levels

#: Weighted events are added as whole multiples of 1 / EVENT_SCALE.
EVENT_SCALE = 2.0**32


@dataclass(frozen=True)
class Counts:
    """What the first pass finds.

    Attributes
    ----------
    n_rows, n_trials, n_events
        Rows, persons and events.
    trials, events
        Per super-factor, (L,) int64 per joint code: counts, and events times ``event_scale``.
    event_scale
        1 for counts, :data:`EVENT_SCALE` for weighted events.
    numeric
        The numeric covariates with their centre and half range.
    offset_range
        Smallest and largest offset.
    is_grouped, has_offset
        Whether rows carry trials and an offset.
    """

    n_rows: int
    n_trials: int
    n_events: float
    trials: tuple[np.ndarray, ...]
    events: tuple[np.ndarray, ...]
    event_scale: float
    numeric: tuple[Numeric, ...]
    offset_range: tuple[float, float]
    is_grouped: bool
    has_offset: bool


@dataclass(frozen=True)
class Moments:
    """Sums that no step changes.

    Attributes
    ----------
    numeric, offset
        (Q,) events times scaled numeric covariates, and events times offset.
    log_exposure
        Log of the mean e^offset per trial.
    constant
        The log likelihood's part that depends on counts only.
    """

    numeric: np.ndarray
    offset: float
    log_exposure: float
    constant: float


def count_levels(
    blocks: Iterable[PackedBlock], packing: Packing, numeric: tuple[str, ...]
) -> Counts:
    """Return counts per joint code and the ranges of offset and numeric covariates."""
    trials = [np.zeros(size, dtype=np.int64) for size in packing.sizes]
    events = [np.zeros(size, dtype=np.int64) for size in packing.sizes]
    low, high = np.full(len(numeric) + 1, np.inf), np.full(len(numeric) + 1, -np.inf)
    n_rows, is_grouped, has_offset, scale = 0, False, False, 1.0
    for block in blocks:
        if not len(block):
            continue
        n_rows += len(block)
        is_grouped, has_offset = block.trials is not None, block.offset is not None
        happened = np.flatnonzero(block.events)
        scale = EVENT_SCALE if block.events.dtype.kind == "f" else 1.0
        count = fixed_point(block.events[happened].astype(np.float64), scale)
        for joint, n, y in zip(block.joint, trials, events, strict=True):
            code = joint.astype(np.int64)
            if block.trials is None:
                n += np.bincount(code, minlength=len(n))
            else:
                np.add.at(n, code, block.trials.astype(np.int64))
            np.add.at(y, code[happened], count)
        extra = (np.zeros(1) if block.offset is None else block.offset, *block.numeric)
        low = np.minimum(low, [values.min() for values in extra])
        high = np.maximum(high, [values.max() for values in extra])
    if not n_rows:
        raise ModelError("there are no rows to fit")
    constant = [name for name, a, b in zip(numeric, low[1:], high[1:], strict=True) if a == b]
    if constant:
        raise ModelError(f"numeric covariates that do not vary: {', '.join(constant)}")
    return Counts(
        n_rows=n_rows,
        n_trials=int(trials[0].sum()),
        n_events=float(events[0].sum()) / scale,
        trials=tuple(trials),
        events=tuple(events),
        event_scale=scale,
        numeric=tuple(
            Numeric(name, (a + b) / 2, (b - a) / 2)
            for name, a, b in zip(numeric, low[1:].tolist(), high[1:].tolist(), strict=True)
        ),
        offset_range=(float(low[0]), float(high[0])),
        is_grouped=is_grouped,
        has_offset=has_offset,
    )


def sum_moments(blocks: Iterable[PackedBlock], counts: Counts, has_ceiling: bool) -> Moments:
    """Return the sums with y, in one pass, which is skipped if all of them are known to be 0."""
    if has_ceiling and not (counts.numeric or counts.has_offset or counts.is_grouped):
        return Moments(np.zeros(0), 0.0, 0.0, 0.0)
    scale = scale_for(2.0 * counts.n_events)
    largest = max(1.0, *map(abs, counts.offset_range))
    total = max(counts.n_trials, counts.n_events, 2)
    constant_scale = scale_for(2.0 * total * math.log(total))
    exposure_scale = scale_for(counts.n_trials)
    numeric, offset, exposure, constant = np.zeros(len(counts.numeric), dtype=np.int64), 0, 0, 0
    for block in blocks:
        y = block.events.astype(np.float64)
        for q, z in enumerate(scaled_numeric(block, counts.numeric)):
            numeric[q] += fixed_point(y * z, scale).sum()
        if block.offset is not None:
            offset += int(fixed_point(y * (block.offset / largest), scale).sum())
            relative = np.exp(block.offset - counts.offset_range[1])
            if block.trials is not None:
                relative *= block.trials
            exposure += int(fixed_point(relative, exposure_scale).sum())
        if has_ceiling and block.trials is None:
            continue
        # Rows without events add nothing.
        happened = np.flatnonzero(y)
        y = y[happened]
        logs = -gammaln(y + 1)
        if has_ceiling and block.trials is not None:
            n = block.trials[happened]
            # Weighted events may be more than the trials; only the constant would notice.
            logs += gammaln(n + 1.0) - gammaln(np.maximum(n - y, 0.0) + 1)
        constant += int(fixed_point(logs, constant_scale).sum())
    log_exposure = 0.0
    if counts.has_offset:
        log_exposure = counts.offset_range[1] + math.log(
            exposure / exposure_scale / counts.n_trials
        )
    return Moments(
        numeric / scale, offset / scale * largest, log_exposure, constant / constant_scale
    )


def observed_sums(design: FactorDesign, counts: Counts, moments: Moments) -> np.ndarray:
    """Return X'y, (K,), numeric covariates scaled."""
    observed = np.zeros(len(design.columns))
    for position, level_map, events in zip(
        design.positions, design.maps, counts.events, strict=True
    ):
        observed[position] = sum_levels(level_map, events) / counts.event_scale
    observed[design.n_factor_columns :] = moments.numeric
    return observed


def scaled_numeric(block: PackedBlock, numeric: tuple[Numeric, ...]) -> list[np.ndarray]:
    """Return the block's numeric covariates between -1 and 1."""
    return [
        (values - covariate.centre) / covariate.half_range
        for values, covariate in zip(block.numeric, numeric, strict=True)
    ]
