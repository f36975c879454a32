"""The key envelope against foreign vectors, and everything it must refuse."""

import base64
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from v2g import envelope
from v2g.envelope import SealedKey, open_, proves, require_fit, seal
from v2g.errors import EnvelopeError

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "envelope.json").read_text(encoding="utf-8")
)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def private_key(pem: str) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def sealed_of(vector: dict[str, str]) -> SealedKey:
    return SealedKey(
        base64.b64decode(vector["encrypted_private_key"]), base64.b64decode(vector["dh_public_key"])
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_a_vehicle_opens_what_others_sealed(vector: dict[str, str]) -> None:
    opened = open_(sealed_of(vector), private_key(vector["vehicle_key_pem"]))
    expected = private_key(vector["contract_key_pem"])
    assert opened.private_numbers() == expected.private_numbers()


def test_an_envelope_follows_from_its_two_keys_and_its_vector() -> None:
    vehicle, contract, ephemeral = (ec.derive_private_key(n, ec.SECP256R1()) for n in (7, 8, 9))
    sealed = seal(contract, vehicle.public_key(), ephemeral_key=ephemeral, iv=bytes(range(16)))
    again = seal(contract, vehicle.public_key(), ephemeral_key=ephemeral, iv=bytes(range(16)))
    assert sealed == again
    assert sealed.encrypted_private_key[:16] == bytes(range(16))
    assert open_(sealed, vehicle).private_numbers() == contract.private_numbers()


def test_each_sealing_draws_its_own_key_and_vector() -> None:
    vehicle, contract = (ec.derive_private_key(n, ec.SECP256R1()) for n in (7, 8))
    one, other = (seal(contract, vehicle.public_key()) for _ in range(2))
    assert one.dh_public_key != other.dh_public_key
    assert one.encrypted_private_key[:16] != other.encrypted_private_key[:16]
    assert open_(one, vehicle).private_numbers() == open_(other, vehicle).private_numbers()


def test_leading_zero_octets_of_a_key_are_kept() -> None:
    vehicle, contract = (ec.derive_private_key(n, ec.SECP256R1()) for n in (7, 1))
    sealed = seal(contract, vehicle.public_key())
    assert len(sealed.encrypted_private_key) == 48
    assert open_(sealed, vehicle).private_numbers().private_value == 1


def test_another_vehicle_does_not_get_the_contract_key() -> None:
    vehicle, contract, other = (ec.derive_private_key(n, ec.SECP256R1()) for n in (7, 8, 9))
    opened = open_(seal(contract, vehicle.public_key()), other)
    with pytest.raises(EnvelopeError, match="does not belong"):
        require_fit(opened, contract.public_key())


def test_an_opened_key_proves_itself_by_the_contract_certificate() -> None:
    vector = VECTORS[0]
    der = base64.b64decode(vector["contract_certificate"])
    public_key = x509.load_der_x509_certificate(der).public_key()
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    opened = open_(sealed_of(vector), private_key(vector["vehicle_key_pem"]))
    assert proves(opened, public_key)
    require_fit(opened, public_key)
    assert not proves(opened, ec.derive_private_key(5, ec.SECP521R1()).public_key())


@pytest.mark.parametrize(
    ("encrypted", "point"),
    [(47, 65), (49, 65), (0, 65), (48, 64), (48, 66), (48, 0)],
)
def test_wrong_sizes_are_refused(encrypted: int, point: int) -> None:
    with pytest.raises(EnvelopeError, match="octets"):
        SealedKey(bytes(encrypted), (b"\x04" + bytes(point))[:point])


@pytest.mark.parametrize("first", [0, 2, 3, 6])
def test_a_point_that_is_not_uncompressed_is_refused(first: int) -> None:
    with pytest.raises(EnvelopeError, match="uncompressed"):
        SealedKey(bytes(48), bytes([first]) + bytes(64))


@pytest.mark.parametrize("point", [bytes(64), b"\x01" * 64, b"\xff" * 64])
def test_a_point_off_the_curve_is_refused(point: bytes) -> None:
    vehicle = ec.derive_private_key(7, ec.SECP256R1())
    with pytest.raises(EnvelopeError, match="not on P-256"):
        open_(SealedKey(bytes(48), b"\x04" + point), vehicle)


@pytest.mark.parametrize("value", [0, P256_ORDER, 2**256 - 1])
def test_an_opened_value_out_of_range_is_refused(value: int) -> None:
    vehicle, ephemeral = (ec.derive_private_key(n, ec.SECP256R1()) for n in (7, 9))
    cipher = envelope._cipher(ephemeral.exchange(ec.ECDH(), vehicle.public_key()), bytes(16))
    forged = SealedKey(
        bytes(16) + cipher.encryptor().update(value.to_bytes(32, "big")),
        ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    )
    with pytest.raises(EnvelopeError, match="no private key") as refused:
        open_(forged, vehicle)
    assert refused.value.__cause__ is None


def test_keys_off_p256_are_refused() -> None:
    good, wide = ec.derive_private_key(7, ec.SECP256R1()), ec.derive_private_key(7, ec.SECP521R1())
    with pytest.raises(EnvelopeError, match="contract key"):
        seal(wide, good.public_key())
    with pytest.raises(EnvelopeError, match="vehicle key"):
        seal(good, wide.public_key())
    with pytest.raises(EnvelopeError, match="ephemeral key"):
        seal(good, good.public_key(), ephemeral_key=wide)
    with pytest.raises(EnvelopeError, match="vehicle key"):
        open_(seal(good, good.public_key()), wide)
    with pytest.raises(EnvelopeError, match="16 octets"):
        seal(good, good.public_key(), iv=bytes(15))
