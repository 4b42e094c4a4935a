"""Newton's method for a concave log likelihood that is only known by passes over the rows.

With a canonical link Newton's method is Fisher scoring (McCullagh & Nelder 1989, section 2.5). A
logit of a rare event overshoots from a common intercept, so the start is a transformed step and
every later step is halved until the likelihood does not fall.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.logit.factor_checks import (
    check_rank,
    invert,
    refuse_no_convergence,
    refuse_runaway,
)
from pipeline.model.logit.factor_counts import Counts, Moments
from pipeline.model.logit.factor_design import FactorDesign, unit_maps
from pipeline.model.logit.factor_rows import Passes
from pipeline.model.logit.factor_sample import Sample
from pipeline.model.logit.factor_sums import Evaluation, evaluate
from pipeline.model.numerics.exact_sums import apply

MAX_STEPS = 50
MAX_HALVINGS = 30
#: No coefficient moves further in one step, log odds: far out the likelihood is flat and misleads.
LARGEST_STEP = 4.0
#: Stop when no coefficient moves by more; the step is still taken, so the error is its square,
#: and the relative error of the covariance is of this size.
STEP_TOLERANCE = 1e-8
#: A loss of log likelihood within rounding, relative, counts as no loss.
LOSS_TOLERANCE = 1e-11


#: The start takes no relative risk to be lower, and this part of its log.
SMALLEST_RATIO = 0.3
SHORTENED = 0.7
#: The maximum of a sample need not be closer.
START_TOLERANCE = 1e-2


@dataclass(frozen=True)
class Problem:
    """All that evaluating the likelihood at a point needs."""

    passes: Passes
    design: FactorDesign
    counts: Counts
    moments: Moments

    def at(self, beta: np.ndarray, with_information: bool = True) -> Evaluation | None:
        """Return the evaluation at ``beta``; None where the point is absurd."""
        return evaluate(self.passes, self.design, self.counts, self.moments, beta, with_information)


def find_start(
    problem: Problem, start: Mapping[tuple[str, str], float] | None, sample: Sample
) -> tuple[np.ndarray, Evaluation]:
    """Return a starting point and its evaluation; refuse dependent columns on the way.

    ``start`` is used as it is, if it is more likely than a share that all have. Else the maximum of
    the sample, if that is useful and has one; the sample's columns are independent then, so the
    whole table's are too.
    """
    if start is None and problem.design.has_ceiling and sample.is_useful(problem.counts.n_rows):
        counts = replace(problem.counts, n_rows=sample.n_rows, n_trials=sample.n_trials)
        blocks = sample.blocks()
        smaller = Problem(Passes(lambda: blocks), problem.design, counts, problem.moments)
        try:
            beta, evaluation = _plain_start(smaller)
            beta, _, _, _ = maximise(smaller, beta, evaluation, START_TOLERANCE)
        except ModelError:
            pass  # The whole table may still have a maximum; if not, it says so itself.
        else:
            reached = problem.at(beta)
            if reached is not None:
                return beta, reached
    if start is None:
        return _plain_start(problem)
    per_unit = np.array([start.get(column, 0.0) for column in problem.design.columns])
    candidate = apply(unit_maps(problem.design)[1], per_unit)
    reached = problem.at(candidate)
    if reached is None or not reached.log_likelihood > _log_likelihood_of_share(problem):
        return _plain_start(problem)
    check_rank(problem.design.names, reached.information)
    return candidate, reached


def maximise(
    problem: Problem,
    beta: np.ndarray,
    evaluation: Evaluation,
    tolerance: float = STEP_TOLERANCE,
) -> tuple[np.ndarray, np.ndarray, Evaluation, int]:
    """Return maximum, inverse information, the last evaluation and the number of steps."""
    names = problem.design.names
    for n_steps in range(1, MAX_STEPS + 1):
        inverse = invert(names, evaluation.information, beta)
        step = apply(inverse, evaluation.score)
        if np.abs(step).max() < tolerance:
            return beta + step, inverse, evaluation, n_steps
        step *= LARGEST_STEP / max(float(np.abs(step).max()), LARGEST_STEP)
        beta, evaluation = _damped(problem, beta, step, evaluation.log_likelihood)
        refuse_runaway(names, beta)
    refuse_no_convergence(names, beta, step, MAX_STEPS)
    raise AssertionError("unreachable")


def _plain_start(problem: Problem) -> tuple[np.ndarray, Evaluation]:
    """Return a start on the log scale, where Newton's first step overshoots less.

    From a common intercept that step is a relative risk minus 1: for a rare event far more than
    its log. The log is exact for one factor alone; several factors share what each would explain,
    so it is shortened. Each base is then scaled to expect the events it has.
    """
    beta, first = _common_intercept(problem)
    step = apply(check_rank(problem.design.names, first.information), first.score)
    candidate = beta + SHORTENED * np.log(np.maximum(1.0 + step, SMALLEST_RATIO))
    rough = problem.at(candidate, with_information=False)
    if rough is not None:
        bases = slice(0, problem.design.n_base)
        observed = rough.score[bases] + rough.fitted[bases]
        candidate[bases] += np.log(observed / np.maximum(rough.fitted[bases], 1e-3 * observed))
    return _better(problem, candidate, beta, first)


def _common_intercept(problem: Problem) -> tuple[np.ndarray, Evaluation]:
    """Return the point without slopes where expected about equals observed, and its evaluation."""
    design, counts = problem.design, problem.counts
    beta = np.zeros(len(design.columns))
    share = counts.n_events / counts.n_trials
    beta[: design.n_base] = math.log(share) - problem.moments.log_exposure
    if design.has_ceiling:
        beta[: design.n_base] -= math.log1p(-share)
    first = problem.at(beta)
    assert first is not None, "the common intercept expects the observed events"
    return beta, first


def _log_likelihood_of_share(problem: Problem) -> float:
    """Return the log likelihood where every trial has the share of all events, no offsets."""
    counts, constant = problem.counts, problem.moments.constant
    share = counts.n_events / counts.n_trials
    if not problem.design.has_ceiling:
        return counts.n_events * (math.log(share) - 1) + constant
    left = counts.n_trials - counts.n_events
    return counts.n_events * math.log(share) + left * math.log1p(-share) + constant


def _better(
    problem: Problem, candidate: np.ndarray, beta: np.ndarray, first: Evaluation
) -> tuple[np.ndarray, Evaluation]:
    """Return the candidate if it is more likely than ``beta``, whose evaluation is ``first``."""
    reached = problem.at(candidate)
    if reached is None or not reached.log_likelihood > first.log_likelihood:
        return beta, first
    return candidate, reached


def _damped(
    problem: Problem, beta: np.ndarray, step: np.ndarray, reached: float
) -> tuple[np.ndarray, Evaluation]:
    """Return the point after ``step``, halved until no likelihood is lost, and its evaluation."""
    for halving in range(MAX_HALVINGS):
        candidate = beta + step / 2**halving
        evaluation = problem.at(candidate)
        if evaluation is not None and (
            evaluation.log_likelihood >= reached - LOSS_TOLERANCE * max(1.0, abs(reached))
        ):
            return candidate, evaluation
    raise ModelError("no step from the current point raises the likelihood")
