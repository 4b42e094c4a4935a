"""What every section is told from: the content, and the language it is told in."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from reports.charts.bars import rank_bar
from reports.content.content import Content, MunicipalityResult
from reports.language.formatting import MISSING, Numbers
from reports.language.words import Words
from reports.told.blocks import Cell, Text
from reports.told.settings import NOISE_DEVIATIONS, words_for

#: An interval of a ratio that holds 1 and reaches further than this tells nothing of the ratio.
WIDEST_RATIO = 20.0


def noise_reach(noise_sd: float | None) -> float:
    """Return how far a shown count's noise usually (95 %) reaches, 0 where it has none."""
    return NOISE_DEVIATIONS * (noise_sd or 0.0)


@dataclass(frozen=True)
class Telling:
    """A release in one language."""

    content: Content
    language: str

    @cached_property
    def t(self) -> Words:
        """The words of the language, with the release's choices filled in."""
        return words_for(self.content.choices, self.language)

    @cached_property
    def n(self) -> Numbers:
        """How the language writes numbers."""
        return Numbers(self.language)

    @property
    def mark(self) -> str:
        """The mark of synthetic data and of disclosure control switched off; empty for neither."""
        marks = [self.t("mark.short")] if self.content.run.is_synthetic else []
        if not self.content.choices.disclosure_control:
            marks.append(self.t("disclosure.off_short"))
        return " · ".join(marks)

    @property
    def years(self) -> str:
        """The years at risk in words, or the name of the window."""
        run = self.content.run
        return self.n.years(run.years) if run.years else run.window

    @property
    def source(self) -> str:
        """Where a figure comes from, said under one that is saved."""
        return self.t("chart.source", run=self.content.run.run_id, years=self.years)

    @property
    def main_outcome(self) -> str:
        """Code of the outcome the report begins with."""
        return self.content.main.outcome

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of the municipalities that have a result, by code."""
        return {row.code: row.name for row in self.content.main.rows}

    def outcome(self, code: str) -> str:
        """Return the name of an outcome."""
        return self.t.label("outcome", code)

    def model(self, code: str | None = None) -> str:
        """Return the name of a model, of the main one unless told."""
        return self.t.label("model", code or self.content.main.model)

    def protected(self, key: str) -> str:
        """Return the key of a text about protected counts: its own where they have noise."""
        return f"{key}_noise" if self.content.choices.has_noise else key

    def noise_note(self) -> tuple[Text, ...]:
        """Return what is said under shown counts: that they have noise, nothing where not."""
        if not self.content.choices.has_noise:
            return ()
        return (Text(self.t("disclosure.noise_note"), "note"),)

    def count(self, count: int, noise_sd: float | None) -> str:
        """Return a count in a sentence, with the reach of its noise where it has any."""
        said = self.n.count(count)
        reach = noise_reach(noise_sd)
        if not reach:
            return said
        key = "disclosure.about" if count > 0 else "disclosure.about_none"
        return self.t(key, n=said, reach=self.n.count(reach))

    def labelled(self, text: str) -> str:
        """Return ``text`` behind the mark, for who does not see a chart."""
        return f"{self.mark}. {text}" if self.mark else text

    def limits(self, low: float | None, high: float | None, decimals: int = 2) -> Cell:
        """Return an interval as a cell; one way for a limit that the release does not hold."""
        return Cell("", soft=self.n.interval(low, high, decimals))

    def outcomes_among(self, there: Collection[str]) -> tuple[str, ...]:
        """Return the outcomes of the report that are ``there``, in its order."""
        listed = dict.fromkeys(view.outcome for view in self.content.views)
        return tuple(outcome for outcome in listed if outcome in there)

    def of_100(self, odds: float | None) -> str:
        """Return grants where the country would give 100: odds, for an outcome that is rare."""
        return self.n.count(None if odds is None else 100 * odds)

    def effect(
        self, effect: float | None, low: float | None = None, high: float | None = None
    ) -> Cell:
        """Return an effect, log odds, as grants where the country would give 100, with limits."""
        if effect is None:
            return Cell(MISSING)
        ends = [None if end is None else 100 * math.exp(end) for end in (low, high)]
        lines = () if None in ends else (self.n.interval(ends[0], ends[1], 0),)
        return Cell(self.of_100(math.exp(effect)), lines=lines)

    @staticmethod
    def is_void(low: float | None, high: float | None) -> bool:
        """Return whether the interval of a ratio says nothing of it: nearly any is within it."""
        return low is not None and high is not None and low <= 1 and high > WIDEST_RATIO

    def ratio_limits(self, low: float | None, high: float | None) -> str:
        """Return the interval of a ratio, or in words that it cannot be computed."""
        return (
            self.t("ranking.no_interval") if self.is_void(low, high) else self.n.interval(low, high)
        )

    def rank(self, row: MunicipalityResult) -> Cell:
        """Return a rank with its interval; a rank is printed only with its interval."""
        if row.rank is None or row.rank_low is None or row.rank_high is None:
            return Cell(MISSING)
        limits = self.n.interval(row.rank_low, row.rank_high, 0)
        return Cell(self.n.count(row.rank), soft=f"({limits})", sort=row.rank)

    def rank_drawn(self, row: MunicipalityResult) -> Cell:
        """Return the drawing of a rank's intervals."""
        n = len(self.content.main.rows)
        return Cell(
            drawing=rank_bar(
                row.rank,
                row.rank_low,
                row.rank_high,
                n,
                row.rank_low_simultaneous,
                row.rank_high_simultaneous,
            )
        )

    def ratio(self, row: MunicipalityResult) -> Cell:
        """Return actual over expected with its interval."""
        limits = self.ratio_limits(row.ratio_low, row.ratio_high)
        return Cell(self.n.number(row.ratio, 2), soft=f"({limits})")
