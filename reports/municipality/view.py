"""What every part of a municipality's page is made from."""

from __future__ import annotations

from dataclasses import dataclass

from reports.content.content import MunicipalityResult
from reports.content.lookup import Lookup
from reports.content.municipality import Level, Place
from reports.content.slices import DIMENSIONS, main_parts
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

    def may_be_anywhere(self, row: MunicipalityResult) -> bool:
        """Return whether the interval of a rank rules out no place."""
        return (row.rank_low, row.rank_high) == (1, len(self.content.main.rows))

    def key(self, outcome: str) -> tuple[str, str, str]:
        """Return the key of the main model's parts of ``outcome``."""
        return outcome, self.content.main.model, self.place.code

    def levels(self, dimension: str, outcome: str | None = None) -> dict[str, Level]:
        """Return the levels of ``dimension`` by name, of the main outcome unless told."""
        key = (*self.key(outcome or self.main_outcome), dimension)
        return self.lookup.levels.get(key, {})

    def listed(self, dimension: str, outcome: str | None = None) -> list[tuple[Level, str]]:
        """Return the main levels of a dimension, each with its parts below it, and how they look.

        A main level looks ``main``, one of several parts ``part``, any other plain.
        """
        fine = self.levels(dimension, outcome)
        mains = self.levels(DIMENSIONS[dimension], outcome)
        rows = []
        for main, parts in main_parts(dimension, fine):
            if main in mains:
                rows.append((mains[main], "main"))
                rows += [(fine[part], "part") for part in parts if len(parts) > 1]
            else:
                rows += [(fine[part], "") for part in parts]
        return rows

    def judged(self, dimension: str) -> list[tuple[Level, str]]:
        """Return those of :meth:`listed` whose practice is known, of the main outcome.

        In a release without practice by level every level that is no sum of others.
        """
        rows = self.listed(dimension)
        known = [(one, look) for one, look in rows if one.odds is not None]
        return known or [(one, "") for one in self.levels(dimension).values()]
