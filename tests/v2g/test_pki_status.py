"""CRL and OCSP: answers that count, and everything that only looks like one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from asn1crypto import core
from asn1crypto import crl as asn1_crl
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
    make_leaf,
    make_pki,
    make_serial,
)
from v2g.errors import StatusError
from v2g.pki import builder
from v2g.pki.builder import Draft, Subject, issue
from v2g.pki.certificate import Certificate
from v2g.pki.crl import Crl, Revoked, build_crl
from v2g.pki.ocsp import CertId, build_request, read_response
from v2g.pki.profiles import OCSP_RESPONDER, OEM_LEAF, OEM_SUB2, Branch
from v2g.pki.responder import (
    Query,
    Refusal,
    Reply,
    build_refusal,
    build_response,
    read_request,
)
from v2g.pki.status import Source, Status
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


def test_a_crl_tells_the_revoked_from_the_good() -> None:
    entry = Revoked(LEAF.certificate.serial, REVOKED_AT, "keyCompromise")
    found = read_crl(crl(entry, Revoked(99, AT - HOUR)))
    assert found.number == 7
    answer = found.status_of(LEAF.certificate)
    assert answer.status is Status.REVOKED
    assert (answer.revoked_at, answer.reason) == (REVOKED_AT, "keyCompromise")
    assert (answer.source, answer.next_update) == (Source.CRL, AT + HOUR)
    assert found.status_in_crl(99).reason == ""
    assert found.status_in_crl(100).status is Status.GOOD


def test_a_crl_in_pem_is_read_too() -> None:
    pem = x509.load_der_x509_crl(crl()).public_bytes(Encoding.PEM)
    assert read_crl(pem).status_of(LEAF.certificate).status is Status.GOOD


def test_a_crl_says_nothing_of_other_issuers_certificates() -> None:
    other = make_leaf(make_pki(Branch.MO))
    assert read_crl(crl()).status_of(other.certificate).status is Status.UNKNOWN


BAD_CRLS = {
    "another issuer": (crl(issuer=PKI.sub1), "another issuer"),
    "another key": (crl(signer=OTHER.sub2), "not signed by its issuer"),
    "out of date": (crl(next_update=AT - timedelta(seconds=1)), "out of date"),
    "of the future": (crl(this_update=AT + timedelta(minutes=6)), "of the future"),
    "changed": (crl()[:-1] + b"\x00", "not signed by its issuer|cannot be read"),
    "cut": (crl()[:-1], "cannot be read"),
    "empty": (b"", "cannot be read"),
    "not a list": (LEAF.der, "cannot be read"),
}


@pytest.mark.parametrize(("data", "message"), BAD_CRLS.values(), ids=BAD_CRLS)
def test_a_crl_that_does_not_count_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(StatusError, match=message):
        read_crl(data)


def test_a_crl_without_an_end_is_refused() -> None:
    endless = asn1_crl.CertificateList.load(crl())
    del endless["tbs_cert_list"]["next_update"]
    tbs = endless["tbs_cert_list"].dump(force=True)
    endless["signature"] = core.OctetBitString(ISSUER.key.sign(tbs, ec.ECDSA(hashes.SHA256())))
    with pytest.raises(StatusError, match="out of date"):
        read_crl(endless.dump(force=True))


def test_no_reason_is_written_by_leaving_it_out() -> None:
    found = read_crl(crl(Revoked(5, REVOKED_AT, "unspecified")))
    assert found.status_in_crl(5).status is Status.REVOKED
    assert found.status_in_crl(5).reason == ""


def test_the_size_of_a_crl_is_bounded() -> None:
    with pytest.raises(StatusError, match="over 32 MB"):
        read_crl(bytes(32 * 1024 * 1024 + 1))


def test_who_may_not_sign_crls_gives_none() -> None:
    for profile in (
        replace(OEM_SUB2, key_usage=frozenset({"keyCertSign"})),
        replace(OEM_SUB2, is_ca=False, path_length=None),
    ):
        mute = Holder(forge(draft_like(PKI.sub2, profile), PKI.sub1, PKI.sub1.key), PKI.sub2.key)
        with pytest.raises(StatusError, match="may not sign CRLs"):
            read_crl(crl(issuer=mute), mute)


def crl_with(extension: x509.ExtensionType) -> bytes:
    issuer = x509.load_der_x509_certificate(ISSUER.der).subject
    made = (
        x509.CertificateRevocationListBuilder(issuer)
        .last_update(AT - HOUR)
        .next_update(AT + HOUR)
        .add_extension(extension, critical=True)
    )
    return made.sign(ISSUER.key, hashes.SHA256()).public_bytes(Encoding.DER)


def scope(**flags: object) -> x509.IssuingDistributionPoint:
    fields = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(fields | flags))  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    "extension",
    [
        scope(indirect_crl=True),
        scope(only_contains_attribute_certs=True),
        scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})),
        x509.DeltaCRLIndicator(3),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"),
    ],
)
def test_a_partial_crl_is_refused(extension: x509.ExtensionType) -> None:
    with pytest.raises(StatusError, match=r"indirect|delta|critical"):
        read_crl(crl_with(extension))


def test_a_crl_answers_only_for_its_scope() -> None:
    users = read_crl(crl_with(scope(only_contains_user_certs=True)))
    cas = read_crl(crl_with(scope(only_contains_ca_certs=True)))
    assert users.status_of(LEAF.certificate).status is Status.GOOD
    assert cas.status_of(LEAF.certificate).status is Status.UNKNOWN
    below = forge(draft_like(PKI.sub2, OEM_SUB2), ISSUER, ISSUER.key)
    assert users.status_of(below).status is Status.UNKNOWN
    assert cas.status_of(below).status is Status.GOOD


def test_unknown_reasons_are_not_written() -> None:
    with pytest.raises(StatusError, match="unknown reason"):
        crl(Revoked(1, REVOKED_AT, "because"))


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


def strange_responder() -> Holder:
    """A delegate with a critical extension that nobody knows."""
    plain = responder()
    made = builder._builder(draft_like(plain, OCSP_RESPONDER), ISSUER.certificate)
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    signed = builder._sign(made.add_extension(unknown, critical=True), ISSUER.key, IsoVersion.ISO_2)
    return Holder(signed, plain.key)


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
