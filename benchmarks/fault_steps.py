"""Kills of load, fit with publication and report before each change of the file system."""

from __future__ import annotations

from typing import Any

from benchmarks import fault_home
from benchmarks.fault_country import Country, other, which
from benchmarks.fault_kills import check_next_fit, check_next_report, count_report
from benchmarks.fault_process import in_child, run, start, wait
from benchmarks.fault_tally import KILLED, Tally


def steps_of(country: Country, command: Any) -> int:
    """Return how many changes of the file system ``command`` makes, after running it whole."""
    if wait(start(command, country.log, step=0)):
        raise SystemExit(f"{command} failed:\n{country.log.read_text()}")
    return len(country.log.with_suffix(".steps").read_text().splitlines())


def chosen_steps(n: int, most: int) -> list[int]:
    """Return the steps from 1 to ``n``, or ``most`` of them evenly spread with the last ones."""
    if n <= most:
        return list(range(1, n + 1))
    spread = {1 + round(i * (n - 1) / (most // 2)) for i in range(most // 2)}
    return sorted(spread | set(range(n - most // 2 + 1, n + 1)))


def step_load(country: Country, most: int) -> Tally:
    """Kill a load before each change it makes."""
    tally = Tally("load, before each change")
    country.use("A")
    country.must("load", country.load("A"))
    country.use("A")
    n = steps_of(country, country.load("B"))
    for step in chosen_steps(n, most):
        country.use("A")
        code = wait(start(country.load("B"), country.log, step=step))
        if code != KILLED:
            tally.note(f"step {step} of {n} was not reached: {code}")
            continue
        tally.count()
        result = which(in_child(fault_home.content_of, country.registers_path), country.registers)
        tally.old += result == "A"
        tally.new += result == "B"
        tally.left_something += bool(country.leftovers())
        if result == "neither" or country.published().faults:
            tally.note(f"registers {result}, release {country.published().faults}")
        code, _ = run(country.load("B"), country.log)
        tally.next_run(code)
        if left := country.leftovers():
            tally.note(f"after step {step} left behind: {left}")
    return tally


def step_publish(country: Country, most: int) -> Tally:
    """Kill a fit with publication before each change it makes."""
    tally = Tally("fit and publish, before each change")
    country.use("A")
    country.must("fit", country.fit)
    country.use("B")
    n = steps_of(country, country.fit)
    now = "B"
    for step in chosen_steps(n, most):
        target = other(now)
        country.use(target)
        before = country.published()
        code = wait(start(country.fit, country.log, step=step))
        if code != KILLED:
            tally.note(f"step {step} of {n} was not reached: {code}")
            continue
        tally.count()
        release = country.published()
        tally.left_something += bool(country.leftovers())
        if release.faults:
            last = country.log.with_suffix(".steps").read_text().splitlines()[-1:]
            tally.note(f"step {step} of {n}, after {last}: {'; '.join(release.faults)}")
        tally.old += release.file == before.file and release.content == before.content
        tally.new += release.file > before.file and release.content == country.releases[target]
        check_next_fit(country, target, tally)
        now = target
    return tally


def step_report(country: Country, most: int, names: dict[str, str]) -> Tally:
    """Kill a report before each change it makes."""
    tally = Tally("report, before each change")
    now = which(fault_home.tree_hash(country.home / "report"), country.reports)
    country.must("rollback", ["rollback", names[now]])
    n = steps_of(country, country.report)
    for step in chosen_steps(n, most):
        target = other(now)
        country.must("rollback", ["rollback", names[target]])
        code = wait(start(country.report, country.log, step=step))
        if code != KILLED:
            tally.note(f"step {step} of {n} was not reached: {code}")
            continue
        tally.count()
        result = which(fault_home.tree_hash(country.home / "report"), country.reports)
        tally.left_something += bool(country.leftovers())
        count_report(result, now, target, tally)
        check_next_report(country, target, tally)
        now = target
    return tally
