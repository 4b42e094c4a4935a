"""The overview: one row per municipality, and three charts drawn from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.catalogue import table
from reports.content.content import Content, MunicipalityResult
from reports.language.words import Words
from reports.municipality.verdict import verdict
from reports.told.settings import words_for
from reports.told.telling import Telling
from reports.workbook.sheets import Column, Sheet

#: Columns of each outcome: a field of benchmark or ranking, and its attribute of a result.
_OF_OUTCOME = (
    *("observed", "expected", "difference", "ratio", "ratio_low", "ratio_high"),
    *("rank", "rank_low", "rank_high"),
)
_POINT = {"type": "circle", "size": 6, "fill": {"color": "#0b4a5e"}, "border": {"none": True}}
_CHART_ROWS = 27


def overview(content: Content, language: str) -> Sheet:
    """Return the municipalities in rank order with every outcome under the main model."""
    words = words_for(content.choices, language)
    fields = {
        field.name: field for name in ("benchmark", "ranking") for field in table(name).fields
    }
    views = [view for view in content.views if view.model == content.main.model]
    by_place = {(view.outcome, row.code): row for view in views for row in view.rows}
    stands_out = {"low": words("workbook.flag_low"), "high": words("workbook.flag_high")}

    def in_words(row: MunicipalityResult) -> str | None:
        step = verdict(row)
        return words(f"verdict_name.{step}") if step else None

    own: tuple[tuple[str, str, str, Callable[[MunicipalityResult], Any]], ...] = (
        ("municipality_code", "", "text", lambda row: row.code),
        ("municipality_name", "", "text", lambda row: row.name),
        ("region", words("ranking.region"), "text", lambda row: row.region),
        ("verdict", words("workbook.verdict"), "text", in_words),
        (
            "stands_out",
            words("workbook.stands_out"),
            "text",
            lambda row: stands_out.get(row.stands_out or ""),
        ),
        ("n_at_risk", "", "count", lambda row: row.n_at_risk),
        ("reliability", "", "decimal2", lambda row: row.reliability),
    )
    columns = [
        Column(
            name,
            heading or fields[name].heading[language],
            words(f"workbook.{name}_meaning") if heading else fields[name].meaning[language],
            kind,
        )
        for name, heading, kind, _ in own
    ]
    for view in views:
        outcome = words.label("outcome", view.outcome)
        columns += [
            Column(
                name,
                f"{outcome}: {fields[name].heading[language]}",
                fields[name].meaning[language],
                fields[name].format,
            )
            for name in _OF_OUTCOME
        ]
    rows = [
        (
            *(of(row) for *_, of in own),
            *(
                getattr(by_place.get((view.outcome, row.code)), name, None)
                for view in views
                for name in _OF_OUTCOME
            ),
        )
        for row in content.main.rows
    ]
    return Sheet(
        key="overview",
        name=words("workbook.overview"),
        title=words("workbook.overview_title"),
        note=words("workbook.note_main", model=words.label("model", content.main.model)),
        columns=tuple(columns),
        cells=list(zip(*rows, strict=True)),
    )


def draw(
    book: Workbook, sheet: Worksheet, data: Sheet, content: Content, words: Words, first: int
) -> None:
    """Draw three charts of ``data``, whose rows begin on line ``first``, on ``sheet``.

    Each is there when the release holds its outcomes, and has the mark in its title.
    """
    mark = Telling(content, words.language).mark
    for at, (key, kind, x, y) in enumerate(_charts(data, content)):
        chart = book.add_chart({"type": kind, **({"subtype": ""} if kind == "scatter" else {})})

        def cells(column: int) -> list[Any]:
            return [data.name, first, column, first + len(data.cells[0]) - 1, column]

        # What is drawn before a reader's program has looked into the cells.
        series: dict[str, Any] = {
            **{"categories": cells(x), "categories_data": _drawn(data.cells[x])},
            **{"values": cells(y), "values_data": _drawn(data.cells[y])},
        }
        if kind == "scatter":
            series["marker"] = _POINT
        else:
            series |= {"fill": {"color": "#0b4a5e"}, "gap": 40}
        chart.add_series(series)
        title = words(f"workbook.chart_{key}")
        chart.set_title({"name": f"{mark} · {title}" if mark else title, "name_font": {"size": 12}})
        log = {"log_base": 10, "min": 1} if key == "funnel" else {}
        font = {"num_font": {"size": 6, "rotation": -90}} if kind == "column" else {}
        chart.set_x_axis({"name": words(f"workbook.chart_{key}_x"), **log, **font})
        chart.set_y_axis({"name": words(f"workbook.chart_{key}_y"), "crossing": "min"})
        chart.set_legend({"none": True})
        chart.set_size({"width": 1240, "height": 520})
        sheet.insert_chart(3 + at * _CHART_ROWS, 0, chart, {"description": title})


def _drawn(values: Sequence[Any]) -> list[str | None]:
    """Return ``values`` as a chart keeps them."""
    return [f"{value:.16g}" if isinstance(value, int | float) else value for value in values]


def _charts(data: Sheet, content: Content) -> Iterator[tuple[str, str, int, int]]:
    """Yield name, kind, and the columns of the two axes."""
    names = [column.name for column in data.columns]
    views = [view.outcome for view in content.views if view.model == content.main.model]
    first = len(names) - len(views) * len(_OF_OUTCOME)

    def column(outcome: str, name: str) -> int:
        return first + views.index(outcome) * len(_OF_OUTCOME) + _OF_OUTCOME.index(name)

    main = content.main.outcome
    yield "ratio", "column", names.index("municipality_name"), column(main, "ratio")
    yield "funnel", "scatter", column(main, "expected"), column(main, "ratio")
    if {"FP", "FJ"} <= set(views):
        yield "both", "scatter", column("FP", "ratio"), column("FJ", "ratio")
