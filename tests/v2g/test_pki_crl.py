"""CRLs: lists that count, and everything that only looks like one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import core
from asn1crypto import crl as asn1_crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.factories.pki import (
    AT,
    Holder,
    draft_like,
    forge,
    make_leaf,
    make_pki,
)
from tests.v2g.status_material import (
    HOUR,
    ISSUER,
    LEAF,
    OTHER,
    PKI,
    REVOKED_AT,
    crl,
    read_crl,
)
from v2g.errors import StatusError
from v2g.pki.crl import Revoked
from v2g.pki.profiles import OEM_SUB2, Branch
from v2g.pki.status import Source, Status


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
