"""Links by e-mail: ordered with a row, sent by a worker, once, in the person's language."""

import logging
import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any, ClassVar

import pytest
import time_machine
from celery import current_app
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from django.utils import timezone, translation

from apps.audit.models import AuditEvent
from apps.core.actor import Actor, Right, Role
from apps.participants import services
from apps.participants.models import LinkMail, Organization, User
from apps.participants.tasks import send_mail
from tests.factories import parties
from tests.portal.conftest import Browser, browser
from tests.portal.world import Party

__all__ = ["browser"]

pytestmark = pytest.mark.django_db
State, Kind = LinkMail.State, LinkMail.Kind
LINK = re.compile(r"^http://testserver(/login/password/\S+)$", re.MULTILINE)
EMAIL = "new@oem.example"


class AwayServer(BaseEmailBackend):
    """A mail server that quotes what it was sent, and hangs up."""

    asked: ClassVar[list[str]] = []

    def send_messages(self, email_messages: Any) -> int:
        self.asked.extend(str(message.body) for message in email_messages)
        raise SMTPServerDisconnected(self.asked[-1])


@pytest.fixture(autouse=True)
def _mailing(settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example.org"


@pytest.fixture
def oem() -> Organization:
    return parties.organization(roles=[Role.OEM], name="Rollwerk AG")


@pytest.fixture
def admin(oem: Organization) -> Actor:
    return parties.person(organization=oem, right=Right.ADMIN)


def invite(admin: Actor, oem: Organization, email: str = EMAIL) -> services.Invitation:
    return services.invite_member(actor=admin, organization=oem, email=email, right=Right.EDITOR)


def work() -> list[bool]:
    """Do what a worker does with every row."""
    rows = list(LinkMail.objects.order_by("pk").values_list("pk", flat=True))
    return [services.send_mail(mail_id=one) for one in rows]


@pytest.mark.django_db(transaction=True)
def test_the_message_to_a_worker_is_the_key_of_a_row_and_leaves_after_the_commit(
    admin: Actor, oem: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: told.append((name, args)))
    assert invite(admin, oem).is_mailed
    row = LinkMail.objects.get()
    assert told == [("participants.send_mail", [row.pk])]
    send_mail(row.pk)
    assert len(mail.outbox) == 1


def test_an_invitation_holds_a_link_that_sets_a_password(admin: Actor, oem: Organization) -> None:
    made = invite(admin, oem)
    assert mail.outbox == []
    assert work() == [True]
    (message,) = mail.outbox
    assert message.to == [EMAIL]
    assert message.subject == "Your invitation to Plugpool"
    assert "Rollwerk AG has invited you" in str(message.body)
    link = LINK.search(str(message.body))
    assert link
    assert Client().get(link[1]).headers["Location"].endswith("/new/")
    assert made.path.startswith("/login/password/")
    event = AuditEvent.objects.get(action="participants.order_mail")
    assert event.target_id == str(made.user.pk)
    assert link[1].rsplit("/", 2)[1] not in str(event.detail)


def test_nothing_is_sent_twice(admin: Actor, oem: Organization) -> None:
    invite(admin, oem)
    assert [*work(), *work()] == [True, False]
    assert len(mail.outbox) == 1
    assert services.sweep_mails(now=timezone.now() + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("chosen", "page", "subject"),
    [
        ("de", "en", "Ihre Einladung zu Plugpool"),
        ("en", "de", "Your invitation to Plugpool"),
        ("", "de", "Ihre Einladung zu Plugpool"),
    ],
)
def test_it_is_written_in_the_language_of_the_person_else_of_the_page(
    admin: Actor, oem: Organization, chosen: str, page: str, subject: str
) -> None:
    with translation.override(page):
        made = invite(admin, oem)
    User.objects.filter(pk=made.user.pk).update(language=chosen)
    work()
    assert mail.outbox[0].subject == subject


def test_a_server_that_is_away_is_asked_again_by_the_sweep_and_no_link_is_logged(
    admin: Actor, oem: Organization, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "tests.participants.test_mails.AwayServer"
    caplog.set_level(logging.DEBUG)
    invite(admin, oem)
    AwayServer.asked.clear()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert services.sweep_mails(now=timezone.now()) == 1
        assert work() == [False]
        assert services.sweep_mails(now=timezone.now()) == 0
        assert work() == [False]
        assert len(AwayServer.asked) == 1
        clock.shift(61)
        assert services.sweep_mails(now=timezone.now()) == 1
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        assert work() == [True]
    assert "mail_not_sent" in caplog.text
    assert "/login/password/" not in caplog.text
    assert LinkMail.objects.get().state == State.SENT


def test_it_is_given_up_in_the_end_and_forgotten_after_a_month(
    admin: Actor, oem: Organization, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.participants.test_mails.AwayServer"
    invite(admin, oem)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _attempt in range(9):
            work()
            clock.shift(timedelta(hours=7))
        found = LinkMail.objects.get()
        assert (found.state, found.attempt_count) == (State.FAILED, 6)
        clock.shift(timedelta(days=30))
        services.sweep_mails(now=timezone.now())
    assert not LinkMail.objects.exists()


def test_a_worker_that_died_in_mid_attempt_blocks_nobody(admin: Actor, oem: Organization) -> None:
    invite(admin, oem)
    LinkMail.objects.update(attempt_count=1, due_at=timezone.now() + timedelta(minutes=5))
    assert work() == [False]
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert services.sweep_mails(now=timezone.now()) == 1
        assert work() == [True]


def test_whoever_came_or_was_removed_meanwhile_gets_none(admin: Actor, oem: Organization) -> None:
    came, left = invite(admin, oem).user, invite(admin, oem, "left@oem.example").user
    came.set_password("correct horse battery staple")
    came.save()
    services.remove_member(actor=admin, organization=oem, user=left)
    assert work() == [False, False]
    assert mail.outbox == []
    assert {row.state for row in LinkMail.objects.all()} == {State.DROPPED}


def test_one_address_gets_three_messages_an_hour(admin: Actor, oem: Organization) -> None:
    made = invite(admin, oem)
    again = [
        services.renew_invitation(actor=admin, organization=oem, user=made.user) for _ in range(3)
    ]
    assert [one.is_mailed for one in again] == [True, True, False]
    assert all(one.path for one in again)


def test_an_account_that_exists_gets_no_message(admin: Actor, oem: Organization) -> None:
    parties.member(organization=parties.organization(), email=EMAIL)
    assert not invite(admin, oem).path
    assert not LinkMail.objects.exists()


def test_the_page_says_whether_the_link_is_mailed(
    oem: Organization, browser: Browser, settings: Any
) -> None:
    party = Party(oem, parties.member(organization=oem, right=Right.ADMIN))
    form = {"once": "7f3b1a52-8f0f-4b07-9a3e-1d2c3b4a5f60", "email": EMAIL, "right": "viewer"}
    mailed = browser(party).post("/members/invite/", form)
    assert f"A link is on its way to {EMAIL} by e-mail." in mailed.content.decode()
    settings.EMAIL_URL = ""
    by_hand = browser(party).post("/members/invite/", {**form, "email": "b@oem.example"})
    assert "Hand this link to b@oem.example yourself." in by_hand.content.decode()
    assert LinkMail.objects.count() == 1
