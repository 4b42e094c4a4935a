"""The command ``tildeling``: one subcommand per step, and ``nightly`` for all of them.

What only some commands need is imported by them: the statistics alone take seconds.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pipeline
from pipeline.errors import SettingsError, StorageError, TildelingError
from pipeline.runlog import log_to_terminal
from pipeline.settings import DEFAULT_YEARS, WINDOWS, Settings, read_settings
from pipeline.warehouse.comparison import compare_releases
from pipeline.warehouse.lock import hold_home
from pipeline.warehouse.releases import (
    current_release,
    list_releases,
    releases_to_compare,
    roll_back,
)

_INTERRUPTED = 130
_DEFECT = 70


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the command line ``arguments`` (default: those of the process).

    0 only when everything asked for was done; a user error prints its message without a traceback
    and returns its own code (see :mod:`pipeline.errors`).
    """
    log_to_terminal()
    try:
        chosen = _parser().parse_args(arguments)
        command: Callable[[argparse.Namespace], None] = chosen.run
        command(chosen)
    except TildelingError as error:
        print(f"tildeling: {error.message}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(
            f"tildeling: the file system failed: {error}\n"
            "  Next: look at free space and permissions there and run the command again; the "
            "published release stands.",
            file=sys.stderr,
        )
        return StorageError.exit_code
    except KeyboardInterrupt:
        print("tildeling: interrupted; the published release stands.", file=sys.stderr)
        return _INTERRUPTED
    except Exception:
        logging.getLogger("tildeling").exception(
            "a defect of Tildeling; the published release stands. Please report this:"
        )
        return _DEFECT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tildeling",
        description="Expected against actual grants in Denmark's 98 municipalities.",
        epilog="Exit codes: 0 done, 2 usage, 3 settings, 10 extracts, 11 data check, 12 model, "
        "13 publication, 14 storage, 70 defect. Settings also come from TILDELING_<NAME> in the "
        "environment and from tildeling.toml.",
    )
    parser.add_argument("--version", action="version", version=pipeline.__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    nightly = _command(commands, "nightly", _nightly, "one whole night, as the Prefect flow")
    _home(nightly)
    nightly.add_argument("--scale", type=float, help="share of the country to generate (0.1)")
    nightly.add_argument("--scenario", help="scenario of the country to generate (default)")
    nightly.add_argument("--seed", type=int, help="seed of every random draw (1)")
    nightly.add_argument(
        "--extracts", type=Path, help="folder with register files; without it a country is made"
    )
    _window(nightly)

    generate = _command(commands, "generate", _generate, "write a synthetic country")
    generate.add_argument("--out", type=Path, required=True, help="folder to write")
    generate.add_argument("--scale", type=float, help="share of the country to generate (0.1)")
    generate.add_argument("--scenario", help="scenario of the country to generate (default)")
    generate.add_argument("--seed", type=int, help="seed of every random draw (1)")
    generate.add_argument(
        "--years",
        type=_years,
        default=DEFAULT_YEARS,
        help="first-last year, within 1984-2024 (1984-2007)",
    )
    generate.add_argument("--workers", type=int, help="processes at work (2)")
    generate.add_argument(
        "--format",
        choices=("parquet", "csv"),
        default="parquet",
        help="files of the registers, but for those that are CSV always (parquet)",
    )

    calibrate = _command(
        commands, "calibrate", _calibrate, "compare a synthetic country with the sources' figures"
    )
    calibrate.add_argument(
        "--extracts", type=Path, required=True, help="folder that generate wrote"
    )
    calibrate.add_argument("--page", type=Path, metavar="FILE", help="Markdown page to write")

    load = _command(commands, "load", _load, "load register files into registers.duckdb")
    load.add_argument("--extracts", type=Path, required=True, help="folder with register files")
    _home(load)
    _window(load)

    load.add_argument(
        "--full", action="store_true", help="load everything anew, also what has not changed"
    )

    check = _command(commands, "check", _check, "say what would load, without loading it")
    check.add_argument("--extracts", type=Path, required=True, help="folder with register files")
    _window(check)

    fit = _command(commands, "fit", _fit, "fit the models and publish a release")
    _home(fit)
    _window(fit)
    fit.add_argument("--outcome", type=_names, help="outcomes, e.g. FP,FJ,ANY")
    fit.add_argument("--model", type=_names, help="models, e.g. pooled,within")
    fit.add_argument("--seed", type=int, help="seed of every random draw (1)")
    fit.add_argument("--truth", type=Path, help="truth/ of a synthetic country, to score with")

    report = _command(commands, "report", _report, "write the report of the published release")
    _home(report)
    report.add_argument("--lang", type=_names, help="languages, e.g. da,en")

    words = _command(commands, "dictionary", _dictionary, "write the pages of tables and rules")
    words.add_argument("--out", type=Path, default=Path("docs"), help="folder to write (docs)")

    releases = _command(commands, "releases", _releases, "list the releases kept")
    _home(releases)

    diff = _command(commands, "diff", _diff, "compare two releases")
    diff.add_argument("before", nargs="?", metavar="A", help="release (the one before B)")
    diff.add_argument("after", nargs="?", metavar="B", help="release (the one in place)")
    _home(diff)

    rollback = _command(commands, "rollback", _rollback, "put an earlier release in place")
    rollback.add_argument(
        "release", nargs="?", metavar="RELEASE", help="name or part of it (the one before)"
    )
    _home(rollback)

    score = _command(commands, "score", _score, "score the published release against the truth")
    _home(score)
    score.add_argument("--truth", type=Path, required=True, help="truth/ of the country loaded")

    profile = _command(commands, "profile", _profile, "profile the units of any table")
    profile.add_argument("file", type=Path, metavar="FILE", help="CSV or Parquet file")
    profile.add_argument("--unit", required=True, metavar="COL", help="hospital, school, court")
    profile.add_argument("--outcome", metavar="COL", help="0/1 per row")
    profile.add_argument("--observed", metavar="COL", help="counts, with one of the next two")
    profile.add_argument("--expected", metavar="COL", help="ready-made expected counts")
    profile.add_argument("--denominator", metavar="COL", help="people, or exposure")
    profile.add_argument("--factors", type=_names, default=(), help="categories to adjust for: a,b")
    profile.add_argument("--numeric", type=_names, default=(), help="numbers to adjust for: c,d")
    profile.add_argument("--level", type=float, help="level of limits and rank sets (0.95)")
    profile.add_argument("--seed", type=int, help="seed of the draws behind rank sets (1)")
    profile.add_argument("--out", type=Path, required=True, help="folder to write")
    return parser


def _nightly(chosen: argparse.Namespace) -> None:
    settings = read_settings(
        home=chosen.home,
        scale=chosen.scale,
        scenario=chosen.scenario,
        seed=chosen.seed,
        window=chosen.window,
    )
    # Prefect takes seconds to import, and reads its settings when it does.
    from flows.run import run_nightly

    run_nightly(settings, extracts=chosen.extracts)
    _say_where(settings)


def _generate(chosen: argparse.Namespace) -> None:
    from pipeline import steps

    settings = read_settings(
        scale=chosen.scale, scenario=chosen.scenario, seed=chosen.seed, workers=chosen.workers
    )
    print(steps.generate(settings, chosen.out, years=chosen.years, all_csv=chosen.format == "csv"))


def _calibrate(chosen: argparse.Namespace) -> None:
    from pipeline import steps

    frame = steps.calibrate(chosen.extracts, chosen.page)
    shown = ["label", "unit", "target", "generated", "allowed_low", "allowed_high", "verdict"]
    measured = frame[frame["generated"].notna()]
    left_out = frame["verdict"].value_counts()
    print("SYNTETISKE DATA")
    print(measured[shown].round(3).to_string(index=False))
    print(
        f"Not measured: {left_out.get('other_years', 0)} figures of other years, "
        f"{left_out.get('not_compared', 0)} that a country cannot be held to."
    )


def _load(chosen: argparse.Namespace) -> None:
    from pipeline import steps

    settings = read_settings(home=chosen.home, window=chosen.window)
    with _held(settings):
        summary = steps.load(settings, chosen.extracts, full=chosen.full)
    print(summary)


def _check(chosen: argparse.Namespace) -> None:
    from pipeline import steps

    found = steps.check(read_settings(window=chosen.window), chosen.extracts)
    print(found)
    if found.error:
        raise found.error


def _fit(chosen: argparse.Namespace) -> None:
    from pipeline import steps

    settings = read_settings(
        home=chosen.home,
        window=chosen.window,
        outcomes=chosen.outcome,
        models=chosen.model,
        seed=chosen.seed,
    )
    with _held(settings):
        steps.fit(settings)
        if chosen.truth:
            steps.score(settings, chosen.truth)
            steps.record_calibration(settings, chosen.truth.resolve().parent)
        print(steps.publish(settings).path)


def _report(chosen: argparse.Namespace) -> None:
    from pipeline import steps

    settings = read_settings(home=chosen.home, languages=chosen.lang)
    with _held(settings):
        for page in steps.report(settings):
            print(page)


def _dictionary(chosen: argparse.Namespace) -> None:
    from pipeline.dictionary import write_dictionary
    from pipeline.rules import write_rules

    print(write_dictionary(chosen.out))
    print(write_rules(chosen.out))


def _releases(chosen: argparse.Namespace) -> None:
    home = read_settings(home=chosen.home).home
    now = current_release(home)
    for release in list_releases(home):
        place = "in place" if now and release.name == now.name else "kept"
        mark = "  SYNTETISKE DATA" if release.manifest.get("is_synthetic") else ""
        state = place if release.is_whole else "damaged"
        size = release.path.stat().st_size if release.path.exists() else 0
        print(f"{release.name}  {state}  {size / 1e6:.1f} MB{mark}")


def _diff(chosen: argparse.Namespace) -> None:
    home = read_settings(home=chosen.home).home
    print(compare_releases(*releases_to_compare(home, chosen.before, chosen.after)))


def _rollback(chosen: argparse.Namespace) -> None:
    settings = read_settings(home=chosen.home)
    with _held(settings):
        release = roll_back(settings.home, chosen.release)
    print(f"{release.name} is in place; run `tildeling report` for its pages")


def _score(chosen: argparse.Namespace) -> None:
    from pipeline import steps

    settings = read_settings(home=chosen.home)
    print(steps.score_published(settings, chosen.truth).to_string(index=False))


def _profile(chosen: argparse.Namespace) -> None:
    from pipeline.model.profile_cells import Columns
    from pipeline.profiling import FILES, headline, profile_file

    columns = Columns(
        unit=chosen.unit,
        outcome=chosen.outcome,
        observed=chosen.observed,
        expected=chosen.expected,
        denominator=chosen.denominator,
        factors=chosen.factors,
        numeric=chosen.numeric,
    )
    settings = read_settings(level=chosen.level, seed=chosen.seed)
    print(headline(profile_file(chosen.file, columns, settings, chosen.out)))
    for name in FILES:
        print(chosen.out / name)


def _held(settings: Settings) -> AbstractContextManager[None]:
    log = logging.getLogger("tildeling")
    return hold_home(settings.home, wait_seconds=settings.lock_wait_seconds, progress=log.info)


def _say_where(settings: Settings) -> None:
    from pipeline import steps

    found = steps.headline(settings)
    mark = " (SYNTETISKE DATA)" if found.is_synthetic else ""
    print(f"\nRun {found.run_id}{mark}\n")
    print(found.table.to_string(index=False))
    report = (settings.home / "report").resolve()
    print(f"\nReport        {report / 'index.html'}  (English: index.en.html)")
    print(f"Database      {settings.benchmark_path.absolute()}")
    print(
        f"Data quality  {report / 'data_quality.csv'}  "
        f"({found.n_quarantined} rows quarantined, {found.n_warnings} warnings)"
    )


def _command(
    commands: argparse._SubParsersAction,
    name: str,
    run: Callable[[argparse.Namespace], None],
    description: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=description, description=description)
    command.set_defaults(run=run)
    return command


def _home(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--home", type=Path, help="folder of databases and reports ($TILDELING_HOME, ./data)"
    )


def _window(command: argparse.ArgumentParser) -> None:
    command.add_argument("--window", help=f"years at risk: {', '.join(WINDOWS)}")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _years(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{4})-(\d{4})", text)
    if not match or int(match[1]) > int(match[2]):
        raise SettingsError(
            f"--years {text} cannot be used.", expected="first-last year, e.g. 1984-2007"
        )
    return int(match[1]), int(match[2])
