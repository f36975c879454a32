"""Several writers of one vehicle at once: the pool stays whole, and each change is told once."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from apps.audit.models import AuditEvent
from apps.pki.models import SubCa
from apps.provisioning_pool import services
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import parties, pki, trust
from tests.factories.calls import Caller
from tests.factories.races import outcomes
from tests.provisioning_pool.bodies import publication

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

AT_ONCE = 6


def test_different_certificates_of_a_new_vehicle_at_once_leave_one_row() -> None:
    oem, owner = trust.oem_pki(), parties.organization(wmis=["WVW"])
    actor, name = trust.oem_actor(owner), trust.pcid()
    leaves = [
        pki.make_leaf(oem.pki, name, key=ec.generate_private_key(ec.SECP256R1()))
        for _ in range(AT_ONCE)
    ]

    def publishing(leaf: pki.Holder) -> Callable[[], object]:
        return lambda: services.publish(actor=actor, chain=trust.chain_of(leaf, oem.pki))

    assert outcomes([publishing(leaf) for leaf in leaves]) == {"done": AT_ONCE}
    row = ProvisioningCertificate.objects.get()
    events = AuditEvent.objects.filter(action="provisioning_pool.publish").order_by("pk")
    details = [event.detail for event in events]
    assert len(details) == AT_ONCE
    # A chain: the first found nothing, each later one took the place of the one before it.
    replaced = {detail["replaced"]: detail["fingerprint"] for detail in details}
    order = [""]
    while order[-1] in replaced:
        order.append(replaced[order[-1]])
    assert len(order) == AT_ONCE + 1
    assert order[-1] == bytes(row.fingerprint).hex()
    assert sorted(detail["new_key"] for detail in details) == [False] + [True] * (AT_ONCE - 1)


def test_the_same_certificate_of_a_new_vehicle_at_once_is_published_once() -> None:
    oem, owner = trust.oem_pki(), parties.organization(wmis=["WVW"])
    actor = trust.oem_actor(owner)
    leaf = pki.make_leaf(oem.pki, trust.pcid())
    calls: list[Callable[[], object]] = [
        lambda: services.publish(actor=actor, chain=trust.chain_of(leaf, oem.pki))
    ] * AT_ONCE
    assert outcomes(calls) == {"done": AT_ONCE}
    assert ProvisioningCertificate.objects.count() == 1
    assert AuditEvent.objects.filter(action="provisioning_pool.publish").count() == 1


def test_parallel_puts_of_one_vehicle_have_answers_that_opcp_knows() -> None:
    oem, backend = trust.oem_pki(), Caller(parties.organization(wmis=["WVW"]))
    name = trust.pcid()
    statuses: list[int] = []

    def putting() -> Callable[[], object]:
        key = ec.generate_private_key(ec.SECP256R1())
        body = publication(trust.chain_of(pki.make_leaf(oem.pki, name, key=key), oem.pki))
        return lambda: statuses.append(backend.put("/v1/oem/provCerts", body).status_code)

    outcomes([putting() for _ in range(AT_ONCE)])
    assert statuses == [200] * AT_ONCE


def test_the_first_vehicles_of_a_line_at_once_store_each_sub_ca_once() -> None:
    oem, owner = trust.oem_pki(), parties.organization(wmis=["WVW"])
    actor = trust.oem_actor(owner)
    leaves = [pki.make_leaf(oem.pki, trust.pcid()) for _ in range(AT_ONCE)]

    def publishing(leaf: pki.Holder) -> Callable[[], object]:
        return lambda: services.publish(actor=actor, chain=trust.chain_of(leaf, oem.pki))

    assert outcomes([publishing(leaf) for leaf in leaves]) == {"done": AT_ONCE}
    assert SubCa.objects.count() == 2
    assert ProvisioningCertificate.objects.count() == AT_ONCE


def test_a_vehicle_is_withdrawn_once() -> None:
    vehicle = trust.published_vehicle()
    actor = trust.oem_actor(vehicle.owner)
    calls: list[Callable[[], object]] = [
        lambda: services.withdraw(actor=actor, pcid=vehicle.pcid)
    ] * AT_ONCE
    assert outcomes(calls) == {"done": 1, "vehicle_unknown": AT_ONCE - 1}
    assert AuditEvent.objects.filter(action="provisioning_pool.withdraw").count() == 1
