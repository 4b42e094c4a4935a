"""A message that Prefect's server sends for trial, and whether it went.

Who is told of nights that fail hears nothing while all goes well: an address that is wrong, a port
that the server's unit may not reach or a class that it does not know would be found by the first
night that fails. The server itself has to send the trial, since it sends the messages.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from pipeline.errors import SettingsError

#: How long the message may take; a mail server alone has 30.
PATIENCE_SECONDS = 60
_PAUSE_SECONDS = 1
_SENT, _FAILED = "prefect.automation.action.executed", "prefect.automation.action.failed"
_EVENT, _RESOURCE = "tildeling.trial", "prefect.resource.id"
_NEXT = (
    "mend that and run the command again. A server under deploy/'s unit reaches loopback alone "
    "until a drop-in allows more, and one that was started before an upgrade has to be started "
    "anew (docs/operations.md)."
)


def send_trial(client: SyncPrefectClient, name: str, told: UUID) -> None:
    """Have the server tell ``told``, a notification block, that it will be told of nights.

    Raises :class:`SettingsError` with what the server says where that fails. The automation
    ``name``, which tells, is on the server for as long as it takes.
    """
    resource = f"tildeling.trial.{uuid4()}"
    automation = client.create_automation(
        AutomationCore(
            name=name,
            trigger=EventTrigger(
                match=ResourceSpecification({_RESOURCE: resource}),
                expect={_EVENT},
                posture=Posture.Reactive,
                threshold=1,
                # However often it is asked, it tells once.
                within=timedelta(hours=1),
            ),
            actions=[
                SendNotification(
                    block_document_id=told,
                    subject="Tildeling: you are told of its nights",
                    body="This message is a trial. Another comes when a night fails, is late or "
                    "dies; none comes of a night that ends well.",
                )
            ],
        )
    )
    try:
        end = _end(client, automation, resource)
    finally:
        client.delete_automation(automation)
    if end is None:
        raise SettingsError(
            "the automations are on the server, and it did not say within "
            f"{PATIENCE_SECONDS} seconds that its trial message went.",
            next_step="look into the server's own log: of a webhook that does not answer it says "
            "so there alone. " + _NEXT,
        )
    if end["event"] == _FAILED:
        said = end["payload"].get("notification_log") or end["payload"]["reason"]
        raise SettingsError(
            f"the automations are on the server, and its trial message did not go: {said}",
            next_step=_NEXT,
        )


def _end(client: SyncPrefectClient, automation: UUID, resource: str) -> dict[str, Any] | None:
    """Return the event that ends the trial; None where none comes in time.

    The trial is asked for again and again: the server takes a moment to heed a new automation, and
    does not say when it does.
    """
    wanted = {
        "event": {"name": [_SENT, _FAILED]},
        "resource": {"id": [f"prefect.automation.{automation}"]},
    }
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        event = {
            "occurred": datetime.now(UTC).isoformat(),
            "event": _EVENT,
            "resource": {_RESOURCE: resource},
            "id": str(uuid4()),
        }
        client.request("POST", "/events", json=[event]).raise_for_status()
        time.sleep(_PAUSE_SECONDS)
        answer = client.request("POST", "/events/filter", json={"filter": wanted})
        answer.raise_for_status()
        if found := answer.json()["events"]:
            return dict(found[0])
    return None
