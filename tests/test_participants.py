"""Those who took part by name: read, refused, counted, held against others, and never named."""

from __future__ import annotations

import datetime as dt
import logging
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from extracts_fixture import ExtractsFolder
from person_names import pseudonyms

from pipeline.commands.cli import main
from pipeline.disclosure import CellKey, ledger
from pipeline.disclosure.door import protect
from pipeline.errors import SettingsError
from pipeline.initiatives.declaration import Initiative
from pipeline.initiatives.library import read_initiative
from pipeline.model.initiatives.frames import initiative_frames
from pipeline.model.initiatives.participants import FEWEST_TOLD, Participants, took_part
from pipeline.model.national.protection import Unprotected
from pipeline.night.entries import participants_counted
from pipeline.night.questions.initiatives import answered, declared_answers
from pipeline.settings import read_settings
from pipeline.warehouse.frames.participants import read_participants
from pipeline.warehouse.marts.load import load_extracts
from pipeline.warehouse.publication.release_file import DISCLOSURE
from pipeline.warehouse.raw.participants import read_participants_file
from pipeline.warehouse.raw.pseudonymkey import KEY_FILE, PseudonymKey
from reports import initiative_texts

SECRET = b"4f9d1c7be2a83065d7c41f0e9b62a85c"
KEY = PseudonymKey(SECRET)
STARTS = dt.date(2006, 1, 1)
TOML = """
name = "trial"
title = {da = "Forsøg", en = "Trial"}
ages = {first = 18, last = 39}
years_before = 3
base_years = 1
years_after = 1
[[adopters]]
municipality = "376"
starts = 2006-01-01
persons = "participants.csv"
"""
#: Those who take part, and people like them elsewhere.
OWN = [f"01017012{n:02d}" for n in range(60)]
OTHERS = [f"02027034{n:02d}" for n in range(60)]


def written(folder: Path, persons: str, toml: str = TOML, mode: int = 0o600) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trial.toml").write_text(toml, encoding="utf-8")
    path = folder / "participants.csv"
    path.write_text(persons, encoding="utf-8")
    path.chmod(mode)
    return folder / "trial.toml"


def listed(persons: list[str]) -> str:
    return "PNR\n" + "".join(f"{person}\n" for person in persons)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home in which two of three who take part are on benefit in 2006, others all."""
    home = tmp_path_factory.mktemp("home")
    folder = ExtractsFolder().with_background(n=3)
    for number, person in enumerate(OWN + OTHERS):
        place = "376" if person in OWN else f"{(101, 147, 151)[number % 3]}"
        folder.resident(person, years=(2005, 2006), KOM=place)
        folder.on_benefit(person, "730", "0552", 20)
        if person in OTHERS or number % 3:
            folder.on_benefit(person, "730", "0652", 52)
    folder.resident("0303701234", years=(2005,), KOM="376", FOED_DAG=dt.date(1950, 1, 1))
    folder.write(home / "extracts")
    # The key decides the noise: with another one the answer would be another.
    kept = home / KEY_FILE
    kept.write_bytes(SECRET)
    kept.chmod(0o600)
    settings = read_settings(home=home)
    load_extracts(home / "extracts", home / "registers.duckdb", settings=settings)
    assert pseudonyms(home, OWN) == dict(
        zip(OWN, KEY.pseudonyms(pa.array(OWN)).to_pylist(), strict=True)
    )
    return home


def test_a_file_of_persons_is_read(tmp_path: Path) -> None:
    text = "\ufeffpnr;starts\n0101701234;2006-02-01\n\n 0101701235 ;\n"
    written(tmp_path, text)
    read = read_participants_file(tmp_path / "participants.csv", KEY, STARTS)
    names = KEY.pseudonyms(pa.array(["0101701234", "0101701235"])).to_pylist()
    assert [one.pseudonym for one in read] == names
    assert [one.starts for one in read] == [dt.date(2006, 2, 1), STARTS]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("PNR\n010170-1234\n0101701235\n12\n", "PNR is no person number as in the registers: rows"),
        ("PNR\n0101701234\n0101701235\n0101701234\n", "the person is in an earlier row: row 4"),
        ("PNR,starts\n0101701234,soon\n", "starts is no date; allowed: YYYY-MM-DD: row 2"),
        ("PNR,starts\n0101701234,2006-02-30\n", "starts is no date; allowed: YYYY-MM-DD: row 2"),
        ("PNR,starts\n0101701234,2005-12-31\n", "starts is before 2006-01-01: row 2"),
        ("PNR\n0101701234,2006-01-01\n", "more fields than columns: row 2"),
        ("0101701234\n0101701235\n", "has no head that can be used"),
        ("PNR\n", "names nobody"),
        ("PNR\n" + "x\n" * 30, "20, 21 and 10 more"),
    ],
)
def test_what_is_wrong_is_told_by_rows_and_names_nobody(
    tmp_path: Path, text: str, said: str
) -> None:
    path = written(tmp_path, text).with_name("participants.csv")
    with pytest.raises(SettingsError) as caught:
        read_participants_file(path, KEY, STARTS)
    assert said in caught.value.message
    assert not re.search("01017012|010170-", caught.value.message)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, listed(OWN), mode=0o640).with_name("participants.csv")
    with pytest.raises(SettingsError, match="open to other users"):
        read_participants_file(path, KEY, STARTS)
    path.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        read_participants_file(path, KEY, STARTS)
    path.write_bytes(b"PNR\n\xff0101701234\n")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="UTF-8") as caught:
        read_participants_file(path, KEY, STARTS)
    assert "0101701234" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ('"../participants.csv"', "adopters.0.persons"),
        ('"participants.txt"', "adopters.0.persons"),
        ('"participants.csv"\nparticipants = 40', "allowed: one of them"),
    ],
)
def test_the_file_is_beside_the_declaration_and_counts_alone(
    tmp_path: Path, name: str, said: str
) -> None:
    path = written(tmp_path, listed(OWN), TOML.replace('"participants.csv"', name))
    with pytest.raises(SettingsError) as caught:
        read_initiative(path)
    assert said in caught.value.message


def test_whoever_was_no_resident_or_of_other_ages_is_refused_by_row(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = listed([*OWN[:2], OTHERS[0], "0909709999", "0303701234"])
    path = written(tmp_path, text)
    assert main(["initiative", str(path), "--home", str(home)]) == 3
    said = capsys.readouterr().err
    assert "no resident of 376 when the person began: rows 4, 5" in said
    assert "not 18 to 39 years old when the person began: row 6" in said
    two = TOML + '[[adopters]]\nmunicipality = "101"\nstarts = 2006-01-01\npersons = "more.csv"\n'
    path = written(tmp_path, listed(OWN[:2]), two)
    more = tmp_path / "more.csv"
    more.write_text(listed([OTHERS[2], OWN[1]]))
    more.chmod(0o600)
    assert main(["initiative", str(path), "--home", str(home)]) == 3
    said += capsys.readouterr().err
    assert "more.csv" in said
    assert "the person is in another file: row 3" in said
    assert not re.search("|".join([*OWN, *OTHERS, "0909709999", "0303701234"]), said)


def test_those_who_took_part_and_others_are_counted_by_cell(home: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "PNR;starts\n" + "".join(f"{one};\n" for one in OWN[:39]))
    settings = read_settings(home=home)
    found = read_participants(home / "registers.duckdb", settings, read_initiative(path), tmp_path)
    assert found is not None
    keys = pseudonyms(home, OWN[:39]).values()
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    record_keys = [
        sum(letters.index(one) * 62**place for place, one in enumerate(reversed(name[8:])))
        for name in keys
    ]
    assert found.persons["record_key"].tolist() == record_keys
    assert found.counts.to_dict("records") == [
        {"municipality_code": "376", "n": 39, "n_key": sum(record_keys)}
    ]
    own = found.cells[found.cells["is_participant"]]
    others = found.cells[~found.cells["is_participant"]]
    assert own["cell"].tolist() == ["39 male cash_benefit 26"]
    assert own["n"].tolist() == [39]
    # From the first Monday of 2006 until the registers end, 52 weeks.
    assert own["n_weeks"].tolist() == [52]
    assert own["benefit_weeks"].tolist() == [26 * 52]
    assert own["benefit_squares"].tolist() == [26 * 52**2]
    assert own["support_weeks"].tolist() == [13 * 52]
    assert (own["n_benefit"].tolist(), own["n_support"].tolist()) == ([26], [13])
    # Who of the municipality took no part is in no comparison.
    alike = others[others["cell"] == "39 male cash_benefit 26"]
    assert set(alike["municipality_code"]) == {"101", "147", "151"}
    assert alike["n"].sum() == 60


def test_the_answer_says_who_they_are_held_against_and_names_nobody(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The attack: numbers and pseudonyms are looked for in everything that is made."""
    caplog.set_level(logging.DEBUG)
    settings = read_settings(home=home)
    path = written(tmp_path, listed(OWN))
    frames = answered(home / "registers.duckdb", settings, read_initiative(path), tmp_path)
    shown = protect(frames, DISCLOSURE, smallest_shown=5)
    texts = initiative_texts(frames, languages=("da", "en"))
    rows = shown["initiative"].set_index(["measure", "method"])
    one = rows.loc[("benefit_weeks", "participants")]
    assert one["n_participants"] in range(50, 71)
    # Others are all on benefit all the time, of those who took part two of three.
    assert one["level_expected"] == pytest.approx(95, abs=5)
    assert one["verdict"] == "fall"
    assert one["level_observed"] == pytest.approx(67, abs=20)
    assert rows.loc[("FP", "participants"), "verdict"] in ("too_few", "not_covered")
    danish, english = (" ".join(text.split()) for text in texts)
    assert re.search(r"blandt borgere som dem (100|9\d),\d\d %", danish)
    assert re.search(r"of people like them (100|9\d)\.\d\d%", english)
    assert "Who takes part is chosen, or chooses" in english
    everything = "\n".join(
        [caplog.text, *texts, *(shown[name].to_csv() for name in shown)]
        + [file.read_bytes().decode("latin-1") for file in home.rglob("*") if _made(file, home)]
    )
    for secret in OWN:
        assert secret not in everything
    for pseudonym in pseudonyms(home, OWN).values():
        assert pseudonym not in "\n".join([caplog.text, *texts])
        assert pseudonym not in shown["initiative"].to_csv()


def _made(file: Path, home: Path) -> bool:
    return file.is_file() and home / "extracts" not in file.parents


def test_a_home_answers_every_night_from_the_file_beside_its_declaration(home: Path) -> None:
    settings = read_settings(home=home)
    reporting = pd.DataFrame({"municipality_code": [], "year": [], "is_reported": []})
    written(home / "initiatives", listed(OWN))
    try:
        frames = declared_answers(home / "registers.duckdb", settings, reporting)
    finally:
        for file in (home / "initiatives").iterdir():
            file.unlink()
    assert (frames["initiative"]["method"] == "participants").sum() == 4
    assert frames["initiative"]["n_participants"].notna().any()


def entry_of(home: Path, text: str, other: str | None = None) -> pd.DataFrame:
    """Return the home's entry in the ledger with a list, and perhaps one of a second initiative."""
    folder = home / "initiatives"
    written(folder, text)
    if other is not None:
        second = TOML.replace('"trial"', '"second"').replace('"participants.csv"', '"more.csv"')
        (folder / "second.toml").write_text(second, encoding="utf-8")
        (folder / "more.csv").write_text(other, encoding="utf-8")
        (folder / "more.csv").chmod(0o600)
    settings = read_settings(home=home)
    try:
        parts = participants_counted(home / "registers.duckdb", settings)
    finally:
        shutil.rmtree(folder)
    return ledger.entry(parts)


def test_a_list_that_changes_by_one_person_is_staged(home: Path) -> None:
    rule = {"smallest": 5, "batch": 500, "least": 2.0}
    before = entry_of(home, listed(OWN[:50]))
    assert not ledger.refusals({"night": before}, entry_of(home, listed(OWN[49::-1])), **rule)
    for changed in (OWN[:51], OWN[:49], [*OWN[1:50], OWN[50]]):
        reasons = ledger.refusals({"night": before}, entry_of(home, listed(changed)), **rule)
        assert ["fewer than 5 participants in trial differ" in said for said in reasons] == [True]
    # Ten more are a group.
    assert not ledger.refusals({"night": before}, entry_of(home, listed(OWN)), **rule)
    assert not ledger.refusals({"night": before.iloc[:0]}, before, **rule)


def test_two_lists_that_differ_by_one_person_are_staged(home: Path) -> None:
    rule = {"smallest": 5, "batch": 500, "least": 2.0}
    (reason,) = ledger.refusals({}, entry_of(home, listed(OWN[:40]), listed(OWN[:41])), **rule)
    assert reason.startswith("this release: fewer than 5 participants in second or trial alone")
    apart = entry_of(home, listed(OWN[:30]), listed(OWN[30:]))
    assert not ledger.refusals({}, apart, **rule)
    # What another initiative called them in an earlier release says as much.
    earlier = {"night": entry_of(home, listed(OWN[:30]))}
    renamed = apart.assign(kind=apart["kind"].str.replace("trial", "first"))
    assert not ledger.refusals(earlier, renamed, **rule)
    of_first = renamed.index[renamed["kind"] == "participants in first"]
    (reason,) = ledger.refusals(earlier, renamed.drop(of_first[0]), **rule)
    assert "participants in first or trial alone differ" in reason


@cache
def drawn(
    seed: int, effect: float = 0.0, n: int = 120, between: float = 0.03, n_units: int = 60
) -> Participants:
    """Return those who took part in one municipality, and 60 others, over six cells.

    Each person is on benefit for a share of 52 weeks; municipalities differ by ``between``. The
    frames are shared by all who ask for the same: nobody changes them.
    """
    rng = np.random.default_rng([seed, 5])
    usual = np.array([0.75, 0.65, 0.5, 0.4, 0.3, 0.2])
    rows = []
    for unit in range(n_units + 1):
        of_unit = rng.normal(0, between)
        for cell, share in enumerate(usual):
            is_own = unit == n_units
            persons = int(rng.poisson(n / 6)) if is_own else int(rng.lognormal(2.5, 0.8)) + 1
            level = np.clip(share + of_unit + is_own * effect, 0.02, 0.98)
            weeks = np.round(52 * rng.beta(2 * level, 2 * (1 - level), persons)).astype(int)
            keys = rng.integers(0, 62**4, persons)
            has_fp = rng.random(persons) < 0.05
            counted = {
                "benefit": weeks > 0,
                "support": weeks < 52,
                "fp": has_fp,
                "fj": has_fp,
            }
            rows.append(
                {
                    **{"month": "2006-01-01", "year": 2006, "is_participant": is_own},
                    **{"municipality_code": f"{101 + unit}", "cell": f"{cell}"},
                    **{"n": persons, "n_key": int(keys.sum()), "n_weeks": 52},
                    **{"fp_years": 2.0, "fj_years": np.nan},
                    **{"benefit_weeks": weeks.sum(), "benefit_squares": (weeks**2).sum()},
                    "support_weeks": (52 - weeks).sum(),
                    "support_squares": ((52 - weeks) ** 2).sum(),
                    **{f"n_{name}": int(of.sum()) for name, of in counted.items()},
                    **{f"{name}_key": int(keys[of].sum()) for name, of in counted.items()},
                }
            )
    cells = pd.DataFrame(rows)
    own = cells[cells["is_participant"]]
    return Participants(persons_of(f"{101 + n_units}", own["n"].sum()), cells)


def persons_of(municipality: str, n: int) -> pd.DataFrame:
    return pd.DataFrame({"municipality_code": [municipality] * n, "record_key": range(n)})


def studied(protection: CellKey | Unprotected, **options: float) -> Callable[[int], tuple]:
    def of(seed: int) -> tuple[float, float, float, float]:
        made = took_part(drawn(seed, **options), "benefit_weeks", protection, 0.95)
        assert made is not None
        assert made.study is not None
        return made.study.estimate, made.study.low, made.study.high, made.study.p_value

    return of


@pytest.mark.parametrize("protection", [Unprotected(), CellKey()])
def test_what_is_planted_is_found_and_limits_hold_it(protection: CellKey | Unprotected) -> None:
    """Of 60 drawn initiatives that take a tenth of the weeks away, and of 60 that do nothing."""
    for effect in (-0.1, 0.0):
        found = np.array([studied(protection, effect=effect)(seed) for seed in range(60)])
        truth = 100 * effect
        assert found[:, 0].mean() == pytest.approx(truth, abs=1.2)
        held = ((found[:, 1] <= truth) & (truth <= found[:, 2])).mean()
        assert held >= 0.89
    assert (found[:, 3] <= 0.05).mean() <= 0.11


def test_grants_of_those_shown_alike_are_told_alike() -> None:
    """Whatever was counted of others, what is shown alike gives the same to the last digit."""

    class Alike(CellKey):
        def shown(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
            return 20 + 5 * (np.arange(np.size(counts)) % 7)

    one = drawn(4)
    other = one.cells.assign(n_fp=one.cells["n_fp"].to_numpy()[::-1].copy())
    first, second = (
        took_part(Participants(one.persons, cells), "FP", Alike(), 0.95)
        for cells in (one.cells, other)
    )
    for made in (first, second):
        assert made is not None
        assert made.study is not None
    assert (first.n_compared, first.observed) == (second.n_compared, second.observed)
    for name in ("before", "estimate", "low", "high", "p_value", "detectable"):
        assert getattr(first.study, name) == getattr(second.study, name)


def test_that_municipalities_differ_is_in_the_error() -> None:
    def reach(between: float) -> float:
        found = np.array([studied(Unprotected(), between=between)(seed) for seed in range(20)])
        return float((found[:, 2] - found[:, 1]).mean())

    assert reach(0.0) < reach(0.05) < reach(0.1)


def test_one_by_hand() -> None:
    cells = drawn(1).cells.iloc[:0]
    row = {
        **{"month": "2006-01-01", "year": 2006, "n_weeks": 50, "fp_years": 2.0, "fj_years": None},
        **{"n_key": 1, "benefit_key": 1, "support_key": 1, "fp_key": 1, "fj_key": 1},
        **{"n_support": 0, "support_weeks": 0, "support_squares": 0, "n_fj": 0, "n_fp": 0},
    }
    own, other = {"is_participant": True}, {"is_participant": False}
    a, b, c = {"cell": "a"}, {"cell": "b"}, {"cell": "c"}

    def weeks(n: int, each: int) -> dict[str, int]:
        return {"n": n, "n_benefit": n, "benefit_weeks": n * each, "benefit_squares": n * each**2}

    cells = pd.DataFrame(
        [
            row | own | a | weeks(30, 20) | {"municipality_code": "101", "n_fp": 3},
            row | own | b | weeks(10, 40) | {"municipality_code": "101"},
            # Nobody like them elsewhere, or too few.
            row | own | c | weeks(5, 40) | {"municipality_code": "101"},
            row | other | a | weeks(10, 30) | {"municipality_code": "147", "n_fp": 2},
            row | other | a | weeks(10, 40) | {"municipality_code": "151"},
            row | other | b | weeks(20, 30) | {"municipality_code": "147", "n_fp": 2},
            row | other | c | weeks(4, 30) | {"municipality_code": "147"},
        ]
    )
    persons = persons_of("101", 45)
    made = took_part(Participants(persons, cells), "benefit_weeks", Unprotected(), 0.95)
    assert made is not None
    assert made.study is not None
    assert (made.n_compared, made.n_units) == (40, 3)
    assert made.observed == pytest.approx(100 * (30 * 20 + 10 * 40) / (40 * 50))
    assert made.study.before == pytest.approx(100 * (30 * 35 + 10 * 30) / (40 * 50))
    # 30 at 2 of 20 and 10 at 2 of 20 expect 4 grants, in two years each.
    grants = took_part(Participants(persons, cells), "FP", Unprotected(), 0.95)
    assert grants is not None
    assert grants.study is not None
    assert grants.study.before == pytest.approx(1000 * 4 / (40 * 2))
    assert took_part(Participants(persons, cells), "FJ", CellKey(), 0.95) is None


@pytest.mark.parametrize("n", [1, 3, 4, 12])
def test_few_are_not_told_of_and_their_number_as_disclosure_control_shows(n: int) -> None:
    made = drawn(3, n=120)
    own = made.cells["is_participant"]
    first = made.cells[own].iloc[[0]].assign(n=n, n_benefit=min(n, 2))
    few = Participants(
        made.persons.head(n), pd.concat([made.cells[~own], first], ignore_index=True)
    )
    asked = Initiative(
        name="trial",
        title={"da": "Forsøg", "en": "Trial"},
        adopters=[{"municipality": "161", "starts": "2006-01-01", "persons": "a.csv"}],
    )
    rows = pd.DataFrame(
        columns=[
            *("municipality_code", "year", "period", "residents", "person_weeks"),
            *("benefit_weeks", "n_benefit", "benefit_key", "support_weeks", "n_support"),
            *("support_key", "n_fp", "fp_key", "n_fj", "fj_key"),
        ]
    )
    frames = initiative_frames([(asked, rows)], CellKey(), 0.95, 1, {"trial": few})
    told = frames["initiative"].set_index(["measure", "method"])
    one = told.loc[("benefit_weeks", "participants")]
    assert one["verdict"] == "too_few"
    assert one[["level_observed", "level_expected", "effect", "p_value"]].isna().all()
    for name in ("n_participants", "n_compared"):
        assert one[name] == 0 or 5 <= one[name] < FEWEST_TOLD + 3
    protect(frames, DISCLOSURE, smallest_shown=5)
    english = initiative_texts(frames, languages=("en",))[0]
    assert "too few to be told of" in english
