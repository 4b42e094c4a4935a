"""The questions of a release that answers several, and where the report of each is."""

from __future__ import annotations

from reports.content.run import Question
from reports.language.files import FILES, page_file
from reports.told.blocks import Links, Section, Text
from reports.told.telling import Telling

_ENTRY = "benchmarks"


def questions(p: Telling) -> tuple[Section, ...]:
    """Return a section per question: what it asks, of which years and outcomes, and its report."""
    made = []
    for question in p.content.questions:
        names = ", ".join(p.outcome(outcome) for outcome in question.outcomes)
        asked = p.t("benchmarks.asked", years=p.n.years(question.years), outcomes=names)
        address = f"{question.folder}/{FILES[p.language]}" if question.folder else FILES[p.language]
        made.append(
            Section(
                question.folder or question.benchmark,
                _title(p, question),
                (
                    Text(question.description[p.language]),
                    Text(asked),
                    Links(((p.t("benchmarks.report"), address),)),
                ),
            )
        )
    return tuple(made)


def beside(p: Telling) -> Section:
    """Return the section of a front page that leads to the other questions of the release."""
    own = next(q for q in p.content.questions if q.run_id == p.content.run.run_id)
    up = "../" if own.folder else ""
    links = [
        (_title(p, question), f"{up}{question.folder}{'/' if question.folder else ''}{front}")
        for question in p.content.questions
        if question is not own
        for front in (FILES[p.language],)
    ]
    entry = (p.t("benchmarks.all"), f"{up}{page_file(_ENTRY, p.language)}")
    return Section(_ENTRY, p.t("benchmarks.others"), (Links((*links, entry)),))


def title(p: Telling) -> str:
    """Return what the told question is called; nothing where it is the release's only one."""
    own = [q for q in p.content.questions if q.run_id == p.content.run.run_id]
    return _title(p, own[0]) if own else ""


def _title(p: Telling, question: Question) -> str:
    """Return the title, with the years where the same title has several."""
    title = question.title[p.language]
    is_series = sum(q.benchmark == question.benchmark for q in p.content.questions) > 1
    return f"{title}: {p.n.years(question.years)}" if is_series else title
