"""Scoring a run against the practice planted in a synthetic country."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.errors import StorageError
from pipeline.model.tables.recovery import OUTCOMES, score_recovery, true_effects
from pipeline.settings import Settings


def tilts(folder: Path) -> pd.DataFrame:
    """Return the planted tilts towards diagnoses, routes and tenures of a synthetic country.

    ``folder`` is the generator's ``truth/``. Columns outcome, municipality_code, dimension, level
    and tilt (log odds).
    """
    parts = []
    for name, dimension in (
        ("diagnosis_practice", "diagnosis_group"),
        ("route_practice", "labour_status"),
        ("tenure_practice", "tenure_band"),
    ):
        path = folder / f"{name}.parquet"
        if not path.exists():
            raise StorageError(
                f"{folder} lacks {path.name}.",
                expected="the planted practice of a synthetic country",
                next_step="name the truth/ folder of the synthetic country that was loaded.",
            )
        frame = pd.read_parquet(path).rename(columns={dimension: "level"})
        parts.append(frame.assign(dimension=dimension))
    return pd.concat(parts, ignore_index=True)


def consultants(folder: Path) -> pd.DataFrame:
    """Return what the medical consultant of each year adds in a synthetic country.

    ``folder`` is the generator's ``truth/``. Columns outcome, municipality_code, year and
    consultant_effect (log odds).
    """
    keys = ["outcome", "municipality_code", "year"]
    frame = pd.read_parquet(folder / "municipality_practice.parquet")
    return frame[[*keys, "consultant_effect"]]


def score(
    folder: Path,
    *,
    benchmark: pd.DataFrame,
    ranking: pd.DataFrame,
    counterfactual: pd.DataFrame,
    completeness: pd.DataFrame,
    settings: Settings,
) -> pd.DataFrame:
    """Return outcome, model, measure, value and truth for a run on a synthetic country.

    ``folder`` is the generator's ``truth/`` with one ``person_year_<year>.parquet`` per year and
    ``municipality_practice.parquet``; the frames are result tables of the same country. The truth
    is over the municipality-years that ``completeness`` takes for reported, as the estimates are.
    Outcomes whose truth is not planted are not scored. Raises :class:`StorageError` when a year of
    the benchmark has no truth.
    """
    paths = {year: folder / f"person_year_{year}.parquet" for year in settings.question.years}
    practice = folder / "municipality_practice.parquet"
    missing = [path.name for path in (*paths.values(), practice) if not path.exists()]
    if missing:
        raise StorageError(
            f"{folder} lacks {', '.join(missing)}.",
            expected=f"the truth of every year of benchmark {settings.question.name}",
            next_step="name the truth/ folder of the synthetic country that was loaded.",
        )
    columns = ["year", "municipality_code", "is_at_risk_fp", "is_at_risk_fj"]
    columns += ["p_actual_fp", "p_national_fp", "p_actual_fj", "p_national_fj"]
    silent = completeness[~completeness["is_reported"].astype(bool)]
    parts = []
    for year, path in paths.items():
        persons = pd.read_parquet(path, columns=columns)
        left_out = silent.loc[silent["year"] == year, "municipality_code"]
        parts.append(persons[~persons["municipality_code"].isin(left_out)])
    person_years = pd.concat(parts, ignore_index=True)
    is_planted = benchmark["outcome"].isin(OUTCOMES)
    return score_recovery(
        benchmark[is_planted],
        ranking,
        counterfactual,
        true_effects(person_years, pd.read_parquet(practice)),
        level=settings.level,
        standard=settings.question.standards[0],
    )
