"""Running a notebook's code cells in order, without Jupyter."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib

NOTEBOOK = Path(__file__).parent.parent / "docs" / "ranking.ipynb"


def cells(kind: str) -> list[dict[str, Any]]:
    """Return the cells of one kind: ``code`` or ``markdown``."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def run_notebook(home: Path) -> dict[str, Any]:
    """Return what the notebook's names stand for after all its cells ran on the release in home."""
    matplotlib.use("Agg")
    names: dict[str, Any] = {"__name__": "notebook"}
    with patch.dict(os.environ, {"TILDELING_HOME": str(home)}):
        for number, cell in enumerate(cells("code"), start=1):
            exec(compile("".join(cell["source"]), f"{NOTEBOOK.name}, cell {number}", "exec"), names)
    return names
