"""Periodic provisioning: what ends is renewed ahead of it, while the contract runs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.contract_pool import services as ccp
from apps.contract_pool.models import Contract, ContractData
from apps.core.errors import Conflict
from apps.jobs.models import Job, JobRow
from apps.participants.models import Organization
from apps.pki.models import Authority, IssuedCertificate
from apps.provisioning_service import services, tasks
from tests.factories import contracts, trust
from v2g.ids import Emaid
from v2g.pki.profiles import CONTRACT_LEAF

pytestmark = pytest.mark.django_db

YEARS = timedelta(days=1100)
"""Three years: more than one certificate lasts."""


def _world(**changes: Any) -> contracts.World:
    world = contracts.world()
    world.generate(**({"ends": trust.now() + YEARS} | changes))
    return world


def _end() -> datetime:
    return ContractData.objects.get().certificate_not_after


def _renew_what_is_due(at: datetime) -> int:
    """What beat and a worker do."""
    with time_machine.travel(at, tick=False):
        planned = services.plan_renewals(now=at)
        for job in Job.objects.filter(state=Job.State.WAITING):
            tasks.generate_rows(job.pk)
    return planned


def _in_window() -> datetime:
    return _end() - timedelta(days=59)


def _fresh(world: contracts.World, at: datetime) -> None:
    """The car maker goes on publishing CRLs."""
    with time_machine.travel(at, tick=False):
        for ca in (world.oem.pki.root, world.oem.pki.sub1, world.oem.pki.sub2):
            trust.keep_crl(ca)


def test_a_contract_is_renewed_in_the_window_of_its_mo() -> None:
    world = _world()
    first, end = bytes(ContractData.objects.get().certificate_fingerprint), _end()
    assert _renew_what_is_due(end - timedelta(days=61)) == 0
    at = _in_window()
    _fresh(world, at)
    assert _renew_what_is_due(at) == 1
    data, contract = ContractData.objects.get(), Contract.objects.get()
    assert bytes(data.certificate_fingerprint) != first
    assert data.certificate_not_before == at - timedelta(hours=1)
    assert data.certificate_not_after == contract.ends
    assert (contract.successor_by, contract.renewal_asked_at) == (None, None)
    job = Job.objects.get()
    assert (job.organization, job.done, job.failed) == (world.mo.organization, 1, 0)
    with time_machine.travel(at, tick=False):
        world.car.accept(world.car.install(contracts.cpo_actor()).exi)


def test_the_predecessor_stays_good_until_the_contract_ends() -> None:
    world = _world()
    at = _in_window()
    _fresh(world, at)
    _renew_what_is_due(at)
    issued = IssuedCertificate.objects.filter(profile=CONTRACT_LEAF.name).order_by("pk")
    assert [row.state for row in issued] == ["issued", "issued"]
    with time_machine.travel(at, tick=False):
        ccp.end(actor=world.mo.actor, emaid=world.emaid)
    assert [row.state for row in issued.all()] == ["revoked", "revoked"]


def test_a_certificate_lasts_two_years_at_most_and_never_beyond_its_contract() -> None:
    world = _world(ends=trust.now() + timedelta(days=5 * 365))
    contract = Contract.objects.get()
    for _ in range(2):
        assert _end() - ContractData.objects.get().certificate_not_before <= timedelta(days=731)
        at = _in_window()
        _fresh(world, at)
        assert _renew_what_is_due(at) == 1
    assert _end() == contract.ends
    assert Contract.objects.get().successor_by is None


def test_the_window_of_each_mo_counts_from_the_moment_that_it_is_changed() -> None:
    world = _world()
    at = _end() - timedelta(days=100)
    _fresh(world, at)
    assert _renew_what_is_due(at) == 0
    Organization.objects.filter(pk=world.mo.organization.pk).update(renewal_window_days=101)
    assert _renew_what_is_due(at) == 1


def test_only_what_is_due_is_planned() -> None:
    world = _world()
    due = Contract.objects.get()
    short = world.generate(emaid=world.mo.emaid())
    ended = world.generate(emaid=world.mo.emaid(), ends=trust.now() + YEARS)
    ccp.end(actor=world.mo.actor, emaid=Emaid.parse(ended.emaid))
    own = world.generate(emaid=world.mo.emaid(), ends=trust.now() + YEARS)
    Contract.objects.filter(pk=own.pk).update(made_by_us=False)
    assert short.successor_by is None
    services.plan_renewals(now=_in_window_of(due))
    assert [row.input["emaid"] for row in JobRow.objects.all()] == [due.emaid]


def _in_window_of(contract: Contract) -> datetime:
    assert contract.successor_by is not None
    return contract.successor_by - timedelta(days=59)


def test_planning_twice_orders_once() -> None:
    _world()
    at = _in_window()
    assert [services.plan_renewals(now=at), services.plan_renewals(now=at)] == [1, 0]
    assert JobRow.objects.count() == 1


def test_what_failed_is_tried_again_a_day_later() -> None:
    world = _world()
    at = _in_window()
    world.signer.active = False
    world.signer.save()
    _fresh(world, at)
    assert _renew_what_is_due(at) == 1
    assert JobRow.objects.get().code == "no_signer"
    assert _renew_what_is_due(at + timedelta(hours=23)) == 0
    world.signer.active = True
    world.signer.save()
    assert _renew_what_is_due(at + timedelta(hours=25)) == 1
    assert Contract.objects.get().renewal_asked_at is None


def test_a_job_of_yesterday_does_not_renew_what_was_renewed_meanwhile() -> None:
    world = _world()
    at = _in_window()
    _fresh(world, at)
    with time_machine.travel(at, tick=False):
        services.plan_renewals(now=at)
        services.renew(actor=world.mo.actor, contract=Contract.objects.get())
        renewed = bytes(ContractData.objects.get().certificate_fingerprint)
        tasks.generate_rows(Job.objects.get().pk)
    assert JobRow.objects.get().code == "renewed_meanwhile"
    assert bytes(ContractData.objects.get().certificate_fingerprint) == renewed
    states = IssuedCertificate.objects.filter(profile=CONTRACT_LEAF.name).values_list("state")
    assert sorted(states) == [("issued",), ("issued",), ("revoked",)]


def test_a_contract_that_ended_meanwhile_gets_no_data() -> None:
    world = _world()
    at = _in_window()
    _fresh(world, at)
    with time_machine.travel(at, tick=False):
        services.plan_renewals(now=at)
        ccp.end(actor=world.mo.actor, emaid=world.emaid)
        tasks.generate_rows(Job.objects.get().pk)
    assert JobRow.objects.get().code == "contract_ended"
    assert not Contract.objects.running().exists()
    assert not ContractData.objects.exists()


def test_a_certificate_that_lasts_as_long_as_its_ca_is_not_made_anew() -> None:
    world = contracts.world()
    sub2 = world.v2g.sub2[contracts.Purpose.MO]
    ends = trust.now() + timedelta(days=30)
    Authority.objects.filter(pk=sub2.pk).update(not_after=ends)
    world.generate(ends=trust.now() + YEARS)
    assert Contract.objects.get().successor_by == ends
    assert services.plan_renewals(now=trust.now()) == 0


def test_renewing_from_a_state_that_was_seen_is_done_once() -> None:
    world = _world()
    contract = Contract.objects.get()
    seen = bytes(ContractData.objects.get().certificate_fingerprint)
    services.renew(actor=world.mo.actor, contract=contract, replaces=seen)
    renewed = bytes(ContractData.objects.get().certificate_fingerprint)
    with pytest.raises(Conflict) as refused:
        services.renew(actor=world.mo.actor, contract=contract, replaces=seen)
    assert refused.value.code == "renewed_meanwhile"
    assert bytes(ContractData.objects.get().certificate_fingerprint) == renewed


def test_data_of_a_contract_that_begins_later_is_valid_from_its_beginning() -> None:
    begins = trust.now() + timedelta(days=30)
    _world(begins=begins)
    data = ContractData.objects.get()
    assert data.valid_from == begins
    assert data.certificate_not_before == begins - timedelta(hours=1)
