"""People, API clients and organisations in the portal, as their administrators work with them."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from apps.audit.models import AuditEvent
from apps.core.actor import Right, Role
from apps.participants import membership, services
from apps.participants.models import ApiClient, Member, Organization, User, Wmi
from tests.factories import parties, trust
from tests.portal.conftest import Browser, browser
from tests.portal.world import Party

__all__ = ["browser"]

CREATE, INVITE, ADMIT = "/api-clients/create/", "/members/invite/", "/organizations/admit/"
SECRET = re.compile(r'data-copy="([A-Za-z0-9_-]{43})"')
LINK = re.compile(r'data-copy="http://testserver(/[^"]+)"')


@pytest.fixture
def admin(db: None) -> Party:
    return admin_of(parties.organization(wmis=["WVW"], name="Rollwerk AG"))


def admin_of(organization: Organization, right: Right = Right.ADMIN) -> Party:
    return Party(organization, parties.member(organization=organization, right=right))


@pytest.fixture
def operator(db: None) -> Party:
    return admin_of(trust.operator())


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def backend(**changes: Any) -> dict[str, Any]:
    return {"once": str(uuid4()), "name": "Pool importer", "roles": ["OEM"], **changes}


def guest(**changes: Any) -> dict[str, Any]:
    return {"once": str(uuid4()), "email": "new@oem.example", "right": "editor", **changes}


def token(client_id: str, secret: str) -> int:
    """Ask for an access token; return the status."""
    asked = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
    }
    answer = Client().post("/oauth/token", asked, content_type="application/json")
    return answer.status_code


def secret_in(page: str) -> str:
    found = SECRET.findall(page)
    assert len(found) == 1
    return str(found[0])


# --- API clients ----------------------------------------------------------------------------------
def test_the_secret_of_a_new_client_is_shown_once_and_nowhere_else(
    admin: Party, browser: Browser
) -> None:
    client = browser(admin)
    answer = client.post(CREATE, backend())
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    secret = secret_in(answer.content.decode())
    made = ApiClient.objects.get()
    assert token(made.client_id, secret) == 200
    for path in ("/", "/api-clients/", f"/api-clients/{made.client_id}/", "/audit/"):
        assert secret not in text(client, path)
    assert secret not in str([one.get_decoded() for one in Session.objects.all()])
    assert secret not in str(list(AuditEvent.objects.values_list("detail", "reason")))
    assert secret not in str(ApiClient.objects.values_list())


def test_a_second_press_makes_no_second_client(admin: Party, browser: Browser) -> None:
    client, form = browser(admin), backend()
    assert client.post(CREATE, form).status_code == 200
    again = client.post(CREATE, form)
    assert again.status_code == 409
    assert "made already" in again.content.decode()
    assert ApiClient.objects.count() == 1


def test_two_secrets_are_valid_until_the_older_one_is_retired(
    admin: Party, browser: Browser
) -> None:
    client = browser(admin)
    old = secret_in(client.post(CREATE, backend()).content.decode())
    found = ApiClient.objects.get()
    page = f"/api-clients/{found.client_id}/"
    new = secret_in(client.post(f"{page}add-secret/").content.decode())
    assert (token(found.client_id, old), token(found.client_id, new)) == (200, 200)
    assert client.post(f"{page}add-secret/").status_code == 409
    assert client.post(f"{page}retire-secret/").status_code == 302
    assert (token(found.client_id, old), token(found.client_id, new)) == (401, 200)
    assert client.post(f"{page}retire-secret/").status_code == 409


def test_replacing_ends_both_secrets(admin: Party, browser: Browser) -> None:
    found, first = parties.client(organization=admin.organization)
    second = services.add_secret(actor=parties.SYSTEM, client=found)
    address = f"/api-clients/{found.client_id}/replace-secret/"
    answer = browser(admin).post(address, {"typed": found.client_id})
    third = secret_in(answer.content.decode())
    assert [token(found.client_id, one) for one in (first, second, third)] == [401, 401, 200]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Type a name."),
        ({"roles": []}, "Choose one role at least."),
        ({"roles": ["OPERATOR"]}, "OPERATOR"),
        ({"once": "x"}, "Open it again."),
    ],
)
def test_a_client_that_does_not_fit_stays_in_the_form(
    admin: Party, browser: Browser, changes: dict[str, Any], sentence: str
) -> None:
    answer = browser(admin).post(CREATE, backend(**changes))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ApiClient.objects.exists()


@pytest.mark.parametrize("right", [Right.VIEWER, Right.EDITOR])
@pytest.mark.parametrize("address", [CREATE, INVITE, ADMIT])
def test_only_administrators_make_clients_and_invite(
    admin: Party, browser: Browser, right: Right, address: str
) -> None:
    client = browser(admin_of(admin.organization, right))
    assert client.get(address).status_code == client.post(address).status_code == 403
    assert address not in text(client, f"/{address.split('/')[1]}/")


def test_making_needs_its_token(admin: Party) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(CREATE, backend()).status_code == 403
    assert not ApiClient.objects.exists()


def test_who_is_not_the_operator_makes_nothing_for_others(admin: Party, browser: Browser) -> None:
    other = parties.organization(wmis=["WBA"])
    browser(admin).post(CREATE, backend(organization=str(other.uuid)))
    browser(admin).post(INVITE, guest(organization=str(other.uuid)))
    assert ApiClient.objects.get().organization == admin.organization
    assert membership.members_of(other) == []


def test_the_operator_makes_a_client_for_any_organisation(
    operator: Party, admin: Party, browser: Browser
) -> None:
    form = backend(organization=str(admin.organization.uuid))
    assert browser(operator).post(CREATE, form).status_code == 200
    assert ApiClient.objects.get().organization == admin.organization
    wrong = backend(organization=str(admin.organization.uuid), roles=["MO"])
    assert browser(operator).post(CREATE, wrong).status_code == 422


# --- people ---------------------------------------------------------------------------------------
def test_who_is_new_gets_a_link_that_sets_a_password(admin: Party, browser: Browser) -> None:
    answer = browser(admin).post(INVITE, guest(name="Nora"))
    link = LINK.search(answer.content.decode())
    assert link
    assert Client().get(link[1], follow=True).status_code == 200
    user = User.objects.get(email="new@oem.example")
    assert membership.right_of(user, admin.organization) is Right.EDITOR
    assert link[1] not in text(browser(admin), "/members/")
    page = f"/members/{Member.objects.get(user=user).pk}/"
    assert "Invited" in text(browser(admin), page)
    assert LINK.search(browser(admin).post(f"{page}new-link/").content.decode())


def test_nobody_gets_a_link_to_an_account_that_others_know(admin: Party, browser: Browser) -> None:
    other = parties.organization(wmis=["WBA"])
    parties.member(organization=other, email="known@oem.example")
    answer = browser(admin).post(INVITE, guest(email="known@oem.example"), follow=True)
    page = answer.content.decode()
    assert "They log in with the account they have." in page
    assert not LINK.search(page)
    member = Member.objects.get(user__email="known@oem.example", object_pk=admin.organization.pk)
    assert browser(admin).post(f"/members/{member.pk}/new-link/").status_code == 409


def test_who_logs_in_already_gets_no_link(admin: Party, browser: Browser) -> None:
    user = parties.member(organization=admin.organization, password="correct horse battery")
    page = f"/members/{Member.objects.get(user=user).pk}/"
    assert "new-link" not in text(browser(admin), page)
    assert browser(admin).post(f"{page}new-link/").status_code == 409


def test_somebody_is_invited_once(admin: Party, browser: Browser) -> None:
    client = browser(admin)
    assert client.post(INVITE, guest()).status_code == 200
    again = client.post(INVITE, guest(name="Kept"))
    assert again.status_code == 409
    assert "This person is a member already." in again.content.decode()
    assert 'value="Kept"' in again.content.decode()


def test_the_last_administrator_stays(admin: Party, browser: Browser) -> None:
    page = f"/members/{Member.objects.get(user=admin.user).pk}/"
    client = browser(admin)
    changed = client.post(f"{page}change-right/", {"right": "viewer"})
    removed = client.post(f"{page}remove/", {"typed": admin.user.email})
    assert changed.status_code == removed.status_code == 409
    assert "needs one administrator" in removed.content.decode()
    assert membership.right_of(admin.user, admin.organization) is Right.ADMIN


def test_a_right_and_a_membership_end_when_an_administrator_says_so(
    admin: Party, browser: Browser
) -> None:
    user = parties.member(organization=admin.organization)
    client = browser(admin)
    page = f"/members/{Member.objects.get(user=user).pk}/"
    assert client.post(f"{page}change-right/", {"right": "viewer"}).status_code == 302
    assert membership.right_of(user, admin.organization) is Right.VIEWER
    page = f"/members/{Member.objects.get(user=user).pk}/"
    assert client.post(f"{page}remove/", {"typed": user.email}).status_code == 302
    assert membership.right_of(user, admin.organization) is None


# --- organisations --------------------------------------------------------------------------------
def test_the_operator_admits_an_organisation_with_identifiers_and_an_administrator(
    operator: Party, browser: Browser
) -> None:
    client = browser(operator)
    form = {"once": str(uuid4()), "name": "Neu AG", "roles": ["OEM"]}
    assert client.post(ADMIT, form).status_code == 302
    made = Organization.objects.get(name="Neu AG")
    assign = f"/organizations/{made.uuid}/assign/"
    assert client.post(assign, {"kind": "wmi", "value": "w0l"}).status_code == 302
    assert Wmi.objects.get(value="W0L").organization == made
    invited = client.post(INVITE, guest(organization=str(made.uuid), right="admin"))
    assert LINK.search(invited.content.decode())
    again = client.post(ADMIT, form)
    assert again.status_code == 409
    assert 'value="Neu AG"' in again.content.decode()


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"kind": "wmi", "value": "WVW"}, 409, "WVW belongs to another organisation."),
        ({"kind": "wmi", "value": "TOOLONG"}, 422, "TOOLONG"),
        ({"kind": "provider_id", "value": "DEABC"}, 422, "does not have the role"),
        ({"kind": "other", "value": "DEABC"}, 422, "DEABC"),
    ],
)
def test_an_identifier_that_cannot_be_assigned_says_so_at_its_field(
    operator: Party,
    admin: Party,
    browser: Browser,
    typed: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    other = parties.organization(roles=[Role.OEM])
    answer = browser(operator).post(f"/organizations/{other.uuid}/assign/", typed)
    assert answer.status_code == status
    page = answer.content.decode()
    assert sentence in page
    assert f'value="{typed["value"]}"' in page
    assert admin.organization.name not in page
    assert [one.organization for one in Wmi.objects.all()] == [admin.organization]


def test_a_released_identifier_may_be_assigned_anew(
    operator: Party, admin: Party, browser: Browser
) -> None:
    address = f"/organizations/{admin.organization.uuid}/release/"
    assert browser(operator).post(address, {"identifier": "wmi:WVW"}).status_code == 302
    assert not Wmi.objects.exists()
    assert browser(operator).post(address, {"identifier": "wmi:WVW"}).status_code == 409


def test_an_administrator_sets_the_renewal_window_and_not_the_pki(
    admin: Party, browser: Browser
) -> None:
    address = f"/organizations/{admin.organization.uuid}/settings/"
    assert "own_pki" not in text(browser(admin), address)
    typed = {"renewal_window_days": "21", "own_pki": "on"}
    assert browser(admin).post(address, typed).status_code == 302
    admin.organization.refresh_from_db()
    assert (admin.organization.renewal_window_days, admin.organization.own_pki) == (21, False)
    assert browser(admin).post(address, {"renewal_window_days": "366"}).status_code == 422


def test_people_of_a_deactivated_organisation_are_out_at_once(
    operator: Party, admin: Party, browser: Browser
) -> None:
    inside = browser(admin)
    address = f"/organizations/{admin.organization.uuid}/deactivate/"
    assert browser(operator).post(address, {"typed": "rollwerk ag"}).status_code == 302
    assert inside.get("/api-clients/").status_code == 302
    own = f"/organizations/{operator.organization.uuid}/deactivate/"
    refused = browser(operator).post(own, {"typed": operator.organization.name})
    assert refused.status_code == 409
    assert "your own organisation" in refused.content.decode()
