"""Every action page of the portal with a row that it fits, who may use it, and what to type."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.contract_pool.models import Contract
from apps.core.actor import Right
from apps.core.web.admin import ScopedAdmin
from apps.events.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from apps.participants.models import Organization
from apps.pki.models import IssuedCertificate
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import contracts, parties, trust
from tests.portal.world import Party
from tests.portal.world import webhook as webhook_of

WHY = "The customer sold it."
UNKNOWN = {
    ProvisioningCertificate: "XXX99999999999999",
    Contract: "999999999",
    IssuedCertificate: "999999999",
    WebhookEndpoint: "00000000-0000-4000-8000-000000000000",
    WebhookDelivery: "00000000-0000-4000-8000-000000000000",
}


@dataclass(frozen=True)
class Case:
    """One action page of one row: who may use it, and what has to be typed."""

    row: Any
    key: str
    owner: Organization
    fields: dict[str, str]
    confirmed: bool = True

    @property
    def address(self) -> str:
        return address(self.row, self.key)


def person_of(organization: Organization, right: Right = Right.EDITOR) -> Party:
    return Party(organization, parties.member(organization=organization, right=right))


def page_of(row: Any) -> str:
    return address_of(row, getattr(row, _admin_of(type(row)).url_field))


def address(row: Any, key: str) -> str:
    return f"{page_of(row)}{key}/"


def address_of(row: Any, identifier: Any) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[identifier])


def _admin_of(model: Any) -> ScopedAdmin:
    found = admin.site._registry[model]
    assert isinstance(found, ScopedAdmin)
    return found


def serial_end(issued: IssuedCertificate) -> str:
    return bytes(issued.serial).hex()[-8:]


def default_to_choose(world: contracts.World) -> Case:
    """A running contract that is not the default."""
    Contract.objects.update(is_default=False)
    fields = {"emaid": Contract.objects.get().emaid}
    owner = world.vehicle.owner
    return Case(world.vehicle.row, "default-contract", owner, fields, confirmed=False)


def webhook(world: contracts.World, key: str, **fields: str) -> Case:
    """The car maker's webhook."""
    made = webhook_of(world.vehicle.owner)
    return Case(made, key, world.vehicle.owner, fields, confirmed="typed" in fields)


def delivery(world: contracts.World) -> Case:
    """A delivery that was given up."""
    event = OutboxEvent.objects.create(
        kind="oem.contract.created", organization=world.vehicle.owner, fanned_out_at=trust.now()
    )
    made = WebhookDelivery.objects.create(
        endpoint=webhook_of(world.vehicle.owner),
        event=event,
        lane="event:1",
        state=WebhookDelivery.State.FAILED,
        created_at=trust.now(),
        settled_at=trust.now(),
    )
    return Case(made, "redeliver", world.vehicle.owner, {}, confirmed=False)


CASES: dict[str, Callable[[contracts.World], Case]] = {
    "factory-reset": lambda world: Case(
        world.vehicle.row,
        "factory-reset",
        world.vehicle.owner,
        {"reason": WHY, "typed": str(world.vehicle.pcid)},
    ),
    "withdraw": lambda world: Case(
        world.vehicle.row,
        "withdraw",
        world.vehicle.owner,
        {"reason": WHY, "typed": str(world.vehicle.pcid)},
    ),
    "default-contract": default_to_choose,
    "renew": lambda world: Case(
        Contract.objects.get(), "renew", world.mo.organization, {}, confirmed=False
    ),
    "end": lambda world: Case(
        Contract.objects.get(),
        "end",
        world.mo.organization,
        {"reason": WHY, "typed": Contract.objects.get().emaid},
    ),
    "revoke": lambda world: Case(
        IssuedCertificate.objects.get(profile="contract"),
        "revoke",
        world.mo.organization,
        {
            "reason": "keyCompromise",
            "typed": serial_end(IssuedCertificate.objects.get(profile="contract")),
        },
    ),
    "edit": lambda world: webhook(
        world, "edit", url="https://other.example.com/", events="oem.contract.deleted"
    ),
    "test": lambda world: webhook(world, "test"),
    "roll-secret": lambda world: webhook(world, "roll-secret"),
    "delete": lambda world: webhook(world, "delete", typed=webhook_of(world.vehicle.owner).host),
    "redeliver": delivery,
}
CONFIRMED = ("factory-reset", "withdraw", "end", "revoke", "delete")
"""Where something has to be typed to confirm."""
REASONED = ("factory-reset", "withdraw", "end", "revoke")
"""Where somebody has to say why."""
POOLS = ("factory-reset", "withdraw", "renew", "end", "default-contract")
"""What only the party itself does to its rows of the pools."""


def state() -> list[Any]:
    """Everything that an action page could change."""
    return [
        *ProvisioningCertificate.objects.order_by("pk").values_list("pcid", "fingerprint"),
        *Contract.objects.order_by("pk").values_list("emaid", "state", "is_default"),
        *IssuedCertificate.objects.order_by("pk").values_list("pk", "state", "reason"),
        *WebhookEndpoint.objects.order_by("pk").values_list("url", "state", "sealed"),
        *WebhookDelivery.objects.order_by("pk").values_list("pk", "state"),
        AuditEvent.objects.filter(result="ok").exclude(action__startswith="participants").count(),
    ]
