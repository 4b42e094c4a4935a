"""What holds in every synthetic country, whatever the scenario and the seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic_country import read

from synthetic_data import generate
from synthetic_data.ground.scenario import known_scenarios

FIRST, LAST = 2005, 2007
YEARS = range(FIRST + 1, LAST + 1)
GONE = {"997", "999"}


def check_dream(wide: pd.DataFrame) -> pd.Series:
    """Check one state a week, a pension for good, nothing after the end; return first pension."""
    assert wide["PNR"].is_unique
    codes = wide.drop(columns="PNR")
    assert codes.columns.is_unique
    values = codes.astype(object).fillna("").to_numpy()
    before, after = values[:, :-1], values[:, 1:]
    for code in GONE:
        assert (after[before == code] == code).all()
    ends = {"783", "998", *GONE}
    assert set(after[before == "783"]) <= ends
    pension = values == "783"
    first = np.where(pension.any(axis=1), pension.argmax(axis=1), -1)
    return pd.Series(first, index=wide["PNR"])


def check_decisions(register: pd.DataFrame) -> None:
    """Check that each pension and each flexjob is granted once, in order, after the application."""
    grants = register[register["AFGOERELSE"].str.startswith("TILKENDELSE")]
    assert not grants.duplicated(["PNR", "SAGSART"]).any()
    assert (register["STARTDATO"] < register["AFGDATO"]).all()
    both = grants.pivot(index="PNR", columns="SAGSART", values="AFGDATO").reindex(
        columns=["FP", "FJ"]
    )
    both = both.dropna().astype(str)
    assert (both["FJ"] <= both["FP"]).all()
    pensioned = grants[grants["SAGSART"] == "FP"].set_index("PNR")["AFGDATO"]
    since = register["PNR"].map(pensioned)
    assert not (register["AFGDATO"] > since).any()


def check_year(folder: Path, year: int, register: pd.DataFrame) -> None:
    """Check the year's truth against itself, the population and the register."""
    truth = read(folder / "truth", "person_year", year).set_index("person_id")
    assert truth.index.is_unique
    residents = read(folder, "bef", year - 1).set_index("PNR")
    assert residents.index.is_unique
    assert truth.index.isin(residents.index).all()
    for outcome in ("fp", "fj"):
        at_risk = truth[f"is_at_risk_{outcome}"]
        for kind in ("actual", "national"):
            p = truth[f"p_{kind}_{outcome}"]
            assert p[at_risk].between(0, 1, inclusive="neither").all()
            assert p[~at_risk].isna().all()
        assert at_risk[truth[f"event_{outcome}"]].all()
    made = read(folder / "truth", "decision", year)
    assert made["person_id"].isin(truth.index).all()
    assert len(made[made["is_reported"]]) == len(register)
    granted = made[(made["decision"] == "grant") & (made["outcome"] == "FP")]["person_id"]
    assert sorted(granted) == sorted(truth.index[truth["event_fp"]])


def check_nothing_after_the_end(folder: Path) -> None:
    """Check that no register knows of anybody after the Monday of death or emigration."""
    wide = read(folder, "dream").set_index("PNR")
    codes = wide.astype(object).fillna("").to_numpy()
    is_gone = np.isin(codes, list(GONE))
    gone = pd.Series(is_gone.argmax(axis=1), index=wide.index)[is_gone.any(axis=1)]
    assert len(gone) > 20
    mondays = pd.to_datetime([f"20{c[2:4]}-W{c[4:]}-1" for c in wide], format="%G-W%V-%u")
    end = pd.Series(mondays[gone], index=gone.index)
    dated = [("bef", None), ("lmdb", "EKSD"), ("lpr_adm", "D_INDDTO"), ("psyk_adm", "D_INDDTO")]
    for year in range(FIRST, LAST + 1):
        for name, column in [*dated, *([("ankestyrelsen", "AFGDATO")] if year > FIRST else [])]:
            rows = read(folder, name, year)
            day = pd.Timestamp(f"{year}-12-31") if column is None else pd.to_datetime(rows[column])
            ended = rows["PNR"].astype(str).map(end)
            assert not (ended <= day).any(), (name, year)


@pytest.mark.parametrize(
    ("seed", "scenario"), [(11 * n + 2, name) for n, name in enumerate(known_scenarios())]
)
def test_registers_and_truth_hold_together(tmp_path: Path, scenario: str, seed: int) -> None:
    folder = tmp_path / "country"
    span = {"first_year": FIRST, "last_year": LAST}
    generate(folder, scale=0.0005, seed=seed, **span, scenario=scenario, workers=1)
    by_year = {year: read(folder, "ankestyrelsen", year) for year in YEARS}
    check_decisions(pd.concat(by_year.values(), ignore_index=True))
    first_pension = check_dream(read(folder, "dream"))
    check_nothing_after_the_end(folder)
    for year, register in by_year.items():
        check_year(folder, year, register)
    made = pd.concat([read(folder / "truth", "decision", year) for year in YEARS[:-1]])
    pensions = made[(made["decision"] == "grant") & (made["outcome"] == "FP")]
    assert (first_pension.reindex(pensions["person_id"]).fillna(-1) >= 0).all()
    silent = read(folder / "truth", "underreported")
    assert len(silent) == (0 if scenario != "underreporting" else 4)
    hidden = made.merge(silent, on=["municipality_code", "year"])
    assert not hidden["is_reported"].any()
