"""Installation requests of a CPO in days and reasons, and the page of one."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.contract_pool import reasons
from apps.contract_pool import services as ccp
from apps.contract_pool.models import Delivery
from apps.core.actor import Right, Role
from apps.cpo import installations
from apps.participants.models import Organization
from tests.factories import contracts, parties
from tests.portal.world import delivery
from v2g.messages.iso2 import ResponseCode

pytestmark = pytest.mark.django_db
PAGE = "/installation-requests/"
LIST = "/deliveries/"
NO_CONTRACT = "FAILED_NoCertificateAvailable"


def _open(organization: Organization) -> Client:
    client = Client()
    client.force_login(
        parties.member(organization=organization, right=Right.VIEWER),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return " ".join(text.split())


def _refused(organization: Organization, code: str, **more: Any) -> Delivery:
    return delivery(
        organization, outcome=Delivery.Outcome.REFUSED, reason=code, emaid_key="", **more
    )


def test_of_more_requests_only_the_newest_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installations, "READ_AT_MOST", 2)
    cpo, now = parties.organization(operator_ids=["DEAAA"]), timezone.now()
    for days in range(2):
        _refused(cpo, NO_CONTRACT, at=now - timedelta(days=days))
    more = "There were more"
    assert more not in _text(_open(cpo), PAGE)
    _refused(cpo, "exi", at=now - timedelta(days=3))
    page = _text(_open(cpo), PAGE)
    assert more in page
    assert "2 requests in the last 7 days" in page


def test_days_and_reasons_are_counted_for_the_own_organisation_alone() -> None:
    cpo, other = (parties.organization(operator_ids=[one]) for one in ("DEAAA", "DEBBB"))
    now = timezone.now()
    delivery(cpo)
    _refused(cpo, NO_CONTRACT)
    _refused(cpo, NO_CONTRACT)
    _refused(cpo, "exi", at=now - timedelta(days=30))
    _refused(other, "signature")
    page = _text(_open(cpo), PAGE)
    assert "3 requests in the last 7 days, 2 of them refused" in page
    assert "No contract found" in page
    assert "2 requests" in page
    assert "Signature wrong" not in page
    assert '<td data-label="Delivered">1</td><td data-label="Refused">2</td>' in page


def test_a_cause_leads_to_the_requests_behind_it() -> None:
    cpo = parties.organization(operator_ids=["DEAAA"])
    _refused(cpo, NO_CONTRACT, pcid="WVW00000000000001")
    _refused(cpo, "exi", pcid="WVW00000000000002")
    client = _open(cpo)
    assert "&amp;reason=no-contract" in _text(client, PAGE)
    found = _text(client, f"{LIST}?outcome=refused&reason=no-contract")
    assert "WVW00000000000001" in found
    assert "WVW00000000000002" not in found


def test_the_page_of_one_says_why_and_what_to_do() -> None:
    cpo = parties.organization(operator_ids=["DEAAA"])
    found = _refused(cpo, "signature")
    page = _text(_open(cpo), f"{LIST}{found.pk}/")
    assert "not signed with the key" in page
    assert "What to do" in page


def test_a_code_that_is_new_speaks_for_itself() -> None:
    cpo = parties.organization(operator_ids=["DEAAA"])
    _refused(cpo, "brand_new")
    assert "brand_new" in _text(_open(cpo), PAGE)


@pytest.mark.parametrize(
    "code",
    [
        ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE.value,
        ResponseCode.FAILED_CERTIFICATE_EXPIRED.value,
        ResponseCode.FAILED_CERTIFICATE_REVOKED.value,
        ResponseCode.FAILED_CERT_CHAIN_ERROR.value,
        "exi",
        "certificate",
        "signature",
    ],
)
def test_every_refusal_of_a_vehicle_has_words(code: str) -> None:
    assert reasons.reason_of(code).key


def test_what_a_vehicle_was_really_told_is_counted_with_its_reason() -> None:
    world = contracts.world()
    actor = contracts.cpo_actor()
    with pytest.raises(ccp.NotServed):
        world.car.install(actor)
    found = Delivery.objects.get()
    assert reasons.reason_of(found.reason).key == "no-contract"
    assert "No contract found" in _text(_open(found.organization), PAGE)


def test_nothing_yet_says_so_and_another_role_stays_out() -> None:
    page = _text(_open(parties.organization(operator_ids=["DEAAA"])), PAGE)
    assert "No vehicle has asked for contract data in the last 7 days" in page
    mo = _open(parties.organization(roles=[Role.MO]))
    assert mo.get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_the_first_page_shows_the_days_with_their_table() -> None:
    cpo = parties.organization(operator_ids=["DEAAA"])
    _refused(cpo, "exi")
    page = _text(_open(cpo), "/")
    assert "1 request in the last 7 days, 1 of them refused" in page
    assert "Show the numbers" in page
