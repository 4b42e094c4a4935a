"""What the template of a municipality's page prints: sentences, tables and small charts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reports import draw
from reports.content import Cell, Content, MunicipalityResult, View
from reports.formatting import MISSING, SUPPRESSED, Numbers
from reports.heat import ABOUT, cell_of, heat_kind, sum_of
from reports.labels import condition_label, condition_value, specification_label
from reports.lookup import Lookup
from reports.municipality import Near, Place, Slice
from reports.tile_map import layout
from reports.words import Words

#: Fewer expected grants than this are said to be few.
_FEW = 20
_RELIABLE, _UNRELIABLE = 0.6, 0.4


def place_context(place: Place, lookup: Lookup, words: Words, numbers: Numbers) -> dict[str, Any]:
    """Return what ``place.html`` needs beside the context all pages share."""
    content = lookup.content
    page = _Page(place, lookup, words, numbers)
    return {
        "place": place,
        "short": page.short(),
        "results": page.results(),
        "heat": page.heat(),
        "ages": page.ages(),
        "splits": page.splits(),
        "histories": page.histories(),
        "window": page.window(),
        "near": page.near(),
        "conditions": page.conditions(),
        "sensitivities": page.sensitivities(),
        "cases": page.cases(),
        "hidden_cases": [
            words("place_cases.hidden", outcome=words.label("outcome", case.outcome))
            for case in place.cases
            if case.n_decisions is None
        ],
        "caveats": page.caveats(),
        "locator": page.locator(),
        "n_places": len(content.main.rows),
        "about": numbers.percent(ABOUT),
    }


@dataclass(frozen=True)
class _Page:
    place: Place
    lookup: Lookup
    t: Words
    n: Numbers

    @property
    def content(self) -> Content:
        return self.lookup.content

    @property
    def main(self) -> View:
        return self.content.main

    @property
    def outcomes(self) -> list[str]:
        return [view.outcome for view in self.content.views if view.model == self.main.model]

    @property
    def mark(self) -> str:
        return self.t("mark.short") if self.content.run.is_synthetic else ""

    @property
    def years_text(self) -> str:
        run = self.content.run
        return self.n.years(run.years) if run.years else run.window

    def row(self, outcome: str, model: str | None = None) -> MunicipalityResult | None:
        return self.lookup.rows.get((outcome, model or self.main.model, self.place.code))

    def label(self, text: str) -> str:
        return f"{self.mark}. {text}" if self.mark else text

    def short(self) -> list[str]:
        row = self.row(self.main.outcome)
        if row is None:
            return []
        key = "place_short.counts"
        if self.main.outcome in ("FP", "FJ"):
            key += f"_{self.main.outcome}"
        said = [self.t(key, years=self.years_text, observed=self.n.count(row.observed))]
        ratio = row.ratio
        way = "even" if abs(ratio - 1) < 0.01 else "more" if ratio > 1 else "fewer"
        values = {"expected": self.n.number(row.expected)}
        if way != "even":
            values["difference"] = self.n.number(abs(row.difference))
        said.append(self.t(f"place_short.{way}", **values))
        said.append(self._certainty(row))
        rank = self._rank_sentence(row)
        return [*said, rank] if rank else said

    def _certainty(self, row: MunicipalityResult) -> str:
        low, high = row.ratio_low, row.ratio_high
        if low is None or high is None:
            return self.t("place_short.unknown")
        key = "beyond" if low > 1 or high < 1 else "chance"
        return self.t(f"place_short.{key}", low=self.n.number(low, 2), high=self.n.number(high, 2))

    def _rank_sentence(self, row: MunicipalityResult) -> str | None:
        if row.rank is None or row.rank_low is None or row.rank_high is None:
            return None
        total = len(self.main.rows)
        if row.rank_low == 1 and row.rank_high == total:
            return self.t("place_short.rank_all", n=self.n.count(total))
        values = {"rank": row.rank, "low": row.rank_low, "high": row.rank_high, "n": total}
        return self.t("place_short.rank", **{k: self.n.count(v) for k, v in values.items()})

    def results(self) -> list[tuple[str, list[tuple[str, MunicipalityResult]]]]:
        tables = []
        for outcome in self.outcomes:
            models = [view.model for view in self.content.views if view.outcome == outcome]
            rows = [(model, row) for model in models if (row := self.row(outcome, model))]
            tables.append((outcome, rows))
        return tables

    def heat(self) -> list[dict[str, Any]]:
        tables = []
        width = len(self.content.tenures)
        for outcome in self.outcomes:
            found = self.lookup.cells.get((outcome, self.main.model, self.place.code))
            row = self.row(outcome)
            if found is None or row is None:
                continue
            cells = found.cells
            lines = [
                (self.t.diagnosis(group), [*line, sum_of(line)])
                for place, group in enumerate(self.content.diagnoses)
                if (line := list(cells[place * width : (place + 1) * width]))
            ]
            columns = [sum_of(list(cells[place::width])) for place in range(width)]
            whole = Cell(row.observed, row.expected, row.ratio_low, row.ratio_high, False)
            lines.append((self.t("breakdown.total"), [*columns, whole]))
            tables.append(
                {
                    "outcome": outcome,
                    "lines": [(name, [self.heat_cell(c) for c in line]) for name, line in lines],
                    "n_hidden": sum(cell.is_suppressed for cell in cells),
                    "n_cells": len(cells),
                }
            )
        return tables

    def heat_cell(self, cell: Cell) -> dict[str, Any]:
        observed = cell.observed
        kind = heat_kind(cell)
        return {
            "kind": kind,
            "observed": SUPPRESSED if observed is None else self.n.count(observed),
            "is_hidden": observed is None,
            "expected": self.n.number(cell.expected),
            "sign": {"fewer-sure": "▾", "more-sure": "▴"}.get(kind, ""),
            "said": {
                "fewer-sure": self.t("breakdown.fewer"),
                "more-sure": self.t("breakdown.more"),
            }.get(kind, ""),
        }

    def ages(self) -> list[dict[str, Any]]:
        return [
            {
                "outcome": outcome,
                "lines": [
                    (self.t.level("age_band", part.part), self.heat_cell(cell_of(part)), part)
                    for part in parts
                ],
            }
            for outcome in self.outcomes
            if (parts := self.lookup.ages.get((outcome, self.main.model, self.place.code)))
        ]

    def splits(self) -> list[dict[str, Any]]:
        tables = []
        for outcome in self.outcomes:
            parts = [part for part in self.place.components if part.outcome == outcome]
            row = self.row(outcome)
            total = next((part for part in parts if part.component == "total"), None)
            if row is None or total is None or not row.n_at_risk:
                continue
            own = row.observed / row.n_at_risk
            bars = [
                draw.Bar(
                    label=self.t.label("component", part.component),
                    value=1000 * part.share,
                    low=None if part.low is None else 1000 * part.low,
                    high=None if part.high is None else 1000 * part.high,
                    text=self.n.signed(1000 * part.share, 2),
                    is_total=part.component == "total",
                )
                for part in parts
            ]
            tables.append(
                {
                    "outcome": outcome,
                    "lead": self.t(
                        "place_split.lead",
                        own=self.n.number(1000 * own, 2),
                        country=self.n.number(1000 * (own - total.share), 2),
                        total=self.n.signed(1000 * total.share, 2),
                    ),
                    "chart": draw.bar_chart(
                        bars,
                        self.label(self.t("place_split.chart")),
                        self.t("place_split.axis"),
                        self.mark,
                    ),
                    "parts": parts,
                }
            )
        return tables

    def histories(self) -> list[dict[str, Any]]:
        tables = []
        for outcome in self.outcomes:
            years = [year for year in self.place.history if year.outcome == outcome]
            if not years:
                continue
            others = [self.lookup.country.get((outcome, year.year)) for year in years]
            is_drawn = any(year.share is not None for year in years)
            rows = list(zip(years, others, strict=True))
            chart = self._history_chart(outcome, rows) if is_drawn else None
            tables.append({"outcome": outcome, "rows": rows, "chart": chart})
        return tables

    def _history_chart(self, outcome: str, rows: list[Any]) -> Markup:
        own = tuple(None if year.share is None else 1000 * year.share for year, _ in rows)
        others = tuple(None if share is None else 1000 * share for _, share in rows)
        highest = max(value for value in (*own, *others) if value is not None)
        ticks = draw.ticks_up_to(highest)
        decimals = 0 if ticks[1] == round(ticks[1]) else 1 if 10 * ticks[1] % 1 == 0 else 2
        return draw.line_chart(
            [year.year for year, _ in rows],
            [
                draw.Line(self.t("place_development.own"), own, True),
                *(
                    [draw.Line(self.t("place_development.others"), others, False)]
                    if any(share is not None for share in others)
                    else []
                ),
            ],
            [(tick, self.n.number(tick, decimals)) for tick in ticks],
            self.label(self.t("place_development.chart", outcome=self.t.label("outcome", outcome))),
            self.t("place_development.axis"),
            self.mark,
        )

    def window(self) -> list[tuple[str, list[Slice]]]:
        return [
            (outcome, parts)
            for outcome in self.outcomes
            if (parts := self.lookup.years.get((outcome, self.main.model, self.place.code)))
        ]

    def near(self) -> list[tuple[str, list[MunicipalityResult]]]:
        def rows(listed: Iterable[Near]) -> list[MunicipalityResult]:
            outcome, model = self.main.outcome, self.main.model
            keys = [(outcome, model, one.code) for one in listed]
            return [self.lookup.rows[key] for key in keys if key in self.lookup.rows]

        own = self.row(self.main.outcome)
        groups = [("own", [own] if own else []), ("neighbours", rows(self.place.neighbours))]
        if self.place.similar:
            groups.append(("similar", rows(self.place.similar)))
        return groups

    def conditions(self) -> list[tuple[str, str, str, str]]:
        return [
            (
                condition_label(one.condition, self.t),
                condition_value(one.condition, one.value, self.t, self.n),
                condition_value(one.condition, one.country, self.t, self.n),
                self.t(f"place_near.{position(one.standardised)}"),
            )
            for one in self.place.conditions
        ]

    def sensitivities(self) -> list[dict[str, Any]]:
        tables = []
        n = len(self.main.rows)
        for found in self.place.ranges:
            rows = [one for one in self.place.specifications if one.outcome == found.outcome]
            is_same = found.lowest == found.highest
            named = [(specification_label(one.specification, self.t), one) for one in rows]
            dots = [
                draw.Dot(
                    name,
                    one.rank,
                    SUPPRESSED if one.rank is None else str(one.rank),
                    one.specification == "base",
                )
                for name, one in named
            ]
            outcome = self.t.label("outcome", found.outcome)
            values = {"n": found.n_specifications, "low": found.lowest, "total": n}
            if not is_same:
                values["high"] = found.highest
            tables.append(
                {
                    "outcome": found.outcome,
                    "lead": self.t(
                        "place_sensitivity.lead_same" if is_same else "place_sensitivity.lead",
                        **{key: self.n.count(value) for key, value in values.items()},
                    ),
                    "quintiles": self.t(
                        "place_sensitivity.quintiles",
                        lowest=self._of(found.share_lowest_quintile, found.n_specifications),
                        highest=self._of(found.share_highest_quintile, found.n_specifications),
                    ),
                    "chart": draw.strip_chart(
                        dots,
                        1,
                        n,
                        (found.lowest, found.highest),
                        self.label(self.t("place_sensitivity.chart", n=n, outcome=outcome)),
                        self.t("place_sensitivity.axis"),
                        self.mark,
                    ),
                    "rows": named,
                }
            )
        return tables

    def _of(self, share: float, total: int) -> str:
        return self.n.count(round(share * total))

    def cases(self) -> list[tuple[str, list[dict[str, str]]]]:
        middles = {middle.outcome: middle for middle in self.content.middle_cases}
        tables = []
        for case in self.place.cases:
            if case.n_decisions is None:
                continue
            middle = middles[case.outcome]
            low, high = case.grants_per_refusal_low, case.grants_per_refusal_high
            lines = [
                ("decisions", self.n.count(case.n_decisions), "", ""),
                (
                    "days",
                    self.n.count(case.median_days),
                    self.n.interval(case.median_low, case.median_high, 0),
                    self.n.count(middle.median_days),
                ),
                (
                    "grants_per_refusal",
                    self.n.number(case.grants_per_refusal),
                    self.n.interval(low, high, 1),
                    self.n.number(middle.grants_per_refusal),
                ),
                (
                    "mental_share",
                    self.n.percent(case.mental_share),
                    self._percents(case.mental_share_low, case.mental_share_high),
                    self.n.percent(middle.mental_share),
                ),
            ]
            names = ("measure", "value", "interval", "middle")
            tables.append((case.outcome, [dict(zip(names, line, strict=True)) for line in lines]))
        return tables

    def _percents(self, low: float | None, high: float | None) -> str:
        if low is None or high is None:
            return MISSING
        return f"{self.n.count(100 * low)}–{self.n.percent(high)}"

    def caveats(self) -> list[str]:
        row = self.row(self.main.outcome)
        said = []
        for year in self.place.reported:
            if not year.is_reported:
                values = {"register": year.n_register, "dream": year.n_dream}
                numbers = {key: self.n.count(value) for key, value in values.items()}
                months = self.n.months(year.first_unreported_month, year.last_unreported_month)
                said.append(
                    self.t(
                        "place_caveats.year_missing",
                        year=str(year.year),
                        months=months,
                        **numbers,
                    )
                )
        if row is None:
            return said
        if row.coverage < 1 and not said:
            said.append(self.t("place_caveats.coverage", share=self.n.percent(row.coverage)))
        if row.odds is None and row.observed == 0:
            said.append(self.t("place_caveats.no_grants"))
        if 0 < row.expected < _FEW:
            expected, step = self.n.number(row.expected), self.n.number(1 / row.expected, 2)
            said.append(self.t("place_caveats.small", expected=expected, step=step))
        if row.reliability is not None:
            key = "middle"
            if row.reliability >= _RELIABLE:
                key = "high"
            elif row.reliability < _UNRELIABLE:
                key = "low"
            value = self.n.number(row.reliability, 2)
            said.append(self.t(f"place_caveats.reliability_{key}", value=value))
        table = self.lookup.cells.get((self.main.outcome, self.main.model, self.place.code))
        hidden = sum(cell.is_suppressed for cell in table.cells) if table else 0
        if table and hidden:
            values = {"hidden": hidden, "cells": len(table.cells)}
            counts = {key: self.n.count(value) for key, value in values.items()}
            said.append(self.t("place_caveats.hidden", **counts))
        return said or [self.t("place_caveats.in_order")]

    def locator(self) -> Markup | None:
        places = layout()
        if self.place.code not in places:
            return None
        near = {one.code for one in self.place.neighbours}

        def kind(code: str) -> str:
            return "own" if code == self.place.code else "near" if code in near else ""

        names = ", ".join(one.name for one in self.place.neighbours)
        label = f"{self.place.name}. {self.t('place_near.neighbours')}: {names}"
        tiles = ((column, row, kind(code)) for code, (column, row, _) in places.items())
        return draw.locator(tiles, label)


def position(standardised: float) -> str:
    """Return in a word where a condition lies among municipalities, by standard deviations."""
    if abs(standardised) < 0.5:
        return "near"
    side = "above" if standardised > 0 else "below"
    return f"far_{side}" if abs(standardised) > 1.5 else side
