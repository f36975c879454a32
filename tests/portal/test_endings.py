"""What ends and needs a person stands on the first page, and on the page of what ends."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.contract_pool import services as ccp
from apps.contract_pool.models import Contract
from apps.core.actor import Right, system
from apps.keys.models import StoredKey
from apps.pki import services as pki
from apps.pki.models import RevocationReason
from apps.portal.endings import waiting
from tests.factories import contracts, trust
from tests.portal.actions import page_of, person_of
from tests.portal.conftest import Browser

pytestmark = pytest.mark.django_db


def test_an_mo_is_led_to_what_it_has_to_hand_in_and_to_what_failed(browser: Browser) -> None:
    world = contracts.world(own_pki=True)
    world.sign()
    assert list(waiting(world.mo.actor)) == []
    end = Contract.objects.get().successor_by
    assert end is not None
    ccp.ask_mos(actor=system("tests"), now=end - timedelta(days=1))
    ours = world.generate(emaid=world.mo.emaid())
    now = timezone.now()
    Contract.objects.filter(pk=ours.pk).update(
        successor_by=now, renewal_asked_at=now - timedelta(days=2)
    )
    assert list(waiting(world.mo.actor)) == [
        ("1 contract waits for new data of your own CA.", "/to-renew/"),
        ("1 contract could not be renewed.", "/to-renew/"),
    ]
    shown = browser(person_of(world.mo.organization)).get("/").content.decode()
    assert "1 contract waits for new data of your own CA." in shown
    assert list(waiting(contracts.mo().actor)) == []


def test_the_operator_is_told_of_authorities_that_are_not_followed_by_themselves(
    browser: Browser,
) -> None:
    made = trust.v2g_ecosystem(purposes=(contracts.Purpose.MO,))
    sub1, sub2 = made.sub1[contracts.Purpose.MO], made.sub2[contracts.Purpose.MO]
    operator = trust.operator_person(Right.VIEWER)
    assert list(waiting(operator)) == []
    StoredKey.objects.filter(pk=sub1.key_id).update(backend="elsewhere")
    party = person_of(trust.operator(), Right.VIEWER)
    with time_machine.travel(sub2.not_after - timedelta(days=500), tick=False):
        (found,) = waiting(operator)
        page = browser(party).get(page_of(sub2)).content.decode()
    assert found == (
        "1 authority needs a successor that is not made by itself.",
        "/authorities/",
    )
    assert "Have its successor signed where that key is." in page


def test_the_operator_is_told_of_a_root_without_a_signer(browser: Browser) -> None:
    world = contracts.world()
    operator = trust.operator_person(Right.VIEWER)
    assert list(waiting(operator)) == []
    pki.revoke(
        actor=trust.operator_person(),
        certificates=[world.signer.certificate],
        reason=RevocationReason.SUPERSEDED,
    )
    assert list(waiting(operator)) == [
        ("1 V2G root has nobody who signs contract data for long.", "/signers/")
    ]
    page = browser(person_of(trust.operator())).get(page_of(world.signer)).content.decode()
    assert "The last signer of this root was revoked." in page


def test_the_operator_is_told_of_roots_that_end() -> None:
    made = trust.v2g_ecosystem(purposes=())
    type(made.root_row).objects.update(not_after=timezone.now() + timedelta(days=89))
    assert ("1 root ends within 90 days.", "/roots/?state=trusted") in list(
        waiting(trust.operator_person(Right.VIEWER))
    )
