"""install: what a vehicle at a charge point gets, and what it is told otherwise."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec

from apps.contract_pool import services
from apps.contract_pool.models import Contract, ContractData, Delivery
from apps.core.errors import Forbidden, Invalid
from apps.root_pool import services as rcp
from tests.factories import contracts, parties, pki, trust
from v2g import exi
from v2g.messages.iso2 import ResponseCode
from v2g.pki.builder import Subject
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import OEM_LEAF
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db


def _refused(world: contracts.World, **changes: object) -> ResponseCode:
    """The ResponseCode in the EXI of a refusal, which echoes the SessionID."""
    with pytest.raises(services.NotServed) as refusal:
        world.car.install(contracts.cpo_actor(), **changes)
    assert exi.decode(refusal.value.response).header.session_id == world.car.session_id
    return contracts.installed(refusal.value.response).response_code


def test_the_session_of_the_vehicle_is_echoed() -> None:
    world = contracts.world()
    world.generate()
    served = world.car.install(contracts.cpo_actor())
    assert exi.decode(served.exi).header.session_id == world.car.session_id
    world.car.accept(served.exi)


def test_each_request_leaves_one_row_of_what_was_delivered() -> None:
    world = contracts.world()
    world.generate()
    actor = contracts.cpo_actor()
    world.car.install(actor)
    row = Delivery.objects.get()
    assert (row.outcome, row.pcid, row.emaid_key) == (
        Delivery.Outcome.DELIVERED,
        str(world.vehicle.pcid),
        world.emaid.key,
    )
    assert row.organization_id == actor.organization_id
    assert row.contract_data_id == ContractData.objects.get().pk


def test_a_vehicle_without_a_contract_is_told_so() -> None:
    world = contracts.world()
    assert _refused(world) is ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE
    row = Delivery.objects.get()
    assert (row.outcome, row.reason) == ("refused", "FAILED_NoCertificateAvailable")


def test_an_unknown_vehicle_is_told_that_there_is_nothing() -> None:
    world = contracts.world()
    leaf = pki.make_leaf(trust.oem_pki().pki, trust.pcid())
    refused = _refused(world, certificate=leaf.der, key=leaf.key)
    assert refused is ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE


def test_a_certificate_whose_name_is_no_pcid_is_told_that_there_is_nothing() -> None:
    world = contracts.world()
    leaf = pki.make_leaf(trust.oem_pki().pki, "WVWTESTPCID000001")
    unnamed = pki.forge(
        pki.draft_like(leaf, OEM_LEAF, subject=Subject("no pcid")),
        leaf,
        leaf.key,
    )
    refused = _refused(world, certificate=unnamed.der, key=leaf.key)
    assert refused is ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE


def test_another_certificate_of_the_same_pcid_gets_nothing() -> None:
    world = contracts.world()
    world.generate()
    leaf = pki.make_leaf(trust.oem_pki().pki, str(world.vehicle.pcid))
    refused = _refused(world, certificate=leaf.der, key=leaf.key)
    assert refused is ResponseCode.FAILED_CERT_CHAIN_ERROR


def test_a_request_signed_with_another_key_is_refused() -> None:
    world = contracts.world()
    world.generate()
    with pytest.raises(Invalid, match="signature of the request"):
        world.car.install(contracts.cpo_actor(), key=ec.generate_private_key(ec.SECP256R1()))
    assert Delivery.objects.get().reason == "signature"


def test_a_request_changed_after_signing_is_refused() -> None:
    world = contracts.world()
    world.generate()
    message = world.car.message()
    changed = contracts.tampered(exi.encode(message), id="ID2")
    with pytest.raises(Invalid) as refusal:
        services.install(actor=contracts.cpo_actor(), exi=changed, version=IsoVersion.ISO_2)
    assert refusal.value.code == "signature"


@pytest.mark.parametrize("stream", [b"", b"\x80", b"\x80\x98" + bytes(400), bytes(70_000)])
def test_what_is_no_exi_of_a_request_is_refused_with_the_text_of_opcp(stream: bytes) -> None:
    with pytest.raises(Invalid, match=r"EXI format is invalid!"):
        services.install(actor=contracts.cpo_actor(), exi=stream, version=IsoVersion.ISO_2)


def test_a_response_in_place_of_a_request_is_refused() -> None:
    world = contracts.world()
    world.generate()
    served = world.car.install(contracts.cpo_actor())
    with pytest.raises(Invalid, match="EXI format is invalid!"):
        services.install(actor=contracts.cpo_actor(), exi=served.exi, version=IsoVersion.ISO_2)


@pytest.mark.parametrize(
    "spelled",
    [
        lambda root: ", ".join(reversed(root.subject.text.split(", "))),
        lambda root: root.subject.text.replace(", ", ","),
        lambda root: root.subject.text.replace("DC=", "dc="),
    ],
)
def test_roots_are_found_however_the_vehicle_spells_their_names(
    spelled: Callable[[Certificate], str],
) -> None:
    world = contracts.world()
    world.generate()
    root = world.v2g.root.certificate
    served = world.car.install(
        contracts.cpo_actor(), names=[("CN=another", 7), (spelled(root), root.serial)]
    )
    world.car.accept(served.exi)


def test_a_vehicle_that_does_not_list_the_root_gets_nothing() -> None:
    world = contracts.world()
    world.generate()
    root = world.v2g.root.certificate
    refused = _refused(world, names=[(root.subject.text, root.serial + 1)])
    assert refused is ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE


def test_the_data_of_the_root_that_the_vehicle_lists_is_chosen() -> None:
    world = contracts.world()
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(second)
    world.generate()
    assert ContractData.objects.count() == 2
    for made in (world.v2g, second):
        car = contracts.Car(world.vehicle, [made.root.certificate])
        served = car.install(contracts.cpo_actor())
        assert served.root_fingerprint == made.root.certificate.fingerprint
        car.accept(served.exi)


def test_without_a_default_contract_nothing_is_installed() -> None:
    world = contracts.world()
    world.generate()
    Contract.objects.update(is_default=False)
    assert _refused(world) is ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE


def test_a_vehicle_whose_certificate_expired_is_told_so() -> None:
    world = contracts.world()
    end = world.vehicle.chain[0].not_after
    world.generate(ends=trust.now() + timedelta(days=720))
    ContractData.objects.update(valid_until=end + timedelta(days=2))
    with time_machine.travel(end + timedelta(days=1), tick=False):
        assert _refused(world) is ResponseCode.FAILED_CERTIFICATE_EXPIRED


def test_a_vehicle_that_its_maker_revoked_is_told_so() -> None:
    world = contracts.world()
    world.generate()
    trust.keep_crl(world.oem.pki.sub2, revoked=[world.vehicle.chain[0]])
    assert _refused(world) is ResponseCode.FAILED_CERTIFICATE_REVOKED


def test_a_status_older_than_the_root_allows_does_not_count() -> None:
    world = contracts.world()
    world.generate()
    with time_machine.travel(trust.now() + timedelta(days=8), tick=False):
        assert _refused(world) is ResponseCode.FAILED_CERT_CHAIN_ERROR


def test_contract_data_that_begins_later_is_not_handed_out_yet() -> None:
    world = contracts.world()
    begins = trust.now() + timedelta(days=3)
    world.generate(begins=begins)
    assert _refused(world) is ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE
    with time_machine.travel(begins, tick=False):
        world.car.accept(world.car.install(contracts.cpo_actor()).exi)


@pytest.mark.parametrize("which", ["signer", "vehicle"])
def test_what_ends_in_a_removed_root_is_not_handed_out_but_stays(which: str) -> None:
    world = contracts.world()
    world.generate()
    root = world.v2g.root_row if which == "signer" else world.vehicle.row.root
    rcp.ask_removal(actor=trust.operator_person(), root=root)
    world.car.install(contracts.cpo_actor())
    rcp.confirm_removal(actor=trust.operator_person(), root=root)
    assert _refused(world) in {
        ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE,
        ResponseCode.FAILED_CERT_CHAIN_ERROR,
    }
    assert ContractData.objects.count() == 1


def test_an_oem_installs_for_its_own_vehicles_only() -> None:
    world = contracts.world()
    world.generate()
    world.car.accept(world.car.install(trust.oem_actor(world.vehicle.owner)).exi)
    other = parties.actor(organization=parties.organization(wmis=["ZZZ"]))
    with pytest.raises(Forbidden) as refusal:
        world.car.install(other)
    assert refusal.value.code == "foreign_wmi"


def test_an_mo_may_not_install() -> None:
    world = contracts.world()
    with pytest.raises(Forbidden):
        world.car.install(world.mo.actor)
