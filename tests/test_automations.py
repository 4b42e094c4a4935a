"""What is told of a night that goes wrong, and what becomes of one that died."""

from __future__ import annotations

from uuid import uuid4

import pytest

from flows.automations import AGAIN, BACKFILL, NIGHTLY, automations
from pipeline.commands.cli import main

DEPLOYMENTS = {name: uuid4() for name in (NIGHTLY, AGAIN, BACKFILL)}


def test_a_crash_is_tried_again_once_and_without_a_block_nobody_is_told() -> None:
    told = {one.name: one for one in automations(DEPLOYMENTS, uuid4(), 600)}
    assert len(told) == 6
    quiet = {one.name: one for one in automations(DEPLOYMENTS, None, 600)}
    assert set(quiet) < set(told)
    assert len(quiet) == 3
    again = [one for one in quiet.values() if one.actions[-1].type == "run-deployment"]
    assert len(again) == 2
    for one in again:
        related = one.trigger.match_related
        # Else a night that dies every time would be run for ever.
        assert str(DEPLOYMENTS[NIGHTLY]) in str(related)
        assert str(DEPLOYMENTS[AGAIN]) not in str(related)
        assert one.actions[-1].deployment_id == DEPLOYMENTS[AGAIN]


def test_a_silent_run_is_ended_told_and_run_again_by_one_automation_and_once() -> None:
    """Not by the event of its new state, for which a server that was started anew waits."""
    made = automations(DEPLOYMENTS, uuid4(), 600)
    silent = [one for one in made if one.actions[0].type == "change-flow-run-state"]
    assert [len(one.actions) for one in silent] == [3, 2]
    assert all("no sign of life for 600 seconds" in one.actions[1].body for one in silent)
    event = f"prefect.flow-run.{silent[0].actions[0].name}"
    assert not any(event in one.trigger.expect for one in made)


def test_without_a_server_it_is_said_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert main(["automations"]) == 3
    said = capsys.readouterr().err
    assert "PREFECT_API_URL" in said
    assert "Traceback" not in said
