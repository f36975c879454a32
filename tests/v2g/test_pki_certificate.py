"""Reading certificates: what the field sends is readable, what is broken is refused."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from tests.factories.pki import Holder, Pki, make_leaf, make_pki
from v2g.errors import CertificateError
from v2g.pki.certificate import Certificate
from v2g.pki.names import name_key
from v2g.pki.profiles import Branch

EXPLICIT_FALSE = bytes.fromhex("3003010100")


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki(Branch.OEM)


@pytest.fixture(scope="module")
def leaf(pki: Pki) -> Holder:
    return make_leaf(pki)


def resign(certificate: asn1_x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bytes:
    tbs = certificate["tbs_certificate"].dump()
    certificate["signature_value"] = core.OctetBitString(key.sign(tbs, ec.ECDSA(hashes.SHA256())))
    return bytes(certificate.dump())


def with_explicit_ca_false(holder: Holder, issuer: Holder) -> bytes:
    certificate = asn1_x509.Certificate.load(holder.der)
    for extension in certificate["tbs_certificate"]["extensions"]:
        if extension["extn_id"].native == "basic_constraints":
            extension["extn_value"] = core.ParsableOctetString(EXPLICIT_FALSE)
    return resign(certificate, issuer.key)


def with_leading_zero_serial(holder: Holder, issuer: Holder) -> bytes:
    certificate = asn1_x509.Certificate.load(holder.der)
    serial = core.Integer()
    serial.contents = b"\x00\x00" + core.Integer(holder.certificate.serial).contents
    certificate["tbs_certificate"]["serial_number"] = serial
    return resign(certificate, issuer.key)


def self_made(
    *extensions: tuple[x509.ExtensionType, bool],
    key: object = None,
    serial: int = 3,
    not_before: datetime = datetime(1970, 1, 1, tzinfo=UTC),
    not_after: datetime = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
) -> bytes:
    own = key or ec.derive_private_key(11, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Field")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(own.public_key())  # type: ignore[attr-defined]  # any kind of key
        .serial_number(serial)
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    for extension, critical in extensions:
        made = made.add_extension(extension, critical)
    algorithm = None if isinstance(own, ed448.Ed448PrivateKey) else hashes.SHA256()
    signed = made.sign(own, algorithm)  # type: ignore[arg-type]  # any kind of key
    return signed.public_bytes(Encoding.DER)


def test_a_certificate_gives_what_iso_15118_asks_of_it(pki: Pki, leaf: Holder) -> None:
    certificate = leaf.certificate
    assert certificate.fingerprint == hashlib.sha256(leaf.der).digest()
    assert certificate.common_name == "WVWTESTPCID000001"
    assert certificate.domain_components == ("OEM",)
    assert certificate.curve == "secp256r1"
    assert certificate.signature_hash == "sha256"
    assert certificate.extensions.is_ca is False
    assert certificate.extensions.key_usage == frozenset({"digitalSignature", "keyAgreement"})
    assert certificate.extensions.ocsp_urls == ("http://ocsp.test/o",)
    assert certificate.not_after.tzinfo is UTC
    assert certificate.encoding_fault == ""
    assert pki.sub1.certificate.extensions.path_length == 1
    assert pki.root.certificate.is_self_issued
    assert int.from_bytes(certificate.serial_octets, "big") == certificate.serial


def test_a_certificate_is_equal_by_its_octets(leaf: Holder) -> None:
    again = Certificate.from_der(leaf.der)
    assert again == leaf.certificate
    assert len({again, leaf.certificate}) == 1


def test_the_validity_includes_both_ends(leaf: Holder) -> None:
    certificate = leaf.certificate
    for instant, valid in (
        (certificate.not_before, True),
        (certificate.not_after, True),
        (certificate.not_before - timedelta(seconds=1), False),
        (certificate.not_after + timedelta(seconds=1), False),
    ):
        assert certificate.is_valid_at(instant) is valid


def test_a_root_of_the_field_from_1970_to_9999_with_serial_3_is_read() -> None:
    certificate = Certificate.from_der(self_made())
    assert certificate.serial == 3
    assert certificate.not_before == datetime(1970, 1, 1, tzinfo=UTC)
    assert certificate.not_after == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert certificate.extensions.is_ca is None
    assert certificate.extensions.key_usage is None


def test_key_identifiers_of_eight_octets_are_read_as_they_stand() -> None:
    own, issuers = bytes.fromhex("4b45ff8225fc1096"), bytes(range(8))
    certificate = Certificate.from_der(
        self_made(
            (x509.SubjectKeyIdentifier(own), False),
            (x509.AuthorityKeyIdentifier(issuers, None, None), False),
        )
    )
    assert certificate.extensions.subject_key_id == own
    assert certificate.extensions.authority_key_id == issuers


def test_a_leaf_that_spells_ca_false_out_is_read_with_its_own_octets(
    pki: Pki, leaf: Holder
) -> None:
    der = with_explicit_ca_false(leaf, pki.sub2)
    with pytest.raises(ValueError, match=r".+"):
        _ = x509.load_der_x509_certificate(der).extensions
    certificate = Certificate.from_der(der)
    assert certificate.der == der
    assert certificate.fingerprint == hashlib.sha256(der).digest()
    assert certificate.extensions.is_ca is False
    assert certificate.extensions.key_usage == leaf.certificate.extensions.key_usage
    assert certificate.encoding_fault == "cA FALSE is spelled out"
    assert certificate.is_signed_by(pki.sub2.certificate.public_key)


def test_a_serial_with_needless_leading_zeros_is_read_by_its_value(pki: Pki, leaf: Holder) -> None:
    der = with_leading_zero_serial(leaf, pki.sub2)
    certificate = Certificate.from_der(der)
    assert certificate.der == der
    assert certificate.serial == leaf.certificate.serial
    assert certificate.is_signed_by(pki.sub2.certificate.public_key)


def test_a_ca_with_needless_zeros_stays_a_ca_and_so_no_leaf(pki: Pki) -> None:
    certificate = Certificate.from_der(with_leading_zero_serial(pki.sub2, pki.sub1))
    assert certificate.extensions.is_ca is True
    assert certificate.encoding_fault == "the serial number has needless leading octets"


def test_a_certificate_over_the_bound_is_not_read() -> None:
    filler = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(8192))
    with pytest.raises(CertificateError, match="over 8,192 octets"):
        Certificate.from_der(self_made((filler, False)))


def test_all_key_usages_are_told_by_their_names() -> None:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=True,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=True,
        decipher_only=True,
    )
    names = Certificate.from_der(self_made((usage, True))).extensions.key_usage
    assert names == frozenset(
        [
            "digitalSignature",
            "nonRepudiation",
            "keyEncipherment",
            "dataEncipherment",
            "keyAgreement",
            "keyCertSign",
            "cRLSign",
            "encipherOnly",
            "decipherOnly",
        ]
    )


def test_only_addresses_that_can_be_asked_are_taken() -> None:
    directory = x509.DirectoryName(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "directory")])
    )
    address = x509.UniformResourceIdentifier("http://ocsp.test/o")
    issuers = x509.UniformResourceIdentifier("http://issuers.test/i")
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(AuthorityInformationAccessOID.OCSP, directory),
            x509.AccessDescription(AuthorityInformationAccessOID.OCSP, address),
            x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, issuers),
        ]
    )
    points = x509.CRLDistributionPoints(
        [
            x509.DistributionPoint([directory, address], None, None, None),
            x509.DistributionPoint(None, None, None, [directory]),
        ]
    )
    extensions = Certificate.from_der(self_made((access, False), (points, False))).extensions
    assert extensions.ocsp_urls == ("http://ocsp.test/o",)
    assert extensions.crl_urls == ("http://ocsp.test/o",)


def test_a_changed_octet_breaks_the_signature_of_a_repaired_leaf(pki: Pki, leaf: Holder) -> None:
    der = with_explicit_ca_false(leaf, pki.sub2).replace(b"WVWTEST", b"WVWTAST")
    assert not Certificate.from_der(der).is_signed_by(pki.sub2.certificate.public_key)


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30\x00",
        b"not a certificate",
        self_made() + b"\x00",
        self_made()[:-1],
        bytes(9000),
        self_made(key=rsa.generate_private_key(65537, 2048)),
        self_made(key=ec.derive_private_key(5, ec.SECP256K1())),
    ],
    ids=["empty", "sequence", "text", "trailing", "cut", "long", "rsa", "other-curve"],
)
def test_what_is_no_certificate_of_iso_15118_is_refused(der: bytes) -> None:
    with pytest.raises(CertificateError):
        Certificate.from_der(der)


def test_only_the_two_known_faults_are_forgiven(pki: Pki, leaf: Holder) -> None:
    both = with_explicit_ca_false(leaf, pki.sub2)
    indefinite = b"\x30\x80" + both[4:] + b"\x00\x00"
    doubled = self_made(
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.15"), b"x"), True)
    )
    for der in (indefinite, doubled):
        with pytest.raises(CertificateError):
            Certificate.from_der(der)


def test_a_key_off_its_curve_is_refused(leaf: Holder) -> None:
    point = leaf.key.public_key().public_numbers()
    der = leaf.der.replace(point.y.to_bytes(32, "big"), (point.y ^ 1).to_bytes(32, "big"))
    with pytest.raises(CertificateError):
        Certificate.from_der(der)


def test_an_ed448_certificate_is_read_and_verified() -> None:
    key = ed448.Ed448PrivateKey.generate()
    certificate = Certificate.from_der(self_made(key=key))
    assert certificate.curve == "ed448"
    assert certificate.is_signed_by(key.public_key())
    assert not certificate.is_signed_by(ed448.Ed448PrivateKey.generate().public_key())
    assert not certificate.is_signed_by(ec.derive_private_key(5, ec.SECP256R1()).public_key())


def test_critical_extensions_that_nothing_acts_upon_are_told() -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    assert Certificate.from_der(self_made((unknown, True))).extensions.not_understood == (
        "1.2.3.4",
    )
    assert Certificate.from_der(self_made((unknown, False))).extensions.not_understood == ()


ROOT_TEXT = "CN=V2GRootCA, DC=V2G, O=RISE V2G Project, C=DE"


@pytest.mark.parametrize(
    "text",
    [
        "DC=V2G,C=DE,O=RISE V2G Project,CN=V2GRootCA",
        "CN=V2GRootCA,O=RISE V2G Project,C=DE,DC=V2G",
        "cn=v2grootca, o=rise  v2g project ,c=de; dc=V2G",
        'CN="V2GRootCA",O="RISE V2G Project",C=DE,DC=V2G',
        "2.5.4.3=V2GRootCA,O=RISE\\ V2G Project,C=DE,0.9.2342.19200300.100.1.25=#1603563247",
        "CN=V2GRoot\\43A,O=RISE V2G Project,C=DE,DC=V2G",
        "C=DE+O=RISE V2G Project,CN=V2GRootCA,domainComponent=V2G",
    ],
)
def test_all_spellings_of_a_root_name_compare_as_one(text: str) -> None:
    assert name_key(text) == name_key(ROOT_TEXT)


def test_other_names_do_not_compare() -> None:
    for text in ("CN=V2GRootCA,O=RISE V2G Project,C=DE", ROOT_TEXT + ", OU=x", "CN=DE"):
        assert name_key(text) != name_key(ROOT_TEXT)


@pytest.mark.parametrize("value", ['Quoted, "Name"', "Straße Ü", "#hash", " a ", "a+b=c\\d;e"])
def test_the_text_of_a_name_reads_back_as_the_name(value: str) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, value)])
    key = ec.derive_private_key(11, ec.SECP256R1())
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 3)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    subject = Certificate.from_der(made.public_bytes(Encoding.DER)).subject
    assert name_key(subject.text) == subject.key


@pytest.mark.parametrize(
    "text", ["", "no name", "CN", "=x", "CN=a,", 'CN="a', "CN=#zz,", "CN=" + "x" * 1022]
)
def test_a_text_that_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(CertificateError):
        name_key(text)
