"""Standards of the counterfactual by name: whose practice all others are given.

``lowest_<k>``: the k lowest together. ``quantile_<percent>``: the one at that quantile of the
ranking, e.g. ``quantile_25``. ``municipality_<code>``: a municipality by its code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pipeline.errors import ModelError
from pipeline.model.inference import counterfactual
from pipeline.model.inference.after_selection import conditional_and_hybrid
from pipeline.model.inference.counterfactual import Counterfactual
from pipeline.model.numerics.shown_counts import EXACT, Transitions

#: What a standard may be called; settings hold names to the same pattern.
PATTERN = r"(lowest)_([1-9]\d*)|(quantile)_([1-9]\d?)|(municipality)_(\w+)"

Halves = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def parse_standard(name: str) -> tuple[str, str]:
    """Return the kind (lowest, quantile, municipality) and value of a standard; ModelError else."""
    match = re.fullmatch(PATTERN, name)
    if match is None:
        raise ModelError(
            f"standard {name!r} is not known",
            expected="lowest_10, quantile_25 or municipality_101, with numbers of your choice",
        )
    kind, value = (part for part in match.groups() if part is not None)
    return kind, value


def apply_standard(
    name: str,
    observed: np.ndarray,
    expected: np.ndarray,
    halves: Halves | None,
    municipality_codes: Sequence[str],
    level: float,
    seed: int,
    noise_variance: np.ndarray | float = 0.0,
    transitions: Transitions = EXACT,
    transitions_of_years: Transitions = EXACT,
) -> list[Counterfactual]:
    """Return the figure by each method that the data allow.

    Naive, empirical Bayes, split year; conditional and hybrid where the data chose the standard.

    ``observed`` and ``expected`` (M,) are in the order of ``municipality_codes``; ``halves`` are
    both of the window's first and second period, (M,) or (M, years), None where a period has no
    grants; ``noise_variance`` (M,) that of the noise in ``observed``, ``transitions`` what it does
    to counts, and ``transitions_of_years`` to those of ``halves``. A method is left out where the
    period it measures expects nothing of the standard. Raises
    :class:`ModelError` for more municipalities than there are, or a code that nobody at risk has.
    """
    kind, value = parse_standard(name)
    k, units, quantile = 1, None, None
    if kind == "lowest":
        k = int(value)
        if k > len(municipality_codes):
            raise ModelError(
                f"standard {name}: only {len(municipality_codes)} municipalities have persons at "
                "risk"
            )
    elif kind == "quantile":
        quantile = int(value) / 100
    else:
        if value not in municipality_codes:
            raise ModelError(
                f"standard {name}: nobody at risk lives in municipality {value}",
                next_step="name a municipality of the benchmark by its code.",
            )
        units = [list(municipality_codes).index(value)]
    results = [
        counterfactual.naive(observed, expected, k, level, units, quantile, transitions),
        counterfactual.empirical_bayes(
            observed,
            expected,
            k,
            level,
            units,
            seed=seed,
            quantile=quantile,
            transitions=transitions,
        ),
    ]
    if halves is not None:
        results.append(
            counterfactual.split_year(*halves, k, level, units, quantile, transitions_of_years)
        )
    if units is None:
        corrected = conditional_and_hybrid(
            observed, expected, k, level, noise_variance, quantile, seed, transitions
        )
        # Where ratios tie across the edge of the selection there is no conditional figure.
        results += [item for item in corrected if np.isfinite(item.fewer_grants)]
    return results
