"""Nothing is kept that no command, page, study or document uses."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("pipeline", "flows", "reports", "synthetic_data")
#: What is used by name in text: documents and the studies of ``benchmarks``.
DOCUMENTS = ("README.md", "docs/**/*.md", "benchmarks/*.py", "Makefile", "pyproject.toml")


def names_used(tree: ast.AST) -> set[str]:
    """Return the names read in ``tree``, those in decorators and annotations included."""
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return named | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def unused(sources: dict[str, str], documents: str) -> list[str]:
    """Return functions and classes at the top of modules that nothing in ``sources`` reads.

    A name read within its own body alone, or imported and not read, is unused; one that a document
    names is part of what is offered.
    """
    definitions: dict[str, list[str]] = defaultdict(list)
    used: set[str] = set()
    for path, source in sources.items():
        for node in ast.parse(source).body:
            read = names_used(node)
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                definitions[node.name].append(path)
                read -= {node.name}
            used |= read
    offered = set(re.findall(r"\w+", documents))
    return sorted(
        f"{path}: {name}"
        for name, paths in definitions.items()
        if name not in used | offered
        for path in paths
    )


def test_every_function_has_a_caller() -> None:
    sources = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
    }
    texts = [path.read_text("utf-8") for name in DOCUMENTS for path in sorted(ROOT.glob(name))]
    assert unused(sources, "\n".join(texts)) == []


def test_what_nobody_calls_is_named() -> None:
    sources = {
        "a.py": "def lonely(n):\n    return lonely(n - 1)\n\n\ndef needed():\n    pass\n",
        "b.py": "from a import lonely, needed\n\nneeded()\n",
    }
    assert unused(sources, "") == ["a.py: lonely"]
    assert unused(sources, "`lonely` is for you") == []
