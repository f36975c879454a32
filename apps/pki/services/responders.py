"""The keys that answer OCSP requests in place of our authorities (RFC 6960 4.2.2.2).

An authority's own key then signs only certificates and lists. A delegate's certificate says
id-pkix-ocsp-nocheck, so it lives for weeks, and its key with it.
"""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.core import queue, transactions
from apps.core.actor import Actor
from apps.keys import services as keys
from apps.keys.backends import BACKENDS
from apps.pki import rolling
from apps.pki.models import Authority, Responder
from apps.pki.services.issuance import Order, issue_many
from apps.pki.services.settlement import require_kept
from v2g.pki.profiles import OCSP_RESPONDER

ROLL_RESPONDER: Final = queue.name("pki.roll_responder")
LIFETIME: Final = timedelta(days=30)
ROLLED_BEFORE_END: Final = timedelta(days=10)
BACKDATED: Final = timedelta(hours=1)
_NAME: Final = 55


def roll_responder(*, actor: Actor, authority: Authority) -> Responder | None:
    """Delegate to a new key if the authority has no delegate for the next ten days.

    None where there is nothing to do, or the authority does not issue any more: it then answers
    itself. Never inside a transaction.
    """
    transactions.forbid("Making an OCSP responder")
    now = timezone.now().replace(microsecond=0)
    lasting = now + ROLLED_BEFORE_END
    if not rolling.signs_here(authority) or authority.not_after <= lasting:
        return None
    if authority.responders.good(since=now, until=lasting).exists():
        return None
    key = keys.create(label=f"OCSP {authority.name}", curve=authority.key.curve)
    order = Order(
        profile=OCSP_RESPONDER,
        common_name=f"{authority.name[:_NAME]} OCSP",
        public_key=keys.public_key(key),
        not_before=max(now - BACKDATED, authority.not_before),
        not_after=min(now + LIFETIME, authority.not_after),
        provisional=True,
    )
    issued = issue_many(actor=actor, authority=authority, orders=[order])[0]
    with transaction.atomic():
        require_kept(fingerprint=issued.certificate.fingerprint)
        return Responder.objects.create(authority=authority, certificate=issued, key=key)


def enqueue_due_responders() -> int:
    """Have a delegate made for every authority that needs one; return how many."""
    now = timezone.now()
    lasting = now + ROLLED_BEFORE_END
    served = Responder.objects.good(since=now, until=lasting).values("authority")
    due = Authority.objects.filter(
        ~Q(pk__in=served), active=True, not_after__gt=lasting, key__backend__in=BACKENDS
    )
    for authority in due.values_list("pk", flat=True):
        queue.enqueue(ROLL_RESPONDER, authority)
    return len(due)
