"""A signature counts only for exactly its elements, with the algorithms of its version."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.v2g.vectors import ISO2_DOCUMENTS, VECTORS, Vector
from v2g import exi, signature
from v2g.errors import SignatureError
from v2g.exi.codec import decode_document
from v2g.exi.schemas import SCHEMAS
from v2g.messages import iso2
from v2g.messages.xmldsig import (
    CanonicalizationMethod,
    DigestMethod,
    Reference,
    SignatureMethod,
    SignatureValue,
    Transform,
    Transforms,
)
from v2g.protocol import IsoVersion

SIGNED = tuple(vector for vector in VECTORS if "signer_key_pem" in vector.crypto)
# The profile of ISO 15118 has one transform; the vectors also show what the schema allows.
FOREIGN_TRANSFORMS = {"no-transforms", "two-transforms"}


def _key(vector: Vector) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(vector.crypto["signer_key_pem"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _message(vector: Vector) -> Any:
    return decode_document(vector.exi, SCHEMAS[vector.schema])


def _shares_an_id(message: Any) -> bool:
    """A few of the vectors give the chain in a CertificateUpdateReq the Id of the request."""
    body = message.body if isinstance(message, iso2.V2GMessage) else None
    return (
        isinstance(body, iso2.CertificateUpdateReq)
        and body.contract_signature_cert_chain.id == body.id
    )


def _acceptable(vector: Vector) -> bool:
    return (
        vector.crypto["signature_valid"]
        and vector.crypto["digests_valid"]
        and vector.crypto["signature_mode"] not in FOREIGN_TRANSFORMS
        and not _shares_an_id(_message(vector))
    )


ACCEPTED = tuple(vector for vector in SIGNED if _acceptable(vector))
REFUSED = tuple(vector for vector in SIGNED if not _acceptable(vector))
RESPONSE = next(
    v for v in ACCEPTED if v.name == "CertificateInstallationRes" and v in ISO2_DOCUMENTS
)
REQUEST = next(
    v for v in ACCEPTED if v.name == "CertificateInstallationReq" and v in ISO2_DOCUMENTS
)


@pytest.mark.parametrize("vector", SIGNED, ids=str)
def test_the_octets_that_are_signed_are_those_of_exificient(vector: Vector) -> None:
    signed_info = _message(vector).header.signature.signed_info
    assert exi.encode_fragment(signed_info).hex() == vector.crypto["signed_info_exi"]


@pytest.mark.parametrize("vector", SIGNED, ids=str)
def test_the_digests_are_those_of_the_fragments_of_exificient(vector: Vector) -> None:
    message = _message(vector)
    version = signature.version_of(message)
    digests = {f"#{e.id}": signature.digest(e, version) for e in signature.signed_elements(message)}
    name = "sha256" if version is IsoVersion.ISO_2 else "sha512"
    assert {uri: digest.hex() for uri, digest in digests.items()} == {
        reference["uri"]: reference[name] for reference in vector.crypto["references"]
    }


@pytest.mark.parametrize("vector", ACCEPTED, ids=str)
def test_a_valid_signature_is_accepted(vector: Vector) -> None:
    signature.verify(_message(vector), _key(vector).public_key())


@pytest.mark.parametrize("vector", REFUSED, ids=str)
def test_an_invalid_signature_is_refused(vector: Vector) -> None:
    with pytest.raises(SignatureError):
        signature.verify(_message(vector), _key(vector).public_key())


def test_the_vectors_show_both_outcomes_and_every_reason() -> None:
    assert {v.crypto["signature_mode"] for v in REFUSED} >= {
        "bad-signature",
        "bad-digest",
        "no-transforms",
        "two-transforms",
    }
    assert {v.crypto["signature_mode"] for v in ACCEPTED} >= {"ok", "shuffled", "keyinfo", "sig-id"}


@pytest.mark.parametrize("vector", ACCEPTED, ids=str)
def test_a_message_signed_here_verifies_and_survives_the_wire(vector: Vector) -> None:
    key = _key(vector)
    message = _message(vector)
    signed = signature.sign(message, key)
    on_the_wire = decode_document(exi.encode(signed), SCHEMAS[vector.schema])
    assert on_the_wire == signed
    signature.verify(on_the_wire, key.public_key())


def test_a_response_references_its_four_elements_in_order() -> None:
    signed = signature.sign(_message(RESPONSE), _key(RESPONSE))
    uris = [reference.uri for reference in signed.header.signature.signed_info.reference]
    body = signed.body
    assert uris == [
        f"#{body.contract_signature_cert_chain.id}",
        f"#{body.contract_signature_encrypted_private_key.id}",
        f"#{body.dh_publickey.id}",
        f"#{body.emaid.id}",
    ]
    assert len(signed.header.signature.signature_value.value) == 64


def test_a_key_backend_signs_through_a_callable_that_sees_the_octets() -> None:
    key = _key(REQUEST)
    seen = []

    def sign(data: bytes) -> bytes:
        seen.append(data)
        return key.sign(data, ec.ECDSA(hashes.SHA256()))

    signed = signature.sign(_message(REQUEST), sign)
    signature.verify(signed, key.public_key())
    assert seen == [exi.encode_fragment(signed.header.signature.signed_info)]


@pytest.mark.parametrize("answer", [b"", b"\x30\x00", bytes(64)], ids=["empty", "short", "raw"])
def test_a_key_backend_that_answers_no_der_is_refused(answer: bytes) -> None:
    with pytest.raises(SignatureError, match="in DER"):
        signature.sign(_message(REQUEST), lambda _data: answer)


@pytest.mark.parametrize("vector", [RESPONSE, REQUEST], ids=str)
def test_another_key_is_refused(vector: Vector) -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(SignatureError, match="does not match"):
        signature.verify(_message(vector), other)


def test_a_key_on_another_curve_is_refused_for_signing_and_verifying() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(SignatureError, match="not on secp256r1"):
        signature.sign(_message(REQUEST), key)
    with pytest.raises(SignatureError, match="not on secp256r1"):
        signature.verify(_message(REQUEST), key.public_key())


def test_an_unsigned_message_is_refused() -> None:
    message = _message(REQUEST)
    unsigned = replace(message, header=replace(message.header, signature=None))
    with pytest.raises(SignatureError, match="not signed"):
        signature.verify(unsigned, _key(REQUEST).public_key())


def _resigned(message: Any, **changes: Any) -> Any:
    """The message with its SignedInfo changed and signed again by the true key."""
    signed_info = replace(message.header.signature.signed_info, **changes)
    der = _key(RESPONSE).sign(exi.encode_fragment(signed_info), ec.ECDSA(hashes.SHA256()))
    value = SignatureValue(value=signature.der_to_raw(der))
    new = replace(message.header.signature, signed_info=signed_info, signature_value=value)
    return replace(message, header=replace(message.header, signature=new))


def _refused(message: Any, reason: str) -> None:
    with pytest.raises(SignatureError, match=reason):
        signature.verify(message, _key(RESPONSE).public_key())


def _references(message: Any) -> tuple[Reference, ...]:
    references: tuple[Reference, ...] = message.header.signature.signed_info.reference
    return references


@pytest.mark.parametrize("missing", range(4))
def test_a_missing_reference_is_refused(missing: int) -> None:
    message = _message(RESPONSE)
    kept = tuple(r for i, r in enumerate(_references(message)) if i != missing)
    _refused(_resigned(message, reference=kept), "exactly the elements")


def test_an_extra_reference_is_refused() -> None:
    message = _message(RESPONSE)
    first, *rest = _references(message)
    _refused(_resigned(message, reference=(first, first, *rest)), "1 to 4")
    _refused(_resigned(message, reference=(first, first, *rest[:2])), "exactly the elements")


def test_a_reference_to_an_element_that_is_not_to_be_signed_is_refused() -> None:
    message = _message(RESPONSE)
    chain = replace(message.body.sa_provisioning_certificate_chain, id="sa")
    message = replace(message, body=replace(message.body, sa_provisioning_certificate_chain=chain))
    first, *rest = _references(message)
    digest = signature.digest(chain)
    moved = replace(first, uri="#sa", digest_value=digest)
    _refused(_resigned(message, reference=(moved, *rest)), "exactly the elements")


def test_swapped_digests_are_refused() -> None:
    message = _message(RESPONSE)
    first, second, *rest = _references(message)
    swapped = (
        replace(first, digest_value=second.digest_value),
        replace(second, digest_value=first.digest_value),
        *rest,
    )
    _refused(_resigned(message, reference=swapped), "digest of")


@pytest.mark.parametrize("uri", [None, "", "id1", "#", "http://example.com/#id1"])
def test_a_reference_that_names_no_element_is_refused(uri: str | None) -> None:
    message = _message(RESPONSE)
    first, *rest = _references(message)
    _refused(_resigned(message, reference=(replace(first, uri=uri), *rest)), "exactly the elements")


@pytest.mark.parametrize(
    "changes",
    [
        {"canonicalization_method": CanonicalizationMethod(algorithm="urn:none")},
        {
            "signature_method": SignatureMethod(
                algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
            )
        },
        {
            "signature_method": SignatureMethod(
                algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"
            )
        },
    ],
    ids=["canonicalization", "sha512", "hmac"],
)
def test_another_algorithm_of_the_signature_is_refused(changes: dict[str, Any]) -> None:
    _refused(_resigned(_message(RESPONSE), **changes), "signature")


@pytest.mark.parametrize(
    "changes",
    [
        {"digest_method": DigestMethod(algorithm="http://www.w3.org/2000/09/xmldsig#sha1")},
        {"transforms": None},
        {"transforms": Transforms(transform=())},
        {"transforms": Transforms(transform=(Transform(algorithm="urn:none"),))},
        {"transforms": Transforms(transform=(Transform(algorithm=signature.CANONICAL_EXI),) * 2)},
    ],
    ids=["sha1", "no transforms", "empty transforms", "other transform", "two transforms"],
)
def test_another_algorithm_of_a_reference_is_refused(changes: dict[str, Any]) -> None:
    message = _message(RESPONSE)
    first, *rest = _references(message)
    _refused(_resigned(message, reference=(replace(first, **changes), *rest)), "transform|digest")


def test_a_signature_of_the_other_version_is_refused() -> None:
    message = _message(RESPONSE)
    iso20 = next(v for v in ACCEPTED if v not in ISO2_DOCUMENTS)
    header = replace(message.header, signature=_message(iso20).header.signature)
    _refused(replace(message, header=header), "ISO 15118-2")


@pytest.mark.parametrize("size", [0, 63, 65, 132])
def test_a_signature_value_of_another_size_is_refused(size: int) -> None:
    message = _message(RESPONSE)
    new = replace(message.header.signature, signature_value=SignatureValue(value=bytes(size)))
    _refused(replace(message, header=replace(message.header, signature=new)), "64 octets")


def test_der_in_place_of_r_and_s_is_refused() -> None:
    message = _message(RESPONSE)
    der = signature.raw_to_der(message.header.signature.signature_value.value)
    new = replace(message.header.signature, signature_value=SignatureValue(value=der))
    _refused(replace(message, header=replace(message.header, signature=new)), "64 octets")


def test_a_signature_value_of_zeros_is_refused() -> None:
    message = _message(RESPONSE)
    new = replace(message.header.signature, signature_value=SignatureValue(value=bytes(64)))
    _refused(replace(message, header=replace(message.header, signature=new)), "does not match")


def _with_body(message: Any, **changes: Any) -> Any:
    return replace(message, body=replace(message.body, **changes))


def test_two_signed_elements_of_one_id_are_refused() -> None:
    message = _message(RESPONSE)
    chain_id = message.body.contract_signature_cert_chain.id
    _refused(_with_body(message, emaid=replace(message.body.emaid, id=chain_id)), "exactly one")


def test_an_unsigned_chain_that_takes_the_id_of_the_signed_one_is_refused() -> None:
    message = _message(RESPONSE)
    chain = message.body.contract_signature_cert_chain
    wrapped = replace(message.body.sa_provisioning_certificate_chain, id=chain.id)
    _refused(_with_body(message, sa_provisioning_certificate_chain=wrapped), "exactly one")


def test_the_signed_chain_moved_to_another_place_is_refused() -> None:
    message = _message(RESPONSE)
    chain = message.body.contract_signature_cert_chain
    forged = replace(chain, id="forged", certificate=b"forged")
    moved = _with_body(
        message, sa_provisioning_certificate_chain=chain, contract_signature_cert_chain=forged
    )
    _refused(moved, "exactly the elements")


@pytest.mark.parametrize("part", ["signature", "signed_info", "signature_value", "reference"])
def test_an_id_of_the_header_that_equals_a_signed_one_is_refused(part: str) -> None:
    message = _message(RESPONSE)
    stolen = message.body.contract_signature_cert_chain.id
    old = message.header.signature
    if part == "signature":
        new = replace(old, id=stolen)
    elif part == "reference":
        first, *rest = old.signed_info.reference
        info = replace(old.signed_info, reference=(replace(first, id=stolen), *rest))
        new = replace(old, signed_info=info)
    else:
        new = replace(old, **{part: replace(getattr(old, part), id=stolen)})
    _refused(replace(message, header=replace(message.header, signature=new)), "exactly one")


def test_an_element_without_id_cannot_be_signed() -> None:
    message = _message(RESPONSE)
    chain = replace(message.body.contract_signature_cert_chain, id=None)
    with pytest.raises(SignatureError, match="has no Id"):
        signature.sign(_with_body(message, contract_signature_cert_chain=chain), _key(RESPONSE))


def test_elements_of_another_message_are_not_covered() -> None:
    message = _message(RESPONSE)
    other = signature.signed_elements(_message(RESPONSE))
    with pytest.raises(SignatureError, match="exactly one"):
        signature.verify(message, _key(RESPONSE).public_key(), expected=other)


def test_fewer_expected_elements_than_references_are_refused() -> None:
    message = _message(RESPONSE)
    elements = signature.signed_elements(message)
    with pytest.raises(SignatureError, match="exactly the elements"):
        signature.verify(message, _key(RESPONSE).public_key(), expected=elements[:3])


def test_the_session_id_is_not_covered_by_the_signature() -> None:
    stream = exi.replace_session_id(RESPONSE.exi, b"\x01\x02\x03\x04")
    signature.verify(exi.decode(stream), _key(RESPONSE).public_key())
