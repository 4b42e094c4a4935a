"""The command line of ``tildeling``: which commands there are and what each takes."""

from __future__ import annotations

import argparse
import re
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path

import pipeline
from pipeline.errors import SettingsError
from pipeline.setting_values import is_proper, listed
from pipeline.settings import DEFAULT_YEARS


def build_parser(run: Mapping[str, Callable[[argparse.Namespace], None]]) -> ArgumentParser:
    """Return the parser of the command line; what it returns has the command's ``run``."""
    parser = ArgumentParser(
        prog="tildeling",
        description="Expected against actual grants in municipalities.",
        epilog="Exit codes: 0 done, 2 usage, 3 settings, 10 extracts, 11 data check, 12 model, "
        "13 publication, 14 storage, 70 defect, 130 stopped. Settings also come from "
        "TILDELING_<NAME> in the environment and from tildeling.toml.",
    )
    parser.add_argument("--version", action="version", version=pipeline.__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, description: str) -> ArgumentParser:
        command = commands.add_parser(name, help=description, description=description)
        command.set_defaults(run=run[name])
        return command

    nightly = add("nightly", "one whole night, as the Prefect flow")
    _home(nightly)
    nightly.add_argument("--scale", type=float, help="share of the country to generate (0.1)")
    nightly.add_argument("--scenario", help="scenario of the country to generate (default)")
    nightly.add_argument("--seed", type=int, help="seed of every random draw (1)")
    nightly.add_argument(
        "--extracts", type=_path, help="folder with register files; without it a country is made"
    )
    _benchmark(nightly)

    backfill = add("backfill", "years of a benchmark that no release answers yet, each on its own")
    _home(backfill)
    backfill.add_argument("--benchmark", required=True, metavar="NAME|FILE", help="the question")
    backfill.add_argument(
        "--years", type=_years, required=True, metavar="A-B", help="first-last year at risk"
    )
    backfill.add_argument(
        "--extracts", type=_path, help="folder with register files (the home's synthetic country)"
    )
    backfill.add_argument("--again", action="store_true", help="also years that are done")

    automations = add(
        "automations", "who is told of a failed night, and what becomes of a dead one"
    )
    told = automations.add_mutually_exclusive_group()
    told.add_argument("--webhook", metavar="URL", help='address that takes {"text": ...} by POST')
    told.add_argument("--block", metavar="TYPE/NAME", help="notification block on Prefect's server")
    told.add_argument(
        "--mail-to", type=_names, metavar="ADDRESS[,...]", help="who is mailed through --smtp"
    )
    told.add_argument("--remove", action="store_true", help="take them off the server")
    automations.add_argument(
        "--smtp",
        metavar="HOST[:PORT]",
        help="mail server, by STARTTLS (587; 465 is TLS from the start), plain on loopback (25); "
        "without it this machine's",
    )
    automations.add_argument("--mail-from", metavar="ADDRESS", help="sender (the first recipient)")
    automations.add_argument("--smtp-user", metavar="NAME", help="user, if the mail server asks")
    automations.add_argument(
        "--smtp-password-file", type=Path, metavar="FILE", help="the user's password, mode 0600"
    )

    generate = add("generate", "write a synthetic country")
    generate.add_argument("--out", type=_path, required=True, help="folder to write")
    generate.add_argument("--scale", type=float, help="share of the country to generate (0.1)")
    generate.add_argument("--scenario", help="scenario of the country to generate (default)")
    generate.add_argument("--seed", type=int, help="seed of every random draw (1)")
    generate.add_argument(
        "--years",
        type=_years,
        default=DEFAULT_YEARS,
        help="first-last year, within 1984-2024 (1984-2007)",
    )
    generate.add_argument(
        "--registers", type=_names, default=(), help="registers to make besides: ind,akm"
    )
    generate.add_argument("--workers", type=int, help="processes at work (2)")
    generate.add_argument(
        "--format",
        choices=("parquet", "csv"),
        default="parquet",
        help="files of the registers, but for those that are CSV always (parquet)",
    )

    calibrate = add("calibrate", "compare a synthetic country with the sources' figures")
    calibrate.add_argument(
        "--extracts", type=_path, required=True, help="folder that generate wrote"
    )
    calibrate.add_argument("--page", type=_path, metavar="FILE", help="Markdown page to write")

    load = add("load", "load register files into registers.duckdb")
    load.add_argument("--extracts", type=_path, required=True, help="folder with register files")
    _home(load)
    _benchmark(load)

    load.add_argument(
        "--full", action="store_true", help="load everything anew, also what has not changed"
    )

    check = add("check", "say what would load, without loading it")
    check.add_argument("--extracts", type=_path, required=True, help="folder with register files")
    _benchmark(check)

    fit = add("fit", "fit the models and publish a release")
    _home(fit)
    _benchmark(fit)
    fit.add_argument("--outcome", type=_names, help="outcomes, e.g. FP,FJ,ANY")
    fit.add_argument("--model", type=_names, help="models, e.g. pooled,within")
    fit.add_argument("--seed", type=int, help="seed of every random draw (1)")
    fit.add_argument("--truth", type=_path, help="truth/ of a synthetic country, to score with")
    fit.add_argument(
        "--full", action="store_true", help="fit anew also what has not changed since the last fit"
    )

    publish = add("publish", "publish what a fit or night left staged")
    _home(publish)
    publish.add_argument(
        "--approve",
        action="store_true",
        help="although it differs from an earlier release by a few persons",
    )

    report = add("report", "write the report of the published release")
    _home(report)
    report.add_argument("--lang", type=_names, help="languages, e.g. da,en")
    report.add_argument(
        "--benchmark",
        type=_names,
        metavar="NAME[,...]",
        help="of the release's benchmarks only these, the first at the front (all)",
    )

    words = add("dictionary", "write the pages of tables and rules")
    words.add_argument("--out", type=_path, default=Path("docs"), help="folder to write (docs)")

    benchmarks = add("benchmarks", "list the benchmarks, or read one in a file")
    benchmarks.add_argument("file", nargs="?", type=Path, metavar="FILE", help="TOML file to read")
    _home(benchmarks)

    select = add("select", "propose municipalities to interview, from the published release")
    select.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="TOML file of criteria (AKF's of 2009)"
    )
    _home(select)
    select.add_argument("--lang", type=_names, help="languages, e.g. da,en")
    select.add_argument(
        "--benchmark", metavar="NAME", help="of the release's benchmarks this one (the first)"
    )

    initiative = add("initiative", "say what an initiative of municipalities did, in a TOML file")
    initiative.add_argument("file", type=Path, metavar="FILE", help="TOML file that declares it")
    _home(initiative)
    initiative.add_argument("--lang", type=_names, help="languages, e.g. da,en")

    releases = add("releases", "list the releases kept")
    _home(releases)

    status = add("status", "say how a home stands: last night, release, what is staged, disk")
    _home(status)

    diff = add("diff", "compare two releases")
    diff.add_argument("before", nargs="?", metavar="A", help="release (the one before B)")
    diff.add_argument("after", nargs="?", metavar="B", help="release (the one in place)")
    _home(diff)

    retract = add("retract", "remove a release and put the one before it in place")
    retract.add_argument(
        "release", nargs="?", metavar="RELEASE", help="name or part of it (the one in place)"
    )
    _home(retract)

    rollback = add("rollback", "put an earlier release and its report in place")
    rollback.add_argument(
        "release", nargs="?", metavar="RELEASE", help="name or part of it (the one before)"
    )
    _home(rollback)

    score = add("score", "score the published release against the truth")
    _home(score)
    score.add_argument("--truth", type=_path, required=True, help="truth/ of the country loaded")

    instead = add("what-if", "grants a year if municipalities had another practice")
    instead.add_argument(
        "--practice",
        required=True,
        metavar="NAME",
        help="country, lowest_fifth, highest_fifth, quantile_25, municipality_101, conditions"
        " or without_queue",
    )
    instead.add_argument(
        "--municipality", type=_names, default=(), metavar="CODE[,...]", help="only these (all)"
    )
    instead.add_argument("--outcome", default="FP", metavar="NAME", help="of this outcome (FP)")
    instead.add_argument(
        "--only",
        metavar="DIMENSION=LEVEL[,...]",
        help="only grants at these levels, e.g. diagnosis_group=mental",
    )
    instead.add_argument(
        "--prices", type=_path, metavar="FILE", help="price list (benefit_price.csv of the home)"
    )
    _home(instead)

    profile = add("profile", "profile the units of any table")
    profile.add_argument("file", type=_path, metavar="FILE", help="CSV or Parquet file")
    profile.add_argument("--unit", required=True, metavar="COL", help="hospital, school, court")
    profile.add_argument("--outcome", metavar="COL", help="0/1 per row")
    profile.add_argument("--observed", metavar="COL", help="counts, with one of the next two")
    profile.add_argument("--expected", metavar="COL", help="ready-made expected counts")
    profile.add_argument("--denominator", metavar="COL", help="people, or exposure")
    profile.add_argument("--factors", type=_names, default=(), help="categories to adjust for: a,b")
    profile.add_argument("--numeric", type=_names, default=(), help="numbers to adjust for: c,d")
    profile.add_argument("--level", type=float, help="level of limits and rank sets (0.95)")
    profile.add_argument("--seed", type=int, help="seed of the draws behind rank sets (1)")
    profile.add_argument("--out", type=_path, required=True, help="folder to write")
    return parser


def _home(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--home", type=_path, help="folder of databases and reports ($TILDELING_HOME, ./data)"
    )


def _benchmark(command: argparse.ArgumentParser) -> None:
    asked = command.add_mutually_exclusive_group()
    asked.add_argument(
        "--benchmark",
        metavar="NAME|FILE[,...]",
        help="questions to answer, see `tildeling benchmarks` (akf_2006_2007)",
    )
    asked.add_argument("--window", dest="benchmark", metavar="NAME", help="older --benchmark")


def _names(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(name) for name in listed(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} {error}") from None


def _path(text: str) -> Path:
    if not is_proper(text):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no path in UTF-8")
    return Path(text)


def _years(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{4})-(\d{4})", text)
    if not match or int(match[1]) > int(match[2]):
        raise SettingsError(
            f"--years {text} cannot be used.", expected="first-last year, e.g. 1984-2007"
        )
    return int(match[1]), int(match[2])
