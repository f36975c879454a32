"""The cryptography that a contract or a certificate cannot do without, and nothing else.

The floor beside the figures of bulk work: the same calls of the `cryptography` package, in as many
processes, with no rules, no EXI and no database around them.
"""

import multiprocessing
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

P256 = ec.SECP256R1()
ECDSA = ec.ECDSA(hashes.SHA256())
NOW = datetime.now(UTC).replace(microsecond=0)
URL = "http://status.example.org/pki/something"

CA, VEHICLE, CPS = (ec.generate_private_key(P256) for _ in range(3))
ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "MO Sub2")])
ISSUER_ID = x509.AuthorityKeyIdentifier.from_issuer_public_key(CA.public_key())


def contract() -> None:
    """Two key pairs, one certificate, one key sealed by ECDH and AES, one more signature."""
    key = ec.generate_private_key(P256)
    certificate(key.public_key(), "DEPPPC00000001X").public_bytes(Encoding.DER)
    ephemeral = ec.generate_private_key(P256)
    kdf = ConcatKDFHash(algorithm=hashes.SHA256(), length=16, otherinfo=b"\x01UV")
    shared = kdf.derive(ephemeral.exchange(ec.ECDH(), VEHICLE.public_key()))
    cipher = Cipher(algorithms.AES128(shared), modes.CBC(os.urandom(16))).encryptor()
    cipher.update(key.private_numbers().private_value.to_bytes(32, "big"))
    ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    CPS.sign(b"x" * 200, ECDSA)


def certificate(key: ec.EllipticCurvePublicKey, name: str) -> x509.Certificate:
    """A leaf with the extensions that ISO 15118-2 asks for."""
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Organisation")]
    parts += [x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "MO")]
    parts += [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    place = x509.UniformResourceIdentifier(URL)
    point = x509.DistributionPoint([place], None, None, None)
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
    usage = dict.fromkeys(
        ("data_encipherment", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False
    ) | dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "key_agreement"), True
    )
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name(parts))
        .issuer_name(ISSUER)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(ISSUER_ID, critical=False)
        .add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        .sign(CA, hashes.SHA256())
    )


LEAF = certificate(VEHICLE.public_key(), "WVWFLEET000000001").public_bytes(Encoding.DER)


def checked() -> None:
    """A certificate read, with its key and what it says, and its signature verified."""
    parsed = x509.load_der_x509_certificate(LEAF)
    parsed.public_key()
    _ = parsed.subject, parsed.issuer, parsed.extensions, parsed.serial_number
    CA.public_key().verify(parsed.signature, parsed.tbs_certificate_bytes, ECDSA)


def rate(work: Callable[[], None], *, processes: int, seconds: float = 1.5) -> float:
    """How often a second `processes` processes together do it."""
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        counts = pool.starmap(_count, [(work, seconds)] * processes)
    return sum(counts)


def _count(work: Callable[[], None], seconds: float) -> float:
    done, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        for _ in range(20):
            work()
        done += 20
    return done / passed
