"""Diagnoses inside the main groups: whether municipalities differ more on contested ones."""

from __future__ import annotations

from typing import Any

from pipeline.codes import code_rows
from reports.content.courses import COUNTRY
from reports.content.followups.figures import FIFTH_AREAS
from reports.content.followups.subgroups import ALL, KINDS, SubgroupArea, SubgroupSpread
from reports.language.formatting import MISSING, SUPPRESSED
from reports.told.blocks import (
    Body,
    Bullets,
    Cell,
    Column,
    Fold,
    Row,
    Section,
    Table,
    Text,
    column,
    folded,
)
from reports.told.findings import span
from reports.told.followups.goes_with import BEYOND_CHANCE
from reports.told.telling import Telling

CONTESTED = KINDS[0]
_LOWEST, _HIGHEST = FIFTH_AREAS[0], FIFTH_AREAS[-1]
#: The outer fifths beside the trend; all fifths and the regions are in folds.
_OUTER = (_LOWEST, _HIGHEST)


def subgroups(p: Telling, *, is_short: bool = False) -> Section:
    """Return the section: sentences per outcome, diagnoses by kind, and areas in folds.

    ``is_short`` for paper: the sentences, and the diagnoses of the first outcome.
    """
    t = p.t
    outcomes = p.outcomes_among({row.outcome for row in p.content.followups.subgroup_areas})
    if not outcomes:
        return Section("subgroups", t("subgroups.title"), (Text(t("subgroups.missing"), "notice"),))
    blocks: list[Any] = [Text(t("subgroups.lead", years=p.years))]
    said = [line for outcome in outcomes for line in sentences(p, outcome)]
    if said:
        blocks.append(Bullets(tuple(said)))
    regions = {row["region_code"]: row["region_name"] for row in code_rows("municipality")}
    fifths = {code: t(f"life.{code}") for code in FIFTH_AREAS}
    for outcome in outcomes[:1] if is_short else outcomes:
        tables: list[Any] = [_trends(p, outcome)]
        if not is_short:
            areas = (
                _areas(p, outcome, fifths, "fifths"),
                _areas(p, outcome, dict(sorted(regions.items())), "regions"),
            )
            tables.append(Fold(t("subgroups.open"), areas))
        blocks += folded(outcome, p.main_outcome, p.outcome(outcome), tables)
    blocks += [*p.noise_note(), Text(t("subgroups.caveat"), "notice")]
    return Section("subgroups", t("subgroups.title"), tuple(blocks))


def sentences(p: Telling, outcome: str) -> list[str]:
    """Return whether municipalities differ more on contested diagnoses, and where these weigh."""
    row = _spread(p, outcome, CONTESTED, ALL)
    said = []
    if row is not None and None not in (row.sd, row.sd_low, row.sd_high, row.sd_others, row.p_more):
        tail = (1 - p.content.choices.level) / 2
        p_more = row.p_more or 0.0
        which = "more" if p_more < tail else "less" if p_more > 1 - tail else "alike"
        said.append(
            p.t(
                f"subgroups.spread_{which}",
                outcome=p.outcome(outcome),
                own=span(p, row.sd or 0.0),
                narrow=span(p, row.sd_low or 0.0),
                wide=span(p, row.sd_high or 0.0),
                others=span(p, row.sd_others or 0.0),
            )
        )
    else:
        said.append(p.t("subgroups.spread_unknown", outcome=p.outcome(outcome)))
    first, last = (_area(p, outcome, CONTESTED, ALL, area) for area in _OUTER)
    if row is None or row.p_value is None or first is None or last is None:
        return [" ".join(said)]
    if first.ratio is not None and last.ratio is not None:
        judged = "chance"
        if row.p_value < BEYOND_CHANCE and row.slope is not None:
            judged = "heavier" if row.slope > 0 else "lighter"
        said.append(
            p.t(
                f"subgroups.fifths_{judged}",
                first=p.n.number(first.ratio, 2),
                first_limits=p.ratio_limits(first.ratio_low, first.ratio_high),
                last=p.n.number(last.ratio, 2),
                last_limits=p.ratio_limits(last.ratio_low, last.ratio_high),
                p=p.n.number(row.p_value, 3),
            )
        )
    return [" ".join(said)]


def _names(p: Telling) -> dict[tuple[str, str], str]:
    """Return the diagnoses by kind in order of their list, all of a kind first."""
    names = {(kind, ALL): p.t(f"subgroups.all_{kind}") for kind in KINDS}
    for row in code_rows("diagnosis_subgroup"):
        names[row["kind"], row["diagnosis_subgroup"]] = row[f"description_{p.language}"]
    return names


def _area(p: Telling, outcome: str, kind: str, name: str, area: str) -> SubgroupArea | None:
    key = (outcome, kind, name, area)
    return next(
        (
            row
            for row in p.content.followups.subgroup_areas
            if (row.outcome, row.diagnosis_kind, row.diagnosis_subgroup, row.area_code) == key
        ),
        None,
    )


def _spread(p: Telling, outcome: str, kind: str, name: str) -> SubgroupSpread | None:
    return next(
        (
            row
            for row in p.content.followups.subgroup_spreads
            if (row.outcome, row.diagnosis_kind, row.diagnosis_subgroup) == (outcome, kind, name)
        ),
        None,
    )


def _ratio(p: Telling, row: SubgroupArea | None) -> Cell:
    if row is None or row.ratio is None:
        return Cell(SUPPRESSED)
    return Cell(p.n.number(row.ratio, 2), lines=(p.ratio_limits(row.ratio_low, row.ratio_high),))


def _slope(p: Telling, row: SubgroupSpread | None) -> Cell:
    if row is None or row.slope is None or row.slope_low is None:
        return Cell(MISSING)
    limits = p.n.interval(row.slope_low, row.slope_high)
    return Cell(p.n.number(row.slope, 2), lines=(limits,))


def _trends(p: Telling, outcome: str) -> Table:
    """Return each diagnosis with its grants, its ratio in the outer fifths and its trend."""
    t = p.t

    def cells(kind: str, name: str) -> tuple[Cell, ...]:
        country = _area(p, outcome, kind, name, COUNTRY)
        line = _spread(p, outcome, kind, name)
        count = None if country is None else country.observed
        p_value = None if line is None else line.p_value
        return (
            Cell(SUPPRESSED if count is None else p.n.count(count)),
            *(_ratio(p, _area(p, outcome, kind, name, area)) for area in _OUTER),
            _slope(p, line),
            Cell(MISSING if p_value is None else p.n.number(p_value, 3)),
        )

    columns = (
        column(t("subgroups.diagnosis"), width=34.0),
        Column(t("subgroups.grants")),
        Column(t("subgroups.lowest"), t("subgroups.ratio_note"), width=14.0),
        Column(t("subgroups.highest"), t("subgroups.ratio_note"), width=14.0),
        Column(t("subgroups.trend"), t("subgroups.trend_note"), width=16.0),
        Column(t("subgroups.p_value")),
    )
    caption = t("subgroups.caption", outcome=p.outcome(outcome), years=p.years)
    return Table(caption, columns, _bodies(p, cells), look="small")


def _areas(p: Telling, outcome: str, areas: dict[str, str], what: str) -> Table:
    """Return each diagnosis' ratio in ``areas``, by code their names."""
    t = p.t

    def cells(kind: str, name: str) -> tuple[Cell, ...]:
        return tuple(_ratio(p, _area(p, outcome, kind, name, area)) for area in areas)

    columns = (
        column(t("subgroups.diagnosis"), width=28.0),
        *(Column(name, width=14.0) for name in areas.values()),
    )
    caption = t(f"subgroups.caption_{what}", outcome=p.outcome(outcome), years=p.years)
    return Table(caption, columns, _bodies(p, cells), look="small")


def _bodies(p: Telling, cells: Any) -> tuple[Body, ...]:
    """Return a body per kind, whose rows ``cells`` makes of kind and diagnosis."""
    names = _names(p)
    return tuple(
        Body(
            tuple(Row(Cell(label), cells(*key)) for key, label in names.items() if key[0] == kind),
            p.t(f"subgroups.kind_{kind}"),
        )
        for kind in KINDS
    )
