"""Where benchmarks are: shipped in this folder, in ``benchmarks/`` of a home, or in any file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.benchmarks.declaration import Benchmark
from pipeline.benchmarks.faults import declared, files_in, read_values, refuse_other_name
from pipeline.errors import SettingsError

SHIPPED = Path(__file__).parent
DEFAULT = "akf_2006_2007"
_NEXT = "mend the file; `tildeling benchmarks FILE` reads it alone. See docs/declarations.md."


def shipped() -> dict[str, Path]:
    """Return the files of the benchmarks that ship, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def in_home(home: Path) -> dict[str, Path]:
    """Return the files of the benchmarks of a home, by the name of the file.

    Raises :class:`SettingsError` for a home that cannot be looked into.
    """
    return {path.stem: path for path in files_in(home, "benchmarks")}


def find_benchmarks(asked: str, home: Path) -> tuple[Benchmark, ...]:
    """Return the benchmarks of names and files with commas between, in order; errors as below.

    A benchmark that is asked for twice, or is called as what another has marts of besides, is
    refused as well.
    """
    parts = [part.strip() for part in asked.split(",") if part.strip()] or [asked]
    benchmarks = tuple(find_benchmark(part, home) for part in parts)
    windows = (
        *benchmarks,
        *(benchmark.baseline() for benchmark in benchmarks),
        *(benchmark.short_look_back() for benchmark in benchmarks),
    )
    names = [window.name for window in windows if window]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingsError(
            f"benchmark {asked!r} cannot be used: {', '.join(twice)} is asked for twice",
            expected="each benchmark once",
            next_step="name it once.",
        )
    return benchmarks


def find_benchmark(asked: str, home: Path) -> Benchmark:
    """Return the benchmark ``asked`` for: a name that ships or is in ``home``, or a file.

    Raises :class:`SettingsError` for one that is nowhere, or whose file cannot be used.
    """
    if asked.endswith(".toml") or "/" in asked:
        return read_benchmark(Path(asked))
    known = {**in_home(home), **shipped()}
    if asked not in known:
        raise SettingsError(
            f"benchmark {asked!r} cannot be used: it is not known",
            expected=f"a file, or one of {', '.join(known)}",
            next_step="see `tildeling benchmarks`, or put the file in the benchmarks folder of "
            "the home.",
        )
    return read_benchmark(known[asked])


def read_benchmark(path: Path) -> Benchmark:
    """Return the benchmark declared in ``path``.

    Raises one :class:`SettingsError` that lists every fault: its key, value and what is allowed.
    """
    values = read_values(
        path,
        expected="a benchmark as a TOML file",
        otherwise="see `tildeling benchmarks` for those that ship.",
        next_step=_NEXT,
    )
    benchmark = benchmark_of(values, str(path))
    refuse_other_name(path, benchmark.name, next_step=_NEXT)
    if path.resolve().parent != SHIPPED and benchmark.name in shipped():
        raise SettingsError(
            f"{path} cannot be used: name: {benchmark.name!r} is that of a benchmark that ships",
            expected=f"another name than {', '.join(shipped())}",
            next_step=_NEXT,
        )
    return benchmark


def described(benchmark: Benchmark) -> str:
    """Return what ``benchmark`` asks, a line each, for whoever wrote its file."""
    levels = benchmark.levels()
    lines = [
        f"{benchmark.name}: {benchmark.title.en} / {benchmark.title.da}",
        f"  years       {', '.join(map(str, benchmark.years))}",
        f"  baseline    {', '.join(map(str, benchmark.baseline_years)) or 'none'}",
        f"  ages        {benchmark.ages.first}-{benchmark.ages.last}",
        f"  outcomes    {', '.join(benchmark.outcomes)}",
        f"  models      {', '.join(benchmark.models)}",
        f"  standards   {', '.join(benchmark.standards)}",
        f"  conditions  {', '.join(benchmark.conditions) or 'none'}",
        f"  grid        {', '.join(benchmark.sensitivity) or 'none'}",
        "  factors",
        *(f"    {name}: {', '.join(of)}" for name, of in levels.items()),
    ]
    return "\n".join(lines)


def benchmark_of(values: dict[str, Any], where: str) -> Benchmark:
    """Return the benchmark of the table ``values``; a :class:`SettingsError` names ``where``."""
    return declared(Benchmark, values, where, next_step=_NEXT)
