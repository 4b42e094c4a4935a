"""What is told of a night that goes wrong, and what becomes of one that died."""

from __future__ import annotations

from uuid import uuid4

import pytest

from flows.automations import AGAIN, BACKFILL, NIGHTLY, automations
from pipeline.commands.cli import main

DEPLOYMENTS = {name: uuid4() for name in (NIGHTLY, AGAIN, BACKFILL)}


def test_a_crash_is_tried_again_once_and_without_a_block_nobody_is_told() -> None:
    told = {one.name: one for one in automations(DEPLOYMENTS, uuid4(), 600)}
    assert len(told) == 5
    quiet = {one.name: one for one in automations(DEPLOYMENTS, None, 600)}
    assert set(quiet) < set(told)
    assert len(quiet) == 2
    (again,) = (one for name, one in quiet.items() if "again" in name)
    related = again.trigger.match_related
    # Else a night that dies every time would be run for ever.
    assert str(DEPLOYMENTS[NIGHTLY]) in str(related)
    assert str(DEPLOYMENTS[AGAIN]) not in str(related)
    assert again.actions[0].deployment_id == DEPLOYMENTS[AGAIN]


def test_without_a_server_it_is_said_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert main(["automations"]) == 3
    said = capsys.readouterr().err
    assert "PREFECT_API_URL" in said
    assert "Traceback" not in said
