"""Content in, the HTML text of every page out: pure, no files but the templates."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.charts import large as charts
from reports.content.content import Content
from reports.content.lookup import Lookup
from reports.content.municipalities import N_SIMILAR
from reports.language.files import FILES, PLACE_FOLDER, downloads, page_file, place_file
from reports.language.formatting import MISSING, SUPPRESSED, Numbers
from reports.language.words import Words
from reports.site.explore import explore_data, parts_of
from reports.site.front_page import (
    by_factor,
    by_region,
    csv_name,
    drawn,
    map_steps,
    recovery,
    what_if,
)
from reports.site.guide import PAGES, guide_pages
from reports.site.place_page import place_context
from reports.told.sentences import changes_in_words, findings_in_words
from reports.told.settings import shown, words_for

FOLDER = Path(__file__).parent


def render_site(
    content: Content, language: str, languages: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield file and text of every page in ``language``, the front page first.

    Pages link to the same page in those of ``languages`` that are not itself.
    """
    shared = _shared(content, language)
    yield FILES[language], _front(content, shared, languages)
    yield page_file("explore", language), _explore(content, shared, languages)
    yield from _guides(content, shared, languages)
    yield from _places(content, shared, languages)


def _shared(content: Content, language: str) -> dict[str, Any]:
    """Return the context all pages of a language have."""
    words, numbers = words_for(content.choices, language), Numbers(language)
    return {
        "c": content,
        "t": words,
        "n": numbers,
        "language": language,
        "years": numbers.years(content.run.years) if content.run.years else content.run.window,
        "map_steps": map_steps(words, numbers),
        "front_file": FILES[language],
        "explore_file": page_file("explore", language),
        "site_links": [
            ("index", FILES[language]),
            ("explore", page_file("explore", language)),
            *((key, page_file(name, language)) for name, key in PAGES),
        ],
        "style": Markup((FOLDER / "style.css").read_text(encoding="utf-8")),
        "direction": charts.direction,
        "data": None,
        "MISSING": MISSING,
        "SUPPRESSED": SUPPRESSED,
    }


def _page(
    template: str,
    name: str,
    shared: dict[str, Any],
    languages: tuple[str, ...],
    scripts: tuple[str, ...] = (),
    **context: Any,
) -> str:
    """Return the page ``name``, perhaps in a folder, made of ``template``."""
    folder, _, file = name.rpartition("/")
    script = "".join((FOLDER / one).read_text(encoding="utf-8") for one in scripts)
    others = [(other, page_file(file, other)) for other in languages if other != shared["language"]]
    return (
        _environment()
        .get_template(template)
        .render(
            {
                **shared,
                "page_key": file,
                "root": "../" if folder else "",
                "others": others,
                "places": {
                    row.code: place_file(row.code, shared["language"], inside=bool(folder))
                    for row in shared["c"].main.rows
                },
                "script": Markup(script),
                "script_hash": _hash(script),
                **context,
            }
        )
    )


def _front(content: Content, shared: dict[str, Any], languages: tuple[str, ...]) -> str:
    words, numbers = shared["t"], shared["n"]
    return _page(
        "front.html",
        "index",
        shared,
        languages,
        ("search.js", "page.js"),
        findings=findings_in_words(content, words, numbers),
        changes=changes_in_words(content, words, numbers),
        drawn=drawn(content.main, content, words, numbers),
        by_region=by_region(content.main),
        what_if=what_if(content, words, numbers),
        recovery=recovery(content, words),
        downloads=downloads(words.language),
        search_found=words("explore_words.found", found="%found%", total="%total%"),
    )


def _explore(content: Content, shared: dict[str, Any], languages: tuple[str, ...]) -> str:
    words, numbers, language = shared["t"], shared["n"], shared["language"]
    pages = {row.code: place_file(row.code, language) for row in content.main.rows}
    data = explore_data(content, words, numbers, pages)
    chosen = {
        "outcomes": [
            (name, words.label("outcome", name))
            for name in dict.fromkeys(view.outcome for view in content.views)
        ],
        "models": [
            (name, words.label("model", name))
            for name in dict.fromkeys(view.model for view in content.views)
        ],
        "years": [(part, part) for part in parts_of(content.years)],
        "diagnoses": data["diagnoses"],
        "tenures": data["tenures"],
        "ages": [(part, words.level("age_band", part)) for part in parts_of(content.ages)],
    }
    scripts = ("search.js", "explore.js")
    return _page(
        "explore.html",
        "explore",
        shared,
        languages,
        scripts,
        data=data,
        chosen=chosen,
        csv_name=csv_name(content, words),
    )


def _guides(
    content: Content, shared: dict[str, Any], languages: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    words, numbers = shared["t"], shared["n"]
    keys = dict(PAGES)
    printed = _method(content, words, numbers)
    for page in guide_pages(content, words, numbers):
        context = {**printed, **page.context, "page_key": keys[page.name]}
        text = _page(page.template, page.name, shared, languages, **context)
        yield page_file(page.name, shared["language"]), text


def _method(content: Content, words: Words, numbers: Numbers) -> dict[str, Any]:
    """Return what ``method.html`` prints: coefficients by factor, and the settings."""
    return {
        "coefficients": [(outcome, by_factor(rows)) for outcome, rows in content.coefficients],
        "models": list(dict.fromkeys(view.model for view in content.views)),
        "settings": [(setting, shown(setting, words, numbers)) for setting in content.settings],
    }


def _places(
    content: Content, shared: dict[str, Any], languages: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    lookup = Lookup(content)
    listed = content.places
    for at, place in enumerate(listed):
        text = _page(
            "place.html",
            f"{PLACE_FOLDER}/{place.code}",
            shared,
            languages,
            before=listed[at - 1] if at else None,
            after=listed[at + 1] if at + 1 < len(listed) else None,
            n_similar=N_SIMILAR,
            **place_context(place, lookup, shared["t"], shared["n"]),
        )
        yield place_file(place.code, shared["language"]), text


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["m"] = environment.get_template("macros.html").module
    return environment


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
