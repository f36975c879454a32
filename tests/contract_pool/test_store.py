"""store: contract data that a CPS signed elsewhere enters the pool, or is told why not."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from apps.contract_pool import services
from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import Role
from apps.core.errors import Forbidden, Invalid
from apps.events.models import OutboxEvent
from apps.provisioning_service import selectors
from tests.factories import contracts, parties, trust
from v2g import signature, xml
from v2g.messages import iso2
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db


def _signed(world: contracts.World, **changes: Any) -> bytes:
    """Contract data as the CPS hands it back, in XML."""
    return world.sign(pcid=None, **changes).xml


def _store(world: contracts.World, signed: bytes, **changes: Any) -> Contract:
    terms: dict[str, Any] = {
        "actor": world.mo.actor,
        "version": IsoVersion.ISO_2,
        "pcid": world.vehicle.pcid,
        "emaid": world.emaid,
        "xml_message": signed,
    }
    return services.store(**(terms | changes))


def _refusal(world: contracts.World, signed: bytes, **changes: Any) -> str:
    with pytest.raises(Invalid) as refusal:
        _store(world, signed, **changes)
    assert not Contract.objects.exists()
    return refusal.value.code


def _body(signed: bytes) -> iso2.CertificateInstallationRes:
    body = xml.read(signed, iso2.V2GMessage).body
    assert isinstance(body, iso2.CertificateInstallationRes)
    return body


def _tampered(signed: bytes, **changes: Any) -> bytes:
    message = xml.read(signed, iso2.V2GMessage)
    return xml.write(replace(message, body=replace(message.body, **changes)))


def _signed_anew(world: contracts.World, signed: bytes, **changes: Any) -> bytes:
    """Other contents under a good signature of our CPS: only the checks behind it can refuse."""
    message = xml.read(signed, iso2.V2GMessage)
    changed = replace(message, body=replace(message.body, **changes))
    key = selectors.ready(at=trust.now())[0].key
    return xml.write(signature.sign(changed, key))


def test_what_an_mo_stored_reaches_the_vehicle() -> None:
    world = contracts.world(own_pki=True)
    contract = _store(world, _signed(world), meta_data="tariff 7")
    assert (contract.mo, contract.is_default) == (world.mo.organization, True)
    assert contract.meta_data == "tariff 7"
    certificate, _ = world.car.accept(world.car.install(contracts.cpo_actor()).exi)
    assert certificate.common_name == str(world.emaid)


def test_the_owner_of_the_vehicle_is_told() -> None:
    world = contracts.world(own_pki=True)
    _store(world, _signed(world))
    event = OutboxEvent.objects.get(kind="oem.contract.created")
    assert event.organization == world.vehicle.owner
    assert event.payload["emaid"] == str(world.emaid)
    assert event.payload["pcid"] == event.lane == str(world.vehicle.pcid)
    assert event.payload["cpsSignerRootFingerprint"] == (
        world.v2g.root.certificate.fingerprint.hex()
    )


def test_a_cps_may_store_for_any_mo() -> None:
    world = contracts.world(own_pki=True)
    cps = parties.actor(organization=parties.organization(roles=[Role.CPS]))
    contract = _store(world, _signed(world), actor=cps)
    assert contract.mo == world.mo.organization


def test_an_mo_may_not_store_for_another_provider_id() -> None:
    world = contracts.world(own_pki=True)
    with pytest.raises(Forbidden) as refusal:
        _store(world, _signed(world), actor=contracts.mo(own_pki=True).actor)
    assert refusal.value.code == "foreign_provider"


def test_an_emaid_of_another_contract_is_refused() -> None:
    world = contracts.world(own_pki=True)
    assert _refusal(world, _signed(world), emaid=world.mo.emaid()) == "emaid_differs"


@pytest.mark.parametrize(
    "signed", [b"", b"no xml", b"<a/>", b"<!DOCTYPE a><a/>", b"<a>" * 3000, bytes(2_000_000)]
)
def test_what_is_no_message_is_refused(signed: bytes) -> None:
    world = contracts.world(own_pki=True)
    assert _refusal(world, signed) == "xml"


def test_changed_contract_data_is_refused() -> None:
    world = contracts.world(own_pki=True)
    signed = _signed(world)
    key = _body(signed).contract_signature_encrypted_private_key
    other = replace(key, value=bytes(48))
    assert _refusal(world, _tampered(signed, contract_signature_encrypted_private_key=other)) == (
        "signature"
    )


def test_contract_data_that_nobody_signed_is_refused() -> None:
    world = contracts.world(own_pki=True)
    message = xml.read(_signed(world), iso2.V2GMessage)
    unsigned = replace(message, header=replace(message.header, signature=None))
    assert _refusal(world, xml.write(unsigned)) == "signature"


def test_a_signature_by_another_certificate_than_that_of_the_chain_is_refused() -> None:
    world = contracts.world(own_pki=True)
    first = _signed(world)
    world.signer.active = False
    world.signer.save()
    contracts.signer(world.v2g)
    other = _body(_signed(world)).sa_provisioning_certificate_chain
    assert _refusal(world, _tampered(first, sa_provisioning_certificate_chain=other)) == "signature"


def test_a_certificate_that_is_not_of_a_cps_does_not_sign_contract_data() -> None:
    world = contracts.world(own_pki=True)
    assert world.mo.pki is not None
    leaf = contracts.contract_leaf(world.mo, world.emaid)
    message = xml.read(_signed(world), iso2.V2GMessage)
    assert isinstance(message.body, iso2.CertificateInstallationRes)
    body = replace(
        message.body,
        sa_provisioning_certificate_chain=iso2.CertificateChain(
            certificate=leaf.der,
            sub_certificates=iso2.SubCertificates(
                certificate=(world.mo.pki.pki.sub2.der, world.mo.pki.pki.sub1.der)
            ),
        ),
    )
    forged = signature.sign(replace(message, body=body), leaf.key)
    assert _refusal(world, xml.write(forged)) in {"leaf_of_another_role", "unknown_root"}


def test_a_response_that_is_not_ok_is_refused() -> None:
    world = contracts.world(own_pki=True)
    failed = _tampered(_signed(world), response_code=iso2.ResponseCode.FAILED)
    assert _refusal(world, failed) == "not_ok"


def test_swapped_sub_cas_are_refused() -> None:
    world = contracts.world(own_pki=True)
    signed = _signed(world)
    chain = _body(signed).contract_signature_cert_chain
    assert chain.sub_certificates is not None
    swapped = iso2.SubCertificates(certificate=chain.sub_certificates.certificate[::-1])
    changed = _signed_anew(
        world, signed, contract_signature_cert_chain=replace(chain, sub_certificates=swapped)
    )
    assert _refusal(world, changed) == "chain_out_of_order"


def test_an_emaid_element_that_is_not_the_cn_is_refused() -> None:
    world = contracts.world(own_pki=True)
    signed = _signed(world)
    element = replace(_body(signed).emaid, value=str(world.mo.emaid()))
    assert _refusal(world, _signed_anew(world, signed, emaid=element)) == "emaid_differs"


@pytest.mark.parametrize("point", [b"\x04" + bytes(64), bytes(65), b"\x04" + bytes(63)])
def test_a_dh_key_that_is_no_point_of_the_curve_is_refused(point: bytes) -> None:
    world = contracts.world(own_pki=True)
    signed = _signed(world)
    element = replace(_body(signed).dh_publickey, value=point)
    assert _refusal(world, _signed_anew(world, signed, dh_publickey=element)) == "envelope"


def test_an_encrypted_key_of_another_length_is_refused() -> None:
    world = contracts.world(own_pki=True)
    signed = _signed(world)
    element = replace(_body(signed).contract_signature_encrypted_private_key, value=bytes(47))
    changed = _signed_anew(world, signed, contract_signature_encrypted_private_key=element)
    assert _refusal(world, changed) == "envelope"


def test_a_vehicle_that_is_not_in_the_pool_is_refused_with_the_text_of_opcp() -> None:
    world = contracts.world(own_pki=True)
    unknown = replace(world.vehicle.pcid, text=trust.pcid())
    with pytest.raises(Invalid, match=re.escape("with the given PCID is not available.")):
        _store(world, _signed(world), pcid=unknown)


def test_an_emaid_that_runs_for_another_vehicle_is_refused_with_the_text_of_opcp() -> None:
    world = contracts.world(own_pki=True)
    signed = _signed(world)
    _store(world, signed)
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    with pytest.raises(Invalid, match="Invalid Tupple - EMAID is already used by other PCID"):
        _store(world, signed, pcid=other.pcid)
    assert Contract.objects.get().pcid == str(world.vehicle.pcid)


def test_a_cps_certificate_that_expired_does_not_count() -> None:
    world = contracts.world(own_pki=True)
    signed = _signed(world)
    with time_machine.travel(world.signer.not_after + timedelta(days=1), tick=False):
        assert _refusal(world, signed) == "expired"


def test_the_same_data_again_changes_nothing_but_the_row() -> None:
    world = contracts.world(own_pki=True)
    signed = _signed(world)
    first = _store(world, signed)
    second = _store(world, signed)
    assert first.pk == second.pk
    assert ContractData.objects.count() == 1
    assert OutboxEvent.objects.filter(kind="oem.contract.updated").count() == 1


def test_data_under_a_second_root_stands_beside_the_first() -> None:
    world = contracts.world(own_pki=True)
    data = contracts.contract_data(world.mo, world.vehicle, world.emaid)
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(second)
    for made in (world.v2g, second):
        root = made.root.certificate.fingerprint
        _store(world, _signed(world, contract_data=data, root=root), root=root)
    assert ContractData.objects.count() == 2


def test_data_of_another_root_than_the_named_one_is_refused() -> None:
    world = contracts.world(own_pki=True)
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    signed = _signed(world)
    assert _refusal(world, signed, root=second.root.certificate.fingerprint) == "other_root"


def test_a_provider_id_that_nobody_has_is_refused() -> None:
    world = contracts.world(own_pki=True)
    signed = _signed(world)
    world.mo.organization.providerids.all().delete()
    cps = parties.actor(organization=parties.organization(roles=[Role.CPS]))
    assert _refusal(world, signed, actor=cps) == "provider_unknown"


def test_a_wrong_check_digit_is_refused_where_the_setting_asks_for_it(settings: Any) -> None:
    world = contracts.world(own_pki=True)
    right = world.emaid.check_digit
    wrong = replace(world.emaid, given_check_digit="A" if right != "A" else "B")
    signed = _signed(world, contract_data=contracts.contract_data(world.mo, world.vehicle, wrong))
    settings.EMAID_CHECK_DIGIT_REQUIRED = True
    assert _refusal(world, signed, emaid=wrong) == "check_digit"
    settings.EMAID_CHECK_DIGIT_REQUIRED = False
    assert _store(world, signed, emaid=wrong).emaid == str(wrong)
