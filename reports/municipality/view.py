"""What every part of a municipality's page is made from."""

from __future__ import annotations

from dataclasses import dataclass

from reports.content.content import MunicipalityResult
from reports.content.lookup import Lookup
from reports.content.municipality import Level, Place
from reports.told.telling import Telling


@dataclass(frozen=True)
class Own(Telling):
    """A municipality, the country it is held against, and the language it is told in."""

    place: Place
    lookup: Lookup

    @property
    def outcomes(self) -> list[str]:
        """The outcomes of the main model, in reporting order."""
        main = self.content.main.model
        return [view.outcome for view in self.content.views if view.model == main]

    def row(self, outcome: str, model: str | None = None) -> MunicipalityResult | None:
        """Return the municipality's result, of the main model unless told, or None."""
        key = (outcome, model or self.content.main.model, self.place.code)
        return self.lookup.rows.get(key)

    def key(self, outcome: str) -> tuple[str, str, str]:
        """Return the key of the main model's parts of ``outcome``."""
        return outcome, self.content.main.model, self.place.code

    def levels(self, dimension: str, outcome: str | None = None) -> dict[str, Level]:
        """Return the levels of ``dimension`` by name, of the main outcome unless told."""
        key = (*self.key(outcome or self.main_outcome), dimension)
        return self.lookup.levels.get(key, {})
