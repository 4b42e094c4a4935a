"""What holds for all tests."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow tests first, so that they run beside the many fast ones on the other core."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
