"""Parties with webhooks, a receiver, and a worker that runs when the test says so."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.core.actor import Actor, Role
from apps.events import services
from apps.events.models import EventKind, OutboxEvent, WebhookEndpoint
from apps.participants.models import Organization
from tests.factories import parties
from tests.factories.receivers import receiver_fixture

__all__ = ["receiver_fixture"]

PCID = "WVW12345678901234"
OTHER_PCID = "WVW99999999999999"


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


def work() -> int:
    """Do what beat and the workers do until nothing is due; return the requests made."""
    made = 0
    while True:
        taken = services.fan_out(now=timezone.now())
        sent = sum(services.dispatch(endpoint_id=row.pk) for row in WebhookEndpoint.objects.all())
        made += sent
        if not taken and not sent:
            return made
