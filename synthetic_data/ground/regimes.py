"""The law's regimes and the registers' years: dated switches, read from ``regimes.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Floats, Ints
from synthetic_data.ground.scenario import OUTCOMES

PATH = Path(__file__).with_name("regimes.toml")
#: Log odds that close a scheme.
CLOSED = -60.0
#: The first day of LPR3; contacts before are in LPR2.
LPR3_FROM = date(2019, 3, 1)
_AGE_LAST = 110


@dataclass(frozen=True)
class Regime:
    """One dated switch; shifts are by outcome and age 0-110, log odds.

    ``self_support_shift`` is for those on no benefit at the end of the year before, beside
    ``shift``; ``revision_share`` (ages 0-110) the share of FP grants that are with revision.
    """

    name: str
    title: str
    first: date
    last: date
    shift: Mapping[str, Floats]
    self_support_shift: Mapping[str, Floats]
    opens: tuple[str, ...]
    cash_duration: float
    measures: float
    runs_on: float
    revision_share: Floats

    def share_of(self, year: int) -> float:
        """Return the share of the days of ``year`` under the regime, 0-1."""
        first, last = max(self.first, date(year, 1, 1)), min(self.last, date(year, 12, 31))
        return max((last - first).days + 1, 0) / (date(year, 12, 31) - date(year - 1, 12, 31)).days


def register_years() -> Mapping[str, tuple[int, int]]:
    """Return the first and last year in which each register has files."""
    return {name: (first, last) for name, (first, last) in _read()["registers"].items()}


def is_written(register: str, year: int) -> bool:
    """Return whether ``register`` has a file of ``year``."""
    first, last = register_years()[register]
    return first <= year <= last


@cache
def regimes() -> tuple[Regime, ...]:
    """Return all regimes in the order of the file."""
    return tuple(
        Regime(
            name=values["name"],
            title=values["title"],
            first=values.get("from", date.min),
            last=values.get("until", date.max),
            shift={outcome: _shift(values, outcome) for outcome in OUTCOMES},
            self_support_shift={
                outcome: _shift(values.get("self_supporting", {}), outcome) for outcome in OUTCOMES
            },
            opens=tuple(values.get("opens", ())),
            cash_duration=float(values.get("cash_duration", 1.0)),
            measures=float(values.get("measures", 1.0)),
            runs_on=float(values.get("runs_on", 0.0)),
            revision_share=_shift(values, "revision_share"),
        )
        for values in _read()["regime"]
    )


def grant_shift(year: int, age: Ints, is_self_supporting: NDArray[np.bool_]) -> Floats:
    """Return (2, persons): what the year's regimes add to the log odds of FP and FJ.

    A regime of a part of the year counts by its share of the days. ``age`` and who is on no benefit
    are of the end of the year before.
    """
    everybody, self_supporting = _shifts_by_age(year)
    rows = np.clip(age, 0, _AGE_LAST)
    return everybody[:, rows] + self_supporting[:, rows] * is_self_supporting


def revision_share(day: Ints, age: Ints) -> Floats:
    """Return (n,) the chance that an FP grant of ``day`` (day number) at ``age`` is with revision.

    The largest of the regimes that hold on the day.
    """
    rows = np.clip(age, 0, _AGE_LAST)
    chance = np.zeros(len(rows))
    for regime in regimes():
        first, last = (
            np.datetime64(end, "D").astype(np.int64) for end in (regime.first, regime.last)
        )
        is_held = (day >= first) & (day <= last)
        chance = np.maximum(chance, regime.revision_share[rows] * is_held)
    return chance


def look_back_shift(nth: int) -> Floats:
    """Return (2, 1): what is added to the log odds of FP and FJ in the ``nth`` year with decisions.

    It stands for what look-backs would show if they reached back before the first year; 1 the
    first year.
    """
    sizes = _read()["look_back"]
    of_year = [
        sizes.get(outcome, [])[nth - 1] if nth <= len(sizes.get(outcome, [])) else 0.0
        for outcome in OUTCOMES
    ]
    return np.array(of_year)[:, None]


def closed_states(year: int) -> tuple[str, ...]:
    """Return the benefit states that regimes open later than the middle of ``year``."""
    middle = date(year, 7, 1)
    return tuple(state for regime in regimes() if middle < regime.first for state in regime.opens)


def cash_duration(year: int) -> float:
    """Return the factor on the length of spells on cash benefit that begin in ``year``."""
    factors = (r.cash_duration ** r.share_of(year) for r in regimes())
    return float(np.prod(list(factors)))


def measure_factor(year: int) -> float:
    """Return the factor on the chance of a measure in ``year``."""
    factors = (r.measures ** r.share_of(year) for r in regimes())
    return float(np.prod(list(factors)))


def runs_on_shift(year: int) -> float:
    """Return what is added to the log odds that sickness goes on beyond its limit in ``year``."""
    return sum(r.runs_on * r.share_of(year) for r in regimes())


@cache
def _shifts_by_age(year: int) -> Floats:
    """Return (2, outcomes, ages): shifts for everybody, and more for those on nothing."""
    shifts = np.zeros((2, len(OUTCOMES), _AGE_LAST + 1))
    for regime in regimes():
        share = regime.share_of(year)
        shifts[0] += [share * regime.shift[outcome] for outcome in OUTCOMES]
        shifts[1] += [share * regime.self_support_shift[outcome] for outcome in OUTCOMES]
    return np.maximum(shifts, CLOSED)


def _shift(values: Mapping[str, object], outcome: str) -> Floats:
    """Return (ages,) what a regime says of ``outcome`` by spans of ages."""
    if outcome in values.get("closed", ()):  # type: ignore[operator]
        return np.full(_AGE_LAST + 1, CLOSED)
    shift = np.zeros(_AGE_LAST + 1)
    for ages, size in values.get(outcome, {}).items():  # type: ignore[attr-defined]
        first, last = ages.split("-")
        shift[int(first) : int(last) + 1] = size
    return shift


@cache
def _read() -> dict:
    with PATH.open("rb") as file:
        return tomllib.load(file)
