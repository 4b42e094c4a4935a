"""The sentences of a municipality's page: the result in short, and what to mind."""

from __future__ import annotations

import math

from reports.content.content import MunicipalityResult
from reports.municipality.since import since
from reports.municipality.verdict import apart, verdict_sentence
from reports.municipality.view import Own
from reports.told.blocks import Bullets, Section, Text
from reports.told.telling import noise_reach

#: Fewer expected grants than this are said to be few.
_FEW = 20
_RELIABLE, _UNRELIABLE = 0.6, 0.4
#: Below this share of expected grants that fall by risk as the country's do, people are unlike its.
_ALIKE = 0.8


def short(p: Own) -> Section:
    """Return the result of the main outcome and model in sentences."""
    said = sentences(p)
    blocks = [Text(text, "" if at else "first") for at, text in enumerate(said)]
    return Section(
        "short",
        p.t("place_short.title"),
        (*blocks, *since(p), *p.noise_note(), Text(p.t("place_short.neutral"), "notice")),
    )


def sentences(p: Own) -> list[str]:
    """Return the result in sentences, the verdict first; none without a result.

    What other outcomes say follows the verdict, which may be "as expected" of two that differ.
    """
    row = p.row(p.main_outcome)
    if row is None:
        return []
    key = "place_short.counts"
    if p.main_outcome in ("FP", "FJ"):
        key += f"_{p.main_outcome}"
    counts = p.t(key, years=p.years, observed=p.count(row.observed, row.noise_sd))
    judged = verdict_sentence(p, row)
    said = [f"{counts} {_expected(p, row)}", _certainty(p, row), *_rank(p, row)]
    return [judged, *apart(p), *said] if judged else [*said, *apart(p)]


def _expected(p: Own, row: MunicipalityResult) -> str:
    expected = p.n.number(row.expected)
    ratio = row.ratio
    if is_none_or_few(row):
        return _fewer_than_few(p, row, expected)
    if abs(ratio - 1) < 0.01:
        return p.t("place_short.even", expected=expected)
    difference = p.n.count(abs(row.difference))
    if difference == p.n.count(0):
        return p.t("place_short.even", expected=expected)
    way = "more" if ratio > 1 else "fewer"
    if way == "more" and difference == p.n.count(1):
        return p.t("place_short.more_one", expected=expected)
    return p.t(f"place_short.{way}", expected=expected, difference=difference)


def is_none_or_few(row: MunicipalityResult) -> bool:
    """Return whether a count is shown as 0 that may be of a few."""
    return row.observed == 0 and noise_reach(row.noise_sd) > 0


def _fewer_than_few(p: Own, row: MunicipalityResult, expected: str) -> str:
    """Return how many fewer than expected none or a few are, or that nobody can say."""
    least = p.n.count(row.expected - noise_reach(row.noise_sd))
    if row.expected <= noise_reach(row.noise_sd) or least == p.n.count(0):
        return p.t("place_short.few_unsure", expected=expected)
    most = p.n.count(row.expected)
    return p.t("place_short.few", expected=expected, least=least, most=most)


def _certainty(p: Own, row: MunicipalityResult) -> str:
    low, high = row.ratio_low, row.ratio_high
    if low is None or high is None:
        return p.t("place_short.unknown")
    if p.is_void(low, high):
        return p.t("place_short.void")
    key = "beyond" if low > 1 or high < 1 else "chance"
    return p.t(f"place_short.{key}", low=p.n.number(low, 2), high=p.n.number(high, 2))


def _rank(p: Own, row: MunicipalityResult) -> list[str]:
    """Return the rank with what its interval and the reliability say together."""
    if row.rank is None or row.rank_low is None or row.rank_high is None:
        return []
    total = len(p.content.main.rows)
    if p.may_be_anywhere(row):
        return [p.t("place_short.rank_all", n=p.n.count(total))]
    likely, half = row.rank_posterior, row.rank_posterior_half
    if likely is None or half is None:
        values = {"rank": row.rank, "low": row.rank_low, "high": row.rank_high, "n": total}
        return [p.t("place_short.rank", **{key: p.n.count(value) for key, value in values.items()})]
    values = {"rank": row.rank, "low": likely[0], "high": likely[1], "n": total}
    values |= {"half_low": half[0], "half_high": half[1]}
    said = [
        p.t("place_short.rank_likely", **{key: p.n.count(value) for key, value in values.items()})
    ]
    grades = max((other.grade or 0 for other in p.content.main.rows), default=0)
    if row.grade is not None and grades > 1:
        said.append(p.t("place_short.grade", grade=p.n.count(row.grade), grades=p.n.count(grades)))
    return said


def caveats(p: Own) -> Section:
    """Return what a reader should mind about this municipality."""
    return Section(
        "caveats",
        p.t("place_caveats.title"),
        (Bullets(tuple(caveats_of(p))), Text(p.t("place_caveats.general"))),
    )


def caveats_of(p: Own) -> list[str]:
    """Return what to mind in sentences, or one sentence that nothing is out of order."""
    row = p.row(p.main_outcome)
    said = []
    for year in p.place.reported:
        if not year.is_reported:
            counts = {"register": year.n_register, "dream": year.n_dream}
            said.append(
                p.t(
                    "place_caveats.year_kept_out"
                    if year.is_in_quarantine
                    else "place_caveats.year_missing",
                    year=str(year.year),
                    months=p.n.months(year.first_unreported_month, year.last_unreported_month),
                    **{key: p.n.count(value) for key, value in counts.items()},
                )
            )
    if row is None:
        return said
    if row.coverage < 1 and not said:
        said.append(p.t("place_caveats.coverage", share=p.n.percent(row.coverage)))
    if row.odds is None and row.observed == 0:
        said.append(p.t(p.protected("place_caveats.no_grants")))
    if 0 < row.expected < _FEW:
        expected, step = p.n.number(row.expected), p.n.number(1 / row.expected, 2)
        said.append(p.t("place_caveats.small", expected=expected, step=step))
    if row.reliability is not None:
        said.append(_reliability(p, row, row.reliability))
    said += [*_unobserved(p, row), *_overlap(p)]
    table = p.lookup.cells.get(p.key(p.main_outcome))
    hidden = sum(cell.is_suppressed for cell in table.cells) if table else 0
    if table and hidden:
        counts = {"hidden": hidden, "cells": len(table.cells)}
        said.append(
            p.t(
                p.protected("place_caveats.hidden"),
                **{key: p.n.count(v) for key, v in counts.items()},
            )
        )
    return said or [p.t("place_caveats.in_order")]


def _unobserved(p: Own, row: MunicipalityResult) -> list[str]:
    """Return how much that no register sees would undo the departure, where there is one."""
    bound = p.lookup.unobserved.get((p.main_outcome, p.place.code))
    if bound is None or bound.undone_by is None or row.odds is None:
        return []
    # Odds of residents with the same registers: higher would hide a low municipality's practice.
    more = math.exp(bound.undone_by) - 1
    less = 1 - math.exp(-bound.undone_by)
    key, share = ("fewer", less) if row.odds < 1 else ("more", more)
    said = p.t(f"place_caveats.unseen_{key}", share=p.n.percent(share))
    if bound.health_shift_typical is not None:
        moved = math.exp(bound.health_shift_typical) - 1
        said += " " + p.t("place_caveats.unseen_beside", share=p.n.percent(moved, 1))
    return [said]


def _overlap(p: Own) -> list[str]:
    """Return that the citizens are unlike the country's, where they are."""
    share = p.lookup.overlap.get((p.main_outcome, p.place.code))
    if share is None or share.overlap_share >= _ALIKE:
        return []
    return [p.t("place_caveats.unlike", share=p.n.percent(share.overlap_share))]


def _reliability(p: Own, row: MunicipalityResult, value: float) -> str:
    key = "middle"
    if value >= _RELIABLE:
        key = "high"
    elif value < _UNRELIABLE:
        key = "low"
    said = p.t(f"place_caveats.reliability_{key}", value=p.n.number(value, 2))
    if row.rank_low is None or row.rank_high is None:
        return said
    # A reliable effect and a wide rank interval look like a contradiction: many lie close.
    width = row.rank_high - row.rank_low + 1
    if key == "high" and width > len(p.content.main.rows) / 3:
        said += " " + p.t("place_caveats.reliability_and_rank", width=p.n.count(width))
    return said
