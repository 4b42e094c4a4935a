"""Why a municipality lies where it lies, in words: persons first, questions last."""

from __future__ import annotations

from typing import Any

from reports.content.content import MunicipalityResult
from reports.content.municipality import Cases, Component, Level, MiddleCases
from reports.content.slices import DIMENSIONS
from reports.language.transitions import inside
from reports.municipality.sensitivity import sensitivity_sentence
from reports.municipality.short import is_none_or_few
from reports.municipality.verdict import opposites, sides, verdict
from reports.municipality.view import Own
from reports.told.blocks import Bullets, Heading, Section, Text
from reports.told.followups.queue import sentence
from reports.told.telling import noise_reach


def why(p: Own) -> Section:
    """Return who lives there, levels beyond chance, cases, queue, robustness, and questions."""
    said = [*outcomes(p), *parts(p), *levels(p), *processing(p), *waiting(p), *robustness(p)]
    lead = p.t("why.lead", outcome=inside(p.outcome(p.main_outcome)))
    blocks: list[Any] = [Text(lead, "note"), Bullets(tuple(said))]
    blocks += [Heading(p.t("why.questions_title")), Bullets(questions(p))]
    return Section("why", p.t("why.title"), tuple(blocks))


def outcomes(p: Own) -> list[str]:
    """Return which outcomes but the main one lie below or above, each beyond chance."""
    said = []
    for side, key in (("fewer", "below"), ("more", "above")):
        names = [inside(p.outcome(one)) for one, of in sides(p).items() if of == side]
        if names:
            said.append(p.t(f"why.outcome_{key}", names=p.n.listed(names)))
    return said


def parts(p: Own) -> list[str]:
    """Return the difference from the country in persons: who lives there, conditions, the rest."""
    listed = {part.component: part for part in p.place.components if part.outcome == p.main_outcome}
    row = p.row(p.main_outcome)
    if "total" not in listed or row is None:
        return []
    # What the rest, and with it all, comes to is known as far as the count is.
    reach = noise_reach(row.noise_sd) if is_none_or_few(row) else 0.0
    said = [
        p.t(f"why.{name}", change=_with_limits(p, listed[name], reach * (name == "practice")))
        for name in ("composition", "framework_conditions", "practice")
        if name in listed
    ]
    if (rest := listed.get("practice")) is not None:
        said[-1] += " " + p.t(f"why.rest_{_side(rest, row)}")
    total = _persons(p, listed["total"].grants, "_than", reach)
    difference = _persons(p, row.difference, "_than", reach)
    key = "apart" if (listed["total"].grants > 0) != (row.difference > 0) else "same_way"
    reconciled = p.t(f"why.reconcile_{key}", total=total, difference=difference)
    return [*said, f"{reconciled} {p.t('place_split.averaged')}"]


def _with_limits(p: Own, part: Component, reach: float) -> str:
    """Return a part in persons with its limits, which the release holds as shares."""
    change = _persons(p, part.grants, reach=reach)
    if part.low is None or part.high is None or not part.share:
        return change
    low, high = (end * part.grants / part.share for end in (part.low, part.high))
    return p.t("why.limits", change=change, low=p.n.signed(low, 0), high=p.n.signed(high, 0))


def _persons(p: Own, change: float, clause: str = "", reach: float = 0.0) -> str:
    """Return a change in words: about 12 more grants; with ``_than``, leading to a comparison.

    Of a count shown as none, which may be of up to ``reach``, between what and what it is.
    """
    n, none = p.n.count(abs(change)), p.n.count(0)
    if reach and change <= 0:
        most = p.n.count(max(change + reach, 0.0))
        if most == none:
            return p.t(f"why.up_to{clause}", n=n)
        if n == none:
            return p.t(f"why.up_to_more{clause}", n=most)
        return p.t(f"why.between{clause}", n=n, most=most)
    if n == none:
        return p.t(f"why.same{clause}")
    key = f"why.{'more' if change > 0 else 'fewer'}{clause}"
    return p.t(f"{key}_one") if n == p.n.count(1) else p.t(key, n=n)


def _side(part: Component, row: MunicipalityResult) -> str:
    """Return where the rest lies against zero.

    Where no grants are shown the parts have no limits; the interval of the count says it.
    """
    if row.odds is None:
        return "below" if row.ratio_high is not None and row.ratio_high < 1 else "inside"
    if part.low is not None and part.low > 0:
        return "above"
    return "below" if part.high is not None and part.high < 0 else "inside"


def levels(p: Own) -> list[str]:
    """Return which diagnoses, tenures and ages lie below or above, each beyond chance.

    A part of a main level that is named is not.
    """
    said = []
    for dimension in DIMENSIONS:
        rows = p.judged(dimension)
        names: dict[str, list[str]] = {"below": [], "above": []}
        of_main = ""
        for one, look in rows:
            side = side_of(one)
            of_main = side if look == "main" else of_main
            if side and not (look == "part" and side == of_main):
                names[side].append(level_name(p, one))
        for side, of_side in names.items():
            if of_side:
                said.append(p.t(f"why.{dimension}_{side}", names=p.n.listed(of_side)))
        if rows and not any(names.values()):
            said.append(p.t(f"why.{dimension}_none"))
    return said


def side_of(one: Level) -> str:
    """Return ``below`` or ``above`` where the interval of practice at a level is beyond 1.

    That of actual over expected in a release that has no practice by level; else empty.
    """
    low, high = (one.ratio_low, one.ratio_high)
    if one.odds is not None:
        low, high = one.odds_low, one.odds_high
    if high is not None and high < 1:
        return "below"
    return "above" if low is not None and low > 1 else ""


def level_name(p: Own, one: Level) -> str:
    """Return the name of a level of a dimension."""
    return p.t.level(one.dimension, one.level)


def processing(p: Own) -> list[str]:
    """Return days and grants per refusal beside those of a typical municipality."""
    middles = {middle.outcome: middle for middle in p.content.middle_cases}
    for case in p.place.cases:
        if case.n_decisions is not None:
            return _processing(p, case, middles[case.outcome])
    return []


def _processing(p: Own, case: Cases, middle: MiddleCases) -> list[str]:
    measures = (
        ("days", case.median_days, case.median_low, case.median_high, middle.median_days, 0),
        (
            "refusals",
            case.grants_per_refusal,
            case.grants_per_refusal_low,
            case.grants_per_refusal_high,
            middle.grants_per_refusal,
            1,
        ),
    )
    said = []
    for name, value, low, high, typical, decimals in measures:
        if value is None or low is None or high is None or typical is None:
            continue
        side = "above" if low > typical else "below" if high < typical else "inside"
        numbers = {"value": value, "typical": typical}
        texts = {key: p.n.number(number, decimals) for key, number in numbers.items()}
        outcome = p.outcome(case.outcome)
        limits = p.n.interval(low, high, decimals)
        said.append(p.t(f"why.{name}_{side}", outcome=outcome, limits=limits, **texts))
    return said


def waiting(p: Own) -> list[str]:
    """Return what a queue made of the grants, where it is beyond chance."""
    return [
        sentence(p, row)
        for row in p.content.followups.queues
        if (row.code, row.outcome) == (p.place.code, p.main_outcome) and row.is_temporary
    ]


def robustness(p: Own) -> list[str]:
    """Return whether the rank holds under other choices."""
    return [
        sensitivity_sentence(p, span) for span in p.place.ranges if span.outcome == p.main_outcome
    ]


def questions(p: Own) -> tuple[str, ...]:
    """Return three neutral questions to the job centre, by the directions of all outcomes."""
    row = p.row(p.main_outcome)
    step = verdict(row) if row is not None else None
    of_verdict = {(step or "").partition("_")[2]} & {"fewer", "more"}
    directions = of_verdict | set(sides(p).values())
    if opposites(p) or len(directions) > 1:
        return p.t.all("why.questions_apart")
    return p.t.all(f"why.questions_{next(iter(directions), 'same')}")
