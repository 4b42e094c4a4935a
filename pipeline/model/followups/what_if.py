"""What if municipalities had another practice: how many grants a year that would be.

A municipality expects E grants a year at the country's practice and makes ``ratio * E`` at its own.
Given another's practice it would make ``standard * E``: those at risk stay who they are. Both
ratios are those of :mod:`pipeline.model.inference.gamma_poisson`, shrunken, so that a standard of
the lowest does not promise what chance gave them; limits are of joint draws of all ratios. The
country's practice is 1, and makes of everyone just what is expected.

Two questions have another answer for each municipality: the practice that goes with its framework
conditions (``conditions``: expected grants of the model of that name), and its own without what a
queue that grew or was cleared made of it (``without_queue``). The slopes of the conditions are
taken as known, the part of the queue has its error.

The noise that protects a count is error too: a count O with noise of variance v tells as much as
O / (O + v) times as many grants would.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from pipeline.catalogue import empty_frame
from pipeline.errors import ModelError
from pipeline.model.courses.areas import COUNTRY
from pipeline.model.inference.counterfactual import lowest_units
from pipeline.model.inference.gamma_poisson import (
    PossibleCounts,
    posterior_draws,
    posterior_grid,
    posterior_means,
)
from pipeline.model.tables.frames import make_frame

#: The questions that every release answers.
STANDARDS = ("country", "lowest_fifth", "quantile_25", "quantile_75", "highest_fifth")
#: And those whose answer is each municipality's own, where the release knows it.
CONDITIONS, WITHOUT_QUEUE = "conditions", "without_queue"
MODEL = "within"
DRAWS = 4000
FEWEST = 5
_NAMES = r"country|lowest_fifth|highest_fifth|quantile_([1-9]\d?)|municipality_(\w+)"


@dataclass(frozen=True)
class Practices:
    """Each municipality's practice as a ratio to the country's.

    Attributes
    ----------
    codes
        (M,) municipality codes.
    expected
        (M,) grants expected at the country's practice.
    ratio, drawn
        (M,) posterior means and (M, draws) joint draws of the ratios.
    own
        Standard -> (M,) ratios and (M, draws) draws of them, or (M, 1) where they are taken as
        known: what each municipality would have by itself.
    """

    codes: np.ndarray
    expected: np.ndarray
    ratio: np.ndarray
    drawn: np.ndarray
    own: Mapping[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """Grants of the municipalities asked about and of all of them together.

    ``now``, ``then`` (A,) grants at their own practice and at the standard's, ``change`` their
    difference with ``low`` and ``high``; ``area_codes`` (A,) with the country first.
    """

    area_codes: np.ndarray
    now: np.ndarray
    then: np.ndarray
    change: np.ndarray
    low: np.ndarray
    high: np.ndarray


def is_told(counts: pd.DataFrame) -> bool:
    """Return whether practice can be told from ``counts``: see :func:`practices`."""
    observed = counts.loc[counts["expected"] > 0, "observed"].astype(float).dropna()
    return len(observed) >= FEWEST and bool(observed.sum() > 0)


def practices(counts: pd.DataFrame, seed: int, draws: int = DRAWS) -> Practices:
    """Return the practices that ``counts`` as they are shown tell.

    ``counts`` have municipality_code, observed (missing where not shown), expected and noise_sd
    (missing: none). Who has no count shown has the practice that is likely of anyone. Raises
    :class:`ModelError` below :data:`FEWEST` municipalities with counts, or without any grant.
    """
    observed = counts["observed"].astype(float).to_numpy(copy=True)
    expected = counts["expected"].to_numpy(dtype=float)
    noise = np.nan_to_num(counts["noise_sd"].astype(float).to_numpy()) ** 2
    known = ~np.isnan(observed) & (expected > 0)
    told = np.where(known, np.nan_to_num(observed), 0.0)
    if not is_told(counts):
        raise ModelError(
            f"practice is known of {int(known.sum())} municipalities with grants",
            expected=f"{FEWEST} or more with a count that is shown",
            next_step="ask about larger groups: fewer diagnoses or ages are too few grants.",
        )
    size = np.where(told > 0, told, expected)
    weight = np.where(known, size / np.where(size + noise > 0, size + noise, 1.0), 0.0)
    o, e = told * weight, expected * weight
    share, precision, mean = posterior_grid(PossibleCounts.of(o[known]), e[known])
    every = PossibleCounts.of(o)
    return Practices(
        counts["municipality_code"].to_numpy(),
        expected,
        posterior_means(every, e, share, precision, mean),
        posterior_draws(every, e, share, precision, mean, draws, seed),
    )


def answer(of: Practices, standard: str, asked: list[str], n_years: int, level: float) -> Answer:
    """Return grants a year if those ``asked`` had the practice of ``standard``.

    ``standard``: ``country``; ``lowest_fifth`` or ``highest_fifth``, the pooled practice of a fifth
    of the municipalities; ``quantile_25`` or another, the true practice at that quantile;
    ``municipality_<code>``; ``conditions`` and ``without_queue`` where ``of`` has them. The country
    is the sum over those asked, which others do not change.
    Raises :class:`ModelError` for another standard or a code without expected grants.
    """
    place = {str(code): number for number, code in enumerate(of.codes)}
    unknown = [code for code in asked if code not in place]
    if unknown:
        raise ModelError(f"no municipality {', '.join(unknown)} in this benchmark")
    rows = np.array([place[code] for code in asked])
    then_ratio: float | np.ndarray
    then_drawn: float | np.ndarray
    if standard in of.own:
        ratio, ratios_drawn = of.own[standard]
        then_ratio, then_drawn = ratio[rows], ratios_drawn[rows]
    else:
        then_ratio, then_drawn = _standard(of, standard, place)
    expected = of.expected[rows] / n_years
    now, then = expected * of.ratio[rows], expected * then_ratio
    drawn = expected[:, None] * (then_drawn - of.drawn[rows])
    if standard.startswith("municipality_"):
        # Who is given their own practice changes nothing.
        drawn[rows == place[standard.removeprefix("municipality_")]] = 0.0
    drawn = np.vstack([drawn.sum(axis=0), drawn])
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
    now, then = (np.concatenate([[values.sum()], values]) for values in (now, then))
    return Answer(np.array([COUNTRY, *asked]), now, then, then - now, low, high)


def with_own(
    of: Practices,
    outcome: str,
    benchmark: pd.DataFrame,
    temporary: pd.DataFrame,
    level: float,
    seed: int,
) -> Practices:
    """Return ``of`` with what each municipality would have by itself, as far as it is known.

    ``benchmark`` may have rows of model ``conditions``; ``temporary`` has municipality_code,
    temporary, temporary_low and temporary_high at ``level``, log odds: grants are rare enough for
    odds to stand for shares. A municipality whose queue is not known has none.
    """
    own: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    rows = benchmark[(benchmark["outcome"] == outcome) & (benchmark["model"] == CONDITIONS)]
    if len(rows):
        given = rows.set_index("municipality_code")["expected"].reindex(of.codes)
        known = (of.expected > 0) & given.notna().to_numpy()
        ratio = np.where(known, given.to_numpy(dtype=float), of.expected)
        ratio = ratio / np.where(of.expected > 0, of.expected, 1.0)
        own[CONDITIONS] = ratio, ratio[:, None]
    if len(temporary):
        parts = temporary[temporary["outcome"] == outcome].set_index("municipality_code")
        names = ["temporary", "temporary_low", "temporary_high"]
        part, low, high = parts[names].astype(float).reindex(of.codes).to_numpy().T
        if np.isfinite(part).any():
            sd = np.nan_to_num((high - low) / (2 * norm.ppf((1 + level) / 2)))
            noise = np.random.default_rng(seed).normal(size=of.drawn.shape)
            drawn = np.exp(-(np.nan_to_num(part)[:, None] + sd[:, None] * noise))
            own[WITHOUT_QUEUE] = of.ratio * np.exp(-np.nan_to_num(part)), of.drawn * drawn
    return replace(of, own=own)


def what_if_frame(
    benchmark: pd.DataFrame,
    temporary: pd.DataFrame,
    n_years: int,
    level: float,
    seed: int,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Return ``what_if`` of the counts in ``benchmark`` as shown: every municipality and all.

    One row per outcome, standard of :data:`STANDARDS` or of :func:`with_own`, and area; grants a
    year. An outcome with counts of too few municipalities is left out. Only model within.
    """
    frames = []
    for outcome, rows in benchmark[benchmark["model"] == MODEL].groupby("outcome", sort=False):
        if not is_told(rows):
            continue
        of = with_own(practices(rows, seed, draws), str(outcome), benchmark, temporary, level, seed)
        for standard in (*STANDARDS, *of.own):
            made = answer(of, standard, list(map(str, of.codes)), n_years, level)
            frames.append(frame_of(str(outcome), standard, made))
    return pd.concat(frames, ignore_index=True) if frames else empty_frame("what_if")


def frame_of(outcome: str, standard: str, made: Answer) -> pd.DataFrame:
    """Return an answer as rows of ``what_if``."""
    return make_frame(
        "what_if",
        outcome,
        MODEL,
        area_code=made.area_codes,
        standard=[standard] * len(made.area_codes),
        grants_now=made.now,
        grants_if=made.then,
        grants_change=made.change,
        grants_change_low=made.low,
        grants_change_high=made.high,
    )


def _standard(of: Practices, name: str, place: dict[str, int]) -> tuple[float, np.ndarray | float]:
    """Return the ratio of the standard ``name`` and its (draws,) draws."""
    match = re.fullmatch(_NAMES, name)
    if match is None:
        raise ModelError(
            f"practice {name!r} is not known",
            expected="country, lowest_fifth, highest_fifth, quantile_25 or municipality_101,"
            " with numbers of your choice"
            + "".join(f", {standard}" for standard in sorted(of.own)),
        )
    if name == "country":
        return 1.0, 1.0
    if match[1]:
        drawn = np.quantile(of.drawn[of.expected > 0], int(match[1]) / 100, axis=0)
        return float(drawn.mean()), drawn
    if match[2]:
        if match[2] not in place:
            raise ModelError(f"no municipality {match[2]} in this benchmark")
        row = place[match[2]]
        return float(of.ratio[row]), of.drawn[row]
    sign = 1.0 if name == "lowest_fifth" else -1.0
    n = max(1, int((of.expected > 0).sum()) // 5)
    chosen = lowest_units(sign * of.ratio, of.expected, n)
    weight = of.expected[chosen] / of.expected[chosen].sum()
    return float(weight @ of.ratio[chosen]), weight @ of.drawn[chosen]
