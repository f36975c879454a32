"""A vehicle that is published again: same certificate, same key, new key, new PCID."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from apps.audit.models import AuditEvent
from apps.core.errors import Forbidden, Invalid
from apps.participants import services as participants
from apps.participants.models import Organization
from apps.provisioning_pool import checks, services, signals
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import parties, pki, trust
from tests.factories.parties import SYSTEM
from v2g.ids import Pcid, Wmi
from v2g.pki.certificate import Certificate

pytestmark = pytest.mark.django_db


@dataclass
class Told:
    """What the pools above were told."""

    withdrawn: list[tuple[list[str], str]] = field(default_factory=list)
    rekeyed: list[list[str]] = field(default_factory=list)


@pytest.fixture
def told() -> Iterator[Told]:
    heard = Told()

    def on_withdrawn(*, pcids: list[str], reason: str, **_: Any) -> None:
        heard.withdrawn.append((pcids, reason))

    def on_rekeyed(*, pcids: list[str], **_: Any) -> None:
        heard.rekeyed.append(pcids)

    signals.withdrawn.connect(on_withdrawn)
    signals.rekeyed.connect(on_rekeyed)
    yield heard
    signals.withdrawn.disconnect(on_withdrawn)
    signals.rekeyed.disconnect(on_rekeyed)


@pytest.fixture
def oem() -> trust.OemPki:
    return trust.oem_pki()


@pytest.fixture
def vehicle(oem: trust.OemPki) -> trust.Vehicle:
    return trust.published_vehicle(oem=oem)


def renew(
    vehicle: trust.Vehicle, oem: trust.OemPki, key: ec.EllipticCurvePrivateKey
) -> ProvisioningCertificate:
    leaf = pki.make_leaf(oem.pki, vehicle.row.pcid, key=key)
    return services.publish(
        actor=trust.oem_actor(vehicle.owner), chain=trust.chain_of(leaf, oem.pki)
    )


def test_the_same_certificate_again_changes_nothing(
    vehicle: trust.Vehicle, oem: trust.OemPki, told: Told
) -> None:
    chain = trust.chain_of(pki.Holder(vehicle.chain[0], vehicle.key), oem.pki)
    before = AuditEvent.objects.count()
    again = services.publish(actor=trust.oem_actor(vehicle.owner), chain=chain)
    assert (again.pk, again.published_at) == (vehicle.row.pk, vehicle.row.published_at)
    assert told == Told()
    assert AuditEvent.objects.count() == before


def test_a_new_certificate_of_the_same_key_takes_the_place_silently(
    vehicle: trust.Vehicle, oem: trust.OemPki, told: Told
) -> None:
    row = renew(vehicle, oem, vehicle.key)
    assert row.pk == vehicle.row.pk
    assert bytes(row.fingerprint) != bytes(vehicle.row.fingerprint)
    assert told == Told()
    assert ProvisioningCertificate.objects.count() == 1


def test_a_certificate_of_a_new_key_is_told_to_the_pools_above(
    vehicle: trust.Vehicle, oem: trust.OemPki, told: Told
) -> None:
    row = renew(vehicle, oem, ec.generate_private_key(ec.SECP256R1()))
    assert row.pk == vehicle.row.pk
    assert told == Told(rekeyed=[[row.pcid]])
    event = AuditEvent.objects.filter(action="provisioning_pool.publish").latest("pk")
    assert event.detail["new_key"] is True
    assert event.detail["replaced"] == bytes(vehicle.row.fingerprint).hex()


def test_case_does_not_make_another_vehicle(
    vehicle: trust.Vehicle, oem: trust.OemPki, told: Told
) -> None:
    leaf = pki.make_leaf(oem.pki, vehicle.row.pcid.lower(), key=vehicle.key)
    services.publish(actor=trust.oem_actor(vehicle.owner), chain=trust.chain_of(leaf, oem.pki))
    assert ProvisioningCertificate.objects.get().pcid == vehicle.row.pcid


def test_the_previous_pcid_is_withdrawn(
    vehicle: trust.Vehicle, oem: trust.OemPki, told: Told
) -> None:
    renamed = trust.published_vehicle(oem=oem, owner=vehicle.owner, previous_pcid=vehicle.pcid)
    assert list(ProvisioningCertificate.objects.all()) == [renamed.row]
    assert renamed.row.previous_pcid == vehicle.row.pcid
    assert told == Told(withdrawn=[([vehicle.row.pcid], "replaced")])


def test_a_previous_pcid_that_is_not_there_is_only_kept(oem: trust.OemPki, told: Told) -> None:
    previous = Pcid.parse("WVWGONE0000000001")
    row = trust.published_vehicle(oem=oem, previous_pcid=previous).row
    assert row.previous_pcid == str(previous)
    assert told == Told()


def test_a_previous_pcid_of_somebody_else_is_403(
    vehicle: trust.Vehicle, oem: trust.OemPki, told: Told
) -> None:
    other = parties.organization(wmis=["WDD"])
    with pytest.raises(Forbidden):
        trust.published_vehicle(
            oem=oem, owner=other, pcid_text=trust.pcid("WDD"), previous_pcid=vehicle.pcid
        )
    assert list(ProvisioningCertificate.objects.all()) == [vehicle.row]
    assert told == Told()


def test_a_vehicle_does_not_follow_itself(vehicle: trust.Vehicle, oem: trust.OemPki) -> None:
    leaf = pki.make_leaf(oem.pki, vehicle.row.pcid)
    with pytest.raises(Invalid, match="previousPcid"):
        services.publish(
            actor=trust.oem_actor(vehicle.owner),
            chain=trust.chain_of(leaf, oem.pki),
            previous_pcid=vehicle.pcid,
        )


def _move_wmi(vehicle: trust.Vehicle) -> Organization:
    """Give the WMI to another car maker; vehicles stay with whom published them."""
    wmi = vehicle.owner.wmis.get()
    participants.release_wmi(actor=SYSTEM, organization=vehicle.owner, wmi=Wmi(wmi.value))
    return parties.organization(wmis=[wmi.value])


def test_a_vehicle_of_another_owner_is_403_even_with_its_wmi(
    vehicle: trust.Vehicle, oem: trust.OemPki
) -> None:
    buyer = _move_wmi(vehicle)
    leaf = pki.make_leaf(oem.pki, vehicle.row.pcid)
    with pytest.raises(Forbidden) as refused:
        services.publish(actor=trust.oem_actor(buyer), chain=trust.chain_of(leaf, oem.pki))
    assert refused.value.code == "foreign_owner"
    with pytest.raises(Forbidden):
        services.withdraw(actor=trust.oem_actor(buyer), pcid=vehicle.pcid)
    vehicle.row.refresh_from_db()
    assert vehicle.row.owner == vehicle.owner


@pytest.fixture
def overtake(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let another writer come while the certificates are checked, which takes seconds."""

    def arrange(other: Callable[[], object]) -> None:
        real = checks.verify_many

        def interrupted(*args: Any, **kwargs: Any) -> Any:
            monkeypatch.setattr(checks, "verify_many", real)
            other()
            return real(*args, **kwargs)

        monkeypatch.setattr(checks, "verify_many", interrupted)

    return arrange


def test_who_is_overtaken_follows_as_a_later_one_would(
    vehicle: trust.Vehicle, oem: trust.OemPki, told: Told, overtake: Any
) -> None:
    first, second = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    overtake(lambda: renew(vehicle, oem, first))
    row = renew(vehicle, oem, second)
    assert ProvisioningCertificate.objects.get() == row
    assert Certificate.from_der(bytes(row.der)).public_key == second.public_key()
    assert told.rekeyed == [[row.pcid], [row.pcid]]


def test_who_is_overtaken_by_the_same_key_tells_nobody(
    vehicle: trust.Vehicle, oem: trust.OemPki, told: Told, overtake: Any
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    overtake(lambda: renew(vehicle, oem, key))
    row = renew(vehicle, oem, key)
    assert told.rekeyed == [[row.pcid]]


def test_who_is_overtaken_by_a_withdrawal_publishes_the_vehicle_again(
    vehicle: trust.Vehicle, oem: trust.OemPki, told: Told, overtake: Any
) -> None:
    actor = trust.oem_actor(vehicle.owner)
    overtake(lambda: services.withdraw(actor=actor, pcid=vehicle.pcid))
    row = renew(vehicle, oem, ec.generate_private_key(ec.SECP256R1()))
    assert list(ProvisioningCertificate.objects.all()) == [row]
    assert told == Told(withdrawn=[([row.pcid], "withdrawn")])


def test_who_is_overtaken_by_another_owner_is_403(oem: trust.OemPki, overtake: Any) -> None:
    seller, name = parties.organization(wmis=["WVW"]), trust.pcid()

    def sell() -> None:
        participants.release_wmi(actor=SYSTEM, organization=seller, wmi=Wmi("WVW"))
        trust.published_vehicle(oem=oem, pcid_text=name)

    overtake(sell)
    chain = trust.chain_of(pki.make_leaf(oem.pki, name), oem.pki)
    with pytest.raises(Forbidden) as refused:
        services.publish(actor=trust.oem_actor(seller), chain=chain)
    assert refused.value.code == "foreign_owner"
    assert ProvisioningCertificate.objects.get().owner != seller


def test_a_receiver_that_fails_leaves_the_pool_as_it_was(
    vehicle: trust.Vehicle, oem: trust.OemPki
) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the contracts cannot follow")

    signals.rekeyed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            renew(vehicle, oem, ec.generate_private_key(ec.SECP256R1()))
    finally:
        signals.rekeyed.disconnect(fail)
    row = ProvisioningCertificate.objects.get()
    assert bytes(row.fingerprint) == bytes(vehicle.row.fingerprint)
