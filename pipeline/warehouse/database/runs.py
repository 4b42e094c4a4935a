"""The runs of a release in their order."""

from __future__ import annotations

import pandas as pd


def in_run_order(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``result.run`` in the order of the release.

    A release of an earlier version has one run, which does not tell its order.
    """
    return runs.sort_values("run_order") if "run_order" in runs else runs
