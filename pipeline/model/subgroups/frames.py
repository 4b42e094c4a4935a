"""The tables of diagnoses inside the main groups: areas, and whether contested ones differ more."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.catalogue import columns
from pipeline.model.followups.rank_frames import PRACTICE
from pipeline.model.followups.rank_groups import (
    CROSS_FITTED,
    Measure,
    memberships,
    trend,
)
from pipeline.model.followups.ratio_limits import log_odds_per_log_ratio
from pipeline.model.national.protection import Protection
from pipeline.model.subgroups.counts import ALL, SubgroupCounts, area_members
from pipeline.model.subgroups.expected import KINDS
from pipeline.model.tables.practice_frames import (
    noise_sd,
    practice_frames,
    ratio_estimates,
    shown_counts,
)

#: What the kinds of diagnoses are called among dimensions of practice by level.
DIMENSION = "diagnosis_kind"
_SPREAD = ("sd", "sd_low", "sd_high", "sd_others", "p_more")
#: Decimals of slopes and p-values.
_DIGITS = 6


def subgroup_frame(
    outcome: str,
    counts: SubgroupCounts,
    regions: Mapping[str, str],
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return ``diagnosis_subgroup`` of one outcome: every part and kind in every area.

    Half of what is expected of a municipality is expected of each half of its persons. Ratios are
    of counts as shown, limits those of a count's chance and noise. A count is missing,
    ``is_suppressed``, where it is small and too few are expected.
    """
    areas, member = area_members(counts, regions)
    observed, keys = (
        np.einsum("msh,amh->as", values, member.astype(np.int64))
        for values in (counts.observed, counts.keys)
    )
    expected = np.einsum("ms,amh->as", counts.expected / 2, member.astype(float))
    hidden = protection.is_hidden(expected, observed)
    shown = np.where(hidden, np.nan, protection.shown(observed, keys))
    n = len(counts.name)
    frame = pd.DataFrame(
        {
            "outcome": outcome,
            "diagnosis_kind": np.tile(counts.kind, len(areas)),
            "diagnosis_subgroup": np.tile(counts.name, len(areas)),
            "area_code": np.repeat(areas, n),
            "observed": pd.array(shown.ravel(), dtype="Float64").astype("Int64"),
            "expected": expected.ravel(),
            "is_suppressed": hidden.ravel(),
        }
    )
    variance = pd.Series(protection.noise_variance(shown).ravel())
    none = pd.Series(0.0, frame.index)
    frame = frame.assign(
        noise_sd=noise_sd(frame["observed"], variance),
        **ratio_estimates(
            frame["observed"], frame["expected"], none, level, protection.transitions
        ),
    )
    return frame[list(columns("diagnosis_subgroup"))]


def spread_frame(
    outcome: str,
    counts: SubgroupCounts,
    benchmark: pd.DataFrame,
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return ``diagnosis_subgroup_spread`` of one outcome: every kind and part.

    ``benchmark`` has municipality_code, practice_effect, ratio and tau2 of the outcome and one
    model. The slope is that of a diagnosis' share of grants, net of what is expected, on practice
    over the cross-fitted fifths: log odds per log odds
    (:mod:`pipeline.model.followups.rank_groups`). ``sd`` is how far municipalities differ in each
    kind and ``p_more`` the one-sided test that they differ no more than in the others, of counts as
    shown (:mod:`pipeline.model.levels`); missing for parts, and where no variances can be found.
    """
    slopes = _slopes(counts, benchmark, protection, level)
    spread = _spread(outcome, counts, benchmark, protection, level)
    frame = pd.DataFrame(
        {
            "outcome": outcome,
            "diagnosis_kind": counts.kind,
            "diagnosis_subgroup": counts.name,
            "n_municipalities": len(counts.codes),
            **slopes,
        }
    )
    of_kind = (
        spread.set_index("level")[list(_SPREAD)].reindex(frame["diagnosis_kind"]).to_numpy(float)
    )
    is_kind = (frame["diagnosis_subgroup"] == ALL).to_numpy()
    frame[list(_SPREAD)] = np.where(is_kind[:, None], of_kind, np.nan)
    return frame[list(columns("diagnosis_subgroup_spread"))]


def _slopes(
    counts: SubgroupCounts, benchmark: pd.DataFrame, protection: Protection, level: float
) -> dict[str, list[float]]:
    rows = benchmark.set_index(benchmark["municipality_code"].astype(str)).reindex(counts.codes)
    effect, ratio = (rows[name].to_numpy(dtype=float) for name in ("practice_effect", "ratio"))
    granted, granted_key = counts.total(counts.observed), counts.total(counts.keys)
    expected = counts.total(counts.expected)
    member = memberships(effect, granted, expected)[CROSS_FITTED]
    half = np.repeat(expected[:, None] / 2, 2, axis=1)
    practice = Measure(PRACTICE, granted.astype(float), half, granted_key)
    scale = log_odds_per_log_ratio(effect, ratio)
    lines = []
    for at, name in enumerate(counts.name):
        share = Measure(
            name,
            counts.observed[:, at].astype(float),
            granted.astype(float),
            counts.keys[:, at],
            granted_key,
            is_share=True,
            expected_top=np.repeat(counts.expected[:, at, None] / 2, 2, axis=1),
            expected_bottom=half,
        )
        lines.append(trend(share, practice, member, protection, level, scale))
    return {
        "slope": [round(line.slope, _DIGITS) for line in lines],
        "slope_low": [round(line.low, _DIGITS) for line in lines],
        "slope_high": [round(line.high, _DIGITS) for line in lines],
        "p_value": [round(line.p_value, _DIGITS) for line in lines],
    }


def _spread(
    outcome: str,
    counts: SubgroupCounts,
    benchmark: pd.DataFrame,
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return rows of ``practice_spread`` of the kinds; none where no variances can be found."""
    n = len(counts.codes)
    of_places = pd.DataFrame(
        {
            "outcome": outcome,
            "model": str(benchmark["model"].iloc[0]),
            "municipality_code": np.repeat(counts.codes, len(KINDS)),
            "dimension": DIMENSION,
            "level": np.tile(KINDS, n),
            "observed": counts.of_kinds(counts.observed).sum(axis=2).ravel(),
            "observed_key": counts.of_kinds(counts.keys).sum(axis=2).ravel(),
            "expected": counts.of_kinds(counts.expected).ravel(),
            "expected_log_se": 0.0,
        }
    )
    tau2 = {(outcome, str(benchmark["model"].iloc[0])): float(benchmark["tau2"].iloc[0])}
    shown = shown_counts(of_places, protection)
    made, _ = practice_frames(shown, tau2, level, protection.transitions)
    return made["practice_spread"]
