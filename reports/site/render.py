"""Content in, the HTML text of every page out: pure, no files but templates, style and scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from reports.content.content import Content
from reports.language.files import FILES, page_file, place_file
from reports.language.formatting import MISSING, SUPPRESSED
from reports.site.explore import explore
from reports.site.pages import (
    MENU,
    Page,
    benchmarks,
    courses,
    front,
    guides,
    municipalities,
    national,
    sought,
)
from reports.site.rows import rows_html
from reports.site.terms import Linker
from reports.told.blocks import Column, Row
from reports.told.telling import Telling

FOLDER = Path(__file__).parent
#: Scripts every page has: the search in its head, saving a figure, what is wider than its frame.
_SCRIPTS = ("search.js", "find.js", "save.js", "wide.js")


def render_site(
    content: Content, language: str, languages: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield file and text of every page in ``language``, the front page first.

    Pages link to the same page in those of ``languages`` that are not itself.
    """
    p = Telling(content, language)
    site = _Site(p, languages)
    files = {key: page_file(name, language) for key, name in MENU.items()}
    yield FILES[language], site.set(front(p, site.outside.pages))
    if content.questions and content.questions[0].run_id == content.run.run_id:
        yield page_file("benchmarks", language), site.set(benchmarks(p))
    for page in national(p):
        yield page_file(page.name, language), site.set(page)
    yield page_file("explore", language), site.set(explore(p, site.outside.pages))
    yield page_file("courses", language), site.set(courses(p))
    for page in guides(p, files):
        yield page_file(page.name, language), site.set(page)
    for page in municipalities(p):
        yield page_file(page.name, language), site.set(page)


class _Folder:
    """What pages of one folder share: addresses of municipalities, and what the search looks in."""

    def __init__(self, p: Telling, is_inside: bool) -> None:
        self.pages = {
            row.code: place_file(row.code, p.language, inside=is_inside)
            for row in p.content.main.rows
        }
        self.sought = htmlsafe_json_dumps(sought(p, self.pages))


class _Site:
    """Sets pages of one language as HTML; what they share is made once."""

    def __init__(self, p: Telling, languages: tuple[str, ...]) -> None:
        self._p = p
        self._others = [other for other in languages if other != p.language]
        self.outside, self._inside = _Folder(p, is_inside=False), _Folder(p, is_inside=True)

    def set(self, page: Page) -> str:
        """Return ``page``, perhaps in a folder, as HTML."""
        p = self._p
        folder, _, file = page.name.rpartition("/")
        root, shared = ("../", self._inside) if folder else ("", self.outside)
        script = "".join(_source(one) for one in (*_SCRIPTS, *page.scripts))
        context: dict[str, Any] = {
            "p": _Setting(p, shared.pages, root + page_file("guide", p.language)),
            "page": page,
            "c": p.content,
            "t": p.t,
            "n": p.n,
            "years": p.years,
            "root": root,
            "menu": [(key, root + page_file(name, p.language)) for key, name in MENU.items()],
            "current": next((key for key, name in MENU.items() if name == page.name), None),
            "beside": [
                (page_file(name, p.language), title, listed) for name, title, listed in page.beside
            ],
            "others": [(other, page_file(file, other)) for other in self._others],
            "sought": shared.sought,
            "style": Markup(_source("style.css")),
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

    def rows(self, rows: Iterable[Row], columns: Sequence[Column]) -> Markup:
        """Return rows of a table as HTML."""
        return rows_html(rows, columns, self.places)


@cache
def _source(name: str) -> str:
    """Return the text of a style or script."""
    return (FOLDER / name).read_text(encoding="utf-8")


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
