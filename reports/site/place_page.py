"""What the template of a municipality's page prints: sentences, tables and small charts."""

from __future__ import annotations

from typing import Any

from reports.content.lookup import Lookup
from reports.content.municipality import Place
from reports.language.formatting import Numbers
from reports.language.words import Words
from reports.told import place_charts, place_sentences, place_tables
from reports.told.heat import ABOUT
from reports.told.place_view import PlaceView


def place_context(place: Place, lookup: Lookup, words: Words, numbers: Numbers) -> dict[str, Any]:
    """Return what ``place.html`` needs beside the context all pages share."""
    content = lookup.content
    page = PlaceView(place, lookup, words, numbers)
    return {
        "place": place,
        "short": place_sentences.short(page),
        "results": place_tables.results(page),
        "heat": place_tables.heat(page),
        "ages": place_tables.ages(page),
        "splits": place_charts.splits(page),
        "histories": place_charts.histories(page),
        "window": place_tables.window(page),
        "near": place_tables.near(page),
        "conditions": place_tables.conditions(page),
        "sensitivities": place_charts.sensitivities(page),
        "cases": place_tables.cases(page),
        "hidden_cases": [
            words("place_cases.hidden", outcome=words.label("outcome", case.outcome))
            for case in place.cases
            if case.n_decisions is None
        ],
        "caveats": place_sentences.caveats(page),
        "locator": place_charts.locator(page),
        "n_places": len(content.main.rows),
        "about": numbers.percent(ABOUT),
    }
