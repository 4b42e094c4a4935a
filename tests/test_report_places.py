"""What the site adds up, compares and draws: the release before, neighbours, small charts, CSV."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from fabricated_release import fabricate, with_tables

from reports.charts import small as draw
from reports.charts.parts import ticks_up_to
from reports.content.assemble import content_from
from reports.content.cells import Cell
from reports.content.content import Content
from reports.content.lookup import Lookup
from reports.content.municipality import HistoryYear
from reports.content.near import near_from
from reports.content.read import EarlierTables, ResultTables, read_previous, read_tables
from reports.content.slices import shown_country
from reports.language.csv_text import csv_text
from reports.language.formatting import Numbers
from reports.municipality.breakdown import breakdown
from reports.municipality.drawn import charts_of
from reports.municipality.page import each
from reports.municipality.sensitivity import sensitivity
from reports.municipality.short import sentences
from reports.municipality.since import since
from reports.municipality.tables import position, rank_note
from reports.municipality.verdict import verdict
from reports.municipality.view import Own
from reports.municipality.why import parts, robustness, why
from reports.told.blocks import Bullets, Fold, Table, Text
from reports.told.changes import changes
from reports.told.heat import heat_kind
from reports.told.telling import Telling


@pytest.fixture(scope="module")
def tables(main_release: Path) -> ResultTables:
    return read_tables(main_release)


@pytest.fixture(scope="module")
def content(main_content: Content) -> Content:
    return main_content


def earlier(tables: ResultTables, **changed: object) -> EarlierTables:
    run = tables.run.assign(**changed)
    return EarlierTables(run, tables.benchmark, tables.ranking, tables.setting)


def said(content: Content, language: str = "da") -> str:
    blocks = changes(Telling(content, language)).blocks
    texts = [block.text for block in blocks if isinstance(block, Text)]
    lists = [line for block in blocks if isinstance(block, Bullets) for line in block.lines]
    return " ".join([*texts, *lists])


def test_a_first_release_says_so(content: Content) -> None:
    assert content.changes is None
    assert "første udgivelse" in said(content)
    assert "first release" in said(content, "en")


def test_shown_counts_tell_their_noise(tables: ResultTables) -> None:
    setting = tables.setting.copy()
    setting.loc[setting["setting"] == "disclosure_method", "value"] = '"cell_key"'
    benchmark = tables.benchmark.assign(noise_sd=2.0)
    benchmark.loc[benchmark.index[1], "observed"] = 0
    noisy = content_from(with_tables(tables, setting=setting, benchmark=benchmark))
    exact = content_from(tables)
    first, second = (str(benchmark["municipality_code"].iloc[at]) for at in (0, 1))
    observed = int(benchmark["observed"].iloc[0])

    def told(content: Content, code: str, language: str) -> str:
        own = next(one for one in each(Lookup(content), language) if one.place.code == code)
        return " ".join([*sentences(own), *(block.text for block in own.noise_note())])

    assert f"ca. {observed:,}".replace(",", ".") + " (±4)" in told(noisy, first, "da")
    assert f"about {observed:,} (±4)" in told(noisy, first, "en")
    assert "ingen eller få (0–4)" in told(noisy, second, "da")
    assert "tilfældig støj" in told(noisy, first, "da")
    assert "ca. " not in told(exact, first, "da")
    assert "støj" not in told(exact, first, "da")


@pytest.mark.parametrize(
    ("expected", "danish", "english", "reconciled"),
    [
        (4.6, "mellem 1 og 5 færre", "between 1 and 5 fewer than expected", "op til 5 færre, end"),
        (4.2, "kan et så lille antal ikke", "so small a number cannot show", "op til 4 færre, end"),
        (
            2.3,
            "kan et så lille antal ikke",
            "so small a number cannot show",
            "mellem 2 færre og 2 flere, end",
        ),
        (0.3, "kan et så lille antal ikke", "so small a number cannot show", "op til 4 flere, end"),
    ],
)
def test_none_or_a_few_are_fewer_by_no_more_than_is_known(
    tables: ResultTables, expected: float, danish: str, english: str, reconciled: str
) -> None:
    own = {"observed": 0, "ratio": 0.0, "expected": expected, "difference": -expected}
    benchmark = tables.benchmark.assign(noise_sd=2.0)
    for name, value in own.items():
        benchmark[name] = benchmark[name].astype(float)
        benchmark.loc[benchmark.index[1], name] = value
    noisy = content_from(with_tables(tables, benchmark=benchmark))
    code = str(benchmark["municipality_code"].iloc[1])
    for language, told in (("da", danish), ("en", english)):
        place = next(one for one in each(Lookup(noisy), language) if one.place.code == code)
        assert told in " ".join(sentences(place))
        if language == "da":
            assert reconciled in parts(place)[-1]


def test_practice_by_level_is_drawn_from_the_shrunken_effects(tables: ResultTables) -> None:
    main = content_from(tables).main
    code = main.rows[0].code
    columns = ("dimension", "level", "practice_effect_shrunk", "p_below", "p_above")
    listed = [
        ("diagnosis_group", "mental", -0.4, 0.99, 0.01),
        ("diagnosis_group", "neoplasm", 0.0, 0.5, 0.5),
        ("tenure_band", "over_5", 0.3, 0.02, 0.98),
        ("tenure_band", "none", 0.0, 0.5, 0.5),
        ("age_band", "18-24", 0.1, 0.4, 0.6),
    ]
    profile = pd.DataFrame(listed, columns=columns).assign(
        outcome=main.outcome,
        model=main.model,
        municipality_code=code,
        expected=3.0,
        observed=None,
        is_suppressed=True,
        ratio=7654321.0,
        ratio_low=7654321.0,
        ratio_high=7654321.0,
        practice_effect_low=lambda frame: frame["practice_effect_shrunk"] - 0.2,
        practice_effect_high=lambda frame: frame["practice_effect_shrunk"] + 0.2,
    )
    none = profile.iloc[:0]
    content = content_from(
        with_tables(tables, practice_profile=profile, practice_profile_area=none)
    )
    levels = {one.level: one for one in content.levels}
    assert levels["mental"].odds == pytest.approx(math.exp(-0.4))
    assert levels["mental"].odds_high == pytest.approx(math.exp(-0.2))
    assert levels["mental"].ratio is None
    own = next(one for one in each(Lookup(content), "da") if one.place.code == code)
    drawn = charts_of(own)
    assert [figure.name for figure in drawn] == [
        f"{code}-diagnosis_group",
        f"{code}-tenure_band",
        f"{code}-age_band",
    ]
    assert all("7654321" not in figure.drawing for figure in drawn)
    assert list(own.levels("tenure_band")) == ["none", "over_5"]
    said = " ".join(why(own).blocks[1].lines)
    assert "Diagnoser under det forventede: Psykiske lidelser." in said
    assert "flere end forventet: Over 5 år." in said
    first = tables_of(own)[0].bodies[0].rows[0]
    assert [cell.text for cell in first.cells[1:5]] == ["..", "3,0", "..", "0,67"]
    assert first.cells[4].sign == "▾"
    assert "7654321" not in str(breakdown(own))
    other = next(one for one in each(Lookup(content), "da") if one.place.code != code)
    assert charts_of(other) == ()


def test_a_queue_and_the_limits_of_the_parts_are_told_among_the_reasons(
    tables: ResultTables,
) -> None:
    content = content_from(tables)
    queued = {row.code for row in content.followups.queues if row.is_temporary}
    n_limits = 0
    for own in each(Lookup(content), "da"):
        said = " ".join(why(own).blocks[1].lines)
        assert ("en kø voksede" in said) == (own.place.code in queued)
        total = {part.component: part for part in own.place.components if part.outcome == "ANY"}
        rest = total.get("practice")
        if rest is not None and rest.low is not None and rest.high is not None and rest.share:
            scale = rest.grants / rest.share
            ends = [own.n.signed(end * scale, 0) for end in (rest.low, rest.high)]
            assert f"({ends[0]} til {ends[1]})" in said
            n_limits += 1
    assert queued
    assert n_limits > 50


def tables_of(own: Own) -> list[Table]:
    """Return the tables of the breakdown's main outcome that are not folded."""
    return [block for block in breakdown(own).blocks if isinstance(block, Table)]


def test_the_breakdown_begins_with_one_dimension_at_a_time(tables: ResultTables) -> None:
    """Bars first, main levels before their parts; then three by three, then every cell folded."""
    own = next(each(Lookup(content_from(tables)), "da"))
    blocks = breakdown(own).blocks
    captions = [block.caption for block in tables_of(own)]
    assert [re.search(r"efter [\w ]+ ·|faktisk og", one)[0] for one in captions] == [
        "efter hoveddiagnose ·",
        "efter samlet tid på kontanthjælp eller uddannelseshjælp ·",
        "efter alder ·",
        "faktisk og",
    ]
    diagnoses, tenures, _, cross = (one.bodies[0].rows for one in tables_of(own))
    assert [row.head.text for row in diagnoses if row.look == "main"] == [
        *("Psykiske lidelser", "Bevægeapparatet", "Andre diagnoser")
    ]
    assert sum(row.look == "part" for row in diagnoses) == 8
    assert [row.look for row in tenures] == ["main", "main", "part", "part", "main", "part", "part"]
    assert [len(row.cells) for row in cross] == [4] * 4
    (every,) = (block for block in blocks if isinstance(block, Fold))
    assert every.blocks[0].caption == captions[3]
    assert len(every.blocks[0].bodies[0].rows) == 11


def test_a_mark_of_actual_over_expected_is_the_same_in_every_table(tables: ResultTables) -> None:
    """Practice has marks of its own, which may differ, and the legend says so."""
    marked, n_unlike = [], 0
    for own in each(Lookup(content_from(tables)), "da"):
        diagnoses, *_, cross = (one.bodies[0].rows for one in tables_of(own))
        margins = {row.head.text: row.cells[-1].sign for row in cross}
        for row in diagnoses:
            actual, practice = row.cells[3].sign, row.cells[4].sign
            n_unlike += actual != practice
            if row.look == "main":
                assert actual == margins[row.head.text]
                marked.append(actual)
    assert {"▾", "▴", ""} == set(marked)
    assert n_unlike
    texts = " ".join(block.text for block in breakdown(own).blocks if isinstance(block, Text))
    assert "De to mærker kan være uens" in texts


def test_margins_are_the_published_counts_and_never_sums_of_shown_cells(
    tables: ResultTables,
) -> None:
    profile = tables.practice_profile.copy()
    is_mental = (profile["dimension"] == "diagnosis_main") & (profile["level"] == "mental")
    profile.loc[is_mental, ["observed", "is_suppressed"]] = [7654, False]
    content = content_from(with_tables(tables, practice_profile=profile))
    own = next(each(Lookup(content), "da"))
    cross = tables_of(own)[3].bodies[0].rows
    assert cross[0].cells[-1].text == "7.654"


def test_the_same_run_again_says_so(tables: ResultTables) -> None:
    assert "tallene er de samme" in said(content_from(tables, earlier(tables)))


def test_who_moved_is_who_left_the_interval(tables: ResultTables) -> None:
    before = earlier(tables, input_hash="another")
    ranking = before.ranking.copy()
    ranking["rank_low"] = ranking["rank_high"] = ranking["rank"]
    odense = ranking["municipality_code"] == "461"
    now = tables.ranking.set_index("municipality_code").loc["461"]
    just_outside = int(now["rank_high"]) + 1
    ranking.loc[odense, ["rank", "rank_low", "rank_high"]] = just_outside
    content = content_from(tables, replace(before, ranking=ranking))
    assert content.changes
    assert [move.code for move in content.changes.moves] == ["461"]
    assert len(content.changes.ranked) == 98
    text = said(content)
    assert "Data er nye." in text
    assert "1 af de 98 kommuner" in text
    ranking.loc[odense, ["rank", "rank_low", "rank_high"]] = int(now["rank_high"])
    assert content_from(tables, replace(before, ranking=ranking)).changes.moves == ()


def test_who_stood_out_last_time_and_who_does_now(tables: ResultTables) -> None:
    now, before = tables.benchmark.copy(), earlier(tables, input_hash="another").benchmark.copy()
    for frame, sides in (
        (now, {"461": "low", "101": "high", "751": "high"}),
        (before, {"461": "low", "101": "low", "851": "high"}),
    ):
        flags = frame["municipality_code"].map(sides).fillna("within")
        frame["flag_overdispersed"] = frame["flag_discovery"] = flags
    content = content_from(
        with_tables(tables, benchmark=now),
        replace(earlier(tables, input_hash="another"), benchmark=before),
    )
    text = said(content)
    assert "3 kommuner skilte sig ud sidst, 3 gør det nu:" in text
    come = next(line for line in text.split("Nu, men ikke sidst ")[1:])
    assert come.startswith("(2): ")
    for name in ("København (flere)", "Aarhus (flere)"):
        assert name in come.split(".")[0]
    assert "Sidst, men ikke nu (2): " in text
    assert "Både sidst og nu (1): Odense (færre)." in text
    told = {one.place.code: since(one) for one in each(Lookup(content), "da")}
    endings = {
        "461": "skilte sig ud sidst og gør det stadig.",
        "101": "til den modsatte side.",
        "751": "skilte sig ikke ud sidst, men gør det nu.",
        "851": "skilte sig ud sidst, men gør det ikke nu.",
        "492": "Det er inden for den tilfældige variation.",
    }
    for code, ending in endings.items():
        (line,) = told[code]
        assert line.text.startswith("Siden sidste udgivelse (")
        assert line.text.endswith(ending)


def test_a_first_release_has_no_line_of_the_one_before(content: Content) -> None:
    assert since(next(each(Lookup(content), "da"))) == ()


def test_an_interval_that_holds_nearly_everything_is_said_to_be_none(content: Content) -> None:
    p = Telling(content, "da")
    assert p.ratio_limits(0.0, 543.87) == "kan ikke opgøres"
    assert p.ratio_limits(5.0, 60.0) == "5,00–60,00"
    assert p.ratio_limits(0.0, 5.2) == "0,00–5,20"
    own = next(each(Lookup(content), "da"))
    row = replace(content.main.rows[0], code=own.place.code, ratio_low=0.0, ratio_high=543.87)
    own.lookup.__dict__["rows"] = {(row_key := (p.main_outcome, content.main.model, row.code)): row}
    assert row_key in own.lookup.rows
    assert "kan ikke opgøres" in " ".join(sentences(own))


def test_a_rank_that_may_be_anywhere_is_said_to_hold_under_no_choice(
    tables: ResultTables,
) -> None:
    """Also where other choices of method agree on it."""
    ranking = tables.ranking.copy()
    code = "165"
    limits = ["rank_low", "rank_high", "rank_low_simultaneous", "rank_high_simultaneous"]
    ranking.loc[ranking["municipality_code"] == code, limits] = (1, 98, 1, 98)
    content = content_from(with_tables(tables, ranking=ranking))
    for own in list(each(Lookup(content), "da"))[:5]:
        is_own = own.place.code == code
        (line,) = robustness(own)
        assert ("udelukker data ingen af de 98 pladser" in line) == is_own
        assert ("udelukke en eneste af de 98 pladser" in " ".join(sentences(own))) == is_own
        note = rank_note(own)
        assert "for alle 98 kommuner på én gang" in note
        assert ("Teksten øverst" in note) != is_own


def test_choices_that_are_hidden_are_told_with_the_reason(tables: ResultTables) -> None:
    """One hidden for all is not listed; one hidden for the municipality is, as two dots."""
    grid = tables.sensitivity.copy()
    hidden = grid["specification"] == "decision_municipality"
    hidden |= (grid["specification"] == "age_18_39") & (grid["municipality_code"] == "165")
    assert hidden.any()
    grid["is_suppressed"] = hidden
    content = content_from(with_tables(tables, sensitivity=grid))
    for own in list(each(Lookup(content), "da"))[:3]:
        section = sensitivity(own)
        notes = " ".join(block.text for block in section.blocks if isinstance(block, Text))
        assert "Ikke med her: »Kommunen, der afgjorde sagen«." in notes
        (fold,) = (block for block in section.blocks if isinstance(block, Fold))
        rows = {row.head.text: row.cells[-1].text for row in fold.blocks[0].bodies[0].rows}
        assert "Kommunen, der afgjorde sagen" not in rows
        is_own = own.place.code == "165"
        assert (rows["Kun 18-39 år"] == "..") == is_own
        assert ("To prikker (..): skjult" in notes) == is_own


def test_without_grants_shown_the_rest_is_judged_by_the_interval_of_the_count(
    tables: ResultTables,
) -> None:
    """Parts have no limits there; nothing may be said beside an interval that says otherwise."""
    code = str(tables.benchmark["municipality_code"].iloc[0])
    is_own = tables.benchmark["municipality_code"] == code
    for high, side in ((0.4, "er færre, end"), (1.4, "kan være tilfældigt")):
        benchmark = tables.benchmark.copy()
        benchmark.loc[is_own, ["observed", "ratio", "ratio_low", "ratio_high"]] = [0, 0, 0, high]
        benchmark.loc[is_own, "practice_effect"] = None
        content = content_from(with_tables(tables, benchmark=benchmark))
        own = next(one for one in each(Lookup(content), "da") if one.place.code == code)
        assert any(f"Det {side}" in line for line in parts(own))


def test_changed_settings_are_named_with_both_values(tables: ResultTables) -> None:
    setting = tables.setting.copy()
    setting.loc[setting["setting"] == "tenure_lookback_years", "value"] = "5"
    before = replace(earlier(tables, settings_hash="another"), setting=setting)
    text = said(content_from(tables, before))
    assert "Indstillinger er ændret:" in text
    assert re.search(r"år: 10, før 5", text)


def test_another_outcome_before_cannot_be_compared(tables: ResultTables) -> None:
    before = earlier(tables, code_version="0.0.9")
    none = replace(before, ranking=before.ranking.iloc[:0], benchmark=before.benchmark.iloc[:0])
    text = said(content_from(tables, none))
    assert "kan ikke sammenlignes" in text
    assert "0.0.9" in text


def test_the_release_before_is_the_one_published_before(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    releases.mkdir()
    for stamp in ("20261120T010000000000Z-a", "20261121T010000000000Z-b"):
        fabricate(releases / f"benchmark-{stamp}.duckdb", main_only=True, later=False)
    link = tmp_path / "benchmark.duckdb"
    link.symlink_to(releases / "benchmark-20261121T010000000000Z-b.duckdb")
    assert read_previous(link) is not None
    assert read_previous(releases / "benchmark-20261120T010000000000Z-a.duckdb") is None


def test_near_ones_are_those_the_release_names() -> None:
    names = {"440": "Kerteminde", "450": "Nyborg"}
    assert [near.name for near in near_from("450, 101, 440", names)] == ["Nyborg", "Kerteminde"]
    assert near_from("", names) == near_from(None, names) == ()


def test_few_shown_municipalities_do_not_stand_for_the_country(content: Content) -> None:
    place = content.places[0]
    large = replace(place, history=(HistoryYear("ANY", 2006, 900, 9, 0.01),))
    hidden = replace(place, history=(HistoryYear("ANY", 2006, 100, None, None),))
    (year,) = shown_country([large, hidden])
    assert (year.residents, year.observed) == (900, 9)
    assert shown_country([large, hidden, hidden]) == ()


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (Cell(None, 3.0, None, None, True), "hidden-count"),
        (Cell(9, 3.0, 1.4, 5.0, False), "more-sure"),
        (Cell(1, 9.0, 0.0, 0.6, False), "fewer-sure"),
        (Cell(12, 10.0, 0.6, 2.0, False), "more-maybe"),
        (Cell(8, 10.0, 0.4, 1.6, False), "fewer-maybe"),
        (Cell(10, 10.0, 0.5, 1.8, False), "as-expected"),
        (Cell(10, 10.0, None, None, False), "plain"),
    ],
)
def test_shades_tell_chance_from_more(cell: Cell, kind: str) -> None:
    assert heat_kind(cell) == kind


def test_positions_in_words() -> None:
    assert [position(z) for z in (-2, -1, 0.4, 1, 1.6)] == [
        *("far_below", "below", "near", "above", "far_above"),
    ]


@pytest.mark.parametrize(
    ("fifths", "flag", "step"),
    [
        ((0.9, 0.09, 0.01, 0.0, 0.0), "low", "clearly_fewer"),
        ((0.9, 0.09, 0.01, 0.0, 0.0), None, "probably_fewer"),
        ((0.5, 0.2, 0.2, 0.05, 0.05), "low", "as_expected"),
        ((0.0, 0.05, 0.1, 0.35, 0.5), None, "probably_more"),
        ((0.0, 0.0, 0.02, 0.08, 0.9), "high", "clearly_more"),
        (None, "high", None),
    ],
)
def test_the_verdict_follows_fifths_and_flag(
    content: Content, fifths: tuple[float, ...] | None, flag: str | None, step: str | None
) -> None:
    row = replace(content.main.rows[0], p_fifths=fifths, stands_out=flag)
    assert verdict(row) == step


def test_small_charts_draw_every_value_and_escape_their_text() -> None:
    svg = draw.line_chart(
        (2005, 2006, 2007),
        [draw.Line("<b>own</b>", (1.0, None, 2.0), True)],
        [(0.0, "0"), (2.0, "2")],
        'a "label"',
        "axis",
        "MARK",
    )
    assert svg.count("<circle") == 2
    assert "&lt;b&gt;own" in svg
    assert "<b>" not in svg
    assert {"2005", "2006", "2007", "MARK"} <= set(re.findall(r">([^<>]+)</text>", svg))
    bars = [draw.Bar("up", 2.0, 1.0, 3.0, "+2"), draw.Bar("down", -1.0, None, None, "-1")]
    widths = re.findall(r'<rect [^>]*width="([\d.]+)"', draw.bar_chart(bars, "l", "a", ""))
    assert float(widths[0]) == pytest.approx(2 * float(widths[1]), rel=0.01)
    dots = [draw.Dot("a", 1, "1"), draw.Dot("b", None, "..")]
    assert draw.strip_chart(dots, 1, 98, (1, 1), "l", "a", "").count("<circle") == 1


@pytest.mark.parametrize("highest", [0.3, 1.0, 4.9, 7.3, 23.0, 51.0, 99.0])
def test_ticks_reach_the_highest_value_in_few_steps(highest: float) -> None:
    ticks = ticks_up_to(highest)
    assert ticks[0] == 0
    assert ticks[-2] < highest <= ticks[-1] + 1e-9
    assert 3 <= len(ticks) <= 6


def test_csv_is_typed_by_language_and_holds_no_formula() -> None:
    text = csv_text(["a", "b"], [("=1+1", 1234.5), ('say "x"', None)], Numbers("da"))
    assert text == '\ufeff"a";"b"\r\n"\'=1+1";1234,5\r\n"say ""x""";..\r\n'
    assert ";1234.5\r\n" in csv_text(["a", "b"], [("x", 1234.5)], Numbers("en"))


def test_a_withheld_part_goes_no_further(tables: ResultTables) -> None:
    development = tables.development.copy()
    development["is_suppressed"] = True
    development["observed"] = pd.array([7_654_321] * len(development), "Int64")
    content = content_from(with_tables(tables, development=development))
    years = [part for part in content.years if part.code]
    assert years
    assert all(part.observed is part.ratio is part.ratio_low is None for part in years)
