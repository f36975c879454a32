"""Cleansing: what ended or was revoked leaves its pool, what hung on it follows, all is told."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import Right, Role
from apps.core.errors import Forbidden
from apps.operator import cleansing
from apps.operator.models import CleansingRun
from apps.pki.models import ForeignRevocation, IssuedCertificate, OcspAnswer
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import selectors as rcp
from apps.root_pool.models import CleansingDecision, RootCertificate
from tests.factories import contracts, parties, trust
from tests.factories.calls import forget_processes
from tests.operator import cleansed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    forget_processes()
    yield
    forget_processes()


def two_vehicles() -> tuple[trust.OemPki, trust.Vehicle, trust.Vehicle]:
    oem = trust.oem_pki()
    first = trust.published_vehicle(oem=oem)
    return oem, first, trust.published_vehicle(oem=oem, owner=first.owner)


def test_an_expired_vehicle_leaves_with_its_contracts_and_its_mos_are_told() -> None:
    world = contracts.world()
    world.generate()
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    kept = world.generate(pcid=other.pcid, emaid=world.mo.emaid())
    cleansed.end(world.vehicle)
    made = cleansed.run()
    assert cleansed.pcids() == {other.row.pcid}
    assert list(Contract.objects.running()) == [kept]
    assert cleansed.events("mo.prov.cert.deleted") == [
        {"emaid": str(world.emaid), "pcid": str(world.vehicle.pcid)}
    ]
    assert cleansed.reasons("provisioning_pool.withdraw") == {str(world.vehicle.pcid): "expired"}
    assert cleansed.reasons("contract_pool.end") == {world.emaid.key: "vehicle_expired"}
    found = cleansed.result(made, "pcp", "expired")
    assert (found.found, found.removed, found.followed, found.told) == (1, 1, 1, 1)
    assert made.job is not None
    assert made.job.state == "done"


def test_an_expired_root_leaves_everybody_is_told_and_what_hangs_on_it_is_asked_about() -> None:
    oem, vehicle, _ = two_vehicles()
    ended = trust.now() - timedelta(minutes=1)
    RootCertificate.objects.filter(pk=oem.root_row.pk).update(not_after=ended)
    made = cleansed.run()
    oem.root_row.refresh_from_db()
    assert oem.root_row.state == "expired"
    assert oem.root_row.certificate not in rcp.anchors()
    [told] = cleansed.events("root.cert.expired")
    assert told["fingerprintSHA256"] == oem.root_row.fingerprint.hex()
    assert str(vehicle.pcid) in cleansed.pcids()
    asked = cleansed.question()
    assert (asked.root, asked.why, asked.state) == (oem.root_row, "expired", "waiting")
    assert asked.dependants["vehicles"] == 2
    assert cleansed.result(made, "rcp", "expired").removed == 1


def test_a_vehicle_that_a_foreign_crl_revokes_leaves() -> None:
    oem, gone, kept = two_vehicles()
    trust.keep_crl(oem.pki.sub2, revoked=[gone.chain[0]])
    made = cleansed.run()
    assert cleansed.pcids() == {kept.row.pcid}
    assert cleansed.reasons("provisioning_pool.withdraw") == {str(gone.pcid): "revoked"}
    assert cleansed.result(made, "pcp", "revoked").removed == 1


def test_the_same_serial_number_of_another_issuer_revokes_nothing() -> None:
    oem, vehicle, _ = two_vehicles()
    trust.keep_crl(oem.pki.sub1, revoked=[vehicle.chain[0]])
    cleansed.run()
    assert len(cleansed.pcids()) == 2


def test_a_vehicle_that_an_ocsp_responder_revokes_leaves() -> None:
    oem, gone, kept = two_vehicles()
    _answer(oem, gone, reason="keyCompromise")
    cleansed.run()
    assert cleansed.pcids() == {kept.row.pcid}


def test_a_vehicle_on_hold_stays_because_a_hold_may_be_taken_back() -> None:
    oem, first, second = two_vehicles()
    _answer(oem, first, reason="certificateHold")
    trust.keep_crl(oem.pki.sub2, revoked=[second.chain[0]])
    ForeignRevocation.objects.update(reason="certificateHold")
    cleansed.run()
    assert len(cleansed.pcids()) == 2


def test_rows_of_an_earlier_release_are_found_as_well() -> None:
    oem, gone, kept = two_vehicles()
    ProvisioningCertificate.objects.update(serial=None)
    trust.keep_crl(oem.pki.sub2, revoked=[gone.chain[0]])
    cleansed.run()
    assert cleansed.pcids() == {kept.row.pcid}


def test_a_contract_whose_time_is_over_ends_and_its_certificate_is_revoked() -> None:
    world = contracts.world()
    world.generate()
    Contract.objects.update(ends=trust.now() - timedelta(minutes=1))
    kept = world.generate(emaid=world.mo.emaid())
    made = cleansed.run()
    assert list(Contract.objects.running()) == [kept]
    ended = Contract.objects.get(emaid_key=world.emaid.key)
    assert (ended.end_reason, ended.data.count()) == ("expired", 0)
    states = IssuedCertificate.objects.filter(profile="contract").order_by("pk")
    assert list(states.values_list("state", flat=True)) == ["revoked", "issued"]
    assert len(cleansed.events("oem.contract.deleted")) == 1
    assert cleansed.result(made, "ccp", "ended").removed == 1


def test_data_with_an_ended_certificate_leaves_and_the_contract_runs_on() -> None:
    world = contracts.world()
    world.generate()
    world.generate(emaid=world.mo.emaid())
    ended = trust.now() - timedelta(minutes=1)
    data = cleansed.data_of(world)
    ContractData.objects.filter(pk=data.pk).update(certificate_not_after=ended, valid_until=ended)
    made = cleansed.run()
    assert Contract.objects.running().count() == 2
    assert ContractData.objects.count() == 1
    assert cleansed.reasons("contract_pool.drop_data") == {world.emaid.key: "certificate_expired"}
    [told] = cleansed.events("oem.contract.deleted")
    assert told["emaid"] == str(world.emaid)
    found = cleansed.result(made, "ccp", "expired")
    assert (found.removed, found.told) == (1, 1)


def test_data_that_only_its_signer_made_useless_stays_to_be_signed_anew() -> None:
    world = contracts.world()
    world.generate()
    ContractData.objects.update(valid_until=trust.now() - timedelta(minutes=1))
    cleansed.run()
    assert ContractData.objects.count() == 1


def test_a_contract_whose_foreign_certificate_is_revoked_ends() -> None:
    world = contracts.world(own_pki=True)
    leaf = contracts.contract_leaf(world.mo, world.emaid)
    world.sign(
        contract_data=contracts.contract_data(world.mo, world.vehicle, world.emaid, leaf=leaf)
    )
    other = world.mo.emaid()
    world.sign(contract_data=contracts.contract_data(world.mo, world.vehicle, other))
    assert world.mo.pki is not None
    trust.keep_crl(world.mo.pki.pki.sub2, revoked=[leaf.certificate])
    made = cleansed.run()
    assert [one.emaid_key for one in Contract.objects.running()] == [other.key]
    assert cleansed.reasons("contract_pool.end") == {world.emaid.key: "certificate_revoked"}
    assert cleansed.result(made, "ccp", "revoked").removed == 1


def test_few_vehicles_below_a_revoked_foreign_sub_ca_leave_unasked() -> None:
    oem, *_ = two_vehicles()
    other = trust.published_vehicle(pcid_text=trust.pcid("WDD"))
    trust.keep_crl(oem.pki.sub1, revoked=[oem.pki.sub2.certificate])
    cleansed.run()
    assert cleansed.pcids() == {other.row.pcid}
    assert set(cleansed.reasons("provisioning_pool.withdraw").values()) == {"sub_ca_revoked"}
    assert not CleansingDecision.objects.exists()


def test_a_run_that_finds_nothing_leaves_its_record() -> None:
    two_vehicles()
    made = cleansed.run()
    assert made.job is None
    assert {one.found for one in made.counts.all()} == {0}
    assert len(cleansed.pcids()) == 2


def test_only_the_pools_that_were_named_are_swept() -> None:
    _, vehicle, _ = two_vehicles()
    cleansed.end(vehicle)
    cleansed.run(pools=["rcp", "ccp"])
    assert len(cleansed.pcids()) == 2
    cleansed.run(pools=["pcp"])
    assert len(cleansed.pcids()) == 1


@pytest.mark.parametrize("role", [Role.OEM, Role.MO, Role.CPO, Role.CPS])
def test_other_roles_start_no_run(role: Role) -> None:
    actor = parties.bare_actor(roles=[role], right=Right.ADMIN)
    with pytest.raises(Forbidden):
        cleansing.start(actor=actor, trigger=CleansingRun.Trigger.BUTTON)
    assert not CleansingRun.objects.exists()


def test_a_viewer_of_the_operator_starts_no_run() -> None:
    with pytest.raises(Forbidden):
        cleansed.run(trust.operator_person(Right.VIEWER))


def _answer(oem: trust.OemPki, vehicle: trust.Vehicle, **changes: Any) -> None:
    at = trust.now()
    OcspAnswer.objects.create(
        issuer_fingerprint=oem.pki.sub2.certificate.fingerprint,
        serial=vehicle.chain[0].serial_octets,
        status="revoked",
        this_update=at,
        fetched_at=at,
        **changes,
    )
