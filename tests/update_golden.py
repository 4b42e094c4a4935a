"""Write the golden files anew: `make golden`. Read the diff before committing it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fabricated_release import fabricate
from golden_texts import FOLDER, golden_texts
from result_digest import digest
from test_nightly import NUMBERS, SCALE, SEED, run
from test_report_sources import KEPT, sources_of


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        release = fabricate(folder / "benchmark.duckdb", main_only=True)
        made = dict(golden_texts(release, folder))
        night = run(folder, "nightly", "--home", "home", "--scale", SCALE, "--seed", SEED)
        if night.returncode:
            raise SystemExit(night.stderr)
        made[KEPT.name] = sources_of(fabricate(folder / "whole.duckdb"))
        made[NUMBERS.name] = digest(folder / "home" / "benchmark.duckdb")
    for stale in set(FOLDER.glob("*.txt")) - {FOLDER / file for file in made}:
        stale.unlink()
    for file, text in made.items():
        (FOLDER / file).write_text(text, encoding="utf-8", newline="\n")
        print(FOLDER / file)


if __name__ == "__main__":
    main()
