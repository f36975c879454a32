"""The own account: how pages look, the password, links to a new one, and which addresses exist."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.core.actor import Right, Role
from apps.core.web import display
from apps.participants import links, membership, services
from apps.participants.models import LinkMail, User
from tests.factories import parties
from tests.portal.world import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "wind over seven hills"
NOON = datetime(2026, 7, 4, 12, 0, 1, tzinfo=UTC)


@pytest.fixture
def person() -> User:
    maker = parties.organization(name="Alpha Motors", roles=[Role.OEM])
    return parties.member(organization=maker, email="a@alpha.example", password=PASSWORD)


@pytest.fixture
def inside(client: Client, person: User) -> Client:
    client.post("/login/", {"username": person.email, "password": PASSWORD})
    return client


def test_only_the_addresses_that_are_needed_exist(client: Client) -> None:
    for name in (
        "account_signup",
        "account_email",
        "account_logout",
        "account_reset_password_done",
        "socialaccount_connections",
        "socialaccount_signup",
        "mfa_login_webauthn",
        "account_change_password",
        "account_request_login_code",
        "mfa_trust",
        "mfa_download_recovery_codes",
    ):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    for path in (
        "/signup/",
        "/accounts/",
        "/accounts/login/",
        "/account/signup/",
        "/email/",
        "/account/email/",
        "/social/connections/",
        "/mfa/",
    ):
        assert client.get(path).status_code == 404


PAGES = (
    "/account/",
    "/account/password/",
    "/account/confirm/",
    "/account/second-factor/",
    "/account/authenticator-app/add/",
    "/account/passkeys/add/",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_account_is_for_its_person_and_kept_by_no_cache(
    inside: Client, path: str
) -> None:
    answer = inside.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    page = answer.content.decode()
    assert not re.search(r"<script(?![^>]* (src=\"/|type=\"application/json\"))", page)
    assert Client().get(path).headers["Location"] == f"/login/?next={path}"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_of_the_account_takes_a_form_of_another_site(person: User, path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(path, {"name": "x"}).status_code == 403


def test_a_person_outside_every_organisation_has_no_account_pages(
    inside: Client, person: User
) -> None:
    for organization in membership.organizations_of(person):
        membership.set_right(person, organization, None)
    assert inside.get("/account/").status_code == 302


def test_a_person_chooses_how_pages_look(inside: Client, person: User) -> None:
    fields = {"name": " Ada   Alpha ", "language": "de", "time_zone": "Asia/Kolkata"}
    assert inside.post("/account/", fields).headers["Location"] == "/account/"
    person.refresh_from_db()
    assert (person.name, person.language, person.time_zone) == ("Ada Alpha", "de", "Asia/Kolkata")
    assert 'lang="de"' in inside.get("/").content.decode()


@pytest.mark.parametrize(
    "fields", [{"language": "xx"}, {"time_zone": "../../etc/passwd"}, {"name": "x" * 101}]
)
def test_what_cannot_be_chosen_is_said_at_the_field(
    inside: Client, person: User, fields: dict[str, str]
) -> None:
    answer = inside.post("/account/", {"time_zone": "UTC", **fields})
    assert answer.status_code == 422
    assert "pp-field__error" in answer.content.decode()
    person.refresh_from_db()
    assert (person.language, person.time_zone) == ("", "")


def test_a_zone_that_was_chosen_is_not_changed_by_a_later_browser(
    inside: Client, person: User
) -> None:
    inside.post("/account/", {"time_zone": "UTC"})
    inside.post("/logout/")
    fields = {"username": person.email, "password": PASSWORD, "zone": "Asia/Tokyo"}
    inside.post("/login/", fields)
    person.refresh_from_db()
    assert person.time_zone == "UTC"


def test_dates_are_shown_in_the_persons_zone_with_utc_beside(inside: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(time_zone="Asia/Tokyo", language="en")
    event = AuditEvent.objects.order_by("id").last()
    assert event is not None
    event.pk, event.uuid = None, uuid4()
    event.at = datetime(2026, 3, 31, 20, 5, 9, tzinfo=UTC)
    AuditEvent.objects.bulk_create([event])
    page = inside.get("/audit/").content.decode()
    assert 'title="2026-03-31 20:05:09 UTC">1 Apr 2026, 05:05' in page


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_the_calendar_are_shown_in_every_zone(year: int) -> None:
    at = datetime(year, 12 if year > 1 else 1, 31 if year > 1 else 1, 23, 59, tzinfo=UTC)
    for zone in ("Pacific/Kiritimati", "America/Los_Angeles"):
        with timezone.override(zone):
            assert display.day(at)
            assert "UTC" in str(display.moment(at))


# --- passwords --------------------------------------------------------------------------------
def change(client: Client, old: str = PASSWORD, new: str = NEW) -> Any:
    fields = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/account/password/", fields)


def test_a_new_password_ends_the_sessions_of_other_browsers(inside: Client, person: User) -> None:
    other = Client()
    other.post("/login/", {"username": person.email, "password": PASSWORD})
    assert change(inside).headers["Location"] == "/account/"
    assert inside.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert AuditEvent.objects.filter(action="portal.change_password").count() == 1


@pytest.mark.parametrize(
    ("old", "new"), [("wrong", NEW), (PASSWORD, "short"), (PASSWORD, "a@alpha.example")]
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_weak_one(
    inside: Client, person: User, old: str, new: str
) -> None:
    assert change(inside, old, new).status_code == 422
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def invited() -> User:
    maker = parties.organization(roles=[Role.OEM])
    user = parties.member(organization=maker, email="new@alpha.example", right=Right.VIEWER)
    user.set_unusable_password()
    user.save()
    return user


def test_an_invited_person_sets_a_password_by_a_link_that_works_once(client: Client) -> None:
    user = invited()
    address = links.password_link(user)
    form = client.get(address).headers["Location"]
    assert "new_password1" in client.get(form).content.decode()
    done = client.post(form, {"new_password1": NEW, "new_password2": NEW})
    assert done.headers["Location"] == "/login/"
    assert client.get("/").status_code == 302
    assert AuditEvent.objects.filter(action="portal.set_password").count() == 1
    assert "used already" in Client().get(address, follow=True).content.decode()
    assert client.post("/login/", {"username": user.email, "password": NEW}).status_code == 302


def test_a_link_ends_after_three_days(client: Client) -> None:
    user = invited()
    with time_machine.travel(NOON, tick=False) as clock:
        address = links.password_link(user)
        clock.shift(timedelta(days=3, seconds=1))
        assert "too old" in client.get(address, follow=True).content.decode()


def test_the_link_of_one_person_opens_nothing_of_another(client: Client, person: User) -> None:
    mine, other = links.password_link(invited()), links.password_link(person)
    mixed = mine.rsplit("/", 2)[0] + "/" + other.rsplit("/", 2)[1] + "/"
    assert "used already" in client.get(mixed, follow=True).content.decode()


def test_without_e_mail_nobody_asks_for_a_link(client: Client) -> None:
    assert client.get("/login/reset/").status_code == 404
    assert client.post("/login/reset/", {"email": "a@alpha.example"}).status_code == 404
    assert "Forgotten" not in client.get("/login/").content.decode()


def send_all() -> None:
    """Do what a worker does."""
    for row in LinkMail.objects.order_by("pk"):
        services.send_mail(mail_id=row.pk)


def test_a_link_is_sent_to_a_known_address_and_the_answer_tells_nothing(
    client: Client, person: User, settings: Any
) -> None:
    settings.EMAIL_URL = "memory://"
    assert "Forgotten" in client.get("/login/").content.decode()
    answers = []
    for email in (person.email, "nobody@alpha.example"):
        sent = client.post("/login/reset/", {"email": email}, follow=True)
        answers.append(re.sub(r'value="\w{64}"', "", sent.content.decode()))
    assert answers[0] == answers[1]
    assert mail.outbox == []
    send_all()
    assert [message.to for message in mail.outbox] == [[person.email]]
    link = re.search(r"http://testserver(/login/password/\S+)", str(mail.outbox[0].body))
    assert link is not None
    assert client.get(link[1]).status_code == 302


def test_links_are_sent_three_times_an_hour_to_one_address(
    client: Client, person: User, settings: Any
) -> None:
    settings.EMAIL_URL = "memory://"
    for _ in range(4):
        last = client.post("/login/reset/", {"email": person.email})
    send_all()
    assert len(mail.outbox) == 3
    assert "Too many requests" in last.content.decode()
