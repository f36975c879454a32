"""Taking back what is published about certificates, with the change of their status."""

from collections.abc import Collection, Iterable

from django.db import connection
from django.db.models import F, Q

from apps.core import queue
from apps.pki.models import IssuedCertificate, PublishedAnswer, PublishedCrl

SIGN_CRL = queue.name("pki.sign_crl")


def take_back(certificates: Collection[IssuedCertificate]) -> None:
    """Drop the OCSP answers about these certificates and mark their authorities' CRLs as behind.

    Signing has no place in a transaction: the list is signed anew right after the commit, by a
    task, by whoever asks for it first, or by the sweep. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("What is published changes with the status, in one transaction")
    rows = [row.pk for row in certificates]
    PublishedAnswer.objects.filter(
        Q(certificate__in=rows) | Q(responder__certificate__in=rows)
    ).delete()
    _mark(sorted({row.authority_id for row in certificates}))


def _mark(authorities: Iterable[int]) -> None:
    """Count the change; the rows are made first, so that a first list begun meanwhile is behind."""
    rows = [PublishedCrl(authority_id=authority) for authority in authorities]
    PublishedCrl.objects.bulk_create(rows, ignore_conflicts=True)
    for row in rows:
        PublishedCrl.objects.filter(authority=row.authority_id).update(changes=F("changes") + 1)
        queue.enqueue(SIGN_CRL, row.authority_id)
