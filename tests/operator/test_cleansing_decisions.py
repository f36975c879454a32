"""A root or sub-CA on which much hangs does not empty the pools: a person decides."""

from collections.abc import Iterator

import pytest

from apps.audit.models import AuditEvent
from apps.contract_pool import services as ccp
from apps.contract_pool import tasks as ccp_tasks
from apps.contract_pool.models import Contract
from apps.core.actor import Right
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.operator import cleansing
from apps.operator.models import CleansingRun
from apps.pki import services as pki_services
from apps.pki.models import IssuedCertificate, RevocationReason, SubCa
from apps.provisioning_pool import selectors as pcp
from apps.provisioning_pool import tasks as pcp_tasks
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import lost
from apps.root_pool import services as rcp
from apps.root_pool.models import CleansingDecision, RootCertificate
from tests.factories import contracts, parties, trust
from tests.factories.calls import forget_processes
from tests.operator import cleansed
from tests.provisioning_pool.publishing import publish
from tests.provisioning_pool.test_publish_status import own_vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    forget_processes()
    yield
    forget_processes()


@pytest.fixture
def none_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make one dependant too many to leave unasked."""
    monkeypatch.setattr(lost, "LIMIT", 0)


def foreign_sub_ca_revoked() -> trust.Vehicle:
    oem = trust.oem_pki()
    vehicle = trust.published_vehicle(oem=oem)
    trust.keep_crl(oem.pki.sub1, revoked=[oem.pki.sub2.certificate])
    return vehicle


def revoke(certificate: bytes) -> None:
    rows = IssuedCertificate.objects.filter(fingerprint=certificate)
    pki_services.revoke(
        actor=trust.operator_person(), certificates=rows, reason=RevocationReason.KEY_COMPROMISE
    )


def remove(root: RootCertificate) -> None:
    first, second = trust.operator_people()
    rcp.ask_removal(actor=first, root=root)
    rcp.confirm_removal(actor=second, root=root)


def our_vehicle() -> tuple[trust.Ecosystem, ProvisioningCertificate]:
    """A vehicle below a sub-CA of ours."""
    made = trust.v2g_ecosystem(purposes=(trust.Purpose.OEM,))
    _, chain = own_vehicle(made)
    return made, publish(parties.organization(wmis=["WVW"]), chain)


def test_the_threshold_is_a_hundred_rows() -> None:
    assert lost.LIMIT == 100


@pytest.mark.usefixtures("none_unasked")
def test_much_below_a_revoked_foreign_sub_ca_stays_refused_until_somebody_decides() -> None:
    vehicle = foreign_sub_ca_revoked()
    made = cleansed.run()
    assert cleansed.pcids() == {vehicle.row.pcid}
    asked = cleansed.question()
    assert asked.sub_ca == vehicle.row.sub_ca2
    assert (asked.why, asked.state, made.asked) == ("revoked", "waiting", 1)
    assert asked.dependants == {"contracts": 0, "vehicles": 1}
    with pytest.raises(Invalid, match="revoked"):
        pcp.verify_stored(vehicle.row, at=trust.now())
    cleansed.run()
    assert CleansingDecision.objects.count() == 1


@pytest.mark.usefixtures("none_unasked")
def test_a_person_lets_it_leave_and_the_question_is_closed_afterwards() -> None:
    vehicle = foreign_sub_ca_revoked()
    cleansed.run()
    asked = cleansed.decide(proceed=True)
    assert cleansed.pcids() == set()
    assert cleansed.reasons("provisioning_pool.withdraw") == {str(vehicle.pcid): "sub_ca_revoked"}
    assert (asked.state, asked.closed_at) == ("proceed", None)
    assert asked.decided_by_label
    cleansed.run()
    asked.refresh_from_db()
    assert asked.closed_at is not None
    event = AuditEvent.objects.get(action="root_pool.decide")
    assert (event.reason, event.detail["state"]) == ("It was agreed.", "proceed")


@pytest.mark.usefixtures("none_unasked")
def test_a_person_keeps_it_and_may_think_again() -> None:
    vehicle = foreign_sub_ca_revoked()
    cleansed.run()
    cleansed.decide(proceed=False)
    cleansed.run()
    assert cleansed.pcids() == {vehicle.row.pcid}
    assert not CleansingDecision.objects.waiting().exists()
    cleansed.decide(proceed=True)
    assert cleansed.pcids() == set()


@pytest.mark.usefixtures("none_unasked")
def test_what_was_told_to_leave_is_not_called_back() -> None:
    foreign_sub_ca_revoked()
    cleansed.run()
    asked = cleansed.decide(proceed=True)
    for proceed in (True, False):
        with pytest.raises(Conflict):
            rcp.decide(actor=trust.operator_person(), decision=asked, proceed=proceed, note="No.")


@pytest.mark.usefixtures("none_unasked")
def test_only_people_of_the_operator_who_may_write_decide() -> None:
    foreign_sub_ca_revoked()
    cleansed.run()
    client = parties.actor(organization=trust.operator())
    for actor in (trust.operator_person(Right.VIEWER), client, contracts.cpo_actor()):
        with pytest.raises(Forbidden):
            cleansing.decide(actor=actor, decision=cleansed.question(), proceed=True, note="Yes.")
    assert cleansed.question().state == "waiting"


@pytest.mark.usefixtures("none_unasked")
def test_a_sub_ca_of_ours_that_is_revoked_does_not_empty_the_pcp_in_the_background() -> None:
    made, vehicle = our_vehicle()
    sub_ca = made.sub2[trust.Purpose.OEM]
    revoke(bytes(sub_ca.fingerprint))
    pcp_tasks.withdraw_below(SubCa.objects.get(fingerprint=sub_ca.fingerprint).pk)
    assert cleansed.pcids() == {vehicle.pcid}
    assert cleansed.question().why == "revoked"
    with pytest.raises(Invalid, match="revoked"):
        pcp.verify_stored(vehicle, at=trust.now())
    cleansed.decide(proceed=True)
    assert cleansed.pcids() == set()


@pytest.mark.usefixtures("none_unasked")
def test_contracts_below_a_revoked_mo_authority_are_not_served_while_nobody_decided() -> None:
    world = contracts.world()
    contract = world.generate()
    sub_ca = world.v2g.sub2[trust.Purpose.MO]
    revoke(bytes(sub_ca.fingerprint))
    ccp_tasks.withdraw_below(SubCa.objects.get(fingerprint=sub_ca.fingerprint).pk)
    assert list(Contract.objects.running()) == [contract]
    with pytest.raises(ccp.NotServed):
        world.car.install(contracts.cpo_actor())
    assert cleansed.question().dependants == {"contracts": 1, "vehicles": 0}
    cleansed.decide(proceed=True)
    assert not Contract.objects.running().exists()
    assert cleansed.reasons("contract_pool.end") == {world.emaid.key: "sub_ca_revoked"}
    assert len(cleansed.events("oem.contract.deleted")) == 1


def test_a_removed_root_opens_a_question_at_once_and_nothing_leaves() -> None:
    oem = trust.oem_pki()
    vehicle = trust.published_vehicle(oem=oem)
    remove(oem.root_row)
    assert cleansed.question().root == oem.root_row
    cleansed.run()
    assert cleansed.pcids() == {vehicle.row.pcid}
    cleansed.decide(proceed=True)
    assert cleansed.pcids() == set()
    assert cleansed.reasons("provisioning_pool.withdraw") == {str(vehicle.pcid): "root_removed"}


def test_a_root_on_which_nothing_hangs_leaves_without_a_question() -> None:
    remove(trust.oem_pki().root_row)
    assert not CleansingDecision.objects.exists()


def test_a_removed_v2g_root_takes_the_data_for_its_vehicles_after_a_decision() -> None:
    world = contracts.world(own_pki=True)
    world.sign()
    remove(world.v2g.root_row)
    cleansed.run()
    assert cleansed.data_of(world)
    cleansed.decide(proceed=True)
    contract = Contract.objects.running().get()
    assert not contract.data.exists()
    assert cleansed.reasons("contract_pool.drop_data") == {world.emaid.key: "root_gone"}


def test_a_root_that_is_trusted_again_closes_the_question_and_nothing_leaves() -> None:
    oem = trust.oem_pki()
    vehicle = trust.published_vehicle(oem=oem)
    remove(oem.root_row)
    asked = cleansed.question()
    rcp.decide(actor=trust.operator_person(), decision=asked, proceed=True, note="It was agreed.")
    trust.trusted_root(der=bytes(oem.root_row.der), root_type=RootCertificate.Type.OEM)
    cleansed.run()
    asked.refresh_from_db()
    assert asked.closed_at is not None
    assert cleansed.pcids() == {vehicle.row.pcid}


@pytest.mark.usefixtures("none_unasked")
def test_keeping_starts_no_run() -> None:
    foreign_sub_ca_revoked()
    cleansed.run()
    cleansed.decide(proceed=False)
    assert not CleansingRun.objects.filter(trigger="decision").exists()
