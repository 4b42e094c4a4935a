"""Invented grants by diagnosis inside the main groups, with known practice on contested ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.codes import code_rows, region_codes
from pipeline.model.national.protection import Protection
from pipeline.model.subgroups.counts import SubgroupCounts, count_subgroups
from pipeline.model.subgroups.expected import Subgroups
from pipeline.model.subgroups.frames import spread_frame, subgroup_frame

_ROWS = code_rows("diagnosis_subgroup")
SUBGROUPS = Subgroups(
    {row["diagnosis_subgroup"]: row["diagnosis_group"] for row in _ROWS},
    {row["diagnosis_subgroup"]: row["kind"] for row in _ROWS},
)
CODES = tuple(sorted(row["municipality_code"] for row in code_rows("municipality")))
REGIONS = region_codes()
IS_CONTESTED = np.array([SUBGROUPS.kind[name] == "contested" for name in SUBGROUPS.names])


def shares() -> np.ndarray:
    """Return (S,) the country's share of grants by diagnosis: contested ones a third."""
    weight = np.where(IS_CONTESTED, 2.0, 1.0)
    return weight / weight.sum()


def fabricate_grants(
    rng: np.random.Generator,
    expected: Sequence[float],
    practice: np.ndarray,
    contested: np.ndarray,
    codes: Sequence[str] = CODES,
    outcome: str = "FP",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows of ``mart.grant_subgroup``, and what is expected by municipality and diagnosis.

    ``expected`` (M,) grants, ``practice`` (M,) the log of actual over expected, ``contested`` (M,)
    what contested diagnoses have beside it.
    """
    of_parts = np.outer(expected, shares())
    mean = of_parts * np.exp(practice[:, None] + contested[:, None] * IS_CONTESTED)
    halves = rng.poisson(np.repeat(mean[:, :, None] / 2, 2, axis=2))
    index = pd.MultiIndex.from_product(
        [codes, SUBGROUPS.names, (0, 1)], names=["municipality_code", "diagnosis_subgroup", "half"]
    )
    grants = pd.DataFrame({"n_events": halves.ravel()}, index=index).reset_index()
    grants = grants[grants["n_events"] > 0].reset_index(drop=True)
    frame = pd.DataFrame(
        {
            "outcome": outcome,
            "municipality_code": np.repeat(codes, len(SUBGROUPS.names)),
            "diagnosis_subgroup": np.tile(SUBGROUPS.names, len(codes)),
            "expected": of_parts.ravel(),
        }
    )
    return (
        grants.assign(outcome=outcome, events_key=rng.integers(0, 62**4, len(grants))),
        frame,
    )


def benchmark_of(counts: SubgroupCounts) -> pd.DataFrame:
    """Return rows of ``benchmark`` of model within that go with ``counts``.

    The variance of practice is that of the log ratios less what chance adds to them.
    """
    observed = counts.total(counts.observed).sum(axis=1)
    expected = counts.total(counts.expected)
    effect = np.log(np.where(observed > 0, observed, np.nan) / expected)
    tau2 = np.nanvar(effect) - np.mean(1 / np.maximum(observed, 1))
    return pd.DataFrame(
        {
            "municipality_code": counts.codes,
            "model": "within",
            "ratio": observed / expected,
            "practice_effect": effect,
            "tau2": max(float(tau2), 0.01),
        }
    )


def fabricate_subgroups(within: pd.DataFrame, protection: Protection) -> dict[str, pd.DataFrame]:
    """Return both tables, without run_id, that go with rows ``within`` of a fabricated benchmark.

    Where more is granted of the first outcome contested diagnoses weigh more; of others they do
    not.
    """
    rng = np.random.default_rng(41)
    made: dict[str, list[pd.DataFrame]] = {
        "diagnosis_subgroup": [],
        "diagnosis_subgroup_spread": [],
    }
    for at, (name, rows) in enumerate(within.groupby("outcome", sort=False)):
        outcome = str(name)
        practice = np.log(rows["observed"].to_numpy(float) + 1) - np.log(rows["expected"] + 1)
        effect = np.asarray(practice)
        grants, expected = fabricate_grants(
            rng,
            rows["expected"].to_numpy(float),
            effect,
            0.0 * effect if at else 0.6 * effect,
            tuple(rows["municipality_code"].astype(str)),
            outcome,
        )
        counts = count_subgroups(grants, expected, SUBGROUPS)
        benchmark = benchmark_of(counts)
        made["diagnosis_subgroup"].append(
            subgroup_frame(outcome, counts, REGIONS, protection, 0.95)
        )
        made["diagnosis_subgroup_spread"].append(
            spread_frame(outcome, counts, benchmark, protection, 0.95)
        )
    return {name: pd.concat(frames, ignore_index=True) for name, frames in made.items()}
