"""The tables of what goes with practice: measures from counts, figures and trends as frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from pipeline.model.followups.rank_groups import (
    N_FIFTHS,
    GroupFigures,
    Measure,
    Trend,
    group_figures,
    memberships,
    trend,
)
from pipeline.model.followups.ratio_limits import log_odds_per_log_ratio
from pipeline.model.national.protection import Protection

PRACTICE = "practice"
#: Case types whose decisions are those of an outcome.
CASE_TYPES: Mapping[str, tuple[str, ...]] = {"FP": ("FP",), "FJ": ("FJ",), "ANY": ("FP", "FJ")}
_COUNTS = ("n_decisions", "n_grants", "n_refusals", "n_mental", "n_timed", "processing_days")
#: Decimals of what is computed.
_DIGITS = 6


def rank_group_frames(
    benchmark: pd.DataFrame,
    decisions: pd.DataFrame,
    grants: pd.DataFrame,
    mental: pd.DataFrame,
    routes: pd.DataFrame,
    protection: Protection,
    level: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ``rank_group`` and ``rank_group_trend`` of every outcome of ``benchmark``.

    Parameters
    ----------
    benchmark
        Rows of one model: outcome, municipality_code, expected, ratio and practice_effect.
    decisions
        Rows of ``mart.decision_half`` of the window.
    grants
        Rows of ``mart.grant_half`` of the window.
    mental
        outcome, municipality_code, expected: grants with a mental main diagnosis to be expected.
    routes
        Rows of :func:`~pipeline.model.followups.routes.route_counts` of the same model, for what
        is expected; without any the shares by route are left out.

    A municipality without expected grants is in no fifth. Fifth 1 grants fewest.
    """
    figures, trends = [], []
    made = measures_by_outcome(benchmark, decisions, grants, mental, routes)
    for outcome, rows, measures in made:
        practice = measures[0]
        groups, scale = groups_of(rows, practice)
        for group_basis, member in groups.items():
            for measure in measures:
                of_groups = group_figures(measure, member, protection, level)
                names = {"outcome": outcome, "group_basis": group_basis, "measure": measure.name}
                figures.append(figure_rows(names, of_groups))
                if measure.name == PRACTICE:
                    continue
                line = trend(measure, practice, member, protection, level, scale)
                trends.append(trend_row(names, len(rows), line))
    return pd.concat(figures, ignore_index=True), pd.DataFrame(trends)


def groups_of(rows: pd.DataFrame, practice: Measure) -> tuple[dict[str, np.ndarray], float]:
    """Return by way of grouping the (M, 2) fifth of each half, and log odds per log ratio.

    ``rows`` are of one outcome and model of ``benchmark``, ``practice`` their first measure.
    """
    shown = rows["practice_effect"].to_numpy(dtype=float)
    expected = rows["expected"].to_numpy(dtype=float)
    effect = _effect_of_all(shown, practice.top, expected)
    scale = log_odds_per_log_ratio(shown, rows["ratio"].to_numpy(dtype=float))
    return memberships(effect, practice.top, expected), scale


def figure_rows(names: Mapping[str, str], of_groups: GroupFigures) -> pd.DataFrame:
    """Return the rows of ``rank_group`` of one measure and way of grouping."""
    limits = {"value": of_groups.value, "low": of_groups.low, "high": of_groups.high}
    rounded = {name: np.round(values, _DIGITS) for name, values in limits.items()}
    return pd.DataFrame({**names, "fifth": np.arange(1, N_FIFTHS + 1), **rounded})


def trend_row(names: Mapping[str, str], n_municipalities: int, line: Trend) -> dict[str, object]:
    """Return the row of ``rank_group_trend`` of one measure and way of grouping."""
    return {
        **names,
        "n_municipalities": n_municipalities,
        "slope": round(line.slope, _DIGITS),
        "slope_low": round(line.low, _DIGITS),
        "slope_high": round(line.high, _DIGITS),
        "p_value": round(line.p_value, _DIGITS),
    }


def measures_by_outcome(
    benchmark: pd.DataFrame,
    decisions: pd.DataFrame,
    grants: pd.DataFrame,
    mental: pd.DataFrame,
    routes: pd.DataFrame,
) -> Iterator[tuple[str, pd.DataFrame, list[Measure]]]:
    """Yield each outcome of ``benchmark``, its rows, and their measures, practice first.

    Frames as in :func:`rank_group_frames`; measures have the municipalities of the rows.
    """
    for name, rows in benchmark.groupby("outcome", sort=False):
        outcome = str(name)
        of_outcome = [
            frame[frame["outcome"] == outcome] if len(frame) else frame
            for frame in (grants, mental, routes)
        ]
        yield outcome, rows, _measures(outcome, rows, decisions, *of_outcome)


def _measures(
    outcome: str,
    rows: pd.DataFrame,
    decisions: pd.DataFrame,
    grants: pd.DataFrame,
    mental: pd.DataFrame,
    routes: pd.DataFrame,
) -> list[Measure]:
    """Return the measures of one outcome, practice first."""
    places = list(rows["municipality_code"])
    half = np.repeat(rows["expected"].to_numpy(dtype=float)[:, None] / 2, 2, axis=1)
    granted, granted_key = halves_of(grants, places, ["n_events", "events_key"])
    measures = [Measure(PRACTICE, granted, half, granted_key)]
    cases = decisions[decisions["case_type"].isin(CASE_TYPES.get(outcome, ()))]
    if len(cases):
        measures += _of_cases(cases, places, half, _expected(mental, places))
    if len(routes):
        for dimension, level, name in _routes(routes):
            own = grants[grants[dimension] == level]
            top, key = halves_of(own, places, ["n_events", "events_key"])
            is_level = (routes["dimension"] == dimension) & (routes["level"] == level)
            expected = _expected(routes[is_level], places)
            measures.append(Measure(name, top, granted, key, granted_key, True, expected, half))
    return measures


def _of_cases(
    cases: pd.DataFrame, places: list[str], half: np.ndarray, mental: np.ndarray | None
) -> list[Measure]:
    keys = ["decisions_key", "grants_key", "refusals_key", "mental_key"]
    halves = dict(zip([*_COUNTS, *keys], halves_of(cases, places, [*_COUNTS, *keys]), strict=True))
    grants, refusals = halves["n_grants"], halves["n_refusals"]
    return [
        Measure("processing_days", halves["processing_days"], halves["n_timed"]),
        Measure(
            "grants_per_refusal", grants, refusals, halves["grants_key"], halves["refusals_key"]
        ),
        Measure("refusals_per_expected", refusals, half, halves["refusals_key"]),
        Measure(
            "mental_share",
            halves["n_mental"],
            grants,
            halves["mental_key"],
            halves["grants_key"],
            is_share=True,
            expected_top=mental,
            expected_bottom=None if mental is None else half,
        ),
    ]


def _routes(routes: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return dimension, level and measure of the routes that somebody came by."""
    granted = routes.groupby(["dimension", "level"], sort=False)["observed"].sum()
    measures = [("sickness_duration", "over_52", "over_52_weeks_share")]
    measures += [
        ("last_benefit", str(level), f"route_{level}")
        for dimension, level in granted.index
        if dimension == "last_benefit"
    ]
    return [route for route in measures if granted.get((route[0], route[1]), 0) > 0]


def _effect_of_all(shown: np.ndarray, granted: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return (M,) the practice effects ``shown``, and where none is that of half a grant more.

    Who granted nobody has no effect of their own, and granted few. nan where nothing is expected.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        made = np.log((granted.sum(axis=1) + 0.5) / (expected + 0.5))
    made[expected <= 0] = np.nan
    return np.where(np.isnan(shown), made, shown)


def halves_of(frame: pd.DataFrame, places: list[str], columns: Sequence[str]) -> list[np.ndarray]:
    """Return for each of ``columns`` the (M, 2) sums by municipality and half."""
    sums = frame.groupby(["municipality_code", "half"], observed=True)[list(columns)].sum()
    index = pd.MultiIndex.from_product([places, [0, 1]])
    whole = sums.reindex(index, fill_value=0)
    return [whole[name].to_numpy(dtype=float).reshape(len(places), 2) for name in columns]


def halves_of_weeks(
    frame: pd.DataFrame, places: list[str], columns: Sequence[str], n_weeks: int
) -> np.ndarray:
    """Return (columns, M, 2, weeks) the whole sums by municipality, half and ``wait_weeks``."""
    place = pd.Index(places).get_indexer(pd.Index(frame["municipality_code"].astype(str)))
    known = place >= 0
    sums = np.zeros((len(columns), len(places), 2, n_weeks), dtype=np.int64)
    at = (place[known], frame["half"].to_numpy()[known], frame["wait_weeks"].to_numpy()[known])
    for number, name in enumerate(columns):
        np.add.at(sums[number], at, frame[name].to_numpy(dtype=np.int64)[known])
    return sums


def _expected(frame: pd.DataFrame, places: list[str]) -> np.ndarray | None:
    """Return (M, 2) half of what is expected in each half; None where nothing is known."""
    if not len(frame):
        return None
    of_places = frame.groupby("municipality_code", observed=True)["expected"].sum()
    values = of_places.reindex(places, fill_value=0.0).to_numpy(dtype=float)
    return np.repeat(values[:, None] / 2, 2, axis=1)
