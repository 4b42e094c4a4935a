"""Municipalities to interview: the best sets, what binds or may be relaxed, and why each is out."""

from __future__ import annotations

from typing import Any

from reports.content.followups.cases import CaseCriterion, CaseMember, CasePlace
from reports.language.formatting import MISSING
from reports.told.blocks import Body, Cell, Column, Fold, Row, Section, Table, Text, column, line
from reports.told.telling import Telling

#: Criteria whose limit is a share, one with decimals, and those that are met or not.
_SHARES, _DECIMAL = ("ranks", "specifications"), ("labour_market",)
_YES_OR_NO = ("reported", "lasting", "region_once")
_NUMBER = "number"


def cases(p: Telling) -> Section:
    """Return the case-study selection of the release."""
    t, held = p.t, p.content.followups.cases
    title = t("cases.title")
    if not held.criteria:
        return Section("cases", title, (Text(t("cases.missing"), "notice"),))
    blocks: list[Any] = [Text(t("cases.lead")), *(Text(said) for said in verdict(p))]
    if held.members:
        blocks += [_sets(p), Text(t("cases.score_note"), "note")]
    blocks.append(_criteria(p))
    near = [place for place in held.places if place.standing == "near"]
    blocks.append(Text(t("cases.near" if near else "cases.near_none", n=p.n.count(len(near)))))
    if near:
        blocks.append(_places(p, near, t("cases.caption_near")))
    caption = t("cases.caption_everyone", outcome=p.outcome(held.outcome), years=p.years)
    everyone = _places(p, list(held.places), caption)
    blocks.append(Fold(t("cases.everyone"), (everyone,), is_screen_only=True))
    blocks.append(Text(t("cases.not_better"), "notice"))
    return Section("cases", title, tuple(blocks))


def verdict(p: Telling) -> list[str]:
    """Return in sentences whether the request can be met, what binds and what to relax."""
    t, held = p.t, p.content.followups.cases
    number = next(one for one in held.criteria if one.criterion == _NUMBER)
    others = [one for one in held.criteria if one.criterion != _NUMBER]
    asked = p.n.count(number.required)
    bound = [t(f"case_name.{one.criterion}") for one in others if one.is_binding]
    binding = t("cases.binding", list=", ".join(bound)) if bound else t("cases.binding_none")
    if number.relaxed_to is None:
        return [t("cases.whole", number=asked), binding]
    most = round(number.relaxed_to)
    said = [t("cases.part" if most else "cases.nothing", number=asked, most=p.n.count(most))]
    alone = [
        t(f"case_relaxed.{one.criterion}", value=_value(p, one, one.relaxed_to))
        for one in others
        if one.relaxed_to is not None
    ]
    if alone:
        return [*said, t("cases.relax", list="; ".join(alone)), binding]
    pairs = {tuple(sorted((one.criterion, other))) for one in others for other in one.possible_with}
    if pairs:
        joined = f" {t('cases.and')} "
        named = [joined.join(t(f"case_name.{one}") for one in pair) for pair in sorted(pairs)]
        return [*said, t("cases.relax_two", list="; ".join(named)), binding]
    return [*said, t("cases.relax_none"), binding]


def why(p: Telling, place: CasePlace) -> str:
    """Return in words why a municipality is in or out, to follow its name."""
    said = p.t(f"case_standing.{place.standing}")
    values = {
        "share": MISSING if place.share is None else p.n.percent(place.share),
        "n": p.n.count(place.n_specifications),
        "residents": p.n.count(place.residents),
    }
    # Who is on no side is on none in any specification.
    failed = [
        name for name in place.failed if name != "specifications" or "ranks" not in place.failed
    ]
    if place.rank is None:
        failed = ["ranks_unknown" if name == "ranks" else name for name in failed]
    if place.standing == "no_cluster" and not failed:
        failed = ["together"]
    reasons = "; ".join(p.t(f"case_why.{name}", **values) for name in failed)
    return f"{said}: {reasons}" if reasons else said


def _value(p: Telling, one: CaseCriterion, value: float | None) -> str:
    if value is None:
        return MISSING
    if one.criterion in _SHARES:
        return p.n.percent(value, 1)
    if one.criterion in _DECIMAL:
        return p.n.number(value, 2)
    return p.n.count(value)


def _sets(p: Telling) -> Table:
    t, held = p.t, p.content.followups.cases
    bodies = []
    for number, clusters in enumerate(held.sets(), 1):
        rows = tuple(
            line(
                p.n.count(at),
                _named(p, [one for one in cluster if one.side == "few"]),
                _named(p, [one for one in cluster if one.side == "many"]),
                MISSING if cluster[0].distance is None else p.n.number(cluster[0].distance, 2),
            )
            for at, cluster in enumerate(clusters, 1)
        )
        score = t("cases.set_score", score=p.n.number(clusters[0][0].score, 2))
        bodies.append(Body(rows, f"{t('cases.set', number=p.n.count(number))} {score}"))
    caption = t("cases.caption_sets", outcome=p.outcome(held.outcome), years=p.years)
    columns = (
        column(t("cases.cluster"), width=10.0),
        column(t("cases.few"), width=30.0),
        column(t("cases.many"), width=24.0),
        Column(t("cases.distance"), t("cases.distance_note"), width=18.0),
    )
    return Table(caption, columns, tuple(bodies), look="small")


def _named(p: Telling, members: list[CaseMember]) -> str:
    names = p.names
    return ", ".join(names.get(one.code, one.code) for one in members)


def _criteria(p: Telling) -> Table:
    t = p.t
    rows = tuple(
        line(
            t(f"case_criterion.{one.criterion}", value=_value(p, one, one.required)),
            *(
                MISSING if n is None else p.n.count(n)
                for n in (one.n_out, one.n_out_alone, one.n_clusters_without)
            ),
            t("cases.yes" if one.is_binding else "cases.no"),
        )
        for one in p.content.followups.cases.criteria
    )
    columns = (
        column(t("cases.criterion"), width=44.0),
        Column(t("cases.n_out")),
        Column(t("cases.n_out_alone")),
        Column(t("cases.n_without"), t("cases.n_without_note"), width=16.0),
        column(t("cases.is_binding"), width=8.0),
    )
    return Table(t("cases.caption_criteria"), columns, (Body(rows),), look="small")


def _places(p: Telling, places: list[CasePlace], caption: str) -> Table:
    t = p.t
    names = p.names
    rows = tuple(
        Row(
            Cell(names.get(place.code, place.code), code=place.code),
            (
                Cell(MISSING if place.side is None else t(f"case_side.{place.side}")),
                Cell(why(p, place)),
            ),
        )
        for place in places
    )
    columns = (
        column(t("ranking.municipality"), width=20.0),
        column(t("cases.side"), width=16.0),
        column(t("cases.why"), width=64.0),
    )
    return Table(caption, columns, (Body(rows),), look="small")
