"""The whole country: the sum "as the lowest", diagnoses and tenure, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator

from reports.told import cells, what_if
from reports.told.blocks import Section
from reports.told.followups import cases, subgroups
from reports.told.telling import Telling
from reports.told.trust import choices, sureness


def sections(p: Telling, *, is_short: bool = False) -> tuple[Section, ...]:
    """Return the sections; ``is_short`` for paper."""
    return (
        what_if.what_if(p),
        cells.breakdown(p),
        subgroups.subgroups(p, is_short=is_short),
        *choices.choices(p),
        sureness.sureness(p),
        cases.cases(p),
    )


def in_words(p: Telling) -> Iterator[str]:
    """Yield how far municipalities lie apart, what it would be as the lowest, and who is unsure."""
    t, n, findings = p.t, p.n, p.content.findings
    if findings.true_odds_10 is not None and findings.true_odds_90 is not None:
        low, high = p.of_100(findings.true_odds_10), p.of_100(findings.true_odds_90)
        yield t("lead.spread", low=low, high=high)
    honest = findings.honest
    if honest is not None and honest.low is not None and honest.high is not None:
        yield t(
            "lead.what_if",
            k=n.count(p.content.lowest_k),
            share=n.percent(honest.share),
            fewer=n.count(honest.fewer),
            limits=n.interval(honest.low, honest.high, 0),
        )
    sure = p.content.main.sureness
    if sure.n_unreliable is not None:
        values = {"n": n.count(sure.n_unreliable), "total": n.count(sure.n_municipalities)}
        yield t("lead.unreliable" if sure.n_unreliable else "lead.all_reliable", **values)
