"""The charts of a municipality's page, with the rows that stand beside them."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from reports.charts import small as draw
from reports.content.tile_map import layout
from reports.language.formatting import SUPPRESSED
from reports.language.labels import specification_label
from reports.told.place_view import PlaceView


def splits(page: PlaceView) -> list[dict[str, Any]]:
    """Return per outcome the chart of composition, framework conditions and practice, per 1,000."""
    tables = []
    for outcome in page.outcomes:
        parts = [part for part in page.place.components if part.outcome == outcome]
        row = page.row(outcome)
        total = next((part for part in parts if part.component == "total"), None)
        if row is None or total is None or not row.n_at_risk:
            continue
        own = row.observed / row.n_at_risk
        bars = [
            draw.Bar(
                label=page.t.label("component", part.component),
                value=1000 * part.share,
                low=None if part.low is None else 1000 * part.low,
                high=None if part.high is None else 1000 * part.high,
                text=page.n.signed(1000 * part.share, 2),
                is_total=part.component == "total",
            )
            for part in parts
        ]
        tables.append(
            {
                "outcome": outcome,
                "lead": page.t(
                    "place_split.lead",
                    own=page.n.number(1000 * own, 2),
                    country=page.n.number(1000 * (own - total.share), 2),
                    total=page.n.signed(1000 * total.share, 2),
                ),
                "chart": draw.bar_chart(
                    bars,
                    page.label(page.t("place_split.chart")),
                    page.t("place_split.axis"),
                    page.mark,
                ),
                "parts": parts,
            }
        )
    return tables


def histories(page: PlaceView) -> list[dict[str, Any]]:
    """Return per outcome the years' unadjusted shares, the country's beside them, and a chart."""
    tables = []
    for outcome in page.outcomes:
        years = [year for year in page.place.history if year.outcome == outcome]
        if not years:
            continue
        others = [page.lookup.country.get((outcome, year.year)) for year in years]
        is_drawn = any(year.share is not None for year in years)
        rows = list(zip(years, others, strict=True))
        chart = _history_chart(page, outcome, rows) if is_drawn else None
        tables.append({"outcome": outcome, "rows": rows, "chart": chart})
    return tables


def _history_chart(page: PlaceView, outcome: str, rows: list[Any]) -> Markup:
    own = tuple(None if year.share is None else 1000 * year.share for year, _ in rows)
    others = tuple(None if share is None else 1000 * share for _, share in rows)
    highest = max(value for value in (*own, *others) if value is not None)
    ticks = draw.ticks_up_to(highest)
    decimals = 0 if ticks[1] == round(ticks[1]) else 1 if 10 * ticks[1] % 1 == 0 else 2
    return draw.line_chart(
        [year.year for year, _ in rows],
        [
            draw.Line(page.t("place_development.own"), own, True),
            *(
                [draw.Line(page.t("place_development.others"), others, False)]
                if any(share is not None for share in others)
                else []
            ),
        ],
        [(tick, page.n.number(tick, decimals)) for tick in ticks],
        page.label(page.t("place_development.chart", outcome=page.t.label("outcome", outcome))),
        page.t("place_development.axis"),
        page.mark,
    )


def sensitivities(page: PlaceView) -> list[dict[str, Any]]:
    """Return per outcome the ranks under other specifications, in words and as a strip."""
    tables = []
    n = len(page.main.rows)
    for found in page.place.ranges:
        rows = [one for one in page.place.specifications if one.outcome == found.outcome]
        is_same = found.lowest == found.highest
        named = [(specification_label(one.specification, page.t), one) for one in rows]
        dots = [
            draw.Dot(
                name,
                one.rank,
                SUPPRESSED if one.rank is None else str(one.rank),
                one.specification == "base",
            )
            for name, one in named
        ]
        outcome = page.t.label("outcome", found.outcome)
        values = {"n": found.n_specifications, "low": found.lowest, "total": n}
        if not is_same:
            values["high"] = found.highest
        tables.append(
            {
                "outcome": found.outcome,
                "lead": page.t(
                    "place_sensitivity.lead_same" if is_same else "place_sensitivity.lead",
                    **{key: page.n.count(value) for key, value in values.items()},
                ),
                "quintiles": page.t(
                    "place_sensitivity.quintiles",
                    lowest=_of(page, found.share_lowest_quintile, found.n_specifications),
                    highest=_of(page, found.share_highest_quintile, found.n_specifications),
                ),
                "chart": draw.strip_chart(
                    dots,
                    1,
                    n,
                    (found.lowest, found.highest),
                    page.label(page.t("place_sensitivity.chart", n=n, outcome=outcome)),
                    page.t("place_sensitivity.axis"),
                    page.mark,
                ),
                "rows": named,
            }
        )
    return tables


def _of(page: PlaceView, share: float, total: int) -> str:
    return page.n.count(round(share * total))


def locator(page: PlaceView) -> Markup | None:
    """Return the small map with the municipality and its neighbours, None where it has no tile."""
    places = layout()
    if page.place.code not in places:
        return None
    near = {one.code for one in page.place.neighbours}

    def kind(code: str) -> str:
        return "own" if code == page.place.code else "near" if code in near else ""

    names = ", ".join(one.name for one in page.place.neighbours)
    label = f"{page.place.name}. {page.t('place_near.neighbours')}: {names}"
    tiles = ((column, row, kind(code)) for code, (column, row, _) in places.items())
    return draw.locator(tiles, label)
