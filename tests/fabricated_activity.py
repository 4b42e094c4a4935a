"""Invented measures before grants: weeks by pattern of municipality, and the frame made of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.codes.corrections import MEASURES
from pipeline.disclosure import CellKey
from pipeline.model.lives.activity import activity_frame, areas_of
from pipeline.model.lives.activity_traits import N_WEEKS, traits_of
from pipeline.model.national.protection import Protection

#: Chance of a measure in a turn by third of the five years, and weeks of a turn.
PATTERNS = {
    "late": ((0.05, 0.10, 0.85), 8),
    "steady": ((0.45, 0.45, 0.45), 26),
    "little": ((0.08, 0.08, 0.08), 26),
}
_THIRD = np.searchsorted([87, 173], np.arange(N_WEEKS), side="right")


def planted_weeks(rng: np.random.Generator, pattern: list[str]) -> np.ndarray:
    """Return (n, 260) measures of persons by the ``pattern`` of where each lives.

    Each is on a benefit with measures from some week on to the grant; half of the measures are work
    placements.
    """
    n = len(pattern)
    turn_weeks = np.array([PATTERNS[name][1] for name in pattern])
    chance = np.array([PATTERNS[name][0] for name in pattern])
    turn, place = np.divmod(
        np.arange(N_WEEKS) + rng.integers(0, 52, n)[:, None], turn_weeks[:, None]
    )
    person = np.arange(n)[:, None]
    draws, kinds = rng.random((n, turn.max() + 1)), rng.random((n, turn.max() + 1))
    is_active = (draws[person, turn] < chance[:, _THIRD]) & (place < turn_weeks[:, None] - 1)
    kind = np.where(
        kinds[person, turn] < 0.5, MEASURES.index("work_placement"), MEASURES.index("guidance")
    )
    weeks = np.where(is_active, kind, MEASURES.index("none"))
    since = rng.integers(0, N_WEEKS - 20, n)
    return np.where(np.arange(N_WEEKS) >= since[:, None], weeks, -1).astype(np.int8)


def planted_frame(
    rng: np.random.Generator,
    pattern: dict[str, str],
    persons: int,
    protection: Protection,
    outcome: str = "FP",
) -> pd.DataFrame:
    """Return ``activity`` of municipalities by ``pattern``, with ``persons`` on average in each.

    Fifths are those of the municipalities in the order of ``pattern``, alike in both halves.
    """
    codes = list(pattern)
    place = np.repeat(np.arange(len(codes)), rng.poisson(persons, len(codes)))
    traits = traits_of(
        planted_weeks(rng, [pattern[codes[at]] for at in place]), rng.random(len(place)) < 0.1
    )
    member = np.repeat((np.arange(len(codes)) * 5 // len(codes))[:, None], 2, axis=1)
    fifths = np.bincount(member[:, 0], minlength=5) * float(persons)
    return activity_frame(
        outcome,
        traits,
        rng.integers(0, 62**4, len(place)),
        areas_of(place, rng.integers(0, 2, len(place)), codes, member),
        np.concatenate([[fifths.sum()], fifths, np.full(len(codes), float(persons))]),
        protection,
        0.95,
    )


def fabricate_activity(codes: list[str]) -> pd.DataFrame:
    """Return ``activity`` of both outcomes; every fifth municipality has next to nobody granted."""
    rng = np.random.default_rng(41)
    names = ["late", "little", "steady", "steady", "steady"]
    pattern = {code: names[at * 5 // len(codes)] for at, code in enumerate(codes)}
    made = [
        planted_frame(rng, pattern, 40, CellKey()),
        planted_frame(rng, pattern, 9, CellKey(), "FJ"),
    ]
    return pd.concat(made, ignore_index=True)
