"""What the portal refuses a person stands in the audit trail, once for each request."""

import time

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apps.audit import services as audit
from apps.audit.models import AuditEvent
from apps.core.actor import Right, Role
from apps.events.models import WebhookEndpoint
from apps.participants import selectors
from apps.participants.models import Organization, User
from apps.root_pool import services as root_pool
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from tests.portal.actions import address, person_of
from tests.portal.conftest import Browser
from tests.portal.world import webhook
from v2g.pki.profiles import Branch

pytestmark = pytest.mark.django_db


def refused() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(result="refused"))


def test_a_page_of_another_role_is_refused_and_recorded(browser: Browser) -> None:
    oem = parties.organization(roles=[Role.OEM])
    person = person_of(oem)
    page = reverse("admin:mo_conclude")
    assert browser(person).get(f"{page}?note=private").status_code == 403
    (event,) = refused()
    assert (event.action, event.target_type, event.target_id) == ("portal.read", "page", page)
    assert (event.actor_id, event.organization_id) == (str(person.user.pk), oem.pk)
    assert event.detail == {"code": "page", "status": 403}


def test_an_action_without_the_right_is_recorded(browser: Browser) -> None:
    row = webhook(parties.organization())
    viewer = person_of(row.organization, Right.VIEWER)
    assert browser(viewer).post(address(row, "roll-secret")).status_code == 403
    (event,) = refused()
    assert event.action == "portal.write"
    assert event.target_id == address(row, "roll-secret")


def test_what_a_service_refuses_on_a_form_is_recorded_with_its_code(browser: Browser) -> None:
    """Who submitted the root is not offered the card; the service judges a press all the same."""
    person = person_of(trust.operator(), Right.ADMIN)
    actor = selectors.actor_of_member(user=person.user, organization=person.organization)
    holder = pki.make_root(Branch.OEM, at=trust.now())
    root = root_pool.submit(actor=actor, der=holder.der, root_type=RootCertificate.Type.OEM)
    at = f"/roots/{root.uuid}/trust/"
    typed = {"fingerprint": bytes(root.fingerprint).hex()}
    assert browser(person).post(at, typed).status_code == 403
    (event,) = refused()
    assert event.detail == {"code": "same_person", "status": 403}
    assert event.target_id == at


@pytest.mark.urls("tests.portal.probe")
def test_a_refusal_that_no_frame_catches_is_the_forbidden_page(browser: Browser) -> None:
    person = person_of(parties.organization())
    answer = browser(person).get("/probe/")
    assert answer.status_code == 403
    assert b"This is not open to you" in answer.content
    (event,) = refused()
    assert event.reason == "This was begun by somebody else."
    assert not Organization.objects.filter(name="Half changed").exists()


@pytest.mark.urls("tests.portal.probe")
def test_a_person_without_an_organisation_is_recorded_and_a_stranger_is_not() -> None:
    user = User.objects.create_user("nobody@example.org")
    client = Client()
    assert client.get("/probe/").status_code == 403
    assert refused() == []
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/probe/").status_code == 403
    (event,) = refused()
    assert (event.actor_id, event.organization_id) == (str(user.pk), None)


@pytest.mark.urls("tests.portal.probe")
def test_sixty_a_minute_are_recorded_and_the_rest_counted(browser: Browser) -> None:
    client = browser(person_of(parties.organization()))
    with time_machine.travel(time.time() // 60 * 60 + 5, tick=False) as clock:
        for _again in range(63):
            client.get("/probe/")
        assert len(refused()) == 60
        clock.shift(60)
        assert audit.count_suppressed() == 1
    assert AuditEvent.objects.get(action="audit.count_refusals").detail["further"] == 3


@pytest.mark.urls("tests.portal.probe")
def test_the_routes_of_machines_keep_their_own_answers(browser: Browser) -> None:
    client = browser(person_of(parties.organization()))
    client.raise_request_exception = False
    assert client.get("/v1/probe/").status_code == 500
    assert refused() == []


def test_a_form_without_its_token_is_no_refusal() -> None:
    row = webhook(parties.organization())
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        person_of(row.organization).user, backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.post(address(row, "roll-secret")).status_code == 403
    assert refused() == []


def test_foreign_rows_and_strangers_fill_no_trail(browser: Browser) -> None:
    row, other = webhook(parties.organization()), person_of(parties.organization())
    assert browser(other).post(address(row, "roll-secret")).status_code == 404
    assert Client().get(address(row, "roll-secret")).status_code == 302
    assert WebhookEndpoint.objects.count() == 1
    assert refused() == []
