"""Every number in every table of the report is one of the release: of that column, of that row.

The pages, the printed report, the printed sheets and the workbook's sheets are made of a release
whose numbers are all unlike (``number_sources``). Each written number is led back to a column and a
row of the release; the words of its row, column and caption must say that row, its text must be the
rounding of that value, and what every column of every table is of is kept in
``golden/number_sources.txt``, which is read as a list of where the report's numbers come from.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest
from golden_texts import FOLDER, UPDATE
from number_sources import (
    MARKED,
    Key,
    Known,
    Listener,
    PageTable,
    Source,
    keys_of,
    made_known,
    parts_of,
    rounded,
    without_numbers,
)

from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.courses import COUNTRY
from reports.content.read import ResultTables, read_tables
from reports.language import formatting
from reports.language.formatting import MISSING
from reports.language.labels import (
    condition_label,
    crossing_label,
    diagnosis_label,
    second_stage_term,
    specification_label,
)
from reports.language.words import Words
from reports.print import documents
from reports.print.setting import Document
from reports.site.explore import explore_data
from reports.site.render import render_site
from reports.told.states import state_name
from reports.told.telling import Telling
from reports.told.years.former import former_name
from reports.workbook.sheets import sheets_from

KEPT = FOLDER / "number_sources.txt"
#: Municipalities whose pages are made; all pages are made alike.
N_PLACES = 5
#: A written number, or the sign of one that is withheld or not held.
_TOKEN = re.compile(f"{MARKED.pattern}|(?<!\\.)\\.\\.(?!\\.)|{MISSING}", re.DOTALL)
#: Columns of keys that the words of a table do not repeat, and why.
UNSAID = {
    "run_id": "one run",
    "area": "the whole country, in the title",
    "area_code": "the whole country, in the title",
    "quarter": "sums of a year",
    "direction": "the heading says came from, went to",
    "figure_order": "an order",
    "method": "by name where there are several",
    "standard": "the one standard, in the title",
    "age_band": "by its level",
    "period": "by the column: before and after",
    "adjusted_for": "by the column; municipalities are those of alone, the test that of both",
    "year_from": "by the last year of its band, and of areas by the last of all",
}


@dataclass(frozen=True)
class Written:
    """A number as it stands: the text, its value and decimals, and where it may come from."""

    shown: str
    value: float
    decimals: int
    sources: tuple[Source, ...]


@dataclass
class Report:
    """The report as it was made, the numbers of its release, and who listened."""

    content: Content
    tables: ResultTables
    known: Known
    listener: Listener
    #: Kind of page with its tables, each with the heading of the page.
    pages: list[tuple[str, str, PageTable]]
    #: Kind of page, section and what is said in it outside tables.
    sentences: list[tuple[str, str, str]]

    def written(self, text: str) -> Iterator[Written | None]:
        """Yield each number of ``text``, None for the sign of one that is not shown."""
        for token in _TOKEN.finditer(text):
            if not token[0].startswith("\ue000"):
                yield None
                continue
            for value, decimals, shown in self.listener.numbers(token[0]):
                yield Written(shown, value, decimals, self.sources(value))

    def sources(self, value: float) -> tuple[Source, ...]:
        if value not in self._memory:
            self._memory[value] = tuple(self.known.sources(value)) if value else ()
        return self._memory[value]

    def __post_init__(self) -> None:
        self._memory: dict[float, tuple[Source, ...]] = {}


@pytest.fixture(scope="module")
def report(whole_release: Path) -> Report:
    return report_of(whole_release)


def sources_of(release: Path) -> str:
    """Return what is kept in :data:`KEPT` of the release at ``release``."""
    report = report_of(release)
    return listing(traced(report)[0]) + sentences_of(report)


def report_of(release: Path) -> Report:
    """Return the Danish report of ``release`` with numbers all unlike."""
    tables, known = made_known(read_tables(release))
    content = content_from(tables)
    add_sums(known, tables, content)
    known.sort()
    write = formatting._written.__wrapped__  # type: ignore[attr-defined]
    listener = Listener(write)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formatting, "_written", listener)
        pages, sentences = [], []
        for name, page in islice(render_site(content, "da", ("da",)), 10 + N_PLACES):
            kind = "kommune" if name.startswith("kommune/") else name.removesuffix(".html")
            heading, listed, said = parts_of(page)
            pages += [(kind, heading, table) for table in listed]
            sentences += [(kind, section, text) for section, text in said]
        pages += _printed(content, patch)
    return Report(content, tables, known, listener, pages, sentences)


def _printed(content: Content, patch: pytest.MonkeyPatch) -> Iterator[tuple[str, str, PageTable]]:
    """Yield the tables of the printed report and of some sheets, as they are handed to Typst."""
    made: list[Document] = []

    def keep(p: Telling, document: Document) -> bytes:
        made.append(document)
        return b""

    patch.setattr(documents, "set_pdf", keep)
    patch.setattr(documents, "each", lambda *of: islice(_each(*of), N_PLACES))
    documents.write_report(Path("/dev/null"), content, "da")
    documents.write_municipalities(Path("/dev/null"), content, "da")
    for document, kind in zip(made, ("report.pdf", "sheet.pdf"), strict=True):
        for section in document.sections:
            key = section.key.partition("-")[0]
            for table in _tables_in(section.blocks):
                yield kind, section.title, _as_page_table(key, table)


_each = documents.each


def _tables_in(blocks: Iterable[Any]) -> Iterator[Any]:
    for block in blocks:
        if block.kind == "table":
            yield block
        yield from _tables_in(getattr(block, "blocks", ()))


def _as_page_table(section: str, table: Any) -> PageTable:
    def said(cell: Any) -> str:
        return " ".join(part for part in (cell.text, cell.soft, *cell.lines) if part)

    return PageTable(
        section,
        f"{table.caption} {table.caption_soft}",
        [f"{one.heading} {one.note}".strip() for one in table.columns],
        [
            (said(row.head), [said(cell) for cell in row.cells], body.heading)
            for body in table.bodies
            for row in body.rows
        ],
    )


def add_sums(known: Known, tables: ResultTables, content: Content) -> None:
    """Add what the report adds up itself, worked out here in another way."""

    def add(name: str, values: pd.Series, *, is_unlike: bool = True) -> None:
        frame = values.rename("value").reset_index()
        names = [str(column) for column in frame.columns if column != "value"]
        known.add(name, frame["value"], keys_of(frame, names), is_unlike=is_unlike)

    view = ["outcome", "model"]
    benchmark, ranking = tables.benchmark, tables.ranking
    of_view = benchmark.groupby(view)
    add("sum(benchmark.observed)", of_view["observed"].sum())
    of_years = tables.development_country.groupby(view)["observed"].sum()
    add("sum(development_country.observed)", of_years)
    add("median(benchmark.reliability)", of_view["reliability"].median())
    low = benchmark.assign(value=benchmark["reliability"] < 0.5).groupby(view)["value"].sum()
    add("count(benchmark.reliability < 0.5)", low, is_unlike=False)
    for flag in ("flag_95", "flag_998", "flag_overdispersed"):
        out = benchmark.assign(value=benchmark[flag] != "within").groupby(view)["value"].sum()
        add(f"count(benchmark.{flag})", out, is_unlike=False)
    for ends in ("rank", "rank_simultaneous"):
        first, last = ("rank_low", "rank_high")
        if ends != "rank":
            first, last = f"{first}_simultaneous", f"{last}_simultaneous"
        width = ranking.assign(value=ranking[last] - ranking[first] + 1)
        add(f"median(width of {ends})", width.groupby(view)["value"].median(), is_unlike=False)
    maybe = ranking.assign(value=ranking["rank_low"] <= content.lowest_k)
    add("count(ranking.rank_low <= k)", maybe.groupby(view)["value"].sum(), is_unlike=False)
    cells = tables.breakdown_country[tables.breakdown_country["model"] == content.main.model]
    expected = cells.groupby("outcome")["expected"].sum()
    add("sum(breakdown_country.expected)", expected)
    ratio = of_years.xs(content.main.model, level="model") / expected
    add("sum(development_country.observed) / sum(breakdown_country.expected)", ratio)
    z = NormalDist().inv_cdf((1 + content.choices.level) / 2)
    grid = tables.sensitivity.set_index(["specification", "outcome", "municipality_code"])
    for sign, way in ((-1, "-"), (1, "+")):
        limit = grid["practice_effect"] + sign * z * grid["practice_effect_se"]
        add(f"sensitivity.practice_effect {way} z se", limit)
    history = tables.grant_history
    shown = history[~history["is_suppressed"].astype(bool)]
    years = shown.groupby(["outcome", "year"])[["observed", "residents"]].sum()
    add("sum(grant_history.observed) of municipalities shown", years["observed"])
    add("grants / residents of municipalities shown", years["observed"] / years["residents"])
    cases = tables.case_processing[~tables.case_processing["is_suppressed"].astype(bool)]
    for measure in ("median_days", "grants_per_refusal", "mental_share"):
        add(f"median(case_processing.{measure})", cases.groupby("outcome")[measure].median())
    of_register = tables.data_quality.groupby("register")
    add("count(data_quality.check)", of_register.size(), is_unlike=False)
    for column in ("n_rows", "n_quarantined"):
        add(f"max(data_quality.{column})", of_register[column].max())
    of_level = tables.coefficient.groupby(["outcome", "term", "level"])
    add("max(coefficient.n_events)", of_level["n_events"].max())
    add("recovery.truth of the measure", tables.recovery.groupby("measure")["truth"].first())
    profile = tables.pathway_profile
    sick = profile[profile["level"].isin(["psychotropic", "diagnosis"])]
    for share in ("share", "share_of_all"):
        add(f"sum(pathway_profile.{share})", sick.groupby(["outcome", "pathway"])[share].sum())
        others = profile[profile["level"].isin(["immigrant", "descendant"])]
        name = f"sum(pathway_profile.{share}) of origin"
        add(name, others.groupby(["outcome", "pathway"])[share].sum())
    flow = tables.tenure_flow
    flow = flow[(flow["year"] == flow["year"].max()) & (flow["area_code"] == COUNTRY)]
    sums = flow.groupby(["year", "direction", "state_group"])["n_persons"].sum()
    add("sum(tenure_flow.n_persons)", sums)
    apart = sums[sums.index.get_level_values("state_group") != "all"]
    whole = apart.groupby(["year", "direction"]).transform("sum")
    add("sum(tenure_flow.n_persons) / all", apart / whole)
    both = tables.displacement.set_index(["outcome", "model", "other_outcome", "municipality_code"])
    add("max(displacement.p_low_high, p_high_low)", both[["p_low_high", "p_high_low"]].max(axis=1))
    tens = tables.calibration.set_index("figure")
    for column in ("target", "generated", "allowed_low", "allowed_high"):
        large = tens[column][tens[column] > 1000]
        add(f"calibration.{column} to tens", large.round(-1))
    setting = tables.setting.set_index("setting")["value"].map(json.loads)
    numbers = setting[setting.map(lambda value: isinstance(value, float | int))].astype(float)
    add("setting.value", numbers, is_unlike=False)
    scale = {"setting": Words("da")("method.run_scale")}
    known.add("run.scale", [100 * content.run.scale or 0.0], [scale], is_unlike=False)


class Sayings:
    """What the words around a number say, held against the key of the row it comes from."""

    def __init__(self, content: Content) -> None:
        self.words = Words("da")
        self.content = content
        self.names = {row.code: row.name for row in content.main.rows}
        words = self.words
        outcomes = dict.fromkeys(view.outcome for view in content.views)
        models = dict.fromkeys(view.model for view in content.views)
        self._outcomes = [(words.label("outcome", code), code) for code in outcomes]
        self._models = [
            (words.label(family, code), code)
            for code in models
            for family in ("model", "model_short")
        ]

    def is_said(self, source: Source, around: str) -> bool:
        """Return whether ``around`` says the row of ``source``, in all parts of its key."""
        for name, value in source.key.items():
            if name in UNSAID or ("displacement" in source.name and "outcome" in name):
                continue
            if name in ("outcome", "other_outcome", "model"):
                is_model = name == "model"
                said = _said(around, self._models if is_model else self._outcomes)
                main = self.content.main.model if is_model else self.content.main.outcome
                # Case processing and fifths begin with the outcome of AKF.
                if said and value not in said:
                    return False
                if not said and value != main:
                    return False
            elif not any(text in around for text in self._texts(name, value, source.key)):
                return False
        return True

    def _texts(self, name: str, value: Any, key: Key) -> list[str]:
        words = self.words
        if name == "municipality_code":
            return [self.names[value]]
        if name in ("dimension", "across"):
            if "across" in key:
                return [crossing_label(value, words)]
            return [""]
        if name == "level" and "attribute" in key:
            return [words.label("attribute_level", value)]
        if name == "horizon_years":
            year = self.content.run.years[0] + value - 1
            return [words("later.after", n=value), words("later.end_of", year=year)]
        if name == "level" and key.get("dimension") == "state_kind":
            return [words.label("later_kind", value)]
        if name == "level" and key.get("dimension") == "state":
            own = value in ("work", "self_support")
            return [
                words(f"later.{value}") if own else state_name(Telling(self.content, "da"), value)
            ]
        if name == "level":
            of = key.get("dimension") or key.get("term")
            return [words.level(str(of), value) or words("method.intercept")]
        if name == "diagnosis_group":
            return [words.diagnosis(value)]
        if name == "diagnosis_kind":
            return [words(f"subgroups.kind_{value}")]
        if name == "diagnosis_subgroup":
            kind = key["diagnosis_kind"]
            return (
                [words(f"subgroups.all_{kind}"), words("subgroups.all")]
                if value == "all"
                else [diagnosis_label(value, words)]
            )
        if name in ("tenure_band", "diagnosis_main", "tenure_main"):
            return [words.level(name, value)]
        if name == "fifth":
            return [f" {value}"]
        if name == "years_since_grant" and value == 0:
            return [words("cost.before")]
        if name in ("year", "tenure_year", "years_of_practice", "years_since_grant"):
            return [str(value)]
        if name == "condition":
            return [condition_label(value, words)]
        if name == "specification":
            return [specification_label(value, words)]
        if name == "term":
            return [second_stage_term(value, words), words.label("factor", value), ""][:3]
        if name == "check":
            return [words.check(value) or value]
        if name == "pathway":
            return [_pathways()[value]]
        if name == "state_group":
            return [state_name(Telling(self.content, "da"), value)]
        if name == "group_basis":
            return [words(f"goes_with.caption_{value}", outcome="", years="").split(" ")[0]]
        if name == "setting":
            return [value]
        if name == "attribute":
            return [words.label("attribute", value)]
        if name == "kind":
            return [words.label("decision_maker_kind", value)]
        if name == "clock":
            return {"age": ["alder", "fylder"], "benefit": ["uddannelseshjælp"]}[value]
        if name == "initiative":
            held = self.content.followups.initiatives
            return [one.titles["da"] for one in held if one.name == value]
        if name == "measure" and "initiative" in key:
            return [words(f"initiative_measure.{value}")]
        if name == "former_municipality_code":
            places = self.content.followups.merged.parts
            code = next(part.municipality_code for part in places if part.former_code == value)
            told = Telling(self.content, "da")
            return [former_name(told, key.get("municipality_code", code), value)]
        if name == "side" and "rule" in key:
            return [words(f"former.side_{value}")]
        if name == "rule":
            return [words(f"former.rule_{value}")]
        if name == "selection":
            # There is one a run.
            return [""]
        if name == "component" and value in ("composition", "national_practice", "total"):
            return [words(f"change.part_{value}"), words.label(name, value)]
        if name == "set_number":
            return [words("cases.set", number="")]
        if name == "criterion":
            parts = words(f"case_criterion.{value}", value="|").split("|")
            return [max(parts, key=len)]
        if name == "figure" and "part" in key:
            # Thirds are of the weeks on a benefit with measures, as the caption says.
            is_whole = key["part"] == "all"
            return [words(f"activity.{value}") if is_whole else "der var uger i tilbud"]
        if name == "part":
            return [""] if value == "all" else [words(f"activity.{value}")]
        if name == "figure":
            return [words.label("calibration_figure", value)]
        # Any other key is said by no table: a number of such a row is of none.
        return [words.label(name, value)] if name in ("component", "measure", "register") else []


def _pathways() -> dict[str, str]:
    from pipeline.codes import code_rows

    return {row["pathway"]: row["name_da"] for row in code_rows("pathway")}


def _said(text: str, labels: list[tuple[str, str]]) -> set[str]:
    """Return the codes whose labels ``text`` has, none for a label inside a longer one."""
    said = set()
    for label, code in sorted(labels, key=lambda pair: -len(pair[0])):
        if label.lower() in text.lower():
            said.add(code)
            text = re.sub(re.escape(label), "", text, flags=re.IGNORECASE)
    return said


def plain(text: str) -> str:
    """Return ``text`` as it is read."""
    return MARKED.sub(lambda mark: mark[2], text)


#: A column of a table: kind of page, section, headings of the table, the column's.
Column = tuple[str, str, tuple[str, ...], int]


#: By column and head of the row: of each cell, of each of its numbers, the names it may have.
Slots = dict[Column, dict[str, list[list[set[str]]]]]


def traced(report: Report) -> tuple[Slots, list[str]]:
    """Return by column and head of row the names each number may have, and what has no source."""
    sayings = Sayings(report.content)
    slots: Slots = defaultdict(lambda: defaultdict(list))
    faults = []
    for kind, heading, table in report.pages:
        if table.section == "glossary":
            continue
        headings = tuple(without_numbers(text) for text in table.headings)
        for head, cells, group in table.rows:
            listed = [[*report.written(cell)] for cell in cells]
            said = without_numbers(" ".join(cells))
            spots = [
                f" {plain(head)} {group} {plain(column)} {said} {plain(table.caption)} {heading} "
                for column in table.headings[1:] or [""] * len(cells)
            ]
            passing = [
                [
                    () if one is None else tuple(s for s in one.sources if sayings.is_said(s, spot))
                    for one in cell
                ]
                for cell, spot in zip(listed, spots, strict=True)
            ]
            keys = [source.key for cell in passing for of in cell for source in of]
            for at, (cell, of_cell, spot) in enumerate(zip(listed, passing, spots, strict=True)):
                names: list[set[str]] = []
                for one, sources in zip(cell, of_cell, strict=True):
                    if one is None:
                        names.append(set())
                        continue
                    where = f"{kind} {table.section} {spot.strip()[:120]!r}: {one.shown}"
                    if not sources:
                        near = [s for key in keys for s in report.known.beside(one.value, key)]
                        sources = tuple(near or _of_settings(report, one.value, spot))
                    if not sources:
                        faults.append(f"{where} is no number of that row")
                    written = rounded(one.value, one.decimals)
                    if one.shown != written.replace("−0", "0") and one.shown != written:
                        faults.append(f"{where} is not {written}")
                    names.append({source.name for source in sources})
                if names:
                    slots[kind, table.section, headings, at + 1][plain(head)].append(names)
    return slots, faults


def _of_settings(report: Report, value: float, spot: str) -> list[Source]:
    """Return the setting named in ``spot`` that ``value`` is of."""
    named = [*report.tables.setting["setting"], Words("da")("method.run_scale")]
    listed = [name for name in named if f" {name} " in spot]
    return [source for name in listed for source in report.known.beside(value, {"setting": name})]


def listing(slots: Slots) -> str:
    """Return the columns of every table with what their numbers are of, one a line.

    Where rows differ those of fewer are named in brackets. Several numbers of a cell stand one
    after another; a column without numbers is left out.
    """
    by_table: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (kind, section, headings, at), heads in slots.items():
        said = [text for place in range(9) if (text := _names_at(heads, place))]
        if said:
            lines = by_table.setdefault((kind, section, headings), [])
            lines.append(f"  {headings[at] or '(no heading)'}: {'; '.join(said)}")
    text = []
    for (kind, section, headings), lines in by_table.items():
        text += [f"{kind} · {section} · {headings[0] or '(no heading)'}", *lines, ""]
    return "\n".join(text)


def sentences_of(report: Report) -> str:
    """Return by section what its sentences tell of the release, where one number tells it."""
    by_section: dict[tuple[str, str], set[str]] = {}
    for kind, section, text in report.sentences:
        for value, _, _ in report.listener.numbers(text):
            sources = report.sources(value)
            if len(sources) == 1:
                by_section.setdefault((kind, section), set()).add(sources[0].name)
    lines = [
        f"{kind} · {section or 'head'}: {'; '.join(sorted(names))}"
        for (kind, section), names in by_section.items()
    ]
    return "\n".join(["In sentences", *(f"  {line}" for line in lines), ""])


def _names_at(heads: dict[str, list[list[set[str]]]], place: int) -> str:
    """Return the names of the numbers at ``place`` of the cells of a column, "" for none."""
    by_head: dict[str, set[str]] = {}
    for head, rows in heads.items():
        names = [row[place] for row in rows if len(row) > place and row[place]]
        if names:
            by_head[head] = set.intersection(*names)
    if not by_head:
        return ""
    if together := set.intersection(*by_head.values()):
        return _plainest(together)
    # Of a zero any of the row's zeros may be the source: what other rows are of decides.
    n_heads = Counter(name for names in by_head.values() for name in names)
    by_name: dict[str, list[str]] = {}
    for head, names in by_head.items():
        most = max((n_heads[name] for name in names), default=0)
        name = _plainest([name for name in names if n_heads[name] == most]) if names else "?"
        by_name.setdefault(name, []).append(head)
    first, *others = sorted(by_name.items(), key=lambda pair: -len(pair[1]))
    return " ".join([first[0], *(f"{name} [{', '.join(of)}]" for name, of in others)])


def _plainest(names: Iterable[str]) -> str:
    # A zero count has a ratio of zero: the count is what stands there.
    return min(names, key=lambda name: (".observed" not in name, len(name), name))


@pytest.fixture(scope="module")
def trace(report: Report) -> tuple[Slots, list[str]]:
    return traced(report)


# Numbers are marked with letters of nobody's font.
@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_every_number_of_a_table_is_of_the_row_that_its_words_say(
    trace: tuple[Slots, list[str]],
) -> None:
    slots, faults = trace
    n_numbers = sum(len(row) for heads in slots.values() for rows in heads.values() for row in rows)
    assert n_numbers > 15_000
    assert not faults, "\n".join([f"{len(faults)} faults, the first:", *faults[:20]])


def test_every_column_of_a_table_is_of_the_column_that_is_kept(
    report: Report, trace: tuple[Slots, list[str]]
) -> None:
    made = listing(trace[0]) + sentences_of(report)
    assert "?" not in made
    assert made == KEPT.read_text(encoding="utf-8"), f"if this is meant: {UPDATE}, read the diff"


def test_every_number_of_the_workbook_is_of_its_column_and_row(report: Report) -> None:
    """As numbers are unlike, one says which row it is of; all of a row must be of the same."""
    n_numbers = 0
    for sheet in sheets_from(report.tables, report.content, "da"):
        frame = getattr(report.tables, sheet.key)
        if sheet.key == "ranking":
            keys = ["outcome", "model", "municipality_code"]
            frame = report.tables.benchmark.merge(frame.drop(columns="run_id"), on=keys)
        numbers = {
            column.name: {value: at for at, value in enumerate(frame[column.name].tolist())}
            for column in sheet.columns
            if column.name in frame and pd.api.types.is_numeric_dtype(frame[column.name])
        }
        unlike = {name for name, of in numbers.items() if len(of) > 0.9 * len(frame)}
        for row in zip(*sheet.cells, strict=True):
            rows = set()
            for column, value in zip(sheet.columns, row, strict=True):
                if isinstance(value, str | None) or column.name not in numbers:
                    continue
                assert value in numbers[column.name], (sheet.name, column.heading, value)
                n_numbers += 1
                if value and column.name in unlike:
                    rows.add(numbers[column.name][value])
            assert len(rows) <= 1, (sheet.name, row)
    assert n_numbers > 100_000


def test_the_numbers_of_explore_are_those_of_the_release(report: Report) -> None:
    """Its script unpacks them as this test does, and writes them by the rule of every page."""
    p = Telling(report.content, "da")
    pages = {row.code: "" for row in report.content.main.rows}
    data, tables = explore_data(p, pages), report.tables
    codes = [place[0] for place in data["places"]] + [""]
    columns = ["observed", "expected", "ratio", "ratio_low", "ratio_high"]
    whole = tables.benchmark.merge(
        tables.ranking.drop(columns="run_id"), on=["outcome", "model", "municipality_code"]
    )
    whole["odds"] = np.exp(whole["practice_effect_shrunk"])
    shown = [*columns, "odds", "rank", "rank_low", "rank_high"]
    shown += ["rank_low_simultaneous", "rank_high_simultaneous"]
    for key, view in data["views"].items():
        frame = whole[whole["outcome"].str.cat(whole["model"], "-") == key]
        frame = frame.set_index("municipality_code").loc[codes[:-1]]
        out = view.pop("f")
        for sign, column in zip(view, shown, strict=True):
            assert alike(view[sign], frame[column]), (key, column)
        beyond = frame["flag_overdispersed"].where(
            frame["flag_overdispersed"] == frame["flag_discovery"]
        )
        assert out == [{"low": "fewer", "high": "more"}.get(flag) for flag in beyond], key
    profile = tables.practice_profile.assign(
        odds=np.exp(tables.practice_profile["practice_effect_shrunk"])
    )
    mains = {"diagnosis_group": "diagnosis_main", "tenure_band": "tenure_main"}
    n_numbers = 0
    for key, packed in data["levels"].items():
        of_view = profile[profile["outcome"].str.cat(profile["model"], "-") == key]
        rows = of_view.set_index(["dimension", "level", "municipality_code"]).sort_index()
        for name, fine, listed in (
            ("diagnosis", "diagnosis_group", data["diagnoses"]),
            ("tenure", "tenure_band", data["tenures"]),
        ):
            table = unpacked(packed[name])
            for at, (choice, *_) in enumerate(listed):
                is_main = choice.startswith("main-")
                level = (mains[fine] if is_main else fine, choice.removeprefix("main-"))
                frame = rows.loc[level].loc[codes[:-1]]
                for sign, column in zip("oeqlhs", [*columns, "odds"], strict=True):
                    values = table[sign][at :: len(listed)][: len(frame)]
                    assert alike(values, frame[column]), (key, level, column)
                    n_numbers += len(values)
    for name, frame in (("years", tables.development), ("ages", tables.breakdown_age)):
        part = {"years": "year", "ages": "age_band"}[name]
        for key, parts in data[name].items():
            of_view = frame[frame["outcome"].str.cat(frame["model"], "-") == key]
            for value, packed in parts.items():
                rows = of_view[of_view[part].astype(str) == value].set_index("municipality_code")
                table = unpacked(packed)
                for sign, column in zip("oeqlh", columns, strict=True):
                    assert alike(table[sign][:-1], rows.loc[codes[:-1], column]), (key, value)
                    n_numbers += len(rows)
    content = report.content
    for name, frame, axes, of_axes in (
        ("cells", tables.breakdown, content.axes, ["diagnosis_group", "tenure_band"]),
        ("main_cells", tables.breakdown_main, content.main_axes, ["diagnosis_main", "tenure_main"]),
    ):
        listed = pd.MultiIndex.from_product([codes[:-1], axes.rows[1], axes.columns[1]])
        for key, packed in data[name].items():
            of_view = frame[frame["outcome"].str.cat(frame["model"], "-") == key]
            of = of_view.set_index(["municipality_code", *of_axes]).loc[listed]
            table = unpacked(packed)
            for sign, column in zip("oeqlh", columns, strict=True):
                assert alike(table[sign][: len(listed)], of[column]), (name, key, column)
                n_numbers += len(listed)
    assert n_numbers > 200_000


def unpacked(packed: dict[str, str]) -> dict[str, list[float | None]]:
    """Return columns of text as numbers; ratios stand for places with a count only."""
    table = {
        sign: [float(text) if text else None for text in packed[sign].split(",")] for sign in packed
    }
    n_known = sum(count is not None for count in table["o"])
    for sign in "qlh":
        values = iter(table[sign] if n_known else [])
        table[sign] = [None if count is None else next(values) for count in table["o"]]
    return table


def alike(shown: list[float | None], published: pd.Series) -> bool:
    """Return whether numbers are those published to ten digits, and none is shown of another."""
    numbers = np.array([np.nan if one is None else one for one in shown], float)
    wanted = published.astype(float).to_numpy()
    return bool(np.allclose(numbers, wanted, rtol=6e-10, atol=0, equal_nan=True))
