"""What initiatives did, in sentences and a table each; and in words where nothing can be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pipeline.codes import code_rows
from reports.charts.events import Happening, event_chart
from reports.content.followups.initiatives import Effect, Initiative
from reports.language.formatting import MISSING, Numbers
from reports.language.words import Words
from reports.told.blocks import (
    Body,
    Cell,
    Column,
    Figure,
    Heading,
    Section,
    Table,
    Text,
    column,
    line,
)
from reports.told.telling import Telling

_GRANTS = ("FP", "FJ")
_LEVEL, _SMALLEST = 0.05, 0.001


def initiatives(t: Words, n: Numbers, held: Sequence[Initiative], mark: str = "") -> Section:
    """Return what is said of the initiatives ``held``, one after another.

    Drawings carry ``mark``, that of synthetic data.
    """
    blocks: list[Any] = [Text(t("initiatives.lead"))]
    for one in held:
        blocks += [Heading(one.titles[t.language]), *_one(t, n, one, mark)]
    blocks.append(Text(t("initiatives.how"), "note"))
    blocks.append(Text(t("initiatives.caveat"), "notice"))
    return Section("initiatives", t("initiatives.title"), tuple(blocks))


def sections(p: Telling) -> tuple[Section, ...]:
    """Return the section of the release's initiatives; none where it has none."""
    held = p.content.followups.initiatives
    return (initiatives(p.t, p.n, held, p.mark),) if held else ()


def in_words(t: Words, n: Numbers, one: Initiative) -> list[str]:
    """Return the answers of an initiative in sentences."""
    said = []
    for effect in one.main():
        said.append(_verdict(t, n, one, effect))
        if effect.placebo_p is not None and effect.placebo_p <= _LEVEL:
            values = {"effect": _moved(t, n, effect, effect.placebo), "p": _p(n, effect.placebo_p)}
            said.append(t("initiatives.placebo", measure=_name(t, effect), **values))
    verdicts = {effect.measure: effect.verdict for effect in one.main()}
    odd = [
        t("initiatives.quoted", measure=_name(t, other))
        for other in one.others()
        if verdicts[other.measure] != other.verdict
    ]
    if odd:
        said.append(t("initiatives.differs", measures=n.listed(odd)))
    if len(verdicts) > 1:
        said.append(t("initiatives.several", n=n.count(len(verdicts))))
    return said


def _one(t: Words, n: Numbers, one: Initiative, mark: str) -> list[Any]:
    known = next((effect for effect in one.main() if effect.n_units), None)
    blocks: list[Any] = []
    if known is not None:
        names = {
            row["municipality_code"]: row["municipality_name"] for row in code_rows("municipality")
        }
        adopters = [
            t("initiatives.adopter", name=names.get(code, code), date=_date(t, start))
            for code, start in zip(one.adopters, one.starts, strict=True)
        ]
        who = t(
            "initiatives.who",
            adopters=n.listed(adopters),
            ages=one.ages.replace("-", "–"),
            others=n.count(known.n_units - len(one.adopters)),
            before=n.count(known.n_before),
            after=n.count(known.n_after),
            period=t(f"initiative_period.{one.period}"),
        )
        blocks.append(Text(who))
    blocks += [Text(sentence) for sentence in in_words(t, n, one)]
    blocks += _took_part(t, n, one)
    if known is not None:
        blocks.append(_table(t, n, one))
    drawn = [effect for effect in one.main() if effect.events]
    blocks += [_figure(t, n, one, effect, mark, is_first=effect is drawn[0]) for effect in drawn]
    return blocks


def _took_part(t: Words, n: Numbers, one: Initiative) -> list[Any]:
    """Return what became of those who took part, and what it does not say; nothing of nobody."""
    held = one.took_part()
    if not held:
        return []
    counted = held[0].n_participants
    lead = "took_part" if counted else "took_part_few"
    blocks: list[Any] = [Text(t(f"initiatives.{lead}", n=n.count(counted)))]
    for effect in held if counted else ():
        blocks.append(
            Text(
                t(
                    f"initiatives.took_part_{effect.verdict}",
                    measure=_name(t, effect),
                    compared=n.count(effect.n_compared),
                    observed=_amount(t, n, effect, effect.observed),
                    expected=_amount(t, n, effect, effect.expected),
                    effect=_moved(t, n, effect, effect.effect),
                    low=n.number(effect.low, 2),
                    high=n.number(effect.high, 2),
                    p=_p(n, effect.p_value),
                    detectable=_moved(t, n, effect, effect.detectable),
                    relevant=_moved(t, n, effect, effect.relevant),
                )
            )
        )
    return [*blocks, Text(t("initiatives.took_part_caveat"), "notice")]


def _figure(
    t: Words, n: Numbers, one: Initiative, effect: Effect, mark: str, *, is_first: bool
) -> Figure:
    name = _name(t, effect)
    title = t("initiatives.figure", measure=name, title=one.titles[t.language])
    label = f"{mark}. {title}" if mark else title
    period = t(f"initiative_period.{one.period}")
    drawing = event_chart(
        [Happening(event.since, event.effect, event.low, event.high) for event in effect.events],
        label,
        t(f"initiatives.axis_{'grants' if effect.measure in _GRANTS else 'points'}"),
        t("initiatives.since", period=period),
        lambda value: n.number(value, 0 if value == int(value) else 1),
        mark,
    )
    note = t("initiatives.figure_note") if is_first else ""
    key = f"initiative-{one.name}-{effect.measure}".replace("_", "-").lower()
    return Figure(drawing, label, key, title, note, "courses")


def _verdict(t: Words, n: Numbers, one: Initiative, effect: Effect) -> str:
    name = _name(t, effect)
    if effect.verdict == "not_covered":
        return t("initiatives.not_covered", measure=name)
    key, k = effect.verdict, len(one.adopters)
    if key == "cannot_tell":
        key = f"cannot_tell_{'one' if k == 1 else 'several'}"
    size = abs(effect.effect or 0.0) if key in ("fall", "rise") else effect.effect
    of_level = ""
    if effect.detectable is not None and effect.before:
        share = n.percent(effect.detectable / effect.before)
        of_level = t("initiatives.of_level", share=share)
    said = t(
        f"initiatives.{key}",
        measure=name,
        effect=_moved(t, n, effect, size),
        low=n.number(effect.low, 2),
        high=n.number(effect.high, 2),
        before=_level(t, n, effect),
        p=_share(t, n, effect.p_value),
        relevant=_moved(t, n, effect, effect.relevant),
        detectable=_moved(t, n, effect, effect.detectable),
        of_level=of_level,
        n=n.count(k),
    )
    is_beyond = (
        effect.largest_possible is not None
        and effect.detectable is not None
        and effect.largest_possible < effect.detectable
    )
    if effect.verdict == "cannot_tell" and is_beyond:
        largest = _moved(t, n, effect, effect.largest_possible)
        said = f"{said} {t('initiatives.impossible', largest=largest)}"
    return said


def _table(t: Words, n: Numbers, one: Initiative) -> Table:
    rows = tuple(
        line(
            _name(t, effect),
            t(f"initiative_method.{effect.method}"),
            _level(t, n, effect),
            n.signed(effect.effect, 2),
            Cell("", soft=n.interval(effect.low, effect.high)),
            _p(n, effect.p_value),
            n.number(effect.detectable, 2),
            t(f"initiative_verdict.{effect.verdict}"),
        )
        for effect in one.effects
    )
    columns = (
        column(t("initiatives.measure"), width=22.0),
        column(t("initiatives.method"), width=16.0),
        Column(t("initiatives.before")),
        Column(t("initiatives.effect")),
        Column(t("initiatives.limits")),
        Column(t("initiatives.p"), t("initiatives.p_note")),
        Column(t("initiatives.detectable")),
        column(t("initiatives.verdict"), width=14.0),
    )
    caption = t("initiatives.caption", title=one.titles[t.language])
    return Table(caption, columns, (Body(rows),), look="small")


def _name(t: Words, effect: Effect) -> str:
    return t(f"initiative_measure.{effect.measure}")


def _level(t: Words, n: Numbers, effect: Effect) -> str:
    return _amount(t, n, effect, effect.before)


def _amount(t: Words, n: Numbers, effect: Effect, value: float | None) -> str:
    if value is None:
        return MISSING
    unit = "grants" if effect.measure in _GRANTS else "weeks"
    return t(f"initiatives.{unit}", value=n.number(value, 2))


def _moved(t: Words, n: Numbers, effect: Effect, value: float | None) -> str:
    unit = "grants" if effect.measure in _GRANTS else "points"
    return t(f"initiatives.{unit}", value=n.number(value, 2))


def _share(t: Words, n: Numbers, value: float | None) -> str:
    """Return a p-value as a share of cases; too small a one as less than a number."""
    if value is not None and value < _SMALLEST:
        return t("initiatives.fewer", share=n.percent(_SMALLEST, 1))
    return n.percent(value, 1)


def _p(n: Numbers, value: float | None) -> str:
    return n.number(value, 3)


def _date(t: Words, iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day}.{day.month}.{day.year}" if t.language == "da" else day.isoformat()
