"""OCSP: answers that count, and everything that only looks like one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as library

from tests.factories.pki import (
    AT,
    Holder,
    draft_like,
    forge,
    make_key,
    make_serial,
)
from tests.v2g.status_material import (
    GOOD,
    HOUR,
    ISSUER,
    LEAF,
    OTHER,
    PKI,
    REVOKED_AT,
    answer,
    read,
    responder,
)
from v2g.errors import StatusError
from v2g.pki import builder
from v2g.pki.builder import Draft, Subject, issue
from v2g.pki.ocsp import CertId, build_request, read_response
from v2g.pki.profiles import OCSP_RESPONDER, OEM_LEAF, OEM_SUB2
from v2g.pki.responder import (
    Refusal,
    Reply,
    build_refusal,
    read_request,
)
from v2g.pki.status import Source, Status
from v2g.protocol import IsoVersion


def strange_responder() -> Holder:
    """A delegate with a critical extension that nobody knows."""
    plain = responder()
    made = builder._builder(draft_like(plain, OCSP_RESPONDER), ISSUER.certificate)
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    signed = builder._sign(made.add_extension(unknown, critical=True), ISSUER.key, IsoVersion.ISO_2)
    return Holder(signed, plain.key)


def test_the_issuer_itself_answers() -> None:
    found = read_response(
        answer(attach=False), certificate=LEAF.certificate, issuer=ISSUER.certificate, at=AT
    )
    assert found.status is Status.GOOD
    assert (found.serial, found.source) == (LEAF.certificate.serial, Source.OCSP)
    assert (found.this_update, found.next_update) == (AT - HOUR, AT + HOUR)


@pytest.mark.parametrize("hash_name", ["sha1", "sha256"])
def test_a_delegated_responder_answers(hash_name: str) -> None:
    revoked = Reply(Status.REVOKED, AT - HOUR, AT + HOUR, REVOKED_AT, "superseded")
    found = read_response(
        answer(revoked, by=responder(), hash_name=hash_name),
        certificate=LEAF.certificate,
        issuer=ISSUER.certificate,
        at=AT,
    )
    assert found.status is Status.REVOKED
    assert (found.revoked_at, found.reason) == (REVOKED_AT, "superseded")


def test_unknown_is_an_answer_too() -> None:
    found = read_response(
        answer(replace(GOOD, status=Status.UNKNOWN)),
        certificate=LEAF.certificate,
        issuer=ISSUER.certificate,
        at=AT,
    )
    assert found.status is Status.UNKNOWN


SIGNED = answer(attach=False)


CHANGED = SIGNED[:-1] + bytes([SIGNED[-1] ^ 1])


def bad_responses() -> dict[str, tuple[bytes, str]]:
    leafy = replace(OEM_LEAF, needs_component=False)
    stranger = "neither the issuer nor delegated"
    forged = Holder(forge(draft_like(LEAF, leafy), ISSUER, ISSUER.key), LEAF.key)
    renamed = Holder(
        forge(draft_like(ISSUER, OEM_SUB2, subject=Subject("Renamed")), PKI.sub1, PKI.sub1.key),
        ISSUER.key,
    )
    return {
        "delegated under another name": (answer(by=responder(renamed)), stranger),
        "delegate with an unknown critical part": (answer(by=strange_responder()), stranger),
        "no delegation": (answer(by=LEAF), stranger),
        "forged leaf as responder": (answer(by=forged), stranger),
        "delegated by another CA": (answer(by=responder(PKI.sub1)), stranger),
        "delegated by an impostor": (answer(by=responder(OTHER.sub2)), stranger),
        "the root answers": (answer(by=PKI.root), stranger),
        "delegate expired": (
            answer(by=responder(not_before=AT - 9 * HOUR, not_after=AT - HOUR)),
            stranger,
        ),
        "delegate may not sign": (
            answer(
                by=responder(profile=replace(OCSP_RESPONDER, key_usage=frozenset({"keyAgreement"})))
            ),
            stranger,
        ),
        "delegate not attached": (answer(by=responder(), attach=False), stranger),
        "changed": (CHANGED, "not signed by its responder"),
        "another serial": (answer(certificate=PKI.sub2.certificate), "another certificate"),
        "another issuer": (answer(issuer=OTHER.sub2), "another certificate"),
        "out of date": (
            answer(replace(GOOD, next_update=AT - timedelta(seconds=1))),
            "out of date",
        ),
        "of the future": (
            answer(replace(GOOD, this_update=AT + timedelta(minutes=6))),
            "of the future",
        ),
        "cut": (answer()[:-1], "cannot be read"),
        "empty": (b"", "cannot be read"),
        "over long": (bytes(64 * 1024 + 1), "over 64 KB"),
        **{refusal.name: (build_refusal(refusal), "gave no answer") for refusal in Refusal},
    }


BAD_RESPONSES = bad_responses()


@pytest.mark.parametrize(("data", "message"), BAD_RESPONSES.values(), ids=BAD_RESPONSES)
def test_a_response_that_does_not_count_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(StatusError, match=message):
        read(data)


def test_the_delegate_is_the_one_that_the_response_names() -> None:
    other_key = make_key("another responder")
    other = Holder(responder(public_key=other_key.public_key()).certificate, other_key)
    named = responder()
    name = CertId.of(LEAF.certificate.serial, ISSUER.certificate)
    certificates = [x509.load_der_x509_certificate(holder.der) for holder in (other, named)]
    made = (
        library.OCSPResponseBuilder()
        .add_response_by_hash(
            name.issuer_name_hash, name.issuer_key_hash, name.serial, hashes.SHA1(),
            library.OCSPCertStatus.GOOD, AT - HOUR, AT + HOUR, None, None,
        )
        .responder_id(library.OCSPResponderEncoding.HASH, certificates[1])
        .certificates(certificates)
        .sign(named.key, hashes.SHA256())
    )  # fmt: skip
    assert read(made.public_bytes(Encoding.DER))


def test_an_answer_without_next_update_counts_for_a_day() -> None:
    def without_end(this_update: datetime) -> bytes:
        name = CertId.of(LEAF.certificate.serial, ISSUER.certificate)
        made = library.OCSPResponseBuilder().add_response_by_hash(
            name.issuer_name_hash, name.issuer_key_hash, name.serial, hashes.SHA1(),
            library.OCSPCertStatus.GOOD, this_update, None, None, None,
        )  # fmt: skip
        signer = x509.load_der_x509_certificate(ISSUER.der)
        made = made.responder_id(library.OCSPResponderEncoding.NAME, signer)
        return made.sign(ISSUER.key, hashes.SHA256()).public_bytes(Encoding.DER)

    assert read(without_end(AT - timedelta(hours=23)))
    with pytest.raises(StatusError, match="out of date"):
        read(without_end(AT - timedelta(hours=25)))


def test_a_nonce_may_be_left_out_but_not_exchanged() -> None:
    assert read(answer(nonce=b"1" * 16), nonce=b"1" * 16)
    assert read(answer(), nonce=b"1" * 16)
    assert read(answer(nonce=b"1" * 16))
    with pytest.raises(StatusError, match="another request"):
        read(answer(nonce=b"2" * 16), nonce=b"1" * 16)


@pytest.mark.parametrize("nonce", [None, b"n" * 32])
def test_a_request_reads_back_as_the_question(nonce: bytes | None) -> None:
    query = read_request(build_request(LEAF.certificate, ISSUER.certificate, nonce=nonce))
    assert query.nonce == nonce
    assert query.cert_id == CertId.of(LEAF.certificate.serial, ISSUER.certificate)
    assert query.cert_id.is_of(ISSUER.certificate)
    assert not query.cert_id.is_of(OTHER.sub2.certificate)


def test_the_name_of_a_certificate_is_the_one_others_compute() -> None:
    leaf, issuer = (x509.load_der_x509_certificate(holder.der) for holder in (LEAF, ISSUER))
    made = library.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA256()).build()
    query = read_request(made.public_bytes(Encoding.DER))
    assert query.cert_id.is_of(ISSUER.certificate)


def request_with(extension: x509.ExtensionType, *, critical: bool) -> bytes:
    leaf, issuer = (x509.load_der_x509_certificate(holder.der) for holder in (LEAF, ISSUER))
    made = library.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA1())
    return made.add_extension(extension, critical).build().public_bytes(Encoding.DER)


def sha512_request() -> bytes:
    leaf, issuer = (x509.load_der_x509_certificate(holder.der) for holder in (LEAF, ISSUER))
    made = library.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA512())
    return made.build().public_bytes(Encoding.DER)


BAD_REQUESTS = {
    "empty": (b"", "cannot be read"),
    "a certificate": (LEAF.der, "cannot be read"),
    "over long": (bytes(64 * 1024 + 1), "over 64 KB"),
    "a long nonce": (request_with(x509.OCSPNonce(b"n" * 33), critical=False), "1 to 32"),
    "an empty nonce": (request_with(x509.OCSPNonce(b""), critical=False), "1 to 32"),
    "a critical extension": (request_with(x509.OCSPNonce(b"n"), critical=True), "critical"),
    "an unknown hash": (sha512_request(), "unknown hash"),
}


@pytest.mark.parametrize(("data", "message"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_request_that_cannot_be_answered_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(StatusError, match=message):
        read_request(data)


def test_a_key_that_is_not_the_responders_signs_nothing() -> None:
    with pytest.raises(StatusError, match="not the key of the responder"):
        answer(signer=OTHER.sub2)


def test_a_responder_made_by_profile_is_accepted_as_delegate() -> None:
    key = ec.derive_private_key(77, ec.SECP256R1())
    draft = Draft(
        profile=OCSP_RESPONDER,
        version=IsoVersion.ISO_2,
        subject=Subject("OCSP responder 2"),
        public_key=key.public_key(),
        serial=make_serial(),
        not_before=AT - HOUR,
        not_after=AT + timedelta(days=30),
    )
    made = issue(draft, issuer=ISSUER.certificate, signing_key=ISSUER.key)
    assert read(answer(by=Holder(made, key)))
