"""The verdict on a municipality: a step on a five-step scale, with its probability in words.

The steps come from the release: the posterior probabilities of the five fifths
(``ranking.p_quintile_*``), and whether it stands out of widened limits and after testing all
(``benchmark.flag_overdispersed`` and ``flag_discovery``).
"""

from __future__ import annotations

from reports.content.content import MunicipalityResult
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


def verdict_sentence(p: Telling, row: MunicipalityResult) -> str | None:
    """Return the step of ``row`` with its probabilities as a sentence."""
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
    return p.t(f"verdict.{step}", **{key: _chance(p, value) for key, value in values.items()})


def _chance(p: Telling, share: float) -> str:
    """Return a probability in words: almost certain, next to none, or in per cent."""
    if share >= _ALMOST:
        return p.t("verdict.almost_certain")
    if share <= 1 - _ALMOST:
        return p.t("verdict.next_to_none")
    return p.t("verdict.chance", share=p.n.percent(share))
