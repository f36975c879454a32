"""Fleets: rows written in bulk that are worth what published ones are."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured

from apps.contract_pool.models import Contract
from apps.core.errors import Invalid
from apps.demo import fleet
from apps.participants.models import Organization
from apps.provisioning_pool import checks
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_service import services as cps
from tests.factories import contracts, parties, trust
from v2g.ids import Pcid
from v2g.pki.certificate import Certificate
from v2g.pki.lints import lint
from v2g.pki.profiles import OEM_LEAF
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db


def maker(oem: trust.OemPki, owner: Organization | None = None) -> fleet.Maker:
    return fleet.Maker(
        owner=owner or parties.organization(wmis=["AUR"]),
        wmi="AUR",
        sub2=oem.pki.sub2.certificate,
        sub1=oem.pki.sub1.certificate,
        key=oem.pki.sub2.key,
        ocsp_url="http://ocsp.test/o",
        crl_url="http://crl.test/c.crl",
    )


def test_each_certificate_would_have_been_accepted() -> None:
    oem = trust.oem_pki()
    list(fleet.add_vehicles(maker=maker(oem), count=30))
    rows = list(ProvisioningCertificate.objects.order_by("pcid"))
    assert [row.pcid for row in rows] == [fleet.pcid_of("AUR", n) for n in range(1, 31)]
    serials = set()
    for row in rows:
        certificate = Certificate.from_der(bytes(row.der))
        assert certificate.common_name == row.pcid
        assert certificate.fingerprint == bytes(row.fingerprint)
        assert certificate.serial_octets == bytes(row.serial or b"")
        assert certificate.public_key == fleet.key_of(row.pcid).public_key()
        assert lint(certificate, OEM_LEAF, IsoVersion.ISO_2) == []
        chain = checks.Chain(certificate.der, oem.pki.sub2.der, oem.pki.sub1.der)
        accepted = checks.verify(checks.parse(chain), version=IsoVersion.ISO_2, at=trust.now())
        assert row.checks["status"][0]["sha256"] == accepted.record["status"][0]["sha256"]
        assert (row.not_before, row.not_after) == (certificate.not_before, certificate.not_after)
        serials.add(certificate.serial)
    assert len(serials) == 30


def test_a_fleet_grows() -> None:
    made = maker(trust.oem_pki())
    assert list(fleet.add_vehicles(maker=made, count=3)) == [3]
    assert list(fleet.add_vehicles(maker=made, count=2)) == [2]
    last = ProvisioningCertificate.objects.order_by("pcid").last()
    assert last is not None
    assert last.pcid == fleet.pcid_of("AUR", 5)
    assert ProvisioningCertificate.objects.count() == 5


def test_a_vehicle_of_a_fleet_gets_and_opens_a_contract() -> None:
    world = contracts.world()
    made = maker(world.oem)
    list(fleet.add_vehicles(maker=made, count=1))
    pcid = fleet.pcid_of("AUR", 1)
    now = trust.now()
    cps.generate(
        actor=world.mo.actor,
        pcid=Pcid.parse(pcid),
        emaid=world.mo.emaid(),
        begins=now,
        ends=now + timedelta(days=30),
    )
    row = ProvisioningCertificate.objects.get(pcid=pcid)
    chain = (Certificate.from_der(bytes(row.der)), *world.oem.pki.sub_cas)
    vehicle = trust.Vehicle(row, fleet.key_of(pcid), chain, made.owner)
    car = contracts.Car(vehicle, [world.v2g.root.certificate])
    stream = car.install(contracts.cpo_actor()).exi
    _, key = car.accept(stream)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert Contract.objects.running().filter(pcid=pcid).count() == 1


def test_sub_cas_below_no_trusted_root_are_refused() -> None:
    with pytest.raises(Invalid):
        list(fleet.add_vehicles(maker=maker(trust.oem_pki(trusted=False)), count=1))
    assert not ProvisioningCertificate.objects.exists()


def test_there_is_none_outside_a_sandbox(settings: Any) -> None:
    made = maker(trust.oem_pki())
    settings.SANDBOX = False
    with pytest.raises(ImproperlyConfigured):
        list(fleet.add_vehicles(maker=made, count=1))
