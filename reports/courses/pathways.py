"""Pathways to a grant: the types of the five years before it, drawn, and who comes by each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.codes import code_rows, state_groups
from reports.charts.stacked import FILLS, Layer, stacked_chart
from reports.content.courses import COUNTRY, Pathway
from reports.language.formatting import MISSING, SUPPRESSED
from reports.told.blocks import (
    Beside,
    Body,
    Cell,
    Column,
    Figure,
    Fold,
    Heading,
    Row,
    Section,
    Table,
    Text,
    column,
)
from reports.told.signs import signs
from reports.told.states import state_name
from reports.told.telling import Telling

_PENSION = "FP"
_WEEKS = 260
#: Types with fewer grants are mostly noise, quarter by quarter, and are not drawn.
_FEWEST_DRAWN = 20
_SIDES = (0.0, 0.25, 0.5, 0.75, 1.0)
#: States in the order of the drawings, from the top of the benefits down to work.
_OTHER = ("retirement", "dead", "emigrated", "other")


def pathways(p: Telling) -> Section:
    """Return the types of courses before a grant: shares, drawings, who, and where."""
    t = p.t
    title = t("pathways.title")
    method = _method(p)
    listed = _listed(p)
    country = [one for one in listed if one.area_code == COUNTRY]
    if not country:
        return Section("pathways", title, (Text(t("pathways.missing"), "notice"),))
    table = _table(p, country, _by_rule(p, method))
    blocks: list[Any] = [
        Text(t("pathways.lead")),
        Text(_shares_in_words(p, country)),
        table,
        *_rules_in_words(p, method),
        *signs(p, [table]),
        Heading(t("pathways.drawn_title")),
        Text(t("pathways.drawn_note"), "note"),
        *_drawings(p, country),
        Text(_places_in_words(p, listed)),
        Fold(t("pathways.how"), (Text(t(f"pathways.method_{method}", **_quality(p))),)),
        *p.noise_note(),
        Text(t("pathways.caveat"), "notice"),
    ]
    return Section("pathways", title, tuple(blocks))


def _method(p: Telling) -> str:
    methods = {one.method for one in p.content.courses.pathways}
    return "clusters" if "clusters" in methods else "rules"


def _listed(p: Telling) -> list[Pathway]:
    """Return the pathways by the method that is told, of every area."""
    method = _method(p)
    return [one for one in p.content.courses.pathways if one.method == method]


def _by_rule(p: Telling, method: str) -> dict[str, Pathway]:
    """Return how many pensions the rules give each pathway, where what is told is clusters."""
    return {
        one.pathway: one
        for one in p.content.courses.pathways
        if method == "clusters"
        and (one.method, one.outcome, one.area_code) == ("rules", _PENSION, COUNTRY)
    }


def _rules_in_words(p: Telling, method: str) -> list[Text]:
    """Return what the rules under the names are to the counts, where these are of clusters."""
    quality = _quality(p)
    if method != "clusters" or not quality:
        return []
    return [Text(p.t("pathways.rules_note", **quality), "note")]


def _names(p: Telling) -> dict[str, tuple[str, str]]:
    """Return pathway -> name and rule, in the order of the code list from the last to the first."""
    return {
        row["pathway"]: (row[f"name_{p.language}"], row[f"description_{p.language}"])
        for row in reversed(code_rows("pathway"))
    }


def short(p: Telling) -> Iterator[str]:
    """Yield the largest pathways to a pension, where there are any."""
    country = [one for one in _listed(p) if one.area_code == COUNTRY]
    if any(one.outcome == _PENSION and one.share is not None for one in country):
        yield _shares_in_words(p, country, "lead.pathways")


def _shares_in_words(p: Telling, country: list[Pathway], key: str = "pathways.shares") -> str:
    """Return under ``key`` the three largest pathways and their share."""
    n = p.n
    own = sorted(
        (one for one in country if one.outcome == _PENSION and one.share is not None),
        key=lambda one: -(one.share or 0.0),
    )
    names = _names(p)
    largest = own[:3]
    return p.t(
        key,
        listed=n.listed([f"{names[one.pathway][0]} ({n.percent(one.share)})" for one in largest]),
        share=n.percent(sum(one.share or 0.0 for one in largest)),
    )


def _table(p: Telling, country: list[Pathway], by_rule: dict[str, Pathway]) -> Table:
    t, n = p.t, p.n
    outcomes = list(dict.fromkeys(one.outcome for one in country))
    outcomes.sort(key=lambda outcome: outcome != _PENSION)
    of = {(one.outcome, one.pathway): one for one in country}
    profile = {
        (one.pathway, one.dimension, one.level): one
        for one in p.content.courses.pathway_profiles
        if one.outcome == _PENSION
    }

    def share(one: Pathway | None) -> Cell:
        if one is None:
            return Cell(MISSING)
        if one.n_grants is None:
            return Cell(SUPPRESSED)
        limits = n.in_percent(one.share_low, one.share_high)
        return Cell(n.percent(one.share), soft=f"({limits})", lines=(n.count(one.n_grants),))

    def beside(pathway: str, dimension: str, levels: tuple[str, ...]) -> Cell:
        cells = [profile.get((pathway, dimension, level)) for level in levels]
        known = [one for one in cells if one is not None and one.share is not None]
        if not known:
            return Cell(MISSING)
        own, everyone = (
            sum(values)
            for values in zip(
                *((one.share or 0.0, one.share_of_all or 0.0) for one in known), strict=True
            )
        )
        return Cell(n.percent(own), soft=f"({n.percent(everyone)})")

    rows = tuple(
        Row(
            Cell(name, lines=(rule,)),
            (
                *(share(of.get((outcome, pathway))) for outcome in outcomes),
                *([share(by_rule.get(pathway))] if by_rule else []),
                beside(pathway, "sex", ("female",)),
                beside(pathway, "mental_health", ("psychotropic", "diagnosis")),
                beside(pathway, "origin", ("immigrant", "descendant")),
            ),
        )
        for pathway, (name, rule) in _names(p).items()
    )
    return Table(
        t("pathways.caption", years=p.years),
        (
            column(t("pathways.pathway"), width=32.0),
            *(Column(p.outcome(outcome), width=14.0) for outcome in outcomes),
            *([Column(t("pathways.by_rule"), width=14.0)] if by_rule else []),
            Column(t("pathways.women"), width=12.0),
            Column(t("pathways.psychotropics"), width=14.0),
            Column(t("pathways.immigrants"), width=12.0),
        ),
        (Body(rows),),
    )


def _drawings(p: Telling, country: list[Pathway]) -> list[Any]:
    """Return the state distribution of each type before a pension, two side by side."""
    t = p.t
    shares = {
        (one.pathway, one.weeks_before, one.state_group): one.share or 0.0
        for one in p.content.courses.pathway_states
        if one.outcome == _PENSION
    }
    weeks = sorted({week for _, week, _ in shares}, reverse=True)
    groups = [
        group
        for group in state_groups()
        if group not in _OTHER and any(share for (_, _, of), share in shares.items() if of == group)
    ]
    drawn = {
        one.pathway
        for one in country
        if one.outcome == _PENSION and (one.n_grants or 0) >= _FEWEST_DRAWN
    }
    figures = []
    for pathway, (name, _) in _names(p).items():
        if pathway not in drawn or not weeks:
            continue
        layers = [
            Layer(
                state_name(p, group),
                tuple(shares.get((pathway, week, group), 0.0) for week in weeks),
                FILLS[number % len(FILLS)],
            )
            for number, group in enumerate(groups)
        ]
        layers.append(
            Layer(
                state_name(p, "other"),
                tuple(
                    sum(shares.get((pathway, week, group), 0.0) for group in _OTHER)
                    for week in weeks
                ),
                "#ffffff",
            )
        )
        label = p.labelled(t("pathways.drawn_label", name=name))
        drawing = stacked_chart(
            [_years(p, week) for week in weeks],
            layers,
            [(side, p.n.percent(side)) for side in _SIDES],
            label,
            t("pathways.axis"),
            p.mark,
        )
        figures.append(Figure(drawing, label, f"pathway-{pathway}", name, "", "courses"))
    return [Beside(tuple(figures[at : at + 2])) for at in range(0, len(figures), 2)]


def _years(p: Telling, week: int) -> str:
    years, rest = divmod(week, _WEEKS // 5)
    return p.t("pathways.years_before", n=years) if not rest else ""


def _quality(p: Telling) -> dict[str, str]:
    used = next(
        (one for one in p.content.courses.pathway_qualities if one.agreement is not None), None
    )
    if used is None:
        return {}
    n = p.n
    other = max(p.content.courses.pathway_qualities, key=lambda one: one.silhouette)
    return {
        "k": n.count(used.n_types),
        "silhouette": n.number(used.silhouette, 2),
        "stability": n.number(used.stability, 2),
        "agreement": n.percent(used.agreement),
        "rand": n.number(used.agreement_rand, 2),
        "other": n.count(other.n_types),
        "other_silhouette": n.number(other.silhouette, 2),
    }


def _places_in_words(p: Telling, listed: list[Pathway]) -> str:
    """Return how many municipalities have more or fewer by a pathway than expected."""
    own = {row["municipality_code"] for row in code_rows("municipality")}
    known = [
        one
        for one in listed
        if one.area_code in own and one.outcome == _PENSION and one.ratio_low is not None
    ]
    outside = [one for one in known if (one.ratio_low or 0.0) > 1 or (one.ratio_high or 2.0) < 1]
    level = p.content.choices.level
    return p.t(
        "pathways.places",
        outside=p.n.count(len(outside)),
        cells=p.n.count(len(known)),
        chance=p.n.count((1 - level) * len(known)),
    )
