"""POST /v1/oem/provCerts/{pcid}/factoryReset, which is ours."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import Role
from apps.events.models import OutboxEvent
from apps.pki import signals as pki_signals
from apps.pki.models import IssuedCertificate
from apps.provisioning_pool import selectors
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import contracts, parties, trust
from tests.factories.calls import Caller, messages

pytestmark = pytest.mark.django_db

RESET = "mo.prov.cert.factory.reset"


@pytest.fixture
def world() -> contracts.World:
    made = contracts.world()
    made.generate()
    return made


@pytest.fixture
def failing_revocation() -> Iterator[None]:
    def fail(**_: Any) -> None:
        raise RuntimeError("the revocation cannot be stored")

    pki_signals.revoked.connect(fail)
    yield
    pki_signals.revoked.disconnect(fail)


def reset(caller: Caller, pcid: object) -> Any:
    return caller.post(f"/v1/oem/provCerts/{pcid}/factoryReset", {})


def told(kind: str) -> set[tuple[int | None, str, str]]:
    rows = OutboxEvent.objects.filter(kind=kind)
    return {(row.organization_id, row.payload["emaid"], row.lane) for row in rows}


def test_the_contracts_leave_and_the_provisioning_certificate_stays(
    world: contracts.World,
) -> None:
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    kept = world.generate(pcid=other.pcid, emaid=world.mo.emaid())
    answer = reset(Caller(world.vehicle.owner), str(world.vehicle.pcid).lower())
    assert (answer.status_code, answer.json()) == (200, {})
    assert list(Contract.objects.running()) == [kept]
    assert ContractData.objects.get().contract == kept
    assert Contract.objects.get(emaid_key=world.emaid.key).end_reason == "vehicle_reset"
    states = IssuedCertificate.objects.filter(profile="contract").order_by("pk")
    assert list(states.values_list("state", flat=True)) == ["revoked", "issued"]
    row = selectors.current(world.vehicle.pcid)
    assert row is not None
    assert bytes(row.fingerprint) == bytes(world.vehicle.row.fingerprint)
    event = AuditEvent.objects.get(action="provisioning_pool.factory_reset")
    assert event.target_id == str(world.vehicle.pcid)


def test_each_mo_is_told_once_per_emaid(world: contracts.World) -> None:
    second, stranger = world.mo.emaid(), contracts.mo()
    theirs = stranger.emaid()
    world.generate(emaid=second)
    world.generate(actor=stranger.actor, emaid=theirs)
    reset(Caller(world.vehicle.owner), world.vehicle.pcid)
    lane, ours = str(world.vehicle.pcid), world.mo.organization.pk
    assert told(RESET) == {
        (ours, str(world.emaid), lane),
        (ours, str(second), lane),
        (stranger.organization.pk, str(theirs), lane),
    }
    assert OutboxEvent.objects.filter(kind=RESET).count() == 3
    assert not told("mo.prov.cert.deleted") | told("mo.prov.cert.updated")


def test_a_second_reset_changes_nothing_and_tells_nobody(world: contracts.World) -> None:
    caller = Caller(world.vehicle.owner)
    reset(caller, world.vehicle.pcid)
    assert reset(caller, world.vehicle.pcid).status_code == 200
    assert len(told(RESET)) == OutboxEvent.objects.filter(kind=RESET).count() == 1


def test_a_vehicle_takes_a_new_contract_after_its_reset(world: contracts.World) -> None:
    reset(Caller(world.vehicle.owner), world.vehicle.pcid)
    world.generate()
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


@pytest.mark.usefixtures("failing_revocation")
def test_where_a_revocation_fails_all_stays_as_it_was(world: contracts.World) -> None:
    answer = reset(Caller(world.vehicle.owner), world.vehicle.pcid)
    assert answer.status_code == 500
    assert messages(answer) == ["The service failed. Please try again later."]
    assert Contract.objects.running().get().emaid_key == world.emaid.key
    assert IssuedCertificate.objects.get(profile="contract").state == "issued"
    assert not told(RESET)
    assert not AuditEvent.objects.filter(action="provisioning_pool.factory_reset").exists()
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


@pytest.mark.usefixtures("failing_revocation")
def test_where_a_revocation_fails_a_vehicle_is_not_deleted(world: contracts.World) -> None:
    answer = Caller(world.vehicle.owner).delete(f"/v1/oem/provCerts/{world.vehicle.pcid}")
    assert answer.status_code == 500
    assert ProvisioningCertificate.objects.filter(pcid=str(world.vehicle.pcid)).exists()
    assert Contract.objects.running().count() == ContractData.objects.count() == 1


def test_an_unknown_vehicle_is_404_and_no_pcid_is_400(world: contracts.World) -> None:
    caller = Caller(world.vehicle.owner)
    unknown = reset(caller, "WVWGONE0000000001")
    assert unknown.status_code == 404
    assert messages(unknown) == ["The OEM provisioning certificate with given PCID is not found."]
    assert reset(caller, "WVW").status_code == 400


def test_another_oem_is_403_and_recorded(world: contracts.World) -> None:
    other = Caller(parties.organization(wmis=["WDD"]))
    assert reset(other, world.vehicle.pcid).status_code == 403
    assert Contract.objects.running().exists()
    event = AuditEvent.objects.get(result="refused")
    assert (event.action, event.detail["code"]) == ("pcp.factory_reset", "foreign_wmi")


@pytest.mark.parametrize("role", [Role.MO, Role.CPO, Role.CPS, Role.OPERATOR])
def test_other_roles_are_403(world: contracts.World, role: Role) -> None:
    caller = Caller(parties.organization(roles=[role]))
    assert reset(caller, world.vehicle.pcid).status_code == 403
    assert Contract.objects.running().exists()
