"""What our authorities say of the certificates they issued: OCSP and CRL, out of our tables.

A status is only ever read here. Answers are signed by the authority itself, so nobody needs
another certificate to check them.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from apps.core.errors import NotFound
from apps.keys import services as keys
from apps.pki.models import Authority, IssuedCertificate
from v2g.errors import StatusError
from v2g.pki import crl, responder
from v2g.pki.crl import Revoked
from v2g.pki.responder import Query, Refusal, Reply
from v2g.pki.status import Status

OCSP_GOOD_FOR: Final = timedelta(days=1)
"""Well below the week that ISO 15118-20 allows a stapled answer [V2G20-1021]."""
CRL_GOOD_FOR: Final = timedelta(days=7)


def ocsp_response(request: bytes, *, at: datetime) -> bytes:
    """Answer an OCSP request in DER (RFC 6960 2.1); about foreign issuers: unauthorized."""
    try:
        query = responder.read_request(request)
    except StatusError:
        return responder.build_refusal(Refusal.MALFORMED)
    authority = _asked(query)
    if authority is None:
        return responder.build_refusal(Refusal.UNAUTHORIZED)
    return responder.build_response(
        query,
        _reply(authority, query.cert_id.serial, at),
        responder=authority.certificate,
        signing_key=keys.private_key(authority.key),
        version=authority.version,
        attach_responder=False,
    )


def _asked(query: Query) -> Authority | None:
    """The authority that the request names by hashes; there are only a handful of them."""
    for authority in Authority.objects.select_related("key"):
        if query.cert_id.is_of(authority.certificate):
            return authority
    return None


def _reply(authority: Authority, serial: int, at: datetime) -> Reply:
    octets = serial.to_bytes(max(1, (serial.bit_length() + 7) // 8), "big")
    row = IssuedCertificate.objects.filter(authority=authority, serial=octets).first()
    begins, ends = at.replace(microsecond=0), at.replace(microsecond=0) + OCSP_GOOD_FOR
    if row is None or row.state == IssuedCertificate.State.INTENDED:
        return Reply(Status.UNKNOWN, begins, ends)
    if row.state == IssuedCertificate.State.ISSUED:
        return Reply(Status.GOOD, begins, ends)
    return Reply(Status.REVOKED, begins, ends, row.revoked_at or row.intended_at, row.reason)


def revocation_list(authority: UUID, *, at: datetime) -> bytes:
    """Return an authority's CRL in DER (RFC 5280 5); NotFound for an unknown one.

    Expired certificates leave it [RFC 5280 3.3]; it is numbered by the second it was made in.
    """
    found = Authority.objects.select_related("key").filter(uuid=authority).first()
    if found is None:
        raise NotFound("authority_not_found", "There is no such authority.")
    gone = found.issued.never_good_again().filter(not_after__gte=at)
    begins = at.replace(microsecond=0)
    return crl.build_crl(
        [
            Revoked(int.from_bytes(row.serial), row.revoked_at or row.intended_at, row.reason)
            for row in gone.only("serial", "revoked_at", "intended_at", "reason").iterator()
        ],
        issuer=found.certificate,
        signing_key=keys.private_key(found.key),
        version=found.version,
        number=int(begins.timestamp()),
        this_update=begins,
        next_update=begins + CRL_GOOD_FOR,
    )
