"""The content by municipality, for pages about one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from reports.content.cells import MunicipalCells
from reports.content.content import Content, MunicipalityResult
from reports.content.followups.figures import Route
from reports.content.municipality import Level, Slice
from reports.content.rows import Overlap, Unobserved


@dataclass(frozen=True)
class Lookup:
    """The content by municipality, looked up once for all pages."""

    content: Content

    @cached_property
    def unobserved(self) -> dict[tuple[str, str], Unobserved]:
        """What it takes to undo a departure, by outcome and municipality."""
        return {(row.outcome, row.municipality_code): row for row in self.content.unobserved}

    @cached_property
    def overlap(self) -> dict[tuple[str, str], Overlap]:
        """How far the citizens are like the country's, by outcome and municipality."""
        return {(row.outcome, row.municipality_code): row for row in self.content.overlaps}

    @cached_property
    def rows(self) -> dict[tuple[str, str, str], MunicipalityResult]:
        """Results by outcome, model and municipality."""
        return {
            (view.outcome, view.model, row.code): row
            for view in self.content.views
            for row in view.rows
        }

    @cached_property
    def cells(self) -> dict[tuple[str, str, str], MunicipalCells]:
        """Diagnosis by tenure by outcome, model and municipality."""
        return {(t.outcome, t.model, t.code): t for t in self.content.municipal}

    @cached_property
    def years(self) -> dict[tuple[str, str, str], list[Slice]]:
        """Years of the window by outcome, model and municipality."""
        return _by_key(self.content.years)

    @cached_property
    def main_cells(self) -> dict[tuple[str, str, str], MunicipalCells]:
        """Main diagnosis by main tenure by outcome, model and municipality."""
        return {(t.outcome, t.model, t.code): t for t in self.content.municipal_main}

    @cached_property
    def levels(self) -> dict[tuple[str, str, str, str], dict[str, Level]]:
        """Levels by outcome, model, municipality and dimension, in reporting order."""
        listed: dict[tuple[str, str, str, str], dict[str, Level]] = {}
        for one in self.content.levels:
            key = (one.outcome, one.model, one.code, one.dimension)
            listed.setdefault(key, {})[one.level] = one
        return listed

    @cached_property
    def routes(self) -> dict[str, list[Route]]:
        """Routes to the grant by municipality."""
        listed: dict[str, list[Route]] = {}
        for route in self.content.followups.routes:
            listed.setdefault(route.place, []).append(route)
        return listed

    @cached_property
    def specifications(self) -> set[tuple[str, str]]:
        """Outcomes and specifications under which some municipality's rank is shown."""
        return {
            (one.outcome, one.specification)
            for place in self.content.places
            for one in place.specifications
            if one.rank is not None
        }

    @cached_property
    def country(self) -> dict[tuple[str, int], float]:
        """Shown first grants per resident by outcome and year."""
        shown = self.content.shown_country
        return {(y.outcome, y.year): y.share for y in shown if y.share is not None}


def _by_key(parts: Iterable[Slice]) -> dict[tuple[str, str, str], list[Slice]]:
    by_key: dict[tuple[str, str, str], list[Slice]] = {}
    for part in parts:
        by_key.setdefault((part.outcome, part.model, part.code), []).append(part)
    return by_key
