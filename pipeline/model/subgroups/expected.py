"""Expected grants by diagnosis inside the main groups, which add up to those of the groups.

P(diagnosis | grant, x) is the multinomial logit of :mod:`pipeline.model.national.diagnosis`, over
the parts of the groups in place of the groups. What it expects of the parts of a group in a
municipality is scaled to what the breakdown expects of the group there, so that both tables agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.model.national.breakdown import break_down, fit_grants
from pipeline.model.national.cells import CellTable, code_grants
from pipeline.model.national.expected import Expected
from pipeline.model.national.specification import Specification

#: What a diagnosis is by how offices read it: contested, else mental or somatic.
KINDS = ("contested", "mental", "somatic")
_GROUP = "diagnosis_group"


@dataclass(frozen=True)
class Subgroups:
    """The parts of diagnosis groups in order: ``group`` and ``kind`` of each, by name."""

    group: Mapping[str, str]
    kind: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The S parts in order."""
        return tuple(self.group)


def expected_by_subgroup(
    outcome: str,
    table: CellTable,
    expected: Expected,
    grants: pd.DataFrame,
    subgroups: Subgroups,
    specification: Specification,
) -> pd.DataFrame:
    """Return outcome, municipality_code, diagnosis_subgroup and expected of one fit.

    ``grants`` are rows of ``mart.grant_subgroup`` of the outcome. Every municipality of ``table``
    has every part; the parts of a municipality add up to its expected grants. Where counts are
    protected the model is fitted to those that are shown. Raises :class:`ModelError` where it
    cannot be fitted.
    """
    own = replace(
        specification,
        diagnosis_groups=subgroups.names,
        main_levels={_GROUP: (_GROUP, subgroups.group)},
    )
    coded = code_grants(
        grants.assign(**{_GROUP: grants["diagnosis_subgroup"]}), own, table.municipality_codes
    )
    model = fit_grants(coded, table, expected.expected_cells, own)
    broken = break_down(table, expected.expected_cells, coded, model, own)
    n = len(table.municipality_codes)
    return pd.DataFrame(
        {
            "outcome": outcome,
            "municipality_code": np.repeat(list(table.municipality_codes), len(subgroups.names)),
            "diagnosis_subgroup": np.tile(subgroups.names, n),
            "expected": broken.expected.sum(axis=2).ravel(),
        }
    )


def scaled_to_groups(
    expected: pd.DataFrame, breakdown: pd.DataFrame, subgroups: Subgroups
) -> pd.DataFrame:
    """Return ``expected`` with the sums over each group that ``breakdown`` expects of it.

    ``breakdown`` has outcome, municipality_code, diagnosis_group and expected, of one model. A
    group of which nothing is expected has nothing expected of its parts.
    """
    key = ["outcome", "municipality_code", _GROUP]
    rows = expected.assign(**{_GROUP: expected["diagnosis_subgroup"].map(dict(subgroups.group))})
    of_groups = breakdown.groupby(key, sort=False, observed=True)["expected"].sum().rename("of")
    rows = rows.join(of_groups, on=key)
    total = rows.groupby(key, sort=False)["expected"].transform("sum")
    factor = np.divide(
        rows["of"].fillna(0.0).to_numpy(dtype=float),
        total.to_numpy(dtype=float),
        out=np.zeros(len(rows)),
        where=total.to_numpy(dtype=float) > 0,
    )
    return expected.assign(expected=expected["expected"].to_numpy(dtype=float) * factor)
