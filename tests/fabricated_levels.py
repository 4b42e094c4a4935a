"""Fabricated practice by level and crosses of main levels, beside ``fabricated_release``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.codes import main_levels

_PLACE = ["outcome", "model", "municipality_code"]
_VALUES = ["observed", "expected"]
_WITHHELD = ("observed", "ratio", "ratio_low", "ratio_high")
_EFFECTS = tuple(f"practice_effect_{end}" for end in ("shrunk", "low", "high"))
#: Log-odds spread of practice between levels of a municipality.
_SPREAD = 0.15


def fabricate_levels(
    cells: pd.DataFrame, by_age: pd.DataFrame, threshold: int
) -> dict[str, pd.DataFrame]:
    """Return practice_profile, practice_profile_area and breakdown_main that go with ``cells``.

    ``cells`` are diagnosis by tenure and ``by_age`` age bands of municipalities, as counted. Counts
    of 1 to below ``threshold`` are withheld, and nothing else: no figure here is about anybody.
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
    profile = pd.concat(parts, ignore_index=True)
    key = ["outcome", "model", "dimension", "level"]
    areas = profile.groupby(key, sort=False)[_VALUES].sum().reset_index().assign(area="Danmark")
    of_mains = {name: cells[mains[name][0]].map(mains[name][1]) for name in _CROSSED}
    crosses = cells.assign(**of_mains).groupby([*_PLACE, *_CROSSED], sort=False)[_VALUES].sum()
    return {
        "practice_profile": _with_practice(_withheld(profile, threshold)),
        "practice_profile_area": _withheld(areas, threshold),
        "breakdown_main": _withheld(crosses.reset_index(), threshold),
    }


_CROSSED = ("diagnosis_main", "tenure_main")


def _withheld(frame: pd.DataFrame, threshold: int) -> pd.DataFrame:
    reach = 1.96 * np.sqrt(frame["observed"] + 0.5)
    expected = np.maximum(frame["expected"], 1e-6)
    hidden = frame["observed"].between(1, threshold - 1)
    shown = frame.assign(
        ratio=frame["observed"] / expected,
        ratio_low=np.maximum(frame["observed"] + 1 - reach, 0) / expected,
        ratio_high=(frame["observed"] + 2 + reach) / expected,
        is_suppressed=hidden,
    )
    for name in _WITHHELD:
        shown[name] = shown[name].astype(object).where(~hidden, None)
    return shown


def _with_practice(profile: pd.DataFrame) -> pd.DataFrame:
    """Return ``profile`` with practice drawn to 0, the more so the fewer are expected."""
    observed = profile["observed"].fillna(profile["expected"]).astype(float)
    weight = _SPREAD**2 / (_SPREAD**2 + 1 / np.maximum(profile["expected"], 0.1))
    middle = weight * np.log((observed + 0.5) / (profile["expected"] + 0.5))
    error = _SPREAD * np.sqrt(1 - weight)
    values = (middle, middle - 1.96 * error, middle + 1.96 * error)
    p_below = 1 / (1 + np.exp(1.7 * middle / error))
    return profile.assign(
        **dict(zip(_EFFECTS, values, strict=True)), p_below=p_below, p_above=1 - p_below
    )
