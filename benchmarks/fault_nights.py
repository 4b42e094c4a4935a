"""Kill whole nights under a Prefect server and worker; say what is left and what is done again.

    python -m benchmarks.fault_nights --folder /big/disk/nights

A server with a password, a worker, the deployments and automations as ``deploy/`` and
``docs/operations.md`` set them up, and a small synthetic country in two deliveries, in turn.
First the worker is killed before a night that it took begins; then worker, server, flow and worker,
and all three while a night fits. They are started again after ``--restart`` seconds, and the next
night is asked for at once. Then the flow is killed in
every part of a night; the automations run it once more. After each the release in place must be
wholly the old or the new one, and in the end the new one, with nothing left behind. Prints a table
of each; exit code 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.fault_damage import deliveries
from benchmarks.fault_night_home import ENDED, Night, Nights, spent
from benchmarks.night_server import ROOT, Office, kill_tree, office, wait

#: One outcome and model, few draws; every change of so small a country may go out.
SMALL = {
    "TILDELING_OUTCOMES": '["FP"]',
    "TILDELING_MODELS": '["within"]',
    "TILDELING_RANK_DRAWS": "1000",
    "TILDELING_LANGUAGES": '["da"]',
    "TILDELING_RELEASES_KEPT": "3",
    "TILDELING_DISCLOSURE_BATCH": "1",
    "TILDELING_MAX_SHRINK_SHARE": "1",
    "TILDELING_LOCK_WAIT_SECONDS": "900",
}
STEPS = ("load", "fit", "score", "publish", "report")
#: What is killed while a night fits, and what of it is started again; the first before it begins.
NOT_BEGUN = "worker, flow not begun"
KILLED = {
    NOT_BEGUN: ("worker",),
    "worker": ("worker",),
    "server": ("server",),
    "flow and worker": ("flow", "worker"),
    "flow, worker and server": ("flow", "worker", "server"),
}


def kill_in_parts(nights: Nights, ids: dict[str, str], only: list[str] | None) -> list[str]:
    """Return a row for each part of a night in which its flow is killed."""
    rows = []
    for part in only or Night(nights.home).instants():
        target = nights.next()
        night = Night(nights.home)
        before = nights.office.runs(ids["again"])
        run = nights.office.run(ids["nightly"])
        wait(night.instants()[part], part, poll_seconds=0.002)
        kill_tree(int(str(night.page()["process"])))
        killed = time.monotonic()
        registers, release, staged = nights.left()
        wait(lambda run=run: nights.office.state(run) in ENDED, "the killed run is told dead")
        dead = time.monotonic() - killed
        wait(lambda b=before: bool(nights.office.runs(ids["again"]) - b), "the night again")
        wait(lambda: not busy(nights.office, ids["again"]), "the night again ends")
        whole = time.monotonic() - killed
        made = nights.office.runs(ids["again"]) - before
        states = sorted(str(nights.office.state(run)) for run in made)
        # A death that a busy server sees twice gives a second run, which is cancelled.
        if [state for state in states if state != "Cancelled"] != ["Completed"]:
            nights.broken.append(f"{part}: the night again is {' and '.join(states)}")
        nights.check_end(target, part)
        steps = spent(nights.home)
        cells = " | ".join(f"{steps.get(step, 0):.1f}" for step in STEPS)
        rows.append(
            f"| {part} | {registers} | {release} | {staged} | {dead:.0f} | {whole:.0f} | {cells} |"
        )
        print(rows[-1], flush=True)
    return rows


def kill_services(
    nights: Nights, ids: dict[str, str], kinds: list[str], restart_seconds: float
) -> list[str]:
    """Return a row for each set of processes killed while a night fits."""
    rows, one = [], nights.office
    for kind in kinds:
        target, night = nights.next(), Night(nights.home)
        run = one.run(ids["nightly"])
        if kind == NOT_BEGUN:
            wait(lambda run=run: one.state(run) == "Pending", "taken", poll_seconds=0.02)
            kill_tree(one.processes["worker"].pid)
        else:
            wait(lambda night=night: night.said("fit: "), "fit", poll_seconds=0.002)
        if "flow" in KILLED[kind]:
            kill_tree(int(str(night.page()["process"])))
        for name in ("worker", "server"):
            if name in KILLED[kind]:
                one.kill(name)
        killed = time.monotonic()
        time.sleep(restart_seconds)
        for name in ("server", "worker"):
            if name in KILLED[kind]:
                one.start(name)
        following = one.run(ids["nightly"])
        seen: dict[str, float] = {}

        def watch(run=run, following=following, killed=killed, seen=seen) -> bool:
            first, second = one.state(run), one.state(following)
            if first in ENDED:
                seen.setdefault(f"first {first}", time.monotonic() - killed)
            if second == "Running" or second in ENDED:
                seen.setdefault("next begins", time.monotonic() - killed)
            return first in ENDED and second in ENDED

        wait(watch, f"{kind}: both nights end")
        wait(lambda: not busy(one, ids["again"]), "the night again ends")
        if one.state(following) != "Completed":
            nights.broken.append(f"{kind}: the next night is {one.state(following)}")
        nights.check_end(target, kind)
        ((first, ended),) = ((k[6:], v) for k, v in seen.items() if k.startswith("first"))
        rows.append(
            f"| {kind} | {first} | {ended:.0f} | {seen['next begins']:.0f}"
            f" | {one.state(following)} |"
        )
        print(rows[-1], flush=True)
    return rows


def busy(one: Office, deployment: str) -> bool:
    return any(one.state(run) not in ENDED for run in one.runs(deployment))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="folder to work in, emptied")
    parser.add_argument("--again", action="store_true", help="use what lies in the folder")
    parser.add_argument("--scale", type=float, default=0.003, help="share of the country")
    parser.add_argument("--parts", nargs="*", help="parts of a night to kill in (all)")
    parser.add_argument("--services", nargs="*", default=list(KILLED), choices=list(KILLED))
    parser.add_argument("--restart", type=float, default=30, help="RestartSec of the units, s")
    parser.add_argument("--silence", type=float, default=600, help="silence of a dead run, s")
    parser.add_argument("--heartbeat", type=int, default=180, help="signs of life, s apart")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    folder = options.folder.resolve()
    began, processor = time.monotonic(), os.times()
    if not options.again:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        deliveries(folder, options.scale)
        (folder / "delivery").symlink_to(folder / "A")
    variables = {
        **SMALL,
        "TILDELING_HOME": str(folder / "home"),
        "EXTRACTS": str(folder / "delivery"),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(options.heartbeat),
    }
    with office(folder / "prefect", variables) as one:
        ids = one.deploy()
        one.start("worker")
        told = f"from flows.automations import *; write_automations(None, {options.silence})"
        subprocess.run([sys.executable, "-c", told], env=one.variables, cwd=ROOT, check=True)
        nights = Nights(folder, one)
        if options.again:
            nights.remember()
        else:
            nights.learn(ids["nightly"])
        services = kill_services(nights, ids, options.services, options.restart)
        parts = kill_in_parts(nights, ids, options.parts) if options.parts != [] else []
    cells = " | ".join(f"{nights.plain.get(step, 0):.1f}" for step in STEPS)
    print("\n| killed in | registers | release | staged | told dead, s | whole again, s | "
          + " | ".join(STEPS) + " |\n" + "|---" * (6 + len(STEPS)) + "|")  # fmt: skip
    print(f"| not killed | | | | | | {cells} |", *parts, sep="\n")
    print("\n| killed while it fits | that run | after s | next night begins, s | it ends |")
    print("|---|---|---|---|---|", *services, sep="\n")
    print(*nights.broken, sep="\n")
    children = os.times().children_user - processor.children_user
    print(f"\n{time.monotonic() - began:.0f} s in all, {children:.0f} s of processor in children")
    return int(bool(nights.broken))


if __name__ == "__main__":
    sys.exit(main())
