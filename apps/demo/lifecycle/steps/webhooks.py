"""What the OEM hears of contracts for its vehicles."""

from typing import Final

from apps.demo.lifecycle.steps.lifecycle import ENDPOINTS, Hook, Lifecycle

CREATED: Final = "oem.contract.created"
DELETED: Final = "oem.contract.deleted"


def register(run: Lifecycle) -> str:
    """OPCP createWebhookEndpoint, with a receiver on this machine that the sandbox allows."""
    body = {"url": run.cast.receiver.url, "enabledEvents": [CREATED, DELETED]}
    answer = run.cast.oem.call("POST", ENDPOINTS, body, expect=201)
    run.hook = Hook(answer["id"], answer["secret"])
    return "for created and deleted"


def hear_of_creation(run: Lifecycle) -> str:
    """The delivery is Celery's own: nothing is asked for."""
    return _hear(run, CREATED, run.generated)


def hear_of_deletion(run: Lifecycle) -> str:
    """The last event of this run; then the endpoint goes (OPCP deleteWebhookEndpoint)."""
    heard = _hear(run, DELETED, run.second)
    run.cast.oem.call("DELETE", f"{ENDPOINTS}/{run.hook.identifier}")
    return heard


def _hear(run: Lifecycle, event_type: str, emaid: str) -> str:
    event = run.cast.receiver.wait_for(event_type, emaid, secret=run.hook.secret)
    payload = event["payload"]
    about = f"{payload['emaid']} of {payload['pcid']}, event {event['eventId']}"
    return f"{event['eventType']}, HMAC right\n{about}"
