"""What holds for all tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fabricated_release import fabricate
from hypothesis import settings

from reports import build_report

# How long one example takes says more about what else the machine does than about the code.
settings.register_profile("tildeling", deadline=None)
settings.load_profile("tildeling")


@pytest.fixture(scope="session")
def main_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fabricated release of one outcome and model, shared: copy it before changing it."""
    return fabricate(tmp_path_factory.mktemp("release") / "benchmark.duckdb", main_only=True)


@pytest.fixture(scope="session")
def danish_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the Danish pages of a fabricated release, shared: change none of it."""
    folder = tmp_path_factory.mktemp("pages")
    release = fabricate(folder / "benchmark.duckdb")
    return build_report(release, folder / "report", languages=("da",), documents=False)[0].parent


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow tests first, so that they run beside the many fast ones on the other core."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
