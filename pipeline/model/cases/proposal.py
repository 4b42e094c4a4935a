"""Case municipalities as a declaration asks for them: by level or by change."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pipeline.cases.declaration import ChangeSelection, Selection
from pipeline.model.cases.change_selection import case_change_frames
from pipeline.model.cases.selection import case_study_frames


def case_frames(
    tables: Mapping[str, pd.DataFrame], asked: Selection | ChangeSelection
) -> dict[str, pd.DataFrame]:
    """Return the tables of the selection that is ``asked`` for, from those of one run as published.

    Raises :class:`ModelError` where the release does not answer the outcome.
    """
    if isinstance(asked, ChangeSelection):
        return case_change_frames(tables, asked)
    return case_study_frames(tables, asked)
