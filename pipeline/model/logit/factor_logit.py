"""Maximum likelihood of a logit, or Poisson model, on categorical factors at national scale.

Newton's method on exact sums, one pass over the rows per step (McCullagh & Nelder 1989, section
2.5; with a canonical link Newton's method is Fisher scoring). Rows stay packed in memory or are
streamed anew for every pass. The numbers depend neither on the order of the rows, nor on how they
are cut into blocks, nor on the number of threads: see ``exact_sums``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.logit.factor_checks import check_sane
from pipeline.model.logit.factor_counts import count_levels, sum_moments
from pipeline.model.logit.factor_design import FactorDesign, build_factor_design, unit_maps
from pipeline.model.logit.factor_newton import Problem, find_start, maximise
from pipeline.model.logit.factor_packing import Factor, pack_factors
from pipeline.model.logit.factor_rows import RowBlock, open_passes
from pipeline.model.logit.factor_sample import Sample
from pipeline.model.numerics.exact_sums import apply, sandwich


@dataclass(frozen=True)
class FactorFit:
    """A fitted model; K columns as in ``design.columns``.

    Attributes
    ----------
    design
        Columns, references, merged levels.
    coefficients, covariance
        (K,) log odds (Poisson: log rates), numeric covariates per unit, and (K, K) inverse
        information.
    n_rows, n_trials, n_events
        Rows, persons and events of the data, all of them.
    n_steps, n_passes
        Newton steps, and passes over the rows (counting and halvings included).
    log_likelihood
        At the maximum, binomial coefficients or factorials included.
    largest_score
        Largest absolute score (observed minus fitted events of a column) before the last step.
    """

    design: FactorDesign
    coefficients: np.ndarray
    covariance: np.ndarray
    n_rows: int
    n_trials: int
    n_events: float
    n_steps: int
    n_passes: int
    log_likelihood: float
    largest_score: float

    @property
    def se(self) -> np.ndarray:
        """(K,) standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))


def fit_factor_logit(
    blocks: Iterable[RowBlock],
    factors: Sequence[Factor],
    numeric: Sequence[str] = (),
    *,
    separation: str = "merge",
    in_memory: bool = True,
    start: Mapping[tuple[str, str], float] | None = None,
    design: FactorDesign | None = None,
) -> FactorFit:
    """Return the maximum-likelihood logit of events out of trials on factors and covariates.

    ``blocks`` can be iterated over again (a list, or ``ArrowBlocks``) unless ``in_memory``, which
    keeps all rows packed, two bytes per super-factor, and reads them once. ``numeric`` names the
    blocks' numeric covariates. ``separation`` is the rule for levels where nobody or everybody
    has the event (``build_factor_design``); with ``design``, of the same ``factors`` and without
    covariates, the columns are its own instead, whatever the rows' counts. ``start`` gives starting
    coefficients by (term, level), 0 for those not given; it changes the number of steps, and the
    result only within the tolerance. Raises :class:`ModelError` for data or models that cannot be
    fitted, naming the level.
    """
    return _fit(blocks, factors, numeric, True, separation, in_memory, start, design)


def fit_factor_poisson(
    blocks: Iterable[RowBlock],
    factors: Sequence[Factor],
    numeric: Sequence[str] = (),
    *,
    separation: str = "merge",
    in_memory: bool = True,
    start: Mapping[tuple[str, str], float] | None = None,
) -> FactorFit:
    """Return the maximum-likelihood Poisson model, log link, of counts; else as the logit.

    Exposure enters as the offset log(exposure); blocks carry no trials.
    """
    return _fit(blocks, factors, numeric, False, separation, in_memory, start)


def _fit(
    blocks: Iterable[RowBlock],
    factors: Sequence[Factor],
    numeric: Sequence[str],
    has_ceiling: bool,
    separation: str,
    in_memory: bool,
    start: Mapping[tuple[str, str], float] | None,
    design: FactorDesign | None = None,
) -> FactorFit:
    packing = pack_factors(factors) if design is None else design.packing
    passes = open_passes(blocks, packing, has_ceiling, in_memory)
    sample = Sample()
    # Only a fit that is not told where to start starts from a sample.
    rows = sample.collect(passes) if start is None else passes
    counts = count_levels(rows, packing, tuple(numeric))
    if counts.n_events == 0 or (has_ceiling and counts.n_events == counts.n_trials):
        raise ModelError(f"{counts.n_events} events in {counts.n_trials} trials: nothing to fit")
    moments = sum_moments(passes, counts, has_ceiling)
    if design is None:
        design = build_factor_design(
            packing,
            packing.by_factor(counts.trials),
            [events / counts.event_scale for events in packing.by_factor(counts.events)],
            counts.numeric,
            separation,
            has_ceiling,
        )
    problem = Problem(passes, design, counts, moments)
    beta, evaluation = find_start(problem, start, sample)
    beta, covariance, evaluation, n_steps = maximise(problem, beta, evaluation)
    check_sane(design.names, beta, covariance)
    to_units, _ = unit_maps(design)
    return FactorFit(
        design=design,
        coefficients=apply(to_units, beta),
        covariance=sandwich(to_units, covariance),
        n_rows=counts.n_rows,
        n_trials=counts.n_trials,
        n_events=counts.n_events,
        n_steps=n_steps,
        n_passes=passes.n,
        log_likelihood=evaluation.log_likelihood,
        largest_score=float(np.abs(evaluation.score).max()),
    )
