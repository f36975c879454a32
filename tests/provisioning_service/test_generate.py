"""generate: what a vehicle gets of the V2G MO CA, how long it is valid, and what is refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from apps.contract_pool import services as pool
from apps.contract_pool.models import Contract, ContractData
from apps.contract_pool.services import Conclusion
from apps.core.errors import Conflict, DomainError, Forbidden, Invalid, Unavailable
from apps.keys.models import StoredKey
from apps.pki import services as pki_services
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.provisioning_pool import services as pcp
from apps.provisioning_service import services
from apps.provisioning_service.services import Order, making
from tests.factories import contracts, pki, trust
from v2g.pki.certificate import Certificate
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)


def _certificate(world: contracts.World, **changes: Any) -> Certificate:
    """The contract certificate that came of it."""
    world.generate(**changes)
    row = IssuedCertificate.objects.filter(profile="contract").latest("pk")
    return row.certificate


def _revoked() -> list[str]:
    rows = IssuedCertificate.objects.filter(profile="contract").order_by("pk")
    return list(rows.values_list("state", flat=True))


def _order(world: contracts.World, **changes: Any) -> Order:
    now = trust.now()
    terms: dict[str, Any] = {
        "pcid": world.vehicle.pcid,
        "emaid": world.emaid,
        "begins": now,
        "ends": now + YEAR,
    }
    return Order(**(terms | changes))


def test_a_vehicle_opens_the_key_of_generated_contract_data() -> None:
    world = contracts.world()
    world.generate()
    served = world.car.install(contracts.cpo_actor())
    certificate, _ = world.car.accept(served.exi)
    assert certificate.common_name == str(world.emaid)


def test_the_contract_key_is_kept_nowhere() -> None:
    world = contracts.world()
    before = StoredKey.objects.count()
    world.generate()
    assert StoredKey.objects.count() == before


def test_each_generation_has_a_key_of_its_own() -> None:
    world = contracts.world()
    first = _certificate(world)
    assert first.public_key != _certificate(world).public_key


def test_the_certificate_begins_one_hour_ago_and_ends_with_the_contract() -> None:
    world = contracts.world()
    with time_machine.travel(trust.now() + timedelta(days=1), tick=False):
        now = trust.now()
        certificate = _certificate(world, begins=now - YEAR, ends=now + YEAR)
        assert certificate.not_before == now - HOUR
        assert certificate.not_after == now + YEAR


def test_a_later_contract_begins_one_hour_before_its_begin() -> None:
    world = contracts.world()
    begins = trust.now() + timedelta(days=10)
    assert _certificate(world, begins=begins).not_before == begins - HOUR


def test_the_certificate_is_valid_for_two_years_at_most() -> None:
    world = contracts.world()
    certificate = _certificate(world, ends=trust.now() + 9 * YEAR)
    assert certificate.not_after - certificate.not_before == timedelta(days=730, hours=12)


def test_a_contract_that_ended_is_refused_with_the_text_of_opcp() -> None:
    world = contracts.world()
    with pytest.raises(Invalid, match=r"The given contractEnds date is in the past\."):
        world.generate(ends=trust.now() - HOUR, begins=trust.now() - YEAR)


def test_a_contract_that_ends_before_it_begins_is_refused() -> None:
    world = contracts.world()
    with pytest.raises(Invalid, match="before contractBegins"):
        world.generate(begins=trust.now() + YEAR, ends=trust.now() + HOUR)


def test_a_contract_that_begins_after_the_end_of_the_ca_is_refused() -> None:
    world = contracts.world()
    begins = trust.now() + 20 * YEAR
    with pytest.raises(Invalid, match="after the MO CA has ended"):
        world.generate(begins=begins, ends=begins + YEAR)


def test_an_unknown_vehicle_is_refused_with_the_text_of_opcp() -> None:
    world = contracts.world()
    unknown = replace(world.vehicle.pcid, text=trust.pcid())
    with pytest.raises(Invalid, match="with the given PCID is not available"):
        world.generate(pcid=unknown)
    assert _revoked() == []


def test_a_revoked_vehicle_is_not_available() -> None:
    world = contracts.world()
    trust.keep_crl(world.oem.pki.sub2, revoked=[world.vehicle.chain[0]])
    with pytest.raises(Invalid, match="is not available") as refusal:
        world.generate()
    assert refusal.value.code == "vehicle_revoked"


def test_a_vehicle_of_the_next_generation_is_not_available_yet() -> None:
    world = contracts.world()
    oem = trust.oem_pki(version=IsoVersion.ISO_20)
    vehicle = trust.published_vehicle(oem=oem, owner=world.vehicle.owner)
    with pytest.raises(Invalid, match="is not available"):
        world.generate(pcid=vehicle.pcid)
    assert _revoked() == []


def test_an_emaid_of_another_vehicle_is_refused_before_anything_is_issued() -> None:
    world = contracts.world()
    world.generate()
    other = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner)
    with pytest.raises(Invalid, match="Invalid Tupple - EMAID is already used by other PCID"):
        world.generate(pcid=other.pcid)
    assert _revoked() == ["issued"]


def test_a_foreign_provider_id_is_refused() -> None:
    world = contracts.world()
    with pytest.raises(Forbidden) as refusal:
        world.generate(emaid=contracts.mo().emaid())
    assert refusal.value.code == "foreign_provider"


def test_another_role_may_not_generate() -> None:
    world = contracts.world()
    with pytest.raises(Forbidden):
        world.generate(actor=trust.oem_actor(world.vehicle.owner))


def test_the_data_is_signed_under_every_root_that_has_a_signer() -> None:
    world = contracts.world()
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(second)
    trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    world.generate()
    roots = set(ContractData.objects.values_list("root", flat=True))
    assert roots == {world.v2g.root_row.pk, second.root_row.pk}
    assert ContractData.objects.values("certificate_fingerprint").distinct().count() == 1


def test_the_data_is_signed_under_the_roots_that_the_vehicle_carries() -> None:
    world = contracts.world()
    contracts.signer(trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,)))
    key_id = world.v2g.root.certificate.extensions.subject_key_id
    assert key_id is not None
    vehicle = trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner, v2g_roots=[key_id])
    world.generate(pcid=vehicle.pcid)
    assert ContractData.objects.get().root == world.v2g.root_row


def test_a_vehicle_that_carries_none_of_our_roots_is_refused() -> None:
    world = contracts.world()
    vehicle = trust.published_vehicle(
        oem=world.oem, owner=world.vehicle.owner, v2g_roots=[b"12345678"]
    )
    with pytest.raises(Invalid, match="no CPS signing certificate"):
        world.generate(pcid=vehicle.pcid)
    assert _revoked() == []


def test_the_named_root_signs_alone() -> None:
    world = contracts.world()
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(second)
    world.generate(root=second.root.certificate.fingerprint)
    assert ContractData.objects.get().root == second.root_row


def test_without_any_signer_it_is_unavailable() -> None:
    world = contracts.world()
    world.signer.active = False
    world.signer.save()
    with pytest.raises(Unavailable):
        world.generate()
    assert _revoked() == []


def test_a_signer_that_expired_does_not_sign() -> None:
    world = contracts.world()
    with (
        time_machine.travel(world.signer.not_after + timedelta(days=1), tick=False),
        pytest.raises(DomainError),
    ):
        world.generate(begins=trust.now(), ends=trust.now() + YEAR)


def test_an_update_replaces_the_data() -> None:
    world = contracts.world()
    first = world.generate()
    old = bytes(ContractData.objects.get().certificate_fingerprint)
    second = world.generate(ends=trust.now() + YEAR)
    assert second.pk == first.pk
    assert bytes(ContractData.objects.get().certificate_fingerprint) != old
    certificate, _ = world.car.accept(world.car.install(contracts.cpo_actor()).exi)
    assert certificate.not_after == second.ends


def test_an_update_under_one_root_leaves_no_superseded_data_under_another() -> None:
    world = contracts.world()
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(second)
    world.generate()
    world.generate(root=second.root.certificate.fingerprint)
    assert ContractData.objects.get().root == second.root_row


def test_where_storing_breaks_nothing_is_stored_and_the_certificate_is_revoked() -> None:
    world = contracts.world()

    def break_off(_: object) -> None:
        raise Conflict("lease_lost", "Another worker took this row over.")

    with pytest.raises(Conflict):
        services.generate_many(actor=world.mo.actor, orders=[_order(world)], then=break_off)
    assert not Contract.objects.exists()
    assert not ContractData.objects.exists()
    assert _revoked() == ["revoked"]


def _made(world: contracts.World) -> Conclusion:
    """Contract data that is made and signed, but not stored yet."""
    work = making.Work(_order(world))
    making.make(world.mo.actor, [work], version=IsoVersion.ISO_2, now=trust.now())
    assert work.conclusion is not None
    return work.conclusion


def _refusal(world: contracts.World, conclusion: Conclusion) -> str:
    with pytest.raises(DomainError) as refusal:
        pool.conclude(actor=world.mo.actor, conclusion=conclusion)
    assert not Contract.objects.exists()
    return refusal.value.code


def test_a_vehicle_that_left_meanwhile_gets_nothing() -> None:
    world = contracts.world()
    conclusion = _made(world)
    pcp.withdraw(actor=trust.oem_actor(world.vehicle.owner), pcid=world.vehicle.pcid)
    assert _refusal(world, conclusion) == "pcid_not_available"


def test_a_vehicle_whose_certificate_changed_meanwhile_gets_nothing() -> None:
    world = contracts.world()
    conclusion = _made(world)
    leaf = pki.make_leaf(world.oem.pki, str(world.vehicle.pcid))
    pcp.publish(
        actor=trust.oem_actor(world.vehicle.owner), chain=trust.chain_of(leaf, world.oem.pki)
    )
    assert _refusal(world, conclusion) == "vehicle_changed"


def test_over_rest_the_caller_is_told_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = contracts.world()
    conclude = pool.conclude_many

    def late(**given: Any) -> Any:
        leaf = pki.make_leaf(world.oem.pki, str(world.vehicle.pcid))
        actor = trust.oem_actor(world.vehicle.owner)
        pcp.publish(actor=actor, chain=trust.chain_of(leaf, world.oem.pki))
        return conclude(**given)

    monkeypatch.setattr(pool, "conclude_many", late)
    with pytest.raises(Unavailable) as refusal:
        world.generate()
    assert (refusal.value.code, refusal.value.status) == ("vehicle_changed", 503)
    assert _revoked() == ["revoked"]


def test_a_certificate_that_was_revoked_meanwhile_is_not_stored() -> None:
    world = contracts.world()
    conclusion = _made(world)
    pki_services.revoke(
        actor=trust.operator_person(),
        certificates=IssuedCertificate.objects.filter(profile="contract"),
        reason=RevocationReason.KEY_COMPROMISE,
    )
    assert _refusal(world, conclusion) == "revoked"


def test_in_a_batch_each_order_has_its_own_outcome() -> None:
    world = contracts.world()
    good = [world.mo.emaid() for _ in range(3)]
    orders = [
        _order(world, emaid=good[0]),
        _order(world, ends=trust.now() - HOUR),
        _order(world, emaid=good[1]),
        _order(world, emaid=contracts.mo().emaid()),
        _order(world, emaid=good[2], pcid=replace(world.vehicle.pcid, text=trust.pcid())),
    ]
    outcomes = services.generate_many(actor=world.mo.actor, orders=orders)
    codes = [one.code if isinstance(one, DomainError) else one.emaid_key for one in outcomes]
    assert codes == [
        good[0].key,
        "ends_in_past",
        good[1].key,
        "foreign_provider",
        "vehicle_unknown",
    ]
    assert Contract.objects.filter(is_default=True).get().emaid_key == good[0].key
    assert _revoked() == ["issued", "issued"]


def test_the_same_emaid_twice_in_a_batch_is_a_defect() -> None:
    world = contracts.world()
    order = _order(world)
    with pytest.raises(ValueError, match="once in a batch"):
        services.generate_many(actor=world.mo.actor, orders=[order, order])
    assert _revoked() == ["revoked", "revoked"]
