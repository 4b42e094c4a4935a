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

from pipeline.catalogue import columns
from pipeline.model.national.protection import Protection, Unprotected
from pipeline.model.years.unreported import is_unreported, unreported_years

#: What is published but for the mark of disclosure control.
COLUMNS = tuple(name for name in columns("completeness") if name != "is_suppressed")
#: Figures of a year are shown from this many pensions on, where counts are protected.
FEWEST_PENSIONS = 10
_ROUNDS = 20
_MONTHS = 12
#: First and last month (0-11) of all runs of months shorter than the year, and the whole year last.
_RUNS = np.array(
    [
        (first, first + length - 1)
        for length in range(1, _MONTHS + 1)
        for first in range(_MONTHS - length + 1)
    ]
)


def judge_completeness(
    counts: pd.DataFrame,
    quarantined: pd.DataFrame | None = None,
    *,
    level: float = 0.998,
    smallest_coverage: float = 0.8,
) -> pd.DataFrame:
    """Return :data:`COLUMNS` per municipality and year, in their order of appearance.

    ``counts`` has municipality_code, year, month (1-12), n_dream (persons new on disability
    pension) and n_register (those of them with a grant in the register); a month without a row has
    none. ``coverage`` is the year's ratio with exact (Clopper-Pearson) limits at ``level``, all
    missing without pensions. A year is not reported where the upper limit is below
    ``smallest_coverage`` of the coverage that year of all others, those who did not report aside;
    or where that of any run of its months is, at a level that makes up for the number of runs. So
    a small municipality with few pensions is never judged by chance alone, and a year that nobody
    reported is held against nobody. The months said to be unreported are the run that lacks most.

    ``quarantined`` has municipality_code, year and n_quarantined, decisions delivered that did not
    load: ``is_in_quarantine`` where they are at least half of what a year that is not reported
    lacks. Then the municipality did report.
    """
    group = counts.groupby(["municipality_code", "year"], sort=False).ngroup().to_numpy()
    places = counts[["municipality_code", "year"]].drop_duplicates(ignore_index=True)
    n, known = (
        _by_month(group, counts["month"], counts[name]) for name in ("n_dream", "n_register")
    )
    low, high = _limits(known[:, -1], n[:, -1], level)
    high_of_run = np.column_stack(
        [_limits(known[:, :-1], n[:, :-1], 1 - (1 - level) / (len(_RUNS) - 1))[1], high]
    )
    year = places["year"].factorize()[0]
    is_reported: np.ndarray = np.ones(len(places), dtype=bool)
    for _ in range(_ROUNDS):
        before = is_reported
        usual = _usual(known[:, -1], n[:, -1], year, before)
        is_reported = np.all(high_of_run >= smallest_coverage * usual[:, None], axis=1)
        if (before == is_reported).all():
            break
    worst = _RUNS[np.argmax(usual[:, None] * n - known, axis=1)] + 1
    months = pd.DataFrame(worst, columns=list(COLUMNS[-2:]), dtype="Int64")
    whole = n[:, -1]
    judged = places.assign(
        n_register=known[:, -1].astype(np.int64),
        n_dream=whole.astype(np.int64),
        coverage=np.divide(known[:, -1], whole, out=np.full(len(whole), np.nan), where=whole > 0),
        coverage_low=np.where(whole > 0, low, np.nan),
        coverage_high=np.where(whole > 0, high, np.nan),
        is_reported=is_reported,
        is_in_quarantine=False,
    )
    if quarantined is not None:
        judged["is_in_quarantine"] = _kept_out(judged, quarantined) & ~is_reported
    months.loc[is_reported] = pd.NA
    return judged.join(months)


def shown_completeness(
    judged: pd.DataFrame, counts: pd.DataFrame, protection: Protection, *, level: float
) -> pd.DataFrame:
    """Return ``judged`` with counts as ``protection`` shows them, and coverage of such counts.

    ``counts`` as for :func:`judge_completeness`, with the sums of record keys ``register_key`` and
    ``dream_key``. Below :data:`FEWEST_PENSIONS` as shown the figures are missing and
    ``is_suppressed``. Without a protection ``judged`` comes back as it is.
    """
    if isinstance(protection, Unprotected):
        return judged
    place = ["municipality_code", "year"]
    keys = counts.groupby(place)[["register_key", "dream_key"]].sum()
    keys = keys.loc[pd.MultiIndex.from_frame(judged[place])]
    n = protection.shown(judged["n_dream"].to_numpy(), keys["dream_key"].to_numpy())
    known = protection.shown(judged["n_register"].to_numpy(), keys["register_key"].to_numpy())
    hidden = n < FEWEST_PENSIONS
    part = np.minimum(known, n).astype(float)
    low, high = _limits(part, n.astype(float), level)
    figures = {
        "n_register": pd.array(known, dtype="Int64"),
        "n_dream": pd.array(n, dtype="Int64"),
        "coverage": part / np.maximum(n, 1),
        "coverage_low": low,
        "coverage_high": high,
    }
    missing = {name: pd.Series(values).mask(hidden) for name, values in figures.items()}
    return judged.reset_index(drop=True).assign(**missing, is_suppressed=hidden)


def without_unreported(rows: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Return ``rows`` without the municipality-years judged not reported, order kept.

    ``rows`` has municipality_code and year; a municipality-year that is not judged stays.
    """
    unreported = unreported_years(judged)
    if unreported.empty:
        return rows
    return rows[~is_unreported(rows, unreported)].reset_index(drop=True)


def reported_share(cells: pd.DataFrame, judged: pd.DataFrame) -> pd.Series:
    """Return by municipality_code the share (0-1) of its person-years in reported years.

    ``cells`` has municipality_code, year and n_persons, of all years of the window.
    """
    whole = cells.groupby("municipality_code", observed=True)["n_persons"].sum()
    kept = without_unreported(cells, judged)
    part = kept.groupby("municipality_code", observed=True)["n_persons"].sum()
    share = part.reindex(whole.index, fill_value=0) / whole
    return share.rename("coverage")


def _kept_out(judged: pd.DataFrame, quarantined: pd.DataFrame) -> pd.Series:
    key = ["municipality_code", "year"]
    n = judged[key].merge(quarantined, on=key, how="left")["n_quarantined"].fillna(0)
    lacking = (judged["n_dream"] - judged["n_register"]).to_numpy()
    return pd.Series((n.to_numpy() > 0) & (2 * n.to_numpy() >= lacking), index=judged.index)


def quality_row(judged: pd.DataFrame, years: tuple[int, ...]) -> pd.DataFrame:
    """Return one row of ``data_quality``: the municipality-years of ``years`` left out, if any.

    Those whose decisions are in quarantine are named apart: they reported.
    """
    window = judged[judged["year"].isin(years)]
    silent = window[~window["is_reported"]]
    places = [
        f"{code} in {year}"
        for code, year in zip(silent["municipality_code"], silent["year"], strict=True)
    ]
    is_ours = silent["is_in_quarantine"]
    theirs = [place for place, ours in zip(places, is_ours, strict=True) if not ours]
    ours = [place for place, ours in zip(places, is_ours, strict=True) if ours]
    named = [*theirs, *ours]
    parts = []
    if theirs:
        parts.append(f"not reported, left out of the benchmark: {', '.join(theirs)}")
    if ours:
        parts.append(
            "reported, but their decisions are in quarantine here (mend the files or the code "
            f"lists), left out of the benchmark: {', '.join(ours)}"
        )
    return pd.DataFrame(
        {
            "register": ["ankestyrelsen"],
            "check": ["reporting_complete"],
            "severity": ["warn"],
            "n_rows": [len(window)],
            "n_failing": [len(silent)],
            "n_quarantined": [0],
            "status": ["warn" if named else "ok"],
            "detail": ["; ".join(parts) or None],
            "sample_keys": pd.Series(["; ".join(named[:5]) if named else None], dtype="str"),
        }
    )


def _by_month(group: np.ndarray, month: pd.Series, count: pd.Series) -> np.ndarray:
    """Return counts by group and run of :data:`_RUNS`, as floats; the whole year is last."""
    per_month = np.zeros((int(group.max(initial=-1)) + 1, _MONTHS + 1))
    np.add.at(per_month, (group, month.to_numpy(dtype=np.int64)), count.to_numpy(dtype=float))
    until = per_month.cumsum(axis=1)
    return np.asarray(until[:, _RUNS[:, 1] + 1] - until[:, _RUNS[:, 0]])


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
