"""Private keys by reference: they sign for cryptography's builders and cannot be read out."""

import copy
import pickle
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

from apps.keys import services, vault
from apps.keys.backends import BACKENDS
from apps.keys.models import StoredKey

pytestmark = pytest.mark.django_db

CURVES = [("secp256r1", hashes.SHA256()), ("secp521r1", hashes.SHA512())]


@pytest.fixture(autouse=True)
def nothing_opened_yet() -> None:
    backend = BACKENDS["vault"]
    backend._opened.clear()  # type: ignore[attr-defined]  # the vault backend's own


@pytest.mark.parametrize(("curve", "algorithm"), CURVES)
def test_a_signature_verifies_with_the_public_half(
    curve: str, algorithm: hashes.HashAlgorithm
) -> None:
    stored = StoredKey.objects.get(pk=services.create(label="CA", curve=curve).pk)
    key = services.private_key(stored)
    assert (key.curve.name, key.key_size) == (curve, key.public_key().key_size)
    for _ in range(2):  # opened, then from memory
        signature = key.sign(b"data", ec.ECDSA(algorithm))
        services.public_key(stored).verify(signature, b"data", ec.ECDSA(algorithm))
    with pytest.raises(InvalidSignature):
        services.public_key(stored).verify(signature, b"date", ec.ECDSA(algorithm))


@pytest.mark.parametrize(("curve", "algorithm"), CURVES)
def test_a_digest_that_the_caller_made_is_signed_as_it_is(
    curve: str, algorithm: hashes.HashAlgorithm
) -> None:
    key = services.private_key(services.create(label="CA", curve=curve))
    digest = hashes.Hash(algorithm)
    digest.update(b"data")
    signature = key.sign(digest.finalize(), ec.ECDSA(utils.Prehashed(algorithm)))
    key.public_key().verify(signature, b"data", ec.ECDSA(algorithm))
    with pytest.raises(ValueError, match="digest"):
        key.sign(b"short", ec.ECDSA(utils.Prehashed(algorithm)))


@pytest.mark.parametrize(("curve", "algorithm"), CURVES)
def test_the_builders_of_cryptography_take_the_key(
    curve: str, algorithm: hashes.SHA256 | hashes.SHA512
) -> None:
    key = services.private_key(services.create(label="CA", curve=curve))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    begins, ends = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(key, algorithm)
    )
    certificate.verify_directly_issued_by(certificate)
    revoked = x509.CertificateRevocationListBuilder().issuer_name(name)
    crl = revoked.last_update(begins).next_update(ends).sign(key, algorithm)
    assert crl.is_signature_valid(key.public_key())
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, algorithm)
    assert request.is_signature_valid


def test_a_key_cannot_be_read_out() -> None:
    key = services.private_key(services.create(label="CA"))
    with pytest.raises(TypeError):
        key.private_numbers()
    with pytest.raises(TypeError):
        key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    with pytest.raises(TypeError):
        key.exchange(ec.ECDH(), key.public_key())
    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert copy.copy(key) is key
    assert copy.deepcopy(key) is key
    assert "PRIVATE" not in repr(key)


def test_the_database_holds_no_open_key() -> None:
    stored = services.create(label="CA")
    sealed = bytes(stored.sealed or b"")
    with pytest.raises(ValueError, match=r".+"):
        serialization.load_der_private_key(sealed[12:], password=None)
    plain = vault.open_(sealed, table="keys_storedkey", row=stored.uuid, version=1)
    opened = serialization.load_der_private_key(plain, password=None)
    assert opened.public_key() == services.public_key(stored)


def test_a_sealed_key_copied_to_another_row_does_not_sign() -> None:
    one, two = services.create(label="One"), services.create(label="Two")
    two.sealed = one.sealed
    with pytest.raises(vault.Unopenable):
        services.private_key(two).sign(b"data", ec.ECDSA(hashes.SHA256()))


def test_a_row_with_another_public_key_does_not_sign() -> None:
    one, two = services.create(label="One"), services.create(label="Two")
    one.public_der = two.public_der
    with pytest.raises(vault.Unopenable):
        services.private_key(one).sign(b"data", ec.ECDSA(hashes.SHA256()))


def test_a_key_that_was_opened_does_not_sign_for_a_changed_row() -> None:
    one, two = services.create(label="One"), services.create(label="Two")
    algorithm = ec.ECDSA(hashes.SHA256())
    services.private_key(one).sign(b"data", algorithm)
    one.sealed = two.sealed
    with pytest.raises(vault.Unopenable):
        services.private_key(one).sign(b"data", algorithm)


def test_only_a_bounded_number_of_opened_keys_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.keys.backends.vault.OPENED_AT_MOST", 2)
    for number in range(4):
        key = services.private_key(services.create(label=str(number)))
        key.sign(b"data", ec.ECDSA(hashes.SHA256()))
    assert len(BACKENDS["vault"]._opened) == 2  # type: ignore[attr-defined]  # the vault backend's own


@pytest.mark.parametrize(("curve", "backend"), [("secp384r1", "vault"), ("secp256r1", "paper")])
def test_other_curves_and_backends_are_a_defect(curve: str, backend: str) -> None:
    with pytest.raises(ValueError, match="no backend"):
        services.create(label="CA", curve=curve, backend=backend)
