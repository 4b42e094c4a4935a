"""The findings as sentences: words from the text file, every number from ``Findings``."""

from __future__ import annotations

from dataclasses import dataclass

from reports.content import Content
from reports.formatting import Numbers
from reports.words import Words

#: Share of grants from which "as the lowest" means hardly any grant at all: tiny extracts.
_NEARLY_ALL = 0.95


@dataclass(frozen=True)
class Finding:
    """A heading, its headline number and the sentences under it."""

    title: str
    headline: str | None
    unit: str
    sentences: tuple[str, ...]


def findings_in_words(content: Content, words: Words, numbers: Numbers) -> tuple[Finding, ...]:
    """Return the three findings; a number the release lacks drops its sentence, never prints."""
    return (
        _grants(content, words, numbers),
        _spread(content, words, numbers),
        _what_if(content, words, numbers),
    )


def _grants(content: Content, words: Words, numbers: Numbers) -> Finding:
    found = content.findings
    sentences = []
    observed = numbers.count(content.main.observed)
    if found.observed_any is not None:
        rate = numbers.number(found.rate_per_1000, 1)
        years = numbers.years(content.run.years) if content.run.years else content.run.window
        sentences.append(words("findings.grants", years=years, observed=observed, rate=rate))
    if found.observed_fp is not None and found.observed_fj is not None:
        fp, fj = numbers.count(found.observed_fp), numbers.count(found.observed_fj)
        sentences.append(words("findings.grants_parts", fp=fp, fj=fj))
    unit = words("findings.grants_unit")
    return Finding(words("findings.grants_title"), observed, unit, tuple(sentences))


def _spread(content: Content, words: Words, numbers: Numbers) -> Finding:
    found = content.findings
    sentences, headline = [], None
    if found.odds_10 is not None and found.odds_90 is not None:
        low, high = numbers.number(found.odds_10, 2), numbers.number(found.odds_90, 2)
        sentences.append(words("findings.spread", odds_10=low, odds_90=high))
    if found.noise_share is not None and found.true_odds_10 is not None:
        headline = numbers.interval(found.true_odds_10, found.true_odds_90)
        sentences.append(
            words(
                "findings.spread_noise",
                noise=numbers.percent(found.noise_share),
                true_10=numbers.number(found.true_odds_10, 2),
                true_90=numbers.number(found.true_odds_90, 2),
            )
        )
    if found.conditions_odds_10 is not None and found.conditions_odds_90 is not None:
        low, high = (
            numbers.number(odds, 2) for odds in (found.conditions_odds_10, found.conditions_odds_90)
        )
        sentences.append(words("findings.spread_conditions", low=low, high=high))
    if found.rank_width is not None:
        width, total = numbers.count(found.rank_width), numbers.count(found.n_municipalities)
        if found.rank_width >= found.n_municipalities:
            sentences.append(words("findings.spread_rank_all", n=total))
        else:
            sentences.append(words("findings.spread_rank", width=width, n=total))
    if not sentences:
        sentences.append(words("findings.spread_missing"))
    unit = words("findings.spread_unit")
    return Finding(words("findings.spread_title"), headline, unit, tuple(sentences))


def _what_if(content: Content, words: Words, numbers: Numbers) -> Finding:
    found = content.findings
    k = numbers.count(content.lowest_k)
    title = words("findings.what_if_title", k=k)
    if found.naive is None:
        return Finding(title, None, "", (words("findings.what_if_missing"),))
    naive = {
        "fewer": numbers.count(found.naive.fewer),
        "share": numbers.percent(found.naive.share),
    }
    is_nearly_all = found.naive.share >= _NEARLY_ALL
    first = words(
        "findings.what_if_naive_none" if is_nearly_all else "findings.what_if_naive", k=k, **naive
    )
    if found.honest is None:
        return Finding(title, None, "", (first, words("findings.what_if_naive_only", k=k)))
    values = {
        "k": k,
        "fewer": numbers.count(found.honest.fewer),
        "share": numbers.percent(found.honest.share),
    }
    key = "findings.what_if_honest_plain"
    if found.honest.low is not None and found.honest.high is not None:
        key = "findings.what_if_honest"
        values["low"] = numbers.count(found.honest.low)
        values["high"] = numbers.count(found.honest.high)
    unit = words("findings.what_if_unit", naive=naive["share"])
    return Finding(title, values["share"], unit, (first, words(key, **values)))
