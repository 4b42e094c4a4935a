"""The tables of queue or practice: cases by month, and the temporary beside the lasting part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.model.followups.backlog import (
    FEWEST_DECISIONS,
    CaseMonths,
    Temporary,
    combined,
    seen_part,
    shrunken,
    temporary_part,
)
from pipeline.model.followups.rank_frames import CASE_TYPES
from pipeline.model.followups.ratio_limits import log_odds_per_log_ratio
from pipeline.model.inference.ranks import point_ranks
from pipeline.model.national.protection import Protection
from pipeline.model.numerics.intervals import normal_quantile
from pipeline.model.years.adjusted import adjusted_years
from pipeline.model.years.unreported import mask_unreported

#: Years before the window that its months are shown with.
YEARS_BEFORE = 2
#: Years before the window that earlier practice is taken from: at least, at most.
FEWEST_EARLIER, MOST_EARLIER = 2, 6
_DIGITS = 6
#: Log odds that tell neighbours in rank apart.
_LEAST = 1e-9
_SUMS = ("n_applications", "n_decisions", "processing_days", "processing_days_squared")
_UNDECIDED = "n_undecided"
_KEYS = ("applications_key", "decisions_key")


def backlog_frame(
    case_months: pd.DataFrame,
    municipality_codes: Sequence[str],
    outcomes: Sequence[str],
    years: Sequence[int],
    protection: Protection,
) -> pd.DataFrame:
    """Return ``backlog``: the cases of each municipality by month, of the window and before it.

    ``case_months`` are rows of ``mart.case_month`` of all years. Pending are cases begun by the end
    of the month and decided later, or not decided where those are delivered. Counts are as
    ``protection`` shows them, missing where fewer decisions a month are usual than may be shown;
    mean days where at least :data:`~pipeline.model.followups.backlog.FEWEST_DECISIONS` are.
    """
    parts = []
    first, last = min(years) - YEARS_BEFORE, max(years)
    for outcome in outcomes:
        begin, sums = _months(case_months, municipality_codes, outcome, last)
        if begin is None:
            continue
        shown_from = max(12 * (first - begin), 0)
        pending = np.cumsum(sums["n_applications"] - sums["n_decisions"], axis=1)
        pending_key = np.cumsum(sums["applications_key"] - sums["decisions_key"], axis=1)
        counts = {
            "n_applications": (sums["n_applications"], sums["applications_key"]),
            "n_decisions": (sums["n_decisions"], sums["decisions_key"]),
            "n_pending": (pending, pending_key),
        }
        decided = sums["n_decisions"][:, shown_from:]
        hidden = np.broadcast_to(protection.is_hidden(decided.mean(axis=1))[:, None], decided.shape)
        n, length = decided.shape
        month = np.tile(np.arange(shown_from, shown_from + length), n)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = sums["processing_days"][:, shown_from:] / decided
        made: dict[str, object] = {
            "outcome": outcome,
            "municipality_code": np.repeat(list(municipality_codes), length),
            "year": begin + month // 12,
            "month": month % 12 + 1,
        }
        for name, (count, key) in counts.items():
            whole = np.rint(count[:, shown_from:]).astype(np.int64)
            values = protection.shown(whole, key[:, shown_from:].astype(np.int64)).astype(float)
            made[name] = _nullable(np.where(hidden, np.nan, values).ravel())
        is_few = hidden | (decided < FEWEST_DECISIONS)
        made["mean_days"] = np.where(is_few, np.nan, np.round(mean)).ravel()
        made["is_suppressed"] = hidden.ravel()
        parts.append(pd.DataFrame(made))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def temporary_frame(
    case_months: pd.DataFrame,
    benchmark: pd.DataFrame,
    history: pd.DataFrame,
    unreported: pd.DataFrame,
    years: Sequence[int],
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return ``temporary``: each municipality's practice, what a queue made of it, and the rest.

    ``benchmark`` are rows of one model with ``rank`` of ``ranking``; ``history`` those of
    ``grant_history`` as shown; ``unreported`` (municipality_code, year) the years that did not
    reach the register: where one of them is needed nothing is known. Effects are log odds. A stock
    that is seen is taken as ``protection`` shows it. ``earlier`` is practice in the years before
    the window that were reported, from its grants against the country's rate of the year and the
    composition of the window. ``rank`` is that of ``ranking``, 1 the fewest; the rank without the
    temporary part takes out what of it is more than chance, and has municipalities without grants
    at the effect that their rank lies at.
    """
    parts = []
    reported = mask_unreported(history, unreported, ["observed"])
    reach = normal_quantile(level)
    is_seen = bool((case_months[_UNDECIDED] > 0).any())
    for name, rows in benchmark.groupby("outcome", sort=False):
        outcome, codes = str(name), list(rows["municipality_code"])
        effect = rows["practice_effect"].to_numpy(dtype=float)
        se = rows["practice_effect_se"].to_numpy(dtype=float)
        scale = log_odds_per_log_ratio(effect, rows["ratio"].to_numpy(dtype=float))
        queued = _temporary(case_months, codes, outcome, years, protection, is_seen)
        part, part_se, flagged = _reported(queued, codes, unreported, years, scale)
        lasting, lasting_se = effect - part, np.hypot(se, part_se)
        before, before_se, n_years = _earlier(reported, rows, outcome, years, scale)
        made = pd.DataFrame({"outcome": outcome, "municipality_code": codes})
        made["practice_effect"] = np.round(effect, _DIGITS)
        for column, middle, error in (
            ("temporary", part, part_se),
            ("lasting", lasting, lasting_se),
            ("earlier", before, before_se),
        ):
            made[column] = np.round(middle, _DIGITS)
            made[f"{column}_low"] = np.round(middle - reach * error, _DIGITS)
            made[f"{column}_high"] = np.round(middle + reach * error, _DIGITS)
        made["n_years"] = n_years
        rank = rows["rank"].to_numpy(dtype=float)
        made["rank"] = _nullable(rank)
        net = _effect_of_rank(effect, rank) - shrunken(part, part_se)
        made["rank_lasting"] = _nullable(point_ranks(net).astype(float))
        made["is_temporary"] = flagged
        made["is_stock_seen"] = is_seen
        parts.append(made)
    return pd.concat(parts, ignore_index=True)


def _temporary(
    case_months: pd.DataFrame,
    codes: list[str],
    outcome: str,
    years: Sequence[int],
    protection: Protection,
    is_seen: bool,
) -> Temporary | None:
    """Return the temporary part of the logarithm of grants, None without the months it needs."""
    begin, sums = _months(case_months, codes, outcome, max(years))
    if begin is None:
        return None
    implied = temporary_part(CaseMonths(begin, *(sums[name] for name in _SUMS[1:])), years)
    first = 12 * (min(years) - begin)
    if implied is None or not is_seen or first <= 0:
        return implied
    counts = _window(sums["n_applications"], sums["n_decisions"], first)
    keys = _window(sums["applications_key"], sums["decisions_key"], first)
    decided, before, after = (
        protection.shown(np.rint(count).astype(np.int64), key.astype(np.int64)).astype(float)
        for count, key in zip(counts, keys, strict=True)
    )
    noise = [np.nan_to_num(protection.noise_variance(stock)) for stock in (before, after)]
    return combined(implied, seen_part(decided, before, after, noise[0] + noise[1]))


def _window(begun: np.ndarray, decided: np.ndarray, first: int) -> tuple[np.ndarray, ...]:
    """Return (M,) sums decided from month ``first`` on, and what waits when it begins and ends."""
    waiting = np.cumsum(begun - decided, axis=1)
    return decided[:, first:].sum(axis=1), waiting[:, first - 1], waiting[:, -1]


def _reported(
    part: Temporary | None,
    codes: list[str],
    unreported: pd.DataFrame,
    years: Sequence[int],
    scale: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (M,) the temporary part in log odds, its error, and whether it is flagged."""
    if part is None:
        nothing = np.full(len(codes), np.nan)
        return nothing, nothing, np.zeros(len(codes), dtype=bool)
    silent = set(unreported.loc[unreported["year"] >= min(years) - 1, "municipality_code"])
    is_silent = np.array([code in silent for code in codes])
    return (
        np.where(is_silent, np.nan, scale * part.effect),
        np.where(is_silent, np.nan, scale * part.se),
        part.is_flagged & ~is_silent,
    )


def _earlier(
    history: pd.DataFrame,
    rows: pd.DataFrame,
    outcome: str,
    years: Sequence[int],
    scale: float,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return (M,) practice in the years before the window, its error, and the number of years."""
    nothing = np.full(len(rows), np.nan)
    own = history[history["outcome"] == outcome]
    covered = sorted(set(own["year"]))
    before = [year for year in covered if year < min(years)][-MOST_EARLIER:]
    window = [year for year in years if year in covered]
    if len(before) < FEWEST_EARLIER or not window:
        return nothing, nothing, len(before)
    adjusted = adjusted_years(own, rows, before, window)
    total, expect = adjusted.counted.sum(axis=1), adjusted.expected.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = scale * np.log((total + 0.5) / expect)
    is_known = np.isfinite(effect) & (expect > 0)
    error = scale / np.sqrt(np.maximum(total, 1.0))
    return np.where(is_known, effect, np.nan), np.where(is_known, error, np.nan), len(before)


def _months(
    case_months: pd.DataFrame, codes: Sequence[str], outcome: str, last_year: int
) -> tuple[int | None, dict[str, np.ndarray]]:
    """Return the first year and (M, T) sums by month until ``last_year``; None without cases.

    Months begin with the year of the first decisions: earlier applications are in the first month.
    """
    own = case_months[
        case_months["case_type"].isin(CASE_TYPES.get(outcome, ()))
        & (case_months["year"] <= last_year)
    ]
    decided = own[own["n_decisions"] > 0]
    if decided.empty:
        return None, {}
    begin = int(decided["year"].min())
    n_months = 12 * (last_year - begin + 1)
    place = pd.Index(list(codes)).get_indexer(pd.Index(own["municipality_code"].astype(str)))
    month = 12 * (own["year"].to_numpy() - begin) + own["month"].to_numpy() - 1
    kept = place >= 0
    cell = place[kept] * n_months + np.maximum(month[kept], 0)
    size = len(codes) * n_months
    return begin, {
        name: np.bincount(cell, own[name].to_numpy(dtype=float)[kept], size).reshape(
            len(codes), n_months
        )
        for name in (*_SUMS, *_KEYS)
    }


def _effect_of_rank(effect: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Return (M,) effects in the order of ``rank``, those not known between their neighbours'."""
    known = np.isfinite(effect)
    if not known.any():
        return rank
    order = np.argsort(rank[known], kind="stable")
    between = np.interp(rank, rank[known][order], effect[known][order])
    return np.where(known, effect, between) + _LEAST * rank


def _nullable(values: np.ndarray) -> pd.Series:
    return pd.Series(pd.array(values, dtype="Float64")).astype("Int64")
