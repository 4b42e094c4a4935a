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
from pipeline.commands import another_practice, initiative, kept, selection
from pipeline.commands.arguments import build_parser
from pipeline.commands.kept import held
from pipeline.errors import INTERRUPTED, SettingsError, StorageError, TildelingError
from pipeline.runlog import log_to_terminal
from pipeline.settings import Settings, read_settings

_BROKEN_PIPE = 141
_DEFECT = 70


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the command line ``arguments`` (default: those of the process).

    0 only when everything asked for was done; a user error prints its message without a traceback
    and returns its own code (see :mod:`pipeline.errors`).
    """
    log_to_terminal()
    try:
        options = build_parser(_commands()).parse_args(arguments)
        command: Callable[[argparse.Namespace], None] = options.run
        command(options)
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
        return INTERRUPTED
    except Exception:
        logging.getLogger("tildeling").exception(
            "a defect of Tildeling; the published release stands. Please report this:"
        )
        return _DEFECT
    return 0


def _commands() -> dict[str, Callable[[argparse.Namespace], None]]:
    return {
        "nightly": _nightly,
        "backfill": _backfill,
        "automations": _automations,
        "generate": _generate,
        "calibrate": _calibrate,
        "load": _load,
        "check": _check,
        "fit": _fit,
        "report": _report,
        "dictionary": _dictionary,
        "benchmarks": _benchmarks,
        "select": selection.select,
        "initiative": initiative.initiative,
        "releases": kept.releases,
        "status": kept.status,
        "diff": kept.diff,
        "publish": kept.publish,
        "rollback": kept.rollback,
        "retract": kept.retract,
        "score": _score,
        "what-if": another_practice.answer,
        "profile": _profile,
    }


def _nightly(options: argparse.Namespace) -> None:
    settings = read_settings(
        home=options.home,
        scale=options.scale,
        scenario=options.scenario,
        seed=options.seed,
        benchmark=options.benchmark,
    )
    # Prefect takes seconds to import, and reads its settings when it does.
    from flows.run import run_nightly

    run_nightly(settings, extracts=options.extracts)
    _say_where(settings)


def _backfill(options: argparse.Namespace) -> None:
    from pipeline.night.backfill import plan

    settings = read_settings(home=options.home, benchmark=options.benchmark)
    left = plan(settings, options.years, again=options.again)
    if left.settings is None:
        for year, run_id in left.done.items():
            print(f"{year} is done: run {run_id}")
        return
    from flows.run import run_backfill

    run_backfill(settings, options.years, extracts=options.extracts, again=options.again)
    _say_where(settings)


def _automations(options: argparse.Namespace) -> None:
    from flows.automations import remove_automations, webhook, write_automations
    from flows.mail import office_mail

    if options.remove:
        print("\n".join(remove_automations()) or "there were none")
        return
    mail = (options.smtp, options.mail_from, options.smtp_user, options.smtp_password_file)
    told_by = options.block
    if options.webhook:
        told_by = webhook(options.webhook)
    elif options.mail_to:
        told_by = office_mail(options.mail_to, *mail)
    elif any(mail):
        raise SettingsError("nobody is to be mailed.", next_step="give --mail-to ADDRESS.")
    print("\n".join(write_automations(told_by)))


def _generate(options: argparse.Namespace) -> None:
    from pipeline.night import synthetic

    settings = read_settings(
        scale=options.scale, scenario=options.scenario, seed=options.seed, workers=options.workers
    )
    print(
        synthetic.generate(
            settings,
            options.out,
            years=options.years,
            all_csv=options.format == "csv",
            registers=options.registers,
        )
    )


def _calibrate(options: argparse.Namespace) -> None:
    from pipeline.night import synthetic

    frame = synthetic.calibrate(options.extracts, options.page)
    shown = ["label", "unit", "target", "generated", "allowed_low", "allowed_high", "verdict"]
    measured = frame[frame["generated"].notna()]
    left_out = frame["verdict"].value_counts()
    print("SYNTETISKE DATA")
    print(measured[shown].round(3).to_string(index=False))
    print(
        f"Not measured: {left_out.get('other_years', 0)} figures of other years, "
        f"{left_out.get('not_compared', 0)} that a country cannot be held to."
    )


def _load(options: argparse.Namespace) -> None:
    from pipeline.night import steps

    settings = read_settings(home=options.home, benchmark=options.benchmark)
    with held(settings):
        summary = steps.load(settings, options.extracts, full=options.full)
    print(summary)


def _check(options: argparse.Namespace) -> None:
    from pipeline.night import steps

    inspection = steps.check(read_settings(benchmark=options.benchmark), options.extracts)
    print(inspection)
    if inspection.error:
        raise inspection.error


def _fit(options: argparse.Namespace) -> None:
    from pipeline.night import steps, synthetic

    settings = read_settings(
        home=options.home,
        benchmark=options.benchmark,
        outcomes=options.outcome,
        models=options.model,
        seed=options.seed,
    )
    with held(settings):
        steps.fit(settings, full=options.full)
        if options.truth:
            steps.score(settings, options.truth)
            synthetic.record_calibration(settings, options.truth.resolve().parent)
        print(steps.publish(settings).path)


def _report(options: argparse.Namespace) -> None:
    from pipeline.night import steps

    settings = read_settings(home=options.home, languages=options.lang)
    with held(settings):
        for page in steps.report(settings, options.benchmark or ()):
            print(page)


def _dictionary(options: argparse.Namespace) -> None:
    from pipeline.handbook.diagram import write_diagram
    from pipeline.handbook.dictionary import write_dictionary
    from pipeline.handbook.rules import write_rules
    from pipeline.handbook.years import write_years

    print(write_dictionary(options.out))
    print(write_diagram(options.out))
    print(write_rules(options.out))
    print(write_years(options.out))


def _benchmarks(options: argparse.Namespace) -> None:
    if options.file is not None:
        print(described(read_benchmark(options.file)))
        return
    home = read_settings(home=options.home).home
    for name, path in {**shipped(), **in_home(home)}.items():
        benchmark = read_benchmark(path)
        years = ", ".join(map(str, benchmark.years))
        place = "ships" if path.parent == SHIPPED else str(path)
        print(
            f"{name:<20}  {years}  {', '.join(benchmark.outcomes)}  {benchmark.title.en}  ({place})"
        )


def _score(options: argparse.Namespace) -> None:
    from pipeline.night import steps

    settings = read_settings(home=options.home)
    print(steps.score_published(settings, options.truth).to_string(index=False))


def _profile(options: argparse.Namespace) -> None:
    from pipeline.commands.profiling import FILES, headline, profile_file
    from pipeline.model.profile.profile_cells import Columns

    columns = Columns(
        unit=options.unit,
        outcome=options.outcome,
        observed=options.observed,
        expected=options.expected,
        denominator=options.denominator,
        factors=options.factors,
        numeric=options.numeric,
    )
    settings = read_settings(level=options.level, seed=options.seed)
    print(headline(profile_file(options.file, columns, settings, options.out)))
    for name in FILES:
        print(options.out / name)


def _say_where(settings: Settings) -> None:
    from pipeline.night.headline import headline
    from reports.language.files import FILES

    lines = headline(settings)
    mark = "".join(f" ({said})" for said in lines.marks)
    print(f"\nRun {lines.run_id}{mark}\n")
    print(lines.table.to_string(index=False))
    report = (settings.home / "report").resolve()
    page, *others = (FILES[language] for language in settings.languages)
    also = f"  (also {', '.join(others)})" if others else ""
    print(f"\nReport        {report / page}{also}")
    print(f"Database      {settings.benchmark_path.absolute()}")
    print(
        f"Data quality  {report / 'data_quality.csv'}  "
        f"({lines.n_quarantined} rows quarantined, {lines.n_warnings} warnings)"
    )
