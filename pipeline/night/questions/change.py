"""Change in a night: the cells of the window it is measured from, fitted beside each outcome's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pipeline.descriptives.completeness import without_unreported
from pipeline.errors import ModelError
from pipeline.model.followups.change import change_frames
from pipeline.model.followups.change_split import Window
from pipeline.model.national.cells import CellTable, code_cells
from pipeline.model.national.fitted import FittedModel, fit_within
from pipeline.model.national.specification import Specification
from pipeline.model.tables.sensitivity import move_to_decision
from pipeline.registers.coverage import spans
from pipeline.settings import Settings
from pipeline.warehouse.frames import baseline as read
from pipeline.warehouse.frames.read import read_cells

CHANGE_TABLES = ("change", "change_split", "change_country")
CHECK = "change_baseline"
#: An outcome that the earlier window did not have, or hardly: nothing is wrong with the data.
TOO_FEW = "too few grants then"
_FEW = "nothing can be expected"


@dataclass(frozen=True)
class Baseline:
    """The window that change is measured from, and what of it could not be used.

    ``left_out`` has what (an outcome, or nothing for the whole window) and why.
    """

    registers: Path
    settings: Settings
    reporting: pd.DataFrame
    municipality_codes: tuple[str, ...]
    specification: Specification
    left_out: dict[str, str] = field(default_factory=dict)

    def change(
        self, outcome: str, table: CellTable, fitted: FittedModel
    ) -> dict[str, pd.DataFrame]:
        """Return the tables of change of one outcome; none where the baseline cannot be fitted."""
        if "" in self.left_out:
            return {}
        try:
            earlier = code_cells(
                self._cells(outcome), self.specification, list(self.municipality_codes)
            )
            before = Window(earlier, fit_within(earlier, self.specification))
        except ModelError as error:
            is_few = error.problem.endswith(_FEW)
            self.left_out[outcome] = TOO_FEW if is_few else f"its fit failed: {error.problem}"
            return {}
        made = change_frames(outcome, Window(table, fitted), before, self.specification)
        if not made:
            self.left_out[outcome] = "too few municipalities with grants in both windows"
        return made

    def quality_row(self) -> pd.DataFrame:
        """Return the row of ``data_quality`` that says what is left out of the tables of change."""
        years = spans(self.settings.question.years)
        reasons = dict.fromkeys(self.left_out.values())
        named = [
            f"change from {years} left out{_of(self.left_out, reason)}: {reason}"
            for reason in reasons
        ]
        return pd.DataFrame(
            {
                "register": ["result"],
                "check": [CHECK],
                "n_rows": [len(self.settings.question.years)],
                "n_quarantined": [0],
                "status": ["ok" if set(reasons) <= {TOO_FEW} else "warn"],
                "detail": ["; ".join(named) or None],
            }
        )

    def _cells(self, outcome: str) -> pd.DataFrame:
        cells = read_cells(self.registers, "model_cell", self.settings, outcome)
        cells = without_unreported(cells, self.reporting)
        if self.settings.question.counted_in != "decision":
            return cells
        grants = read_cells(self.registers, "grant_cell", self.settings, outcome)
        return move_to_decision(cells, without_unreported(grants, self.reporting))


def _of(left_out: dict[str, str], reason: str) -> str:
    """Return which outcomes are left out for ``reason``, nothing for the whole window."""
    outcomes = [outcome for outcome, why in left_out.items() if why == reason and outcome]
    return f" of {', '.join(outcomes)}" if outcomes else ""


def read_baseline(
    registers: Path,
    settings: Settings,
    reporting: pd.DataFrame,
    municipalities: pd.DataFrame,
    specification: Specification,
) -> Baseline | None:
    """Return the window that the benchmark of ``settings`` measures change from, None for none.

    Its whole is left out, and says why, where the registers do not reach as far behind it as they
    do behind the benchmark's own window, and where counts are withheld: the total of the earlier
    window would open what its years withhold.
    """
    asked = settings.baseline()
    if asked is None:
        return None
    if settings.disclosure_method == "suppress":
        why: str | None = "counts are exact, its total would open what its years withhold"
    else:
        why = read.why_not(registers, settings, asked)
    return Baseline(
        registers,
        asked,
        reporting,
        tuple(municipalities["municipality_code"]),
        specification,
        {"": why} if why else {},
    )
