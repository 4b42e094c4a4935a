"""Whether municipalities reported their grants: the register of decisions against DREAM.

Everyone granted a disability pension is soon paid one, and DREAM sees it. A municipality whose new
pensioners are mostly unknown to the register of decisions has not reported, and its low place in
the ranking would be an artefact. Such a municipality-year is left out of the benchmark as a whole:
out of the municipality's own expected and observed, and out of the country's standard.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import beta

COLUMNS = (
    "municipality_code",
    "year",
    "n_register",
    "n_dream",
    "coverage",
    "coverage_low",
    "coverage_high",
    "is_reported",
)
_ROUNDS = 20


def judge_completeness(
    counts: pd.DataFrame, *, level: float = 0.998, smallest_coverage: float = 0.8
) -> pd.DataFrame:
    """Return :data:`COLUMNS` per municipality and year, in the order of ``counts``.

    ``counts`` has municipality_code, year, n_dream (persons new on disability pension) and
    n_register (those of them with a grant in the register). ``coverage`` is their ratio with exact
    (Clopper-Pearson) limits at ``level``, all missing without pensions. A year is not reported
    where the upper limit is below ``smallest_coverage`` of the coverage that year of all others,
    those who did not report aside: a small municipality with few pensions is never
    judged by chance alone, and a year that nobody reported is held against nobody.
    """
    n, known = counts["n_dream"].to_numpy(float), counts["n_register"].to_numpy(float)
    low, high = _limits(known, n, level)
    year = np.unique(counts["year"].to_numpy(), return_inverse=True)[1]
    is_reported = np.ones(len(counts), dtype=bool)
    for _ in range(_ROUNDS):
        before = is_reported
        is_reported = ~(high < smallest_coverage * _usual(known, n, year, before))
        if (before == is_reported).all():
            break
    coverage = np.divide(known, n, out=np.full(len(n), np.nan), where=n > 0)
    return counts[["municipality_code", "year", "n_register", "n_dream"]].assign(
        coverage=coverage,
        coverage_low=np.where(n > 0, low, np.nan),
        coverage_high=np.where(n > 0, high, np.nan),
        is_reported=is_reported,
    )


def without_unreported(rows: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Return ``rows`` without the municipality-years judged not reported, order kept.

    ``rows`` has municipality_code and year; a municipality-year that is not judged stays.
    """
    silent = judged.loc[~judged["is_reported"], ["municipality_code", "year"]]
    if silent.empty:
        return rows
    keys = pd.MultiIndex.from_frame(rows[["municipality_code", "year"]].astype({"year": int}))
    is_silent = keys.isin(pd.MultiIndex.from_frame(silent.astype({"year": int})))
    return rows[~is_silent].reset_index(drop=True)


def reported_share(cells: pd.DataFrame, judged: pd.DataFrame) -> pd.Series:
    """Return by municipality_code the share (0-1) of its person-years in reported years.

    ``cells`` has municipality_code, year and n_persons, of all years of the window.
    """
    whole = cells.groupby("municipality_code", observed=True)["n_persons"].sum()
    kept = without_unreported(cells, judged)
    part = kept.groupby("municipality_code", observed=True)["n_persons"].sum()
    share = part.reindex(whole.index, fill_value=0) / whole
    return share.rename("coverage")


def quality_row(judged: pd.DataFrame, years: tuple[int, ...]) -> pd.DataFrame:
    """Return one row of ``data_quality``: the municipality-years of ``years`` left out, if any."""
    window = judged[judged["year"].isin(years)]
    silent = window[~window["is_reported"]]
    named = [
        f"{code} in {year}"
        for code, year in zip(silent["municipality_code"], silent["year"], strict=True)
    ]
    return pd.DataFrame(
        {
            "register": ["ankestyrelsen"],
            "check": ["reporting_complete"],
            "severity": ["warn"],
            "n_rows": [len(window)],
            "n_failing": [len(silent)],
            "n_quarantined": [0],
            "status": ["warn" if named else "ok"],
            "detail": [
                f"not reported, left out of the benchmark: {', '.join(named)}" if named else None
            ],
            "sample_keys": pd.Series(["; ".join(named[:5]) if named else None], dtype="str"),
        }
    )


def _usual(
    known: np.ndarray, n: np.ndarray, year: np.ndarray, is_reported: np.ndarray
) -> np.ndarray:
    """Return the coverage of all others of the year who reported; 0 where there are none."""
    all_known = np.bincount(year, known * is_reported)[year] - known * is_reported
    everyone = np.bincount(year, n * is_reported)[year] - n * is_reported
    return np.divide(all_known, everyone, out=np.zeros(len(n)), where=everyone > 0)


def _limits(known: np.ndarray, n: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return exact limits of binomial shares; 0 and 1 where nothing was drawn."""
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(known > 0, beta.ppf(tail, known, n - known + 1), 0.0)
        high = np.where(known < n, beta.ppf(1 - tail, known + 1, n - known), 1.0)
    return low, high
