"""Two at once, on real rows: a contract is renewed by one of them, and planned by one of them."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import system
from apps.events.models import OutboxEvent
from apps.jobs.models import JobRow
from apps.pki import services as pki
from apps.pki.models import Authority, IssuedCertificate
from apps.provisioning_service import services
from apps.provisioning_service.models import Signer
from tests.factories import contracts, races, trust
from v2g.pki.profiles import CONTRACT_LEAF

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

LONG = timedelta(days=1100)


def _states() -> Counter[str]:
    rows = IssuedCertificate.objects.filter(profile=CONTRACT_LEAF.name)
    return Counter(rows.values_list("state", flat=True))


def _world() -> contracts.World:
    world = contracts.world()
    world.generate(ends=trust.now() + LONG)
    return world


def test_two_presses_of_renew_now_renew_once() -> None:
    world, contract = _world(), Contract.objects.get()
    seen = bytes(ContractData.objects.get().certificate_fingerprint)

    def press() -> None:
        services.renew(actor=world.mo.actor, contract=contract, replaces=seen)

    assert races.outcomes([press, press]) == {"done": 1, "renewed_meanwhile": 1}
    assert _states() == {"issued": 2, "revoked": 1}
    assert ContractData.objects.count() == 1
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


def test_two_orders_for_an_emaid_that_runs_are_carried_out_by_one() -> None:
    world = _world()

    def order() -> None:
        world.generate(ends=trust.now() + LONG)

    told = races.outcomes([order, order, order])
    assert told["done"] >= 1
    assert set(told) <= {"done", "renewed_meanwhile"}
    assert _states() == {"issued": 1 + told["done"], "revoked": told["renewed_meanwhile"]}
    assert ContractData.objects.count() == 1


def test_two_clocks_at_once_order_a_renewal_once() -> None:
    _world()
    Contract.objects.update(successor_by=timezone.now() + timedelta(days=3))

    def plan() -> None:
        services.plan_renewals(now=timezone.now())

    assert races.outcomes([plan] * 4) == {"done": 4}
    assert JobRow.objects.count() == 1


def test_two_clocks_at_once_warn_once() -> None:
    _world()
    Contract.objects.update(
        successor_by=timezone.now() + timedelta(days=20), renewal_asked_at=timezone.now()
    )

    def warn() -> None:
        services.warn_of_ends(now=timezone.now())

    assert races.outcomes([warn] * 4) == {"done": 4}
    assert OutboxEvent.objects.filter(kind="certificate.expiring").count() == 1


def test_two_clocks_at_once_follow_a_signer_once() -> None:
    world = _world()
    Signer.objects.update(not_after=timezone.now() + timedelta(days=30))

    def roll() -> None:
        services.roll_signers(actor=system("tests"), now=timezone.now())

    assert races.outcomes([roll] * 3) == {"done": 3}
    assert Signer.objects.filter(root=world.v2g.root_row).count() == 2


def test_two_clocks_at_once_follow_a_ca_once() -> None:
    _world()
    contracts_ca = Authority.objects.filter(purpose="MO", level=Authority.Level.SUB2)
    contracts_ca.update(not_after=timezone.now() + timedelta(days=30))

    def roll() -> None:
        pki.roll_authorities(actor=system("tests"), now=timezone.now())

    assert races.outcomes([roll] * 3) == {"done": 3}
    assert contracts_ca.count() == 2
