"""One party of each role, what it owns, what others own, and what nobody does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.test import Client

from apps.core.actor import Actor, Role
from apps.events import services as events
from apps.events.models import EventKind, WebhookDelivery
from apps.jobs import registry
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.participants import selectors, tokens
from apps.participants.models import ApiClient, Organization
from apps.pki import services as pki_services
from apps.pki.labels import LABELS
from apps.provisioning_service import services as cps
from tests.factories import contracts, parties, pki, trust
from tests.pki.enrolment import NAMES, csr
from v2g.pki.profiles import Branch
from v2g.protocol import IsoVersion


@dataclass(frozen=True)
class Call:
    """One request as a backend sends it, without its token."""

    path: str
    body: Any = None
    content_type: str = "application/json"


HTTP: Final = Client(raise_request_exception=True)
"""One for all calls, as each new one loads the middleware; it takes no cookie along."""


@dataclass(frozen=True)
class Party:
    """An organisation, its API client, and a token that was issued to it."""

    organization: Organization
    client: ApiClient
    actor: Actor
    token: str

    def send(self, method: str, call: Call, *, anonymous: bool = False) -> int:
        """Return the status of the answer; whatever the call changed is taken back."""
        headers = {} if anonymous else {"Authorization": f"Bearer {self.token}"}
        HTTP.cookies.clear()
        with rolled_back():
            answer = getattr(HTTP, method.lower())(
                call.path,
                **({} if method == "GET" else {"data": call.body}),
                **({} if method == "GET" else {"content_type": call.content_type}),
                headers=headers,
            )
        status: int = answer.status_code
        return status


@dataclass(frozen=True)
class World:
    """`own` belongs to the OEM and the MO of `parties`, `foreign` to another OEM and MO."""

    parties: dict[Role, Party]
    own: contracts.World
    foreign: contracts.World
    webhooks: dict[Role, WebhookDelivery]
    foreign_webhook: WebhookDelivery
    jobs: dict[Role, Job]
    foreign_job: Job
    signed: dict[str, bytes]
    data: dict[str, dict[str, str]]
    new_root: bytes
    new_vehicle: pki.Holder
    unpublished: contracts.Car


def version_of(label: str) -> IsoVersion:
    return LABELS[label].only_version or IsoVersion.ISO_2


def request_for(label: str, name: str) -> bytes:
    """A signing request with a key on the curve that the label's certificates are on."""
    version = version_of(label)
    return csr(name, key=pki.make_key(f"rights {version.value}", version))


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction of the test itself that leaves nothing behind."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase does
    with block:
        yield
        transaction.set_rollback(True)


UNKNOWN_PCID: Final = "WVWNOBODY00000001"
UNKNOWN_EMAID: Final = "DE8AAC999999990"
KIND: Final = registry.register("tests.rights", task="tests.rights_rows", columns=("pcid",))


def build() -> World:
    """Make everything once; the tests look at it and take back what they change."""
    v2g = trust.v2g_ecosystem()
    trust.v2g_ecosystem(purposes=[trust.Purpose.OEM], version=IsoVersion.ISO_20)
    signer = contracts.signer(v2g)
    own = _contract(v2g, signer, wmi="WVW", provider_id="DE8AA")
    foreign = _contract(v2g, signer, wmi="WBA", provider_id="FRXYZ")
    callers = {
        Role.OEM: own.vehicle.owner,
        Role.MO: own.mo.organization,
        Role.CPO: parties.organization(operator_ids=["DEICE"]),
        Role.CPS: parties.organization(roles=[Role.CPS]),
        Role.OPERATOR: trust.operator(),
    }
    made = {role: _party(organization) for role, organization in callers.items()}
    enrolled = (("oem", Role.OEM), ("veh", Role.OEM), ("mo", Role.MO), ("cpo", Role.CPO))
    for label, role in enrolled:
        _enrol(made[role].actor, label)
    car = trust.Vehicle(
        own.vehicle.row, own.vehicle.key, (_leaf(own, UNKNOWN_PCID),), callers[Role.OEM]
    )
    worlds = {"own": own, "foreign": foreign}
    return World(
        parties=made,
        own=own,
        foreign=foreign,
        webhooks={role: _webhook(party.actor) for role, party in made.items()},
        foreign_webhook=_webhook(foreign.mo.actor),
        jobs={role: _job(party.actor) for role, party in made.items()},
        foreign_job=_job(foreign.mo.actor),
        signed={name: each.sign(pcid=None).xml for name, each in worlds.items()},
        data={name: _data(each) for name, each in worlds.items()},
        new_root=pki.make_root(Branch.OEM, at=trust.now()).der,
        new_vehicle=pki.make_leaf(own.oem.pki, "WVWNEW00000000001"),
        unpublished=contracts.Car(car, [v2g.root.certificate]),
    )


def _job(actor: Actor) -> Job:
    return jobs.start(actor=actor, kind=KIND, rows=[{"pcid": UNKNOWN_PCID}])


def _contract(v2g: trust.Ecosystem, signer: Any, *, wmi: str, provider_id: str) -> contracts.World:
    party = contracts.mo(own_pki=True, provider_id=provider_id)
    oem = trust.oem_pki()
    vehicle = trust.published_vehicle(oem=oem, pcid_text=trust.pcid(wmi))
    made = contracts.World(v2g, signer, party, oem, vehicle, party.emaid())
    now = trust.now()
    cps.generate(
        actor=party.actor,
        pcid=vehicle.pcid,
        emaid=made.emaid,
        begins=now,
        ends=now + timedelta(days=300),
    )
    return made


def _leaf(world: contracts.World, pcid: str) -> Any:
    return pki.make_leaf(world.oem.pki, pcid, key=world.vehicle.key).certificate


def _data(world: contracts.World) -> dict[str, str]:
    made = contracts.contract_data(world.mo, world.vehicle, world.emaid)
    return contracts.contract_data_body(made)


def _party(organization: Organization) -> Party:
    client, _ = parties.client(organization=organization)
    actor = selectors.actor_of_client(client.client_id)
    return Party(organization, client, actor, tokens.issue(actor, audience="http://testserver"))


def _webhook(actor: Actor) -> WebhookDelivery:
    endpoint = events.create_endpoint(
        actor=actor, url="https://hooks.example.com/opcp", events=[EventKind.ROOT_ADDED]
    )
    delivery = events.send_test(actor=actor, endpoint=endpoint)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(state=WebhookDelivery.State.DELIVERED)
    return delivery


def _enrol(actor: Actor, label: str) -> None:
    pki_services.enrol(
        actor=actor,
        label=LABELS[label],
        version=version_of(label),
        csr=request_for(label, NAMES[label]),
    )
