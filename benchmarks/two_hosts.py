"""A night, and seeds of the simulation study, on two hosts through Prefect and Dask with TLS.

    python -m benchmarks.two_hosts --folder /var/tmp/two_hosts [--scale 0.01]
        [--benchmark akf_2006_2007,long_cash_benefit]

As root: hosts are network namespaces of this machine (``hosts.py``). The same night is made by
processes of one host; by a worker on each host; and again with the worker of the second host killed
while it generates and, started anew, while it fits. All must have made the same files, fits and
release, byte for byte. Clients without a certificate of the cluster's authority must be refused.
The folder must be new and not below /tmp, of which each host has its own.
"""

from __future__ import annotations

import argparse
import re
import shutil
import threading
import time
from collections import Counter
from pathlib import Path

from benchmarks.hosts import ADDRESSES, BIN, PORT, SCHEDULER, Host, certificates, two_hosts, wait
from benchmarks.same_content import bytes_of, differing, parquet_contents

#: What the three nights have alike: the key decides pseudonyms, and they the noise of counts.
NIGHT = {
    "TILDELING_PSEUDONYM_KEY": "of-the-benchmark-and-of-nothing-else-0123456789",
    "TILDELING_BLOCK_PERSONS": "4000",
    "TILDELING_DISCLOSURE_TOTALS": "exact",  # as small a country has no totals beside the noise
    "TILDELING_RANK_DRAWS": "4000",
}
_CONNECT = "import sys, distributed; distributed.Client(sys.argv[1], timeout='30s')"
#: Dask makes no connection with TLS without a certificate of its own, so the ordinary library does.
_CONNECT_WITHOUT = """
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[3])
context.check_hostname = False
with context.wrap_socket(socket.create_connection((sys.argv[1], int(sys.argv[2])))) as connection:
    connection.recv(1)
"""
_PIECE = re.compile(r"(persons|fit|seed) .*: by (host-[ab]):\d+ in ([\d.]+) s")
#: Processor seconds of a worker that tell that it is at work on a fit.
_AT_WORK_SECONDS = 3.0


def main() -> None:
    options = _arguments()
    with two_hosts(options.folder) as (here, there):
        alone = here.folder / "home" / "alone"
        _night(here, alone, options)
        here.start_scheduler()
        _refused(here, there, options.folder)
        for host in (here, there):
            host.start_worker()
        for name, is_killed in (("both", False), ("killed", True)):
            home = options.folder / "shared" / name
            killer = threading.Thread(target=_kill_twice, args=(there, home), daemon=True)
            if is_killed:
                killer.start()
            _night(here, home, options, TILDELING_DASK_ADDRESS=SCHEDULER)
            _compare(alone, home)
        _seeds(here)


def _night(host: Host, home: Path, options: argparse.Namespace, **variables: str) -> None:
    """Make a night in ``home``, and print what became of it and who made which part."""
    began = time.monotonic()
    asked = ("--scale", options.scale, "--benchmark", options.benchmark)
    name = f"night-{home.name}"
    code = host.run(name, BIN / "tildeling", "nightly", "--home", home, *asked, **NIGHT | variables)
    print(f"{name}: exit code {code}, {time.monotonic() - began:.0f} s")
    if code:
        raise SystemExit(host.said(name)[-2000:])
    _print_parts(host, name)


def _print_parts(host: Host, name: str) -> None:
    pieces = _PIECE.findall(host.said(name))
    for what, by in sorted(Counter((what, by) for what, by, _ in pieces).items()):
        seconds = sum(float(took) for *one, took in pieces if tuple(one) == what)
        print(f"  {what[0]}: {by} pieces by {what[1]} in {seconds:.1f} s")


def _compare(alone: Path, home: Path) -> None:
    """Print what ``home`` has otherwise than ``alone``: SystemExit where it is anything."""
    extracts = differing(bytes_of(alone / "extracts"), bytes_of(home / "extracts"))
    fits = [_fits(one) for one in (alone, home)]
    release = [parquet_contents(one / "parquet") for one in (alone, home)]
    tables = [name for name in differing(*release) if name != "run"]
    print(
        f"  differing from one host: {len(extracts)} of {len(bytes_of(alone / 'extracts'))} files"
        f" generated, {len(differing(*fits))} of {len(fits[0])} tables of fits (bytes),"
        f" {len(tables)} of {len(release[0])} published tables"
    )
    if extracts or differing(*fits) or tables:
        raise SystemExit(f"not the same: {extracts}, {differing(*fits)}, {tables}")


def _fits(home: Path) -> dict[str, str]:
    """Return the hashes of the tables of fits; the name of a fit is of all that decides it."""
    found = bytes_of(home / "fits")
    return {name: digest for name, digest in found.items() if name.endswith(".parquet")}


def _kill_twice(host: Host, home: Path) -> None:
    """Kill the worker of ``host`` while it makes a part of the country, and while it fits."""
    parts = f".extracts-*/extracts/parts-*.{host.name}:*"
    wait(lambda: any(home.glob(parts)), "the worker generates", 3600)
    host.kill("worker")
    print(f"  killed the worker of {host.name} while it generated", flush=True)
    host.start_worker()
    wait(lambda: (home / "registers.duckdb").exists(), "the registers are loaded", 3600)
    before = host.processor_seconds("worker")
    wait(
        lambda: host.processor_seconds("worker") > before + _AT_WORK_SECONDS,
        "the worker fits",
        3600,
    )
    host.kill("worker")
    print(f"  killed the worker of {host.name} while it fitted", flush=True)
    host.start_worker()


def _refused(here: Host, there: Host, folder: Path) -> None:
    """Try the scheduler without a certificate of its authority, and a night without TLS."""
    stranger = folder / "stranger"
    (stranger / there.name).mkdir(parents=True)
    certificates(folder / "another authority", stranger, (there.name,))
    strange = stranger / there.name / "certificates"
    own = there.folder / "certificates"
    shutil.copy(own / "authority.pem", strange / "authority.pem")
    shutil.copytree(strange, there.folder / "strange")
    of_strange = {
        name: str(value).replace(str(own), str(there.folder / "strange"))
        for name, value in there.variables().items()
        if name.startswith("DASK_")
    }
    nothing = dict.fromkeys(of_strange)
    listening = (ADDRESSES[0], PORT, own / "authority.pem")
    for name, program, arguments, variables in (
        ("a certificate of the authority", _CONNECT, (SCHEDULER,), {}),
        ("a certificate of another authority", _CONNECT, (SCHEDULER,), of_strange),
        ("no certificate", _CONNECT_WITHOUT, listening, nothing),
        ("no encryption", _CONNECT, (SCHEDULER.replace("tls", "tcp"),), nothing),
    ):
        log = f"client with {name}".replace(" ", "-")
        code = there.run(log, BIN / "python", "-c", program, *arguments, **variables)
        last = there.said(log).strip().splitlines()[-1:] or ["connected"]
        print(f"{log}: exit code {code}: {last[0][:200]}")
    address = f"tcp://{ADDRESSES[0]}:{PORT}"
    night = (BIN / "tildeling", "nightly", "--home", here.folder / "home" / "none")
    for log, variables in (
        ("night-without-encryption", {"TILDELING_DASK_ADDRESS": address}),
        (
            "night-without-certificate",
            nothing | {"TILDELING_DASK_ADDRESS": SCHEDULER},
        ),
    ):
        code = here.run(log, *night, **variables)
        print(f"{log}: exit code {code}: {' '.join(here.said(log).split())[:160]}")


def _seeds(host: Host) -> None:
    """Make seeds of the simulation study by processes and by the workers, and compare them."""
    folders = [host.folder / "home" / name for name in ("seeds-alone", "seeds-both")]
    few = ("--seeds", 6, "--scale", 0.004, "--times", 5, "--scenarios", "no_practice")
    study = (BIN / "python", "-m", "benchmarks.simulation_study", *few)
    for folder, how in zip(folders, (("--workers", 1), ("--dask", SCHEDULER)), strict=True):
        began = time.monotonic()
        code = host.run(folder.name, *study, *how, "--folder", folder)
        print(f"{folder.name}: exit code {code}, {time.monotonic() - began:.0f} s")
        _print_parts(host, folder.name)
    made = [bytes_of(folder) for folder in folders]
    seeds = [{name: one[name] for name in one if name.endswith(".json")} for one in made]
    print(f"  differing from one host: {len(differing(*seeds))} of {len(seeds[0])} seeds (bytes)")
    if differing(*seeds) or not seeds[0]:
        raise SystemExit("seeds are not the same")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--benchmark", default="akf_2006_2007,long_cash_benefit")
    return parser.parse_args()


if __name__ == "__main__":
    main()
