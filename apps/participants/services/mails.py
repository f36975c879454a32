"""Sending links that set a password by e-mail, where the deployment has e-mail.

A row is written with what asked for it; a worker sends it after the commit, and a sweep takes up
what a lost message, a dead worker or a mail server that was away left.
"""

from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from structlog import get_logger

from apps.audit.services import record
from apps.core import locks, queue, transactions
from apps.core.actor import Actor
from apps.participants import letters, membership
from apps.participants.models import LinkMail, Organization, User

log = get_logger(__name__)
State, Kind = LinkMail.State, LinkMail.Kind

SEND: Final = queue.name("participants.send_mail")
LEASE: Final = timedelta(minutes=5)
"""How long one attempt may take: many times EMAIL_TIMEOUT."""
RETRY_DELAYS_S: Final = (60, 300, 1800, 7200, 21_600)
HOURLY: Final = 3
"""Messages to one address within an hour: nobody's mailbox is filled through us."""
KEPT: Final = timedelta(days=30)
AT_ONCE: Final = 200


def is_mailing() -> bool:
    """Tell whether the deployment has e-mail (EMAIL_URL)."""
    return bool(settings.EMAIL_URL)


def order_mail(
    *, actor: Actor, user: User, kind: LinkMail.Kind, organization: Organization | None = None
) -> bool:
    """Have a link sent to a person; tell whether it will be.

    Not without e-mail, and not more than three times an hour to one person. The caller has judged
    whether the person may have a link. Its language is that of the page, unless the person chose.
    """
    if not is_mailing():
        return False
    now = timezone.now()
    with transaction.atomic():
        locks.hold(f"mail:{user.pk}")
        recent = LinkMail.objects.filter(user=user, created_at__gt=now - timedelta(hours=1))
        if recent.count() >= HOURLY:
            return False
        mail = LinkMail.objects.create(
            kind=kind,
            user=user,
            organization=organization,
            language=translation.get_language() or "",
            created_at=now,
            due_at=now,
        )
        record(
            actor=actor,
            action="participants.order_mail",
            target_type="user",
            target_id=str(user.pk),
            detail={"email": user.email, "kind": kind.value},
        )
        queue.enqueue(SEND, mail.pk)
    return True


def send_mail(*, mail_id: int) -> bool:
    """Send one message that is due; tell whether it left.

    Nothing where another worker is at it, where it was sent, or where the person no longer needs
    the link. A server that does not take it is asked again after RETRY_DELAYS_S, then it is given
    up. A worker that dies between sending and its note may cause a second message, never none.
    """
    transactions.forbid("Sending an e-mail")
    now = timezone.now()
    due = LinkMail.objects.filter(pk=mail_id, state=State.WAITING, due_at__lte=now)
    if not due.update(due_at=now + LEASE, attempt_count=F("attempt_count") + 1):
        return False
    mail = LinkMail.objects.select_related("user", "organization").get(pk=mail_id)
    if not _is_wanted(mail):
        _settle(mail, State.DROPPED)
        return False
    try:
        letters.with_link(mail).send()
    except (SMTPException, OSError) as error:
        # The server's own words may quote the message, and the message holds the link.
        log.warning("mail_not_sent", mail=mail_id, error=type(error).__name__)
        _put_off(mail, now)
        return False
    _settle(mail, State.SENT)
    return True


def sweep_mails(*, now: datetime) -> int:
    """Ask for what is due, and delete what is past KEPT; return how many were asked for."""
    LinkMail.objects.filter(created_at__lte=now - KEPT).delete()
    rows = LinkMail.objects.filter(state=State.WAITING, due_at__lte=now).order_by("due_at")
    due = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    for mail_id in due:
        queue.enqueue(SEND, mail_id)
    return len(due)


def _is_wanted(mail: LinkMail) -> bool:
    """Judge again: between order and sending the person may have come, or have been removed."""
    if mail.kind == Kind.RESET:
        return membership.organizations_of(mail.user).exists()
    assert mail.organization is not None  # noqa: S101  an invitation is somebody's
    held = membership.right_of(mail.user, mail.organization)
    return held is not None and membership.is_new_in(mail.user, mail.organization)


def _put_off(mail: LinkMail, now: datetime) -> None:
    if mail.attempt_count > len(RETRY_DELAYS_S):
        _settle(mail, State.FAILED)
        return
    later = now + timedelta(seconds=RETRY_DELAYS_S[mail.attempt_count - 1])
    LinkMail.objects.filter(pk=mail.pk, state=State.WAITING).update(due_at=later)


def _settle(mail: LinkMail, state: LinkMail.State) -> None:
    LinkMail.objects.filter(pk=mail.pk, state=State.WAITING).update(state=state)
