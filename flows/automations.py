"""Who is told when a night goes wrong, and what becomes of one that died: automations of Prefect.

They live on the server, so that a machine that lost its worker is noticed too. A run whose flow and
worker died together says nothing any more; Prefect alone would show it as Running for ever, and the
next night would wait for its place; one whose worker died after taking it and before it began stays
Pending. Here a run that was taken and has sent no sign of life for :data:`SILENCE_SECONDS` is ended
as :data:`SILENT`, which frees the place, and a night that crashed or fell silent is run once again
by a deployment of its own, whose death is told and not tried again. A run that no worker takes is
told as late and waits for one.

What is to happen to a silent run are actions of the automation that finds it. Those that wait for
the event of its new state come a quarter of an hour late after a power cut: a server that was
started anew does not know the event before it, and Prefect waits for that for 15 minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, ChangeFlowRunState, RunDeployment, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL

from flows.server import refuse_absent_server, refuse_open_server
from flows.trial import send_trial
from pipeline.errors import SettingsError

#: Flows send a sign of life every 180 seconds (``PREFECT_FLOWS_HEARTBEAT_FREQUENCY``).
SILENCE_SECONDS = 600
#: The state, of type crashed, of a run that fell silent. Another name than Crashed, whose event has
#: actions of its own.
SILENT = "Silent"
NIGHTLY, AGAIN, BACKFILL = "nightly/nightly", "nightly/again", "backfill/backfill"
#: The block of ``--webhook`` and ``--mail-to``, and the beginning of every automation's name.
BLOCK, PREFIX = "tildeling-alerts", "Tildeling: "
_ENDS = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}
_CRASHED = "prefect.flow-run.Crashed"
#: What is told, and the state that it is.
_TOLD = {"a run failed": "Failed", "a run is late": "Late", "a run died": "Crashed"}
#: What a run sends from when a worker takes it; after each, another or its end is awaited.
_SIGNS = {f"prefect.flow-run.{sign}" for sign in ("Pending", "Running", "heartbeat")}
_RUNS = ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})


def write_automations(
    told_by: NotificationBlock | str | None, silence_seconds: float = SILENCE_SECONDS
) -> list[str]:
    """Put the automations on Prefect's server in place of those there; return their names.

    ``told_by`` is a notification block, which is saved on the server, or the type and name of one
    that is there (``slack-webhook/office``); the server sends a trial message by it. Without one
    nobody is told, and runs that died are still ended and tried again. Raises
    :class:`SettingsError` where no server is named, nothing is deployed, there is no such block or
    the trial fails, :class:`StorageError` where the server does not answer.
    """
    with _client() as client:
        deployments = {name: _deployment(client, name) for name in (NIGHTLY, AGAIN, BACKFILL)}
        if isinstance(told_by, NotificationBlock):
            told: UUID | None = UUID(str(told_by.save(BLOCK, overwrite=True)))
        else:
            told = _block(client, told_by) if told_by else None
        made = automations(deployments, told, silence_seconds)
        _remove(client)
        for automation in made:
            client.create_automation(automation)
        if told is not None:
            send_trial(client, f"{PREFIX}trial", told)
    return [automation.name for automation in made]


def webhook(address: str) -> CustomWebhookNotificationBlock:
    """Return the block for an ``address`` that takes ``{"text": ...}`` by POST."""
    return CustomWebhookNotificationBlock(
        name=BLOCK,
        url=address,
        json_data={"text": "{{subject}}\n{{body}}"},
        headers=None,
        cookies=None,
    )


def remove_automations() -> list[str]:
    """Take the automations off Prefect's server; return the names of those that were there."""
    with _client() as client:
        return _remove(client)


def automations(
    deployments: dict[str, UUID], told: UUID | None, silence_seconds: float
) -> list[AutomationCore]:
    """Return the automations for ``deployments`` by name; ``told`` is the notification block."""
    every = list(deployments.values())

    def tell(
        what: str, state: str, message: str = "{{ flow_run.state.message }}"
    ) -> list[ActionTypes]:
        """Return the notification of ``what`` happened to a run, none where nobody is told."""
        if told is None:
            return []
        return [
            SendNotification(
                block_document_id=told,
                subject=f"Tildeling: {what}",
                body=f"{{{{ flow_run.name }}}} of {{{{ deployment.name }}}}: {message}\n"
                f"State {state}. The published release stands. `tildeling status` says more; "
                "what to do stands in docs/operations.md.",
            )
        ]

    again = RunDeployment(
        source="selected", deployment_id=deployments[AGAIN], parameters=None, job_variables=None
    )
    silence = f"no sign of life for {silence_seconds:g} seconds"
    ended = ChangeFlowRunState(name=SILENT, state=StateType.CRASHED, message=silence, force=True)
    of_silent = [ended, *tell("a run died", SILENT, silence)]
    others = [deployments[AGAIN], deployments[BACKFILL]]
    made = [
        *(
            _on(what, every, f"prefect.flow-run.{state}", tell(what, state))
            for what, state in _TOLD.items()
        ),
        _on("a night that died is run again", [deployments[NIGHTLY]], _CRASHED, [again]),
        _silent(
            "a night without a sign of life has died and is run again",
            [deployments[NIGHTLY]],
            [*of_silent, again],
            silence_seconds,
        ),
        _silent("another run without a sign of life has died", others, of_silent, silence_seconds),
    ]
    return [automation for automation in made if automation.actions]


def _on(
    name: str, deployments: Sequence[UUID], event: str, actions: list[ActionTypes]
) -> AutomationCore:
    """Return an automation that does ``actions`` at each ``event`` of a deployment's runs."""
    return AutomationCore(
        name=f"{PREFIX}{name}",
        trigger=EventTrigger(
            match=_RUNS,
            match_related=_related(deployments),
            expect={event},
            for_each={"prefect.resource.id"},
            posture=Posture.Reactive,
            threshold=1,
        ),
        actions=actions,
    )


def _silent(
    name: str, deployments: Sequence[UUID], actions: list[ActionTypes], silence_seconds: float
) -> AutomationCore:
    """Return an automation that does ``actions`` once a run that was taken has fallen silent."""
    return AutomationCore(
        name=f"{PREFIX}{name}",
        description=f"No sign of life for {silence_seconds:g} seconds: its worker is gone.",
        trigger=EventTrigger(
            match=_RUNS,
            match_related=_related(deployments),
            after=_SIGNS,
            expect=_SIGNS | _ENDS,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=silence_seconds),
        ),
        actions=actions,
    )


def _related(deployments: Sequence[UUID]) -> ResourceSpecification:
    return ResourceSpecification(
        {
            "prefect.resource.role": "deployment",
            "prefect.resource.id": [f"prefect.deployment.{one}" for one in deployments],
        }
    )


def _client() -> SyncPrefectClient:
    if not PREFECT_API_URL.value():
        raise SettingsError(
            "automations live on a Prefect server, and none is named.",
            expected="PREFECT_API_URL, as in deploy/prefect.env",
            next_step="start the server and name it; without one, systemd tells of a failed night "
            "(docs/operations.md).",
        )
    refuse_absent_server()
    refuse_open_server()
    return get_client(sync_client=True)


def _deployment(client: SyncPrefectClient, name: str) -> UUID:
    try:
        return client.read_deployment_by_name(name).id
    except ObjectNotFound:
        raise SettingsError(
            f"{PREFECT_API_URL.value()} has no deployment {name}.",
            next_step="run `prefect --no-prompt deploy --all` in the folder of prefect.yaml.",
        ) from None


def _block(client: SyncPrefectClient, block: str) -> UUID:
    kind, _, name = block.partition("/")
    try:
        return client.read_block_document_by_name(name, kind, include_secrets=False).id
    except ObjectNotFound:
        raise SettingsError(
            f"{PREFECT_API_URL.value()} has no block {block}.",
            expected="the type and name of a notification block, such as slack-webhook/office",
            next_step="`prefect block ls` lists them; `prefect block create TYPE` makes one.",
        ) from None


def _remove(client: SyncPrefectClient) -> list[str]:
    ours = [one for one in client.read_automations() if one.name.startswith(PREFIX)]
    for automation in ours:
        client.delete_automation(automation.id)
    return [automation.name for automation in ours]
