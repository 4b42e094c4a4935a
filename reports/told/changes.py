"""What is new since the release before."""

from __future__ import annotations

from typing import Any

from reports.content.content import Changes
from reports.content.run import SettingChange
from reports.told.blocks import Body, Bullets, Cell, Column, Row, Section, Table, Text, column
from reports.told.settings import shown
from reports.told.telling import Telling


def changes(p: Telling) -> Section:
    """Return what changed since the release before; for a first release, that it is the first."""
    t, n, changed = p.t, p.n, p.content.changes
    title = t("changes.title")
    if changed is None:
        return Section("changes", title, (Text(t("changes.first")),))
    then = changed.earlier
    when = n.moment(then.finished_at or then.started_at)
    lead = Text(t("changes.since", date=when, run=then.run_id))
    if not (changed.is_new_data or changed.is_new_settings or changed.is_new_code):
        return Section("changes", title, (lead, Text(t("changes.same"))))
    said = [t("changes.data_new" if changed.is_new_data else "changes.data_same")]
    if then.window != p.content.run.window:
        said.append(t("changes.window_new", before=t.label("window", then.window)))
    if changed.is_new_code:
        now = p.content.run.code_version
        said.append(t("changes.code_new", before=then.code_version, now=now))
    else:
        said.append(t("changes.code_same"))
    if changed.earlier_observed is not None:
        now = p.count(changed.observed, changed.observed_noise_sd)
        before = p.count(changed.earlier_observed, changed.earlier_noise_sd)
        said.append(t("changes.counts", now=now, before=before))
    if changed.ranked:
        values = {"n": n.count(len(changed.ranked)), "step": n.count(changed.typical_step)}
        if changed.moves:
            said.append(t("changes.moved", moved=n.count(len(changed.moves)), **values))
        else:
            said.append(t("changes.moved_none", **values))
    else:
        said.append(t("changes.not_compared"))
    settings = tuple(_setting(p, change) for change in changed.settings)
    if settings:
        said.append(t("changes.settings_new"))
    elif changed.is_new_settings:
        said.append(t("changes.settings_hidden"))
    blocks: list[Any] = [lead, Text(" ".join(said)), *standing(p, changed)]
    if changed.moves:
        rows = tuple(
            Row(
                Cell(move.name, code=move.code),
                (
                    Cell(_place(p, move.earlier, move.earlier_low, move.earlier_high)),
                    Cell(_place(p, move.rank, move.rank_low, move.rank_high)),
                ),
            )
            for move in changed.moves
        )
        columns = (
            column(t("ranking.municipality")),
            Column(t("changes.before")),
            Column(t("changes.now")),
        )
        blocks.append(Table(t("changes.moves_title"), columns, (Body(rows),), look="small"))
    if settings:
        blocks.append(Bullets(settings))
    if changed.ranked:
        blocks.append(Text(t("changes.note"), "note"))
    return Section("changes", title, tuple(blocks))


def standing(p: Telling, changed: Changes) -> list[Any]:
    """Return by name who stood out in the release before and who does now; nothing where unknown.

    A municipality that changed sides both came and went.
    """
    if not changed.stood_out:
        return []
    rows = p.content.main.rows
    then = [(row, side) for row in rows if (side := changed.stood_out.get(row.code))]
    now = [(row, row.stands_out) for row in rows if row.stands_out]
    listed = {
        "new": [one for one in now if one not in then],
        "gone": [one for one in then if one not in now],
        "still": [one for one in now if one in then],
    }
    lines = [
        p.t(
            f"changes.stand_out_{key}",
            n=p.n.count(len(who)),
            names=p.n.listed([p.t(f"changes.side_{side}", name=row.name) for row, side in who]),
        )
        for key, who in listed.items()
        if who
    ]
    if not lines:
        return [Text(p.t("changes.stand_out_nobody"))]
    values = {"before": p.n.count(len(then)), "now": p.n.count(len(now))}
    return [Text(p.t("changes.stand_out", **values)), Bullets(tuple(lines))]


def _place(p: Telling, rank: int, low: int, high: int) -> str:
    return p.t("ranking.rank_value", rank=rank, low=low, high=high)


def _setting(p: Telling, change: SettingChange) -> str:
    now, before = (
        p.t("changes.setting_none") if value is None else shown(value, p.t, p.n)
        for value in (change.now, change.before)
    )
    label = p.t.label("setting", change.name)
    return p.t("changes.setting", name=label, now=now, before=before)
