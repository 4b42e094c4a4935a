"""A generated country beside the sources' figures: what it shows, and whether it is near enough."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import StorageError
from synthetic_data.measures import (
    measures_benefits,
    measures_grants,
    measures_people,
    measures_young,
)
from synthetic_data.measures.generated import Generated
from synthetic_data.measures.measured import Measure

FIGURES = Path(__file__).with_name("calibration_figures.toml")
COLUMNS = (
    *("figure", "label", "unit", "target", "tolerance", "generated", "allowed_low"),
    *("allowed_high", "verdict", "source", "note"),
)
#: What a verdict may say: measured and near enough, or not; or not measured, and why not.
VERDICTS = ("inside", "outside", "other_years", "not_compared", "not_measured")
MEASURES: dict[str, Measure] = {
    **measures_people.MEASURES,
    **measures_grants.MEASURES,
    **measures_benefits.MEASURES,
    **measures_young.MEASURES,
}


def calibrate(folder: Path) -> pd.DataFrame:
    """Return one row per figure of the sources, in the file's order.

    Columns are ``COLUMNS``: target and generated at scale 1.0, the tolerance as stated, the limits
    it gives with two standard errors of the generated figure added, a ``verdict`` of ``VERDICTS``,
    and a note, empty or one sentence. ``generated`` and the limits are missing where nothing is
    measured: the years of the country do not reach (``other_years``), or the figure cannot be
    compared (``not_compared``). Raises :class:`~pipeline.errors.StorageError` when the folder is
    not a generated country, or one that cannot be read.
    """
    country = Generated(folder)
    rows = [_row(figure, country) for figure in read_figures()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def unmeasured() -> pd.DataFrame:
    """Return the rows of :func:`calibrate` for a country that cannot be read: nothing measured."""
    rows = [_stated(figure) | {"verdict": "not_measured"} for figure in read_figures()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def read_figures() -> list[dict]:
    """Return the figures of ``FIGURES`` as they stand there."""
    return list(tomllib.loads(FIGURES.read_text(encoding="utf-8"))["figure"])


def _stated(figure: dict) -> dict:
    return {
        "figure": figure["name"],
        "label": figure["label"],
        "unit": figure["unit"],
        "target": float(figure.get("target", np.nan)),
        "tolerance": float(figure.get("tolerance", np.nan)),
        "source": figure["source"],
        "note": figure.get("because", ""),
    }


def _row(figure: dict, country: Generated) -> dict:
    row = _stated(figure)
    if not figure.get("is_compared", True):
        return row | {"verdict": "not_compared"}
    if not country.has_years(figure["from"], figure["until"]):
        return row | {"verdict": "other_years"}
    try:
        value, error = MEASURES[figure["name"]](country)
    except (ValueError, KeyError, TypeError, IndexError) as fault:
        raise StorageError(
            f"{country.folder}: {figure['name']} cannot be measured: {fault!r}",
            expected="the files of a country as `tildeling generate` wrote them",
            next_step="generate the country anew.",
        ) from fault
    factor = 1 / country.scale if figure.get("scales") else 1.0
    return row | _judged(figure, value * factor, error * factor)


def _judged(figure: dict, value: float, error: float) -> dict:
    target, tolerance = float(figure["target"]), float(figure["tolerance"])
    slack = (tolerance if figure.get("absolute") else tolerance * target) + 2 * error
    low = -np.inf if figure.get("at_most") else target - slack
    high = np.inf if figure.get("at_least") else target + slack
    return {
        "generated": value,
        "allowed_low": low,
        "allowed_high": high,
        "verdict": "inside" if low <= value <= high else "outside",
    }
