"""What a drill does through the services, in a process with the settings of the stack.

    python -m tests.drills.inside seed VEHICLES HOST | order FIRST COUNT | look

Prints JSON. `look` settles what a broken step left behind, as the sweep would minutes later, and
counts what must hold afterwards.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command
from django.db.models import Count
from django.utils import timezone

from apps.audit import services as audit
from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import system
from apps.demo import fleet
from apps.events import audience
from apps.events import services as events
from apps.events.models import OutboxEvent, WebhookDelivery
from apps.jobs.models import Job
from apps.participants import selectors as participants
from apps.participants.models import ApiClient
from apps.pki import services as pki
from apps.pki.models import Authority, IssuedCertificate
from apps.provisioning_service import services as cps
from tests.factories import contracts, parties, trust
from v2g.ids import Emaid, ProviderId
from v2g.pki.profiles import CONTRACT_LEAF

WMI, PROVIDER = "DRL", "DEDRL"


def seed(vehicles: str, host: str) -> int:
    """Trust, an MO and a car maker with a webhook endpoint each, and a fleet."""
    call_command("migrate", verbosity=0)
    made = trust.v2g_ecosystem(purposes=(Authority.Purpose.MO, Authority.Purpose.CPS))
    contracts.signer(made)
    oem = trust.oem_pki()
    owner = parties.organization(wmis=[WMI])
    mo = parties.organization(provider_ids=[PROVIDER])
    for organization in (owner, mo):
        actor = parties.actor(organization=organization)
        kinds = audience.kinds_of(actor.roles)
        events.create_endpoint(actor=actor, url=f"http://{host}/", events=kinds)
    maker = fleet.Maker(
        owner=owner,
        wmi=WMI,
        sub2=oem.pki.sub2.certificate,
        sub1=oem.pki.sub1.certificate,
        key=oem.pki.sub2.key,
        # Nobody answers there: the stored CRLs count, as while a car maker's services are down.
        ocsp_url=f"http://{host}/ocsp",
        crl_url=f"http://{host}/crl",
    )
    known = [made.root.certificate.extensions.subject_key_id or b""]
    return sum(1 for _ in fleet.add_vehicles(maker=maker, count=int(vehicles), v2g_roots=known))


def order(first: str, count: str) -> int:
    """Start the bulk conclusion of contracts for these vehicles; returns the job."""
    client = ApiClient.objects.get(organization__providerids__value=PROVIDER)
    now = trust.now()
    period = {"begins": now.isoformat(), "ends": (now + timedelta(days=90)).isoformat()}
    rows = [
        {"pcid": fleet.pcid_of(WMI, number), "emaid": _emaid(number), **period}
        for number in range(int(first), int(first) + int(count))
    ]
    actor = participants.actor_of_client(client.client_id)
    return int(cps.start_bulk(actor=actor, rows=rows).pk)


def look() -> dict[str, Any]:
    """Count what must hold, after the sweeps had their time."""
    with patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(minutes=6)):
        while pki.settle_intents(actor=system("drill")):
            pass
    running = Contract.objects.running()
    kept = {bytes(one) for one in _data().values_list("certificate_fingerprint", flat=True)}
    issued = IssuedCertificate.objects.filter(profile=CONTRACT_LEAF.name)
    good = {bytes(one.fingerprint or b"") for one in issued.filter(state="issued")}
    audit.seal_new()
    return {
        "contracts": running.count(),
        "vehicles": running.values("pcid").distinct().count(),
        "data": _data().count(),
        "twice": _data().values("contract").annotate(n=Count("id")).filter(n__gt=1).count(),
        "good_but_not_kept": len(good - kept),
        "kept_but_not_good": len(kept - good),
        "open": issued.filter(state=IssuedCertificate.State.INTENDED).count(),
        "jobs_open": Job.objects.exclude(state=Job.State.DONE).count(),
        "due": sorted({str(one) for one in _due()}),
        "not_fanned_out": OutboxEvent.objects.filter(fanned_out_at=None).count(),
        "deliveries": _states(),
        "breaks_of_the_chain": len(audit.verify()),
    }


def _data() -> Any:
    return ContractData.objects.filter(contract__state=Contract.State.RUNNING)


def _due() -> Any:
    """The events that somebody registered an endpoint for."""
    return WebhookDelivery.objects.values_list("event__uuid", flat=True)


def _states() -> dict[str, int]:
    counted = WebhookDelivery.objects.values_list("state").annotate(n=Count("id"))
    return dict(counted.order_by())


def _emaid(number: int) -> str:
    return str(Emaid.compose(ProviderId.parse(PROVIDER), f"C{number:08d}"))


COMMANDS: dict[str, Callable[..., Any]] = {
    "seed": seed,
    "order": order,
    "look": look,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
