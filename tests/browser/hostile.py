"""An organisation whose every free text is meant to run, made in a process of the stack's settings.

    python -m tests.browser.hostile

Prints the log-in of its person, and addresses that no page links, as JSON.
"""

import json
import sys
from typing import Any, Final

import django

if __name__ == "__main__":
    django.setup()

from django.urls import reverse
from django.utils import timezone

from apps.core.actor import Actor, Right, Role, system
from apps.events import services as events
from apps.events.models import EventKind, WebhookAttempt
from apps.jobs.models import Job, JobRow
from apps.oem import services as oem
from apps.oem.files import File
from apps.participants import selectors, services
from apps.participants.models import Organization, User
from apps.pki import services as pki_services
from apps.pki.labels import LABELS
from apps.provisioning_pool import services as pcp
from apps.root_pool import services as rcp
from apps.root_pool.models import RootCertificate
from tests.factories import pki, trust
from tests.pki.enrolment import csr
from v2g.ids import OperatorId, ProviderId, Wmi
from v2g.pki.profiles import Branch
from v2g.protocol import IsoVersion

TEXT: Final = "');alert(1)//{{7*7}}<img src=/x onerror=alert(1)>"
EVALUATED: Final = "');alert(1)//49"
FILE: Final = "');alert(1);{{7*7}}<img src=x onerror=alert(1)>.pem"
"""As TEXT, without what would part folders."""
PERSON: Final = "mallory@hostile.example"
PASSWORD: Final = "correct horse battery staple"


def main() -> None:
    actor, organization = _join()
    _trade(actor)
    _tell(actor)
    _vehicles(actor, organization, _trusted_pki())
    _work(actor)
    upload = oem.check(actor=actor, uploaded=[File(FILE, TEXT.encode())])
    addresses = [reverse("admin:oem_dry_run", args=[upload.uuid])]
    sys.stdout.write(json.dumps({"username": PERSON, "password": PASSWORD, "addresses": addresses}))


def _join() -> tuple[Actor, Organization]:
    maker, roles = system("tests"), (Role.MO, Role.OEM, Role.CPO, Role.CPS)
    made = services.create_organization(actor=maker, name=TEXT, roles=roles)
    who: dict[str, Any] = {"actor": maker, "organization": made}
    services.assign_provider_id(provider_id=ProviderId.parse("DEEVL"), **who)
    services.assign_operator_id(operator_id=OperatorId.parse("DEEVL"), **who)
    services.assign_wmi(wmi=Wmi.parse("EVL"), **who)
    user = services.create_member(
        email=PERSON, right=Right.ADMIN, name=TEXT, password=PASSWORD, **who
    )
    services.create_client(name=TEXT, roles=(Role.MO, Role.OEM), **who)
    return selectors.actor_of_member(user=user, organization=made), made


def _trade(actor: Actor) -> None:
    """Ask for a certificate whose name comes from that of the organisation."""
    octets = csr("anything")
    pki_services.enrol(actor=actor, label=LABELS["cps"], version=IsoVersion.ISO_2, csr=octets)


def _tell(actor: Actor) -> None:
    """A webhook, and a receiver that answers in the same manner."""
    endpoint = events.create_endpoint(
        actor=actor,
        url="https://hooks.example.org/in?next=');alert(1)//{{7*7}}",
        events=[EventKind.ROOT_ADDED],
        description=TEXT,
        metadata={"note": TEXT},
    )
    delivery = events.send_test(actor=actor, endpoint=endpoint)
    WebhookAttempt.objects.create(
        delivery=delivery, number=1, at=timezone.now(), milliseconds=1, status_code=400, note=TEXT
    )


def _trusted_pki() -> trust.OemPki:
    """Sub-CAs and a root with such subjects, trusted by the demo's operator."""
    made = pki.make_pki(Branch.OEM, at=trust.now(), salt="hostile", label=TEXT)
    first, second = (_of_operator(name) for name in ("anna", "ben"))
    for issuer in (made.root, made.sub1, made.sub2):
        trust.keep_crl(issuer)
    root = rcp.submit(actor=first, der=made.root.der, root_type=RootCertificate.Type.OEM)
    told = bytes(root.fingerprint).hex()
    return trust.OemPki(made, rcp.confirm(actor=second, root=root, fingerprint=told))


def _of_operator(name: str) -> Actor:
    user = User.objects.get(email=f"{name}@operator.example")
    return selectors.actor_of_member(user=user, organization=selectors.organizations_of(user).get())


def _vehicles(actor: Actor, owner: Organization, made: trust.OemPki) -> None:
    """One that stays, and one that left for a reason."""
    for number in (1, 2):
        found = trust.published_vehicle(oem=made, owner=owner, pcid_text=f"EVLWALK{number:010d}")
    pcp.withdraw(actor=actor, pcid=found.pcid, note=TEXT)


def _work(actor: Actor) -> None:
    """A job whose one row failed."""
    job = Job.objects.create(
        kind="oem.publish",
        organization_id=actor.organization_id,
        started_by_kind=actor.kind.value,
        started_by=actor.identifier,
        started_by_label=actor.label,
        state=Job.State.DONE,
        total=1,
        failed=1,
        finished_at=timezone.now(),
    )
    row = {"pcid": TEXT, "file": FILE}
    JobRow.objects.create(
        job=job, number=1, input=row, state=JobRow.State.FAILED, code="pcid", message=TEXT
    )


if __name__ == "__main__":
    main()
