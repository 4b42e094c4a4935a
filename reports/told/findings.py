"""The three findings in words: what is said follows from the intervals."""

from __future__ import annotations

from reports.content.content import Counterfactual, LevelSpread
from reports.content.findings import four_in_five
from reports.told.blocks import Finding, Section, Text
from reports.told.followups import goes_with
from reports.told.telling import Telling

#: Share of grants from which "as the lowest" means hardly any grant at all: tiny extracts.
_NEARLY_ALL = 0.95


def findings(p: Telling) -> Section:
    """Return the three findings as a section."""
    return Section(
        "findings",
        p.t("findings.title"),
        (
            *findings_in_words(p),
            *_goes_with(p),
            *p.noise_note(),
            Text(p.t("findings.neutral"), "notice"),
        ),
    )


def findings_of_front(p: Telling) -> Section:
    """Return the findings for the front page, which says on top that more is not worse."""
    return Section(
        "findings",
        p.t("findings.title"),
        (*findings_in_words(p), *_goes_with(p), *p.noise_note()),
    )


def _goes_with(p: Telling) -> tuple[Finding, ...]:
    """Return what goes with practice as a finding; none where the release has no figures of it."""
    said = goes_with.sentences(p)
    return (Finding(p.t("goes_with.title"), None, "", tuple(said)),) if said else ()


def findings_in_words(p: Telling) -> tuple[Finding, ...]:
    """Return the three findings; a number the release lacks drops its sentence, never prints."""
    return _grants(p), _spread(p), _what_if(p)


def _grants(p: Telling) -> Finding:
    t, n, findings = p.t, p.n, p.content.findings
    sentences = []
    of_outcome = {
        view.outcome: p.count(view.observed, view.noise_sd)
        for view in p.content.views
        if view.model == p.content.main.model
    }
    if "ANY" in of_outcome or not t.are_grants:
        observed = of_outcome[p.main_outcome]
        rate = n.number(findings.rate_per_1000, 1)
        sentences.append(t("findings.grants", years=p.years, observed=observed, rate=rate))
    if {"FP", "FJ"} <= of_outcome.keys():
        fp, fj = of_outcome["FP"], of_outcome["FJ"]
        sentences.append(t("findings.grants_parts", fp=fp, fj=fj))
    for outcome, also in of_outcome.items() if not t.are_grants else ():
        if outcome != p.main_outcome:
            sentences.append(t("findings.also", outcome=p.outcome(outcome), observed=also))
    headline, unit = n.count(p.content.main.observed), t("findings.grants_unit")
    return Finding(t("findings.grants_title"), headline, unit, tuple(sentences))


def _spread(p: Telling) -> Finding:
    t, n, findings = p.t, p.n, p.content.findings
    sentences, headline = [], None
    if findings.odds_10 is not None and findings.odds_90 is not None:
        low, high = p.of_100(findings.odds_10), p.of_100(findings.odds_90)
        sentences.append(t("findings.spread", low=low, high=high, k=n.count(findings.n_tenth)))
    if findings.noise_share is not None and findings.true_odds_10 is not None:
        low, high = p.of_100(findings.true_odds_10), p.of_100(findings.true_odds_90)
        headline = f"{low}–{high}"
        noise = n.percent(findings.noise_share)
        sentences.append(t("findings.spread_noise", noise=noise, low=low, high=high))
    if findings.conditions_odds_10 is not None and findings.conditions_odds_90 is not None:
        low, high = p.of_100(findings.conditions_odds_10), p.of_100(findings.conditions_odds_90)
        sentences.append(t("findings.spread_conditions", low=low, high=high))
    if findings.mental is not None:
        sentences.append(_mental(p, findings.mental))
    if not sentences:
        sentences.append(t("findings.spread_missing"))
    unit = t("findings.spread_unit")
    return Finding(t("findings.spread_title"), headline, unit, tuple(sentences))


def _mental(p: Telling, spread: LevelSpread) -> str:
    """Return whether municipalities differ more for mental disorders than for others."""
    tail = (1 - p.content.choices.level) / 2
    which = "more" if spread.p_more < tail else "less" if spread.p_more > 1 - tail else "alike"
    return p.t(
        f"findings.spread_mental_{which}",
        own=span(p, spread.sd),
        narrow=span(p, spread.sd_low),
        wide=span(p, spread.sd_high),
        others=span(p, spread.sd_others),
    )


def span(p: Telling, sd: float) -> str:
    """Return where four in five municipalities lie, in grants where the country would give 100."""
    return "–".join(p.of_100(odds) for odds in four_in_five(sd))


def _what_if(p: Telling) -> Finding:
    t, n, findings = p.t, p.n, p.content.findings
    k = n.count(p.content.lowest_k)
    title = t("findings.what_if_title", k=k)
    if findings.naive is None:
        return Finding(title, None, "", (t("findings.what_if_missing"),))
    naive, honest = findings.naive, findings.honest
    is_nearly_all = naive.share >= _NEARLY_ALL
    first = t(
        "findings.what_if_naive_none" if is_nearly_all else "findings.what_if_naive",
        k=k,
        fewer=n.count(naive.fewer),
        share=n.percent(naive.share),
    )
    if honest is None:
        return Finding(title, None, "", (first, t("findings.what_if_naive_only", k=k)))
    values = {"k": k, "fewer": n.count(honest.fewer), "share": n.percent(honest.share)}
    if honest.low is None or honest.high is None:
        second = t("findings.what_if_honest_plain", **values)
    else:
        values |= {"low": n.count(honest.low), "high": n.count(honest.high)}
        second = t(f"findings.what_if_honest_{against(naive.fewer, honest)}", **values)
    uncorrected = n.percent(naive.share)
    unit = t(f"findings.what_if_unit_{against(naive.fewer, honest)}", k=k, naive=uncorrected)
    return Finding(title, values["share"], unit, (first, second))


def against(value: float, corrected: Counterfactual) -> str:
    """Return where ``value`` lies against the corrected interval: above, below or inside.

    Without an interval it is inside: nothing is said about it.
    """
    if corrected.high is not None and value > corrected.high:
        return "above"
    return "below" if corrected.low is not None and value < corrected.low else "inside"
