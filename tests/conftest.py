"""What holds for all tests."""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fabricated_release import fabricate
from hypothesis import settings
from shared import begin, copy_of, once

from pipeline.commands.program import collect_less_often
from pipeline.warehouse.raw import pseudonymkey
from reports import build_report
from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.read import read_tables

# How long one example takes says more about what else the machine does than about the code.
settings.register_profile("tildeling", deadline=None)
settings.load_profile("tildeling")


@pytest.fixture(scope="session", autouse=True)
def repeatable_keys() -> Iterator[None]:
    """Make the keys of pseudonyms the same in every run: they decide noise, and with it results.

    A key of its own for each home: by the test file and how many keys it has made.
    """
    made: Counter[str] = Counter()

    def token_hex(n: int) -> str:
        file = os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
        made[file] += 1
        return hashlib.blake2b(f"{file} {made[file]}".encode(), digest_size=n).hexdigest()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pseudonymkey, "secrets", SimpleNamespace(token_hex=token_hex))
        yield


@pytest.fixture(scope="session")
def main_release() -> Path:
    """Return a fabricated release of one outcome and model, shared: copy it before changing it."""
    return once("main.duckdb", lambda path: fabricate(path, main_only=True))


@pytest.fixture(scope="session")
def whole_release() -> Path:
    """Return a fabricated release of every outcome and model, shared as :func:`main_release`."""
    return once("whole.duckdb", fabricate)


@pytest.fixture(scope="session")
def main_content(main_release: Path) -> Content:
    """Return the content of ``main_release``, which nothing can change."""
    return content_from(read_tables(main_release))


@pytest.fixture(scope="session")
def whole_content(whole_release: Path) -> Content:
    """Return the content of ``whole_release``, which nothing can change."""
    return content_from(read_tables(whole_release))


@pytest.fixture(scope="session")
def report_site(whole_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the pages of ``whole_release`` in both languages: change none of it."""
    folder = tmp_path_factory.mktemp("pages") / "report"
    return copy_of("site", folder, lambda out: build_report(whole_release, out, documents=False))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Yield a running Chromium; skip what needs one where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=arguments)
        yield running
        running.close()


def pytest_configure(config: pytest.Config) -> None:
    """Open what the run's processes share, once: in the process that starts the others."""
    if not hasattr(config, "workerinput"):
        begin()
    # A country of forty persons gives a second thread nothing to do but wait for. Whole nights,
    # which set their own environment, have as many as users have.
    os.environ.setdefault("TILDELING_THREADS", "1")


def pytest_collection_finish() -> None:
    """Let the garbage collector look less often, and not at what was imported."""
    gc.freeze()
    collect_less_often()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow tests first, so that they run beside the many fast ones on the other core."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
