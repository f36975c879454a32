"""Parties with webhooks, a receiver, and a worker that runs when the test says so."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.core import queue
from apps.core.actor import Actor, Role
from apps.events import services
from apps.events.models import EventKind, OutboxEvent, WebhookDelivery, WebhookEndpoint
from apps.participants.models import Organization
from tests.factories import parties
from tests.factories.calls import Caller
from tests.factories.receivers import receiver_fixture

__all__ = ["receiver_fixture"]

PCID = "WVW12345678901234"
OTHER_PCID = "WVW99999999999999"

PATH = "/v1/webhook/endpoints"
URL = "https://hooks.example.com/payload"
BODY: dict[str, Any] = {
    "description": "Test webhook",
    "enabledEvents": ["oem.contract.created", "oem.contract.deleted"],
    "metadata": {"team": "pnc"},
    "status": "enabled",
    "url": URL,
}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages get lost: whatever these tests see happened through rows alone."""
    monkeypatch.setattr(queue, "_send", lambda task, args: None)


@dataclass(frozen=True)
class Trade:
    """An OEM and the MO whose contracts its vehicles get."""

    oem: Organization
    mo: Organization
    oem_actor: Actor
    mo_actor: Actor

    def contract(
        self, kind: EventKind = EventKind.OEM_CONTRACT_CREATED, *, pcid: str = PCID, **more: Any
    ) -> OutboxEvent:
        """Tell the OEM about contract data of the MO."""
        message = services.Message(
            kind=kind,
            organization_id=self.oem.pk,
            lane=pcid,
            counterpart_id=self.mo.pk,
            payload={"emaid": "DEMOBC123456789", "pcid": pcid, **more},
        )
        with transaction.atomic():
            return services.emit_many(messages=[message])[0]

    def told_to_mo(self) -> list[str]:
        events = OutboxEvent.objects.filter(organization=self.mo).order_by("id")
        return list(events.values_list("kind", flat=True))


@pytest.fixture
def trade() -> Trade:
    oem = parties.organization(wmis=["WVW"])
    mo = parties.organization(provider_ids=["DEMOB"], roles=[Role.MO])
    oem_actor = parties.actor(organization=oem)
    return Trade(oem, mo, oem_actor, parties.actor(organization=mo))


def states() -> list[str]:
    """The states of all deliveries, in their order."""
    return list(WebhookDelivery.objects.order_by("id").values_list("state", flat=True))


def work() -> int:
    """Do what beat and the workers do until nothing is due; return the requests made."""
    made = 0
    while True:
        taken = services.fan_out(now=timezone.now())
        sent = sum(services.dispatch(endpoint_id=row.pk) for row in WebhookEndpoint.objects.all())
        made += sent
        if not taken and not sent:
            return made


@pytest.fixture
def caller() -> Caller:
    return Caller(parties.organization(wmis=["WVW", "WV1"]))


def created(caller: Caller, **changes: Any) -> dict[str, Any]:
    response = caller.post(PATH, BODY | changes)
    assert response.status_code == 201, response.content
    body: dict[str, Any] = response.json()
    return body
