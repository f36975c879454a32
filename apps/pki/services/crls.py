"""Signing the lists of what our authorities revoked (RFC 5280 5)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.audit import services as audit
from apps.core import queue, transactions
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.keys import services as keys
from apps.keys.backends import BACKENDS
from apps.pki import rolling
from apps.pki.models import Authority, PublishedCrl
from apps.pki.services.publishing import SIGN_CRL
from v2g.pki import crl
from v2g.pki.crl import Revoked

GOOD_FOR: Final = timedelta(days=7)
RENEWED_BEFORE_END: Final = timedelta(days=3, hours=12)
UNSEEN: Final = 1_000_000
"""More lists than anybody signs between two backups."""


def current_crl(*, actor: Actor, authority: UUID) -> PublishedCrl:
    """Return an authority's list, signed anew where it is behind or has ended.

    Of an authority whose key is kept elsewhere it is the one that was handed in last, which says
    itself when it ended. Raises NotFound for an unknown authority. Never inside a transaction.
    """
    found = PublishedCrl.objects.filter(authority__uuid=authority).first()
    if found is not None and found.is_current(timezone.now()):
        return found
    row = Authority.objects.select_related("key").filter(uuid=authority).first()
    if row is None:
        raise NotFound("authority_not_found", "There is no such authority.")
    if not rolling.key_is_here(row):
        if found is None or found.der is None:
            raise NotFound("no_crl", "No CRL of this authority was handed in yet.")
        return found
    return sign_crl(actor=actor, authority=row)


def sign_crl(*, actor: Actor, authority: Authority) -> PublishedCrl:
    """Sign the authority's next list and store it; return the newest, which may be another's.

    Each number is stored once: of two who sign at the same time one wins, and what the other made
    is never seen. Never inside a transaction.
    """
    transactions.forbid("Signing a CRL")
    before = PublishedCrl.objects.defer("der").get_or_create(authority=authority)[0]
    begins = timezone.now().replace(microsecond=0)
    ends = begins + GOOD_FOR
    der = crl.build_crl(
        _revoked(authority, since=before.this_update or begins),
        issuer=authority.certificate,
        signing_key=keys.private_key(authority.key),
        version=authority.version,
        number=before.number + 1,
        this_update=begins,
        next_update=ends,
    )
    with transaction.atomic():
        stored = PublishedCrl.objects.filter(pk=before.pk, number=before.number).update(
            number=before.number + 1,
            der=der,
            this_update=begins,
            next_update=ends,
            covered=before.changes,
        )
        if stored:
            _log(actor, authority, before.number + 1)
    return PublishedCrl.objects.get(pk=before.pk)


def sign_crl_if_due(*, actor: Actor, authority: int) -> None:
    """Sign the list of the authority with this key, unless somebody just did."""
    row = Authority.objects.select_related("key").filter(pk=authority).first()
    if row is None or not rolling.key_is_here(row):
        return
    before = timezone.now() + RENEWED_BEFORE_END
    listed = PublishedCrl.objects.filter(authority=row)
    if not listed.exists() or listed.due(before).exists():
        sign_crl(actor=actor, authority=row)


def enqueue_due_crls() -> int:
    """Have every list signed that was never made, is behind or ends soon; return how many."""
    due = PublishedCrl.objects.due(timezone.now() + RENEWED_BEFORE_END)
    here = {"key__backend__in": BACKENDS}
    wanting = [
        *Authority.objects.filter(crl__in=due, **here).values_list("pk", flat=True),
        *Authority.objects.filter(crl=None, **here).values_list("pk", flat=True),
    ]
    for authority in wanting:
        queue.enqueue(SIGN_CRL, authority)
    return len(wanting)


def leave_crl_numbers_behind() -> None:
    """Let every list that is signed here be signed anew, with a number nobody has seen.

    For a database that was put back: lists may have been published since, and who keeps one by
    its number would not take another of the same number. Inside a transaction.
    """
    ours = PublishedCrl.objects.filter(authority__key__backend__in=BACKENDS)
    ours.update(number=F("number") + UNSEEN, changes=F("changes") + 1)


def _revoked(authority: Authority, *, since: datetime) -> Iterator[Revoked]:
    """What is never good again and had not ended at the instant (RFC 5280 3.3).

    The instant is that of the list before, so an entry stands on one list after its end.
    """
    gone = authority.issued.never_good_again().filter(not_after__gte=since)
    for row in gone.only("serial", "revoked_at", "intended_at", "reason").iterator():
        since_when = row.revoked_at or row.intended_at
        yield Revoked(int.from_bytes(row.serial, "big"), since_when, row.reason)


def _log(actor: Actor, authority: Authority, number: int) -> None:
    audit.record(
        actor=actor,
        action="pki.sign_crl",
        target_type="authority",
        target_id=str(authority.uuid),
        detail={"name": authority.name, "number": number},
    )
