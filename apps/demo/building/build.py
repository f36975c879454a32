"""The whole first start, step by step."""

from collections.abc import Sequence
from typing import Any, TextIO

from django.conf import settings

from apps.demo import state
from apps.demo.building import contracts, parties, plan, trust, vehicles
from apps.demo.building.parties import Admitted
from apps.demo.building.progress import Progress
from apps.demo.building.vehicles import Built
from apps.demo.guard import require_sandbox
from apps.demo.pki import DemoPki
from apps.pki.models import Authority
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_service import services as cps
from apps.root_pool import services as root_pool
from apps.root_pool.models import RootCertificate
from v2g.pki.profiles import Branch
from v2g.protocol import IsoVersion

STEPS = 10


def build(*, out: TextIO) -> None:
    """Build the demo ecosystem in an empty database and write `ecosystem.json` at the end."""
    require_sandbox()
    progress = Progress(out=out, total=STEPS)
    with progress.step("Organisations, people and API clients are admitted"):
        admitted = {party.slug: parties.admit(party) for party in plan.PARTIES}
    operator = admitted[plan.OPERATOR.slug]
    with progress.step("The V2G roots for 15118-2 and -20 and their sub-CAs are made"):
        root = trust.make_v2g_pki(operator.actor(), IsoVersion.ISO_2)
        newer = trust.make_v2g_pki(operator.actor(), IsoVersion.ISO_20)
    with progress.step("Aurora Motors and Direct Mobility make PKIs of their own"):
        oem_pki = _own_pki(plan.AURORA, Branch.OEM)
        mo_pki = _own_pki(plan.DIRECT, Branch.MO)
    with progress.step("Two persons of the operator approve the four roots"):
        _approve(operator, (root, newer), oem_pki, mo_pki)
    with progress.step("The provisioning service gets its signing certificate"):
        cps.create_signer(
            actor=operator.actor(), root=bytes(root.fingerprint), common_name="Plugpool Demo CPS"
        )
    with progress.step("The first list of trusted roots is signed"):
        root_pool.roll_trust_list_signer(actor=parties.BUILDER)
        root_pool.current_trust_list(actor=operator.actor())
    with progress.step("Vehicles leave the factory and are published"):
        built = _vehicles(admitted, oem_pki, root)
    with progress.step("Chargewell has contract data generated"):
        for instance, pcid in plan.GENERATED:
            contracts.generate(admitted[plan.CHARGEWELL.slug], instance, built[pcid])
    with progress.step("Direct Mobility has contract data of its own CA signed"):
        for instance, pcid in plan.SELF_MADE:
            contracts.sign(admitted[plan.DIRECT.slug], mo_pki, instance, built[pcid])
    with progress.step("ecosystem.json is written"):
        state.finish(_ecosystem(admitted))


def _own_pki(party: plan.Party, branch: Branch) -> DemoPki:
    return trust.make_own_pki(party.slug, branch=branch, organization=party.name)


def _approve(
    operator: Admitted, v2g: Sequence[Authority], oem_pki: DemoPki, mo_pki: DemoPki
) -> None:
    first, second = operator.actor(0), operator.actor(1)
    kinds = RootCertificate.Type
    trust.approve_root(oem_pki.root.certificate.der, kinds.OEM, first=first, second=second)
    trust.approve_root(mo_pki.root.certificate.der, kinds.MO, first=first, second=second)
    for root in v2g:
        trust.approve_root(bytes(root.der), kinds.V2G, first=first, second=second)


def _vehicles(admitted: dict[str, Admitted], oem_pki: DemoPki, root: Authority) -> dict[str, Built]:
    aurora, borealis = plan.AURORA.slug, plan.BOREALIS.slug
    built = [
        *vehicles.from_own_pki(admitted[aurora], oem_pki, plan.VEHICLES[aurora]),
        *vehicles.from_v2g_pki(admitted[borealis], plan.VEHICLES[borealis]),
    ]
    for vehicle in built:
        vehicles.publish(vehicle, v2g_root=root.certificate)
    return {vehicle.pcid: vehicle for vehicle in built}


def _ecosystem(admitted: dict[str, Admitted]) -> dict[str, Any]:
    pool = ProvisioningCertificate.objects.select_related("owner").order_by("pcid")
    return {
        "base_url": settings.PUBLIC_URL,
        "token_url": f"{settings.PUBLIC_URL}/oauth/token",
        "organizations": [each.as_json() for each in admitted.values()],
        "vehicles": [{"pcid": row.pcid, "oem": row.owner.name} for row in pool],
        "contracts": contracts.in_the_pool(),
    }
