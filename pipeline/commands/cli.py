"""The command ``tildeling``: one subcommand per step, and ``nightly`` for all of them.

What only some commands need is imported by them: the statistics alone take seconds.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from pipeline.benchmarks.library import SHIPPED, described, in_home, read_benchmark, shipped
from pipeline.commands import kept
from pipeline.commands.arguments import build_parser
from pipeline.commands.kept import held
from pipeline.errors import StorageError, TildelingError
from pipeline.runlog import log_to_terminal
from pipeline.settings import Settings, read_settings

_INTERRUPTED = 130
_BROKEN_PIPE = 141
_DEFECT = 70


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the command line ``arguments`` (default: those of the process).

    0 only when everything asked for was done; a user error prints its message without a traceback
    and returns its own code (see :mod:`pipeline.errors`).
    """
    log_to_terminal()
    try:
        chosen = build_parser(_commands()).parse_args(arguments)
        command: Callable[[argparse.Namespace], None] = chosen.run
        command(chosen)
        sys.stdout.flush()
    except TildelingError as error:
        print(f"tildeling: {error.message}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        print(
            "tildeling: the output was not read to its end (broken pipe); files that were written "
            "are whole.",
            file=sys.stderr,
        )
        # What is still unsaid has no reader: at exit it must not be said. A stand-in has no number.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except OSError as error:
        print(
            f"tildeling: the file system failed: {error}\n"
            "  Next: look at free space and permissions there and run the command again; the "
            "published release stands.",
            file=sys.stderr,
        )
        return StorageError.exit_code
    except MemoryError as error:
        print(
            f"tildeling: memory ran out: {error or 'no more to be had'}\n"
            "  Next: give the machine more, or ask for less (memory_limit, rank_draws, workers, "
            "block_persons); the published release stands.",
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


def _commands() -> dict[str, Callable[[argparse.Namespace], None]]:
    return {
        "nightly": _nightly,
        "generate": _generate,
        "calibrate": _calibrate,
        "load": _load,
        "check": _check,
        "fit": _fit,
        "report": _report,
        "dictionary": _dictionary,
        "benchmarks": _benchmarks,
        "releases": kept.releases,
        "status": kept.status,
        "diff": kept.diff,
        "publish": _publish,
        "rollback": kept.rollback,
        "retract": kept.retract,
        "score": _score,
        "profile": _profile,
    }


def _nightly(chosen: argparse.Namespace) -> None:
    settings = read_settings(
        home=chosen.home,
        scale=chosen.scale,
        scenario=chosen.scenario,
        seed=chosen.seed,
        benchmark=chosen.benchmark,
    )
    # Prefect takes seconds to import, and reads its settings when it does.
    from flows.run import run_nightly

    run_nightly(settings, extracts=chosen.extracts)
    _say_where(settings)


def _generate(chosen: argparse.Namespace) -> None:
    from pipeline.night import synthetic

    settings = read_settings(
        scale=chosen.scale, scenario=chosen.scenario, seed=chosen.seed, workers=chosen.workers
    )
    print(
        synthetic.generate(settings, chosen.out, years=chosen.years, all_csv=chosen.format == "csv")
    )


def _calibrate(chosen: argparse.Namespace) -> None:
    from pipeline.night import synthetic

    frame = synthetic.calibrate(chosen.extracts, chosen.page)
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
    from pipeline.night import steps

    settings = read_settings(home=chosen.home, benchmark=chosen.benchmark)
    with held(settings):
        summary = steps.load(settings, chosen.extracts, full=chosen.full)
    print(summary)


def _check(chosen: argparse.Namespace) -> None:
    from pipeline.night import steps

    found = steps.check(read_settings(benchmark=chosen.benchmark), chosen.extracts)
    print(found)
    if found.error:
        raise found.error


def _fit(chosen: argparse.Namespace) -> None:
    from pipeline.night import steps, synthetic

    settings = read_settings(
        home=chosen.home,
        benchmark=chosen.benchmark,
        outcomes=chosen.outcome,
        models=chosen.model,
        seed=chosen.seed,
    )
    with held(settings):
        steps.fit(settings)
        if chosen.truth:
            steps.score(settings, chosen.truth)
            synthetic.record_calibration(settings, chosen.truth.resolve().parent)
        print(steps.publish(settings).path)


def _publish(chosen: argparse.Namespace) -> None:
    from pipeline.night import steps

    settings = read_settings(home=chosen.home)
    with held(settings):
        print(steps.publish_staged(settings.home, approve=chosen.approve).path)


def _report(chosen: argparse.Namespace) -> None:
    from pipeline.night import steps

    settings = read_settings(home=chosen.home, languages=chosen.lang)
    with held(settings):
        for page in steps.report(settings, chosen.benchmark or ()):
            print(page)


def _dictionary(chosen: argparse.Namespace) -> None:
    from pipeline.handbook.diagram import write_diagram
    from pipeline.handbook.dictionary import write_dictionary
    from pipeline.handbook.rules import write_rules
    from pipeline.handbook.years import write_years

    print(write_dictionary(chosen.out))
    print(write_diagram(chosen.out))
    print(write_rules(chosen.out))
    print(write_years(chosen.out))


def _benchmarks(chosen: argparse.Namespace) -> None:
    if chosen.file is not None:
        print(described(read_benchmark(chosen.file)))
        return
    home = read_settings(home=chosen.home).home
    for name, path in {**shipped(), **in_home(home)}.items():
        benchmark = read_benchmark(path)
        years = ", ".join(map(str, benchmark.years))
        place = "ships" if path.parent == SHIPPED else str(path)
        print(
            f"{name:<20}  {years}  {', '.join(benchmark.outcomes)}  {benchmark.title.en}  ({place})"
        )


def _score(chosen: argparse.Namespace) -> None:
    from pipeline.night import steps

    settings = read_settings(home=chosen.home)
    print(steps.score_published(settings, chosen.truth).to_string(index=False))


def _profile(chosen: argparse.Namespace) -> None:
    from pipeline.commands.profiling import FILES, headline, profile_file
    from pipeline.model.profile.profile_cells import Columns

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


def _say_where(settings: Settings) -> None:
    from pipeline.night.headline import headline

    found = headline(settings)
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
