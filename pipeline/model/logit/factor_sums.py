"""One pass over the rows: log likelihood, score and information of a canonical-link model.

The score of a generalised linear model with canonical link is X'y - X'mu and the information
X'WX (McCullagh & Nelder 1989, Generalized Linear Models, 2nd ed., sections 2.5 and 4.4). X'y is
counted once. X'mu and X'WX come from one-way tables of mu per super-factor and two-way tables of
W per pair of super-factors, all in exact integer sums (see ``exact_sums``): threads take blocks
as they come, each into tables of its own, and what these add up to is the same bits for any number.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.logit.factor_counts import Counts, Moments, observed_sums, scaled_numeric
from pipeline.model.logit.factor_design import FactorDesign
from pipeline.model.logit.factor_rows import BLOCK_ROWS, PackedBlock
from pipeline.model.logit.factor_tables import FactorTables
from pipeline.model.numerics.exact_sums import fixed_point_into, scale_for

#: A Poisson point that expects this many times the observed events is refused as a step.
LARGEST_EXCESS = 1024.0
_EXCESS_BITS = 36
#: Threads of a pass at most: each has tables of its own, some 50 MB where there are 20 factors.
MOST_THREADS = 4
#: With fewer rows a thread's tables cost more than it saves.
ROWS_PER_THREAD = 500_000


@dataclass(frozen=True)
class Evaluation:
    """Log likelihood, (K,) X'mu and score and (K, K) information at one point.

    The information is empty where it was not asked for.
    """

    log_likelihood: float
    fitted: np.ndarray
    score: np.ndarray
    information: np.ndarray


def evaluate(
    blocks: Iterable[PackedBlock],
    design: FactorDesign,
    counts: Counts,
    moments: Moments,
    beta: np.ndarray,
    with_information: bool = True,
) -> Evaluation | None:
    """Return log likelihood, score and information at ``beta`` (numeric covariates scaled).

    None where a Poisson model expects absurdly many events, more than the sums have room for.
    Raises :class:`ModelError` if the blocks are not those of the first pass.
    """
    look_ups = design.look_ups(beta)
    slopes = beta[design.n_factor_columns :]
    bound = (
        float(counts.n_trials) if design.has_ceiling else LARGEST_EXCESS * max(counts.n_events, 1)
    )
    scale = value_scale = scale_for(bound)
    if design.has_ceiling:
        highest = sum(float(part.max()) for part in look_ups) + counts.offset_range[1]
        highest += float(np.abs(slopes).sum())
        value_scale = scale_for(bound * (math.log(2) + max(0.0, highest)))
    point = _Point(design, look_ups, slopes, bound, scale, value_scale, with_information)
    sums = _pass_over(blocks, point, _n_threads(counts.n_rows))
    if sums.excess > 2**_EXCESS_BITS:
        return None
    if sums.n_rows != counts.n_rows:
        raise ModelError(
            f"the blocks gave {sums.n_rows} rows in a later pass, {counts.n_rows} in the first",
            next_step="pass a list, or ArrowBlocks with a function that opens a new reader.",
        )
    tables = sums.tables
    observed = observed_sums(design, counts, moments)
    fitted = tables.fitted(design, scale)
    known = float((observed * beta).sum()) + moments.offset + moments.constant
    return Evaluation(
        log_likelihood=known - sums.value / value_scale,
        fitted=fitted,
        score=observed - fitted,
        information=tables.information(design, scale) if with_information else np.empty((0, 0)),
    )


@dataclass(frozen=True)
class _Point:
    """Where the likelihood is evaluated, and the scales of the sums there."""

    design: FactorDesign
    look_ups: list[np.ndarray]
    slopes: np.ndarray
    bound: float
    scale: float
    value_scale: float
    with_information: bool


class _Sums:
    """What one thread's blocks add up to: whole numbers all of them."""

    def __init__(self, point: _Point) -> None:
        self.point = point
        self.tables = FactorTables.empty(point.design, point.with_information)
        self.value, self.excess, self.n_rows = 0, 0, 0
        n_codes = len(point.look_ups)
        self._fixed = np.empty(BLOCK_ROWS, dtype=np.int64)
        self._codes = np.empty((n_codes + 2, BLOCK_ROWS), dtype=np.int32)
        self._floats = np.empty((4, BLOCK_ROWS))

    def add(self, block: PackedBlock) -> None:
        """Add a block's rows."""
        point, n = self.point, len(block)
        self.n_rows += n
        work, codes = self._codes[:2, :n], self._codes[2:, :n]
        fixed, eta, scratch = self._fixed[:n], self._floats[0, :n], self._floats[1:, :n]
        numeric = scaled_numeric(block, point.design.numeric)
        _linear_predictor(block, point, numeric, codes, eta, scratch[0])
        if point.design.has_ceiling:
            mean, weight, part = _logit_terms(eta, block.trials, scratch)
        else:
            np.exp(np.minimum(eta, 700.0), out=eta)
            mean = weight = part = np.minimum(eta, point.bound, out=eta)
            excess = np.ceil(mean * (2.0**_EXCESS_BITS / point.bound)).astype(np.int64)
            self.excess += int(excess.sum())
            if self.excess > 2**_EXCESS_BITS:
                return
        self.tables.add_numeric(codes, numeric, mean, weight, point.scale)
        # The value is not needed any more, so its buffer takes the scaled terms.
        buffer = scratch[2]
        self.value += int(fixed_point_into(part, point.value_scale, buffer, fixed).sum())
        self.tables.add_means(codes, fixed_point_into(mean, point.scale, buffer, fixed))
        if point.with_information:
            fixed = fixed_point_into(weight, point.scale, buffer, fixed)
            self.tables.add_weights(codes, fixed, work)

    def include(self, other: _Sums) -> None:
        """Add another thread's sums."""
        self.tables.include(other.tables)
        self.value += other.value
        self.excess += other.excess
        self.n_rows += other.n_rows


def _pass_over(blocks: Iterable[PackedBlock], point: _Point, n_threads: int) -> _Sums:
    """Return the sums of all blocks, which threads take as they come."""
    waiting, lock = iter(blocks), threading.Lock()

    def take() -> PackedBlock | None:
        with lock:
            return next(waiting, None)

    def add_up() -> _Sums:
        sums = _Sums(point)
        while (block := take()) is not None:
            sums.add(block)
        return sums

    with ThreadPoolExecutor(n_threads) as pool:
        others = [pool.submit(add_up) for _ in range(n_threads - 1)]
        total = add_up()
        for other in others:
            total.include(other.result())
    return total


def _linear_predictor(
    block: PackedBlock,
    point: _Point,
    numeric: list[np.ndarray],
    codes: np.ndarray,
    eta: np.ndarray,
    scratch: np.ndarray,
) -> None:
    """Write the block's joint codes to ``codes`` (S, n) and its linear predictor to ``eta``."""
    eta.fill(0.0)
    for part, joint, code in zip(point.look_ups, block.joint, codes, strict=True):
        np.copyto(code, joint)
        # Codes are checked when packed; "clip" spares a second check and a copy.
        np.take(part, code, out=scratch, mode="clip")
        eta += scratch
    for slope, values in zip(point.slopes, numeric, strict=True):
        eta += slope * values
    if block.offset is not None:
        eta += block.offset


def _logit_terms(
    eta: np.ndarray, trials: np.ndarray | None, scratch: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return n p, n p (1 - p) and n log(1 + e^eta), in ``scratch`` (3, n), without overflow."""
    mean, weight, value = scratch
    np.abs(eta, out=mean)
    np.negative(mean, out=mean)
    np.exp(mean, out=mean)
    np.log1p(mean, out=value)
    np.add(mean, 1.0, out=weight)
    np.divide(1.0, weight, out=weight)
    likely = np.flatnonzero(eta > 0)
    mean_of_likely = weight[likely]
    np.multiply(mean, weight, out=mean)
    np.multiply(mean, weight, out=weight)
    mean[likely] = mean_of_likely
    value[likely] += eta[likely]
    if trials is not None:
        scratch *= trials
    return mean, weight, value


def _n_threads(n_rows: int) -> int:
    """Return how many threads a pass has: as many cores as may be used and have enough to do."""
    return max(1, min(MOST_THREADS, len(os.sched_getaffinity(0)), n_rows // ROWS_PER_THREAD))
