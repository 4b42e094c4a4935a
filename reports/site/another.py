"""Another practice on the explore page: the answers its script shows, as they are written."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from reports.content.courses import COUNTRY
from reports.content.followups.cost import PracticeCost
from reports.content.followups.figures import OtherPractice
from reports.courses.cost import millions
from reports.language.formatting import MISSING
from reports.municipality.another import is_told, joined
from reports.told.telling import Telling

#: Whose practice, in the order of the choices.
_STANDARDS = (
    *("country", "lowest_fifth", "quantile_25", "quantile_75", "highest_fifth"),
    *("conditions", "without_queue"),
)


def another(p: Telling) -> dict[str, Any] | None:
    """Return choices and answers of another practice; None where the release has none.

    ``areas`` and ``standards`` are values and labels; ``answers`` by area and standard have a row
    per outcome: its name, grants a year at the own practice and at the other one, the difference
    and, after years of it, persons and kroner net, each a pair of value and limits. All are
    written as on every page.
    """
    held = p.content.followups.other_practices
    if not held:
        return None
    costs = {
        (row.area_code, row.outcome, row.standard): row
        for row in p.content.followups.costs.practices
    }
    answers: dict[str, dict[str, list[list[Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in held:
        if is_told(row):
            cost = costs.get((row.area_code, row.outcome, row.standard))
            answers[row.area_code][row.standard].append(_line(p, row, cost))
    there = {row.standard for row in held}
    listed = sorted(p.content.main.rows, key=lambda row: row.alphabetical)
    places = [(COUNTRY, p.t("another.everywhere")), *((row.code, row.name) for row in listed)]
    years = max((row.years_of_practice for row in costs.values()), default=None)
    return {
        "areas": [place for place in places if place[0] in answers],
        "standards": [(name, p.t(f"another.{name}")) for name in _STANDARDS if name in there],
        "answers": answers,
        "worth": None if years is None else p.t("another.after", years=p.n.count(years)),
    }


def _line(p: Telling, row: OtherPractice, cost: PracticeCost | None) -> list[Any]:
    low, high = row.grants_change_low, row.grants_change_high
    change = _limited(
        p, p.n.signed(row.grants_if - row.grants_now), p.n.signed(low), p.n.signed(high)
    )
    said = [p.outcome(row.outcome), p.n.number(row.grants_now), p.n.number(row.grants_if), change]
    if cost is None:
        return [*said, MISSING, MISSING]
    persons = (cost.persons_change, cost.persons_change_low, cost.persons_change_high)
    kroner = (cost.net_kroner_change, cost.net_kroner_change_low, cost.net_kroner_change_high)
    return [
        *said,
        _limited(p, *(p.n.signed(value, 0) for value in persons)),
        _limited(p, *(millions(p, value, is_signed=True) for value in kroner)),
    ]


def _limited(p: Telling, value: str, low: str, high: str) -> tuple[str, str]:
    return value, f"({joined(p, low, high)})"
