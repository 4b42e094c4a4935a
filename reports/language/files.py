"""What the files of a report are called, per language."""

from __future__ import annotations

#: Front page of each language.
FILES = {"da": "index.html", "en": "index.en.html"}
#: Folder of the municipalities' pages.
PLACE_FOLDER = "kommune"
WORKBOOKS = {"da": "tildeling.xlsx", "en": "tildeling.en.xlsx"}
#: The printed report, and a printed page per municipality.
REPORTS = {"da": "tildeling.pdf", "en": "tildeling.en.pdf"}
PLACES = {"da": "kommuner.pdf", "en": "municipalities.en.pdf"}
#: The checks of the release, beside the pages.
QUALITY = "data_quality.csv"


def page_file(name: str, language: str) -> str:
    """Return the file of page ``name``: ``explore.html`` in Danish, ``explore.en.html`` else."""
    return f"{name}.html" if language == "da" else f"{name}.{language}.html"


def place_file(code: str, language: str, *, inside: bool = False) -> str:
    """Return the address of a municipality's page, seen from the front page or ``inside``."""
    file = page_file(code, language)
    return file if inside else f"{PLACE_FOLDER}/{file}"


def downloads(language: str) -> tuple[tuple[str, str], ...]:
    """Return what a reader can take along: key among the texts and file beside the pages."""
    return (
        ("excel", WORKBOOKS[language]),
        ("report", REPORTS[language]),
        ("places", PLACES[language]),
        ("quality", QUALITY),
    )
