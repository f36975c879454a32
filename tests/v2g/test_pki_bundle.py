"""Bundles: every form of the field is read, private keys and bombs are refused."""

import base64
import textwrap

import pytest
from asn1crypto import algos, cms, core, keys, pkcs12
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
)
from cryptography.hazmat.primitives.serialization import pkcs12 as maker

from tests.factories.pki import Holder, draft_like, forge, make_leaf, make_pki
from v2g.errors import CertificateError, PasswordError, PrivateKeyError
from v2g.pki import pkcs12 as reader
from v2g.pki.bundle import (
    Password,
    find_certificates,
    order_chain,
    read_bundle,
    read_certificate,
)
from v2g.pki.certificate import Certificate
from v2g.pki.certs_only import certs_only
from v2g.pki.profiles import OEM_SUB2, Branch

PKI = make_pki(Branch.OEM)
OTHER = make_pki(Branch.OEM, salt="other")
LEAF = make_leaf(PKI)
CHAIN = list(PKI.chain(LEAF))
DER = LEAF.der
LOADED = [x509.load_der_x509_certificate(certificate.der) for certificate in CHAIN]
PEM = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in LOADED)
WRAPPED = "\r\n".join(textwrap.wrap(base64.b64encode(DER).decode(), 64)).encode()


def p12(
    key: bool = False, rounds: int = 2048, password: bytes = b"open sesame", legacy: bool = False
) -> bytes:
    form = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(rounds)
    algorithm = (
        maker.PBES.PBESv1SHA1And3KeyTripleDESCBC if legacy else maker.PBES.PBESv2SHA256AndAES256CBC
    )
    encryption = form.key_cert_algorithm(algorithm).hmac_hash(hashes.SHA256()).build(password)
    if key:
        return maker.serialize_key_and_certificates(
            b"x", LEAF.key, LOADED[0], LOADED[1:], encryption
        )
    return maker.serialize_java_truststore(
        [maker.PKCS12Certificate(certificate, None) for certificate in LOADED], encryption
    )


FORMS: dict[str, tuple[bytes, set[Certificate]]] = {
    "PEM of several": (PEM, set(CHAIN)),
    "PEM with text around": (b"subject=x\n" + PEM + b"\nbye", set(CHAIN)),
    "PEM with CRLF": (PEM.replace(b"\n", b"\r\n"), set(CHAIN)),
    "DER": (DER, {LEAF.certificate}),
    "base64": (base64.b64encode(DER), {LEAF.certificate}),
    "base64, wrapped": (WRAPPED, {LEAF.certificate}),
    "base64, URL alphabet without padding": (
        base64.urlsafe_b64encode(DER).rstrip(b"="),
        {LEAF.certificate},
    ),
    "base64 of PEM": (base64.b64encode(PEM), set(CHAIN)),
    "PKCS#7 DER": (pkcs7.serialize_certificates(LOADED, Encoding.DER), set(CHAIN)),
    "PKCS#7 PEM": (pkcs7.serialize_certificates(LOADED, Encoding.PEM), set(CHAIN)),
    "PKCS#7 base64": (
        base64.b64encode(pkcs7.serialize_certificates(LOADED, Encoding.DER)),
        set(CHAIN),
    ),
    "PKCS#12": (p12(), set(CHAIN)),
    "PEM with one twice": (PEM + PEM, set(CHAIN)),
}


@pytest.mark.parametrize(("data", "expected"), FORMS.values(), ids=FORMS)
def test_every_form_of_the_field_is_read(data: bytes, expected: set[Certificate]) -> None:
    found = read_bundle(data, password="open sesame")
    assert set(found) == expected
    assert len(found) == len(expected)


def test_certificates_come_in_their_order_of_appearance() -> None:
    assert read_bundle(PEM) == CHAIN


def test_one_certificate_is_one_certificate() -> None:
    assert read_certificate(WRAPPED) == LEAF.certificate
    with pytest.raises(CertificateError, match="exactly one"):
        read_certificate(PEM)


KEYS = {
    "PKCS#8 PEM": (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    "SEC 1 PEM": (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    "encrypted PEM": (Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
    "PKCS#8 DER": (Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    "SEC 1 DER": (Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    "encrypted DER": (Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
}


@pytest.mark.parametrize("form", KEYS.values(), ids=KEYS)
def test_a_private_key_is_refused_and_never_needed(form: tuple[object, ...]) -> None:
    key = LEAF.key.private_bytes(*form)  # type: ignore[arg-type]  # the forms above
    pem = key.startswith(b"-----")
    for data in (key, base64.b64encode(key), *([PEM + key, key + PEM] if pem else [])):
        with pytest.raises(PrivateKeyError, match="never need it"):
            read_bundle(data)


def test_a_pkcs12_with_a_key_is_refused_before_its_password_is_asked() -> None:
    with pytest.raises(CertificateError, match="never need it"):
        read_bundle(p12(key=True))


def test_a_key_hidden_in_the_encrypted_part_of_a_pkcs12_is_refused() -> None:
    shrouded = LEAF.key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
    )
    bag = pkcs12.SafeBag(
        {
            "bag_id": "pkcs8_shrouded_key_bag",
            "bag_value": keys.EncryptedPrivateKeyInfo.load(shrouded),
        }
    )
    part = part_of(1000)
    info = part["content"]["encrypted_content_info"]
    parameters = info["content_encryption_algorithm"]["parameters"]
    key = reader._key(parameters["key_derivation_func"]["parameters"], "aes256_cbc", "open sesame")
    encryptor = Cipher(
        algorithms.AES(key), modes.CBC(parameters["encryption_scheme"]["parameters"].native)
    ).encryptor()
    padder = PKCS7(128).padder()
    padded = padder.update(pkcs12.SafeContents([bag]).dump()) + padder.finalize()
    info["encrypted_content"] = encryptor.update(padded) + encryptor.finalize()
    with pytest.raises(CertificateError, match="never need it"):
        read_bundle(pfx_of(part), password="open sesame")


def count_rounds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    spent: list[int] = []

    def watch(**arguments: int) -> object:
        spent.append(arguments["iterations"])
        return PBKDF2HMAC(**arguments)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(reader, "PBKDF2HMAC", watch)
    return spent


def test_the_rounds_of_a_pkcs12_are_counted_before_one_is_spent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spent = count_rounds(monkeypatch)
    with pytest.raises(CertificateError, match="100,000 rounds"):
        read_bundle(p12(rounds=100_001), password="open sesame")
    assert spent == []
    read_bundle(p12(rounds=5000), password="open sesame")
    assert spent == [5000]


@pytest.mark.parametrize("rounds", [100_001, 10**30])
def test_a_pkcs12_that_asks_for_too_many_rounds_for_its_mac_is_refused(rounds: int) -> None:
    pfx = pkcs12.Pfx.load(p12())
    pfx["mac_data"]["iterations"] = rounds
    with pytest.raises(CertificateError, match="100,000 rounds"):
        read_bundle(pfx.dump(), password="open sesame")


def pfx_of(*parts: cms.ContentInfo) -> bytes:
    safe = pkcs12.AuthenticatedSafe(list(parts)).dump()
    content = cms.ContentInfo({"content_type": "data", "content": safe})
    return bytes(pkcs12.Pfx({"version": "v3", "auth_safe": content}).dump())


def part_of(rounds: int) -> cms.ContentInfo:
    pfx = pkcs12.Pfx.load(p12())
    part = pkcs12.AuthenticatedSafe.load(pfx["auth_safe"]["content"].native)[0]
    algorithm = part["content"]["encrypted_content_info"]["content_encryption_algorithm"]
    kdf: algos.KdfAlgorithm = algorithm["parameters"]["key_derivation_func"]
    kdf["parameters"]["iteration_count"] = rounds
    return part


def changed_part(*path: str, to: object) -> cms.ContentInfo:
    """An encrypted part with one value of its algorithms exchanged."""
    part = part_of(1000)
    place = part["content"]["encrypted_content_info"]["content_encryption_algorithm"]["parameters"]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return part


def test_a_pkcs12_that_is_not_encrypted_is_read() -> None:
    bags = [
        pkcs12.SafeBag(
            {
                "bag_id": "cert_bag",
                "bag_value": pkcs12.CertBag(
                    {"cert_id": "x509", "cert_value": asn1_x509.Certificate.load(one.der)}
                ),
            }
        )
        for one in CHAIN
    ]
    contents = pkcs12.SafeContents(bags).dump()
    part = cms.ContentInfo({"content_type": "data", "content": contents})
    assert read_bundle(pfx_of(part)) == CHAIN


UNKNOWN_HASH = {"algorithm": "sha384"}
SCRYPT = {"algorithm": "1.3.6.1.4.1.11591.4.11", "parameters": core.Null()}
UNREADABLE_PARTS = {
    "scrypt": changed_part("key_derivation_func", to=SCRYPT),
    "another cipher": changed_part("encryption_scheme", "algorithm", to="aes128_ofb"),
    "another hash": changed_part("key_derivation_func", "parameters", "prf", to=UNKNOWN_HASH),
    "signed": cms.ContentInfo.load(certs_only(CHAIN)),
}


@pytest.mark.parametrize("part", UNREADABLE_PARTS.values(), ids=UNREADABLE_PARTS)
def test_unknown_protections_of_a_pkcs12_are_refused(part: cms.ContentInfo) -> None:
    with pytest.raises(CertificateError, match=r"unknown (password hash|encryption)|protected by"):
        read_bundle(pfx_of(part), password="open sesame")


def test_a_pkcs12_signed_instead_of_protected_is_refused() -> None:
    pfx = pkcs12.Pfx({"version": "v3", "auth_safe": cms.ContentInfo.load(certs_only(CHAIN))})
    with pytest.raises(CertificateError, match="not protected by a password"):
        read_bundle(pfx.dump(), password="open sesame")


@pytest.mark.parametrize("rounds", [[60_000, 60_000], [200_000, -150_000], [0]])
def test_rounds_are_counted_over_all_parts(
    rounds: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = count_rounds(monkeypatch)
    with pytest.raises(CertificateError, match=r"100,000 rounds|broken password hash"):
        read_bundle(pfx_of(*map(part_of, rounds)), password="open sesame")
    assert spent == []


def test_the_parts_of_a_pkcs12_are_bounded() -> None:
    with pytest.raises(CertificateError, match="over 16 parts"):
        read_bundle(pfx_of(*[part_of(1)] * 17), password="open sesame")


@pytest.mark.parametrize(
    ("password", "message"),
    [(None, "needs its password"), ("wrong", "password|cannot be read"), ("x" * 257, "over 256")],
)
def test_a_pkcs12_without_its_password_is_refused(password: str | None, message: str) -> None:
    with pytest.raises(CertificateError, match=message):
        read_bundle(p12(), password=password)


def test_every_wrong_password_is_told_as_one() -> None:
    """One in 256 wrong keys leaves a padding that looks right; what it opens makes no sense."""
    data = p12(rounds=1)
    for number in range(600):
        with pytest.raises(PasswordError):
            read_bundle(data, password=f"wrong {number}")


def test_who_reads_many_files_may_refuse_rounds_before_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spent = count_rounds(monkeypatch)

    def refuse(rounds: int) -> None:
        raise CertificateError(f"{rounds} are too many")

    with pytest.raises(CertificateError, match="5000 are too many"):
        find_certificates(p12(rounds=5000), Password(text="open sesame", spend=refuse))
    assert spent == []


def test_an_outdated_encryption_is_refused_with_what_to_do() -> None:
    with pytest.raises(CertificateError, match="export it with AES, or as PEM"):
        read_bundle(p12(legacy=True), password="open sesame")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cannot be read|no certificate"),
        (b"hello world", "neither PEM, DER nor base64|cannot be read"),
        (b"\x30\x03\x02\x01\x05", "never need it"),
        (b"\x30\x03\x01\x01\xff", "not a certificate"),
        (b"\x30\x82\xff\xff", "cannot be read"),
        (DER + b"\x00", "cannot be read"),
        (b"A" * 1_000_001, "over 1 MB"),
        (b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----", "neither"),
        (PEM[:-10], "cut short"),
        (b"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----", "PUBLIC KEY"),
        (certs_only([]), "no certificate was found"),
        (cms.ContentInfo({"content_type": "data", "content": b"x"}).dump(), "no certificates"),
    ],
)
def test_what_is_no_bundle_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(CertificateError, match=message):
        read_bundle(data)


def test_the_count_of_certificates_is_bounded() -> None:
    leaves = [make_leaf(PKI, f"WVWTESTPCID0{number:05}") for number in range(65)]
    text = b"".join(
        x509.load_der_x509_certificate(leaf.der).public_bytes(Encoding.PEM) for leaf in leaves
    )
    with pytest.raises(CertificateError, match="over 64"):
        read_bundle(text)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_a_bag_is_sorted_into_a_chain(order: tuple[int, ...]) -> None:
    bag = [CHAIN[index] for index in order]
    assert order_chain([*bag, PKI.root.certificate, bag[0]]) == CHAIN


def test_a_bag_that_is_not_one_chain_is_refused() -> None:
    for bag in (
        [*CHAIN, OTHER.sub1.certificate],
        [*CHAIN, make_leaf(PKI, "WVWTESTPCID000009").certificate],
        [LEAF.certificate, PKI.sub1.certificate],
        [LEAF.certificate, *OTHER.sub_cas],
        [PKI.root.certificate],
        [],
    ):
        with pytest.raises(CertificateError):
            order_chain(bag)


def renewed(holder: Holder, issuer: Holder) -> Holder:
    """The same sub-CA with another certificate over its key."""
    return Holder(forge(draft_like(holder, OEM_SUB2), issuer, issuer.key), holder.key)


def test_a_bag_with_two_certificates_of_one_issuer_has_no_clear_order() -> None:
    again = renewed(PKI.sub2, PKI.sub1)
    with pytest.raises(CertificateError, match="not clear"):
        order_chain([*CHAIN, again.certificate])


def test_sub_cas_that_sign_each_other_have_no_clear_order() -> None:
    first = renewed(PKI.sub2, PKI.sub1)
    second = renewed(PKI.sub1, first)
    with pytest.raises(CertificateError, match="not clear"):
        order_chain([LEAF.certificate, first.certificate, second.certificate])


def test_sub_cas_beside_the_chain_that_sign_each_other_do_not_belong_to_it() -> None:
    first = renewed(OTHER.sub2, OTHER.sub1)
    second = renewed(OTHER.sub1, first)
    with pytest.raises(CertificateError, match="does not belong"):
        order_chain([*CHAIN, first.certificate, second.certificate])
