"""What instead of a grant: do those who are not granted work, or wait?

Of the cohort of :mod:`pipeline.model.lives.later_counts` the persons in each state, and in each
kind of state (granted, waiting on another benefit, supporting themselves, elsewhere), are held
against what is expected of them. A municipality's ratios of kinds are shrunken by gamma-Poisson
models of all municipalities (:mod:`pipeline.model.inference.gamma_poisson`): a count O of n persons
of whom a share p is expected varies as O / (1 - p) Poisson events do, and noise of variance v makes
it worth fewer still. What a small municipality cannot tell stays near 1, and is not told.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.catalogue import columns, empty_frame
from pipeline.model.courses.areas import COUNTRY
from pipeline.model.courses.tenure import noisy_share
from pipeline.model.followups.rank_groups import FIFTH_AREAS, N_FIFTHS, fifths_of_halves
from pipeline.model.inference.gamma_poisson import PossibleCounts, posterior_draws, posterior_grid
from pipeline.model.lives.later_counts import KINDS, STATES, LaterCounts, expected_states
from pipeline.model.national.protection import Protection

STATE, KIND = "state", "state_kind"
#: From which probability on something is told of a municipality.
SURE = 0.9
DRAWS, FEWEST = 4000, 5
#: Ratios no further from 1 do not differ.
_NONE = 1e-9
#: What is told in place of a grant; ``not_low`` where grants are not surely few.
NOT_LOW, WAITING, SELF_SUPPORTING, BOTH, UNKNOWN = (
    *("not_low", "waiting", "self_supporting", "both", "unknown"),
)


def later_state_frame(
    counts: Mapping[int, LaterCounts],
    granted: np.ndarray,
    expected_grants: np.ndarray,
    protection: Protection,
    level: float,
    seed: int,
) -> pd.DataFrame:
    """Return ``later_state``: by years after the beginning, area and state or kind of state.

    ``counts`` by years; ``granted`` (M, 2) grants of the window by half of the persons and
    ``expected_grants`` (M,) those expected, which form the fifths of municipalities: each half is
    counted in the fifth that the other half's grants put it in. Counts are as ``protection`` shows
    them, missing where too few are expected.
    """
    member = fifths_of_halves(granted, expected_grants)
    frames = []
    for years, of in counts.items():
        n_areas, areas, inside = _areas(of, member)
        expected = expected_states(of, protection)
        sums = {
            name: np.einsum("amh,mhs->as", inside.astype(np.int64), values)
            for name, values in (("persons", of.persons), ("keys", of.keys))
        }
        expects = np.einsum("amh,mhs->as", inside.astype(float), expected)
        whole = [sums[name].sum(axis=1) for name in ("persons", "keys")]
        cohort = protection.shown(*whole)
        for dimension, levels, into in (
            (STATE, STATES, np.eye(len(STATES), dtype=np.int64)),
            (KIND, tuple(KINDS), _into_kinds()),
        ):
            frames.append(
                _frame(
                    areas,
                    levels,
                    sums["persons"] @ into,
                    sums["keys"] @ into,
                    expects @ into,
                    cohort,
                    protection,
                    level,
                ).assign(horizon_years=years, dimension=dimension)
            )
        frames[-1] = _judged(frames[-1], n_areas, seed)
    if not frames:
        return empty_frame("later_state")
    made = pd.concat(frames, ignore_index=True)
    return made[list(columns("later_state"))]


def instead(drawn: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return (M,) what stands in place of grants in each municipality.

    ``drawn`` are (M, draws) posterior ratios of granted, waiting and self_supporting, ``expected``
    (M,) persons. Grants are few where that is probable to :data:`SURE`; then those wait (support
    themselves) where it is so probable that more do than expected, and that the excess is the
    larger of the two. ``both`` where each is surely more and neither surely the larger.
    """
    excess = {
        kind: (drawn[kind] - 1) * expected[kind][:, None] for kind in (WAITING, SELF_SUPPORTING)
    }
    is_low = _positive(1 - drawn["granted"]) >= SURE
    wait, own = (_positive(excess[kind]) >= SURE for kind in (WAITING, SELF_SUPPORTING))
    waits_more = _positive(excess[WAITING] - excess[SELF_SUPPORTING])
    return np.select(
        [~is_low, wait & (waits_more >= SURE), own & (waits_more <= 1 - SURE), wait & own],
        [NOT_LOW, WAITING, SELF_SUPPORTING, BOTH],
        UNKNOWN,
    )


def _positive(drawn: np.ndarray) -> np.ndarray:
    """Return (M,) how probable it is that the values ``drawn`` (M, draws) are above 0.

    Half of it where they are 0 but for rounding, as with ratios that do not differ at all.
    """
    none = np.abs(drawn) <= _NONE
    return np.asarray(((drawn > 0) & ~none).mean(axis=1) + none.mean(axis=1) / 2)


def _areas(of: LaterCounts, member: np.ndarray) -> tuple[int, list[str], np.ndarray]:
    """Return how many areas are no municipality, all areas, and (A, M, 2) what each holds."""
    n = len(of.municipality_codes)
    groups = [np.ones((n, 2), dtype=bool), *(member == fifth for fifth in range(N_FIFTHS))]
    names = [COUNTRY, *FIFTH_AREAS]
    held = [(name, group) for name, group in zip(names, groups, strict=True) if group.any()]
    own = np.repeat(np.eye(n, dtype=bool)[:, :, None], 2, axis=2)
    inside = np.concatenate([np.stack([group for _, group in held]), own])
    return len(held), [*(name for name, _ in held), *of.municipality_codes], inside


def _into_kinds() -> np.ndarray:
    """Return (S, K) 1 where a state is of a kind."""
    return np.array([[state in states for states in KINDS.values()] for state in STATES]).astype(
        np.int64
    )


def _frame(
    areas: list[str],
    levels: tuple[str, ...],
    persons: np.ndarray,
    keys: np.ndarray,
    expected: np.ndarray,
    cohort: np.ndarray,
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return rows by area and level, of (A, L) counts; ``cohort`` (A,) as shown."""
    shown = protection.shown(persons, keys)
    hidden = protection.is_hidden(expected)
    is_country = np.array(areas) == COUNTRY
    hidden[is_country] = protection.is_hidden(expected[is_country], persons[is_country])
    noise = np.sqrt(protection.noise_variance(shown.astype(float))).ravel()
    n = np.repeat(cohort, len(levels)).astype(float)
    observed, expects = shown.ravel().astype(float), expected.ravel()
    share, low, high = noisy_share(np.minimum(observed, n), n, noise, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        per = np.where(expects > 0, n / expects, np.nan)
        share_expected = np.where(n > 0, expects / n, np.nan)
    gone = hidden.ravel()
    frame = pd.DataFrame(
        {
            "area_code": np.repeat(areas, len(levels)),
            "level": np.tile(levels, len(areas)),
            "n_cohort": np.repeat(cohort, len(levels)),
            "n_persons": pd.array(np.where(gone, np.nan, observed), dtype="Float64").astype(
                "Int64"
            ),
            "noise_sd": noise,
            "expected": expects,
            "share": share,
            "share_low": low,
            "share_high": high,
            "share_expected": share_expected,
            "ratio": share * per,
            "ratio_low": low * per,
            "ratio_high": high * per,
            "p_below": np.nan,
            "p_above": np.nan,
            "instead": None,
            "is_suppressed": gone,
        }
    )
    of_counts = ["noise_sd", "share", "share_low", "share_high", "ratio", "ratio_low", "ratio_high"]
    frame.loc[gone, of_counts] = np.nan
    return frame


def _judged(frame: pd.DataFrame, n_areas: int, seed: int) -> pd.DataFrame:
    """Return rows of kinds with what is probable of each municipality, and what it amounts to."""
    n_kinds = len(KINDS)
    rows = frame.iloc[n_areas * n_kinds :]
    result = frame.astype({"instead": object})
    drawn, expected = {}, {}
    for number, kind in enumerate(KINDS):
        own = rows[rows["level"] == kind]
        draws = kind_draws(own, seed + number)
        if draws is None:
            return result
        drawn[kind], expected[kind] = draws, own["expected"].to_numpy(dtype=float)
        result.loc[own.index, "p_below"] = _positive(1 - draws)
        result.loc[own.index, "p_above"] = _positive(draws - 1)
    result.loc[rows.index[rows["level"] == "granted"], "instead"] = instead(drawn, expected)
    return result


def kind_draws(rows: pd.DataFrame, seed: int, draws: int = DRAWS) -> np.ndarray | None:
    """Return (M, draws) posterior ratios of one kind from its counts as shown; None for too few.

    ``rows`` have n_persons (missing: not known), expected, n_cohort and noise_sd. Ratios are to
    what they are of all municipalities together, so that noise of the country's counts, which is in
    everybody's expected number, moves nobody.
    """
    observed = rows["n_persons"].astype(float).to_numpy(copy=True)
    expected = rows["expected"].to_numpy(dtype=float)
    known = ~np.isnan(observed) & (expected > 0)
    if known.sum() < FEWEST or not np.nansum(observed[known]):
        return None
    n = np.maximum(rows["n_cohort"].to_numpy(dtype=float), expected)
    noise = np.nan_to_num(rows["noise_sd"].to_numpy(dtype=float)) ** 2
    variance = expected * (1 - expected / np.where(n > 0, n, 1.0)) + noise
    weight = np.where(known & (variance > 0), expected / np.where(variance > 0, variance, 1.0), 0.0)
    o, e = (np.asarray(x * weight, dtype=np.float64) for x in (np.nan_to_num(observed), expected))
    likely = posterior_grid(PossibleCounts.of(o[known]), e[known])
    drawn = posterior_draws(PossibleCounts.of(o), e, *likely, draws, seed)
    return np.asarray(drawn * expected.sum() / (expected @ drawn))
