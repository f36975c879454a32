"""What a demo CA says about its certificates: CRL (RFC 5280) and OCSP (RFC 6960)."""

from datetime import UTC, datetime, timedelta
from typing import Final

from apps.demo.pki import VERSION, Holder
from v2g.errors import StatusError
from v2g.pki import crl, responder
from v2g.pki.crl import Revoked
from v2g.pki.responder import Refusal, Reply
from v2g.pki.status import Status

GOOD_FOR: Final = timedelta(days=7)


def revocation_list(ca: Holder, revoked: dict[int, datetime], *, at: datetime) -> bytes:
    """Return the CA's CRL in DER, numbered by the second it was made in."""
    return crl.build_crl(
        [Revoked(serial, since) for serial, since in revoked.items()],
        issuer=ca.certificate,
        signing_key=ca.key,
        version=VERSION,
        number=int(at.timestamp()),
        this_update=at,
        next_update=at + GOOD_FOR,
    )


def ocsp_answer(ca: Holder, revoked: dict[int, datetime], request: bytes, *, at: datetime) -> bytes:
    """Answer an OCSP request in DER; a request for another CA is unauthorized."""
    try:
        query = responder.read_request(request)
    except StatusError:
        return responder.build_refusal(Refusal.MALFORMED)
    if not query.cert_id.is_of(ca.certificate):
        return responder.build_refusal(Refusal.UNAUTHORIZED)
    since = revoked.get(query.cert_id.serial)
    status = Status.REVOKED if since else Status.GOOD
    return responder.build_response(
        query,
        Reply(status, at, at + GOOD_FOR, since),
        responder=ca.certificate,
        signing_key=ca.key,
        version=VERSION,
        attach_responder=False,
    )


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
