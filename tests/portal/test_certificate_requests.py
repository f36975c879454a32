"""Certificate requests in the portal: the operator approves or refuses, a CPS sees its own."""

import pytest
from django.test import Client

from apps.audit.models import AuditEvent
from apps.core.actor import Right, Role
from apps.core.web import freshness
from apps.pki.models import EnrolmentRequest
from tests.factories import parties, trust
from tests.portal.conftest import Browser
from tests.portal.world import Party, enrolment_request

State = EnrolmentRequest.State
QUESTION = "Approve this certificate?"


@pytest.fixture
def applicant(db: None) -> Party:
    organization = parties.organization(roles=[Role.CPS], name="Signing House")
    return Party(organization, parties.member(organization=organization))


@pytest.fixture
def request_row(applicant: Party) -> EnrolmentRequest:
    return enrolment_request(applicant.organization)


@pytest.fixture
def editor(db: None) -> Party:
    return operator(Right.EDITOR)


def operator(right: Right) -> Party:
    organization = trust.operator()
    return Party(organization, parties.member(organization=organization, right=right))


def address(row: EnrolmentRequest, key: str = "") -> str:
    return f"/certificate-requests/{row.uuid}/{key}{'/' if key else ''}"


def state_of(row: EnrolmentRequest) -> str:
    return EnrolmentRequest.objects.get(pk=row.pk).state


def test_a_person_of_the_operator_approves(
    request_row: EnrolmentRequest, editor: Party, browser: Browser
) -> None:
    client = browser(editor)
    page = client.get(address(request_row)).content.decode()
    assert QUESTION in page
    assert "Signing House" in page
    assert bytes(request_row.public_key_hash).hex(":")[:20].upper() in page.upper().replace(
        ":<WBR>", ":"
    )
    answer = client.post(address(request_row, "approve"), follow=True)
    assert "Signing House CPS was approved." in answer.content.decode()
    assert QUESTION not in answer.content.decode()
    assert "Request for a certificate approved" in answer.content.decode()
    assert state_of(request_row) == State.APPROVED


def test_the_operator_is_told_on_the_first_page(
    request_row: EnrolmentRequest, editor: Party, applicant: Party, browser: Browser
) -> None:
    sentence = "1 certificate request waits for a decision."
    page = browser(editor).get("/").content.decode()
    assert sentence in page
    assert "/certificate-requests/?state=pending" in page
    assert sentence not in browser(applicant).get("/").content.decode()
    browser(editor).post(address(request_row, "approve"))
    assert sentence not in browser(editor).get("/").content.decode()


def test_a_refusal_needs_a_reason_which_the_page_then_shows(
    request_row: EnrolmentRequest, editor: Party, browser: Browser
) -> None:
    client = browser(editor)
    assert address(request_row, "refuse") in client.get(address(request_row)).content.decode()
    asked = client.get(address(request_row, "refuse")).content.decode()
    assert "The applicant reads it" in asked
    missing = client.post(address(request_row, "refuse"), {"reason": " "})
    assert missing.status_code == 422
    assert state_of(request_row) == State.PENDING
    answer = client.post(address(request_row, "refuse"), {"reason": "Unknown key"}, follow=True)
    assert "Unknown key" in answer.content.decode()
    assert state_of(request_row) == State.REFUSED


def test_the_applicant_sees_its_request_and_decides_nothing(
    request_row: EnrolmentRequest, applicant: Party, browser: Browser
) -> None:
    client = browser(applicant)
    page = client.get(address(request_row)).content.decode()
    assert "Signing House CPS" in page
    assert QUESTION not in page
    assert client.post(address(request_row, "approve")).status_code == 403
    assert client.post(address(request_row, "refuse"), {"reason": "x"}).status_code == 403
    assert state_of(request_row) == State.PENDING
    assert AuditEvent.objects.filter(action__endswith="_request").count() == 0


def test_who_may_only_look_decides_nothing(
    request_row: EnrolmentRequest, db: None, browser: Browser
) -> None:
    client = browser(operator(Right.VIEWER))
    assert QUESTION not in client.get(address(request_row)).content.decode()
    assert client.post(address(request_row, "approve")).status_code == 403
    assert state_of(request_row) == State.PENDING


def test_the_later_of_two_persons_is_told_that_it_does_not_wait(
    request_row: EnrolmentRequest, editor: Party, browser: Browser
) -> None:
    browser(editor).post(address(request_row, "approve"))
    later = browser(operator(Right.EDITOR))
    for key in ("approve", "refuse"):
        answer = later.post(address(request_row, key), {"reason": "late"})
        assert answer.status_code == 409
        assert "does not wait any more" in answer.content.decode()
    assert state_of(request_row) == State.APPROVED


def test_a_decision_without_its_token_is_refused(
    request_row: EnrolmentRequest, editor: Party
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor.user, backend="django.contrib.auth.backends.ModelBackend")
    for key in ("approve", "refuse"):
        assert client.post(address(request_row, key), {"reason": "x"}).status_code == 403
    assert state_of(request_row) == State.PENDING


def test_an_approval_asks_for_the_second_factor_again(
    request_row: EnrolmentRequest, editor: Party, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(editor)
    monkeypatch.setattr(freshness, "_keepers", [])  # without a keeper nobody is fresh
    assert client.post(address(request_row, "approve")).status_code == 403
    assert state_of(request_row) == State.PENDING
