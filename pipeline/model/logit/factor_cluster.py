"""Cluster-robust covariance of a factor fit: rows of one cluster may go together in any way.

The sandwich V (sum over clusters of s_g s_g') V, with V the inverse information and s_g a
cluster's score (Liang & Zeger 1986, Biometrika 73; Cameron & Miller 2015, J. Human Resources 50).
Score sums are exact integers, and the squares are products of whole numbers small enough not to
round, so the result does not depend on the order of rows or the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.logit.factor_counts import scaled_numeric
from pipeline.model.logit.factor_design import FactorDesign, unit_maps
from pipeline.model.logit.factor_logit import FactorFit
from pipeline.model.logit.factor_rows import PackedBlock, RowBlock, packed_blocks
from pipeline.model.numerics.exact_sums import apply, fixed_point, sandwich, scale_for

CORRECTIONS = ("none", "groups", "full")
#: Clusters whose score vectors are squared together.
CHUNK_CLUSTERS = 4096
#: Half of the bits that a sum of CHUNK_CLUSTERS products leaves below 2^53.
_LIMB_BITS = 20
#: Up to this many numbers, the scores of all clusters are kept at once and rows need no order.
MOST_SCORES = 2**22


def cluster_covariance(
    fit: FactorFit,
    blocks: Iterable[RowBlock],
    n_clusters: int,
    *,
    correction: str = "groups",
) -> np.ndarray:
    """Return the (K, K) cluster-robust covariance of ``fit.coefficients``, from one pass.

    ``blocks`` are those of the fit, with ``cluster`` codes 0 to ``n_clusters`` - 1. If clusters
    times columns pass ``MOST_SCORES`` the rows must be ordered by cluster
    (:func:`order_by_cluster`, or ORDER BY in the query). ``correction`` is the small-sample
    convention: ``none``; ``groups``, G / (G - 1) with G the clusters that occur, as Stata's logit;
    ``full``, that times (N - 1) / (N - K) with N trials, as statsmodels. Grouped rows give what
    their persons would, as long as no row holds two clusters.
    """
    if correction not in CORRECTIONS:
        raise ModelError(f"correction {correction!r} is not one of {', '.join(CORRECTIONS)}")
    _, from_units = unit_maps(fit.design)
    size = len(fit.coefficients)
    meat, n_seen, n_trials = np.zeros((size, size)), 0, 0
    packed = packed_blocks(blocks, fit.design.packing, fit.design.has_ceiling)
    for scores, seen, trials, scale in _score_chunks(packed, fit, from_units, n_clusters):
        for first in range(0, len(scores), CHUNK_CLUSTERS):
            meat += _exact_gram(scores[first : first + CHUNK_CLUSTERS, :size]) / scale**2
        n_seen += int(seen.sum())
        n_trials += trials
    if n_seen < 2:
        raise ModelError(f"{n_seen} cluster: a robust covariance needs at least two")
    factor = 1.0 if correction == "none" else n_seen / (n_seen - 1)
    if correction == "full":
        factor *= (n_trials - 1) / (n_trials - size)
    return sandwich(fit.covariance, sandwich(from_units.T, meat)) * factor


def order_by_cluster(block: RowBlock) -> RowBlock:
    """Return the rows ordered by cluster."""
    if block.cluster is None:
        raise ModelError("the rows carry no cluster")
    order = np.argsort(block.cluster, kind="stable")
    return RowBlock(
        codes=[column[order] for column in block.codes],
        events=block.events[order],
        trials=None if block.trials is None else block.trials[order],
        offset=None if block.offset is None else block.offset[order],
        numeric=[column[order] for column in block.numeric],
        cluster=block.cluster[order],
    )


def _score_chunks(
    blocks: Iterable[PackedBlock], fit: FactorFit, from_units: np.ndarray, n_clusters: int
) -> Iterator[tuple[np.ndarray, np.ndarray, int, float]]:
    """Yield int64 scores (g, K + 1), which clusters occur (g,), trials, and the scores' scale.

    All clusters at once if there is room, else ``CHUNK_CLUSTERS`` at a time.
    """
    design, width = fit.design, len(fit.coefficients) + 1
    beta = apply(from_units, fit.coefficients)
    look_ups, columns = design.look_ups(beta), _columns_of(design)
    scale = scale_for(float(fit.n_trials + 2 * fit.n_events))
    is_all = n_clusters * width <= MOST_SCORES
    n_together = n_clusters if is_all else CHUNK_CLUSTERS
    chunk, n_trials = 0, 0
    scores, seen = np.zeros((n_together, width), np.int64), np.zeros(n_together, bool)
    for block in blocks:
        cluster = _clusters(block, n_clusters)
        residual, inside = _residuals(block, look_ups, beta[design.n_factor_columns :], design)
        chunks = cluster // n_together
        if (np.diff(chunks) < 0).any() or (len(chunks) and chunks[0] < chunk):
            raise ModelError(
                "the rows are not ordered by cluster",
                next_step="order them by cluster: there are too many clusters to keep all scores.",
            )
        for number in np.unique(chunks):
            if number > chunk:
                yield scores, seen, n_trials, scale
                chunk, n_trials = int(number), 0
                scores, seen = np.zeros_like(scores), np.zeros_like(seen)
            rows = slice(*np.searchsorted(chunks, [number, number + 1]))
            local = cluster[rows] - number * n_together
            _add_scores(scores, local, block, rows, residual[rows], columns, design, scale)
            seen[local[inside[rows]]] = True
            weights = 1 if block.trials is None else block.trials[rows]
            n_trials += int((inside[rows] * weights).sum())
    yield scores, seen, n_trials, scale


def _add_scores(
    scores: np.ndarray,
    cluster: np.ndarray,
    block: PackedBlock,
    rows: slice,
    residual: np.ndarray,
    columns: list[np.ndarray],
    design: FactorDesign,
    scale: float,
) -> None:
    """Add the rows' residuals to their cluster's score, at each of their columns."""
    width = scores.shape[1]
    fixed, flat, first = fixed_point(residual, scale), scores.ravel(), cluster * width
    for joint, of_code in zip(block.joint, columns, strict=True):
        for column in of_code.T:
            np.add.at(flat, first + column[joint[rows]], fixed)
    for q, values in enumerate(scaled_numeric(block, design.numeric)):
        product = fixed_point(residual * values[rows], scale)
        np.add.at(flat, first + (design.n_factor_columns + q), product)


def _residuals(
    block: PackedBlock, look_ups: list[np.ndarray], slopes: np.ndarray, design: FactorDesign
) -> tuple[np.ndarray, np.ndarray]:
    """Return observed minus fitted events of each row, and whether it is in the likelihood."""
    eta = np.zeros(len(block))
    for part, joint in zip(look_ups, block.joint, strict=True):
        eta += part[joint]
    for slope, values in zip(slopes, scaled_numeric(block, design.numeric), strict=True):
        eta += slope * values
    if block.offset is not None:
        eta += block.offset
    with np.errstate(over="ignore"):
        fitted = 1.0 / (1.0 + np.exp(-eta)) if design.has_ceiling else np.exp(eta)
    if block.trials is not None:
        fitted = fitted * block.trials
    return block.events - fitted, np.isfinite(eta)


def _columns_of(design: FactorDesign) -> list[np.ndarray]:
    """Return per super-factor the (L, f) columns of each joint code; K stands for none."""
    result = []
    for position, level_map in zip(design.positions, design.maps, strict=True):
        columns = np.full(
            (len(level_map), max(1, int(level_map.sum(axis=1).max()))), len(design.columns)
        )
        for code, has_column in enumerate(level_map):
            columns[code, : has_column.sum()] = position[has_column]
        result.append(columns)
    return result


def _exact_gram(scores: np.ndarray) -> np.ndarray:
    """Return scores' scores, (K, K), of int64 scores, in 40 bits of the largest score."""
    values = scores.astype(np.float64)
    unit = 2.0 ** (_LIMB_BITS - np.frexp(max(float(np.abs(values).max()), 1.0))[1])
    values *= unit
    high = np.rint(values)
    low = np.rint((values - high) * 2.0**_LIMB_BITS)
    cross = high.T @ low
    return (high.T @ high + (cross + cross.T) * 2.0**-_LIMB_BITS) / unit**2


def _clusters(block: PackedBlock, n_clusters: int) -> np.ndarray:
    if block.cluster is None:
        raise ModelError("the rows carry no cluster")
    cluster = np.asarray(block.cluster)
    if cluster.dtype.kind not in "iu" or (
        len(cluster) and (cluster.min() < 0 or cluster.max() >= n_clusters)
    ):
        raise ModelError(f"a cluster code is outside 0 to {n_clusters - 1}")
    return cluster.astype(np.int64)
