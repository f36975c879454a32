"""The two objects of EST: signing requests come in, certs-only messages go out."""

import base64
import itertools

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
)
from cryptography.x509.oid import NameOID

from tests.factories.pki import make_key, make_leaf, make_pki
from v2g.errors import CertificateError
from v2g.pki.bundle import read_bundle
from v2g.pki.certs_only import certs_only
from v2g.pki.csr import SigningRequest
from v2g.pki.profiles import Branch
from v2g.protocol import IsoVersion

PKI = make_pki(Branch.OEM)
LEAF = make_leaf(PKI)
KEY = make_key("vehicle")


def request(*names: str, key: object = KEY, form: Encoding = Encoding.DER) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    made = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return made.sign(key, algorithm).public_bytes(form)  # type: ignore[arg-type]  # any kind


DER = request("WVWTESTPCID000001")
PEM = request("WVWTESTPCID000001", form=Encoding.PEM)


@pytest.mark.parametrize(
    "data",
    [DER, PEM, base64.b64encode(DER), base64.encodebytes(DER), base64.b64encode(PEM)],
    ids=["DER", "PEM", "base64", "wrapped base64", "base64 of PEM"],
)
def test_every_form_of_a_request_is_read(data: bytes) -> None:
    read = SigningRequest.read(data)
    assert read.common_name == "WVWTESTPCID000001"
    assert read.curve == "secp256r1"
    assert read.public_key == KEY.public_key()


def test_the_curve_of_the_newer_version_is_told() -> None:
    wide = make_key("vehicle", IsoVersion.ISO_20)
    assert SigningRequest.read(request("x", key=wide)).curve == "secp521r1"


BAD = {
    "empty": (b"", "cannot be read"),
    "a certificate": (LEAF.der, "this is a certificate"),
    "cut": (DER[:-1], "cannot be read"),
    "signed by another": (DER[:-1] + bytes([DER[-1] ^ 1]), "not signed with its own key"),
    "no name": (request(), "exactly one common name"),
    "two names": (request("a", "b"), "exactly one common name"),
    "RSA": (request("a", key=rsa.generate_private_key(65537, 2048)), "curve of ISO 15118"),
    "Ed25519": (request("a", key=ed25519.Ed25519PrivateKey.generate()), "curve of ISO 15118"),
    "a curve of others": (
        request("a", key=ec.derive_private_key(5, ec.SECP256K1())),
        "curve of ISO 15118",
    ),
    "over long": (bytes(16 * 1024 + 1), "over 16 KB"),
    "a private key": (
        KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "never need it",
    ),
    "no base64": (b"hello", "neither PEM, DER nor base64|cannot be read"),
}


@pytest.mark.parametrize(("data", "message"), BAD.values(), ids=BAD)
def test_a_request_that_proves_nothing_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(CertificateError, match=message):
        SigningRequest.read(data)


@pytest.mark.filterwarnings("ignore:PKCS#7 certificates could not be parsed as DER")
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_certificates_leave_in_the_order_given(order: tuple[int, ...]) -> None:
    chain = [*PKI.chain(LEAF), PKI.root.certificate]
    wanted = [chain[index] for index in order]
    message = certs_only(wanted)
    assert read_bundle(message) == wanted
    loaded = pkcs7.load_der_pkcs7_certificates(message)
    assert [one.public_bytes(Encoding.DER) for one in loaded] == [one.der for one in wanted]
