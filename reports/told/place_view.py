"""What every part of a municipality's page is made from."""

from __future__ import annotations

from dataclasses import dataclass

from reports.content.content import Content, MunicipalityResult, View
from reports.content.lookup import Lookup
from reports.content.municipality import Place
from reports.language.formatting import Numbers
from reports.language.words import Words


@dataclass(frozen=True)
class PlaceView:
    """A municipality, the country it is held against, and the language it is told in."""

    place: Place
    lookup: Lookup
    t: Words
    n: Numbers

    @property
    def content(self) -> Content:
        """The content of the whole report."""
        return self.lookup.content

    @property
    def main(self) -> View:
        """The outcome and model the page begins with."""
        return self.content.main

    @property
    def outcomes(self) -> list[str]:
        """The outcomes of the main model, in reporting order."""
        return [view.outcome for view in self.content.views if view.model == self.main.model]

    @property
    def mark(self) -> str:
        """The mark of synthetic data, empty for real ones."""
        return self.t("mark.short") if self.content.run.is_synthetic else ""

    @property
    def years_text(self) -> str:
        """The years at risk in words, or the name of the window."""
        run = self.content.run
        return self.n.years(run.years) if run.years else run.window

    def row(self, outcome: str, model: str | None = None) -> MunicipalityResult | None:
        """Return the municipality's result, of the main model unless told, or None."""
        return self.lookup.rows.get((outcome, model or self.main.model, self.place.code))

    def label(self, text: str) -> str:
        """Return ``text`` behind the mark, for who does not see a chart."""
        return f"{self.mark}. {text}" if self.mark else text
