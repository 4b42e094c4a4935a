"""The findings as sentences: words from the text file, every number from ``Findings``."""

from __future__ import annotations

from dataclasses import dataclass

from reports.content.content import Content, Move, SettingChange
from reports.language.formatting import Numbers
from reports.language.words import Words
from reports.told.settings import shown

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


@dataclass(frozen=True)
class ChangesInWords:
    """What changed since the release before: a lead, sentences, settings, and who moved."""

    lead: str
    sentences: tuple[str, ...]
    settings: tuple[str, ...]
    moves: tuple[Move, ...]
    note: str | None


def changes_in_words(content: Content, words: Words, numbers: Numbers) -> ChangesInWords:
    """Return what is new since the release before; for a first release, that it is the first."""
    found = content.changes
    if found is None:
        return ChangesInWords(words("changes.first"), (), (), (), None)
    then = found.earlier
    when = numbers.moment(then.finished_at or then.started_at)
    lead = words("changes.since", date=when, run=then.run_id)
    if not (found.is_new_data or found.is_new_settings or found.is_new_code):
        return ChangesInWords(lead, (words("changes.same"),), (), (), None)
    said = [words("changes.data_new" if found.is_new_data else "changes.data_same")]
    if then.window != content.run.window:
        said.append(words("changes.window_new", before=then.window))
    if found.is_new_code:
        now = content.run.code_version
        said.append(words("changes.code_new", before=then.code_version, now=now))
    else:
        said.append(words("changes.code_same"))
    if found.earlier_observed is not None:
        now, before = numbers.count(found.observed), numbers.count(found.earlier_observed)
        said.append(words("changes.counts", now=now, before=before))
    if found.n_compared:
        values = {"n": numbers.count(found.n_compared), "step": numbers.count(found.typical_step)}
        if found.moves:
            moved = numbers.count(len(found.moves))
            said.append(words("changes.moved", moved=moved, **values))
        else:
            said.append(words("changes.moved_none", **values))
    else:
        said.append(words("changes.not_compared"))
    settings = [_setting_change(change, words, numbers) for change in found.settings]
    if settings:
        said.append(words("changes.settings_new"))
    elif found.is_new_settings:
        said.append(words("changes.settings_hidden"))
    note = words("changes.note") if found.n_compared else None
    return ChangesInWords(lead, (" ".join(said),), tuple(settings), found.moves, note)


def _setting_change(change: SettingChange, words: Words, numbers: Numbers) -> str:
    now, before = (
        words("changes.setting_none") if value is None else shown(value, words, numbers)
        for value in (change.now, change.before)
    )
    label = words.label("setting", change.name)
    return words("changes.setting", name=label, now=now, before=before)
