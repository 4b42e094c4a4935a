"""What the shrunken figures take for granted, held against the release's own numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from reports.content.rows import Forecast, Mover, Overlap, Prior
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column
from reports.told.followups.goes_with import BEYOND_CHANCE
from reports.told.telling import Telling

#: The forecast that is told: grants where the country would give 100.
_FORECAST = 110


def assumptions(p: Telling) -> Section:
    """Return whether practice lasts, people are alike, practice is normal and goes with size."""
    t = p.t
    title = t("assumptions.title")
    if not (p.content.forecasts or p.content.movers or p.content.priors or p.content.overlaps):
        return Section("assumptions", title, (Text(t("assumptions.missing"), "notice"),))
    blocks: list[Any] = [Text(paragraph) for paragraph in t.all("assumptions.lead")]
    blocks += [Text(_lasting(p, row)) for row in p.content.forecasts]
    if p.content.movers:
        blocks.append(Text(t("assumptions.moved_lead")))
    blocks += [Text(_moved(p, row)) for row in p.content.movers]
    blocks += [Text(_overlaps(p, name, rows)) for name, rows in _by_outcome(p.content.overlaps)]
    for prior in p.content.priors:
        blocks.append(Text(" ".join(_of_prior(p, prior))))
    if p.content.priors:
        blocks += [_priors(p), Text(t("assumptions.note"), "note")]
    return Section("assumptions", title, tuple(blocks))


def _lasting(p: Telling, row: Forecast) -> str:
    """Return what became of a forecast of :data:`_FORECAST` grants for 100."""
    if row.slope_low <= 1 <= row.slope_high:
        kind = "lasts"
    else:
        kind = "fades" if row.slope < 1 else "grows"
    step = math.log(_FORECAST / 100)
    grants, low, high = (
        100 * math.exp(step * slope) for slope in (row.slope, row.slope_low, row.slope_high)
    )
    return p.t(
        f"assumptions.{kind}",
        outcome=p.outcome(row.outcome),
        year=str(row.year),
        forecast=p.n.count(_FORECAST),
        grants=p.n.number(grants, 1),
        limits=p.n.interval(low, high, 1),
    )


def _moved(p: Telling, row: Mover) -> str:
    """Return what movers' grants follow, and what that says of practice and health."""
    n = p.n
    kind = "unclear"
    if row.origin_slope_low > 0:
        kind = "health"
    elif row.destination_slope_low > 0 and row.origin_slope_high < 1:
        kind = "practice"
    said = p.t(
        "assumptions.moved",
        outcome=p.outcome(row.outcome),
        destination=n.percent(row.destination_slope),
        destination_limits=n.percents(row.destination_slope_low, row.destination_slope_high),
        origin=n.percent(row.origin_slope),
        origin_limits=n.percents(row.origin_slope_low, row.origin_slope_high),
    )
    return f"{said} {p.t(f'assumptions.moved_{kind}')}"


def _by_outcome(rows: Sequence[Overlap]) -> list[tuple[str, list[Overlap]]]:
    """Return the rows of each outcome, in their order."""
    return [(name, list(group)) for name, group in groupby(rows, key=lambda row: row.outcome)]


def _overlaps(p: Telling, outcome: str, rows: list[Overlap]) -> str:
    """Return how far municipalities' people are like the country's: the middle and the least."""
    rows = sorted(rows, key=lambda row: (row.overlap_share, row.municipality_code))
    middle, least = rows[len(rows) // 2], rows[0]
    names = p.names
    return p.t(
        "assumptions.overlap",
        outcome=p.outcome(outcome),
        middle=p.n.percent(middle.overlap_share),
        least=p.n.percent(least.overlap_share),
        name=names.get(least.municipality_code, least.municipality_code),
        rare=p.n.percent(sorted(row.rare_share for row in rows)[len(rows) // 2]),
    )


def _of_prior(p: Telling, row: Prior) -> list[str]:
    t, n = p.t, p.n
    shape = "shape_normal" if row.p_value >= BEYOND_CHANCE else "shape_other"
    said = [
        t(
            f"assumptions.{shape}",
            outcome=p.outcome(row.outcome),
            p_value=n.number(row.p_value, 2),
            moved=n.percent(math.expm1(row.effect_moved), 1),
            # Of a municipality without grants it may be many times: no percent.
            most=n.number(math.exp(row.effect_moved_most), 2),
        )
    ]
    if row.size_effect is not None and row.size_p_value is not None:
        kind = "size_alike"
        if row.size_p_value < BEYOND_CHANCE:
            kind = "size_more" if row.size_effect > 0 else "size_fewer"
        grants, low, high = (
            100 * math.exp(value or 0.0)
            for value in (row.size_effect, row.size_effect_low, row.size_effect_high)
        )
        limits = n.interval(low, high, 1)
        said.append(t(f"assumptions.{kind}", grants=n.number(grants, 1), limits=limits))
    return said


def _priors(p: Telling) -> Table:
    t, n = p.t, p.n
    return Table(
        caption=t("assumptions.caption", years=p.years),
        columns=(
            column(t("assumptions.outcome"), width=20.0),
            Column(t("assumptions.sd"), width=14.0),
            Column(t("assumptions.sd_free"), width=14.0),
            Column(t("assumptions.kurtosis"), width=10.0),
            Column(t("assumptions.miss"), width=16.0),
            Column(t("assumptions.by_size"), width=16.0),
            Column(t("assumptions.halves"), width=14.0),
        ),
        bodies=(
            Body(
                tuple(
                    Row(
                        Cell(p.outcome(row.outcome)),
                        (
                            Cell(n.number(row.sd, 2)),
                            Cell(n.number(row.sd_free, 2)),
                            Cell(n.number(row.kurtosis, 1)),
                            Cell(n.percent(row.miss_share, 1)),
                            p.effect(row.size_effect, row.size_effect_low, row.size_effect_high),
                            Cell(f"{n.number(row.sd_small, 2)} / {n.number(row.sd_large, 2)}"),
                        ),
                    )
                    for row in p.content.priors
                )
            ),
        ),
        look="small",
    )
