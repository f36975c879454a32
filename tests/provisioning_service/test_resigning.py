"""Contract data outlives its signer: another one signs it, the key inside stays the same."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.audit.models import AuditEvent
from apps.contract_pool import services as ccp
from apps.contract_pool.models import Contract, ContractData
from apps.events.models import OutboxEvent
from apps.jobs.models import Job, JobRow
from apps.pki import services as pki
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.provisioning_service import services, signing, tasks
from apps.provisioning_service.models import Signer
from apps.provisioning_service.services import resigning
from tests.factories import contracts, trust
from v2g.pki.profiles import CONTRACT_LEAF

pytestmark = pytest.mark.django_db


def _resign_what_is_due(at: datetime) -> int:
    """What beat and a worker do."""
    with time_machine.travel(at, tick=False):
        planned = services.plan_resigning(now=at)
        for job in Job.objects.filter(kind=resigning.KIND, state=Job.State.WAITING):
            tasks.resign_rows(job.pk)
    return planned


def _ending(world: contracts.World, days: int) -> Signer:
    """A signer that ends soon is the newest one while the contract is concluded."""
    world.signer.delete()
    return contracts.signer(world.v2g, not_after=trust.now() + timedelta(days=days))


def _revoke(signer: Signer) -> None:
    pki.revoke(
        actor=trust.operator_person(),
        certificates=[signer.certificate],
        reason=RevocationReason.KEY_COMPROMISE,
    )


def test_data_is_signed_again_before_its_signer_ends() -> None:
    world = contracts.world()
    old = _ending(world, 100)
    world.generate()
    before = ContractData.objects.get()
    _, key = world.car.accept(world.car.install(contracts.cpo_actor()).exi)
    new = contracts.signer(world.v2g)
    at = trust.now() + timedelta(days=39)
    assert _resign_what_is_due(at) == 0
    assert _resign_what_is_due(at + timedelta(days=2)) == 1
    data = ContractData.objects.get()
    assert (data.pk, bytes(data.signer_fingerprint)) == (before.pk, bytes(new.fingerprint))
    assert data.certificate_fingerprint == before.certificate_fingerprint
    assert before.valid_until == old.not_after
    assert data.valid_until == data.certificate_not_after
    _, again = world.car.accept(world.car.install(contracts.cpo_actor()).exi)
    assert again.private_numbers() == key.private_numbers()


def test_no_certificate_is_issued_and_nobody_is_told_but_the_audit() -> None:
    world = contracts.world()
    _ending(world, 50)
    world.generate()
    contracts.signer(world.v2g)
    told = OutboxEvent.objects.count()
    assert _resign_what_is_due(trust.now()) == 1
    assert IssuedCertificate.objects.filter(profile=CONTRACT_LEAF.name).count() == 1
    assert OutboxEvent.objects.count() == told
    assert AuditEvent.objects.get(action="contract_pool.resign").target_id == world.emaid.key


def test_data_of_a_revoked_signer_is_served_again_once_another_signed_it() -> None:
    world = contracts.world()
    world.generate()
    _revoke(world.signer)
    with pytest.raises(ccp.NotServed):
        world.car.install(contracts.cpo_actor())
    assert _resign_what_is_due(trust.now()) == 0
    contracts.signer(world.v2g)
    assert _resign_what_is_due(trust.now()) == 1
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


def test_only_what_hangs_on_an_outgoing_signer_is_signed_again() -> None:
    world = contracts.world()
    world.generate()
    ended = world.mo.emaid()
    world.generate(emaid=ended)
    expired = world.generate(emaid=world.mo.emaid())
    ccp.end(actor=world.mo.actor, emaid=ended)
    ContractData.objects.filter(contract=expired).update(certificate_not_after=trust.now())
    Signer.objects.update(active=False)
    new = contracts.signer(world.v2g)
    world.generate(emaid=world.mo.emaid())
    assert _resign_what_is_due(trust.now() + timedelta(seconds=1)) == 1
    alive = ContractData.objects.exclude(contract=expired)
    assert {bytes(one.signer_fingerprint) for one in alive} == {bytes(new.fingerprint)}
    assert _resign_what_is_due(trust.now() + timedelta(seconds=2)) == 0


def test_data_of_an_own_ca_is_signed_again_too() -> None:
    world = contracts.world(own_pki=True)
    world.sign()
    before = ContractData.objects.get()
    _revoke(world.signer)
    contracts.signer(world.v2g)
    assert _resign_what_is_due(trust.now()) == 1
    assert ContractData.objects.get().checks["contract"] == before.checks["contract"]
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


def test_what_was_replaced_or_ended_meanwhile_is_left_alone() -> None:
    world = contracts.world()
    world.generate()
    other = world.mo.emaid()
    world.generate(emaid=other)
    Signer.objects.update(active=False)
    contracts.signer(world.v2g)
    services.plan_resigning(now=trust.now())
    world.generate()
    ccp.end(actor=world.mo.actor, emaid=other)
    renewed = ContractData.objects.get()
    tasks.resign_rows(Job.objects.get().pk)
    assert list(JobRow.objects.values_list("code", flat=True)) == ["gone", "gone"]
    assert bytes(ContractData.objects.get().exi) == bytes(renewed.exi)


def test_a_signer_that_was_revoked_while_it_signed_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = contracts.world()
    world.generate()
    Signer.objects.update(active=False)
    new = contracts.signer(world.v2g)
    before = bytes(ContractData.objects.get().exi)
    sign = signing.sign

    def slow(**named: Any) -> signing.SignedData:
        made = sign(**named)
        _revoke(new)
        return made

    monkeypatch.setattr(signing, "sign", slow)
    _resign_what_is_due(trust.now())
    assert JobRow.objects.get().code == "signer_revoked"
    assert bytes(ContractData.objects.get().exi) == before


def test_planning_twice_orders_once() -> None:
    world = contracts.world()
    world.generate()
    Signer.objects.update(active=False)
    contracts.signer(world.v2g)
    now = trust.now()
    assert [services.plan_resigning(now=now), services.plan_resigning(now=now)] == [1, 0]


def test_after_a_job_of_failures_the_next_one_waits_a_day() -> None:
    world = contracts.world()
    world.generate()
    Signer.objects.update(active=False)
    new = contracts.signer(world.v2g)
    now = trust.now()
    services.plan_resigning(now=now)
    new.active = False
    new.save()
    tasks.resign_rows(Job.objects.get().pk)
    assert JobRow.objects.get().code == "no_signer"
    new.active = True
    new.save()
    assert _resign_what_is_due(now + timedelta(hours=23)) == 0
    assert _resign_what_is_due(now + timedelta(hours=25)) == 1
    assert Contract.objects.running().count() == 1
