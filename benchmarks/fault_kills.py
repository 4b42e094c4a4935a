"""Kills of load, fit with publication and report at random instants."""

from __future__ import annotations

import random

from benchmarks import fault_home
from benchmarks.fault_country import Country, is_in, look, look_at_rows, other, which
from benchmarks.fault_process import in_child, kill_later, run
from benchmarks.fault_tally import KILLED, Tally


def kill_load(
    country: Country, n: int, late: int, full: int, in_a_row: int, rng: random.Random
) -> Tally:
    """Kill ``n`` loads, ``late`` of them while they put the database in place, ``full`` --full."""
    tally = Tally("load")
    country.use("A")
    country.must("load", country.load("A"))
    release = country.published()
    now = "A"
    while tally.n < n:
        target = other(now)
        command = country.load(target)
        if tally.n < late:
            after, span = is_in(country.log, "checking core and mart"), country.seconds["load"] / 3
        elif tally.n < late + full:
            command.append("--full")
            after, span = (lambda: True), country.seconds["load in full"]
        else:
            after, span = (lambda: True), country.seconds["load"]
        code = kill_later(command, country.log, seconds=rng.uniform(0, span), after=after)
        if code != KILLED:
            tally.miss()
            country.must("load", country.load(target))
            now = target
            continue
        content, shown = in_child(look, country.home)
        result = which(content, country.registers)
        tally.count()
        tally.old += result == now
        tally.new += result == target
        tally.left_something += bool(country.leftovers())
        if result == "neither":
            tally.note("registers.duckdb is neither the old nor the new")
        if shown != release or release.faults:
            tally.note(f"the release changed: {shown.faults}")
        if result == now and tally.n % in_a_row:
            continue
        code, seconds = run(country.load(target), country.log)
        tally.next_run(code)
        if code:
            tally.note(f"the next load ended with {code}: {country.log.read_text()[-600:]}")
        if result == now:
            country.seconds["load"] = seconds
        content, rows = in_child(look_at_rows, country.registers_path)
        if content != country.registers[target]:
            tally.note("the next load gave something else")
        read, loaded, kept_out, in_quarantine = rows
        listed = (country.home / "quarantine" / "quarantine.csv").read_text().count("\n") - 1
        if read != loaded + kept_out or not kept_out == in_quarantine == listed:
            tally.note(f"rows: {read} read, {loaded} loaded, {kept_out}, {in_quarantine}, {listed}")
        if left := country.leftovers():
            tally.note(f"left behind: {left}")
        now = target
    return tally


def kill_fit(country: Country, n: int, late: int, in_a_row: int, rng: random.Random) -> Tally:
    """Kill ``n`` fits with publication, ``late`` of them from the first file of the release."""
    tally = Tally("fit and publish")
    before = country.published()
    now = which(before.content, country.releases)
    publishing = lambda: any((country.home / "releases").glob("*.next"))  # noqa: E731
    while tally.n < n:
        target = other(now)
        country.use(target)
        if tally.n < late:
            after, span = publishing, country.seconds["fit"] / 5
        else:
            after, span = (lambda: True), country.seconds["fit"]
        code = kill_later(country.fit, country.log, seconds=rng.uniform(0, span), after=after)
        release = country.published()
        if code != KILLED:
            tally.miss()
            before, now = release, which(release.content, country.releases)
            continue
        tally.count()
        tally.left_something += bool(country.leftovers())
        if release.faults:
            tally.note("; ".join(release.faults))
        if release == before:
            tally.old += 1
        elif release.file > before.file and release.content == country.releases[target]:
            tally.new += 1
        else:
            tally.note(f"{release.file} is neither the old release nor the new")
        if release == before and tally.n % in_a_row:
            continue
        before, now = check_next_fit(country, target, tally), target
    return tally


def check_next_fit(country: Country, target: str, tally: Tally) -> fault_home.Published:
    """Return the release in place after the plain command, having looked at what it left."""
    code, _ = run(("fit",), country.log)
    tally.next_run(code)
    if code:
        tally.note(f"the next fit ended with {code}: {country.log.read_text()[-600:]}")
    release = country.published()
    if release.content != country.releases[target] or release.faults:
        tally.note(f"the next fit gave something else: {release.faults}")
    if left := country.leftovers():
        tally.note(f"left behind: {left}")
    return release


def know_reports(country: Country) -> dict[str, str]:
    """Return the release names of two releases, put in place in turn to know their reports."""
    names = {}
    for name in ("A", "B"):
        country.use(name)
        country.must("fit", country.fit)
        names[name] = country.published().file.removesuffix(".duckdb")
    for name in ("B", "A"):
        country.must("rollback", ["rollback", names[name]])
        country.must("report", country.report)
        country.reports[name] = fault_home.tree_hash(country.home / "report")
    return names


def kill_report(
    country: Country,
    n: int,
    late: int,
    in_a_row: int,
    rng: random.Random,
    names: dict[str, str],
) -> Tally:
    """Kill ``n`` reports, ``late`` of them once the last document is written."""
    tally = Tally("report")
    now = which(fault_home.tree_hash(country.home / "report"), country.reports)
    written = lambda: any(country.home.glob(".report-*/report/kommuner.pdf"))  # noqa: E731
    while tally.n < n:
        target = other(now)
        country.must("rollback", ["rollback", names[target]])
        if tally.n < late:
            # What is left then takes a small part of a second.
            after, span = written, country.seconds["report"] / 40
        else:
            after, span = (lambda: True), country.seconds["report"]
        code = kill_later(country.report, country.log, seconds=rng.uniform(0, span), after=after)
        result = which(fault_home.tree_hash(country.home / "report"), country.reports)
        if code != KILLED:
            tally.miss()
            now = target
            continue
        tally.count()
        tally.left_something += bool(country.leftovers())
        count_report(result, now, target, tally)
        if result == now and tally.n % in_a_row:
            continue
        check_next_report(country, target, tally)
        now = target
    return tally


def count_report(result: str, now: str, target: str, tally: Tally) -> None:
    """Count what a killed report left."""
    tally.old += result == now
    tally.new += result == target
    if result == "neither":
        tally.note("report/ is neither the old nor the new")


def check_next_report(country: Country, target: str, tally: Tally) -> None:
    """Run the plain command and look at what it left."""
    code, seconds = run(country.report, country.log)
    country.seconds["report"] = seconds
    tally.next_run(code)
    if code:
        tally.note(f"the next report ended with {code}: {country.log.read_text()[-600:]}")
    if fault_home.tree_hash(country.home / "report") != country.reports[target]:
        tally.note("the next report gave something else")
    if left := country.leftovers():
        tally.note(f"left behind: {left}")
