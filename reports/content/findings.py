"""The numbers behind the three findings and behind "how sure are we"."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from statistics import median
from typing import TypeVar

from reports.content.content import (
    Counterfactual,
    Findings,
    LevelSpread,
    MunicipalityResult,
    Sureness,
    View,
)
from reports.content.read import ResultTables

#: The model that takes framework conditions out too.
CONDITIONS_MODEL = "conditions"
#: Estimator of the variance left that the model uses.
MAIN_METHOD = "REML"
_Z_90 = 1.2815515655446004
T = TypeVar("T")
_STANDARD = re.compile(r"lowest_(\d+)")


def lowest_k(standard: str) -> int | None:
    """Return k of a standard ``lowest_<k>``, None for any other standard."""
    match = _STANDARD.fullmatch(standard)
    return int(match[1]) if match else None


def sureness(rows: tuple[MunicipalityResult, ...], k: int) -> Sureness:
    """Return how well ``rows`` are told apart; None where the release lacks the column."""
    reliabilities = [row.reliability for row in rows if row.reliability is not None]
    return Sureness(
        n_municipalities=len(rows),
        reliability=median(reliabilities) if reliabilities else None,
        n_unreliable=sum(value < 0.5 for value in reliabilities) if reliabilities else None,
        rank_width=_width((row.rank_low, row.rank_high) for row in rows),
        rank_width_simultaneous=_width(
            (row.rank_low_simultaneous, row.rank_high_simultaneous) for row in rows
        ),
        n_maybe_lowest=_count(rows, lambda row: row.rank_low, lambda value: value <= k),
        n_outside_95=_count(rows, lambda row: row.flag_95, lambda value: value != "within"),
        n_outside_998=_count(rows, lambda row: row.flag_998, lambda value: value != "within"),
        n_outside_overdispersed=_count(
            rows, lambda row: row.flag_overdispersed, lambda value: value != "within"
        ),
        n_by_chance=0.05 * len(rows),
    )


def findings_from(
    main: View,
    counterfactuals: tuple[Counterfactual, ...],
    tables: ResultTables,
) -> Findings:
    """Return the numbers of the three findings for the main view.

    The lowest and highest tenth are of the municipalities that have an effect, so many as named.
    The spread without chance is that of a normal distribution with the release's variance tau2.
    """
    rows = {
        row.method: row
        for row in counterfactuals
        if (row.outcome, row.model) == (main.outcome, main.model) and lowest_k(row.standard)
    }
    naive = rows.get("naive")
    odds = sorted(row.odds for row in main.rows if row.odds is not None)
    tenth = round(len(odds) / 10)
    tau = _tau(tables, main.outcome, main.model)
    left = _tau(tables, main.outcome, CONDITIONS_MODEL)
    reliability = main.sureness.reliability
    return Findings(
        n_at_risk=main.n_at_risk,
        rate_per_1000=1000 * main.observed / main.n_at_risk if main.n_at_risk else None,
        n_tenth=tenth,
        odds_10=odds[tenth - 1] if tenth else None,
        odds_90=odds[-tenth] if tenth else None,
        true_odds_10=None if tau is None else four_in_five(tau)[0],
        true_odds_90=None if tau is None else four_in_five(tau)[1],
        noise_share=None if reliability is None else 1 - reliability,
        rank_width=main.sureness.rank_width,
        lowest_k=lowest_k(naive.standard) if naive else None,
        naive=naive,
        honest=rows.get("empirical_bayes"),
        split=rows.get("split_year"),
        conditions_odds_10=None if left is None else four_in_five(left)[0],
        conditions_odds_90=None if left is None else four_in_five(left)[1],
        mental=_mental(tables, main.outcome, main.model),
    )


def four_in_five(sd: float) -> tuple[float, float]:
    """Return the odds between which the middle four fifths of a log-normal lie."""
    return math.exp(-_Z_90 * sd), math.exp(_Z_90 * sd)


def _mental(tables: ResultTables, outcome: str, model: str) -> LevelSpread | None:
    """Return how far municipalities differ for mental disorders; None where it is not known."""
    frame = tables.practice_spread
    if frame.empty:
        return None
    is_fit = (frame["outcome"] == outcome) & (frame["model"] == model)
    is_level = (frame["dimension"] == "diagnosis_main") & (frame["level"] == "mental")
    rows = frame[is_fit & is_level].dropna(subset=["p_more"])
    names = [field.name for field in fields(LevelSpread)]
    return None if rows.empty else LevelSpread(*rows[names].iloc[0].astype(float))


def _tau(tables: ResultTables, outcome: str, model: str) -> float | None:
    """Return the standard deviation between municipalities, chance apart, None where unknown.

    What conditions leave is known from their regression even where no model asks for it.
    """
    if model == CONDITIONS_MODEL:
        stage = tables.second_stage
        if stage.empty:
            return None
        is_left = (stage["term"] == "tau2") & (stage["method"] == MAIN_METHOD)
        left = stage.loc[is_left & (stage["outcome"] == outcome), "estimate"]
        return None if left.empty else math.sqrt(float(left.iloc[0]))
    rows = tables.benchmark
    tau2 = rows.loc[(rows["outcome"] == outcome) & (rows["model"] == model), "tau2"].dropna()
    return None if tau2.empty else math.sqrt(float(tau2.iloc[0]))


def _width(pairs: Iterable[tuple[int | None, int | None]]) -> float | None:
    widths = [high - low + 1 for low, high in pairs if low is not None and high is not None]
    return float(median(widths)) if widths else None


def _count(
    rows: tuple[MunicipalityResult, ...],
    value: Callable[[MunicipalityResult], T | None],
    test: Callable[[T], bool],
) -> int | None:
    known = [n for row in rows if (n := value(row)) is not None]
    return sum(test(n) for n in known) if known else None
