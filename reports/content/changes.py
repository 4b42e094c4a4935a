"""What changed since the release before: who moved, and what about data, settings and method.

A municipality has *moved beyond uncertainty* when its rank interval now and its rank interval then
have no place in common. Two releases share most of their data, so this is a strict rule: it names
fewer municipalities than a test of each change would.
"""

from __future__ import annotations

from statistics import median
from typing import Any

import pandas as pd

from reports.content.content import Changes, Move, View
from reports.content.read import EarlierTables
from reports.content.run import Run, Setting, SettingChange, run_from, settings_from
from reports.content.values import records, stands_out, summed, text, whole


def changes_from(
    earlier: EarlierTables | None, run: Run, settings: tuple[Setting, ...], main: View
) -> Changes | None:
    """Return the release of ``run`` against ``earlier``, None where there is none.

    Ranks are compared under the outcome and model of ``main``; where the earlier release has no
    such ranks, none are.
    """
    if earlier is None:
        return None
    then = run_from(earlier.run)
    ranks = _ranks(earlier.ranking, main)
    ranked = []
    for row in main.rows:
        before = ranks.get(row.code)
        now = (row.rank, row.rank_low, row.rank_high)
        if before is not None and None not in now:
            ranked.append(Move(row.code, row.name, *now, *before))  # type: ignore[arg-type]
    rows = _of(earlier.benchmark, main)
    earlier_observed, earlier_noise_sd = summed(rows)
    steps = [abs(move.rank - move.earlier) for move in ranked]
    return Changes(
        earlier=then,
        is_new_data=then.input_hash != run.input_hash,
        is_new_settings=then.settings_hash != run.settings_hash,
        is_new_code=then.code_version != run.code_version,
        settings=_changed(settings_from(earlier.setting), settings),
        ranked=tuple(ranked),
        typical_step=float(median(steps)) if steps else None,
        stood_out=_stood_out(earlier.benchmark, main),
        observed=main.observed_of_rows,
        observed_noise_sd=main.noise_sd_of_rows,
        earlier_observed=None if rows.empty else earlier_observed,
        earlier_noise_sd=earlier_noise_sd,
    )


def _ranks(ranking: pd.DataFrame, main: View) -> dict[str, tuple[int, int, int]]:
    ranks: dict[str, Any] = {}
    for row in records(_of(ranking, main)):
        place = tuple(whole(row[name]) for name in ("rank", "rank_low", "rank_high"))
        if None not in place:
            ranks[str(row["municipality_code"])] = place
    return ranks


def _stood_out(benchmark: pd.DataFrame, main: View) -> dict[str, str | None]:
    return {
        str(row["municipality_code"]): stands_out(
            text(row["flag_overdispersed"]), text(row.get("flag_discovery"))
        )
        for row in records(_of(benchmark, main))
    }


def _of(frame: pd.DataFrame, main: View) -> pd.DataFrame:
    return frame[(frame["outcome"] == main.outcome) & (frame["model"] == main.model)]


def _changed(before: tuple[Setting, ...], now: tuple[Setting, ...]) -> tuple[SettingChange, ...]:
    old, new = {s.name: s for s in before}, {s.name: s for s in now}
    changes = (SettingChange(n, old.get(n), new.get(n)) for n in sorted(set(old).union(new)))
    return tuple(
        change
        for change in changes
        if change.before is None or change.now is None or change.before.value != change.now.value
    )
