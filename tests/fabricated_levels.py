"""Fabricated practice by level and crosses of main levels, beside ``fabricated_release``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.codes import main_levels

_PLACE = ["outcome", "model", "municipality_code"]
_VALUES = ["observed", "expected"]
_EFFECTS = tuple(f"practice_effect_{end}" for end in ("shrunk", "low", "high"))
#: Log-odds spread of practice between levels of a municipality.
_SPREAD = 0.15


def level_frames(cells: pd.DataFrame, by_age: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return practice_count, practice_area, practice_region and breakdown_main, as counted.

    ``cells`` are diagnosis by tenure and ``by_age`` age bands of municipalities.
    """
    mains = main_levels()
    fine = {"diagnosis_group": cells, "tenure_band": cells, "age_band": by_age}
    parts = []
    for main, (factor, of) in mains.items():
        if factor not in fine:
            continue
        frame = fine[factor]
        for dimension, level in ((factor, frame[factor]), (main, frame[factor].map(of))):
            sums = frame.assign(level=level).groupby([*_PLACE, "level"], sort=False)[_VALUES].sum()
            parts.append(sums.reset_index().assign(dimension=dimension))
    counts = pd.concat(parts, ignore_index=True)
    key = ["outcome", "model", "dimension", "level"]
    areas = counts.groupby(key, sort=False)[_VALUES].sum().reset_index().assign(area="Danmark")
    of_mains = {name: cells[mains[name][0]].map(mains[name][1]) for name in _CROSSED}
    crosses = cells.assign(**of_mains).groupby([*_PLACE, *_CROSSED], sort=False)[_VALUES].sum()
    codes = sorted(set(cells["municipality_code"]))
    return {
        "practice_count": _with_ratio(counts),
        "practice_area": _with_ratio(areas),
        "practice_region": pd.DataFrame({"municipality_code": codes, "area": "Hele landet"}),
        "breakdown_main": _with_ratio(crosses.reset_index()),
    }


def published_levels(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return practice_profile and practice_profile_area of counts as they are shown."""
    return {
        "practice_profile": _with_practice(frames["practice_count"]),
        "practice_profile_area": frames["practice_area"],
    }


_CROSSED = ("diagnosis_main", "tenure_main")


def _with_ratio(frame: pd.DataFrame) -> pd.DataFrame:
    reach = 1.96 * np.sqrt(frame["observed"] + 0.5)
    expected = np.maximum(frame["expected"], 1e-6)
    return frame.assign(
        ratio=frame["observed"] / expected,
        ratio_low=np.maximum(frame["observed"] + 1 - reach, 0) / expected,
        ratio_high=(frame["observed"] + 2 + reach) / expected,
    )


def _with_practice(profile: pd.DataFrame) -> pd.DataFrame:
    """Return ``profile`` with practice drawn to 0, the more so the fewer are expected."""
    observed = profile["observed"].astype("Float64").fillna(profile["expected"]).astype(float)
    weight = _SPREAD**2 / (_SPREAD**2 + 1 / np.maximum(profile["expected"], 0.1))
    middle = weight * np.log((observed + 0.5) / (profile["expected"] + 0.5))
    error = _SPREAD * np.sqrt(1 - weight)
    values = (middle, middle - 1.96 * error, middle + 1.96 * error)
    p_below = 1 / (1 + np.exp(1.7 * middle / error))
    return profile.assign(
        **dict(zip(_EFFECTS, values, strict=True)), p_below=p_below, p_above=1 - p_below
    )
