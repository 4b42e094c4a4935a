"""The release gate: what is staged and what goes out beside earlier releases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.disclosure import CellKey, ledger, protect, shown_quality
from pipeline.disclosure.cell_key import MODULUS
from pipeline.errors import PublishError
from pipeline.night import gate
from pipeline.night.entries import ENTRY_FILE
from pipeline.settings import Settings
from pipeline.warehouse.publication.approval import read_approval

RULE = {"smallest": 5, "batch": 300, "least": 2.0}


def grants(seed: int = 1, n: int = 4_000) -> pd.DataFrame:
    """Return one row per grant of an invented country."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "municipality_code": rng.choice([f"{code}" for code in range(101, 199)], n),
            "year": rng.choice([2006, 2007], n),
            "diagnosis_group": rng.choice(list("abcdefghij"), n),
            "age_years": rng.integers(18, 65, n),
            "n_events": 1,
            "events_key": rng.integers(0, MODULUS, n),
        }
    )


def entry(rows: pd.DataFrame) -> pd.DataFrame:
    return ledger.entry({"FP grants": (rows, "n_events", "events_key")})


def refusals(before: list[pd.DataFrame], after: pd.DataFrame) -> list[str]:
    releases = {f"release {n}": entry(rows) for n, rows in enumerate(before)}
    return ledger.refusals(releases, entry(after), **RULE)


def test_five_nights_that_differ_by_one_late_decision_are_each_staged() -> None:
    night = grants()
    published = [night]
    late = grants(seed=2, n=5)
    for n in range(5):
        night = pd.concat([night, late.iloc[[n]]])
        assert refusals(published, night), n


def test_the_same_night_again_changes_nothing() -> None:
    assert not refusals([grants()], grants().sample(frac=1, random_state=1))


def test_one_person_for_another_is_seen_by_the_key() -> None:
    swapped = grants()
    swapped.loc[17, "events_key"] += 1
    assert refusals([grants()], swapped)


def test_another_age_limit_is_staged() -> None:
    assert refusals([grants()], grants().query("age_years < 64"))


def test_a_window_of_other_years_has_nothing_in_common() -> None:
    assert not refusals([grants()], grants().assign(year=lambda rows: rows["year"] + 4))


def test_a_window_that_shares_a_year_is_held_against_that_year() -> None:
    one_year = grants().query("year == 2007")
    assert not refusals([grants()], one_year)
    assert refusals([grants()], one_year.iloc[1:])


def test_years_on_their_own_have_only_what_spans_them_in_common() -> None:
    stock = grants(seed=9).drop(columns="diagnosis_group")
    parts = [
        {
            "FP grants": (grants().query("year == @year"), "n_events", "events_key"),
            "persons on cash benefit": (stock, "n_events", "events_key"),
        }
        for year in (2006, 2007)
    ]
    before, after = (ledger.entry(part) for part in parts)
    assert not ledger.refusals({"2006": before}, after, **RULE)
    parts[1]["persons on cash benefit"] = (stock.iloc[1:], "n_events", "events_key")
    (reason,) = ledger.refusals({"2006": before}, ledger.entry(parts[1]), **RULE)
    assert "persons on cash benefit" in reason


def test_the_only_grant_of_a_year_is_missed_when_it_goes() -> None:
    at_risk = grants(seed=4, n=20_000)
    rare = grants(seed=5, n=40).assign(year=2006)
    rare.loc[7, "year"] = 2007
    before, after = (
        ledger.entry(
            {
                "FJ grants": (rows, "n_events", "events_key"),
                ledger.AT_RISK: (at_risk, "n_events", "events_key"),
            }
        )
        for rows in (rare, rare.drop(7))
    )
    (reason,) = ledger.refusals({"night": before}, after, **RULE)
    assert "FJ grants" in reason


AGES = {"age_years": [str(age) for age in range(18, 65)]}
BANDS = {"age_band": ["young", "old"]}


def cut_otherwise(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the entry of a question with other factors about the same people."""
    band = np.where(rows["age_years"] < 40, "young", "old")
    rows = rows.drop(columns="age_years").assign(age_band=band)
    return ledger.entry({"FP grants": (rows, "n_events", "events_key")}, BANDS)


def test_another_question_about_the_same_people_goes_out_but_not_with_one_more() -> None:
    before = {"night": ledger.entry({"FP grants": (grants(), "n_events", "events_key")}, AGES)}
    assert not ledger.refusals(before, cut_otherwise(grants()), **RULE)
    assert ledger.refusals(before, cut_otherwise(grants().iloc[1:]), **RULE)


def test_younger_people_are_compared_with_themselves() -> None:
    def of_the_young(rows: pd.DataFrame) -> pd.DataFrame:
        young = {"age_years": AGES["age_years"][:22]}
        part = rows.query("age_years < 40")
        return ledger.entry({"FP grants": (part, "n_events", "events_key")}, young)

    before = {"night": ledger.entry({"FP grants": (grants(), "n_events", "events_key")}, AGES)}
    assert not ledger.refusals(before, of_the_young(grants()), **RULE)
    late = pd.concat([grants(), grants(seed=2, n=60).query("age_years < 40").iloc[:1]])
    assert ledger.refusals(before, of_the_young(late), **RULE)


def of_uneven_places(seed: int = 1, n: int = 40_000) -> pd.DataFrame:
    """Return grants of municipalities as uneven as there are."""
    size = np.geomspace(1, 2000, 98)
    codes = [f"{code}" for code in range(101, 199)]
    place = np.random.default_rng(seed).choice(codes, n, p=size / size.sum())
    return grants(seed, n).assign(municipality_code=place)


def is_of_one(everybody: pd.DataFrame) -> pd.Series:
    """Return whether one grant is at 64, of municipalities where a guesser says so.

    The totals of 18-64 and of 18-63 have the same noise but where somebody is 64.
    """
    method, totals = CellKey(), []
    for rows in (everybody, everybody.query("age_years < 64")):
        sums = rows.groupby("municipality_code")[["n_events", "events_key"]].sum()
        totals.append(pd.Series(method.shown(sums["n_events"], sums["events_key"]), sums.index))
    n = everybody.query("age_years == 64").groupby("municipality_code").size()
    n = n.reindex(totals[0].index, fill_value=0)
    expected = totals[0] * n.sum() / totals[0].sum()
    differ = totals[0] != totals[1].reindex(totals[0].index)
    return n[differ & (expected < 0.4)] == 1


def test_the_difference_of_two_questions_is_no_batch() -> None:
    told = pd.concat([is_of_one(of_uneven_places(seed)) for seed in range(10)])
    assert len(told) > 20
    assert told.mean() > 0.75
    everybody = of_uneven_places()
    younger = everybody.query("age_years < 64")

    def of(rows: pd.DataFrame, ages: str) -> pd.DataFrame:
        rows = rows.drop(columns="age_years")
        return ledger.entry({"FP grants": (rows, "n_events", "events_key")}, asked=ages)

    before = {"run 1 of this release": of(everybody, "18-64")}
    (reason,) = ledger.refusals(before, of(younger, "18-63"), **RULE)
    assert "the question is about other people" in reason
    # As many grants of the same question, a correction of the registers, are a batch.
    assert not ledger.refusals(before, of(younger, "18-64"), **RULE)


def test_two_questions_are_told_beside_each_other_where_enough_differ() -> None:
    everybody = grants(n=40_000)

    def of(rows: pd.DataFrame, ages: str) -> pd.DataFrame:
        return ledger.entry({"FP grants": (rows, "n_events", "events_key")}, asked=ages)

    before = {"night": of(everybody, "18-64")}
    assert not ledger.refusals(before, of(everybody.query("age_years < 50"), "18-49"), **RULE)


def test_a_quarter_of_decisions_goes_out() -> None:
    assert not refusals([grants()], pd.concat([grants(), grants(seed=3, n=500)]))


def test_a_rollback_does_not_make_the_gate_forget() -> None:
    quarter = pd.concat([grants(), grants(seed=3, n=500)])
    assert refusals([grants(), quarter], quarter.iloc[:-1])


def test_other_record_keys_are_staged() -> None:
    assert "record keys" in refusals([grants()], grants().assign(events_key=5))[0]


#: Of a release without rows.
_CONTENT = gate.content_of([protect({}, {}, smallest_shown=5)])


@pytest.fixture
def staged(tmp_path: Path) -> tuple[Settings, Path]:
    """Return settings of a home and the folder of a fit in it."""
    entry(grants()).to_parquet(tmp_path / f"{ENTRY_FILE}.parquet")
    (tmp_path / "restricted").mkdir(mode=0o700)
    (tmp_path / "registers.duckdb").symlink_to(Path("restricted") / "registers.duckdb")
    return Settings(home=tmp_path), tmp_path


def test_a_release_is_in_the_ledger_before_it_is_out(staged) -> None:
    settings, folder = staged
    with pytest.raises(KeyboardInterrupt), gate.recorded(settings, "night", [folder], _CONTENT):
        # Killed here, or at any moment from here on.
        raise KeyboardInterrupt
    assert (gate.ledger_folder(settings) / "night.parquet").exists()
    gate.refuse_singled_out(settings, [("own", folder)])  # The same results may still go out.
    changed = entry(grants().iloc[1:])
    changed.to_parquet(folder / f"{ENTRY_FILE}.parquet")
    with pytest.raises(PublishError, match="night: fewer than 5 FP grants differ"):
        gate.refuse_singled_out(settings, [("own", folder)])


def test_two_questions_of_a_release_are_named(staged, tmp_path: Path) -> None:
    """The grants of a few of one municipality are who is asked about in one of the two alone."""
    settings, folder = staged
    other = tmp_path / "other"
    other.mkdir()
    entry(grants().iloc[2:]).to_parquet(other / f"{ENTRY_FILE}.parquet")
    with pytest.raises(PublishError) as caught:
        gate.refuse_singled_out(settings, [("whole", folder), ("younger", other)])
    assert "younger beside whole of this release: fewer than 5" in str(caught.value)
    assert "ask fewer questions at once" in str(caught.value)


def test_a_release_that_was_refused_leaves_no_entry(staged) -> None:
    settings, folder = staged
    with (
        pytest.raises(PublishError, match="a check failed"),
        gate.recorded(settings, "night", [folder], _CONTENT),
    ):
        raise PublishError("a check failed")
    assert not list(gate.ledger_folder(settings).iterdir())


def test_who_approves_what_is_held_back_is_kept_with_the_release(
    staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "anna")
    settings, folder = staged
    with gate.recorded(settings, "night", [folder], _CONTENT):
        pass
    ledger_folder = gate.ledger_folder(settings)
    assert read_approval(ledger_folder, "night") is None
    entry(grants().iloc[1:]).to_parquet(folder / f"{ENTRY_FILE}.parquet")
    reasons = gate.refuse_singled_out(settings, [("own", folder)], approve=True)
    with gate.recorded(settings, "next", [folder], _CONTENT, reasons):
        pass
    approval = read_approval(ledger_folder, "next")
    assert approval is not None
    assert approval.reasons == reasons
    assert "night: fewer than 5 FP grants differ" in reasons[0]
    assert approval.user.startswith("anna as ")
    assert datetime.now(UTC) - datetime.fromisoformat(approval.at) < timedelta(minutes=5)
    # The gate reads its entries as before.
    entry(grants().iloc[2:]).to_parquet(folder / f"{ENTRY_FILE}.parquet")
    with pytest.raises(PublishError):
        gate.refuse_singled_out(settings, [("own", folder)])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"disclosure_method": "none"}, "method cell_key, now none"),
        ({"disclosure_method": "suppress"}, "method cell_key, now suppress"),
        ({"disclosure_totals": "exact"}, "totals noise, now exact"),
        ({"disclosure_variance": 5.0}, "variance 4.0, now 5.0"),
    ],
)
def test_counts_once_shown_with_noise_are_not_shown_otherwise_unasked(staged, change, told) -> None:
    settings, folder = staged
    with gate.recorded(settings, "night", [folder], _CONTENT):
        pass
    gate.refuse_singled_out(settings, [("own", folder)])
    with pytest.raises(PublishError, match=f"night: shown with other noise \\({told}"):
        gate.refuse_singled_out(settings.model_copy(update=change), [("own", folder)])


def test_checks_are_published_without_names_keys_and_few_rows() -> None:
    rows = [
        (
            "bef",
            "unique",
            900,
            3,
            0,
            "3 failing rows (one row per person) in 900 rows",
            "0101011234",
        ),
        ("bef", "rows_accounted_for", 900, 0, 2, "1 files: 900 rows read = 898 loaded + 2", None),
        ("bef", "extra_columns", 900, 1, 0, "not declared and not loaded: CPR_0101011234", None),
        ("extracts", "unknown_files", 9, 1, 0, "not read: 010101-1234.csv", None),
        ("bef", "koen_values", 900, 12, 12, "KOEN: expected one of 1, 2", "bef.csv:17"),
        ("model", "converged", 3, 1, 0, "FP within: 4 Newton steps", None),
    ]
    columns = ["register", "check", "n_rows", "n_failing", "n_quarantined", "detail", "sample_keys"]
    frame = pd.DataFrame(rows, columns=columns)
    shown = shown_quality(frame, smallest_shown=5)
    assert shown["sample_keys"].isna().all()
    assert "1234" not in shown.to_csv()
    assert shown["n_failing"].tolist() == [4, 0, 1, 1, 12, 1]
    assert shown["n_quarantined"].tolist() == [0, 4, 0, 0, 12, 0]
    assert shown["detail"][0] == "at most 4 failing rows (one row per person) in 900 rows"
    assert pd.isna(shown["detail"][1])
    assert shown["detail"][5] == "FP within: 4 Newton steps"
