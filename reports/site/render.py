"""Content in, the HTML text of every page out: pure, no files but templates, style and scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.content.content import Content
from reports.language.files import FILES, page_file, place_file
from reports.language.formatting import MISSING, SUPPRESSED
from reports.site.explore import explore
from reports.site.pages import (
    MENU,
    Page,
    benchmarks,
    country,
    courses,
    front,
    guides,
    municipalities,
    sought,
)
from reports.site.terms import Linker
from reports.told.telling import Telling

FOLDER = Path(__file__).parent
#: Scripts every page has: the search in its head, and saving a figure.
_SCRIPTS = ("search.js", "find.js", "save.js")


def render_site(
    content: Content, language: str, languages: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield file and text of every page in ``language``, the front page first.

    Pages link to the same page in those of ``languages`` that are not itself.
    """
    p = Telling(content, language)
    pages = {row.code: place_file(row.code, language) for row in content.main.rows}
    files = {key: page_file(name, language) for key, name in MENU.items()}
    yield FILES[language], _set(p, front(p, pages), languages)
    if content.questions and content.questions[0].run_id == content.run.run_id:
        yield page_file("benchmarks", language), _set(p, benchmarks(p), languages)
    yield page_file("country", language), _set(p, country(p), languages)
    yield page_file("explore", language), _set(p, explore(p, pages), languages)
    yield page_file("courses", language), _set(p, courses(p), languages)
    for page in guides(p, files):
        yield page_file(page.name, language), _set(p, page, languages)
    for page in municipalities(p):
        yield page_file(page.name, language), _set(p, page, languages)


def _set(p: Telling, page: Page, languages: tuple[str, ...]) -> str:
    """Return ``page``, perhaps in a folder, as HTML."""
    folder, _, file = page.name.rpartition("/")
    root = "../" if folder else ""
    pages = {
        row.code: place_file(row.code, p.language, inside=bool(folder))
        for row in p.content.main.rows
    }
    script = "".join(
        (FOLDER / one).read_text(encoding="utf-8") for one in (*_SCRIPTS, *page.scripts)
    )
    context: dict[str, Any] = {
        "p": _Setting(p, pages, root + page_file("guide", p.language)),
        "page": page,
        "c": p.content,
        "t": p.t,
        "n": p.n,
        "years": p.years,
        "root": root,
        "menu": [(key, root + page_file(name, p.language)) for key, name in MENU.items()],
        "current": next((key for key, name in MENU.items() if name == page.name), None),
        "others": [(other, page_file(file, other)) for other in languages if other != p.language],
        "sought": sought(p, pages),
        "style": Markup((FOLDER / "style.css").read_text(encoding="utf-8")),
        "script": Markup(script),
        "script_hash": _hash(script),
        "data": None,
        "MISSING": MISSING,
        "SUPPRESSED": SUPPRESSED,
        **page.extra,
    }
    return _environment().get_template(page.template).render(context)


class _Setting:
    """What blocks need to be set: words, mark, source, links to municipalities and glossary."""

    def __init__(self, p: Telling, pages: dict[str, str], glossary: str) -> None:
        self.t, self.mark, self.source, self.places = p.t, p.mark, p.source, pages
        self.linked = Linker(p.t, glossary)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["b"] = environment.get_template("blocks.html").module
    return environment


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
