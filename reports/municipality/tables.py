"""The tables of a municipality's page: results, years, others, cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.content.municipality import Cases, MiddleCases, Near, Slice
from reports.language.formatting import SUPPRESSED
from reports.language.labels import condition_label, condition_value
from reports.municipality.view import Own
from reports.told.blocks import (
    Body,
    Cell,
    Column,
    Heading,
    Row,
    Section,
    Table,
    Text,
    column,
    line,
)


def results(p: Own) -> Section:
    """Return every outcome under every model that has a result."""
    t, n = p.t, p.n
    bodies = []
    for outcome in p.outcomes:
        models = [view.model for view in p.content.views if view.outcome == outcome]
        rows = tuple(
            Row(
                Cell(p.model(model)),
                (
                    Cell(n.count(row.observed)),
                    Cell(n.number(row.expected)),
                    Cell(n.signed(row.difference)),
                    p.ratio(row),
                    p.rank(row),
                    p.rank_drawn(row),
                ),
            )
            for model in models
            if (row := p.row(outcome, model))
        )
        bodies.append(Body(rows, p.outcome(outcome)))
    table = Table(
        t("place_results.caption", name=p.place.name, years=p.years),
        (column(t("place_results.outcome"), width=24.0), *_result_columns(p, is_difference=True)),
        tuple(bodies),
        look="results",
    )
    return Section(
        "results",
        t("place_results.title"),
        (
            Text(t("place_results.lead")),
            table,
            Text(t("place_results.model_note"), "note"),
            Text(rank_note(p), "note"),
            *p.noise_note(),
        ),
    )


def rank_note(p: Own) -> str:
    """Return what each interval of a rank is, and how it is drawn."""
    total = p.n.count(len(p.content.main.rows))
    said = [p.t(f"place_results.{name}", n=total) for name in ("rank_intervals", "drawn")]
    row = p.row(p.main_outcome)
    if row is not None and row.rank_posterior is not None and not p.may_be_anywhere(row):
        said.insert(1, p.t("place_results.rank_likely"))
    return " ".join(said)


def _result_columns(p: Own, *, is_difference: bool) -> list[Column]:
    t = p.t
    total = p.n.count(len(p.content.main.rows))
    difference = [Column(t("ranking.difference"), is_wide_only=True)] if is_difference else []
    return [
        Column(t("ranking.observed"), width=9.0),
        Column(t("ranking.expected"), width=10.0),
        *difference,
        Column(t("ranking.ratio"), f"({t('ranking.ratio_interval')})", width=18.0),
        Column(t("ranking.rank"), t("ranking.rank_interval"), width=13.0),
        Column(
            t("ranking.rank_drawn"), t("ranking.rank_range", n=total), "drawn", is_wide_only=True
        ),
    ]


def _limits(p: Own, part: Slice) -> Cell:
    if part.observed is None:
        return Cell("", soft=SUPPRESSED)
    return Cell("", soft=p.ratio_limits(part.ratio_low, part.ratio_high))


def window(p: Own) -> list[Any]:
    """Return the years at risk one by one: heading and table, or nothing."""
    t, n = p.t, p.n
    bodies = tuple(
        Body(
            tuple(
                Row(
                    Cell(part.part),
                    (
                        Cell(SUPPRESSED if part.observed is None else n.count(part.observed)),
                        Cell(n.number(part.expected)),
                        Cell(SUPPRESSED if part.observed is None else n.number(part.ratio, 2)),
                        _limits(p, part),
                    ),
                )
                for part in parts
            ),
            p.outcome(outcome),
        )
        for outcome in p.outcomes
        if (parts := p.lookup.years.get(p.key(outcome)))
    )
    if not bodies:
        return []
    columns = (
        column(t("place_development.year"), width=30.0),
        Column(t("ranking.observed")),
        Column(t("ranking.expected")),
        Column(t("ranking.ratio")),
        Column(t("ranking.ratio_interval")),
    )
    caption = t("place_development.window_caption", name=p.place.name, model=p.model())
    return [
        Heading(t("place_development.window_title")),
        Table(caption, columns, bodies, look="small"),
    ]


def near(p: Own) -> Section:
    """Return the municipality beside its neighbours and those of similar conditions."""
    t, n = p.t, p.n
    groups = [("own", [p.place.code]), ("neighbours", _codes(p.place.neighbours))]
    if p.place.similar:
        groups.append(("similar", _codes(p.place.similar)))
    blocks: list[Any] = [
        Text(t("place_near.lead", n=n.count(len(p.place.similar) or 5))),
        near_table(p, groups),
    ]
    if not p.place.conditions:
        blocks.append(Text(t("place_near.similar_missing"), "notice"))
        return Section("near", t("place_near.title"), tuple(blocks))
    rows = tuple(
        line(
            condition_label(one.condition, t),
            condition_value(one.condition, one.value, t, n),
            condition_value(one.condition, one.country, t, n),
            t(f"place_near.{position(one.standardised)}"),
        )
        for one in p.place.conditions
    )
    columns = (
        column(t("place_near.condition"), width=34.0),
        Column(t("place_near.value")),
        Column(t("place_near.country")),
        column(t("place_near.position"), width=26.0),
    )
    caption = t("place_near.conditions_caption", name=p.place.name)
    blocks += [
        Heading(t("place_near.conditions_title")),
        Table(caption, columns, (Body(rows),), look="small"),
        Text(t("place_near.conditions_note"), "note"),
    ]
    return Section("near", t("place_near.title"), tuple(blocks))


def near_table(p: Own, groups: list[tuple[str, list[str]]]) -> Table:
    """Return the main results of the municipalities in ``groups`` of codes."""
    t, n, main = p.t, p.n, p.content.main
    bodies = []
    for group, codes in groups:
        nearest = [p.lookup.rows.get((main.outcome, main.model, code)) for code in codes]
        rows = tuple(
            Row(
                Cell(row.name, code="" if row.code == p.place.code else row.code),
                (
                    Cell(n.count(row.observed)),
                    Cell(n.number(row.expected)),
                    p.ratio(row),
                    p.rank(row),
                    p.rank_drawn(row),
                ),
            )
            for row in nearest
            if row is not None
        )
        bodies.append(Body(rows, t(f"place_near.{group}")))
    caption = t(
        "place_near.caption",
        name=p.place.name,
        outcome=p.outcome(main.outcome),
        model=p.model(),
        years=p.years,
    )
    columns = (column(t("place_near.group"), width=24.0), *_result_columns(p, is_difference=False))
    return Table(caption, columns, tuple(bodies), look="results")


def _codes(listed: Iterable[Near]) -> list[str]:
    return [one.code for one in listed]


def position(standardised: float) -> str:
    """Return in a word where a condition lies among municipalities, by standard deviations."""
    if abs(standardised) < 0.5:
        return "near"
    side = "above" if standardised > 0 else "below"
    return f"far_{side}" if abs(standardised) > 1.5 else side


def cases(p: Own) -> Section:
    """Return case processing beside the middle municipality's."""
    t = p.t
    title = t("place_cases.title")
    if not p.place.cases:
        return Section("cases", title, (Text(t("place.missing"), "notice"),))
    middles = {middle.outcome: middle for middle in p.content.middle_cases}
    bodies = tuple(
        Body(_case_rows(p, case, middles[case.outcome]), p.outcome(case.outcome))
        for case in p.place.cases
        if case.n_decisions is not None
    )
    blocks: list[Any] = [Text(t("place_cases.lead", years=p.years))]
    if bodies:
        columns = (
            column(t("place_cases.measure"), width=40.0),
            Column(t("place_cases.value")),
            Column(t("place_cases.interval")),
            Column(t("place_cases.middle")),
        )
        caption = t("place_cases.caption", name=p.place.name, years=p.years)
        blocks.append(Table(caption, columns, bodies, look="small"))
    blocks += [
        Text(t("place_cases.hidden", outcome=p.outcome(case.outcome)))
        for case in p.place.cases
        if case.n_decisions is None
    ]
    blocks.append(Text(t("place_cases.note"), "note"))
    return Section("cases", title, tuple(blocks))


def _case_rows(p: Own, case: Cases, middle: MiddleCases) -> tuple[Row, ...]:
    t, n = p.t, p.n
    per_refusal = n.interval(case.grants_per_refusal_low, case.grants_per_refusal_high, 1)
    return (
        line(t("place_cases.decisions"), n.count(case.n_decisions), "", ""),
        line(
            t("place_cases.days"),
            n.count(case.median_days),
            n.interval(case.median_low, case.median_high, 0),
            n.count(middle.median_days),
        ),
        line(
            t("place_cases.grants_per_refusal"),
            n.number(case.grants_per_refusal),
            per_refusal,
            n.number(middle.grants_per_refusal),
        ),
        line(
            t("place_cases.mental_share"),
            n.percent(case.mental_share),
            n.percents(case.mental_share_low, case.mental_share_high),
            # Where most municipalities' counts are too small to be shown the middle one is 0.
            n.percent(middle.mental_share or None),
        ),
    )
