"""What initiatives did, as typed numbers without wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from reports.content.values import real, records, whole

#: The method about those who took part.
PARTICIPANTS = "participants"


@dataclass(frozen=True)
class Event:
    """The effect ``since`` periods after the beginning, below 0 before it."""

    since: int
    effect: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Effect:
    """What one method says of one measure."""

    measure: str
    method: str
    verdict: str
    n_units: int
    n_before: int
    n_after: int
    n_participants: int | None
    n_compared: int | None
    before: float | None
    observed: float | None
    expected: float | None
    effect: float | None
    low: float | None
    high: float | None
    p_value: float | None
    detectable: float | None
    relevant: float | None
    largest_possible: float | None
    placebo: float | None
    placebo_p: float | None
    n_assignments: int
    is_exact: bool
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Initiative:
    """A declared initiative with its answers; ``titles`` by language, ``adopters`` codes."""

    name: str
    titles: Mapping[str, str]
    adopters: tuple[str, ...]
    starts: tuple[str, ...]
    ages: str
    period: str
    relevant_share: float
    effects: tuple[Effect, ...]

    def main(self) -> tuple[Effect, ...]:
        """Return one answer per measure: of one municipality the synthetic control's."""
        by_measure: dict[str, Effect] = {}
        for one in self.effects:
            if one.method == PARTICIPANTS:
                continue
            if one.measure not in by_measure or one.method == "synthetic":
                by_measure[one.measure] = one
        return tuple(by_measure.values())

    def others(self) -> tuple[Effect, ...]:
        """Return the answers about all residents that are not of :meth:`main`."""
        chosen = (*self.main(), *self.took_part())
        return tuple(one for one in self.effects if one not in chosen)

    def took_part(self) -> tuple[Effect, ...]:
        """Return the answers about those who took part; none where no file names them."""
        return tuple(one for one in self.effects if one.method == PARTICIPANTS)


def initiatives_from(answers: pd.DataFrame, events: pd.DataFrame) -> tuple[Initiative, ...]:
    """Return the initiatives in the tables ``initiative`` and ``initiative_event``, in order."""
    of_event: dict[tuple[str, str, str], list[Event]] = {}
    for row in records(events):
        key = (str(row["initiative"]), str(row["measure"]), str(row["method"]))
        limits = (real(row[name]) for name in ("effect", "effect_low", "effect_high"))
        of_event.setdefault(key, []).append(Event(int(row["periods_since"]), *limits))
    of_name: dict[str, list[dict[str, object]]] = {}
    for row in records(answers):
        of_name.setdefault(str(row["initiative"]), []).append(row)
    return tuple(
        Initiative(
            name=name,
            titles={language: str(rows[0][f"title_{language}"]) for language in ("da", "en")},
            adopters=tuple(str(rows[0]["adopters"]).split(", ")),
            starts=tuple(str(rows[0]["starts"]).split(", ")),
            ages=str(rows[0]["age_range"]),
            period=str(rows[0]["period"]),
            relevant_share=float(str(rows[0]["relevant_share"])),
            effects=tuple(
                _effect(row, of_event.get((name, str(row["measure"]), str(row["method"])), []))
                for row in rows
            ),
        )
        for name, rows in of_name.items()
    )


def _effect(row: Mapping[str, object], events: list[Event]) -> Effect:
    return Effect(
        measure=str(row["measure"]),
        method=str(row["method"]),
        verdict=str(row["verdict"]),
        n_units=int(str(row["n_units"])),
        n_before=int(str(row["n_before"])),
        n_after=int(str(row["n_after"])),
        n_participants=whole(row.get("n_participants")),
        n_compared=whole(row.get("n_compared")),
        before=real(row["level_before"]),
        observed=real(row.get("level_observed")),
        expected=real(row.get("level_expected")),
        effect=real(row["effect"]),
        low=real(row["effect_low"]),
        high=real(row["effect_high"]),
        p_value=real(row["p_value"]),
        detectable=real(row["detectable"]),
        relevant=real(row["relevant_change"]),
        largest_possible=real(row["largest_possible"]),
        placebo=real(row["placebo_effect"]),
        placebo_p=real(row["placebo_p_value"]),
        n_assignments=int(str(row["n_assignments"])),
        is_exact=bool(row["is_exact"]),
        events=tuple(sorted(events, key=lambda one: one.since)),
    )
