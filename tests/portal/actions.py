"""Every action page of the portal with a row that it fits, who may use it, and what to type."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.contract_pool.models import Contract
from apps.core.actor import Right
from apps.core.web.admin import ScopedAdmin
from apps.events.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from apps.participants import services
from apps.participants.models import ApiClient, Member, Organization
from apps.pki import services as authorities
from apps.pki.models import Authority, IssuedCertificate, PublishedCrl
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import contracts, parties, pki, trust
from tests.pki.enrolment import csr
from tests.portal.world import Party
from tests.portal.world import webhook as webhook_of
from v2g.pki.profiles import Branch

WHY = "The customer sold it."
UNKNOWN = {
    ProvisioningCertificate: "XXX99999999999999",
    Contract: "999999999",
    IssuedCertificate: "999999999",
    Authority: "00000000-0000-4000-8000-000000000000",
    Member: "999999999",
    ApiClient: "unknown-client",
    Organization: "00000000-0000-4000-8000-000000000000",
    WebhookEndpoint: "00000000-0000-4000-8000-000000000000",
    WebhookDelivery: "00000000-0000-4000-8000-000000000000",
}


@dataclass(frozen=True)
class Case:
    """One action page of one row: who may use it, and what has to be typed."""

    row: Any
    key: str
    owner: Organization
    fields: dict[str, Any]
    confirmed: bool = True
    right: Right = Right.EDITOR

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


def re_enrolment(world: contracts.World) -> Case:
    """The contract certificate, with a request for a new key."""
    found = IssuedCertificate.objects.get(profile="contract")
    fields = {
        "pasted": csr(found.common_name, form=Encoding.PEM).decode(),
        "once": "7f3b1a52-8f0f-4b07-9a3e-1d2c3b4a5f60",
    }
    return Case(found, "re-enrol", world.mo.organization, fields, confirmed=False)


def default_to_choose(world: contracts.World) -> Case:
    """A running contract that is not the default."""
    Contract.objects.update(is_default=False)
    fields = {"emaid": Contract.objects.get().emaid}
    owner = world.vehicle.owner
    return Case(world.vehicle.row, "default-contract", owner, fields, confirmed=False)


def handed_in(world: contracts.World) -> Case:
    """The contract, with new data of a CA that its MO has of its own by now."""
    found, owner = Contract.objects.get(), world.mo.organization
    Organization.objects.filter(pk=owner.pk).update(own_pki=True)
    own = trust.oem_pki(branch=Branch.MO)
    mo = contracts.Mo(owner, parties.actor(organization=owner), world.mo.provider_id, own)
    body = contracts.contract_data_body(contracts.contract_data(mo, world.vehicle, found.emaid))
    file = SimpleUploadedFile("data.json", json.dumps(body).encode())
    return Case(found, "hand-in", owner, {"file": file}, confirmed=False)


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


def people(world: contracts.World, key: str, row: Any, **fields: Any) -> Case:
    """What only administrators do."""
    confirmed = "typed" in fields
    owner = world.vehicle.owner
    return Case(row, key, owner, fields, confirmed=confirmed, right=Right.ADMIN)


def backend(world: contracts.World, *, secrets: int = 1, enabled: bool = True) -> ApiClient:
    made, _secret = parties.client(organization=world.vehicle.owner)
    if secrets == 2:
        services.add_secret(actor=parties.SYSTEM, client=made)
    if not enabled:
        services.set_client_enabled(actor=parties.SYSTEM, client=made, enabled=False)
    return made


def colleague(world: contracts.World) -> Member:
    user = parties.member(organization=world.vehicle.owner, email="colleague@oem.example")
    found: Member = Member.objects.get(user=user)
    return found


def by_operator(key: str, row: Organization, **fields: Any) -> Case:
    confirmed = "typed" in fields
    return Case(row, key, trust.operator(), fields, confirmed=confirmed, right=Right.ADMIN)


def suspended() -> Organization:
    found = parties.organization(wmis=["WZZ"])
    services.set_active(actor=parties.SYSTEM, organization=found, active=False)
    return found


def signed_elsewhere() -> Case:
    """A root whose key is kept elsewhere, with its first CRL."""
    held = pki.make_root(at=trust.now(), salt="elsewhere")
    row = authorities.add_offline_authority(actor=parties.SYSTEM, certificate=held.der)
    file = SimpleUploadedFile("first.crl", trust.crl_of(held))
    fields = {"file": file}
    return Case(row, "from-ceremony", trust.operator(), fields, confirmed=False, right=Right.ADMIN)


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
    "hand-in": handed_in,
    "end": lambda world: Case(
        Contract.objects.get(),
        "end",
        world.mo.organization,
        {"reason": WHY, "typed": Contract.objects.get().emaid},
    ),
    "re-enrol": re_enrolment,
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
    "change-roles": lambda world: people(world, "change-roles", backend(world), roles=["OEM"]),
    "add-secret": lambda world: people(world, "add-secret", backend(world)),
    "retire-secret": lambda world: people(world, "retire-secret", backend(world, secrets=2)),
    "replace-secret": lambda world: people(
        world, "replace-secret", found := backend(world), typed=found.client_id
    ),
    "disable": lambda world: people(world, "disable", backend(world)),
    "enable": lambda world: people(world, "enable", backend(world, enabled=False)),
    "change-right": lambda world: people(world, "change-right", colleague(world), right="viewer"),
    "new-link": lambda world: people(world, "new-link", colleague(world)),
    "remove": lambda world: people(
        world, "remove", colleague(world), typed="colleague@oem.example"
    ),
    "settings": lambda world: people(
        world, "settings", world.vehicle.owner, renewal_window_days="30"
    ),
    "assign": lambda world: by_operator("assign", world.vehicle.owner, kind="wmi", value="WAA"),
    "release": lambda world: by_operator("release", world.vehicle.owner, identifier="wmi:WVW"),
    "roles": lambda world: by_operator("roles", world.vehicle.owner, roles=["OEM", "MO"]),
    "deactivate": lambda world: by_operator(
        "deactivate", world.vehicle.owner, typed=world.vehicle.owner.name
    ),
    "from-ceremony": lambda world: signed_elsewhere(),
    "reactivate": lambda world: by_operator("reactivate", suspended()),
}
CONFIRMED = (
    "factory-reset",
    "withdraw",
    "end",
    "revoke",
    "delete",
    "replace-secret",
    "remove",
    "deactivate",
)
"""Where something has to be typed to confirm."""
OPERATORS_ONLY = ("from-ceremony",)
"""On pages that other roles may not open at all."""
REASONED = ("factory-reset", "withdraw", "end", "revoke")
"""Where somebody has to say why."""
POOLS = ("factory-reset", "withdraw", "renew", "hand-in", "end", "default-contract")
"""What only the party itself does to its rows of the pools."""


def state() -> list[Any]:
    """Everything that an action page could change."""
    return [
        *ProvisioningCertificate.objects.order_by("pk").values_list("pcid", "fingerprint"),
        *Contract.objects.order_by("pk").values_list("emaid", "state", "is_default"),
        *IssuedCertificate.objects.order_by("pk").values_list("pk", "state", "reason"),
        *PublishedCrl.objects.order_by("pk").values_list("authority", "number"),
        *ApiClient.objects.order_by("pk").values_list("client_secret", "enabled", "roles"),
        *Member.objects.order_by("pk").values_list("user_id", "permission__codename"),
        *Organization.objects.order_by("pk").values_list("active", "renewal_window_days"),
        *WebhookEndpoint.objects.order_by("pk").values_list("url", "state", "sealed"),
        *WebhookDelivery.objects.order_by("pk").values_list("pk", "state"),
        AuditEvent.objects.filter(result="ok").exclude(action__startswith="participants").count(),
    ]
