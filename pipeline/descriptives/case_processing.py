"""Case processing of the municipalities that decided: days, grants per refusal, mental diagnoses.

AKF found cases somewhat slower where less than expected was granted, grants per refusal to vary a
lot, and mental main diagnoses somewhat more frequent where more was granted. The register holds
decisions only: a case still waiting is in none of these figures.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy.stats import beta, binom

from pipeline.catalogue import columns
from pipeline.model.national.protection import Protection, Unprotected
from pipeline.model.numerics.intervals import proportion_wilson_limits

#: What is published but for the mark of disclosure control.
COLUMNS = tuple(name for name in columns("case_processing") if name != "is_suppressed")


#: Figures of a municipality are shown from this many decisions on, where counts are protected.
FEWEST_DECISIONS = 10


def case_processing(
    decisions: pd.DataFrame, level: float = 0.95, protection: Protection | None = None
) -> pd.DataFrame:
    """Return :data:`COLUMNS` per case type and municipality that decided, ordered by both.

    ``decisions`` has case_type (FP, FJ), municipality_code, decision (grant, refusal, other),
    processing_days (days, may be missing), diagnosis_group and, with a ``protection``, the
    record_key of the person. Days are of all decisions. Counts are as ``protection`` shows them and
    shares are of such counts; below :data:`FEWEST_DECISIONS` decisions as shown, ``is_suppressed``
    is true and all figures are missing. Limits
    at ``level``: of the median by order statistics (:func:`median_limits`), of grants per refusal
    exact given their sum, of shares Wilson's. A figure without data is missing, a limit without
    bound too.
    """
    is_grant, is_refusal, is_mental = (
        (decisions[name] == value).to_numpy(dtype=bool, na_value=False)
        for name, value in (
            *(("decision", "grant"), ("decision", "refusal")),
            ("diagnosis_group", "mental"),
        )
    )
    cases = _Cases(
        decisions["processing_days"].to_numpy(dtype=float, na_value=np.nan),
        is_grant,
        is_refusal,
        is_grant & is_mental,
        is_grant if protection is None else decisions["record_key"].to_numpy(),
    )
    numbered = decisions.assign(row=np.arange(len(decisions)))
    by_place = numbered.groupby(["case_type", "municipality_code"])["row"]
    rows = [
        {
            "outcome": outcome,
            "municipality_code": code,
            **_figures(cases.of(of_place.to_numpy()), level, protection),
        }
        for (outcome, code), of_place in by_place
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    if protection is None or isinstance(protection, Unprotected):
        return frame
    hidden = frame["n_decisions"] < FEWEST_DECISIONS
    figures = list(COLUMNS[2:])
    counts = ["n_decisions", "n_grants", "n_refusals"]
    frame[counts] = frame[counts].astype("Int64")
    missing = {name: frame[name].mask(hidden) for name in figures}
    return frame.assign(**missing, is_suppressed=hidden)


def median_limits(days: np.ndarray, level: float) -> tuple[float, float]:
    """Return the order statistics around the median that cover it with at least ``level``.

    The number of values below the median is binomial whatever their distribution. (nan, nan)
    where even the extremes do not reach the level, i.e. below six values at 95 %.
    """
    ordered = np.sort(days)
    n = len(ordered)
    below = int(binom.ppf((1 - level) / 2, n, 0.5)) if n else 0
    if below == 0 or binom.cdf(below - 1, n, 0.5) > (1 - level) / 2:
        return float("nan"), float("nan")
    return float(ordered[below - 1]), float(ordered[n - below])


def odds_limits(n_grants: int, n_refusals: int, level: float) -> tuple[float, float]:
    """Return exact (Clopper-Pearson) limits of grants per refusal; nan where without bound."""
    n, tail = n_grants + n_refusals, (1 - level) / 2
    if n == 0:
        return float("nan"), float("nan")
    low = float(beta.ppf(tail, n_grants, n_refusals + 1)) if n_grants else 0.0
    high = float(beta.ppf(1 - tail, n_grants + 1, n_refusals)) if n_refusals else 1.0
    return low / (1 - low), high / (1 - high) if high < 1 else float("nan")


@dataclass(frozen=True)
class _Cases:
    """Decisions (n,): days, nan where missing, which are what, and keys of the persons."""

    days: np.ndarray
    is_grant: np.ndarray
    is_refusal: np.ndarray
    is_mental_grant: np.ndarray
    key: np.ndarray

    def of(self, rows: np.ndarray) -> _Cases:
        """Return the decisions in ``rows``."""
        return _Cases(*(getattr(self, part.name)[rows] for part in fields(self)))


def _figures(cases: _Cases, level: float, protection: Protection | None) -> dict[str, float]:
    days = cases.days[~np.isnan(cases.days)]

    def count(kept: np.ndarray) -> int:
        n = np.array(kept.sum())
        return int(n if protection is None else protection.shown(n, cases.key[kept].sum()))

    n_grants, n_refusals = count(cases.is_grant), count(cases.is_refusal)
    n_mental = min(count(cases.is_mental_grant), n_grants)
    median_low, median_high = median_limits(days, level)
    odds_low, odds_high = odds_limits(n_grants, n_refusals, level)
    nothing = float("nan")
    share_low, share_high = nothing, nothing
    if n_grants:
        low, high = proportion_wilson_limits([n_mental], [n_grants], level)
        share_low, share_high = float(low[0]), float(high[0])
    return {
        "n_decisions": count(np.ones(len(cases.key), dtype=bool)),
        "median_days": float(np.median(days)) if len(days) else nothing,
        "median_low": median_low,
        "median_high": median_high,
        "n_grants": n_grants,
        "n_refusals": n_refusals,
        "grants_per_refusal": n_grants / n_refusals if n_refusals else nothing,
        "grants_per_refusal_low": odds_low,
        "grants_per_refusal_high": odds_high,
        "mental_share": n_mental / n_grants if n_grants else nothing,
        "mental_share_low": share_low,
        "mental_share_high": share_high,
    }
