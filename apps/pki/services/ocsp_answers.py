"""Answering OCSP requests about what our authorities issued (RFC 6960).

A question without a nonce gets the stored answer, signed once for all who ask; one with a nonce is
signed for this asker alone.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection, transaction

from apps.keys import services as keys
from apps.pki import issuers, rolling
from apps.pki.models import Authority, IssuedCertificate, PublishedAnswer, Responder
from v2g.errors import StatusError
from v2g.pki import responder
from v2g.pki.certificate import Certificate
from v2g.pki.responder import Query, Refusal, Reply
from v2g.pki.status import Status

GOOD_FOR: Final = timedelta(days=1)
"""Well below the week that ISO 15118-20 allows a stapled answer [V2G20-1021]."""
RENEWED_BEFORE_END: Final = timedelta(hours=6)
"""A stored answer that ends sooner is not given out: who staples it wants to use it for a while."""
_BATCH: Final = 1000
_STORED: Final = (
    f"SELECT der FROM {PublishedAnswer._meta.db_table} "  # noqa: S608, SLF001  our own table's name
    "WHERE question = %s AND next_update > %s"
)

_STATUSES: Final = {
    IssuedCertificate.State.INTENDED: Status.UNKNOWN,
    IssuedCertificate.State.ISSUED: Status.GOOD,
    IssuedCertificate.State.REVOKED: Status.REVOKED,
    # What an abandoned intent left behind was perhaps signed, and must never count.
    IssuedCertificate.State.ABANDONED: Status.REVOKED,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A response in DER; `shared` if others are given the same one for hours to come."""

    der: bytes
    shared: bool = False


@dataclass(frozen=True, slots=True)
class _Signer:
    certificate: Certificate
    key: ec.EllipticCurvePrivateKey
    delegate: Responder | None


def answer_ocsp(*, request: bytes, at: datetime) -> Answer:
    """Answer a request in DER: malformedRequest for what is none, unauthorized for other issuers.

    A serial number that we never gave is unknown. Never inside a transaction.
    """
    try:
        query, question = _read(request)
    except StatusError:
        return Answer(responder.build_refusal(Refusal.MALFORMED))
    if query.nonce is None:
        stored = _stored(question, at)
        if stored is not None:
            return stored
    authority = issuers.authority_of(query.cert_id)
    if authority is None:
        return Answer(responder.build_refusal(Refusal.UNAUTHORIZED))
    return _sign(query, question, authority, at)


def forget_old_answers(*, at: datetime) -> int:
    """Delete stored answers that have ended, at most 1,000; return how many."""
    old = PublishedAnswer.objects.filter(next_update__lte=at).values_list("pk", flat=True)[:_BATCH]
    return PublishedAnswer.objects.filter(pk__in=list(old)).delete()[0]


@lru_cache(maxsize=1000)
def _read(request: bytes) -> tuple[Query, bytes]:
    """Read a request and digest what it asks; who staples sends the same octets every time."""
    query = responder.read_request(request)
    name = query.cert_id
    hashed = f"{name.issuer_name_hash.hex()}:{name.issuer_key_hash.hex()}"
    text = f"{name.hash_name}:{hashed}:{name.serial}"
    return query, hashlib.sha256(text.encode()).digest()


def _stored(question: bytes, at: datetime) -> Answer | None:
    """The one hot query of the responder, in SQL: to build it anew would cost ten times its run."""
    ends = connection.ops.adapt_datetimefield_value(at + RENEWED_BEFORE_END)
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [question, ends])
        row = cursor.fetchone()
    return Answer(bytes(row[0]), shared=True) if row else None


def _sign(query: Query, question: bytes, authority: Authority, at: datetime) -> Answer:
    serial = query.cert_id.serial
    octets = serial.to_bytes(max(1, (serial.bit_length() + 7) // 8), "big")
    row = IssuedCertificate.objects.filter(authority=authority, serial=octets).first()
    reply = _reply(row, at)
    signer = _signer(authority, reply)
    if signer is None:  # a root whose key is elsewhere, and nobody is delegated: RFC 6960 2.3
        return Answer(responder.build_refusal(Refusal.UNAUTHORIZED))
    der = responder.build_response(
        query,
        reply,
        responder=signer.certificate,
        signing_key=signer.key,
        version=authority.version,
        attach_responder=signer.delegate is not None,
    )
    if query.nonce is None and row is not None and reply.status is not Status.UNKNOWN:
        _keep(question, row, signer.delegate, der, reply.next_update)
        return Answer(der, shared=True)
    return Answer(der)


def _reply(row: IssuedCertificate | None, at: datetime) -> Reply:
    begins = at.replace(microsecond=0)
    status = _STATUSES[IssuedCertificate.State(row.state)] if row else Status.UNKNOWN
    if row is None or status is not Status.REVOKED:
        return Reply(status, begins, begins + GOOD_FOR)
    return Reply(status, begins, begins + GOOD_FOR, row.revoked_at or row.intended_at, row.reason)


def _signer(authority: Authority, reply: Reply) -> _Signer | None:
    """The newest delegate who is valid for as long as the answer; without one the issuer itself.

    None where the issuer's key is kept elsewhere.
    """
    delegate = (
        authority.responders.good(since=reply.this_update, until=reply.next_update)
        .select_related("certificate", "key")
        .order_by("-pk")
        .first()
    )
    if delegate is None and not rolling.key_is_here(authority):
        return None
    if delegate is None:
        return _Signer(authority.certificate, keys.private_key(authority.key), None)
    return _Signer(delegate.certificate.certificate, keys.private_key(delegate.key), delegate)


def _keep(
    question: bytes,
    row: IssuedCertificate,
    delegate: Responder | None,
    der: bytes,
    next_update: datetime,
) -> None:
    """Store the answer, unless the status changed, or the delegate was revoked, since it was read.

    Both rows are held, so a revocation comes either before (nothing is stored) or after, when it
    finds what was stored and deletes it.
    """
    expected = {row.pk: row.state}
    if delegate is not None:
        expected[delegate.certificate_id] = IssuedCertificate.State.ISSUED
    with transaction.atomic():
        held = IssuedCertificate.objects.select_for_update().filter(pk__in=expected).order_by("pk")
        if dict(held.values_list("pk", "state")) != expected:
            return
        PublishedAnswer.objects.bulk_create(
            [
                PublishedAnswer(
                    question=question,
                    certificate=row,
                    responder=delegate,
                    der=der,
                    next_update=next_update,
                )
            ],
            update_conflicts=True,
            unique_fields=["question"],
            update_fields=["certificate", "responder", "der", "next_update"],
        )
