"""The sentences of a municipality's page: the result in short, and what to mind."""

from __future__ import annotations

from reports.content.content import MunicipalityResult
from reports.told.place_view import PlaceView

#: Fewer expected grants than this are said to be few.
_FEW = 20
_RELIABLE, _UNRELIABLE = 0.6, 0.4


def short(page: PlaceView) -> list[str]:
    """Return the result of the main outcome and model in sentences, none without a result."""
    row = page.row(page.main.outcome)
    if row is None:
        return []
    key = "place_short.counts"
    if page.main.outcome in ("FP", "FJ"):
        key += f"_{page.main.outcome}"
    said = [page.t(key, years=page.years_text, observed=page.n.count(row.observed))]
    ratio = row.ratio
    way = "even" if abs(ratio - 1) < 0.01 else "more" if ratio > 1 else "fewer"
    values = {"expected": page.n.number(row.expected)}
    if way != "even":
        values["difference"] = page.n.number(abs(row.difference))
    said.append(page.t(f"place_short.{way}", **values))
    said.append(_certainty(page, row))
    rank = _rank_sentence(page, row)
    return [*said, rank] if rank else said


def _certainty(page: PlaceView, row: MunicipalityResult) -> str:
    low, high = row.ratio_low, row.ratio_high
    if low is None or high is None:
        return page.t("place_short.unknown")
    key = "beyond" if low > 1 or high < 1 else "chance"
    return page.t(f"place_short.{key}", low=page.n.number(low, 2), high=page.n.number(high, 2))


def _rank_sentence(page: PlaceView, row: MunicipalityResult) -> str | None:
    if row.rank is None or row.rank_low is None or row.rank_high is None:
        return None
    total = len(page.main.rows)
    if row.rank_low == 1 and row.rank_high == total:
        return page.t("place_short.rank_all", n=page.n.count(total))
    values = {"rank": row.rank, "low": row.rank_low, "high": row.rank_high, "n": total}
    return page.t("place_short.rank", **{k: page.n.count(v) for k, v in values.items()})


def caveats(page: PlaceView) -> list[str]:
    """Return what a reader should mind, or one sentence that nothing is out of order."""
    row = page.row(page.main.outcome)
    said = []
    for year in page.place.reported:
        if not year.is_reported:
            values = {"register": year.n_register, "dream": year.n_dream}
            numbers = {key: page.n.count(value) for key, value in values.items()}
            months = page.n.months(year.first_unreported_month, year.last_unreported_month)
            said.append(
                page.t(
                    "place_caveats.year_missing",
                    year=str(year.year),
                    months=months,
                    **numbers,
                )
            )
    if row is None:
        return said
    if row.coverage < 1 and not said:
        said.append(page.t("place_caveats.coverage", share=page.n.percent(row.coverage)))
    if row.odds is None and row.observed == 0:
        said.append(page.t("place_caveats.no_grants"))
    if 0 < row.expected < _FEW:
        expected, step = page.n.number(row.expected), page.n.number(1 / row.expected, 2)
        said.append(page.t("place_caveats.small", expected=expected, step=step))
    if row.reliability is not None:
        key = "middle"
        if row.reliability >= _RELIABLE:
            key = "high"
        elif row.reliability < _UNRELIABLE:
            key = "low"
        value = page.n.number(row.reliability, 2)
        said.append(page.t(f"place_caveats.reliability_{key}", value=value))
    table = page.lookup.cells.get((page.main.outcome, page.main.model, page.place.code))
    hidden = sum(cell.is_suppressed for cell in table.cells) if table else 0
    if table and hidden:
        values = {"hidden": hidden, "cells": len(table.cells)}
        counts = {key: page.n.count(value) for key, value in values.items()}
        said.append(page.t("place_caveats.hidden", **counts))
    return said or [page.t("place_caveats.in_order")]
