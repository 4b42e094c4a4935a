"""The content object says what the tables say, and nothing of what they hide."""

from __future__ import annotations

import math
import re
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from fabricated_release import RUN_ID, fabricate, with_tables
from scipy import stats

from pipeline.errors import StorageError
from pipeline.warehouse.frames.published import read_headline, read_result, read_run
from reports.content.assemble import content_from
from reports.content.content import Content, Counterfactual
from reports.content.findings import four_in_five
from reports.content.read import ResultTables, read_tables
from reports.language.formatting import Numbers
from reports.language.words import Words
from reports.site.render import render_site
from reports.told.findings import against, findings_in_words
from reports.told.settings import words_for
from reports.told.telling import Telling

#: A count that no other number's digits hold.
POISON = 98_765_432_198


@pytest.fixture(scope="module")
def tables(whole_release: Path) -> ResultTables:
    return read_tables(whole_release)


@pytest.fixture(scope="module")
def main_tables(main_release: Path) -> ResultTables:
    """Of one outcome and model: told in a third of the time, where others do not matter."""
    return read_tables(main_release)


@pytest.fixture(scope="module")
def content(whole_content: Content) -> Content:
    return whole_content


def test_views_equal_the_tables(content: Content, tables: ResultTables) -> None:
    assert [view.key for view in content.views][:2] == ["ANY-within", "ANY-conditions"]
    assert len(content.views) == 9
    keys = ["outcome", "model", "municipality_code"]
    benchmark = tables.benchmark.set_index(keys)
    ranking = tables.ranking.set_index(keys)
    for view in content.views:
        assert len(view.rows) == 98
        for row in view.rows:
            source = benchmark.loc[(view.outcome, view.model, row.code)]
            place = ranking.loc[(view.outcome, view.model, row.code)]
            assert (row.observed, row.expected) == (source["observed"], source["expected"])
            assert (row.ratio, row.ratio_low) == (source["ratio"], source["ratio_low"])
            assert (row.rank, row.rank_low, row.rank_high) == tuple(
                place[["rank", "rank_low", "rank_high"]]
            )
            if pd.isna(source["practice_effect"]):
                assert row.odds is None
            else:
                assert row.odds == pytest.approx(math.exp(source["practice_effect"]))
        rows = benchmark.loc[(view.outcome, view.model)]
        assert view.observed_of_rows == rows["observed"].sum()
        assert view.noise_sd_of_rows == pytest.approx(np.sqrt((rows["noise_sd"] ** 2).sum()))


def test_the_country_has_its_own_count_where_every_year_shows_it(tables: ResultTables) -> None:
    years = tables.development_country.assign(noise_sd=2.0, observed=lambda rows: rows.observed + 7)
    noisy = {**tables.frames, "benchmark": tables.benchmark.assign(noise_sd=2.0)}
    own = content_from(ResultTables({**noisy, "development_country": years})).main
    of_main = years[(years["outcome"] == "ANY") & (years["model"] == "within")]
    assert own.observed == of_main["observed"].sum() == own.observed_of_rows + 7 * len(of_main)
    assert own.noise_sd == pytest.approx(2.0 * math.sqrt(len(of_main)))
    assert own.noise_sd_of_rows == pytest.approx(2.0 * math.sqrt(len(own.rows)))
    hidden = years.assign(is_suppressed=years["year"] == years["year"].max())
    of_rows = content_from(ResultTables({**noisy, "development_country": hidden})).main
    assert of_rows.observed == own.observed_of_rows
    assert of_rows.noise_sd == own.noise_sd_of_rows


def test_findings_equal_the_tables(content: Content, tables: ResultTables) -> None:
    findings = content.findings
    within = tables.benchmark[tables.benchmark["model"] == "within"]
    totals = within.groupby("outcome")["observed"].sum()
    rows = within[within["outcome"] == "ANY"]
    years = tables.development_country.query("outcome == 'ANY' and model == 'within'")
    of_country = years["observed"].sum()
    assert findings.rate_per_1000 == pytest.approx(1000 * of_country / rows["n_at_risk"].sum())
    effects = np.exp(rows["practice_effect"].dropna().sort_values().to_numpy())
    tenth = findings.n_tenth
    assert tenth == round(len(effects) / 10)
    assert (effects <= findings.odds_10).sum() == (effects >= findings.odds_90).sum() == tenth
    assert findings.noise_share == pytest.approx(1 - rows["reliability"].median())
    assert findings.true_odds_90 == pytest.approx(math.exp(1.2815515655 * 0.17))
    naive = tables.counterfactual.query("outcome == 'ANY' and model == 'within'")
    naive = naive.set_index("method").loc["naive"]
    assert findings.naive == Counterfactual(
        *("ANY", "within", "naive", "lowest_10"),
        fewer=naive["fewer_grants"],
        low=naive["fewer_low"],
        high=naive["fewer_high"],
        share=naive["fewer_share"],
        observed=int(totals["ANY"]),
    )


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_number_in_a_finding_comes_from_the_content(content: Content, language: str) -> None:
    numbers, findings = Numbers(language), content.findings
    assert findings.naive
    assert findings.honest
    counts = [
        *(
            len(content.main.rows),
            findings.n_tenth,
            *(view.observed for view in content.views if view.model == content.main.model),
        ),
        *(
            findings.rank_width,
            content.lowest_k,
            *content.run.years,
            *(10, 100, 1000),
            100 * content.choices.level,
        ),
        *(findings.naive.fewer, findings.honest.fewer, findings.honest.low, findings.honest.high),
    ]
    allowed = {numbers.count(value) for value in counts} | {str(y) for y in content.run.years}
    allowed |= {
        numbers.count(100 * (value or 0))
        for value in (
            *(findings.odds_10, findings.odds_90, findings.true_odds_10, findings.true_odds_90),
            *(findings.conditions_odds_10, findings.conditions_odds_90),
        )
    }
    allowed.add(numbers.number(findings.rate_per_1000, 1))
    for share in (findings.noise_share, findings.naive.share, findings.honest.share):
        allowed.add(numbers.count(100 * (share or 0)))
    for finding in findings_in_words(Telling(content, language)):
        assert finding.sentences
        said = " ".join([finding.title, finding.headline or "", finding.unit, *finding.sentences])
        written = re.findall(r"\d[\d.,]*\d|\d", said)
        assert set(written) <= allowed, set(written) - allowed


def test_the_spread_left_by_conditions_is_that_of_the_second_stage(
    content: Content, tables: ResultTables
) -> None:
    stage = tables.second_stage
    tau2 = stage.query("outcome == 'ANY' and method == 'REML' and term == 'tau2'")["estimate"]
    reach = 1.2815515655446004 * math.sqrt(tau2.item())
    assert content.findings.conditions_odds_10 == pytest.approx(math.exp(-reach))
    assert content.findings.conditions_odds_90 == pytest.approx(math.exp(reach))


@pytest.mark.parametrize(("value", "side"), [(500.0, "above"), (300.0, "inside"), (100.0, "below")])
def test_wording_follows_the_interval(content: Content, value: float, side: str) -> None:
    assert content.findings.honest
    honest = replace(content.findings.honest, low=200.0, high=400.0)
    assert against(value, honest) == side
    assert against(value, replace(honest, low=None, high=None)) == "inside"
    assert content.findings.naive
    naive = replace(content.findings.naive, fewer=value, share=0.3)
    told = replace(content, findings=replace(content.findings, naive=naive, honest=honest))
    said = " ".join(findings_in_words(Telling(told, "da"))[2].sentences)
    assert ("tal er for højt" in said) == (side == "above")
    assert ("kan de to tal ikke skelnes" in said) == (side == "inside")


def test_a_missing_correction_is_said_not_printed(content: Content) -> None:
    without = replace(content, findings=replace(content.findings, honest=None, noise_share=None))
    said = " ".join(s for f in findings_in_words(Telling(without, "da")) for s in f.sentences)
    assert "ikke beregnet" in said
    assert "None" not in said
    assert "nan" not in said


@pytest.mark.parametrize("language", ["da", "en"])
def test_extremes_of_a_tiny_extract_are_said_in_words(content: Content, language: str) -> None:
    words, numbers = words_for(content.choices, language), Numbers(language)
    assert content.findings.naive
    naive = replace(content.findings.naive, share=1.0, fewer=float(content.main.observed))
    tiny = replace(content, findings=replace(content.findings, naive=naive))
    result = findings_in_words(Telling(tiny, language))
    whole = numbers.count(content.main.observed)
    values = {"k": "10", "fewer": whole, "share": numbers.percent(1.0)}
    assert result[2].sentences[0] == words("findings.what_if_naive_none", **values)
    usual = findings_in_words(Telling(content, language))
    assert result[2].sentences[0] != usual[2].sentences[0]


def test_the_country_s_cells_equal_the_table(content: Content, tables: ResultTables) -> None:
    frame = tables.breakdown_country.query("model == 'within'")
    source = frame.set_index(["outcome", "diagnosis_group", "tenure_band"])
    for table in content.national:
        for i, diagnosis in enumerate(table.diagnoses):
            for j, tenure in enumerate(table.tenures):
                cell, row = table.cells[i][j], source.loc[(table.outcome, diagnosis, tenure)]
                assert cell.expected == row["expected"]
                if row["is_suppressed"]:
                    assert cell.observed is cell.ratio is cell.ratio_low is cell.ratio_high is None
                else:
                    assert (cell.observed, cell.ratio) == (row["observed"], row["ratio"])
                    assert (cell.ratio_low, cell.ratio_high) == (
                        row["ratio_low"],
                        row["ratio_high"],
                    )


def without_levels(tables: ResultTables) -> ResultTables:
    """Return ``tables`` of before counts by one dimension were published."""
    names = ("practice_profile", "practice_profile_area")
    return with_tables(tables, **{name: tables.frames[name].iloc[:0] for name in names})


def test_margins_of_the_country_are_the_published_counts(
    content: Content, tables: ResultTables
) -> None:
    """So a hidden cell hides no margin, and a margin with noise of its own is no sum."""
    frame = tables.practice_profile_area.query("model == 'within' and area == 'Danmark'")
    source = frame.set_index(["outcome", "dimension", "level"])
    for table in content.national:
        margins = [
            *(
                (("diagnosis_group", name), line[-1])
                for name, line in zip(table.diagnoses, table.cells[:-1], strict=True)
            ),
            *(
                (("tenure_band", name), cell)
                for name, cell in zip(table.tenures, table.cells[-1][:-1], strict=True)
            ),
        ]
        assert len(margins) == 15
        for key, margin in margins:
            row = source.loc[(table.outcome, *key)]
            assert (margin.observed, margin.expected) == (row["observed"], row["expected"])
            assert (margin.ratio_low, margin.ratio_high) == (row["ratio_low"], row["ratio_high"])


def test_margins_that_are_not_published_are_sums_where_nothing_in_them_is_hidden(
    tables: ResultTables,
) -> None:
    hidden = tables.breakdown_country.copy()
    places = (
        (hidden[["outcome", "model", "tenure_band"]] == ["FP", "within", "over_5"]).all(axis=1)
        & hidden["diagnosis_group"].isin(["congenital", "injury"])
    ).to_numpy()
    hidden["observed"] = hidden["observed"].astype("Int64")
    hidden.loc[places, ["observed", "ratio", "ratio_low", "ratio_high"]] = pd.NA
    hidden.loc[places, "is_suppressed"] = True
    content = content_from(with_tables(without_levels(tables), breakdown_country=hidden))
    table = next(table for table in content.national if table.outcome == "FP")
    inner = [line[:-1] for line in table.cells[:-1]]
    lines = [
        *zip(inner, (line[-1] for line in table.cells[:-1]), strict=True),
        *zip(zip(*inner, strict=True), table.cells[-1][:-1], strict=True),
    ]
    shown = [margin for _, margin in lines if margin.observed is not None]
    assert 0 < len(shown) < len(lines)
    for line, margin in lines:
        counts = [cell.observed for cell in line]
        assert margin.observed == (None if None in counts else sum(counts))
        assert margin.expected == pytest.approx(sum(cell.expected for cell in line))
        assert (margin.ratio is None) == (margin.observed is None)
    corner = table.cells[-1][-1]
    view = next(view for view in content.views if view.key == "FP-within")
    assert corner.observed == view.observed
    assert table.n_suppressed == sum(cell.observed is None for line in inner for cell in line) > 1


def test_margins_of_the_country_leave_hidden_cells_undetermined(content: Content) -> None:
    """Everything shown is linear in the hidden counts: none of them may follow from the rest."""
    for table in content.national:
        hidden = {
            (i, j): k
            for k, (i, j) in enumerate(
                (i, j)
                for i, line in enumerate(table.cells[:-1])
                for j, cell in enumerate(line[:-1])
                if cell.observed is None
            )
        }
        equations = [[1.0] * len(hidden)]
        for i, line in enumerate(table.cells[:-1]):
            if line[-1].observed is not None:
                equations.append([float(at[0] == i) for at in hidden])
        for j, margin in enumerate(table.cells[-1][:-1]):
            if margin.observed is not None:
                equations.append([float(at[1] == j) for at in hidden])
        rank = np.linalg.matrix_rank(equations)
        for k in range(len(hidden)):
            alone = [*equations, [float(k == other) for other in range(len(hidden))]]
            assert np.linalg.matrix_rank(alone) > rank


def test_a_cell_the_country_does_not_list_hides_its_margins(tables: ResultTables) -> None:
    frame = tables.breakdown_country
    gone = (frame["diagnosis_group"] == "mental") & (frame["tenure_band"] == "none")
    content = content_from(with_tables(without_levels(tables), breakdown_country=frame[~gone]))
    for table in content.national:
        at = table.diagnoses.index("mental"), table.tenures.index("none")
        assert table.cells[at[0]][at[1]].observed is None
        assert table.cells[at[0]][-1].observed is table.cells[-1][at[1]].observed is None
        assert table.cells[-1][-1].observed is not None


def test_a_count_under_a_suppressed_flag_goes_no_further(
    tables: ResultTables, whole_content: Content
) -> None:
    leaky = tables.breakdown.copy()
    leaky.loc[leaky["is_suppressed"], "observed"] = POISON
    country = tables.breakdown_country.copy()
    country.loc[country["is_suppressed"], "observed"] = POISON
    content = content_from(with_tables(tables, breakdown=leaky, breakdown_country=country))
    assert str(POISON) not in str(content)
    assert str(POISON) not in repr(content)
    assert content.national == whole_content.national
    hidden = [cell for table in content.municipal for cell in table.cells if cell.is_suppressed]
    assert hidden
    assert all(cell.observed is cell.ratio_low is cell.ratio_high is None for cell in hidden)


def test_registers_take_the_worst_status_and_count_rows_once(main_tables: ResultTables) -> None:
    frame = main_tables.data_quality.query("register == 'udda'")
    twice = pd.concat([frame, frame.assign(check="key", n_quarantined=0, status="ok")])
    content = content_from(with_tables(main_tables, data_quality=twice))
    (udda,) = content.registers
    assert (udda.n_checks, udda.n_rows, udda.n_quarantined) == (2, 3_622_018, 12)
    assert udda.status == "warn"
    assert [row.status for row in content.quality] == ["warn", "ok"]


def test_a_hidden_coefficient_count_stays_hidden(main_tables: ResultTables) -> None:
    hidden = main_tables.coefficient.assign(
        n_events=pd.array([None] * len(main_tables.coefficient), "Int64")
    )
    content = content_from(with_tables(main_tables, coefficient=hidden))
    assert {row.n_events for _, rows in content.coefficients for row in rows} == {None}


def test_a_bare_release_gives_content_without_uncertainty(tmp_path: Path) -> None:
    content = content_from(read_tables(fabricate(tmp_path / "bare.duckdb", bare=True)))
    assert content.findings.naive is None
    assert content.findings.true_odds_10 is None
    assert content.main.sureness.rank_width is None
    assert content.national == ()


def test_the_choices_are_those_of_the_release(main_tables: ResultTables) -> None:
    told = {"age_first": "20", "level": "0.9", "tenure_lookback_years": "6"}
    frame = main_tables.setting.copy()
    frame["value"] = [
        told.get(name, value) for name, value in zip(frame["setting"], frame["value"], strict=True)
    ]
    content = content_from(with_tables(main_tables, setting=frame))
    assert (content.choices.age_first, content.choices.level) == (20, 0.9)
    assert content.choices.disclosure_control is True
    words = words_for(content.choices, "da")
    assert words("ranking.ratio_interval") == "90\u00a0%-interval"
    assert "i de 6 år før" in words("breakdown.lead")
    assert "var 20 til 64 år" in words.all("method.risk")[0]
    row = next(row for row in content.main.rows if row.odds is not None)
    source = main_tables.benchmark.set_index(["outcome", "model", "municipality_code"])
    source = source.loc[("ANY", "within", row.code)]
    reach = stats.norm.ppf(0.95) * source["practice_effect_se"]
    assert row.odds_high == pytest.approx(math.exp(source["practice_effect"] + reach))


def test_a_level_keeps_its_decimals(content: Content) -> None:
    words = words_for(replace(content.choices, level=0.975), "en")
    assert words("ranking.ratio_interval") == "97.5% interval"


def test_a_release_that_does_not_tell_its_settings_is_refused(tables: ResultTables) -> None:
    gone = tables.setting[~tables.setting["setting"].isin(["level", "age_last"])]
    with pytest.raises(StorageError, match="no age_last, level"):
        content_from(with_tables(tables, setting=gone))
    broken = tables.setting.assign(value="{")
    with pytest.raises(StorageError, match="age_first of the release cannot be read"):
        content_from(with_tables(tables, setting=broken))


def test_unreadable_releases_are_user_errors(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        read_tables(tmp_path / "none.duckdb")
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match="cannot be opened"):
        read_tables(broken)
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    with pytest.raises(StorageError, match="no table benchmark, breakdown"):
        read_tables(empty)


@pytest.mark.parametrize(
    ("p_more", "language", "words"),
    [
        (0.001, "da", "mere forskellige, når det gælder psykiske lidelser"),
        (0.4, "da", "end ved andre hoveddiagnoser, kan ikke siges"),
        (0.999, "en", "differ less for mental disorders"),
    ],
)
def test_whether_municipalities_differ_more_for_mental_disorders_is_said_with_its_interval(
    main_tables: ResultTables, p_more: float, language: str, words: str
) -> None:
    spread = pd.DataFrame(
        {
            **{"outcome": ["ANY"], "model": ["within"], "dimension": ["diagnosis_main"]},
            **{"level": ["mental"], "sd": [0.401], "sd_low": [0.321], "sd_high": [0.501]},
            **{"sd_others": [0.215], "p_more": [p_more]},
        }
    )
    told = Telling(content_from(with_tables(main_tables, practice_spread=spread)), language)
    said = " ".join(findings_in_words(told)[1].sentences)
    assert words in said
    for sd in (0.401, 0.321, 0.501, 0.215):
        low, high = (Numbers(language).count(100 * odds) for odds in four_in_five(sd))
        assert f"{low}–{high}" in said


def test_a_release_made_before_a_column_came_is_drawn_without_it(
    main_release: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(main_release, tmp_path / "earlier.duckdb"))
    with duckdb.connect(str(path)) as connection:
        for column in ("grade", "rank_posterior_low", "rank_posterior_high"):
            connection.execute(f"ALTER TABLE result.ranking DROP COLUMN {column}")
        connection.execute("ALTER TABLE result.benchmark DROP COLUMN tau2")
    content = content_from(read_tables(path))
    assert {row.grade for row in content.main.rows} == {None}
    assert {row.rank_posterior for row in content.main.rows} == {None}
    assert content.findings.true_odds_10 is None
    with duckdb.connect(str(path)) as connection:
        connection.execute("ALTER TABLE result.benchmark DROP COLUMN coverage")
    with pytest.raises(StorageError, match="earlier version") as raised:
        read_tables(path)
    assert "no column coverage" in str(raised.value)


def test_a_release_made_before_it_could_hold_several_runs_is_drawn(
    main_release: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(main_release, tmp_path / "earlier.duckdb"))
    with duckdb.connect(str(path)) as connection:
        for column in ("run_order", "benchmark", "years", "settings"):
            connection.execute(f"ALTER TABLE result.run DROP COLUMN {column}")
    tables = read_tables(path)
    assert tables.run[["run_order", "benchmark", "years"]].to_numpy().tolist() == [
        [1, "akf_2006_2007", ""]
    ]
    assert content_from(tables).run.run_id == RUN_ID
    assert read_run(path)["run_id"] == RUN_ID
    assert len(read_result(path, "benchmark")) == len(tables.benchmark)
    assert read_headline(path)["outcome"].tolist() == ["ANY"]


@pytest.mark.parametrize(
    ("language", "said", "unsaid"),
    [
        ("da", "Ingen af de 98 kommuner skiller sig ud", "De har tilkendt"),
        ("en", "None of the 98 municipalities stands out", "They granted"),
    ],
)
def test_where_nobody_stands_out_the_front_page_speaks_of_nobody(
    main_tables: ResultTables, language: str, said: str, unsaid: str
) -> None:
    still = main_tables.benchmark.assign(flag_overdispersed="within", flag_discovery="within")
    content = content_from(with_tables(main_tables, benchmark=still))
    page = next(iter(render_site(content, language, (language,))))[1]
    assert f">{said}<" in page
    assert unsaid not in page
    assert page.count(Words(language)("front.nobody")) == 2
