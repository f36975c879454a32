"""Several writers of one vehicle at once: the pool stays whole, and each change is told once."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from apps.audit.models import AuditEvent
from apps.pki.models import SubCa
from apps.provisioning_pool import services
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import parties, pki, trust
from tests.factories.races import outcomes

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

    ended = outcomes([publishing(leaf) for leaf in leaves])
    row = ProvisioningCertificate.objects.get()
    assert set(ended) <= {"done", "vehicle_changed"}
    assert bytes(row.fingerprint) in {leaf.certificate.fingerprint for leaf in leaves}
    logged = AuditEvent.objects.filter(action="provisioning_pool.publish").count()
    assert logged == ended["done"] >= 1


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
