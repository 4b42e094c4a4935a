"""One pass over the rows: log likelihood, score and information of a canonical-link model.

The score of a generalised linear model with canonical link is X'y - X'mu and the information
X'WX (McCullagh & Nelder 1989, Generalized Linear Models, 2nd ed., sections 2.5 and 4.4). X'y is
counted once. X'mu and X'WX come from one-way tables of mu per super-factor and two-way tables of
W per pair of super-factors, all in exact integer sums (see ``exact_sums``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.logit.factor_counts import Counts, Moments, observed_sums, scaled_numeric
from pipeline.model.logit.factor_design import FactorDesign
from pipeline.model.logit.factor_rows import BLOCK_ROWS, PackedBlock
from pipeline.model.logit.factor_tables import FactorTables
from pipeline.model.numerics.exact_sums import fixed_point, fixed_point_into, scale_for

#: A Poisson point that expects this many times the observed events is refused as a step.
LARGEST_EXCESS = 1024.0
_EXCESS_BITS = 36


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
    tables = FactorTables.empty(design, with_information)
    integers = np.empty((len(look_ups) + 3, BLOCK_ROWS), dtype=np.int64)
    floats = np.empty((4, BLOCK_ROWS))
    value, excess, n_rows = 0, 0, 0
    for block in blocks:
        n_rows += len(block)
        codes = integers[3:, : len(block)]
        fixed, work = integers[0, : len(block)], integers[1:3, : len(block)]
        eta, scratch = floats[0, : len(block)], floats[1:, : len(block)]
        numeric = scaled_numeric(block, design.numeric)
        _linear_predictor(block, look_ups, slopes, numeric, codes, eta, scratch[0])
        if design.has_ceiling:
            mean, weight, part = _logit_terms(eta, block.trials, scratch)
        else:
            np.exp(np.minimum(eta, 700.0), out=eta)
            mean = weight = part = np.minimum(eta, bound, out=eta)
            excess += int(np.ceil(mean * (2.0**_EXCESS_BITS / bound)).astype(np.int64).sum())
            if excess > 2**_EXCESS_BITS:
                return None
        tables.add_numeric(codes, numeric, mean, weight, scale)
        value += int(fixed_point(part, value_scale).sum())
        # The value is not needed any more, so its buffer takes the scaled terms.
        buffer = scratch[2]
        tables.add_means(codes, fixed_point_into(mean, scale, buffer, fixed))
        if with_information:
            tables.add_weights(codes, fixed_point_into(weight, scale, buffer, fixed), work)
    if n_rows != counts.n_rows:
        raise ModelError(
            f"the blocks gave {n_rows} rows in a later pass, {counts.n_rows} in the first",
            next_step="pass a list, or ArrowBlocks with a function that opens a new reader.",
        )
    observed = observed_sums(design, counts, moments)
    fitted = tables.fitted(design, scale)
    known = float((observed * beta).sum()) + moments.offset + moments.constant
    return Evaluation(
        log_likelihood=known - value / value_scale,
        fitted=fitted,
        score=observed - fitted,
        information=tables.information(design, scale) if with_information else np.empty((0, 0)),
    )


def _linear_predictor(
    block: PackedBlock,
    look_ups: list[np.ndarray],
    slopes: np.ndarray,
    numeric: list[np.ndarray],
    codes: np.ndarray,
    eta: np.ndarray,
    scratch: np.ndarray,
) -> None:
    """Write the block's joint codes to ``codes`` (S, n) and its linear predictor to ``eta``."""
    eta.fill(0.0)
    for part, joint, code in zip(look_ups, block.joint, codes, strict=True):
        np.copyto(code, joint)
        # Codes are checked when packed; "clip" spares a second check and a copy.
        np.take(part, code, out=scratch, mode="clip")
        eta += scratch
    for slope, values in zip(slopes, numeric, strict=True):
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
