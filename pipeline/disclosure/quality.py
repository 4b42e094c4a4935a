"""What is published of the checks of a delivery: what was found, never whose or in which file.

The data team reads all of it in ``meta.data_quality`` of the registers. Rows that fail are rows of
persons, so few are few persons; names of files and of columns that nobody declared are whatever
somebody wrote there, a person number too.
"""

from __future__ import annotations

import re

import pandas as pd

#: Registers under which findings stand that count no rows of a delivery.
_OF_RESULTS = ("model", "result")
_NAMES = {
    "extra_columns": "columns that are not declared were not loaded",
    "unknown_files": "files that belong to no register were not read",
}
_ACCOUNTED = "rows_accounted_for"
_COUNT_OF_ROWS = re.compile(r"\b(\d+)(?= (?:failing )?(?:rows?|values?|moments?|numbers?)\b)")


def shown_quality(quality: pd.DataFrame, *, smallest_shown: int) -> pd.DataFrame:
    """Return ``data_quality`` as it may be published, same rows and columns.

    Without sample keys, and without names of files and columns that were delivered beside the
    declared ones. Of a delivery's rows, 1 to below ``smallest_shown`` that fail or are in
    quarantine are shown as the largest of these numbers, in ``detail`` too.
    """
    few = smallest_shown - 1
    of_rows = ~quality["register"].isin(_OF_RESULTS) & ~quality["check"].isin(_NAMES)
    result = quality.assign(sample_keys=pd.Series(None, quality.index, dtype="str"))
    is_few = {
        name: of_rows & quality[name].between(1, few) for name in ("n_failing", "n_quarantined")
    }
    for name, rows in is_few.items():
        result[name] = quality[name].mask(rows, few)
    detail = quality["detail"].astype("object")
    detail = detail.where(~of_rows, detail.map(lambda text: _coarse(text, few)))
    detail = detail.mask(is_few["n_quarantined"] & (quality["check"] == _ACCOUNTED), None)
    for check, words in _NAMES.items():
        detail = detail.mask((quality["check"] == check) & detail.notna(), words)
    return result.assign(detail=detail)


def _coarse(text: object, few: int) -> object:
    """Return ``text`` with each number of rows from 1 to ``few`` given as at most ``few``."""
    if not isinstance(text, str):
        return text
    return _COUNT_OF_ROWS.sub(
        lambda match: f"at most {few}" if 1 <= int(match[1]) <= few else match[1], text
    )
