"""The verdict on a municipality: a step on a five-step scale, and outcomes that go their own way.

The steps come from the release: the posterior probabilities of the five fifths
(``ranking.p_quintile_*``), and whether it stands out of widened limits and after testing all
(``benchmark.flag_overdispersed`` and ``flag_discovery``). They are of the main outcome; another one
may lie beyond chance where the main one does not, and two of them opposite ways.
"""

from __future__ import annotations

from reports.content.content import MunicipalityResult
from reports.language.transitions import inside
from reports.municipality.view import Own
from reports.told.followups.displacement import probability, sure
from reports.told.telling import Telling

#: From fewest to most; the keys of the texts.
STEPS = ("clearly_fewer", "probably_fewer", "as_expected", "probably_more", "clearly_more")
#: Probability of the two outer fifths that a step asks for.
CLEARLY, PROBABLY = 0.95, 0.80
#: From here on a probability is said to be almost certain.
_ALMOST = 0.995


def verdict(row: MunicipalityResult) -> str | None:
    """Return the step of ``row``, None where the release holds no probabilities."""
    if row.p_fifths is None:
        return None
    lower, upper = sum(row.p_fifths[:2]), sum(row.p_fifths[3:])
    if row.stands_out == "low" and lower >= CLEARLY:
        return STEPS[0]
    if row.stands_out == "high" and upper >= CLEARLY:
        return STEPS[4]
    if lower >= PROBABLY:
        return STEPS[1]
    return STEPS[3] if upper >= PROBABLY else STEPS[2]


def verdict_sentence(p: Own, row: MunicipalityResult) -> str | None:
    """Return the step of ``row`` with its probabilities as a sentence.

    One that is as expected names its outcome where another one is not.
    """
    step = verdict(row)
    if step is None or row.p_fifths is None:
        return None
    fifths = row.p_fifths
    if step == "as_expected":
        values = {"middle": sum(fifths[1:4]), "lowest": fifths[0], "highest": fifths[4]}
    elif step.endswith("fewer"):
        values = {"outer": fifths[0], "two": sum(fifths[:2])}
    else:
        values = {"outer": fifths[4], "two": sum(fifths[3:])}
    chances = {key: _chance(p, value) for key, value in values.items()}
    if step == "as_expected" and sides(p):
        return p.t("verdict.as_expected_overall", outcome=_named(p, p.main_outcome), **chances)
    return p.t(f"verdict.{step}", **chances)


def sides(p: Own) -> dict[str, str]:
    """Return ``fewer`` or ``more`` for each outcome but the main one that is beyond chance."""
    said = {}
    for outcome in p.outcomes:
        row = p.row(outcome)
        if row is None or outcome == p.main_outcome:
            continue
        if row.ratio_high is not None and row.ratio_high < 1:
            said[outcome] = "fewer"
        elif row.ratio_low is not None and row.ratio_low > 1:
            said[outcome] = "more"
    return said


def opposites(p: Own) -> list[tuple[str, str, float]]:
    """Return outcomes granted less and more than the country would, with how likely that is.

    Of the pairs in which the release counts the municipality as granting one for the other.
    """
    main = p.content.main.model
    listed = []
    for pair in p.content.followups.displacements:
        for row in sure(p, pair) if pair.model == main else ():
            if row.municipality_code == p.place.code:
                is_first_low = (row.p_low_high or 0.0) >= (row.p_high_low or 0.0)
                names = (pair.outcome, pair.other_outcome)
                fewer, more = names if is_first_low else names[::-1]
                listed.append((fewer, more, probability(row)))
    return listed


def apart(p: Own) -> list[str]:
    """Return a sentence for each other outcome beyond chance and for each opposite pair."""
    said = []
    for outcome, side in sides(p).items():
        row = p.row(outcome)
        if row is not None:
            counts = {
                "observed": p.count(row.observed, row.noise_sd),
                "expected": p.n.number(row.expected),
                "low": p.n.number(row.ratio_low, 2),
                "high": p.n.number(row.ratio_high, 2),
            }
            said.append(p.t(f"place_short.apart_{side}", outcome=p.outcome(outcome), **counts))
    for fewer, more, share in opposites(p):
        names = {"fewer": _named(p, fewer), "more": _named(p, more)}
        said.append(p.t("place_short.opposite", chance=_chance(p, share), **names))
    return said


def _named(p: Own, outcome: str) -> str:
    return inside(p.outcome(outcome))


def _chance(p: Telling, share: float) -> str:
    """Return a probability in words: almost certain, next to none, or in per cent."""
    if share >= _ALMOST:
        return p.t("verdict.almost_certain")
    if share <= 1 - _ALMOST:
        return p.t("verdict.next_to_none")
    return p.t("verdict.chance", share=p.n.percent(share))
