"""Those who took part in an initiative, held against people like them where it had not begun.

Expected is what became of residents of municipalities without the initiative in the same cells of
age, sex, benefit and time on benefit when it began (direct standardisation to those who took part).
Who is chosen to take part, or chooses to, differs from others of a cell in what no register tells:
the difference is what the initiative did only as far as that is nothing. So before and after of
the same persons is not looked at: people are chosen when things are worst.

Counts, of those who took part and of others by cell and municipality, are as disclosure control
shows them, and weeks in proportion. The error holds chance among persons and noise, and that
municipalities differ in what becomes of the same cells: a variance between the others, by moments
(DerSimonian & Laird 1986).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from pipeline.model.initiatives.chance import POWER
from pipeline.model.initiatives.panels import GRANTS
from pipeline.model.initiatives.study import Study
from pipeline.model.national.protection import Protection

PARTICIPANTS = "participants"
#: Participants shown from whom on outcomes are told: noise of up to 10 leaves ten of them.
FEWEST_TOLD = 20
#: Others of a cell from whom on it tells what is expected.
FEWEST_ALIKE = 20
_PLACE = ["month", "cell"]
_SUMS = ["n", "total", "squares", "counted", "counted_key"]


@dataclass(frozen=True)
class Participants:
    """Who took part, as counted; never to be published as it is.

    Attributes
    ----------
    persons
        municipality_code and record_key, a row each.
    cells
        Rows of ``sql/initiative/participants.sql``, with month and year.
    """

    persons: pd.DataFrame
    cells: pd.DataFrame

    @property
    def counts(self) -> pd.DataFrame:
        """municipality_code, n and n_key of all who took part."""
        of_place = self.persons.groupby("municipality_code")["record_key"]
        return of_place.agg(n="size", n_key="sum").reset_index()


@dataclass(frozen=True)
class TookPart:
    """What became of those who took part; counts as shown.

    Attributes
    ----------
    n_compared
        Of whom others like them are known.
    n_units
        Municipalities, those with participants included.
    years
        Followed on average.
    observed
        Level of those who took part; the level expected is the study's ``before``.
    study
        None where they are too few to be told of.
    """

    n_compared: int
    n_units: int
    years: float
    observed: float
    study: Study | None


def took_part(
    participants: Participants, outcome: str, protection: Protection, level: float
) -> TookPart | None:
    """Return what became of those who took part, None where the registers do not cover it.

    Per cent of the weeks followed, or grants per 1,000 persons and year; ``level`` of limits and
    test. Persons without :data:`FEWEST_ALIKE` others of their cell are not compared.
    """
    cells, scale = _measured(participants.cells, outcome)
    own, others = (cells[cells["is_participant"] == is_own] for is_own in (True, False))
    if own.empty or others.empty:
        return None
    told = _alike(others, protection)
    own = own.merge(told, left_on=_PLACE, right_index=True)
    n = own["n"].sum()
    # Of nobody what it is of all others: a grant is one, whoever has it.
    usual = others["total"].sum() / max(others["counted"].sum(), 1)
    each = own["total"].sum() / own["counted"].sum() if own["counted"].sum() else usual
    shown, counted = (
        int(protection.shown(np.array([own[name].sum()]), np.array([own[key].sum()]))[0])
        for name, key in (("n", "n_key"), ("counted", "counted_key"))
    )
    counted = min(counted, shown)
    expected = float((own["n"] * own["mean"]).sum())
    units = own["municipality_code"].nunique() + others["municipality_code"].nunique()
    exposure = float((own["n"] * own["exposure"]).sum() / n) if n else float("nan")
    years = exposure if outcome in GRANTS else exposure / 52
    is_hidden = bool(protection.is_hidden(np.array([expected]))[0])
    if outcome not in GRANTS:
        is_hidden = counted < FEWEST_TOLD
    if shown < FEWEST_TOLD or is_hidden:
        return TookPart(shown, units, years, float("nan"), None)
    per = scale / exposure
    observed, level_expected = per * counted * each / shown, per * expected / n
    noise = protection.noise_variance(np.array([counted, shown], dtype=float))
    variance = (per * each / shown) ** 2 * noise[0] + (observed / shown) ** 2 * noise[1]
    of_cell = own.groupby(_PLACE)["n"].sum() / n
    of_means = (of_cell**2 * (told["variance"] / told["n_alike"] + told["noise"])).sum()
    variance += per**2 * (float((own["n"] * own["variance"]).sum()) / n**2 + float(of_means))
    share = own.groupby("municipality_code")["n"].sum() / n
    between = _between(of_cell, others, told, protection)
    variance += per**2 * between * float((share**2).sum())
    study = _study(observed - level_expected, level_expected, float(np.sqrt(variance)), level)
    return TookPart(shown, units, years, float(observed), study)


def _measured(cells: pd.DataFrame, outcome: str) -> tuple[pd.DataFrame, float]:
    """Return the cells of which ``outcome`` is known, by names of any outcome, and its scale."""
    if outcome in GRANTS:
        name = outcome.lower()
        exposure, total, squares = f"{name}_years", f"n_{name}", f"n_{name}"
        counted, key, scale = f"n_{name}", f"{name}_key", 1000.0
    else:
        name = outcome.removesuffix("_weeks")
        exposure, total, squares = "n_weeks", outcome, f"{name}_squares"
        counted, key, scale = f"n_{name}", f"{name}_key", 100.0
    made = cells[["month", "cell", "is_participant", "municipality_code", "n", "n_key"]].assign(
        exposure=cells[exposure].astype(float),
        total=cells[total].astype(float),
        squares=cells[squares].astype(float),
        counted=cells[counted].astype("int64"),
        counted_key=cells[key].astype("int64"),
    )
    return made[made["exposure"] > 0], scale


def _alike(others: pd.DataFrame, protection: Protection) -> pd.DataFrame:
    """Return by cell n_alike others, mean and variance of what became of one, and noise of that.

    ``each`` is the mean of those that anything became of.
    """
    usual = others["total"].sum() / max(others["counted"].sum(), 1)
    sums = others.groupby(_PLACE)[_SUMS].sum()
    sums = sums[sums["n"] >= FEWEST_ALIKE]
    n, counted = sums["n"], sums["counted"].clip(lower=1)
    shown = protection.shown(sums["counted"].to_numpy(), sums["counted_key"].to_numpy())
    shown = np.minimum(shown, n.to_numpy())
    each = (sums["total"] / counted).where(sums["counted"] > 0, usual)
    mean = shown * each / n
    spread = (shown * sums["squares"] / counted / n - mean**2).clip(lower=0.0)
    noise = protection.noise_variance(shown.astype(float)) * each**2 / n**2
    return pd.DataFrame(
        {
            **{"n_alike": n, "each": each, "mean": mean},
            **{"variance": spread * n / (n - 1), "noise": noise},
        }
    )


def _between(
    of_cell: pd.Series, others: pd.DataFrame, told: pd.DataFrame, protection: Protection
) -> float:
    """Return the variance between the others' municipalities in what becomes of the same cells.

    Of weeks, or grants, a person. A person of a cell weighs as participants of it, the share
    ``of_cell``, over others.
    """
    weight = of_cell / told["n_alike"]
    rows = others.merge(told.assign(weight=weight).dropna(), left_on=_PLACE, right_index=True)
    shown = protection.shown(rows["counted"].to_numpy(), rows["counted_key"].to_numpy())
    each = (rows["total"] / rows["counted"].where(rows["counted"] > 0)).fillna(rows["each"])
    noise = each**2 * protection.noise_variance(shown.astype(float))
    of_unit = pd.DataFrame(
        {
            "weight": rows["n"] * rows["weight"],
            "apart": rows["weight"] * (shown * each - rows["n"] * rows["mean"]),
            "variance": rows["weight"] ** 2 * (rows["n"] * rows["variance"] + noise),
        }
    )
    sums = of_unit.groupby(rows["municipality_code"]).sum()
    sums = sums[sums["variance"] > 0]
    if len(sums) < 2:
        return 0.0
    apart = sums["apart"] / sums["weight"]
    sure = sums["weight"] ** 2 / sums["variance"]
    centre = float((sure * apart).sum() / sure.sum())
    excess = float((sure * (apart - centre) ** 2).sum()) - (len(sums) - 1)
    return max(0.0, excess / float(sure.sum() - (sure**2).sum() / sure.sum()))


def _study(effect: float, expected: float, se: float, level: float) -> Study:
    reach = float(norm.ppf((1 + level) / 2)) * se
    return Study(
        method=PARTICIPANTS,
        before=expected,
        estimate=effect,
        low=effect - reach,
        high=effect + reach,
        clustered_se=None,
        p_value=float(2 * norm.sf(abs(effect) / se)) if se > 0 else 1.0,
        detectable=reach + float(norm.ppf(POWER)) * se,
        placebo=float("nan"),
        placebo_p=float("nan"),
        n_assignments=0,
        is_exact=False,
        events=(),
    )
