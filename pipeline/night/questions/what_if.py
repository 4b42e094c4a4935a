"""What if municipalities had another practice: the standard questions, and any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.catalogue import empty_frame
from pipeline.codes.prices import price_list, read_prices
from pipeline.errors import SettingsError
from pipeline.model.followups.grant_cost import grant_cost, price_frame, what_if_cost
from pipeline.model.followups.what_if import (
    MODEL,
    answer,
    frame_of,
    practices,
    what_if_frame,
    with_own,
)
from pipeline.settings import Settings
from pipeline.warehouse.frames.published import has_result, read_result, read_settings


def standard_answers(
    benchmark: pd.DataFrame, temporary: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """Return ``what_if`` of the rows of ``benchmark`` and ``temporary`` as they are shown."""
    n_years = len(settings.question.years)
    return what_if_frame(benchmark, temporary, n_years, settings.level, settings.seed)


def cost_frames(
    what_if: pd.DataFrame, states: pd.DataFrame, settings: Settings
) -> dict[str, pd.DataFrame]:
    """Return what the changes of ``what_if`` come to, by the price list of the home.

    ``states`` is ``grant_state`` as it is shown.
    """
    prices = read_prices(price_list(settings.home))
    costs = grant_cost(states, prices)
    return {
        "benefit_price": price_frame(prices),
        "grant_cost": costs,
        "what_if_cost": what_if_cost(what_if, costs),
    }


def answered(
    published: Path,
    settings: Settings,
    practice: str,
    outcome: str,
    municipalities: tuple[str, ...],
    only: str | None,
) -> pd.DataFrame:
    """Return one answer out of the first run of the release ``published``, as rows of ``what_if``.

    ``municipalities`` (all where none is named) are given the ``practice``; ``only`` names a
    dimension of ``practice_profile`` and levels of it, beside which all stay as they are. Raises
    :class:`SettingsError` for what the release does not tell apart, :class:`ModelError` as
    :func:`~pipeline.model.followups.what_if.answer`.
    """
    of_run = read_settings(published, settings)
    read = read_result(published, "benchmark" if only is None else "practice_profile")
    rows = read[(read["model"] == MODEL) & (read["outcome"] == outcome)]
    if rows.empty:
        raise SettingsError(
            f"the release has no results of outcome {outcome} by model {MODEL}.",
            expected=", ".join(of_run.question.outcomes),
        )
    counts = rows if only is None else _of_levels(rows, only)
    of = practices(counts, of_run.seed)
    if only is None:
        has_queues = has_result(published, "temporary")
        queues = read_result(published, "temporary") if has_queues else empty_frame("temporary")
        of = with_own(of, outcome, read, queues, of_run.level, of_run.seed)
    asked = list(municipalities) or list(map(str, of.codes))
    n_years = len(of_run.question.years)
    return frame_of(outcome, practice, answer(of, practice, asked, n_years, of_run.level))


def _of_levels(profile: pd.DataFrame, only: str) -> pd.DataFrame:
    """Return counts by municipality of the levels that ``only`` names, added up.

    Missing where one of them is not shown. Noise is independent between levels.
    """
    dimension, _, listed = only.partition("=")
    levels = [level for level in listed.split(",") if level]
    there = profile[profile["dimension"] == dimension]
    known = sorted(set(there["level"]))
    if not levels or set(levels) - set(known):
        raise SettingsError(
            f"--only {only} cannot be used.",
            expected=f"{dimension}= with some of {', '.join(known)}"
            if known
            else f"DIMENSION=LEVEL, with one of {', '.join(sorted(set(profile['dimension'])))}",
        )
    rows = there[there["level"].isin(levels)]
    rows = rows.assign(
        observed=rows["observed"].astype(float),
        noise_variance=rows["noise_sd"].astype(float) ** 2,
    )
    by = rows.groupby("municipality_code", sort=True)
    sums = by[["observed", "expected", "noise_variance"]].sum(min_count=1)
    sums.loc[by["observed"].count() < len(levels), "observed"] = np.nan
    return sums.assign(noise_sd=np.sqrt(sums["noise_variance"])).reset_index()


def answered_cost(
    published: Path, settings: Settings, answers: pd.DataFrame, prices: Path | None
) -> pd.DataFrame:
    """Return what ``answers`` come to over the years, as rows of ``what_if_cost``.

    ``prices`` is a price list, else that of the home. None where the release says nothing of how
    long grants of the outcome last, or the answer is of no lasting change.
    """
    if not has_result(published, "grant_state"):
        return empty_frame("what_if_cost")
    read = read_prices(prices or price_list(settings.home))
    return what_if_cost(answers, grant_cost(read_result(published, "grant_state"), read))
