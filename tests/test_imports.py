"""The rooms of the code and who may import whom; a forbidden import is found and named."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOPS = ("pipeline", "flows", "reports", "synthetic_data")
#: From the ground up: a room imports itself and what stands before it. One entry may name rooms
#: of the same height, which do not import each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("pipeline",),
    ("pipeline.errors", "pipeline.folders", "pipeline.runlog", "pipeline.setting_values"),
    ("pipeline.codes", "pipeline.secret_file"),
    ("pipeline.benchmarks",),
    ("pipeline.cases", "pipeline.initiatives"),
    ("pipeline.setting_fields",),
    ("pipeline.settings",),
    ("pipeline.manifest", "pipeline.frozen", "pipeline.journal", "pipeline.catalogue"),
    ("pipeline.registers",),
    ("pipeline.model.numerics",),
    ("pipeline.model.logit", "pipeline.model.inference"),
    ("pipeline.model.levels",),
    ("pipeline.model.national",),
    ("pipeline.model.tables",),
    ("pipeline.model.courses",),
    ("pipeline.model.years",),
    ("pipeline.model.followups", "pipeline.model.cases", "pipeline.model.initiatives"),
    ("pipeline.model.lives", "pipeline.model.subgroups"),
    ("pipeline.model.profile",),
    ("pipeline.model",),
    ("pipeline.disclosure",),
    ("pipeline.warehouse.database",),
    ("pipeline.warehouse.delivery",),
    ("pipeline.warehouse.raw",),
    ("pipeline.warehouse.marts",),
    ("pipeline.warehouse.frames", "pipeline.warehouse.publication"),
    ("pipeline.warehouse",),
    ("pipeline.descriptives",),
    ("pipeline.handbook",),
    ("reports", "synthetic_data"),
    ("pipeline.night",),
    ("flows",),
    ("pipeline.commands",),
)
#: Rooms inside a layer, in the same way.
ROOMS_WITHIN: dict[str, tuple[tuple[str, ...], ...]] = {
    "synthetic_data": (
        ("synthetic_data.ground",),
        ("synthetic_data.places",),
        ("synthetic_data.people",),
        ("synthetic_data.events",),
        ("synthetic_data.files", "synthetic_data.measures"),
        ("synthetic_data",),
    ),
    "reports": (
        ("reports.language",),
        ("reports.content",),
        ("reports.charts",),
        ("reports.told",),
        ("reports.courses",),
        ("reports.municipality",),
        ("reports.site", "reports.print", "reports.workbook"),
        ("reports",),
    ),
}
#: What a room may not import even where it stands lower.
FORBIDDEN: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "pipeline.model",
        (
            "pipeline.settings",
            "pipeline.manifest",
            "pipeline.registers",
            "pipeline.folders",
            "pipeline.runlog",
        ),
    ),
    ("pipeline.warehouse.marts", ("pipeline.model",)),
    (
        "synthetic_data",
        ("pipeline.model", "pipeline.warehouse", "pipeline.registers", "pipeline.disclosure"),
    ),
    ("reports", ("pipeline.model", "pipeline.registers")),
)
#: Packages from outside and the only rooms that may import them.
PACKAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("prefect", ("flows",)),
    ("distributed", ("flows",)),
    ("duckdb", ("pipeline.warehouse",)),
    ("statsmodels", ("pipeline.model",)),
)
LARGEST_ROOM = 16
LONGEST_MODULE = 300
#: What is still longer.
LONGER = frozenset({"pipeline.model.national.cells"})


def modules() -> dict[str, Path]:
    """Return the path of every module of ours by its dotted name."""
    paths = [path for top in TOPS for path in sorted((ROOT / top).rglob("*.py"))]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}


def imports(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Yield the dotted names that a file imports, anywhere in it: modules before their names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else node.module for name in names)


def height(module: str, layers: tuple[tuple[str, ...], ...]) -> tuple[int, str]:
    """Return the layer of ``module`` and its room: the longest name in ``layers`` that fits."""
    fitting = [
        (room, number)
        for number, rooms in enumerate(layers)
        for room in rooms
        if module == room or module.startswith(room + ".")
    ]
    room, number = max(fitting, key=lambda pair: len(pair[0]))
    return number, room


def is_in(module: str, rooms: tuple[str, ...]) -> bool:
    return any(module == room or module.startswith(room + ".") for room in rooms)


def faults(of: dict[str, Path], known: dict[str, Path]) -> list[str]:
    """Return every import of the modules ``of`` that breaks the contract: who, whom and why."""
    broken = []
    for importer, path in of.items():
        for imported in imports(path, known):
            for package, rooms in PACKAGES:
                if is_in(imported, (package,)) and not is_in(importer, rooms):
                    broken.append(f"{importer} imports {imported}: only {rooms[0]} may")
            if imported not in known:
                continue
            for room, banned in FORBIDDEN:
                if is_in(importer, (room,)) and is_in(imported, banned):
                    broken.append(f"{importer} imports {imported}: {room} must not know it")
            for layers in (LAYERS, *ROOMS_WITHIN.values()):
                top = layers[-1][0].split(".")[0] if layers is not LAYERS else ""
                if not (importer.startswith(top) and imported.startswith(top)):
                    continue
                above, own = height(imported, layers), height(importer, layers)
                if above[0] > own[0] or (above[0] == own[0] and above[1] != own[1]):
                    broken.append(f"{importer} imports {imported}: upward")
    return broken


def test_imports_keep_the_contract() -> None:
    assert not faults(modules(), modules())


@pytest.mark.parametrize(
    ("path", "line", "reason"),
    [
        (
            "pipeline/model/numerics/shift.py",
            "from pipeline.model.inference import ranks",
            "upward",
        ),
        ("pipeline/model/inference/ranks.py", "import pipeline.model.national.cells", "upward"),
        ("pipeline/warehouse/raw/weekruns.py", "import reports", "upward"),
        ("pipeline/night/steps.py", "from flows import run", "upward"),
        ("pipeline/model/logit/factor_logit.py", "import duckdb", "only pipeline.warehouse may"),
        ("pipeline/night/truth.py", "from prefect import flow", "only flows may"),
        ("reports/__init__.py", "import statsmodels.api", "only pipeline.model may"),
        ("synthetic_data/people/lives.py", "import pipeline.model", "must not know it"),
        ("synthetic_data/ground/rng.py", "import synthetic_data.people.lives", "upward"),
        ("reports/content/values.py", "import reports.told.heat", "upward"),
        ("reports/site/render.py", "import reports.workbook.sheets", "upward"),
    ],
)
def test_a_forbidden_import_is_named(tmp_path: Path, path: str, line: str, reason: str) -> None:
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    planted = tmp_path / "planted.py"
    planted.write_text(f"{line}\n" + (ROOT / path).read_text(encoding="utf-8"), encoding="utf-8")
    (fault,) = faults({name: planted}, modules())
    assert fault.startswith(f"{name} imports ")
    assert fault.endswith(reason)


def test_every_room_says_what_it_is() -> None:
    for name, path in modules().items():
        if path.name == "__init__.py":
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), name


def test_modules_and_rooms_stay_small() -> None:
    lines = {name: path.read_text(encoding="utf-8").count("\n") for name, path in modules().items()}
    assert {name for name, n in lines.items() if n > LONGEST_MODULE} <= LONGER
    sizes = Counter(path.parent for path in modules().values() if path.name != "__init__.py")
    assert {str(room) for room, n in sizes.items() if n > LARGEST_ROOM} == set()
