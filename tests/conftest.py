"""What holds for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from fabricated_release import fabricate
from hypothesis import settings

# How long one example takes says more about what else the machine does than about the code.
settings.register_profile("tildeling", deadline=None)
settings.load_profile("tildeling")


@pytest.fixture(scope="session")
def main_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fabricated release of one outcome and model, shared: copy it before changing it."""
    return fabricate(tmp_path_factory.mktemp("release") / "benchmark.duckdb", main_only=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow tests first, so that they run beside the many fast ones on the other core."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
