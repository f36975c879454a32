"""A PKI with its CRLs and OCSP responses, for the tests of both."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.factories.pki import (
    AT,
    Holder,
    forge,
    make_key,
    make_leaf,
    make_pki,
    make_serial,
)
from v2g.pki.builder import Draft, Subject
from v2g.pki.certificate import Certificate
from v2g.pki.crl import Crl, Revoked, build_crl
from v2g.pki.ocsp import CertId, read_response
from v2g.pki.profiles import OCSP_RESPONDER, Branch
from v2g.pki.responder import (
    Query,
    Reply,
    build_response,
)
from v2g.pki.status import Status
from v2g.protocol import IsoVersion

PKI = make_pki(Branch.OEM)


OTHER = make_pki(Branch.OEM, salt="other")


LEAF = make_leaf(PKI)


ISSUER = PKI.sub2


HOUR = timedelta(hours=1)


REVOKED_AT = AT - timedelta(days=3)


def crl(
    *revoked: Revoked,
    issuer: Holder = ISSUER,
    signer: Holder | None = None,
    this_update: datetime = AT - HOUR,
    next_update: datetime = AT + HOUR,
) -> bytes:
    return build_crl(
        revoked,
        issuer=issuer.certificate,
        signing_key=(signer or issuer).key,
        version=IsoVersion.ISO_2,
        number=7,
        this_update=this_update,
        next_update=next_update,
    )


def read_crl(data: bytes, issuer: Holder = ISSUER) -> Crl:
    return Crl.read(data, issuer=issuer.certificate, at=AT)


def responder(issuer: Holder = ISSUER, **changes: object) -> Holder:
    key = make_key("responder")
    draft = Draft(
        profile=OCSP_RESPONDER,
        version=IsoVersion.ISO_2,
        subject=Subject("OCSP responder 1"),
        public_key=key.public_key(),
        serial=make_serial(),
        not_before=AT - HOUR,
        not_after=AT + timedelta(days=30),
    )
    draft = replace(draft, **changes)  # type: ignore[arg-type]  # named by the test
    return Holder(forge(draft, issuer, issuer.key), key)


GOOD = Reply(Status.GOOD, AT - HOUR, AT + HOUR)


def answer(
    reply: Reply = GOOD,
    *,
    by: Holder = ISSUER,
    signer: Holder | None = None,
    certificate: Certificate = LEAF.certificate,
    issuer: Holder = ISSUER,
    nonce: bytes | None = None,
    attach: bool = True,
    hash_name: str = "sha1",
) -> bytes:
    return build_response(
        Query(CertId.of(certificate.serial, issuer.certificate, hash_name), nonce),
        reply,
        responder=by.certificate,
        signing_key=(signer or by).key,
        version=IsoVersion.ISO_2,
        attach_responder=attach,
    )


def read(data: bytes, nonce: bytes | None = None) -> object:
    return read_response(
        data, certificate=LEAF.certificate, issuer=ISSUER.certificate, at=AT, nonce=nonce
    )
